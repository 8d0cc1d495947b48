"""Who is coming nearer, how soon, and what lay between two fixes. It must never take one point for a movement."""

from math import hypot, sqrt

from jikimi.detect.limits import Limits
from jikimi.detect.measure import Measure
from jikimi.detect.pair import Pair
from jikimi.detect.world import World


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


def inside_between(pair: Pair, m: Measure, limits: Limits) -> tuple[float, float]:
    """Seconds within the order's radius on the straight way since the last look, and the least distance on it (m)."""
    before, radius = pair.relative, pair.radii[-2]
    pair.relative = (m.at, m.east_m, m.north_m)
    if before is None or m.distance_m < radius:
        return 0.0, m.distance_m
    took = m.at - before[0]
    if not 0.0 < took <= limits.leg_max_s:
        return 0.0, m.distance_m
    east, north = m.east_m - before[1], m.north_m - before[2]
    way = east * east + north * north
    if way == 0.0:
        return 0.0, m.distance_m
    along = max(0.0, min(1.0, -(before[1] * east + before[2] * north) / way))
    least = hypot(before[1] + along * east, before[2] + along * north)
    if least >= radius:
        return 0.0, least
    across = -(before[1] * east + before[2] * north) / way
    off = hypot(before[1] + across * east, before[2] + across * north)
    half = sqrt(max(0.0, radius * radius - off * off) / way)
    first, last = max(0.0, across - half), min(1.0, across + half)
    return max(0.0, last - first) * took, least
