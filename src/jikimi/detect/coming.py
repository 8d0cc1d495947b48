"""Whether he was coming when she was last heard, or comes to where that was. It must never need her to speak.

Her place is where she was last, however long ago; how long that counts for what is the rule of whoever asks.
"""

from math import inf
from typing import Final

from jikimi.detect.age import stale
from jikimi.detect.limits import NOTICE, WATCH
from jikimi.detect.measure import attribution, measure
from jikimi.detect.pair import Pair
from jikimi.detect.track import Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_HIS: Final = frozenset({"OFFENDER_APPROACH", "MUTUAL"})
"""The attributions of an approach that is his, or his as well."""


def apart(pair: Pair) -> float:
    """How far apart the two were last (m), infinite if one was never located."""
    o, v = pair.offender, pair.victim
    return distance(o.lon, o.lat, v.lon, v.lat) if v is not None and o.known and v.known else inf


def there(world: World, pair: Pair, v: Subject, silent_s: float, ring_m: float) -> bool:
    """Whether he is seen where she was last, not long ago: as near as her ring, ``ring_m``, at first and beside it later."""
    rule = world.rules.silence
    long_s = rule.withdrawn_for_s if v.away else rule.hers_for_s
    within = ring_m if v.away or silent_s <= rule.lost_for_s else beside(world, pair)
    return silent_s <= long_s and not stale(world, pair.offender) and apart(pair) <= within


def beside(world: World, pair: Pair) -> float:
    """Metres within which he has come to where she was, and not only into the quarter."""
    leave = world.rules.exit
    return pair.arming.radius_m + max(leave.margin_m, leave.sigmas * (pair.sigma or 0.0))


def comes(world: World, pair: Pair, v: Subject) -> bool:
    """Whether he is seen to come beside where she was last, on a way that leads there, however long ago that was."""
    o = pair.offender
    if stale(world, o) or apart(pair) > beside(world, pair):
        return False
    rule, m = world.rules.closing, measure(o, v, o.interval, v.interval, world.limits)
    return attribution(m, rule.min_mps) in _HIS and m.miss_m <= rule.miss_ratio * m.distance_m


def on_his_way(world: World, pair: Pair) -> bool:
    """Whether an approach of his was confirmed when she was last heard: from the WATCH ring on, or some minutes away."""
    rule = world.rules
    soon = pair.ring >= WATCH or (pair.ttc is not None and pair.ttc < rule.silence.coming_s)
    return soon and pair.closing >= rule.closing.points and pair.attribution in _HIS


def soon(world: World, pair: Pair) -> bool:
    """Whether an approach was confirmed that ends within the horizon, or began within the NOTICE ring."""
    rule = world.rules.closing
    soon = pair.ring >= NOTICE or (pair.ttc is not None and pair.ttc < rule.horizon_s)
    return soon and pair.closing >= rule.points
