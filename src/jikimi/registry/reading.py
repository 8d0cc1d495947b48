"""What people are shown of the registry. It must never read but as the actor's agency, nor tell before it is on record."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock
from jikimi.registry.model import Person, Place, ProtectiveOrder, Unit
from jikimi.registry.sealing import opened
from jikimi.registry.secret import at_secrets
from jikimi.share import register
from jikimi.share.policy import Action, Data, Rule, may, purpose_of, require
from jikimi.store.database import Database

MOST: Final = 1000
"""Rows of one answer."""
_FIRST: Final = UUID(int=0)
_WHERE: Final = frozenset({"lon", "lat", "radius_m"})
_UNIT: Final = """
SELECT id, agency, station, kind, callsign, status, lon, lat, sigma_m,
  CAST(extract(epoch FROM position_at) AS float8) AS position_at FROM unit
"""
# Where a unit is that works on the reader's own case, or goes to somebody they may not follow, is kept from them, as on their
# line.
_SEEN: Final = """
SELECT u.id, u.agency, u.station, u.kind, u.callsign, u.status, CASE WHEN own.open THEN u.lon END AS lon,
  CASE WHEN own.open THEN u.lat END AS lat, CASE WHEN own.open THEN u.sigma_m END AS sigma_m,
  CASE WHEN own.open THEN CAST(extract(epoch FROM u.position_at) AS float8) END AS position_at
FROM unit u CROSS JOIN LATERAL (SELECT NOT on_own_case(u.id) AND NOT beside_unfollowed(u.id) AS open) own
"""
_UNITS: Final = text(_SEEN + " WHERE u.id > :after ORDER BY u.id LIMIT :limit")
_SEEN_UNITS: Final = text(_SEEN + " ORDER BY u.id")
_ALL_UNITS: Final = text(_UNIT + " ORDER BY id")
# Whom an order is about the database says, party by party: whom the reader may not know is null.
_ORDERS: Final = text("""
SELECT o.id, version, police_agency, monitoring_agency, regime, article, arrestable, n.offender, n.victim, n.followed,
  CAST(extract(epoch FROM starts_at) AS float8) AS starts_at, CAST(extract(epoch FROM ends_at) AS float8) AS ends_at,
  radius_m, rings_m, suspensions, sealed, schedule, monitored, CAST(extract(epoch FROM ended_at) AS float8) AS ended_at
FROM protective_order o CROSS JOIN LATERAL order_parties(o.id) n WHERE o.id > :after ORDER BY o.id LIMIT :limit
""")
_PEOPLE: Final = text("SELECT id, agency, label, sealed FROM person WHERE id > :after ORDER BY id LIMIT :limit")
# A secret place's whereabouts leave the database for detection only (and for its own agency's incident).
_PLACES: Final = text("""
SELECT "order", id, agency, kind, secret, margin_m, CASE WHEN NOT secret THEN sealed END AS sealed,
  CASE WHEN NOT secret THEN lon END AS lon,
  CASE WHEN NOT secret THEN lat END AS lat, CASE WHEN NOT secret THEN radius_m END AS radius_m,
  CASE WHEN NOT secret THEN polygon END AS polygon, CASE WHEN NOT secret THEN line END AS line,
  CASE WHEN NOT secret THEN width_m END AS width_m, CASE WHEN NOT secret THEN schedule END AS schedule,
  CASE WHEN NOT secret THEN hours END AS hours, CASE WHEN NOT secret THEN exceptions END AS exceptions
FROM place WHERE "order" = ANY(CAST(:orders AS uuid[])) ORDER BY "order", id
""")


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading for people takes: people's pool for the rows, the services' pool for the register."""

    people: Database
    service: Database
    clock: Clock


async def looked(desk: Desk, actor: Actor, action: Action, what: str, data: Data | None = None) -> None:
    """Put a look on record before it happens; raises Forbidden."""
    rule = require(actor, action, data)
    async with desk.service.transaction() as connection:
        await register.record(connection, desk.clock, actor, action, rule.purpose, rule.article, what, None)


async def _listed(desk: Desk, actor: Actor, rule: Rule, what: str, named: Iterable[UUID]) -> None:
    """Put a list on record with whom it is about to name."""
    async with desk.service.transaction() as connection:
        await register.record_list(connection, desk.clock, actor, rule, what, named)


async def list_units(desk: Desk, actor: Actor, after: UUID = _FIRST, limit: int = MOST) -> list[Unit]:
    """Units the actor's agency sees, by id past ``after``."""
    await looked(desk, actor, Action.READ_REGISTRY, "units", Data.UNIT)
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        found = await connection.execute(_UNITS, {"after": after, "limit": limit})
        units = [Unit(**row) for row in found.mappings()]
    return await _placed(desk, actor, units)


async def list_people(desk: Desk, actor: Actor, after: UUID = _FIRST, limit: int = MOST) -> list[Person]:
    """People the actor's agency entered or knows as parties, by id past ``after``."""
    rule = require(actor, Action.READ_REGISTRY, Data.PERSON)
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        found = await connection.execute(_PEOPLE, {"after": after, "limit": limit})
        people = [
            Person(row["id"], row["agency"], opened(connection, "person", row)["label"]) for row in found.mappings()
        ]
    await _listed(desk, actor, rule, "people", (person.id for person in people))
    return people


async def list_orders(
    desk: Desk, actor: Actor, after: UUID = _FIRST, limit: int = MOST
) -> list[ProtectiveOrder]:  # fmt: skip
    """Orders the actor's agency has a part in, by id past ``after``, each with the places it may know of.

    Of each only what a grant on whom it is about covers: a party is None, a place left out, where none does. Places are read by
    whoever may read places for the actor's purpose, and is let follow whom they are about.
    """
    rule = require(actor, Action.READ_REGISTRY, Data.ORDER)
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        found = (await connection.execute(_ORDERS, {"after": after, "limit": limit})).mappings()
        rows = [_alone(opened(connection, "protective_order", row)) for row in found]
        places: dict[UUID, list[Place]] = {row["id"]: [] for row in rows}
        wanted = list(places) if may(actor, Action.READ_REGISTRY, Data.PLACE) else []
        for row in (await connection.execute(_PLACES, {"orders": wanted})).mappings():
            place = opened(connection, "place", row)
            places[place.pop("order")].append(Place(**place))
    # The order's own id too: it is about both, also for whoever is not told of one of them.
    named = (one for row in rows for one in (row["id"], row["offender"], row["victim"]) if one is not None)
    await _listed(desk, actor, rule, "orders", named)
    return [ProtectiveOrder(**row, places=tuple(places[row["id"]])) for row in rows]


def _alone(order: dict[str, Any]) -> dict[str, Any]:
    """An order without where he is while it is suspended, for whoever may not follow him."""
    if not order.pop("followed"):
        order["suspensions"] = [
            {name: said for name, said in one.items() if name not in _WHERE} for one in order["suspensions"]
        ]
    return order


async def all_units(connection: AsyncConnection) -> list[Unit]:
    """Every unit this connection sees; for services, which keep them in memory."""
    return [Unit(**row) for row in (await connection.execute(_ALL_UNITS)).mappings()]


async def seen_units(desk: Desk, actor: Actor) -> list[Unit]:
    """Every unit the actor's agency sees, with where it is but for those whose place the actor may not know."""
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        units = [Unit(**row) for row in (await connection.execute(_SEEN_UNITS)).mappings()]
    return await _placed(desk, actor, units)


async def _placed(desk: Desk, actor: Actor, units: list[Unit]) -> list[Unit]:
    """Units; of those that stand at another agency's secret place not where."""
    async with desk.service.transaction() as connection:
        hidden = await at_secrets(connection, actor.agency, units)
    return [
        replace(unit, lon=None, lat=None, sigma_m=None, position_at=None) if unit.id in hidden else unit
        for unit in units
    ]
