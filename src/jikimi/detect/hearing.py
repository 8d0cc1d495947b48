"""How long hearing the other's device counts as contact. It must never outlast what was heard, nor end a breach.

What ends is the contact: the ring goes back to what positions say or last said, and where they say nothing the pair is
UNKNOWN. Heard anew, it is told anew.
"""

from jikimi.detect import alerts
from jikimi.detect.age import counted
from jikimi.detect.judge import already_inside, counts, descend, level_of
from jikimi.detect.limits import CONTACT, RINGS
from jikimi.detect.measure import measure
from jikimi.detect.pair import Pair
from jikimi.detect.world import World


def hear(world: World, pair: Pair) -> None:
    """They are in contact from now on, and were in the ring positions gave before."""
    before = pair.ring if pair.touch is None or pair.ring < CONTACT else pair.touch[1]
    pair.touch = (world.now - world.lost, before)
    pair.ring, pair.calm = CONTACT, False
    pair.outside = [None] * len(pair.outside)


def lapse(world: World, pair: Pair, at: float) -> None:
    """At a turn of the pair: nothing heard for long enough ends the contact."""
    if pair.touch is None or counted(world) - pair.touch[0] < world.rules.emergency.contact_s:
        return
    (_, before), pair.touch = pair.touch, None
    alerts.end(world, pair, "A03", at)
    if before < pair.ring == CONTACT:
        placed = _placed(world, pair)
        told = placed > before and world.rules.rings[RINGS[placed]].code in pair.open
        descend(world, pair, placed if told else before, at)
        already_inside(world, pair, at, ("contact-over",))
        pair.ring = max(pair.ring, placed)


def _placed(world: World, pair: Pair) -> int:
    """The ring of their last positions, if those were of about one time."""
    o, v = pair.offender, pair.victim
    if v is None or not (o.known and v.known and counts(world, o, v)):
        return 0
    return level_of(pair, measure(o, v, o.interval, v.interval, world.limits), world.limits)
