"""Guarded places: homes, schools, shelters, exclusion zones. It must never give away where one is.

Only opaque ids leave this module. Distances are to the guarded edge: below 0 is inside.
"""

from itertools import pairwise
from math import ceil, dist, hypot, inf, sqrt
from typing import Final

from jikimi.detect.facts import Place
from jikimi.detect.probability import Threshold
from jikimi.detect.settle import Proof
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN, offset, point_to_segment, segments_cross, turn

Point = tuple[float, float]


class Zone:
    """A place ready to be measured: a circle, a polygon with holes, or a line, the latter two widened by a margin."""

    __slots__ = ("banned", "id", "lat", "line", "lon", "margin", "place", "plane")

    def __init__(self, place: Place, banned: bool, around_m: float = 0.0) -> None:  # noqa: FBT001 - a kind of place
        """``around_m``: metres of the ban around a place drawn as it stands, if its own margin says nothing."""
        self.place, self.id, self.banned = place, place.id, banned
        self.plane: list[list[Point]] | None = None
        self.line: list[Point] | None = None
        if place.line is not None:
            self.lon, self.lat = place.line[0]
            self.margin = place.margin_m or around_m
            self.line = _drawn(self.lon, self.lat, place.line)
        elif place.polygon is None:
            self.lon, self.lat = place.lon or 0.0, place.lat or 0.0
            self.margin = place.radius_m or 0.0
        else:
            self.lon, self.lat = place.polygon[0][0]
            self.margin = place.margin_m or around_m
            self.plane = [_drawn(self.lon, self.lat, [*ring, ring[0]])[:-1] for ring in place.polygon]

    @property
    def secret(self) -> bool:
        """Whether not even a distance to it may be told."""
        return self.place.secret or self.place.kind == "shelter"

    def edge(self, lon: float, lat: float) -> float:
        """Metres from (lon, lat) to the guarded edge, negative inside."""
        x, y = offset(self.lon, self.lat, lon, lat)
        if self.line is not None:
            return min(point_to_segment(x, y, *a, *b) for a, b in pairwise(self.line)) - self.margin
        if self.plane is None:
            return hypot(x, y) - self.margin
        away = min(_to_ring((x, y), ring) for ring in self.plane)
        inside = sum(_holds(ring, x, y) for ring in self.plane) % 2 == 1
        return (-away if inside else away) - self.margin

    def nearest(self, a: Point, b: Point) -> float:
        """Least metres from the segment a-b (degrees) to the guarded edge; at most 0 if it runs inside."""
        start, stop = offset(self.lon, self.lat, *a), offset(self.lon, self.lat, *b)
        if self.line is not None:
            return _to_line(start, stop, self.line) - self.margin
        if self.plane is None:
            return point_to_segment(0.0, 0.0, *start, *stop) - self.margin
        ends = min(self.edge(*a), self.edge(*b))
        if any(_crosses(start, stop, ring) for ring in self.plane):
            return min(ends, -self.margin)
        corners = min(point_to_segment(*corner, *start, *stop) for ring in self.plane for corner in ring)
        return min(ends, corners - self.margin)

    def depth(self) -> float:
        """Metres that some point of it is certainly within its edge."""
        return self.margin + (0.0 if self.plane is None else _deep(self.plane))

    def within(self, threshold: Threshold, edge: float, beyond: float, sigma: float) -> bool:
        """Whether P(within ``beyond`` metres of the edge) reaches the threshold; all but a circle is a half-plane."""
        if self.plane is None and self.line is None:
            radius = self.margin + beyond
            return radius > 0.0 and threshold.met(edge + self.margin, radius, sigma)
        return threshold.met_edge(edge - beyond, sigma)


def _drawn(lon: float, lat: float, corners: list[Point]) -> list[Point]:
    """A line (degrees) on the plane around (lon, lat), in metres.

    What is straight in degrees (RFC 7946, 3.1.1) is bent on that plane by so much of the Earth's curvature: a long side is drawn in
    as many parts as keep that below ``_BEND_M``, a short one in one.
    """
    drawn = [offset(lon, lat, *corners[0])]
    for a, b in pairwise(corners):
        east, north = turn(b[0] - a[0]), b[1] - a[1]
        far = max(abs(turn(a[0] - lon)), abs(turn(b[0] - lon)))
        bend = METRES_PER_DEGREE * RADIAN / 8.0 * (abs(east * north) + far * north * north / 4.0)
        parts = max(1, ceil(sqrt(bend / _BEND_M)))
        way = [(a[0] + east * part / parts, a[1] + north * part / parts) for part in range(1, parts)]
        drawn += [offset(lon, lat, *corner) for corner in (*way, b)]
    return drawn


_BEND_M: Final = 1.0
"""No rule: how finely a border is drawn, far below what any fix is good to."""


def _to_line(a: Point, b: Point, line: list[Point]) -> float:
    """Least metres between the segment a-b and a line."""
    if any(segments_cross(a, b, c, d) for c, d in pairwise(line)):
        return 0.0
    ends = [point_to_segment(*end, *c, *d) for end in (a, b) for c, d in pairwise(line)]
    return min(*ends, *(point_to_segment(*corner, *a, *b) for corner in line))


def _sides(ring: list[Point]) -> list[tuple[Point, Point]]:
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def _area(ring: list[Point]) -> float:
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in _sides(ring))) / 2.0


def _deep(rings: list[list[Point]]) -> float:
    """The area of the largest ring less its holes, by the length of its borders: no shape is less deep than that (m)."""
    largest = max(rings, key=_area)
    holes = [ring for ring in rings if ring is not largest and _holds(largest, *ring[0])]
    border = sum(dist(a, b) for ring in (largest, *holes) for a, b in _sides(ring))
    return (_area(largest) - sum(map(_area, holes))) / max(border, 1.0)


def _to_ring(at: Point, ring: list[Point]) -> float:
    return min(point_to_segment(*at, *a, *b) for a, b in _sides(ring))


def _crosses(a: Point, b: Point, ring: list[Point]) -> bool:
    return any(segments_cross(a, b, c, d) for c, d in _sides(ring))


def _holds(ring: list[Point], x: float, y: float) -> bool:
    """Even-odd rule."""
    odd = False
    for (ax, ay), (bx, by) in _sides(ring):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


AWAY: Final = 0
NEAR: Final = 1
INSIDE: Final = 2
"""Levels of a guard: outside everything, within the notice distance, inside."""


class Guard:
    """One place of one pair: how near he is, and since when he is outside again."""

    __slots__ = (
        "alone", "bound", "gone", "ground", "here", "hers", "key", "late", "left", "level", "outside", "paused", "proof", "room",
        "since", "stood", "told", "zone",
    )  # fmt: skip

    def __init__(self, zone: Zone, key: str) -> None:
        self.zone, self.key = zone, key
        self.level = AWAY
        self.outside: list[float | None] = [None, None, None]
        self.left = [-inf, -inf, -inf]
        """When each level was last let go."""
        self.proof: Proof | None = None
        self.bound = False
        """Whether it bound at the last look."""
        self.alone = False
        """It was entered while she was surely elsewhere, and told as that."""
        self.told, self.hers = -inf, False
        """When it was last told, and whether she was within his reach there then."""
        self.here = -inf
        """When anything of him was last inside."""
        self.gone = 0
        """He was on the other side of the edge since then."""
        self.stood: list[float] | None = None
        """Where he was then: longitude, latitude, points; of an area the place alone, until he has moved."""
        self.since: float | None = None
        """Since when he is there, by more than an error can make of one who stands at the edge."""
        self.paused: list[float] | None = None
        """Since when he is in a corridor through it; when he last got on there, and where."""
        self.room: tuple[float, float, float] | None = None
        """Where he was inside an area, and metres from there within which he still is; a cache."""
        self.ground: list[float] | None = None
        """The same of his settled fixes, and no cache: it takes part in what the settled lane passes over."""
        self.late: list[tuple[float, float]] = []
        """Stays told in retrospect."""
