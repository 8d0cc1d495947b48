"""Where units are and whether they can be sent. It must never let an older position replace a newer one."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Absurd, Forbidden, NotFound
from jikimi.ledger import rows as ledger
from jikimi.registry.schemas import UnitPosition
from jikimi.share.policy import Action, may, require
from jikimi.store.database import Database

FUTURE_S: Final = 60.0
"""A terminal's clock may be ahead of ours by this much."""
_POSITION: Final = text("""
UPDATE unit SET lon = :lon, lat = :lat, sigma_m = :sigma_m, position_at = :at
WHERE id = :unit AND (position_at IS NULL OR position_at < :at)
""")
_STATUS: Final = text("UPDATE unit SET status = :status WHERE id = :unit AND agency = :agency")


async def report_position(
    connection: AsyncConnection, unit: UUID, lon: float, lat: float, sigma_m: float, at: float
) -> bool:
    """Take a unit's position (degrees, per-axis sigma in metres, Unix seconds); False if a newer one is held."""
    values = {"unit": unit, "lon": lon, "lat": lat, "sigma_m": sigma_m, "at": moment(at)}
    return (await connection.execute(_POSITION, values)).rowcount > 0


async def report_own_position(
    database: Database, clock: Clock, actor: Actor, unit: UUID, position: UnitPosition
) -> bool:
    """Take the position an officer reports for the officer's own unit; raises Forbidden, Absurd for the future."""
    require(actor, Action.REPORT_POSITION)
    _own(actor, unit)
    if position.at > clock.unix() + FUTURE_S:
        raise Absurd("The position lies in the future; set the terminal's clock.", field="at")
    async with database.transaction() as connection:
        return await report_position(connection, unit, position.lon, position.lat, position.sigma_m, position.at)


async def set_status(database: Database, clock: Clock, actor: Actor, unit: UUID, status: str) -> None:
    """Say whether a unit can be sent: its own officers, or its agency's registrar. Raises Forbidden, NotFound."""
    if not may(actor, Action.REGISTER):
        require(actor, Action.REPORT_POSITION)
        _own(actor, unit)
    async with database.transaction() as connection:
        done = await connection.execute(_STATUS, {"unit": unit, "status": status, "agency": actor.agency})
        if not done.rowcount:
            raise NotFound("There is no such unit in your agency.")
        await ledger.append(
            connection, clock.unix(), "unit_status", account=actor.account, agency=actor.agency, unit=unit,
            status=status,
        )  # fmt: skip


def _own(actor: Actor, unit: UUID) -> None:
    if actor.unit != unit:
        raise Forbidden("Report for your own unit only.")
