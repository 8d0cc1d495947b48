"""Where somebody would give a secret place away by standing there. It must never say that anybody is at one, but to keep where
they are from being told.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.geodesy import METRES_PER_DEGREE, distance
from jikimi.registry.model import SecretPlace, Unit
from jikimi.registry.responding import secret_places

_BLUR: Final = 3.0
"""Deviations of a position within which it still gives the place away."""
_SENT: Final = text("""
SELECT u.id, s.victim FROM unnest(CAST(:units AS uuid[])) AS u (id) CROSS JOIN LATERAL sent_for(u.id) AS s (victim)
""")


def shows(place: SecretPlace, lon: float, lat: float, sigma_m: float) -> bool:
    """Whether a position lies so near a secret place that it would be found by it."""
    reach = place.margin_m + _BLUR * sigma_m
    if place.polygon is not None:
        ground = shapely.Polygon(place.polygon[0], place.polygon[1:])
        # Degrees of longitude are shorter than of latitude: measured with these, too much is hidden rather than too little.
        return bool(ground.distance(shapely.Point(lon, lat)) * METRES_PER_DEGREE * 0.5 <= reach)
    if place.lon is None or place.lat is None or place.radius_m is None:
        return True  # a secret place whose shape nobody can read may be anywhere
    return distance(place.lon, place.lat, lon, lat) <= place.radius_m + reach


async def at_secrets(connection: AsyncConnection, reader: UUID, units: Iterable[Unit]) -> set[UUID]:
    """Which of these units, sent for somebody, have reached a secret place of theirs that is not the reading agency's; asked
    with a service's connection.
    """
    placed = {unit.id: unit for unit in units if unit.lon is not None}
    sent = {(row.id, row.victim) for row in await connection.execute(_SENT, {"units": list(placed)})}
    places = await secret_places(connection, {victim for _, victim in sent}) if sent else []
    return {
        unit for unit, victim in sent for place in places
        if place.victim == victim and place.agency != reader and _at(place, placed[unit])
    }  # fmt: skip


def _at(place: SecretPlace, unit: Unit) -> bool:
    return unit.lon is not None and unit.lat is not None and shows(place, unit.lon, unit.lat, unit.sigma_m or 0.0)
