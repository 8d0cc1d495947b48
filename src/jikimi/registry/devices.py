"""Devices after they were entered: on another body, or revoked. It must never leave a device on two bodies at once, nor end in
silence what watches over a protected person.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.intake.points import Carried
from jikimi.kernel.clock import Clock, iso, moment
from jikimi.kernel.errors import Conflict, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.registry import protected, publishing
from jikimi.registry.beginning import KINDS
from jikimi.registry.keys import device_keys
from jikimi.registry.outbox import publish_all_later
from jikimi.registry.references import visible
from jikimi.registry.refusals import enter
from jikimi.registry.rows import basis_of
from jikimi.registry.schemas import CarryMove
from jikimi.registry.tables import Row
from jikimi.registry.ties import refuse_own
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database

_DEVICE: Final = text("SELECT * FROM device WHERE id = :id AND agency = :agency FOR UPDATE")
_REVOKE: Final = text("UPDATE device SET revoked_at = :now WHERE id = :id")
_CARRIED: Final = text("""
SELECT * FROM carry WHERE device = :device AND (until IS NULL OR until > :since) ORDER BY since FOR UPDATE
""")
_CARRIERS: Final = text("SELECT DISTINCT person FROM carry WHERE device = :device")
_END: Final = text("UPDATE carry SET until = :since WHERE id = :id")
_ON: Final = text("""
SELECT device, person, basis, era, CAST(extract(epoch FROM since) AS float8) AS since,
  CAST(extract(epoch FROM until) AS float8) AS until
FROM carry WHERE device = ANY(CAST(:devices AS uuid[]))
""")


async def carried(connection: AsyncConnection, devices: Sequence[UUID]) -> dict[UUID, list[Carried]]:
    """By device: on whom it ever was, and by what law; for the archive, which seals by it."""
    found: dict[UUID, list[Carried]] = defaultdict(list)
    for row in await connection.execute(_ON, {"devices": list(devices)}):
        found[row.device].append(Carried(row.person, KINDS[row.basis], row.since, row.until, row.era))
    return found


async def revoke_device(database: Database, clock: Clock, actor: Actor, device: UUID) -> None:
    """Refuse a device's key from now on and publish it; once more changes nothing.

    Raises NotFound, or Conflict while a protected person who wears it is to be called back. Her rooms are told.
    """
    rule = require(actor, Action.REGISTER)
    async with database.transaction() as connection:
        row = await _device(connection, actor, device)
        if row["revoked_at"] is not None:
            return
        now = clock.unix()
        await protected.tell(connection, actor, await protected.touched(connection, device, now), now)
        await connection.execute(_REVOKE, {"id": device, "now": moment(now)})
        await publish_all_later(connection, await device_keys(connection, [device], now), now)
        await ledger.append(
            connection, now, "device_revoked", account=actor.account, agency=actor.agency, device=device
        )
        await register.record(
            connection, clock, actor, Action.REGISTER, rule.purpose, rule.article, "device_revoked", device
        )


async def move_carry(
    database: Database, clock: Clock, actor: Actor, move: CarryMove
) -> tuple[UUID | None, UUID | None]:
    """Put a device on a person (None: on nobody) from ``move.since`` on, and publish both ends.

    Returns the ids of the carry ended and of the one begun. Raises NotFound, or Conflict where the record already says
    something of the time after ``since``, the device is revoked, or a protected person who wears it is to be called back.
    Where it is taken off her the rooms of her orders are told.
    """
    device, person, since = move.device, move.person, move.since
    rule = require(actor, Action.REGISTER)
    async with database.transaction() as connection:
        row = await _device(connection, actor, device)
        if person is not None and row["revoked_at"] is not None:
            raise Conflict("The device is revoked.")
        if person is not None and not await visible(connection, "person", [person], actor.agency, clock.unix()):
            raise NotFound("There is no such person among yours.")
        await refuse_own(connection, actor, [person], "There is no such person among yours.")
        now = clock.unix()
        hers = await protected.touched(connection, device, min(since, now))
        ended = await _end(connection, device, person, since)
        begun = await _begin(connection, actor, device, person, since, move.basis or basis_of(row["kind"]))
        await protected.tell(connection, actor, hers, now)
        moved = [carry for carry in (ended, begun) if carry]
        changes = [publishing.carry_fact(carry, row["interval_s"], now) for carry in moved]
        await publish_all_later(connection, [*changes, *await device_keys(connection, [device], now)], now)
        await ledger.append(
            connection, now, "carry_moved", account=actor.account, agency=actor.agency, device=device, person=person,
            previous=ended and ended["id"], carry=begun and begun["id"], since=iso(since),
        )  # fmt: skip
        await register.record(
            connection, clock, actor, Action.REGISTER, rule.purpose, rule.article, "carry_moved", device
        )
    return ended["id"] if ended else None, begun["id"] if begun else None


async def _device(connection: AsyncConnection, actor: Actor, device: UUID) -> Row:
    found = (await connection.execute(_DEVICE, {"id": device, "agency": actor.agency})).mappings().one_or_none()
    if found is None:
        raise NotFound("There is no such device among yours.")
    carriers = [row.person for row in await connection.execute(_CARRIERS, {"device": device})]
    await refuse_own(connection, actor, carriers, "There is no such device among yours.")
    return dict(found)


async def _end(connection: AsyncConnection, device: UUID, person: UUID | None, since: float) -> Row | None:
    found = await connection.execute(_CARRIED, {"device": device, "since": moment(since)})
    carried = [dict(row) for row in found.mappings()]
    if not carried:
        if person is None:
            raise Conflict("Nobody carries this device at that time.")
        return None
    if len(carried) > 1 or carried[0]["since"] >= moment(since):
        raise Conflict("The device is already carried at that time.")
    row = carried[0]
    if row["person"] == person:
        raise Conflict("This person carries the device already.")
    row["until"] = moment(since)
    await connection.execute(_END, {"id": row["id"], "since": row["until"]})
    return row


async def _begin(
    connection: AsyncConnection, actor: Actor, device: UUID, person: UUID | None, since: float, basis: str
) -> Row | None:
    if person is None:
        return None
    row = {
        "id": uuid7(), "agency": actor.agency, "device": device, "person": person, "since": moment(since),
        "until": None, "basis": basis,
    }  # fmt: skip
    await enter(connection, "carry", [row], "carries", [0])
    return row
