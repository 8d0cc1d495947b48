"""Rows of the registry's tables, written and compared whole. It must never put a caller's word into a statement."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.registry import beginning, sealing
from jikimi.registry.sealing import SEALED
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of

Row = dict[str, Any]
"""A row by column: ids as UUID, times as aware datetime, JSON columns as parsed JSON."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "agency": ("kind", "name"),
    "station": ("agency", "name", "lon", "lat"),
    "unit": ("agency", "station", "kind", "callsign", "status", "lon", "lat", "sigma_m", "position_at"),
    "person": ("agency", "label", "identifier_digest"),
    "device": ("agency", "kind", "external_id", "interval_s", "key_digest"),
    "carry": ("agency", "device", "person", "since", "until", "basis", "era"),
    "protective_order": (
        "police_agency", "monitoring_agency", "regime", "article", "arrestable", "offender", "victim", "starts_at",
        "ends_at", "radius_m", "rings_m", "schedule", "suspensions", "monitored",
    ),
    "place": (
        "order", "agency", "kind", "secret", "lon", "lat", "radius_m", "polygon", "margin_m", "line", "width_m",
        "schedule", "hours", "exceptions",
    ),
    "jurisdiction": (
        "agency", "station", "name", "source", "as_of", "boundary", "west", "south", "east", "north",
    ),
}  # fmt: skip
"""Columns besides ``id``, in the order of the migration; parents stand before their children."""
_JSON: Final = frozenset({
    "rings_m", "schedule", "suspensions", "polygon", "boundary", "line", "hours", "exceptions",
})  # fmt: skip
_MOVES: Final[Mapping[str, frozenset[str]]] = {
    # What changes by itself, or is made at random, is no part of what was entered.
    "unit": frozenset({"status", "lon", "lat", "sigma_m", "position_at"}),
    "device": frozenset({"key_digest"}),
    "carry": frozenset({"era"}),
}


def _written(table: str) -> list[str]:
    """The columns of a row as they are written: those that lie sealed are one."""
    if table not in SEALED:
        return ["id", *COLUMNS[table]]
    return ["id", *(column for column in COLUMNS[table] if column not in SEALED[table].fields), "sealed"]


def _insert(table: str) -> TextClause:
    columns = _written(table)
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(f"CAST(:{name} AS jsonb)" if name in _JSON else f":{name}" for name in columns)
    return text(f'INSERT INTO "{table}" ({names}) VALUES ({values})')  # noqa: S608 - constants above


def _select(table: str) -> TextClause:
    # Rows of before have the sealed columns open.
    names = ", ".join(f'"{column}"' for column in ("id", *COLUMNS[table], *(("sealed",) if table in SEALED else ())))
    return text(f'SELECT {names} FROM "{table}" WHERE id = ANY(CAST(:ids AS uuid[]))')  # noqa: S608 - constants above


_BEGUN: Final = {"carry": beginning.carries, "protective_order": beginning.orders}
_INSERTS: Final = {table: _insert(table) for table in COLUMNS}
_SELECTS: Final = {table: _select(table) for table in COLUMNS}

_PLACES: Final = text("""
SELECT "order", id FROM place WHERE "order" = ANY(CAST(:orders AS uuid[]))
AND (CAST(:agency AS uuid) IS NULL OR agency = CAST(:agency AS uuid))
""")


def as_json(value: object) -> str | None:
    """JSON text for a jsonb parameter; None stays NULL."""
    return None if value is None else json.dumps(value, allow_nan=False)


async def insert(connection: AsyncConnection, table: str, rows: Sequence[Row]) -> None:
    """Insert whole rows; raises sqlalchemy's IntegrityError, Destroyed for somebody whose data the law had destroyed."""
    if not rows:
        return
    if table in _BEGUN:
        await _BEGUN[table](connection, rows)
    columns = [column for column in _written(table) if column != "sealed"]
    written = [{key: as_json(row[key]) if key in _JSON else row[key] for key in columns} for row in rows]
    if table in SEALED:
        custody_of(connection).prepare(SEALED[table].kind, (row[SEALED[table].whose] for row in rows))
        for row, values in zip(rows, written, strict=True):
            values["sealed"] = sealing.sealed(connection, table, row)
        if table == "person":  # a call for help by somebody no order names must not wait for a key
            custody_of(connection).prepare(Kind.ORDER, (row["id"] for row in rows))
    await connection.execute(_INSERTS[table], written)


async def existing(connection: AsyncConnection, table: str, ids: Iterable[UUID]) -> dict[UUID, Row]:
    """Rows that are there already, by id."""
    wanted = list(ids)
    if not wanted:
        return {}
    found = (await connection.execute(_SELECTS[table], {"ids": wanted})).mappings()
    if table in SEALED:
        return {row["id"]: sealing.opened(connection, table, row) for row in found}
    return {row["id"]: dict(row) for row in found}


async def places_of(connection: AsyncConnection, orders: Iterable[UUID], agency: UUID | None) -> dict[UUID, set[UUID]]:
    """Ids of the places that stand in each order, those of ``agency`` only unless it is None."""
    found = await connection.execute(_PLACES, {"orders": list(orders), "agency": agency})
    there: dict[UUID, set[UUID]] = {}
    for order, place in found:
        there.setdefault(order, set()).add(place)
    return there


def same(table: str, one: Row, other: Row) -> bool:
    """Whether two rows say the same of what was entered."""
    moving = _MOVES.get(table, frozenset())
    return all(_plain(one[column]) == _plain(other[column]) for column in COLUMNS[table] if column not in moving)


def _plain(value: object) -> object:
    # Points are tuples before they were stored and lists afterwards.
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
