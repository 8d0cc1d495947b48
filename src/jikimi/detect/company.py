"""Two people moving as one, staying near, or passing again and again. It must never be taken for peace.

Moving together is abduction or coercion until somebody has looked (A10); staying near and passing often are for the
record and a task (A19).
"""

from bisect import bisect_left
from math import cos, hypot, sqrt
from operator import itemgetter
from typing import Final

from jikimi.detect import alerts
from jikimi.detect.limits import DANGER, WATCH
from jikimi.detect.measure import Measure
from jikimi.detect.pair import Pair, Trail
from jikimi.detect.track import Subject, turned
from jikimi.detect.world import World
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN, distance, offset

TOGETHER: Final = "A10"
_PASSES: Final = 8
"""Most passes remembered of a pair; a bound on memory, not a rule."""


def together(world: World, pair: Pair, o: Subject, v: Subject, m: Measure) -> None:  # noqa: C901 - one look in its order
    """A10 when the two have gone the same way, side by side, for long enough."""
    rule, (his, hers) = world.rules.company, pair.trails or ([], [])
    look = _at_once(his, hers, rule.lag_s)
    if look is None:
        return
    apart_m, unseen_m = look
    close_m = max(rule.within_m, world.rules.exit.sigmas * hypot(o.sigma, v.sigma))
    blur = max(close_m, unseen_m)
    if apart_m > blur:
        if apart_m > _APART * blur or pair.together is None:
            _apart(world, pair, m)
        return
    leg = pair.leg
    if leg is None:
        leg = pair.leg = _begun(o, v, m.at, m.at)
    if _gone(world, leg, o, v):
        origin = leg[_ORIGIN:] if pair.together is not None else [leg[3], leg[4], leg[6], leg[7]]
        pair.together = leg[0] if pair.together is None else pair.together
        leg = pair.leg = _begun(o, v, m.at, m.at, origin)
    elif _still(world, leg, o, v):
        leg = pair.leg = _begun(o, v, m.at, leg[1], leg[_ORIGIN:])
    if pair.together is None:
        return
    if m.at - leg[1] > rule.after_s:
        _apart(world, pair, m)
        return
    if not _beside(his, hers, close_m) or not _travelled(world, leg, o, v):
        return
    pair.attribution = "CO_MOVING"
    if leg[1] - pair.together >= rule.after_s and TOGETHER not in pair.open:
        reason = alerts.grounds(world, "A10", "co-moving", together_s=leg[1] - pair.together, speed_mps=o.speed)
        alerts.begin(world, pair, "A10", TOGETHER, (o.id, v.id, pair.together), m.at, reason)


def _at_once(his: Trail, hers: Trail, lag_s: float) -> tuple[float, float] | None:
    """How far apart they were at the older of their last fixes, and what stops between fixes may hide of that (m).

    None while who is newer has no fix before that one: where they were then is not known yet.
    """
    late, early = (his, hers) if his and (not hers or his[-1][0] >= hers[-1][0]) else (hers, his)
    if not early or len(late) < _LEG or late[-2][0] > early[-1][0]:
        return None
    (since, lon, lat, _), (until, to_lon, to_lat, _), (t, at_lon, at_lat, _) = late[-2], late[-1], early[-1]
    speed = distance(lon, lat, to_lon, to_lat) / (until - since)
    then_lon, then_lat = _place(late, t)
    return distance(then_lon, then_lat, at_lon, at_lat), speed * min(t - since, until - t, lag_s)


def _place(trail: Trail, t: float) -> tuple[float, float]:
    """Longitude and latitude on a trail of at least two fixes at ``t``, which it reaches."""
    last = max(1, bisect_left(trail, t, key=_time))
    (since, lon, lat, _), (until, to_lon, to_lat, _) = trail[last - 1 : last + 1]
    share = (t - since) / (until - since)
    return lon + turned(to_lon - lon) * share, lat + (to_lat - lat) * share


def _offsets(one: Trail, other: Trail) -> list[tuple[float, float]]:
    """Where the other was from each fix of one (m east and north), as far as both are known."""
    known = (fix for fix in one if len(other) >= _LEG and other[0][0] <= fix[0] <= other[-1][0])
    return [offset(lon, lat, *_place(other, t)) for t, lon, lat, _ in known]


_time: Final = itemgetter(0)
_LEG: Final = 2
"""Fixes a way has."""
_ORIGIN: Final = 8
"""Where the places begin in a leg from which both went together first."""
_JUMPS: Final = 2.0
"""No rule: a jump there and one back."""
_MEAN: Final = 2.0
"""Deviations of a mean that chance explains; no rule of its own, the rules' errors are taken twice too."""


def _beside(his: Trail, hers: Trail, close_m: float) -> bool:
    """Whether at each other's times they were in one place on the whole: who follows at a distance is behind at every look.

    Between two fixes somebody stops and starts, which is as often ahead as behind.
    """
    looks = [*_offsets(his, hers), *((-east, -north) for east, north in _offsets(hers, his))]
    n = max(1, len(looks))
    east, north = sum(look[0] for look in looks) / n, sum(look[1] for look in looks) / n
    spread = sum((x - east) ** 2 + (y - north) ** 2 for x, y in looks) / n
    return hypot(east, north) <= close_m + _MEAN * sqrt(spread / n)


_APART: Final = 3.0
"""No rule: one wild fix of two who go side by side does not begin their way anew."""


def _begun(o: Subject, v: Subject, at: float, seen: float, origin: list[float] | None = None) -> list[float]:
    """A leg from where both are: when it began, when they were last seen to go together, both with their times, and whence
    they went together first.
    """
    return [at, seen, o.t, o.lon, o.lat, v.t, v.lon, v.lat, *(origin or (o.lon, o.lat, v.lon, v.lat))]


def _travelled(world: World, leg: list[float], o: Subject, v: Subject) -> bool:
    """Whether both are farther from there than their errors can jump: of many legs of two at rest, one looks like a way."""
    lon, lat, her_lon, her_lat = leg[_ORIGIN:]
    least = min(distance(lon, lat, o.lon, o.lat), distance(her_lon, her_lat, v.lon, v.lat))
    return least > _JUMPS * _noise(world, o, v)


def _gone(world: World, leg: list[float], o: Subject, v: Subject) -> bool:
    """Whether both left their errors behind on this leg, each at a walk or more and the same way."""
    rule = world.rules.company
    if _took(leg, o, v) < rule.leg_s:
        return False
    (east, north), (by_east, by_north) = _velocity(leg[2:5], o), _velocity(leg[5:8], v)
    his, hers = hypot(east, north), hypot(by_east, by_north)
    noise = _noise(world, o, v)
    if min(his, hers) < rule.min_mps or his * (o.t - leg[2]) <= noise or hers * (v.t - leg[5]) <= noise:
        return False
    return hypot(east - by_east, north - by_north) <= rule.ratio * max(his, hers)


def _still(world: World, leg: list[float], o: Subject, v: Subject) -> bool:
    """Whether the leg was long enough to show the slowest that counts as going: a leg of ten seconds is all error."""
    rule = world.rules.company
    return _took(leg, o, v) >= max(rule.leg_s, _noise(world, o, v) / rule.min_mps)


def _took(leg: list[float], o: Subject, v: Subject) -> float:
    return min(o.t - leg[2], v.t - leg[5])


def _noise(world: World, o: Subject, v: Subject) -> float:
    return world.rules.motion.leg_sigmas * hypot(1.0, 1.0) * max(o.sigma, v.sigma)


def _velocity(since: list[float], to: Subject) -> tuple[float, float]:
    """Metres a second east and north from where somebody was (time, degrees)."""
    t, lon, lat = since
    took = (to.t - t) / METRES_PER_DEGREE
    return turned(to.lon - lon) * cos(to.lat * RADIAN) / took, (to.lat - lat) / took


def _apart(world: World, pair: Pair, m: Measure) -> None:
    pair.together = pair.leg = None
    if m.distance_m > world.rules.company.within_m + world.rules.exit.margin_m:
        alerts.end(world, pair, TOGETHER, m.at)


def came(world: World, pair: Pair) -> bool:
    """Whether he himself has come nearer to where she is now: by where he was up to a while ago, not by a speed of a moment."""
    o, v = pair.offender, pair.victim
    then = o.past.since(o.t - world.rules.company.parked_s) if o.past is not None else None
    if v is None or then is None:
        return False
    nearer = distance(then.lon, then.lat, v.lon, v.lat) - distance(o.lon, o.lat, v.lon, v.lat)
    return nearer > max(world.rules.exit.margin_m, world.rules.exit.sigmas * hypot(o.sigma, then.sigma))


def linger(world: World, pair: Pair, m: Measure) -> None:
    """A19 when he came near and stays parked there, without going on to her."""
    rule = world.rules.company
    if not WATCH <= pair.ring <= DANGER or pair.offender.speed > 0.0:
        pair.parked = None
        return
    if pair.parked is None:
        pair.nearer = pair.came = pair.nearer or came(world, pair)
        pair.parked = m.at if pair.came else None
        return
    if m.at - pair.parked >= rule.parked_s and "A19" not in pair.open:
        reason = alerts.grounds(world, "A19", "loitering", parked_s=m.at - pair.parked, ring=pair.ring)
        alerts.begin(world, pair, "A19", "A19", (pair.offender.id, "parked", pair.parked), m.at, reason)


def passed(world: World, pair: Pair, at: float) -> None:
    """Note that he came within the DANGER ring; the n-th time in so many days is A19."""
    rule = world.rules.company
    kept = [t for t in pair.passes if at - t <= rule.passes_s]
    pair.passes = [*kept[1 - _PASSES :], at]
    if len(pair.passes) == rule.passes:
        reason = alerts.grounds(world, "A19", "repeated-pass", passes=len(pair.passes), within_s=rule.passes_s)
        alerts.write(world, pair, "A19", (pair.offender.id, "passes", pair.passes[0]), at, reason)
