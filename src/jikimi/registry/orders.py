"""An order after it was entered: changed and ended, by either agency it names. It must never skip a version."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.registry import amending, lowering, publishing, sealing, tables
from jikimi.registry.importing import armed, order_entry
from jikimi.registry.outbox import publish_all_later
from jikimi.registry.references import scoped, standing
from jikimi.registry.refusals import enter
from jikimi.registry.regimes import place_kinds
from jikimi.registry.rows import pauses, places
from jikimi.registry.schemas import OrderChange, PlaceEntry
from jikimi.registry.tables import Row
from jikimi.registry.ties import refuse_own
from jikimi.share import grants, register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database
from jikimi.store.due import put_many

_COLUMNS: Final = {
    "article": "article", "arrestable": "arrestable", "end": "ends_at", "radius_m": "radius_m", "rings_m": "rings_m",
    "suspensions": "suspensions", "schedule": "schedule", "monitored": "monitored",
}  # fmt: skip
_WHERE: Final = ("kind", "secret", "lon", "lat", "radius_m", "polygon")
_LOCKED: Final = text("SELECT * FROM protective_order WHERE id = :id FOR UPDATE")
_PLACES: Final = text('SELECT * FROM place WHERE "order" = :order ORDER BY id')
_UPDATE: Final = text("""
UPDATE protective_order SET version = version + 1, article = '', arrestable = :arrestable, ends_at = :ends_at,
  radius_m = :radius_m, rings_m = CAST(:rings_m AS jsonb), suspensions = '[]', sealed = :sealed,
  schedule = NULL, monitored = :monitored, ended_at = :ended_at
WHERE id = :id
""")


async def change_order(database: Database, clock: Clock, actor: Actor, order: UUID, change: OrderChange) -> int:
    """Change an order, publish it, and return its new version.

    Raises NotFound (or another agencies' order), Conflict (ended, or changed since ``change.version``), Malformed.
    """
    require(actor, Action.REGISTER)
    async with database.transaction() as connection:
        row = await _locked(connection, actor, order, change.version)
        before, places_before = dict(row), await _places(connection, order)
        given = change.model_dump(include=change.model_fields_set & _COLUMNS.keys())
        row |= {_COLUMNS[name]: value for name, value in given.items()}
        if "suspensions" in given:
            row["suspensions"] = pauses(change.suspensions)
        if "end" in given:
            row["ends_at"] = change.end and moment(change.end)
        if row["ends_at"] is not None and row["ends_at"] <= row["starts_at"]:
            raise Malformed("until: it is not later than the order's beginning.", field="until")
        if "places" in change.model_fields_set:
            await _replace_places(connection, actor, row, change.places)
        kept = await _next_version(connection, clock.unix(), row)
        if row["victim"] is None and not kept:
            raise Malformed("places: the order would protect nobody and nothing.", field="places")
        if row["ends_at"] != before["ends_at"]:
            end = row["ends_at"] and row["ends_at"].timestamp()
            await grants.until(connection, order, armed(row), end, clock.unix())
        if row["victim"] is not None and not _same_places(places_before, kept):
            await amending.tell(connection, clock.unix(), actor, row["victim"], ["address"])
        less = lowering.lowered(before, row, places_before, kept)
        await put_many(connection, lowering.pages(row, less, actor.agency, clock.unix()))
        return await _noted(connection, clock, actor, "order_changed", row)


async def end_order(database: Database, clock: Clock, actor: Actor, order: UUID, version: int) -> int:
    """Withdraw an order as of now, publish it, and return its last version. Raises as ``change_order`` does."""
    require(actor, Action.REGISTER)
    async with database.transaction() as connection:
        row = await _locked(connection, actor, order, version)
        now = clock.unix()
        row["ended_at"] = moment(now)
        await _next_version(connection, now, row)
        await grants.end_with_orders(connection, [order], now)
        await put_many(connection, lowering.pages(row, ["ended"], actor.agency, now))
        return await _noted(connection, clock, actor, "order_ended", row)


async def _locked(connection: AsyncConnection, actor: Actor, order: UUID, version: int) -> Row:
    found = (await connection.execute(_LOCKED, {"id": order})).mappings().one_or_none()
    if found is None or actor.agency not in (found["police_agency"], found["monitoring_agency"]):
        raise NotFound("There is no such order among yours.")
    await refuse_own(connection, actor, (found["offender"], found["victim"]), "There is no such order among yours.")
    if found["ended_at"] is not None:
        raise Conflict("The order has ended; enter a new one.", version=found["version"])
    if found["version"] != version:
        raise Conflict("The order was changed since you read it.", version=found["version"])
    return sealing.opened(connection, "protective_order", found)


async def _replace_places(connection: AsyncConnection, actor: Actor, row: Row, entries: list[PlaceEntry]) -> None:
    # The other agency's places, secret ones among them, are not this agency's to know of or to drop.
    order, known = row["id"], place_kinds(row["regime"])
    for at, entry in enumerate(entries):
        if known and entry.kind not in known:
            told = f"places.{at}.kind: the kind is one of {', '.join(known)}."
            raise Malformed(told, list="places", index=at, field="kind")
        if entry.agency not in (None, str(actor.agency)):
            raise Malformed(f"places.{at}.agency: name your own agency or none.", list="places", index=at)
    own = await standing(connection, "place", {entry.id for entry in entries if entry.id}, actor.agency, 0.0)
    await connection.execute(
        text('DELETE FROM place WHERE "order" = :order AND agency = :agency'), {"order": order, "agency": actor.agency}
    )

    def named(given: UUID | None) -> UUID:
        if given is None:
            return uuid7()
        return given if given in own else scoped(actor.agency, given)

    rows = places([entry.model_copy(update={"id": named(entry.id)}) for entry in entries], order)
    made = [{**row, "agency": actor.agency} for row in rows]
    if made:
        await enter(connection, "place", made, "places", range(len(made)))


async def _places(connection: AsyncConnection, order: UUID) -> list[Row]:
    found = (await connection.execute(_PLACES, {"order": order})).mappings()
    return [sealing.opened(connection, "place", place) for place in found]


def _same_places(before: list[Row], kept: list[Row]) -> bool:
    """Whether the guarded places lie where they lay, whatever they are called now and whenever they count."""
    one, other = ([{name: place[name] for name in _WHERE} for place in places] for places in (before, kept))
    return len(one) == len(other) and all(place in other for place in one)


async def _next_version(connection: AsyncConnection, now: float, row: Row) -> list[Row]:
    json = {"rings_m": tables.as_json(row["rings_m"])}
    await connection.execute(_UPDATE, row | json | {"sealed": sealing.sealed(connection, "protective_order", row)})
    row["version"] += 1
    kept = await _places(connection, row["id"])
    await publish_all_later(connection, [publishing.order_fact(row, kept, now)], now)
    return kept


async def _noted(connection: AsyncConnection, clock: Clock, actor: Actor, kind: str, row: Row) -> int:
    rule = require(actor, Action.REGISTER)
    await ledger.append_many(connection, [order_entry(clock.unix(), kind, actor, row)])
    await register.record(connection, clock, actor, Action.REGISTER, rule.purpose, rule.article, kind, row["id"])
    version: int = row["version"]
    return version
