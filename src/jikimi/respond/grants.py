"""Whose live positions a seat may follow, as the record has it. It must never outlive the tasking or the incident, nor let
whoever goes to him follow her.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.respond.seat import Seat

AHEAD_S: Final = 5.0
"""A grant begins when it is given, by the giver's clock, which may be so far ahead of ours: it holds all the same."""
_FEEDS = text("SELECT id, seq FROM feed WHERE id = ANY(CAST(:feeds AS text[]))")
# Each party of an open incident whom a living grant lets this unit, or this room's agency, follow.
_HELD = """
EXISTS (SELECT FROM access_grant g WHERE g.incident = i.id AND g.subject = {party} AND g.agency = {agency}
  AND g.unit IS NOT DISTINCT FROM {unit} AND 'location' = ANY (g.data) AND g.ended_at IS NULL
  AND g.starts_at <= to_timestamp(:now + :ahead) AND (g.ends_at IS NULL OR g.ends_at > to_timestamp(:now)))
"""


def _party(column: str, agency: str, unit: str) -> str:
    held = _HELD.format(party=f"i.{column}", agency=agency, unit=unit)
    return f"CASE WHEN {held} THEN i.{column} END AS {column}"


_UNITS = text(f"""
SELECT t.unit AS holder, i.id, {_party("offender", "t.agency", "t.unit")}, {_party("victim", "t.agency", "t.unit")}
FROM tasking t JOIN incident i ON i.id = t.incident
WHERE t.unit = ANY(CAST(:holders AS uuid[])) AND t.ended_at IS NULL AND i.closed_at IS NULL
""")  # noqa: S608 - put together from constants above
_ROOMS = text(f"""
SELECT side.agency AS holder, i.id, {_party("offender", "side.agency", "NULL")}, {_party("victim", "side.agency", "NULL")}
FROM incident i CROSS JOIN LATERAL (VALUES (i.police_agency), (i.monitoring_agency)) AS side (agency)
WHERE i.closed_at IS NULL AND side.agency = ANY(CAST(:holders AS uuid[]))
""")  # noqa: S608 - the same

Parties = tuple[UUID | None, UUID | None]
Held = dict[UUID, Parties]
"""Open incidents and which of their parties (offender, victim) may be followed."""


async def last_numbers(connection: AsyncConnection, seats: Sequence[Seat]) -> dict[str, int]:
    """The last number of each seat's feed."""
    rows = await connection.execute(_FEEDS, {"feeds": [seat.feed for seat in seats]})
    return {row.id: row.seq for row in rows}


async def held_by(connection: AsyncConnection, seats: Sequence[Seat], now: float) -> dict[UUID, Held]:
    """By unit (of officers) or agency (of rooms): the incidents whose parties they may follow now, by whose grants."""
    units = {seat.actor.unit for seat in seats if seat.actor.unit}
    agencies = {seat.actor.agency for seat in seats if not seat.actor.unit}
    held: dict[UUID, Held] = defaultdict(dict)
    for statement, holders in ((_UNITS, units), (_ROOMS, agencies)):
        if holders:
            for row in await connection.execute(statement, {"holders": list(holders), "now": now, "ahead": AHEAD_S}):
                held[row.holder][row.id] = (row.offender, row.victim)
    return held
