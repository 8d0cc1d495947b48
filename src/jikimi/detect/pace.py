"""How often the devices of a pair are asked to report. It must never be asked of one of the two alone.

The request follows the pair's ring; somebody of several pairs is asked for the shortest of theirs, and whether a device
can obey is its gateway's business.
"""

from jikimi.detect.decisions import Pace
from jikimi.detect.limits import RINGS
from jikimi.detect.pair import Pair
from jikimi.detect.world import World


def ask(world: World, pair: Pair, at: float) -> None:
    """Say so if the interval asked of both changed."""
    wanted = world.rules.pace[RINGS[pair.ring]]
    if wanted != pair.pace:
        pair.pace = wanted
        world.out.append(Pace(pair.id, [party.id for party in pair.parties()], wanted, at, world.now))
