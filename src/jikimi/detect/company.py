"""Two people moving as one, staying near, or passing again and again. It must never be taken for peace.

Moving together is abduction or coercion until somebody has looked (A10); staying near and passing often are for the
record and a task (A19).
"""

from jikimi.detect import alerts
from jikimi.detect.limits import DANGER, WATCH
from jikimi.detect.measure import Measure
from jikimi.detect.pair import Pair
from jikimi.detect.track import Subject
from jikimi.detect.world import World

TOGETHER = "A10"
_PASSES = 8
"""Most passes remembered of a pair; a bound on memory, not a rule."""


def together(world: World, pair: Pair, o: Subject, v: Subject, m: Measure) -> None:
    """A10 when the two have gone the same way, side by side, for long enough."""
    rule = world.rules.company
    blur = max(rule.within_m, world.rules.exit.sigmas * m.sigma_m, rule.lag_s * min(o.speed, v.speed))
    side_by_side = m.distance_m <= blur
    moving = o.speed >= rule.min_mps and v.speed >= rule.min_mps
    apart2 = (o.vx - v.vx) ** 2 + (o.vy - v.vy) ** 2
    if side_by_side and moving and apart2 <= (rule.ratio * max(o.speed, v.speed)) ** 2:
        if pair.together is None:
            pair.together = m.at
        pair.attribution = "CO_MOVING"
        if m.at - pair.together >= rule.after_s and TOGETHER not in pair.open:
            reason = alerts.grounds(world, "A10", "co-moving", together_s=m.at - pair.together, speed_mps=o.speed)
            alerts.begin(world, pair, "A10", TOGETHER, (o.id, v.id, pair.together), m.at, reason)
    elif not side_by_side or (moving and o.t == v.t) or m.at - max(o.anchor_t, v.anchor_t) > rule.after_s:
        _apart(world, pair, m)


def _apart(world: World, pair: Pair, m: Measure) -> None:
    pair.together = None
    if m.distance_m > world.rules.company.within_m + world.rules.exit.margin_m:
        alerts.end(world, pair, TOGETHER, m.at)


def linger(world: World, pair: Pair, m: Measure) -> None:
    """A19 when he came near and stays parked there, without going on to her."""
    rule = world.rules.company
    if not WATCH <= pair.ring <= DANGER or pair.offender.speed > 0.0:
        pair.parked = None
        return
    if pair.parked is None:
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
