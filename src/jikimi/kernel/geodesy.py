"""Distances on the Earth, good to what a fix is good to. It must never be used for land surveying.

Two models: the mean-radius sphere (haversine, within 0.56 % of the WGS84 ellipsoid anywhere) and a plane touching it
at a latitude. On the plane at the middle latitude a distance ``d`` differs from the sphere's by at most
``d**3 / (8 * R**2) * (1 + tan(lat)**2)`` (below 1 mm at 2 km and 37 degrees); with the latitude of one end instead,
by at most ``d**2 * tan(lat) / (2 * R)`` (0.24 m at 2 km, 1.5 m at 5 km), which is what bounds are taken with.
"""

from math import asin, cos, hypot, radians, sin, sqrt
from typing import Final

from jikimi.kernel.units import Degrees, Metres

EARTH_M: Final = 6371008.8
"""Mean radius of the Earth, (2a + b) / 3 of WGS84 (IUGG)."""
RADIAN: Final = radians(1.0)
METRES_PER_DEGREE: Final = EARTH_M * RADIAN
"""Along a meridian of the mean-radius sphere."""


def haversine(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> Metres:
    """Great-circle distance between two points in degrees."""
    half_lat = sin((lat_b - lat_a) * RADIAN / 2)
    half_lon = sin((lon_b - lon_a) * RADIAN / 2)
    chord = half_lat * half_lat + cos(lat_a * RADIAN) * cos(lat_b * RADIAN) * half_lon * half_lon
    return Metres(2 * EARTH_M * asin(min(1.0, sqrt(chord))))


def turn(dlon: float) -> Degrees:
    """A difference of longitudes brought into [-180, 180], so that the date line is no distance."""
    if dlon > 180.0:
        return Degrees(dlon - 360.0)
    if dlon < -180.0:
        return Degrees(dlon + 360.0)
    return Degrees(dlon)


def offset(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> tuple[float, float]:
    """Metres east and north from a to b on the plane at their middle latitude."""
    east = turn(lon_b - lon_a) * METRES_PER_DEGREE * cos((lat_a + lat_b) * 0.5 * RADIAN)
    return east, (lat_b - lat_a) * METRES_PER_DEGREE


def distance(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> Metres:
    """Plane distance between two points in degrees; the error is stated at the top of this module."""
    east, north = offset(lon_a, lat_a, lon_b, lat_b)
    return Metres(hypot(east, north))


def shifted(lon: float, lat: float, east_m: float, north_m: float) -> tuple[float, float]:
    """The point ``east_m`` and ``north_m`` metres from (lon, lat), in degrees."""
    north = lat + north_m / METRES_PER_DEGREE
    east = lon + east_m / (METRES_PER_DEGREE * max(1e-9, cos((lat + north) * 0.5 * RADIAN)))
    return turn(east), north


def point_to_segment(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> Metres:
    """Least distance of a point from a segment, all on one plane in metres."""
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    if length2 == 0.0:
        return Metres(hypot(px - ax, py - ay))
    along = max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length2))
    return Metres(hypot(px - ax - along * dx, py - ay - along * dy))


def _side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


def segments_cross(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    """Whether segment ab properly crosses segment cd on one plane; touching ends are left to the distance."""
    first = _side(*a, *b, *c) * _side(*a, *b, *d)
    second = _side(*c, *d, *a) * _side(*c, *d, *b)
    return first < 0.0 and second < 0.0


def closest_approach(rx: float, ry: float, wx: float, wy: float, within_s: float) -> tuple[Metres, float]:
    """Least separation (m) and its moment (s, up to ``within_s``) for relative position r and velocity w."""
    speed2 = wx * wx + wy * wy
    moment = 0.0 if speed2 == 0.0 else max(0.0, min(within_s, -(rx * wx + ry * wy) / speed2))
    return Metres(hypot(rx + wx * moment, ry + wy * moment)), moment
