"""When a pair must be looked at again without a fix. It must never run on anything but counted ticks.

Age is counted from the newest believed fix, silence from the newest message: a device that talks but is not located
keeps its pair's age running. What is told of it stands in ``absence``.
"""

from math import inf
from typing import Final

from jikimi.detect import absence, alerts
from jikimi.detect.age import counted
from jikimi.detect.covering import least, narrow, note, until
from jikimi.detect.knowledge import knowledge
from jikimi.detect.pair import ARMED, FRESH, HOLD, NONE, STALE, SUSPENDED, Pair
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World

_LEAST_STEP_S: Final = 1.0
_QUIET: Final = frozenset({"A11", "A12", "A13", "A16"})


def look(world: World, pair: Pair) -> None:
    """Judge a pair's knowledge and its parties' silence as of the last tick, and say when to look again."""
    if world.tick == NEVER or pair.mode in (NONE, SUSPENDED):
        reschedule(world, pair)
        return
    was = pair.knowledge
    note(world, pair)
    pair.knowledge = knowledge(world, pair)
    if pair.knowledge != FRESH and pair.victim is None:
        pair.offender.vague = True
    if was != pair.knowledge:
        alerts.show(world, pair, world.tick)
    absence.tell(world, pair)
    v = pair.victim
    pair.quiet = (v is not None and v.away) or any(key[:3] in _QUIET for key in pair.open) or narrow(world, pair)
    pair.calm = pair.calm and pair.knowledge == FRESH and not pair.open
    reschedule(world, pair)


def glance(world: World, pair: Pair) -> bool:
    """Whether nothing has changed for a pair of fresh knowledge, by two comparisons; it then has its next turn."""
    v = pair.victim
    if (
        pair.knowledge != FRESH
        or pair.quiet
        or pair.mode != ARMED
        or v is None
        or world.tick >= pair.until
        or pair.touch
    ):
        return False
    o, factor = pair.offender, world.rules.data.stale_intervals
    due_o, due_v = o.seen + factor * o.interval, v.seen + factor * v.interval
    due = (min(due_v, due_o)) + world.lost
    if due <= world.tick:
        return False
    world.wheel.put(pair, min(pair.until, due))
    return True


def reschedule(world: World, pair: Pair) -> None:
    """Put the pair on the wheel for the next moment at which silence, an order or a carrier changes something."""
    if world.tick == NEVER:
        world.wheel.put(pair, 0.0)
        return
    due = pair.until
    now = counted(world)
    parties = pair.parties()
    if pair.mode in (ARMED, HOLD):
        quiet = min(_next_quiet(world, pair, party, now) for party in parties)
        if pair.unknown_since is not None and pair.unknown_since + world.rules.data.unknown_after_s > now:
            quiet = min(quiet, pair.unknown_since + world.rules.data.unknown_after_s)
        elif pair.victim is not None and pair.mode == ARMED and (pair.knowledge == STALE or pair.victim.away):
            quiet = min(quiet, now + _until_unknown(world, pair))
        if pair.covered_since is not None and pair.covered_since + world.rules.data.unknown_after_s > now:
            quiet = min(quiet, pair.covered_since + world.rules.data.unknown_after_s)
        elif pair.knowledge == STALE and pair.guards:
            quiet = min(quiet, now + max(_LEAST_STEP_S, until(world, pair)))
        if pair.dim_since is not None and pair.dim_since + world.rules.data.dim_after_s > now:
            quiet = min(quiet, pair.dim_since + world.rules.data.dim_after_s)
        if pair.touch is not None:
            quiet = min(quiet, pair.touch[0] + world.rules.emergency.contact_s)
        if pair.swallowed:
            quiet = min(quiet, now + world.rules.outage.window_s)
        due = min(due, quiet + world.lost)
    world.wheel.put(pair, due)


def _next_quiet(world: World, pair: Pair, party: Subject, now: float) -> float:
    """The next moment of counted time at which this party's silence means something more."""
    rules = world.rules
    turns = [party.seen + rules.data.stale_intervals * party.interval, *absence.turns(world, pair, party)]
    return min((turn for turn in turns if turn > now), default=inf)


def _until_unknown(world: World, pair: Pair) -> float:
    """Seconds until the worst case of a stale pair comes inside the order's radius."""
    o, v = pair.offender, pair.victim
    if v is None or pair.ring >= world.limits.unknown_below:
        return inf
    pace = o.fastest(world.limits) + v.fastest(world.limits)
    return max(_LEAST_STEP_S, (least(world, pair) - pair.arming.radius_m) / pace)
