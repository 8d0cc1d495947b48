"""A protected person's home, work, school or shelter, moved to where they go now. It must never say where one is or was.

The old place ends and a new one begins in the same version of its order; every other place of the order stays as it is.
"""

from typing import Any, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Malformed, NotFound
from jikimi.registry import sealing, ties
from jikimi.registry.fields import Lat, Length, Lon, Model
from jikimi.registry.hours import HoursEntry
from jikimi.registry.orders import change_order
from jikimi.registry.reading import Desk
from jikimi.registry.regimes import guarded_kinds
from jikimi.registry.schemas import OrderChange, PlaceEntry, SpanEntry
from jikimi.share import register
from jikimi.share.policy import Action, Data, require
from jikimi.store.database import Database

_NONE: Final = "No person of your own files has this id."
_NO_PLACE: Final = "No place that an order guards for this person has this id; read them anew."
_OWN: Final = text("SELECT FROM person WHERE id = :id AND agency = :agency")
_GUARDED: Final = text("""
SELECT p.id, p."order", p.kind, p.secret, o.version, o.regime, CAST(extract(epoch FROM o.starts_at) AS float8) AS since
FROM place p JOIN protective_order o ON o.id = p."order"
WHERE o.victim = :person AND p.agency = :agency AND o.ended_at IS NULL ORDER BY o.starts_at, o.id, p.kind, p.id
""")
_PLACES: Final = text('SELECT * FROM place WHERE "order" = :order AND agency = :agency ORDER BY id')


class PlaceMove(Model):
    """Where the person goes now: a circle; ``radius_m`` left out stays what it was, where it was a circle."""

    lon: Lon = Field(repr=False)
    lat: Lat = Field(repr=False)
    radius_m: Length | None = None


async def guarded(desk: Desk, actor: Actor, person: UUID) -> list[dict[str, Any]]:
    """Places of one's own agency that orders in force guard for a person of one's own files: what they are, never where.

    Raises Forbidden, NotFound (another's file, or one's own case).
    """
    rule = require(actor, Action.REGISTER, Data.PLACE)
    async with desk.service.transaction() as connection:
        found = await _guarded(connection, actor, person)
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "guarded_places", person
        )
    return found


async def move(
    database: Database, clock: Clock, actor: Actor, person: UUID, place: UUID, there: PlaceMove
) -> tuple[UUID, int]:
    """Let the place end and begin where they go now; returns the order and its new version. Whoever may know the person is told
    that an address changed.

    Raises Forbidden, NotFound (also where the place was moved meanwhile), Conflict (the order changed in between), Malformed.
    """
    require(actor, Action.REGISTER, Data.PLACE)
    async with database.transaction() as connection:
        meant = next((one for one in await _guarded(connection, actor, person) if one["id"] == place), None)
        if meant is None:
            raise NotFound(_NO_PLACE)
        asked = {"order": meant["order"], "agency": actor.agency}
        found = (await connection.execute(_PLACES, asked)).mappings().all()
        rows = [sealing.opened(connection, "place", row) for row in found]
    entries = [_moved(row, there) if row["id"] == place else _kept(row) for row in rows]
    change = OrderChange.model_construct(_fields_set={"places"}, version=meant["version"], places=entries)
    return meant["order"], await change_order(database, clock, actor, meant["order"], change)


async def _guarded(connection: AsyncConnection, actor: Actor, person: UUID) -> list[dict[str, Any]]:
    asked = {"id": person, "person": person, "agency": actor.agency}
    if (await connection.execute(_OWN, asked)).one_or_none() is None:
        raise NotFound(_NONE)
    await ties.refuse_own(connection, actor, [person], _NONE)
    rows = [dict(row) for row in (await connection.execute(_GUARDED, asked)).mappings()]
    return [row for row in rows if row["kind"] in guarded_kinds(row["regime"])]


def _kept(row: dict[str, Any]) -> PlaceEntry:
    """A place as it stands, under its own id: what was checked when it was entered is not refused now."""
    entered = {name: row[name] for name in PlaceEntry.model_fields if name in row}
    times = {name: _spans(row[name]) for name in ("schedule", "exceptions")}
    hours = None if row["hours"] is None else HoursEntry.model_validate(row["hours"])
    exceptions = times["exceptions"] or []
    more = {"agency": None, "hours": hours, "schedule": times["schedule"], "exceptions": exceptions}
    return PlaceEntry.model_construct(**{**entered, **more})


def _moved(row: dict[str, Any], there: PlaceMove) -> PlaceEntry:
    radius = there.radius_m or row["radius_m"]
    if radius is None:
        raise Malformed("radius_m: the place was no circle; say how wide it is now.", field="radius_m")
    shape = {"polygon": None, "margin_m": 0.0, "line": None, "width_m": None}
    where = {"id": None, "lon": there.lon, "lat": there.lat, "radius_m": radius}
    return _kept(row).model_copy(update={**shape, **where})


def _spans(kept: list[dict[str, Any]] | None) -> list[SpanEntry] | None:
    return None if kept is None else [SpanEntry.model_construct(**span) for span in kept]
