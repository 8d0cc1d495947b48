"""What is known of a pair, and what that is worth. It must never take age for safety.

Age runs on counted ticks from the newest believed fix of each party.
"""

from jikimi.detect.measure import worst_case
from jikimi.detect.pair import FRESH, HOLD, STALE, UNKNOWN, UNMONITORED, Pair
from jikimi.detect.track import Spot, Subject
from jikimi.detect.world import World


def counted(world: World) -> float:
    """The counted time: the last tick less the ticks that never came; it never goes back."""
    return world.tick - world.lost


def unmonitored(world: World, pair: Pair) -> bool:
    """Whether he wears nothing: by the orders, or because no device is on record for him now.

    Our clock may have been set back before the record began; his last believed fix says that it has.
    """
    o = pair.offender
    return not pair.arming.monitored or not world.carriers.carrying(o.id, max(world.tick, o.t))


def stale(world: World, subject: Subject) -> bool:
    """Whether what is known of a subject is older than it may be."""
    return counted(world) - subject.seen >= world.rules.data.stale_intervals * subject.interval


def knowledge(world: World, pair: Pair) -> int:
    """What is known of the pair can be believed, is old, is worthless, or he wears nothing."""
    if unmonitored(world, pair):
        return UNMONITORED
    o, v = pair.offender, pair.victim
    if v is None or pair.mode == HOLD:
        return STALE if stale(world, o) else FRESH
    old = stale(world, o) or stale(world, v)
    if pair.ring < world.limits.unknown_below and (_jumped(pair) or blind(world, pair)):
        return UNKNOWN
    return STALE if old else FRESH


def _jumped(pair: Pair) -> bool:
    """Whether one impossible jump put a party beside the other, and nothing has been said since."""
    return "A11@offender" in pair.open or "A11@victim" in pair.open


def blind(world: World, pair: Pair) -> bool:
    """Whether he can be within the radius for all that old or coarse positions say."""
    o, v = pair.offender, pair.victim
    if v is None or pair.mode == HOLD or pair.ring >= world.limits.unknown_below:
        return False
    doubted = stale(world, o) or stale(world, v) or max(o.sigma, v.sigma) > world.limits.coarse_m
    return doubted and worst(world, pair) < pair.arming.radius_m


def worst(world: World, pair: Pair) -> float:
    """The least the two can be apart now (m), whichever of two sources is the person."""
    o, v = pair.offender, pair.victim
    if v is None:
        return 0.0
    now = counted(world)
    apart = worst_case(o, v, now - o.seen, now - v.seen, world.limits)
    if o.split is None and v.split is None:
        return apart
    return min(apart, *(
        worst_case(o, v, now - o.seen, now - v.seen, world.limits, (a, b)) for a in _places(o) for b in _places(v)
    ))  # fmt: skip


def _places(subject: Subject) -> list[Spot]:
    rivals = subject.rivals if subject.split is not None else None
    return [subject, *(Spot(r.t, r.lon, r.lat, r.sigma) for r in rivals or ())]
