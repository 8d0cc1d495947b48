"""What silence means for a pair. It must never mean safe, and never run on anything but counted ticks.

Age is counted from the newest believed fix, silence from the newest message: a device that talks but is not located
keeps its pair's age running. Limits of silence depend on how near the two were.
"""

from math import inf

from jikimi.detect import alerts
from jikimi.detect.limits import WATCH
from jikimi.detect.measure import worst_case
from jikimi.detect.pair import ARMED, FRESH, HOLD, NONE, STALE, SUSPENDED, UNKNOWN, UNMONITORED, Pair
from jikimi.detect.rules import Reach
from jikimi.detect.track import NEVER, Spot, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_LEAST_STEP_S = 1.0
_QUIET = frozenset({"A11", "A12"})
HIS, HERS = "A11", "A11@her"
"""Episodes of UNKNOWN because of him, and because of her: the former stands for him alone."""
HER_NEAR = "A12@victim-near"
"""Her silence while he is near, closing or of unknown position; it may come after her silence far away was told."""


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
    if pair.ring < world.limits.unknown_below and (_jumped(pair) or _blind(world, pair)):
        return UNKNOWN
    return STALE if old else FRESH


def _jumped(pair: Pair) -> bool:
    """Whether one impossible jump put a party beside the other, and nothing has been said since."""
    return "A11@offender" in pair.open or "A11@victim" in pair.open


def _blind(world: World, pair: Pair) -> bool:
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


def look(world: World, pair: Pair) -> None:
    """Judge a pair's knowledge and its parties' silence as of the last tick, and say when to look again."""
    if world.tick == NEVER or pair.mode in (NONE, SUSPENDED):
        reschedule(world, pair)
        return
    was = pair.knowledge
    pair.knowledge = knowledge(world, pair)
    if was != pair.knowledge:
        alerts.show(world, pair, world.tick)
    _unknown(world, pair)
    for party in pair.parties():
        _lost(world, pair, party)
    pair.quiet = any(key[:3] in _QUIET for key in pair.open)
    pair.calm = pair.calm and pair.knowledge == FRESH and not pair.open
    reschedule(world, pair)


def glance(world: World, pair: Pair) -> bool:
    """Whether nothing has changed for a pair of fresh knowledge, by two comparisons; it then has its next turn."""
    v = pair.victim
    if pair.knowledge != FRESH or pair.quiet or pair.mode != ARMED or v is None or world.tick >= pair.until:
        return False
    o, factor = pair.offender, world.rules.data.stale_intervals
    due_o, due_v = o.seen + factor * o.interval, v.seen + factor * v.interval
    due = (min(due_v, due_o)) + world.lost
    if due <= world.tick:
        return False
    world.wheel.put(pair, min(pair.until, due))
    return True


def _unknown(world: World, pair: Pair) -> None:
    """A11 after the pair was UNKNOWN for long enough: once an episode, and once more if she is lost after him."""
    o, v = pair.offender, pair.victim
    if pair.knowledge != UNKNOWN or v is None or not _blind(world, pair):
        pair.unknown_since = None
        alerts.end(world, pair, HIS, world.tick)
        alerts.end(world, pair, HERS, world.tick)
        return
    now = counted(world)
    if pair.unknown_since is None:
        pair.unknown_since = now
    her = _unsure(world, v)
    told = HERS in pair.open or (HIS in pair.open and not her)
    if now - pair.unknown_since < world.rules.data.unknown_after_s or told:
        return
    reason = alerts.grounds(
        world, "A11", "victim-silent-unknown" if her else "unknown-while-near", ring="BREACH",
        radius_m=pair.arming.radius_m, worst_case_m=worst(world, pair), age_offender_s=now - o.seen,
        age_victim_s=now - v.seen, unknown_s=now - pair.unknown_since,
    )  # fmt: skip
    if her:
        reason["dispatch"] = "yes"
    last = max(o.t, v.t)
    cause = (o.id, o.t, v.id, v.t, "her") if HIS in pair.open else (o.id, o.t, v.id, v.t)
    alerts.begin(world, pair, "A11", HERS if her else HIS, cause, last if last > NEVER else world.tick, reason)


def _unsure(world: World, subject: Subject) -> bool:
    """Whether nobody can say where this party is: silent too long, located too coarsely, or in two places."""
    return stale(world, subject) or subject.sigma > world.limits.coarse_m or subject.split is not None


def reach(world: World, pair: Pair, party: Subject) -> Reach:
    """The limit of a party's silence for how near the pair was.

    Possibly near is near for her device. An A11 because of her stands for it while he is located; one because of him
    never does.
    """
    rule = world.rules.silence
    o, v = pair.offender, pair.victim
    lost = "A11@offender" in pair.open or _unsure(world, o)
    unknown = pair.knowledge == UNKNOWN and party is v and (lost or HERS not in pair.open)
    near_place = any(guard.level for guard in pair.guards.values())
    if pair.knowledge != UNMONITORED and (pair.ring >= WATCH or pair.closing or unknown or near_place):
        return rule.near
    apart = distance(o.lon, o.lat, v.lon, v.lat) if v is not None and o.known and v.known else inf
    return next((r for r in rule.others if r.within_m is None or apart <= r.within_m), rule.others[-1])


def _lost(world: World, pair: Pair, party: Subject) -> None:
    """A12 for one party of the pair, cleared when the device is heard again; told anew if he comes near meanwhile."""
    his = party is pair.offender
    key = "A12@offender" if his else "A12@victim"
    now = counted(world)
    silent = now - party.heard
    if silent < world.rules.data.stale_intervals * party.interval:
        alerts.end(world, pair, key, world.tick)
        if not his:
            alerts.end(world, pair, HER_NEAR, world.tick)
        return
    told = key in pair.open
    if (told or pair.knowledge == UNMONITORED) if his else (HER_NEAR in pair.open or pair.mode == HOLD):
        return
    limit = reach(world, pair, party)
    if silent < limit.after_s:
        return
    near = limit is world.rules.silence.near
    if near and not his:
        key = HER_NEAR
    elif told:
        return
    rule = "communication-lost" if his else "victim-silent-near" if near else "victim-silent"
    reason = alerts.grounds(world, "A12", rule, party="offender" if his else "victim", silent_s=silent)
    reason.update(priority=limit.priority, code_112=limit.code, limit_s=limit.after_s, ring=pair.ring)
    if near:
        reason["dispatch"] = "yes"
    since = party.newest if party.newest > NEVER else pair.arming.version
    at = party.newest if party.newest > NEVER else world.tick
    alerts.begin(world, pair, "A12", key, (party.id, since, "near") if told else (party.id, since), at, reason)


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
        if pair.unknown_since is not None and HIS not in pair.open and HERS not in pair.open:
            quiet = min(quiet, pair.unknown_since + world.rules.data.unknown_after_s)
        elif pair.knowledge == STALE and pair.victim is not None and pair.mode == ARMED:
            quiet = min(quiet, now + _until_unknown(world, pair))
        due = min(due, quiet + world.lost)
    world.wheel.put(pair, due)


def _next_quiet(world: World, pair: Pair, party: Subject, now: float) -> float:
    """The next moment of counted time at which this party's silence means something more."""
    rules = world.rules
    turns = [party.seen + rules.data.stale_intervals * party.interval, *_losses(world, pair, party)]
    return min((turn for turn in turns if turn > now), default=inf)


def _losses(world: World, pair: Pair, party: Subject) -> list[float]:
    his = party is pair.offender
    if ("A12@offender" if his else "A12@victim") in pair.open:
        return []
    return [party.heard + r.after_s for r in (world.rules.silence.near, *world.rules.silence.others)]


def _until_unknown(world: World, pair: Pair) -> float:
    """Seconds until the worst case of a stale pair comes inside the order's radius."""
    o, v = pair.offender, pair.victim
    if v is None or pair.ring >= world.limits.unknown_below:
        return inf
    pace = o.fastest(world.limits) + v.fastest(world.limits)
    return max(_LEAST_STEP_S, (worst(world, pair) - pair.arming.radius_m) / pace)
