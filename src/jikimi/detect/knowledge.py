"""What is known of a pair, and what that is worth. It must never take age for safety.

Age runs on counted ticks from the newest believed fix of each party.
"""

from jikimi.detect.age import stale
from jikimi.detect.covering import dim, dimmed, holding, least
from jikimi.detect.pair import ARMED, FRESH, HOLD, STALE, UNKNOWN, UNMONITORED, Pair
from jikimi.detect.world import World


def unmonitored(world: World, pair: Pair) -> bool:
    """Whether he wears nothing: by the orders, or because no device is on record for him now.

    Our clock may have been set back before the record began; his last believed fix says that it has.
    """
    o = pair.offender
    return not pair.arming.monitored or not world.carriers.carrying(o.id, max(world.tick, o.t))


def knowledge(world: World, pair: Pair) -> int:
    """What is known of the pair can be believed, is old, is worthless, or he wears nothing."""
    if unmonitored(world, pair):
        return UNMONITORED
    o, v = pair.offender, pair.victim
    if pair.ring < world.limits.unknown_below and (unsure(world, pair) or holding(world, pair) is not None):
        return UNKNOWN
    if v is None or pair.mode == HOLD or v.away:
        return STALE if stale(world, o) else FRESH
    return STALE if stale(world, o) or stale(world, v) else FRESH


def unsure(world: World, pair: Pair) -> bool:
    """Whether he may be with her for all that is known."""
    return pair.ring < world.limits.unknown_below and pair.mode == ARMED and (_jumped(pair) or blind(world, pair))


def _jumped(pair: Pair) -> bool:
    """Whether one impossible jump put a party beside the other, and nothing has been said since."""
    return "A11@offender" in pair.open or "A11@victim" in pair.open


def blind(world: World, pair: Pair) -> bool:
    """Whether he can be within the radius for all that old or coarse positions say."""
    o, v = pair.offender, pair.victim
    if v is None or pair.mode == HOLD or pair.ring >= world.limits.unknown_below:
        return False
    if stale(world, o) or stale(world, v) or max(o.sigma, v.sigma) > world.limits.coarse_m:
        return least(world, pair) < pair.arming.radius_m
    return dimmed(world, pair) and dim(world, pair)
