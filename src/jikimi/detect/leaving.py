"""Proof that he left an area he must stay within. It must never count a fix that an error may have put outside.

Settled fixes alone, in the order of their own time; so no row depends on when a fix arrived.
"""

from math import inf
from typing import Final

from jikimi.detect import alerts
from jikimi.detect.alerts import EVIDENCE, Seen
from jikimi.detect.areas import code_of, returned, spare
from jikimi.detect.arming import Arming
from jikimi.detect.guarding import holders, truly
from jikimi.detect.history import Past
from jikimi.detect.pair import Pair
from jikimi.detect.places import Guard
from jikimi.detect.settle import Proof
from jikimi.detect.track import Subject
from jikimi.detect.world import World

_PROVEN: Final = 3


def prove_areas(world: World, subject: Subject, past: Past) -> float:
    """The settled lane: two settled fixes, apart in time, each outside with P >= 0.95 while the area binds.

    Returns the metres he can go before any area can matter, 0 if one does.
    """
    room = inf
    for pair, guard in subject.areas:
        if guard.proof is None:
            within, edge = spare(guard, past.lon, past.lat)
        else:
            within, edge = 0.0, guard.zone.edge(past.lon, past.lat)
        if within <= 0.0:
            _weigh(world, pair, guard, past, edge)
        room = min(room, within)
    return room


def _weigh(world: World, pair: Pair, guard: Guard, past: Past, edge: float) -> None:
    arming = holders(pair, guard.zone.place, past.t, written=True)
    proof = guard.proof
    if arming is None:
        guard.proof = None
    elif edge > 0.0 and past.flags == _PROVEN and world.limits.breach_p.met_edge(-edge, past.sigma):
        _prove(world, pair, guard, arming, past, edge)
    elif proof is not None:
        proof.back_t = past.t if edge <= 0.0 else proof.back_t
        proof.outside, back = returned(world, guard, edge, past.sigma, proof.outside, past.t)
        if back or not proof.raised:
            guard.proof = None


def _prove(world: World, pair: Pair, guard: Guard, arming: Arming, past: Past, edge: float) -> None:
    """One settled fix outside.

    Errors last for minutes, so who may stand at the edge is proven outside by long alone.
    """
    rule, proof = world.rules.evidence, guard.proof
    if proof is None or _another(world, pair, proof, past.t):
        proof = guard.proof = Proof(past.t)
    proof.outside = None
    if past.t - proof.last_t >= rule.apart_s:
        proof.count, proof.last_t = proof.count + (edge > truly(world, past.sigma)), past.t
    sure = proof.count >= rule.points or past.t - proof.first_t >= world.rules.places.proven_s
    if proof.raised or not sure:
        return
    proof.raised = True
    code, told = code_of(world, guard), None if guard.zone.secret else edge
    reason = alerts.grounds(
        world, code, "settled-area", kind=guard.zone.place.kind, outside_m=told, threshold=rule.p, points=rule.points
    )
    seen = Seen("BREACH", told, None if guard.zone.secret else past.sigma, None, None, arming)
    cause = (EVIDENCE, pair.offender.id, past.t, guard.zone.id)
    alerts.write(
        world, pair, code, cause, past.t, reason, grade=EVIDENCE, place=guard.zone.id, seen=seen, offender=past
    )  # fmt: skip


def _another(world: World, pair: Pair, proof: Proof, t: float) -> bool:
    """Whether a point belongs to another leaving: he was back in between, or the hour was over and nothing heard of him."""
    if proof.back_t > proof.last_t:
        return t - proof.last_t > world.rules.data.renew_s
    past_hour = t - proof.last_t > world.rules.evidence.late_open_s
    return past_hour and pair.book.arming(t, written=True).since > proof.last_t
