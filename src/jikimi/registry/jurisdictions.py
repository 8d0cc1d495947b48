"""Whose ground is whose, from official files into the record. It must never mix two editions of one source."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from shapely.geometry import shape
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Forbidden, Malformed
from jikimi.kernel.ids import derived
from jikimi.ledger import rows as ledger
from jikimi.registry import boundaries, tables
from jikimi.registry.fields import LONGEST_LIST, misfit
from jikimi.registry.locate import Jurisdictions, answer, nearest_units
from jikimi.registry.model import Jurisdiction, Loaded, Source
from jikimi.registry.reading import Desk, all_units, looked, seen_units
from jikimi.registry.tables import Row
from jikimi.share import register
from jikimi.share.policy import Action, purpose_of, require
from jikimi.store.database import Database

_LONGEST_NAME: Final = 200
_NEAREST: Final = 5
_SELECT: Final = """
SELECT j.id, j.name, j.agency, j.source, j.as_of, j.boundary, j.station, a.name AS agency_name, s.name AS station_name
FROM jurisdiction j JOIN agency a ON a.id = j.agency LEFT JOIN station s ON s.id = j.station
"""
_ALL: Final = text(_SELECT)
_AROUND: Final = text(_SELECT + " WHERE :lon BETWEEN j.west AND j.east AND :lat BETWEEN j.south AND j.north")
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 0))")
_REPLACED: Final = text("""
DELETE FROM jurisdiction WHERE source = :source AND (CAST(:agency AS uuid) IS NULL OR agency = CAST(:agency AS uuid))
""")


async def import_jurisdictions(
    database: Database, clock: Clock, actor: Actor | None, collection: Mapping[str, Any], source: Source
) -> Loaded:
    """Put a FeatureCollection (RFC 7946) in the place of everything its source gave before, in one transaction.

    ``actor`` None is the installation's operator, who replaces all agencies' of that source; a registrar replaces the
    own agency's. Raises Malformed naming list ``features``, index and field.
    """
    rule = require(actor, Action.REGISTER) if actor else None
    features = _features(collection)
    async with database.transaction() as connection:
        owners = await _Owners.load(connection, actor.agency if actor else None, source)
        rows = await asyncio.to_thread(_rows, features, owners, source)
        # Two editions of one source at once: the second waits, and then replaces the first.
        await connection.execute(_LOCK, {"source": source.name})
        gone = await connection.execute(_REPLACED, {"source": source.name, "agency": actor.agency if actor else None})
        await tables.insert(connection, "jurisdiction", rows)
        await ledger.append(
            connection, clock.unix(), "jurisdictions_loaded", account=actor.account if actor else None, count=len(rows)
        )
        if actor and rule:
            await register.record(
                connection, clock, actor, Action.REGISTER, rule.purpose, rule.article, "jurisdictions", None
            )
    return Loaded(len(rows), gone.rowcount)


def _features(collection: Mapping[str, Any]) -> list[Any]:
    features = collection.get("features")
    if collection.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise Malformed("A GeoJSON FeatureCollection is asked for.", field="type")
    if not 0 < len(features) <= LONGEST_LIST:
        raise Malformed(f"A FeatureCollection holds 1 to {LONGEST_LIST} features.", field="features")
    return features


class _Owners:
    """Agencies and stations a feature may name, by id and by name."""

    def __init__(self, agencies: Sequence[Any], stations: Sequence[Any], actor: UUID | None, source: Source) -> None:
        self.agencies = {key: row.id for row in agencies for key in (str(row.id), row.name)}
        self.stations = {(row.agency, key): row.id for row in stations for key in (str(row.id), row.name)}
        self.actor, self.default = actor, source.agency

    @staticmethod
    async def load(connection: AsyncConnection, actor: UUID | None, source: Source) -> "_Owners":
        agencies = (await connection.execute(text("SELECT id, name FROM agency"))).all()
        stations = (await connection.execute(text("SELECT id, agency, name FROM station"))).all()
        return _Owners(agencies, stations, actor, source)

    def agency(self, named: object, index: int) -> UUID:
        wanted = named if named is not None else self.default
        found = self.actor if wanted is None else self.agencies.get(str(wanted))
        if found is None:
            raise misfit("features", index, "properties.agency", "there is no agency of that id or name")
        if self.actor not in (None, found):
            raise Forbidden(f"features.{index}: you register for your own agency only.", list="features", index=index)
        return found

    def station(self, named: object, agency: UUID, index: int) -> UUID | None:
        found = None if named is None else self.stations.get((agency, str(named)))
        if named is not None and found is None:
            raise misfit("features", index, "properties.station", "the agency has no station of that id or name")
        return found


def _rows(features: list[Any], owners: _Owners, source: Source) -> list[Row]:
    rows: list[Row] = []
    seen: dict[tuple[UUID, str], int] = {}
    for index, feature in enumerate(features):
        row = _row(feature, index, owners, source)
        nth = seen[row["agency"], row["name"]] = seen.get((row["agency"], row["name"]), -1) + 1
        rows.append({"id": derived("jurisdiction", row["agency"], source.name, row["name"], nth), **row})
    return rows


def _row(feature: Any, index: int, owners: _Owners, source: Source) -> Row:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or feature.get("type") != "Feature":
        raise misfit("features", index, "properties", "a GeoJSON Feature with properties is asked for")
    name = properties.get(source.name_property)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise misfit("features", index, "properties.name", f"a text of 1 to {_LONGEST_NAME} characters is asked for")
    agency = owners.agency(properties.get("agency"), index)
    try:
        boundary = boundaries.read(feature.get("geometry"))
    except ValueError as error:
        raise misfit("features", index, "geometry", str(error)) from None
    west, south, east, north = boundary.bounds
    return {
        "agency": agency, "station": owners.station(properties.get("station"), agency, index), "name": name,
        "source": source.name, "as_of": source.as_of, "boundary": boundaries.write(boundary), "west": west,
        "south": south, "east": east, "north": north,
    }  # fmt: skip


async def all_jurisdictions(connection: AsyncConnection) -> Jurisdictions:
    """Every boundary, ready to be asked; for services, which keep them in memory."""
    return _ready((await connection.execute(_ALL)).mappings().all())


def _ready(rows: Sequence[Any]) -> Jurisdictions:
    return Jurisdictions(Jurisdiction(**{**row, "boundary": shape(row["boundary"])}) for row in rows)


async def locate(desk: Desk, actor: Actor | None, lon: float, lat: float) -> dict[str, Any]:
    """Whose ground a point is and which units are nearest, as ``locate.answer`` writes it.

    ``actor`` None is the installation's operator, who sees all units; the point itself is not put on record.
    """
    if actor:
        await looked(desk, actor, Action.LOCATE, "locate")
    database = desk.people if actor else desk.service
    who = (actor.agency, actor.account, purpose_of(actor)) if actor else ()
    async with database.transaction(*who) as connection:
        around = (await connection.execute(_AROUND, {"lon": lon, "lat": lat})).mappings().all()
        units = [] if actor else await all_units(connection)
    if actor:
        units = await seen_units(desk, actor)
    near = nearest_units(units, lon, lat, None, _NEAREST, now=desk.clock.unix(), statuses=("available", "busy"))
    return answer(lon, lat, _ready(around).at(lon, lat), near)
