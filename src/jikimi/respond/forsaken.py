"""Taskings of a unit in which nobody is left to see them through. It must never let one of them count as somebody on the way.

Such a tasking stays asked and shown, for one officer too many harms nobody; it is somebody's again once one of its unit takes it.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.ledger.rows import Row, append_many
from jikimi.respond.model import Message, room_feed
from jikimi.store.due import Later, put_many

_LOCK: Final = text("""
SELECT i.id FROM incident i WHERE i.id IN (SELECT t.incident FROM tasking t JOIN account a ON a.unit = t.unit
  WHERE a.id = :account AND t.ended_at IS NULL) ORDER BY i.id FOR UPDATE
""")
# Where a roster is kept, whoever is at home sees nothing through, and a shift past its end may be one nobody ended. Where this
# is wrong a unit too many is asked.
_FORSAKE: Final = text("""
UPDATE tasking t SET forsaken_at = :now FROM account a, unit u
WHERE a.id = :account AND t.unit = a.unit AND u.id = t.unit AND t.ended_at IS NULL AND t.forsaken_at IS NULL
  AND NOT EXISTS (SELECT FROM account c WHERE c.unit = a.unit AND c.disabled_at IS NULL AND (
    NOT EXISTS (SELECT FROM shift s WHERE s.agency = a.agency AND s.withdrawn_at IS NULL)
    OR EXISTS (SELECT FROM shift s WHERE s.account = c.id AND s.begun_at IS NOT NULL AND s.ended_at IS NULL AND s.ends_at > :now)))
RETURNING t.id, t.incident, t.alert, t.unit, t.police_agency, t.monitoring_agency, u.kind, u.callsign
""")
_TAKE_UP: Final = text("""
UPDATE tasking SET forsaken_at = NULL WHERE id = ANY(CAST(:ids AS uuid[])) AND ended_at IS NULL AND forsaken_at IS NOT NULL
""")


async def forsake(connection: AsyncConnection, account: UUID, now: float) -> list[Message]:
    """Have the next unit asked for what nobody is left to see through once this account is over; the pages, not yet posted."""
    await connection.execute(_LOCK, {"account": account})
    found = sorted(await connection.execute(_FORSAKE, {"account": account, "now": moment(now)}), key=lambda row: row.id)
    await put_many(connection, [
        Later("replan", str(row.incident), now, {"alert": str(row.alert), "kind": row.kind}) for row in found
    ])  # fmt: skip
    await append_many(connection, [
        Row(now, "tasking.forsaken", {"tasking": row.id, "incident": row.incident, "unit": row.unit}) for row in found
    ])  # fmt: skip
    return [
        Message(room_feed(room), room, "page", {
            "why": "forsaken", "at": now, "tasking": str(row.id), "unit": str(row.unit), "callsign": row.callsign,
        }, row.incident)
        for row in found for room in (row.police_agency, row.monitoring_agency) if room
    ]  # fmt: skip


async def take_up(connection: AsyncConnection, taskings: Collection[UUID]) -> None:
    """Somebody of the unit sees these through again."""
    await connection.execute(_TAKE_UP, {"ids": list(taskings)})
