"""The settled lane: what can be shown to a court. It must never depend on the order in which fixes arrived.

A breach is evidence when settled fixes of one pair, apart in time and with known accuracy, each put the separation
inside the radius with P >= 0.95. The decision is made when the watermark passes, from event times alone.
"""

from math import cos, inf, sqrt
from typing import Final

import msgspec

from jikimi.detect import alerts
from jikimi.detect.alerts import EVIDENCE, Seen
from jikimi.detect.arming import Arming
from jikimi.detect.claims import FLAGS, MOVES, RESTS, settled
from jikimi.detect.facts import FixFlag
from jikimi.detect.guarding import prove_places
from jikimi.detect.history import Past
from jikimi.detect.leaving import prove_areas
from jikimi.detect.measure import Measure, attribution, measure
from jikimi.detect.pair import Pair
from jikimi.detect.settle import Proof
from jikimi.detect.stuck import doubted
from jikimi.detect.track import NEVER, Spot, Subject, turned
from jikimi.detect.world import World
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN, distance

_TRUSTED: Final = int(FixFlag.PROVEN)
_PROVEN: Final = int(FixFlag.VALID) | _TRUSTED
_SHORT: Final = 0.98
"""Pays for measuring far distances on a plane; not a rule, any value below 1 gives the same decisions."""
_EPISODES: Final = 16
"""Most episodes a pair remembers; a bound on memory, not a rule."""


def settle(world: World, watermark: float) -> None:
    """Decide everything whose time has come."""
    keep_s, gap_s = world.rules.data.history_s, world.limits.gap_s
    for spot, subject in world.settler.ready(watermark):
        t, lon, lat, sigma, flags = spot.t, spot.lon, spot.lat, spot.sigma, spot.flags
        pending = subject.pending
        if pending[0] is spot:
            del pending[0]
        else:
            pending.remove(spot)
        past = subject.past
        if past is None:
            past = subject.past = Past()
        if flags >= RESTS or subject.lesson is not None or subject.words is not None or past.doubted:
            sigma, flags = _weighed(world, subject, past, spot)
        if past.room > 0.0 and past.stays(lon, lat):
            past.keep(t, lon, lat, sigma, keep_s, gap_s)
            past.flags = flags
            continue
        past.catch_up(world.limits)
        if t > past.t and past.move(t, lon, lat, sigma, flags, world.limits):
            past.keep(t, lon, lat, sigma, keep_s, gap_s)
            _look(world, subject, past)
        else:
            past.drop(t, lon, lat, sigma, keep_s)


def _weighed(world: World, subject: Subject, past: Past, spot: Spot) -> tuple[float, int]:
    """A settled fix by all that its device ever said: the sigma (m) it is held to, and its flags without what is no proof."""
    t, lon, lat, sigma, flags = spot.t, spot.lon, spot.lat, spot.sigma, spot.flags
    doubt = doubted(world, subject, past, (t, lon, lat), moves=flags >= MOVES)
    if flags & RESTS or subject.lesson is not None:
        sigma, _ = settled(world.rules.claims, subject, t, lon, lat, sigma, flags)
    flags &= FLAGS
    return sigma, flags & ~_TRUSTED if doubt else flags


def _look(world: World, subject: Subject, past: Past) -> None:
    """Judge a settled fix against everybody and everything near, and say within how many metres nothing can be.

    Room is shared: for any two parties the distance of their last looks is more than the room of both and the radius.
    """
    room = inf
    for pair, other in subject.links:
        his = other.past
        if his is None or his.t == NEVER:
            room = 0.0
            continue
        away = _away(world, pair, past, his)
        if away <= his.room:
            his.catch_up(world.limits)
            his.room = 0.0
            away = _away(world, pair, past, his)
        if away <= 0.0 or pair.proofs:
            room = 0.0
            _prove(world, pair, subject, past, his)
        else:
            room = min(room, away - his.room if his.room > 0.0 else 0.5 * away)
    if subject.guards:
        room = min(room, prove_places(world, subject, past))
    if subject.areas:
        room = min(room, prove_areas(world, subject, past))
    past.room = room


def _away(world: World, pair: Pair, past: Past, other: Past) -> float:
    """Metres by which the two are certainly too far apart for any breach now, carried forward or not."""
    dx = turned(past.lon - other.lon) * METRES_PER_DEGREE * cos(past.lat * RADIAN)
    dy = (past.lat - other.lat) * METRES_PER_DEGREE
    return sqrt(dx * dx + dy * dy) * _SHORT - pair.widest - world.limits.carry_s * (past.speed + other.speed)


def _prove(world: World, pair: Pair, subject: Subject, past: Past, other: Past) -> None:
    """One settled fix of one party against the settled track of the other.

    Where the other was last seen has to prove it as well as where they would be by now: who drives by may have turned off.
    """
    if abs(past.t - other.t) > world.rules.evidence.bridge_s:
        return
    arming = held_at(pair, past.t)
    if not arming.armed or pair.victim is None:
        pair.proofs = {}
        return
    o, v = (past, other) if subject is pair.offender else (other, past)
    m = measure(o, v, pair.offender.interval, pair.victim.interval, world.limits)
    radii = _radii(pair, arming, past.t)
    pair.proofs = {order: proof for order, proof in pair.proofs.items() if order in radii}
    proven = [order for order, radius_m in radii.items() if _count(world, pair, order, radius_m, past.t, o, v, m)]
    if proven:
        broken = msgspec.structs.replace(arming, order=proven[0], also=proven[1:], radius_m=radii[proven[0]])
        _write(world, pair, subject, past, other, m, broken)


def _radii(pair: Pair, arming: Arming, t: float) -> dict[str, float]:
    """The radius (m) of each order binding at ``t``, the widest first: each is proven by itself."""
    radii = {arming.order: arming.radius_m}
    if arming.also:
        of = {order.order: order.radius_m for order in pair.book.at(t)}
        radii.update({order: of[order] for order in arming.also})
    return radii


def _count(
    world: World, pair: Pair, order: str, radius_m: float, t: float, o: Past, v: Past, m: Measure
) -> bool:  # fmt: skip
    """Take a look at ``t`` into the proof of one order's breach; whether that proves it now."""
    apart_m = distance(o.lon, o.lat, v.lon, v.lat)
    sure = (
        m.distance_m < radius_m
        and o.flags == v.flags == _PROVEN
        and world.limits.breach_p.met(m.distance_m, radius_m, m.sigma_m)
        and world.limits.breach_p.met(apart_m, radius_m, m.sigma_m)
    )
    rule, proof = world.rules.evidence, pair.proofs.get(order)
    if not sure:
        believed = o.flags & v.flags & _TRUSTED != 0
        inside = believed and _may_be(world, max(m.distance_m, apart_m), radius_m, m.sigma_m)
        if proof is not None and _over(world, proof, m, radius_m, inside=inside):
            del pair.proofs[order]
        return False
    # Of two points hours apart each may be an error; one stay has them within minutes.
    if proof is None or (not proof.raised and t - proof.last_t > rule.within_s):
        proof = pair.proofs[order] = Proof()
    proof.outside = None
    if t - proof.last_t >= rule.apart_s and o.t > proof.his_t and v.t > proof.hers_t:
        proof.count, proof.last_t, proof.his_t, proof.hers_t = proof.count + 1, t, o.t, v.t
    raised, proof.raised = proof.raised, proof.count >= rule.points
    if proof.raised:
        covered(pair, t, rule.late_gap_s)
    return proof.raised and not raised


def _may_be(world: World, away_m: float, radius_m: float, sigma_m: float) -> bool:
    """Whether a point shows nobody outside: within the radius, or too coarse to prove anything, and not beyond it by its error."""
    if away_m < _SHORT * radius_m:
        return True
    coarse = not world.limits.breach_p.met(0.0, radius_m, sigma_m)
    return coarse and away_m <= radius_m + world.rules.exit.sigmas * sigma_m


def held_at(pair: Pair, t: float) -> Arming:
    """The orders as they stood at ``t``, taken from what holds now where that already held then."""
    arming = pair.arming
    if max(arming.since, arming.known) <= t < arming.until and arming.since > pair.book.lifted:
        return arming
    return pair.book.arming(t, written=True)


def _over(world: World, proof: Proof, m: Measure, radius_m: float, *, inside: bool) -> bool:
    """Whether a settled point that does not prove it ends this: a count starts again; a proven episode ends outside for long.

    ``inside``: seen within the radius by receivers that are believed, and unproven only for an error or for the age of one
    of the two, or seen so coarsely that it says nothing. That takes nothing from two points that do prove it.
    """
    if not proof.raised:
        return not inside
    leave = world.rules.exit
    if m.distance_m <= radius_m + max(leave.margin_m, leave.sigmas * m.sigma_m):
        proof.outside = None
    elif proof.outside is None:
        proof.outside = m.at
    return proof.outside is not None and m.at - proof.outside >= world.rules.rings["BREACH"].exit_s


def _write(world: World, pair: Pair, subject: Subject, past: Past, other: Past, m: Measure, arming: Arming) -> None:
    code = world.rules.rings["BREACH"].code
    reason = alerts.grounds(
        world, code, "settled-breach", radius_m=arming.radius_m, threshold=world.rules.evidence.p,
        points=world.rules.evidence.points, by=subject.id,
    )  # fmt: skip
    his = subject is pair.offender
    seen = Seen("BREACH", m.distance_m, m.sigma_m, None, attribution(m, world.rules.closing.min_mps), arming)
    alerts.write(
        world, pair, code, (EVIDENCE, subject.id, past.t), past.t, reason, grade=EVIDENCE,
        seen=seen, offender=past if his else other, victim=other if his else past,
    )  # fmt: skip


def covered(pair: Pair, t: float, gap_s: float) -> bool:
    """Whether a breach at ``t`` belongs to an episode already told; either way it is from now on."""
    return joined(pair.late, t, gap_s)


def joined(episodes: list[tuple[float, float]], t: float, gap_s: float) -> bool:
    """Whether ``t`` belongs to one of the episodes, which it then widens; if not, it begins one."""
    for place, (start, end) in enumerate(episodes):
        if start - gap_s <= t <= end + gap_s:
            episodes[place] = (min(start, t), max(end, t))
            return True
    del episodes[:-_EPISODES]
    episodes.append((t, t))
    return False
