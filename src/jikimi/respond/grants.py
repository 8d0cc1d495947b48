"""Whose live positions a seat may follow, as the record has it. It must never outlive the tasking or the incident, nor let
whoever goes to him follow her.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.respond.seat import Seat

_FEEDS = text("SELECT id, seq FROM feed WHERE id = ANY(CAST(:feeds AS text[]))")
_UNITS = text("""
SELECT t.unit, i.id, i.offender, CASE WHEN t.toward = 'victim' THEN i.victim END AS victim
FROM tasking t JOIN incident i ON i.id = t.incident
WHERE t.unit = ANY(CAST(:units AS uuid[])) AND t.ended_at IS NULL AND i.closed_at IS NULL
""")
_ROOMS = text("""
SELECT i.id, i.offender, i.victim, i.police_agency, i.monitoring_agency FROM incident i WHERE i.closed_at IS NULL
  AND (i.police_agency = ANY(CAST(:agencies AS uuid[])) OR i.monitoring_agency = ANY(CAST(:agencies AS uuid[])))
""")

Parties = tuple[UUID | None, UUID | None]
Held = dict[UUID, Parties]
"""Open incidents and which of their parties (offender, victim) may be followed."""


async def last_numbers(connection: AsyncConnection, seats: Sequence[Seat]) -> dict[str, int]:
    """The last number of each seat's feed."""
    rows = await connection.execute(_FEEDS, {"feeds": [seat.feed for seat in seats]})
    return {row.id: row.seq for row in rows}


async def held_by(connection: AsyncConnection, seats: Sequence[Seat]) -> dict[UUID, Held]:
    """By unit (of officers) or agency (of rooms): the incidents whose parties they may follow now."""
    units = {seat.actor.unit for seat in seats if seat.actor.unit}
    agencies = {seat.actor.agency for seat in seats if not seat.actor.unit}
    held: dict[UUID, Held] = defaultdict(dict)
    if units:
        for row in await connection.execute(_UNITS, {"units": list(units)}):
            held[row.unit][row.id] = (row.offender, row.victim)
    if agencies:
        for row in await connection.execute(_ROOMS, {"agencies": list(agencies)}):
            for agency in {row.police_agency, row.monitoring_agency} & agencies:
                held[agency][row.id] = (row.offender, row.victim)
    return held
