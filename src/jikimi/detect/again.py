"""Whether nearness that was told is news again. It must never take a receiver's noise for somebody who left and came back.

Nor rest for absence: whoever stepped out of the radius for hours, walked away or was lost from sight is told of when back.
"""

from math import inf, sqrt
from typing import Final

from jikimi.detect.limits import BREACH
from jikimi.detect.measure import Measure
from jikimi.detect.pair import GONE, HERE, LEFT, NOTHING, Pair
from jikimi.detect.rules import Again
from jikimi.detect.track import Spot, Subject, turned
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_LOGIT: Final = 1.702
"""The logistic function is the normal distribution's to 0.01 at this scale."""
_HIS: Final = 0
_HERS: Final = 2
_APART: Final = 4
_NEAR: Final = 5
_NEARER: Final = 6
"""What points may show, by its place in ``Pair.lasting``."""


def stand(world: World, pair: Pair) -> None:
    """Keep where both are as nearness is told; nobody has left since."""
    pair.left, pair.lean, pair.walked = HERE, world.rules.again.lean, False
    pair.stood = [part for one in pair.parties() for part in (one.lon, one.lat, 1.0)]
    pair.lasting = list(NOTHING)


def watch(world: World, pair: Pair, subject: Subject) -> None:
    """Note it once ``subject`` has moved since: perhaps, and beyond doubt.

    Where somebody was is the mean of the points until it may be told again: who comes on to her door was there.
    """
    stood, rule = pair.stood, world.rules.again
    if stood is None:
        return
    mine = 3 * (subject is pair.victim)
    if subject.t - pair.told_t <= world.rules.data.renew_s:
        if pair.ring >= BREACH and pair.distance is not None and pair.distance <= pair.radii[BREACH]:
            gather(stood, mine, subject)
        return
    moved = strayed(stood, mine, subject)
    which = _HERS if mine else _HIS
    pair.walked |= _lasts(pair, which, subject.t, rule, moved > rule.walked_sigmas)
    if _lasts(pair, which + 1, subject.t, rule, moved > rule.moved_sigmas):
        pair.stood = None


def gather(stood: list[float], start: int, at: Spot) -> None:
    """Take a point of a stay into its mean: longitude, latitude and how many, from ``start`` on."""
    lon, lat, points = stood[start : start + 3]
    more = points + 1.0
    stood[start : start + 3] = lon + turned(at.lon - lon) / more, lat + (at.lat - lat) / more, more


def strayed(stood: list[float], start: int, at: Spot) -> float:
    """Standard deviations from there. Errors last for minutes: many points of ten minutes say no more than two."""
    lon, lat, points = stood[start : start + 3]
    return distance(at.lon, at.lat, lon, lat) / (sqrt(1.0 + max(0.5, 1.0 / points)) * at.sigma)


def _lasts(pair: Pair, which: int, t: float, rule: Again, seen: bool) -> bool:  # noqa: FBT001 - what this point shows
    """Whether every point for long enough has shown it: one of the thousands of a night says nothing."""
    since = pair.lasting[which] = (pair.lasting[which] or t) if seen else None
    return since is not None and t - since >= rule.lasts_s


def still(world: World, pair: Pair, at: float) -> bool:
    """Whether both are where they were when nearness was told, and that was not long ago: distance alone is no news.

    A coarse receiver cannot say so: within its error he may have walked there and back.
    """
    fine = all(one.sigma <= world.limits.dim_m for one in pair.parties())
    return fine and pair.stood is not None and at - pair.told_t <= world.rules.again.still_s


def elsewhere(pair: Pair) -> bool:
    """Whether somebody has moved since nearness was told, perhaps."""
    return pair.walked or pair.stood is None


def weigh(world: World, pair: Pair, m: Measure, apart_m: float, interval: float) -> None:
    """Take a look at a pair told of in breach: have they left? ``apart_m``: of their last positions, nobody carried forward.

    Who has moved has, as soon as they are beyond the radius; who may only seem to by their errors, for a while beyond the
    margin, or when looks that show it weigh enough together.
    """
    rule, leave, radius = world.rules.again, world.rules.exit, pair.radii[-2]
    least_m = min(m.distance_m, apart_m)
    looked_m = least_m if any(one.sprung for one in pair.parties()) else m.distance_m
    weight = _LOGIT * (radius - looked_m) / m.sigma_m * min(1.0, interval / rule.lean_s)
    pair.lean = max(-rule.lean, min(rule.lean, pair.lean + weight))
    clear = radius + max(leave.margin_m, leave.sigmas * m.sigma_m)
    if _lasts(pair, _APART, m.at, rule, least_m > clear) or (pair.walked and least_m > radius):
        pair.left = GONE
    elif pair.left == HERE and pair.lean <= -rule.lean:
        pair.left = LEFT
    pair.near = _lasts(pair, _NEAR, m.at, rule, m.distance_m + m.sigma_m <= radius)


def sources_m(world: World, pair: Pair, at: float) -> float:
    """How near any other source of either was of late: of two, nobody can say which is the body, and one alone has not left."""
    found = inf
    for one, other in ((pair.offender, pair.victim), (pair.victim, pair.offender)):
        if one is None or other is None or one.rivals is None:
            continue
        since = at - world.rules.data.stale_intervals * max(one.interval, world.rules.again.lasts_s)
        near = [distance(r.lon, r.lat, other.lon, other.lat) for r in one.rivals if r.t >= since]
        found = min([found, *near])
    return found


def nearer(world: World, pair: Pair, m: Measure) -> bool:
    """Whether they are much nearer than when it was told: beyond doubt; by little, if somebody is elsewhere; or for a while."""
    rule, by = world.rules.again, pair.told_m - m.distance_m
    elsewhere = pair.walked or pair.lasting[_HIS + 1] is not None or pair.lasting[_HERS + 1] is not None
    for_long = _lasts(pair, _NEARER, m.at, rule, by > rule.nearer_sigmas * m.sigma_m)
    if elsewhere:
        return by > max(rule.moved_m, m.sigma_m)
    return by > max(rule.nearer_m, (rule.nearer_sigmas if for_long else rule.moved_sigmas) * m.sigma_m)


def back(pair: Pair, m: Measure) -> bool:
    """Whether they had left and are back: at once if they surely went, by more than the error if they may have.

    Else by every point of a minute, or by many.
    """
    if m.distance_m > pair.radii[-2] or pair.left == HERE:
        return False
    surely = pair.stood is None or m.distance_m + m.sigma_m <= pair.radii[-2]
    return pair.lean > 0.0 or pair.near or (pair.left == GONE and surely)
