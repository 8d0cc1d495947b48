"""Putting rows on the record, inside the caller's transaction. It must never commit, number or change a row.

A row is unnumbered until the sealer has seen it committed; that is why writers never wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.kernel.ids import uuid7
from jikimi.ledger.canonical import canonical
from jikimi.ledger.fields import OPENED, UnfitForLedger, Value, fit, fit_kind

# One statement text for any number of rows, so that the driver prepares it once.
_INSERT = text(
    "INSERT INTO ledger_row (id, at, body) SELECT * FROM "
    "unnest(CAST(:ids AS uuid[]), CAST(:ats AS timestamptz[]), CAST(:bodies AS text[]))"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened: ``at`` in Unix seconds UTC, ``kind`` a short code, ``fields`` from the closed list."""

    at: float
    kind: str
    fields: Mapping[str, object]


async def append(connection: AsyncConnection, at: float, kind: str, **fields: object) -> UUID:
    """Put one row on the record; returns its id.

    Raises UnfitForLedger for a field outside ``fields.FIELDS`` or of another form; then nothing was written.
    """
    return (await append_many(connection, [Row(at, kind, fields)]))[0]


async def append_many(connection: AsyncConnection, rows: Sequence[Row]) -> list[UUID]:
    """Put all rows on the record in one statement; returns their ids, ascending. Raises as ``append`` does."""
    if not rows:
        return []
    if any(row.kind == OPENED for row in rows):
        raise UnfitForLedger("Only the sealer opens a month.")
    ids = [uuid7() for _ in rows]
    bodies = [body_of(identifier, row) for identifier, row in zip(ids, rows, strict=True)]
    await connection.execute(_INSERT, {"ids": ids, "ats": [moment(row.at) for row in rows], "bodies": bodies})
    return ids


def body_of(identifier: UUID, row: Row) -> str:
    """The sealed text of a row: its fields with ``id``, ``at`` (RFC 3339, microseconds) and ``kind``."""
    body: dict[str, Value] = {name: fit(name, value) for name, value in row.fields.items()}
    return canonical(body | {"id": str(identifier), "at": written(row.at), "kind": fit_kind(row.kind)})


def written(at: float) -> str:
    """RFC 3339 text with microseconds, as a row and its column both have it."""
    return moment(at).isoformat(timespec="microseconds").replace("+00:00", "Z")
