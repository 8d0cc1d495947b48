"""What of a protected person is monitored, and against whom. It must never touch an order or a place: those stay armed."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import iso, moment
from jikimi.ledger import rows as ledger
from jikimi.registry import publishing
from jikimi.registry.outbox import publish_all_later

_ORDERS: Final = text("""
SELECT id, offender, police_agency, monitoring_agency FROM protective_order
WHERE victim = :person AND ended_at IS NULL AND starts_at <= :now AND (ends_at IS NULL OR ends_at > :now) ORDER BY id
""")
_WORN: Final = text("""
SELECT c.id, c.device, c.person, c.since, c.until, d.interval_s FROM carry c JOIN device d ON d.id = c.device
WHERE c.person = :person AND c.basis = 'consent' AND c.since <= :now AND (c.until IS NULL OR c.until > :now)
ORDER BY c.since DESC, c.id FOR UPDATE OF c
""")
_ON_HER: Final = text("""
SELECT device FROM carry WHERE person = :person AND since <= :now AND (until IS NULL OR until > :now)
ORDER BY basis <> 'consent', since DESC LIMIT 1
""")
_OFF: Final = text("UPDATE carry SET until = :now WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Guarding:
    """An order in force that protects her: against whom, and whose rooms answer it."""

    order: UUID
    offender: UUID
    police: UUID
    monitoring: UUID | None


async def guarding(connection: AsyncConnection, person: UUID, now: float) -> list[Guarding]:
    """Orders in force that protect this person."""
    found = await connection.execute(_ORDERS, {"person": person, "now": moment(now)})
    return [Guarding(*row) for row in found]


async def worn(connection: AsyncConnection, person: UUID, now: float) -> list[UUID]:
    """Devices this person carries by consent, the last given first."""
    return [row.device for row in await connection.execute(_WORN, {"person": person, "now": moment(now)})]


async def speaks_for(connection: AsyncConnection, person: UUID, now: float) -> UUID | None:
    """The device that calls for this person, by consent rather than not; None where none is carried."""
    found: UUID | None = (await connection.execute(_ON_HER, {"person": person, "now": moment(now)})).scalar()
    return found


async def taken_off(connection: AsyncConnection, person: UUID, by: UUID, agency: UUID, now: float) -> int:
    """End every carry by consent as of now and publish it; returns how many there were."""
    rows = [dict(row) for row in (await connection.execute(_WORN, {"person": person, "now": moment(now)})).mappings()]
    for row in rows:
        row["until"] = moment(now)
        await connection.execute(_OFF, {"id": row["id"], "now": row["until"]})
    await publish_all_later(connection, [publishing.carry_fact(row, row["interval_s"], now) for row in rows], now)
    await ledger.append_many(connection, [
        ledger.Row(now, "carry_withdrawn", {
            "account": by, "agency": agency, "device": row["device"], "person": person, "carry": row["id"],
            "until": iso(now),
        })
        for row in rows
    ])  # fmt: skip
    return len(rows)
