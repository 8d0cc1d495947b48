"""What is told of a party that is silent, not located or located too coarsely. It must never be a comfort.

Near, an absence is P1 and dispatched: hers is what a smashed watch looks like (safety 3). What was near when it began
decides, once an episode; farther away it is a task with more patience. The state says UNKNOWN or STALE meanwhile.
"""

from math import inf
from typing import Final

from jikimi.detect import alerts, anew, charge, coming
from jikimi.detect.age import counted, stale
from jikimi.detect.alerts import Seen
from jikimi.detect.coming import apart
from jikimi.detect.covering import holding
from jikimi.detect.knowledge import blind, unsure
from jikimi.detect.limits import RINGS
from jikimi.detect.outage import swallowed
from jikimi.detect.pair import HOLD, UNKNOWN, UNMONITORED, Pair
from jikimi.detect.rules import Reach
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World

UNSURE: Final = "A11"
"""The episode of a pair that may be in breach for all that is known."""
COVERED: Final = "A11@place"
"""The episode of one who may be in a place he must keep off."""
_HERS: Final = "A12@victim-near"
"""The episode of her silence near him."""

_RULES: Final = {"victim": "victim-silent-near", "offender": "communication-lost"}


def tell(world: World, pair: Pair) -> None:
    """Raise what the absences of a pair call for now, and let go of those that ended."""
    pair.swallowed = False
    for key in pair.unsure:
        anew.watch(world, pair, key, _away(pair, key))
    for party in pair.parties():
        _silent(world, pair, party)
        _unlocated(world, pair, party)
    _unknown(world, pair)
    _place(world, pair)


def turns(world: World, pair: Pair, party: Subject) -> list[float]:
    """The counted times at which a party's absence may have to be told."""
    rule = world.rules.silence
    limits = rule.his if party is pair.offender else rule.hers
    return [
        *(_since(pair, party) + reach.after_s for reach in (rule.near, *limits)),
        *(party.seen + reach.after_s for reach in rule.unlocated),
        party.doubtful + world.rules.data.stale_intervals * party.interval,
    ]


def _role(pair: Pair, party: Subject) -> str:
    return "offender" if party is pair.offender else "victim"


def _nearness(pair: Pair) -> float:
    """How far he was last (m) from her or from the nearest place he must keep off."""
    return min(apart(pair), _edge(pair))


def _edge(pair: Pair) -> float:
    o = pair.offender
    places = [guard.zone.edge(o.lon, o.lat) for each, guard in o.guards if each is pair] if o.known else []
    return min(places, default=inf)


def _away(pair: Pair, key: str) -> float:
    """How far he was last (m) from whom or what an episode is about."""
    return max(0.0, apart(pair) if key in {UNSURE, _HERS} else _edge(pair) if key == COVERED else _nearness(pair))


def _near(world: World, pair: Pair, party: Subject) -> bool:
    """Whether a party's absence began near: by ring, closing, a guarded place, or because he was lost nearby."""
    rule = world.rules.silence
    if pair.knowledge == UNMONITORED:
        return False
    if any(guard.level for each, guard in pair.offender.guards if each is pair):
        return True
    o, v = pair.offender, pair.victim
    if v is None:
        return False
    other, ring = (v, rule.his_ring) if party is o else (o, rule.her_ring)
    recent = max(party.heard - other.seen, counted(world) - party.heard) <= rule.lost_for_s
    if recent and (pair.ring >= RINGS.index(ring) or coming.soon(world, pair)):
        return True
    if party is o:
        return False
    silent = counted(world) - _since(pair, v)
    return (
        coming.there(world, pair, v, silent, pair.radii[RINGS.index(ring)])
        or (recent and coming.on_his_way(world, pair))
        or (silent <= rule.came_for_s and coming.comes(world, pair, v))
        or (silent <= rule.lost_for_s and _lost(world, pair))
    )


def soon_near(world: World, pair: Pair) -> bool:
    """Whether he is near or coming, as far as is known now."""
    return pair.ring >= RINGS.index(world.rules.silence.her_ring) or coming.soon(world, pair)


def hers_near(world: World, pair: Pair) -> bool:
    """Whether her device going away now is what a smashed watch looks like: he is near, coming, or nobody knows where.

    It is told so once while he stays where he is.
    """
    near = soon_near(world, pair) or (pair.victim is not None and _near(world, pair, pair.victim))
    return near and not _unmoved(world, pair)


def told_near(world: World, pair: Pair, party: Subject) -> None:
    """Remember for what her absence near him was told: the same is not told again while he stays where he is."""
    if party is not pair.victim:
        return
    anew.keep(world, pair, _HERS, _away(pair, _HERS))
    pair.lost_since = pair.offender.newest
    o = pair.offender
    pair.lost_at = (counted(world), o.lon, o.lat, apart(pair), _located(world, o))


def _lost(world: World, pair: Pair) -> bool:
    """Whether nobody can say where he is, who was near or talks without ever having been located."""
    o = pair.offender
    if not o.known:
        return o.newest > NEVER
    if not unsure(world, pair):
        return False
    if o.sigma > world.limits.coarse_m or o.split is not None or _doubtful(world, o) or _ailing(pair, o):
        return True
    silent = counted(world) - o.heard
    rule = world.rules.silence
    known = rule.near.after_s <= silent <= rule.lost_long_s and apart(pair) <= rule.lost_within_m
    return known and pair.lost_since != o.newest


def _withdrawn(pair: Pair, party: Subject) -> bool:
    """Whether hers said itself that it was switched off or forbidden; that is told already."""
    return party is pair.victim and party.away


def _since(pair: Pair, party: Subject) -> float:
    """Since when a party is away: what was forbidden to be located may go on talking, and says nothing."""
    return party.seen if _withdrawn(pair, party) else party.heard


def _first(limits: list[Reach], within: float) -> Reach:
    return next((reach for reach in limits if reach.within_m is None or within <= reach.within_m), limits[-1])


def _silent(world: World, pair: Pair, party: Subject) -> None:
    """A12 for a device nobody hears, A16 for hers far from him; told anew if he comes near where she was last."""
    role = _role(pair, party)
    far, near = "A16@victim" if role == "victim" else f"A12@{role}", f"A12@{role}-near"
    silent = counted(world) - _since(pair, party)
    if silent < world.rules.data.stale_intervals * party.interval:
        for key in (far, near, f"A12@{role}-came"):
            alerts.end(world, pair, key, world.tick)
        return
    rule = world.rules.silence
    if near in pair.open or (pair.knowledge == UNMONITORED if role == "offender" else pair.mode == HOLD):
        return
    if silent >= rule.near.after_s and _near(world, pair, party):
        if _joined(world, pair, party):
            return
        if party is pair.victim or not _told(world, pair, near):
            _raise(world, pair, party, near, rule.near, _RULES[role])
            anew.keep(world, pair, near, _away(pair, near))
            told_near(world, pair, party)
            return
    _came(world, pair, party, silent)
    limit = _first(rule.his if role == "offender" else rule.hers, _nearness(pair))
    if silent < limit.after_s or far in pair.open or _withdrawn(pair, party):
        return
    if swallowed(world, party):
        pair.swallowed = True
    else:
        _raise(world, pair, party, far, limit, "victim-silent" if role == "victim" else "communication-lost")


def _came(world: World, pair: Pair, party: Subject, silent: float) -> None:
    """A12 as a task when he comes to where she was last, longer ago than officers are sent for: once a silence of hers."""
    rule, key = world.rules.silence, "A12@victim-came"
    if party is not pair.victim or silent <= rule.came_for_s or key in pair.open:
        return
    if coming.comes(world, pair, party):
        _raise(world, pair, party, key, rule.came, _RULES["victim"])


def _joined(world: World, pair: Pair, party: Subject) -> bool:
    """Whether this absence belongs to what officers were just sent for: the other's of about the same time, or his nearness.

    His silence then adds nothing to do. Hers always does, unless it came with his.
    """
    together_s = world.rules.silence.together_s
    if party is pair.victim and _unmoved(world, pair):
        return True
    other = pair.offender if party is pair.victim else pair.victim
    if other is not None and f"A12@{_role(pair, other)}-near" in pair.open:
        return abs(other.heard - party.heard) <= together_s
    return party is pair.offender and abs(party.newest - pair.told_t) <= together_s


def _unmoved(world: World, pair: Pair) -> bool:
    """Whether all is as it was when her silence near him was last told: her device comes and goes, he does not.

    It is told again the moment he moves, she has come twice as near, he is lost who was seen, or after some time: hours
    if he is seen to rest, less if he was lost then and still is.
    """
    if pair.lost_at is None:
        return False
    o, rule = pair.offender, world.rules.silence
    when, *_, seen = pair.lost_at
    located = _located(world, o)
    if seen and not located:
        return False
    if counted(world) - when > (rule.again_s if located else rule.unsure_again_s):
        return False
    return not (anew.nearer(world, pair, _HERS) or anew.surely(world, pair, _HERS, _away(pair, _HERS)))


def _located(world: World, party: Subject) -> bool:
    """Whether a party is seen where they are: lately, precisely and in one place."""
    return not stale(world, party) and party.sigma <= world.limits.coarse_m and party.split is None


def _raise(world: World, pair: Pair, party: Subject, key: str, limit: Reach, rule: str) -> None:
    code = key.split("@", maxsplit=1)[0]
    again = any(k.startswith(("A12@", "A16@")) and k.endswith(_role(pair, party)) for k in pair.open)
    reason = alerts.grounds(
        world, code, rule, party=_role(pair, party), silent_s=counted(world) - party.heard, limit_s=limit.after_s,
        ring=pair.ring,
    )  # fmt: skip
    reason.update(priority=limit.priority, code_112=limit.code, dispatch=limit.dispatch)
    reason.update(charge.facts(world, party, party.newest))
    since = party.newest if party.newest > NEVER else pair.arming.version
    at = party.newest if party.newest > NEVER else world.tick
    alerts.begin(world, pair, code, key, (party.id, since, "near") if again else (party.id, since), at, reason)


def _unlocated(world: World, pair: Pair, party: Subject) -> None:
    """A13 for a tag that is heard and not located, A16 for her device; a lost bearer is another cause (domain 4.4)."""
    role = _role(pair, party)
    key = "A13@offender" if role == "offender" else "A16@victim-unlocated"
    now = counted(world)
    factor = world.rules.data.stale_intervals
    unheard = now - party.heard >= factor * party.interval or party.split is not None
    if unheard or now - party.seen < factor * party.interval:
        alerts.end(world, pair, key, world.tick)
        return
    limit = _first(world.rules.silence.unlocated, _nearness(pair))
    off = pair.knowledge == UNMONITORED if role == "offender" else pair.mode == HOLD or party.away
    if key in pair.open or off or now - party.seen < limit.after_s:
        return
    code = key.split("@", maxsplit=1)[0]
    behind = 0.0 if party.clock is None else party.clock.lag
    rule = "clock-behind" if behind > 0.0 else "clock-ahead" if behind else "location-lost"
    reason = alerts.grounds(
        world, code, "location-stuck" if party.stuck else rule, party=role, unlocated_s=now - party.seen,
        limit_s=limit.after_s,
    )  # fmt: skip
    if behind < 0.0:
        reason["ahead_s"] = -behind
    if role == "offender":
        reason.update(priority=limit.priority, code_112=limit.code, dispatch=limit.dispatch)
    at = party.t if party.known else world.tick
    alerts.begin(world, pair, code, key, (party.id, "unlocated", party.t), at, reason)


def _unknown(world: World, pair: Pair) -> None:
    """A11 after the pair was UNKNOWN for long enough and near when it began, once an episode."""
    o, v = pair.offender, pair.victim
    if pair.knowledge != UNKNOWN or v is None or not blind(world, pair):
        pair.unknown_since = None
        alerts.end(world, pair, UNSURE, world.tick)
        return
    now = counted(world)
    if pair.unknown_since is None:
        pair.unknown_since = now
    if (
        now - pair.unknown_since < world.rules.data.unknown_after_s
        or not _perhaps(world, pair, o, v)
        or _told(world, pair, UNSURE)
    ):
        return
    if "A12@offender-near" in pair.open or "A12@victim-near" in pair.open:
        return
    if any(_quiet(world, party) and _joined(world, pair, party) for party in (o, v)):
        return
    alerts.end(world, pair, UNSURE, world.tick)
    anew.keep(world, pair, UNSURE, _away(pair, UNSURE))
    her = stale(world, v) or v.sigma > world.limits.coarse_m or v.split is not None
    reason = alerts.grounds(
        world, "A11", "victim-unknown" if her else "unknown-while-near", ring="BREACH",
        radius_m=pair.arming.radius_m, age_offender_s=now - o.seen, age_victim_s=now - v.seen,
        unknown_s=now - pair.unknown_since,
    )  # fmt: skip
    if her:
        reason["dispatch"] = "yes"
    last = max(o.t, v.t)
    alerts.begin(world, pair, "A11", UNSURE, (o.id, o.t, v.id, v.t), last if last > NEVER else world.tick, reason)


def _place(world: World, pair: Pair) -> None:
    """A11 when he speaks and may be in a place he must keep off for all that is known, once an episode."""
    o = pair.offender
    held = holding(world, pair) if pair.knowledge == UNKNOWN else None
    if held is None:
        pair.covered_since = None
        alerts.end(world, pair, COVERED, world.tick)
        return
    guard, arming = held
    now = counted(world)
    if pair.covered_since is None:
        pair.covered_since = now
    speaks = not stale(world, o) or o.split is not None or _spoke(world, o) or _ailing(pair, o)
    since = now - pair.covered_since
    known = UNSURE in pair.open or "A12@offender-near" in pair.open
    if known or not speaks or since < world.rules.data.unknown_after_s or _told(world, pair, COVERED):
        return
    alerts.end(world, pair, COVERED, world.tick)
    anew.keep(world, pair, COVERED, _away(pair, COVERED))
    reason = alerts.grounds(
        world, "A11", "place-unknown", kind=guard.zone.place.kind, age_offender_s=now - o.seen, unknown_s=since
    )
    seen = Seen("UNKNOWN", None, None, None, None, arming)
    cause = (o.id, o.t, guard.zone.id)
    at = o.t if o.known else world.tick
    alerts.begin(world, pair, "A11", COVERED, cause, at, reason, place=guard.zone.id, seen=seen)


def _told(world: World, pair: Pair, key: str) -> bool:
    """Whether the same was told not long ago, or is open, and nobody has been seen to move since or to come nearer."""
    rule, since = world.rules.silence, anew.age(world, pair, key)
    if key in pair.open:
        return since <= world.rules.data.renew_s or not anew.nearer(world, pair, key)
    again_s = rule.unsure_again_s if any(stale(world, party) for party in pair.parties()) else rule.again_s
    if since == inf or since > (rule.unsure_far_s if anew.far(world, pair, key) else again_s):
        return False
    return not (anew.moved(world, pair, key) or anew.nearer(world, pair, key))


def _spoke(world: World, party: Subject) -> bool:
    """Whether something of a party has been set aside since the last they were believed: that is no quiet device."""
    return party.doubted > party.seen and counted(world) - party.doubted < world.rules.silence.lost_for_s


def _doubtful(world: World, party: Subject) -> bool:
    """Whether a party goes on speaking and is not believed any more.

    One wild fix is the next one's business, and after a long silence it says no more than the silence did.
    """
    began = not party.known or party.doubtful - party.seen <= world.rules.silence.lost_long_s
    lasts = counted(world) - party.doubtful >= world.rules.data.stale_intervals * party.interval
    return began and lasts and _spoke(world, party)


def _quiet(world: World, party: Subject) -> bool:
    """Whether a party is simply silent: nothing doubted, nothing heard without a position."""
    return stale(world, party) and not _spoke(world, party) and party.split is None and party.heard == party.seen


def _ailing(pair: Pair, party: Subject) -> bool:
    """Whether a device said before it fell silent why it might: charge, interference, damage."""
    role = _role(pair, party)
    return (
        f"A15@{role}" in pair.open
        or any(key.startswith(f"A15@{role}-") for key in pair.open)
        or party.ailed >= party.seen
    )


def _perhaps(world: World, pair: Pair, o: Subject, v: Subject) -> bool:
    """Whether an unknown pair is more than two people somewhere: doubted or coarse now, or near not long ago."""
    if not (o.known and v.known):
        return any(_doubtful(world, party) for party in (o, v) if not party.known)
    rule = world.rules.silence
    now = counted(world)
    old = [party for party in (o, v) if stale(world, party)]
    odd = [party for party in old if party.split is not None or _doubtful(world, party) or _ailing(pair, party)]
    gone = any(now - party.seen > rule.lost_long_s for party in old if party not in odd)
    if not old or (odd and (not gone or apart(pair) <= rule.lost_within_m)):
        return True
    return apart(pair) <= rule.unknown_within_m and now - min(o.seen, v.seen) <= rule.lost_for_s
