"""Writing the sealed ledger to a file anybody can verify without us. It must never judge or mend what it finds.

A row that was deleted or altered in the database is missing or altered in the file, and `jikimi verify` says so.
"""

import asyncio
import os
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, text

from jikimi.kernel.errors import Conflict
from jikimi.ledger.growth import Begun, Growth, Offer
from jikimi.ledger.lines import HashLine, Header, NoteLine, RowLine
from jikimi.ledger.merkle import Hash
from jikimi.ledger.months import opens
from jikimi.ledger.note import PublicKey
from jikimi.ledger.proofs import consistency_proof, inclusion_proof
from jikimi.ledger.rows import written
from jikimi.store.database import Database

_PAGE: Final = 1000
_ROWS: Final = text("SELECT seq, id, at, body, leaf FROM ledger_row WHERE seq >= :start AND seq < :end ORDER BY seq")
_LEAVES: Final = text("SELECT leaf FROM ledger_row WHERE seq >= :start AND seq < :end ORDER BY seq")
_FIRST: Final = text("SELECT body FROM ledger_row WHERE seq = :start")
_NOTES: Final = text("SELECT size, note FROM checkpoint WHERE size > :start AND size <= :end ORDER BY size")
_ENDS: Final = text(
    "SELECT DISTINCT ON (before) before, size, note FROM checkpoint WHERE size >= :since AND size <= :end "
    "ORDER BY before, size DESC"
)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many rows the last checkpoint covers, and that checkpoint to hand to somebody else."""

    size: int
    checkpoint: str


async def export(database: Database, path: Path, *, hashes: bool = False) -> Exported:
    """Write everything sealed so far to ``path``, which is replaced whole or not at all.

    ``hashes``: of each row only its hash, for another party to keep and to find a changed row by. Memory stays the same
    however long the ledger is. Raises Conflict while nothing is sealed, OSError for the file.
    """
    last = await _last(database)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(Header(PublicKey.parse(last.key).name, last.key, last.size).written())
            for start in range(0, last.size, _PAGE):
                page = await _page(database, start, min(start + _PAGE, last.size), hashes=hashes)
                await asyncio.to_thread(file.write, page)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Exported(last.size, last.note)


async def export_growth(database: Database, since: int) -> Offer:
    """The last checkpoint, and the proof that it grew out of the first ``since`` rows, month by month: all a witness needs.

    Needs some 100 bytes of memory a row. Raises Conflict while nothing is sealed, or not so much.
    """
    last = await _last(database)
    if since > last.size:
        raise Conflict(f"Only {last.size} rows are sealed.", advice="Ask the witness what it saw, and on whose word.")
    async with database.transaction() as connection:
        months = (await connection.execute(_ENDS, {"since": since, "end": last.size})).all()
        steps = []
        for month in months:
            span = {"start": month.before, "end": month.size}
            first = (await connection.execute(_FIRST, span)).scalar()
            leaves = [Hash(leaf) for leaf in (await connection.execute(_LEAVES, span)).scalars()]
            if first is None or len(leaves) != month.size - month.before:
                raise Conflict("Sealed rows are missing.", advice="Run `jikimi export ledger` and `jikimi verify`.")
            steps.append(await asyncio.to_thread(_step, first, leaves, since - month.before, month.note))
    return Offer(tuple(steps))


def _step(first: str, leaves: list[Hash], since: int, note: str) -> Growth | Begun:
    if since <= 0 and opens(first):
        return Begun(first, tuple(inclusion_proof(leaves, 0)), note)
    return Growth(max(since, 0), tuple(consistency_proof(leaves, max(since, 0))), note)


async def _last(database: Database) -> Row[tuple[int, str, str]]:
    async with database.transaction() as connection:
        found = await connection.execute(text("SELECT size, key, note FROM checkpoint ORDER BY size DESC LIMIT 1"))
        last = found.one_or_none()
    if last is None:
        raise Conflict("Nothing is sealed yet.", advice="Wait a second for the sealer of a running `jikimi serve`.")
    return last


async def _page(database: Database, start: int, end: int, *, hashes: bool) -> str:
    """The rows from number ``start`` up to ``end``, and every checkpoint after the last row it covers."""
    span = {"start": start, "end": end}
    async with database.transaction() as connection:
        rows = (await connection.execute(_ROWS, span)).all()
        notes = (await connection.execute(_NOTES, span)).all()
    lines = [(row.seq + 1, 0, _line(row, hashes=hashes).written()) for row in rows]
    return "".join(
        line for _, _, line in merge(lines, ((note.size, 1, NoteLine(note.note).written()) for note in notes))
    )


def _line(row: Row[Any], *, hashes: bool) -> RowLine | HashLine:
    if hashes and not opens(row.body):
        return HashLine(row.seq, row.leaf.hex())
    return RowLine(row.seq, str(row.id), written(row.at.timestamp()), row.body, row.leaf.hex())
