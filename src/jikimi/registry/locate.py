"""Whose ground a point lies on, and which units are nearest. It must never guess: off every boundary is nobody's.

Boundaries that cross the 180th meridian are split there by their source (RFC 7946 section 3.1.9).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import cos, radians
from typing import Any, Final
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray

from jikimi.kernel.geodesy import distance
from jikimi.registry.model import Jurisdiction, Unit

_EAST: Final = 1e-9
_NORTH: Final = 0.618e-9
"""A tenth of a millimetre off any border, in a direction no surveyor draws."""

_HALF_TURN: Final = 180.0


class Jurisdictions:
    """Boundaries in memory, asked in microseconds; made anew when a source is replaced."""

    def __init__(self, rows: Iterable[Jurisdiction]) -> None:
        self.rows = sorted(rows, key=lambda row: (row.boundary.area, str(row.id)))
        self._shapes: NDArray[np.object_] = np.array([row.boundary for row in self.rows], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def at(self, lon: float, lat: float) -> list[Jurisdiction]:
        """Every jurisdiction that holds the point, smallest area first; empty off all of them.

        A point on a border is judged a hair to the north-east of it, so that of two neighbours one has it; on an outer
        border of its source the smallest that touches it does.
        """
        near = np.sort(self._tree.query(shapely.Point(lon, lat)))
        near = near[shapely.intersects_xy(self._shapes[near], lon, lat)]
        inside = shapely.contains_xy(self._shapes[near], lon, lat)
        if inside.all():
            return [self.rows[place] for place in near]
        beside = shapely.contains_xy(self._shapes[near], lon + _EAST, lat + _NORTH)
        return self._of_borders(near[inside | beside].tolist(), near[~(inside | beside)].tolist())

    def _of_borders(self, held: list[int], touched: list[int]) -> list[Jurisdiction]:
        sources = {_layer(self.rows[place]) for place in held}
        for place in touched:
            if _layer(self.rows[place]) not in sources:
                sources.add(_layer(self.rows[place]))
                held.append(place)
        return [self.rows[place] for place in sorted(held)]


def _layer(row: Jurisdiction) -> tuple[UUID, str]:
    return row.agency, row.source


@dataclass(frozen=True, slots=True)
class NearUnit:
    """A unit with how far it is and how old that knowledge; both None where it never reported a position."""

    unit: Unit
    distance_m: float | None
    age_s: float | None


def nearest_units(
    units: Sequence[Unit], lon: float, lat: float, kind: str | None, limit: int, *, now: float,
    statuses: Collection[str] = ("available", "busy", "off"),
) -> list[NearUnit]:  # fmt: skip
    """Find the ``limit`` units nearest to a point, nearest first; those without a position last, never dropped.

    ``kind`` "police", "probation" or None for either; ``now`` in Unix seconds gives the positions their age.
    """
    shrink = cos(radians(lat)) ** 2
    ranked: list[tuple[bool, float, str, int]] = []
    for place, unit in enumerate(units):
        if (kind is not None and unit.kind != kind) or unit.status not in statuses:
            continue
        east, north = unit.lon, unit.lat
        if east is None or north is None:
            ranked.append((True, 0.0, unit.callsign, place))
            continue
        # Squared degrees are enough to choose a few; exact metres are taken for those alone.
        east = abs(east - lon)
        east = east if east <= _HALF_TURN else 2 * _HALF_TURN - east
        ranked.append((False, east * east * shrink + (north - lat) ** 2, unit.callsign, place))
    chosen = nsmallest(limit, ranked)
    return sorted((_near(units[place], lon, lat, now) for *_, place in chosen), key=_by_distance)


def _near(unit: Unit, lon: float, lat: float, now: float) -> NearUnit:
    away = None if unit.lon is None or unit.lat is None else distance(lon, lat, unit.lon, unit.lat)
    return NearUnit(unit, away, None if unit.position_at is None else max(0.0, now - unit.position_at))


def _by_distance(near: NearUnit) -> tuple[bool, float, str]:
    return near.distance_m is None, near.distance_m or 0.0, near.unit.callsign


def answer(lon: float, lat: float, held: Sequence[Jurisdiction], near: Sequence[NearUnit]) -> dict[str, Any]:
    """Write what `jikimi locate` prints: the smallest jurisdiction at the point, or null, and the nearest units."""
    first = held[0] if held else None
    return {
        "lon": lon,
        "lat": lat,
        "jurisdiction": first and {
            "name": first.name, "station": first.station_name, "agency": first.agency_name, "source": first.source,
            "as_of": first.as_of.isoformat(),
        },
        "units": [
            {
                "id": str(one.unit.id), "callsign": one.unit.callsign, "kind": one.unit.kind, "status": one.unit.status,
                "agency": str(one.unit.agency), "distance_m": _round(one.distance_m), "age_s": _round(one.age_s),
            }
            for one in near
        ],
    }  # fmt: skip


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
