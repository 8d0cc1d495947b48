"""Many devices silent at once: one problem of ours or of a network, told once (A25). It must never hide one near her."""

from typing import Final

from jikimi.detect import alerts
from jikimi.detect.age import stale
from jikimi.detect.decisions import Alert
from jikimi.detect.track import Subject
from jikimi.detect.world import World
from jikimi.kernel.ids import derived

_KEPT: Final = 60
"""Most outages remembered; a bound on memory, not a rule."""


def swallowed(world: World, party: Subject) -> bool:
    """Whether so many are silent since about when this one is that it is told as one outage.

    Whoever is still silent when the others are back is told by himself. Whoever decides a pair sees everybody's silence,
    so detectors that share the pairs agree; the alert's id is one.
    """
    rule = world.rules.outage
    turn = int(party.heard // rule.window_s)
    about = _silent_since(world, turn)
    if about < max(rule.least, rule.share * len(world.subjects)):
        return False
    if any(near in world.outages for near in (turn - 1, turn, turn + 1)):
        return True
    reason = alerts.grounds(world, "A25", "outage", devices=float(about), within_s=rule.window_s)
    alert = str(derived("", "A25", "outage", turn))
    world.out.append(
        Alert(alert, "A25", "", [], world.tick, world.now, "UNKNOWN", None, None, None, None, alerts.LIVE, None, reason)
    )
    world.outages = [*world.outages[1 - _KEPT :], turn]
    return True


def _silent_since(world: World, turn: int) -> int:
    """How many are silent now who were last heard in this stretch of time or the ones beside it; counted once a tick."""
    known = world.silent.get(turn)
    if known is None or known[0] != world.tick:
        window = world.rules.outage.window_s
        first, last = (turn - 1) * window, (turn + 2) * window
        subjects = world.subjects.values()
        about = sum(1 for each in subjects if first <= each.heard < last and stale(world, each))
        world.silent = {turn: (world.tick, about)}
        return about
    return known[1]
