"""What of a protected person is monitored, and against whom. It must never touch an order or a place: those stay armed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import iso, moment
from jikimi.kernel.errors import Conflict
from jikimi.ledger import rows as ledger
from jikimi.registry import publishing
from jikimi.registry.keys import device_keys
from jikimi.registry.outbox import publish_all_later
from jikimi.share import telling

ENDED: Final = "monitoring-ended"
"""What rooms are told when a device of hers is not monitored any more."""
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
_ASKED: Final = text(
    "SELECT EXISTS (SELECT FROM withdrawal WHERE person = ANY(CAST(:people AS uuid[])) AND answered_at IS NULL)"
)
_HERS: Final = text("""
SELECT DISTINCT person FROM carry
WHERE device = :device AND basis = 'consent' AND (until IS NULL OR until > :now) ORDER BY person
""")
_LOCKED: Final = text("SELECT id FROM person WHERE id = ANY(CAST(:people AS uuid[])) ORDER BY id FOR NO KEY UPDATE")
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


async def called_back(connection: AsyncConnection, people: Collection[UUID]) -> bool:
    """Whether one of these people took back her yes and is still to be called back."""
    return bool((await connection.execute(_ASKED, {"people": list(people)})).scalar_one())


async def touched(connection: AsyncConnection, device: UUID, now: float) -> list[UUID]:
    """Whose monitoring by consent ends when this device changes; locked, until the transaction is over.

    Raises Conflict while one of them is to be called back: what she said then ends it, and nothing else.
    """
    people = [row.person for row in await connection.execute(_HERS, {"device": device, "now": moment(now)})]
    await connection.execute(_LOCKED, {"people": people})
    if await called_back(connection, people):
        raise Conflict("Whoever wears this device is to be called back first; change it afterwards.")
    return people


async def tell(connection: AsyncConnection, actor: Actor, people: Collection[UUID], now: float) -> None:
    """Page the police rooms of their orders, by id, that a device of theirs is not monitored any more."""
    for person in people:
        rooms = sorted({one.police for one in await guarding(connection, person, now)})
        if rooms:
            await telling.tell(connection, now, actor, ENDED, person, rooms)


async def worn(connection: AsyncConnection, person: UUID, now: float) -> list[UUID]:
    """Devices this person carries by consent, the last given first."""
    return [row.device for row in await connection.execute(_WORN, {"person": person, "now": moment(now)})]


async def speaks_for(connection: AsyncConnection, person: UUID, now: float) -> UUID | None:
    """The device that calls for this person, by consent rather than not; None where none is carried."""
    found: UUID | None = (await connection.execute(_ON_HER, {"person": person, "now": moment(now)})).scalar()
    return found


async def worn_since(connection: AsyncConnection, person: UUID, since: float, now: float) -> bool:
    """Whether this person was given a device by consent later than that."""
    return any(
        row.since > moment(since) for row in await connection.execute(_WORN, {"person": person, "now": moment(now)})
    )


async def taken_off(
    connection: AsyncConnection, person: UUID, by: UUID, agency: UUID, now: float, *, said: bool
) -> int:
    """End every carry by consent as of now and publish it, so that nothing more is kept; returns how many there were.

    ``said``: also on the ledger. Not where her word ended it: the ledger must not tell which word she gave.
    """
    rows = [dict(row) for row in (await connection.execute(_WORN, {"person": person, "now": moment(now)})).mappings()]
    for row in rows:
        row["until"] = moment(now)
        await connection.execute(_OFF, {"id": row["id"], "now": row["until"]})
    ends = [publishing.carry_fact(row, row["interval_s"], now) for row in rows]
    keys = await device_keys(connection, [row["device"] for row in rows], now)
    await publish_all_later(connection, [*ends, *keys], now)
    if not said:
        return len(rows)
    await ledger.append_many(connection, [
        ledger.Row(now, "carry_withdrawn", {
            "account": by, "agency": agency, "device": row["device"], "person": person, "carry": row["id"],
            "until": iso(now),
        })
        for row in rows
    ])  # fmt: skip
    return len(rows)
