"""Writing the sealed ledger to a file anybody can verify without us. It must never judge or mend what it finds.

A row that was deleted or altered in the database is missing or altered in the file, and `jikimi verify` says so.
"""

import asyncio
import os
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Final

from sqlalchemy import text

from jikimi.kernel.errors import Conflict
from jikimi.ledger.lines import Header, NoteLine, RowLine
from jikimi.ledger.note import Note
from jikimi.ledger.rows import written
from jikimi.store.database import Database

_PAGE: Final = 1000
_ROWS: Final = text("SELECT seq, id, at, body, leaf FROM ledger_row WHERE seq >= :start AND seq < :end ORDER BY seq")
_NOTES: Final = text("SELECT size, note FROM checkpoint WHERE size > :start AND size <= :end ORDER BY size")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many rows the last checkpoint covers, and that checkpoint to hand to somebody else."""

    size: int
    checkpoint: str


async def export(database: Database, path: Path) -> Exported:
    """Write everything sealed so far to ``path``, which is replaced whole or not at all.

    Memory stays the same however long the ledger is. Raises Conflict while nothing is sealed, OSError for the file.
    """
    async with database.transaction() as connection:
        last = (
            await connection.execute(text("SELECT size, key, note FROM checkpoint ORDER BY size DESC LIMIT 1"))
        ).one_or_none()
    if last is None:
        raise Conflict("Nothing is sealed yet.", advice="Wait a second for the sealer of a running `jikimi serve`.")
    origin = Note.parse(last.note).text.partition("\n")[0]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(Header(origin, last.key, last.size).written())
            for start in range(0, last.size, _PAGE):
                await asyncio.to_thread(file.write, await _page(database, start, min(start + _PAGE, last.size)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Exported(last.size, last.note)


async def _page(database: Database, start: int, end: int) -> str:
    """The rows from number ``start`` up to ``end``, and every checkpoint after the last row it covers."""
    span = {"start": start, "end": end}
    async with database.transaction() as connection:
        rows = (await connection.execute(_ROWS, span)).all()
        notes = (await connection.execute(_NOTES, span)).all()
    lines = [
        (row.seq + 1, 0, RowLine(row.seq, str(row.id), written(row.at.timestamp()), row.body, row.leaf.hex()).written())
        for row in rows
    ]
    return "".join(
        line for _, _, line in merge(lines, ((note.size, 1, NoteLine(note.note).written()) for note in notes))
    )
