"""Who is coming nearer, how soon, and what lay between two fixes. It must never take one point for a movement."""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from math import cos, hypot, sqrt
from operator import itemgetter
from typing import Final

from jikimi.detect.limits import BREACH, Limits
from jikimi.detect.measure import Measure
from jikimi.detect.pair import Pair, Trail
from jikimi.detect.track import Subject, turned
from jikimi.detect.world import World
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN


def contact_in(m: Measure, world: World) -> float | None:
    """Seconds until they meet if both go on, or None if they are not closing."""
    rule = world.rules.closing
    return m.distance_m / max(m.closing, rule.walk_mps) if m.closing >= rule.min_mps else None


def coming(world: World, pair: Pair, m: Measure, mover: float) -> bool:
    """Whether an approach is confirmed: so many points of a mover that closes and would pass near.

    ``mover``: the reporting party's own closing speed; a fix of somebody standing still confirms nothing.
    """
    rule = world.rules.closing
    if m.closing < rule.min_mps or m.miss_m > rule.miss_ratio * m.distance_m:
        pair.closing = 0
    elif mover >= 0.5 * m.closing and m.at > pair.closing_t:
        pair.closing, pair.closing_t = min(pair.closing + 1, rule.points), m.at
    return pair.closing >= rule.points


def soon(world: World, m: Measure) -> bool:
    """Whether they meet within the horizon; slower than walking it is the distance that counts."""
    rule = world.rules.closing
    return m.closing > rule.walk_mps and m.distance_m < rule.horizon_s * m.closing


def inside_between(world: World, pair: Pair, m: Measure, subject: Subject) -> tuple[float, Measure]:
    """Seconds within the order's radius on the straight way of ``subject`` from their own fix before, and its nearest point.

    The other goes from fix to fix meanwhile, so that who reports every ten seconds cuts nobody's way short. What was known in a
    breach, or before the orders were these, is no other breach.
    """
    limits, radius = world.limits, pair.radii[BREACH]
    trails = pair.trails = pair.trails or [[], []]
    side = 0 if subject is pair.offender else 1
    mine = follow(trails[side], subject, limits)
    if pair.ring >= BREACH:
        pair.within_t = m.at
        return 0.0, m
    # asked at every look of those who are near: most ways are too short for it, or nowhere near enough
    if m.distance_m < radius or len(mine) < _LEG:
        return 0.0, m
    start, end = mine[-2], mine[-1]
    if not world.rules.closing.cross_s <= end[0] - start[0] <= limits.leg_max_s:
        return 0.0, m
    them = pair.victim if side == 0 and pair.victim is not None else pair.offender
    other = follow(trails[1 - side], them, limits)
    since = max(start[0], other[0][0], pair.within_t, pair.arming.since)
    gone = _round(start, end) + max([_round(node, other[-1]) for node in other]) + them.speed * abs(end[0] - them.t)
    if m.distance_m > radius + gone:
        return 0.0, m
    carried = (m.east_m, m.north_m) if side == 0 else (-m.east_m, -m.north_m)
    within_s, least, sigma = 0.0, m.distance_m, m.sigma_m
    for a, b in pairwise(_seen(start, end, other, since, carried)):
        inside_s, away = _inside(a, b, radius)
        within_s += inside_s
        if away < least:
            least, sigma = away, max(m.sigma_m, a[3], b[3])
    return within_s, m.nearest(least, sigma) if within_s > 0.0 else m


Node = tuple[float, float, float, float]
"""A fix of a trail, or a place on the way as seen from the other: time, longitude or metres east, latitude or north, sigma."""
_LEG: Final = 2
"""Fixes a way has."""


def _round(a: Node, b: Node) -> float:
    """Metres that two fixes are apart at most; what costs nothing to ask."""
    return METRES_PER_DEGREE * (abs(a[1] - b[1]) + abs(a[2] - b[2]))


def follow(trail: Trail, one: Subject, limits: Limits) -> Trail:
    """The fixes of one of the two, this one among them, as far back as a way between two fixes may reach."""
    t = one.t
    if not trail or t > trail[-1][0]:
        trail.append((t, one.lon, one.lat, one.sigma))
        while len(trail) > _LEG and trail[1][0] < t - limits.leg_max_s:
            del trail[0]
    return trail


def _seen(start: Node, end: Node, other: Trail, since: float, carried: tuple[float, float]) -> list[Node]:
    """The other as seen from who went straight from ``start`` to ``end``, from ``since`` on: time, metres east and north, sigma.

    ``carried``: where the other is thought to be at the end, if their last fix is older.
    """
    t, lon, lat, sigma = end
    if since >= t:
        return []
    first = max(0, bisect_right(other, since, key=_time) - 1)
    kx = METRES_PER_DEGREE * cos(lat * RADIAN)
    way = [
        (node[0], turned(node[1] - lon) * kx, (node[2] - lat) * METRES_PER_DEGREE, node[3])
        for node in other[first : bisect_left(other, t, key=_time) + 1]
    ]
    if way[-1][0] < t:
        way.append((t, carried[0], carried[1], way[-1][3]))
    way[0], way[-1] = _at(way[0], way[1], since), _at(way[-2], way[-1], t)
    east, north = turned(start[1] - lon) * kx, (start[2] - lat) * METRES_PER_DEGREE
    err, took = max(start[3], sigma), t - start[0]
    return [(at, x - east * (t - at) / took, y - north * (t - at) / took, hypot(err, own)) for at, x, y, own in way]


_time: Final = itemgetter(0)


def _at(a: Node, b: Node, t: float) -> Node:
    """The point of the way from ``a`` to ``b`` at ``t``, with the larger error of both."""
    share = (t - a[0]) / (b[0] - a[0])
    return t, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share, max(a[3], b[3])


def _inside(a: Node, b: Node, radius: float) -> tuple[float, float]:
    """Seconds within the radius between two looks, and the least distance (m)."""
    east, north = b[1] - a[1], b[2] - a[2]
    way = east * east + north * north
    if way == 0.0:
        least = hypot(a[1], a[2])
        return (b[0] - a[0] if least < radius else 0.0), least
    across = -(a[1] * east + a[2] * north) / way
    along = max(0.0, min(1.0, across))
    least = hypot(a[1] + along * east, a[2] + along * north)
    if least >= radius:
        return 0.0, least
    off = hypot(a[1] + across * east, a[2] + across * north)
    half = sqrt(max(0.0, radius * radius - off * off) / way)
    first, last = max(0.0, across - half), min(1.0, across + half)
    return max(0.0, last - first) * (b[0] - a[0]), least
