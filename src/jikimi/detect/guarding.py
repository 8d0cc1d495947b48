"""Keeping a subject away from places: notice near, alert inside, evidence when settled. She need not be there.

It must never tell a distance to a secret place, and never cost more than one comparison for places far away.
"""

from math import cos, inf
from typing import Final

from jikimi.detect import alerts
from jikimi.detect.again import gather, strayed
from jikimi.detect.age import stale
from jikimi.detect.alerts import EVIDENCE, Seen
from jikimi.detect.arming import Arming
from jikimi.detect.corridors import free, passing
from jikimi.detect.facts import Place
from jikimi.detect.history import Past
from jikimi.detect.orders import binds, guards, in_hours, suspended
from jikimi.detect.pair import ARMED, Pair
from jikimi.detect.places import AWAY, INSIDE, NEAR, Guard, Zone
from jikimi.detect.probability import Threshold
from jikimi.detect.settle import Proof
from jikimi.detect.track import NEVER, Spot, Subject, turned
from jikimi.detect.world import World
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN, distance

Held = tuple[tuple[Pair, Guard], ...]
"""Places, each with the pair whose orders guard it."""
Before = tuple[float, float, float]
"""Time, longitude and latitude of the fix before."""


def holders(pair: Pair, place: Place, t: float, *, written: bool = False) -> Arming | None:
    """The orders that guard a place at ``t``, as an arming led by the widest; None if none binds unsuspended.

    ``written``: as the orders say, whatever he was seen to do.
    """
    lifted = NEVER if written else pair.book.lifted
    if not in_hours(place, t):
        return None
    held = [o for o in pair.book.at(t) if guards(o, place) and binds(o, t) and not suspended(o, t, lifted)]
    if not held:
        return None
    held.sort(key=lambda o: (-o.radius_m, o.order))
    return Arming(t, t, held[0].order, held[0].version, [o.order for o in held[1:]], held[0].radius_m)


def _notice(world: World, guard: Guard) -> float:
    """Metres beyond the guarded edge at which a banned place is to be notified; 0 if it is not."""
    notice = world.limits.zone_notice_m
    return max(0.0, notice - guard.zone.margin) if guard.zone.banned and notice is not None else 0.0


def far(at: Subject | Past, sigma_m: float) -> bool:
    """Whether no place but those already close can matter here, by one comparison with the last full look."""
    if at.guard_slack < 0.0 or at.sigma > sigma_m:
        return False
    dx = turned(at.lon - at.guard_lon) * METRES_PER_DEGREE * cos(at.lat * RADIAN)
    dy = (at.lat - at.guard_lat) * METRES_PER_DEGREE
    return dx * dx + dy * dy <= at.guard_slack * at.guard_slack


def near(world: World, at: Subject | Past, of: Held) -> Held:
    """The places that may matter where ``at`` is now: all but those certainly too far since the last full look.

    A full look keeps the places within ``_KEPT_M`` as close and how far one can go before another becomes so.
    """
    limits = world.limits
    if far(at, limits.bound_sigma_m):
        return at.close
    if at.sigma > limits.bound_sigma_m:
        at.guard_slack = -1.0
        return of
    live = isinstance(at, Subject)
    beyond = [(link[1].zone.edge(at.lon, at.lat) - (_notice(world, link[1]) if live else 0.0), link) for link in of]
    close = [link for away, link in beyond if away <= _KEPT_M or link[1].level > AWAY or link[1].proof is not None]
    at.close = tuple(close)
    away = min((away for away, link in beyond if away > _KEPT_M), default=inf)
    at.guard_lon, at.guard_lat = at.lon, at.lat
    at.guard_slack = (away - limits.r95 * limits.bound_sigma_m) * _SHORT
    return of


_KEPT_M: Final = 600.0
_SHORT: Final = 0.99
"""Neither is a rule: any values give the same decisions. The second pays for measuring on a plane."""


def watch_places(world: World, subject: Subject, before: Before) -> None:
    """The live lane: after a believed fix of a subject with guarded places, ``before`` being the one before it."""
    found = near(world, subject, subject.guards)
    if not found:
        return
    world.candidates += len(found)
    moved = distance(before[1], before[2], subject.lon, subject.lat)
    blur = world.limits.r95 * subject.sigma
    for pair, guard in found:
        edge = guard.zone.edge(subject.lon, subject.lat)
        if guard.level == AWAY and edge > _notice(world, guard) + blur and edge > moved:
            continue
        arming = holders(pair, guard.zone.place, subject.t)
        if arming is None or (pair.ways and passing(world, pair, guard, subject, edge, before, subject.t)):
            _lapse(world, pair, guard, subject.t)
            continue
        crossed = _crossed(world, subject, guard, before)
        decide(world, pair, guard, arming, subject, edge, crossed, (subject.id, subject.t))


def _lapse(world: World, pair: Pair, guard: Guard, at: float) -> None:
    """Entered by a fix that arrived after the order's end: let go of with the first fix from the end on."""
    if guard.level > AWAY and not pair.arming.order and at >= pair.arming.since:
        release(world, pair, guard, at)


def _crossed(world: World, subject: Subject, guard: Guard, before: Before) -> bool:
    """Whether the way from the fix before ran through the place, or touched it."""
    if subject.t - before[0] > world.rules.places.crossing_s or subject.claimed > world.limits.bound_sigma_m:
        return False
    return guard.zone.nearest((before[1], before[2]), (subject.lon, subject.lat)) <= 0.0


def glimpse_places(world: World, subject: Subject, spot: Spot) -> None:
    """Raise, never lower: a spot of the last while that came behind a newer one, for every place it was in.

    Of a stay that was told and let go it says nothing new: once an episode, in whatever order fixes arrive.
    """
    limits = world.limits
    for pair, guard in subject.guards:
        zone, notice = guard.zone, _notice(world, guard)
        edge = zone.edge(spot.lon, spot.lat)
        near = notice > 0.0 and zone.within(limits.zone_notice, edge, notice, spot.sigma)
        level = INSIDE if zone.within(limits.zone, edge, 0.0, spot.sigma) else NEAR if near else AWAY
        if level <= guard.level or spot.t <= guard.left[level]:
            continue
        arming = holders(pair, zone.place, spot.t)
        if arming is None or (pair.ways and free(world, pair, guard, spot, spot.t)):
            continue
        _enter(world, pair, guard, arming, subject, level, edge, False, (subject.id, spot.t), spot.t, spot)
        subject.guard_slack = -1.0


def decide(
    world: World, pair: Pair, guard: Guard, arming: Arming, subject: Subject, edge: float,
    crossed: bool, cause: tuple[object, ...],  # noqa: FBT001 - a fact about the way
    at: float | None = None,
) -> None:  # fmt: skip
    """Raise what one place calls for at this distance, or let go of it."""
    limits, zone = world.limits, guard.zone
    here = _within(zone, limits.zone, edge, 0.0, subject)
    inside, led = crossed or here, crossed and edge > 0.0 and not here
    notice = _notice(world, guard)
    near = notice > 0.0 and _within(zone, limits.zone_notice, edge, notice, subject)
    level = INSIDE if inside else NEAR if near else AWAY
    if level == guard.level == INSIDE and (
        (guard.alone and not _alone(world, pair, guard)) or _anew(world, guard, subject, entered=led or edge <= 0.0)
    ):
        _release(world, pair, guard, subject.t)
    guard.here = subject.t if inside else guard.here
    if level > guard.level:
        _enter(world, pair, guard, arming, subject, level, edge, led, cause, at)
    elif guard.level > AWAY and subject.split is None and not subject.stuck:
        if guard.stood is not None and edge <= 0.0 and subject.t - guard.told <= world.rules.data.renew_s:
            gather(guard.stood, 0, subject)
        _leave(world, pair, guard, subject, edge, notice)


def _anew(world: World, guard: Guard, subject: Subject, *, entered: bool) -> bool:
    """Whether he has come in again, after having truly been outside, long after it was told.

    Of two sources neither shows that he left: then after none of them has been inside for as long.
    """
    out = guard.gone > 0 or (subject.split is not None and subject.t - guard.here > world.rules.data.renew_s)
    return entered and out and subject.t - guard.told > world.rules.data.renew_s


def truly(world: World, sigma: float) -> float:
    """Metres beyond an edge that no error makes of one who stands at it."""
    again = world.rules.places.again
    return max(again.margin_m, again.sigmas * sigma)


def _alone(world: World, pair: Pair, guard: Guard) -> bool:
    """Whether she is surely elsewhere: he may break in or wait, and she is not there. What is not known is no elsewhere."""
    v = pair.victim
    if v is None or pair.mode != ARMED or not guard.zone.banned or not v.known or stale(world, v) or v.sprung:
        return False
    away = guard.zone.edge(v.lon, v.lat) - world.limits.r95 * v.sigma
    return away > world.rules.places.alone.beyond_m and (v.weak is None or v.weak.t <= v.t)


def _within(zone: Zone, threshold: Threshold, edge: float, beyond: float, subject: Subject) -> bool:
    """By the error a device is held to, or by the one it claims: nothing learned may keep anybody out."""
    return zone.within(threshold, edge, beyond, subject.sigma) or (
        subject.claim is not None and zone.within(threshold, edge, beyond, subject.claim)
    )


def zone_of(world: World, place: Place) -> Zone:
    """A place ready to be measured; around a banned one the ban reaches as far as the statute says."""
    rule = world.rules.places
    banned = place.kind in rule.banned
    return Zone(place, banned, rule.around_m if banned else 0.0)


def code_of(world: World, guard: Guard, level: int) -> str:
    """The code of being at this level of a place."""
    rule = world.rules.places
    return rule.notice_code if level == NEAR else rule.banned_code if guard.zone.banned else rule.zone_code


def _enter(
    world: World, pair: Pair, guard: Guard, arming: Arming, subject: Subject, level: int, edge: float,
    crossed: bool,  # noqa: FBT001 - a fact about the way
    cause: tuple[object, ...], at: float | None, spot: Spot | None = None,
) -> None:  # fmt: skip
    guard.level, guard.outside, guard.gone, guard.since = level, [None, None, None], 0, None
    code = code_of(world, guard, level)
    stopped, when = guard.paused is not None, subject.t if at is None else at
    hers = level == INSIDE and code in alerts.MERGED and spot is None and alerts.beside(world, pair)
    rule = (
        "place-notice"
        if level == NEAR
        else "corridor-stopped"
        if stopped
        else "place-crossed"
        if crossed
        else "place-with-her"
        if hers
        else "place-entered"
    )
    reason = alerts.grounds(world, code, rule, kind=guard.zone.place.kind, by=subject.id)
    guard.alone = level == INSIDE and _alone(world, pair, guard)
    if guard.alone:
        reason.update(code_112=world.rules.places.alone.code, place_only=1)
    written = alerts.begin(
        world, pair, code, f"{code}@{guard.key}", (*cause, guard.zone.id), when, reason, place=guard.zone.id,
        seen=_seen(guard, level, edge, (spot or subject).sigma, arming), offender=spot,
    )  # fmt: skip
    guard.told, guard.hers = when, written and rule == "place-with-her"
    there = spot or subject
    guard.stood = [there.lon, there.lat, 1.0]


def _seen(guard: Guard, level: int, edge: float, sigma: float, arming: Arming) -> Seen:
    state = "NOTICE" if level == NEAR else "BREACH"
    if guard.zone.secret:
        return Seen(state, None, None, None, None, arming)
    return Seen(state, max(0.0, edge + guard.zone.margin), sigma, None, None, arming)


def _leave(world: World, pair: Pair, guard: Guard, subject: Subject, edge: float, notice: float) -> None:
    """Slow out: beyond the edge by more than the error, for long enough."""
    slack = max(world.rules.exit.margin_m, world.limits.r95 * subject.sigma)
    for level, beyond in ((NEAR, notice), (INSIDE, 0.0)):
        if level <= guard.level:
            since = guard.outside[level]
            guard.outside[level] = None if edge <= beyond + slack else subject.t if since is None else since
    went = guard.stood is not None and edge > 0.0 and strayed(guard.stood, 0, subject) > world.rules.again.walked_sigmas
    out = went or edge > truly(world, subject.sigma)
    guard.since = None if not out else subject.t if guard.since is None else guard.since
    since = guard.since
    guard.gone = guard.gone or int(since is not None and subject.t - since >= world.rules.places.exit_s)
    while guard.level > AWAY:
        since = guard.outside[guard.level]
        if since is None or subject.t - since < world.rules.places.exit_s:
            break
        _release(world, pair, guard, subject.t)


def _release(world: World, pair: Pair, guard: Guard, at: float) -> None:
    code = code_of(world, guard, guard.level)
    guard.left[guard.level] = at
    guard.level -= 1
    alerts.end(world, pair, f"{code}@{guard.key}", at)


def release(world: World, pair: Pair, guard: Guard, at: float) -> None:
    """No order guards this place any more: nothing of it stays open."""
    while guard.level > AWAY:
        _release(world, pair, guard, at)


def prove_places(world: World, subject: Subject, past: Past) -> float:
    """The settled lane: two settled fixes, apart in time, each inside with P >= 0.95.

    Returns the metres he can go before any place can matter, not positive if one does.
    """
    for pair, guard in near(world, past, subject.guards):
        edge = guard.zone.edge(past.lon, past.lat)
        if edge < 0.0 and past.flags == _PROVEN and guard.zone.within(world.limits.breach_p, edge, 0.0, past.sigma):
            _prove(world, pair, guard, past, edge)
        elif guard.proof is not None:
            _disprove(world, guard, past, edge)
    if past.close:
        return 0.0
    return past.guard_slack - distance(past.guard_lon, past.guard_lat, past.lon, past.lat)


_PROVEN: Final = 3


def _prove(world: World, pair: Pair, guard: Guard, past: Past, edge: float) -> None:
    arming = holders(pair, guard.zone.place, past.t, written=True)
    if arming is None or (pair.ways and free(world, pair, guard, past, past.t)):
        guard.proof = None
        return
    proof = guard.proof = guard.proof or Proof()
    proof.outside = None
    rule = world.rules.evidence
    if past.t - proof.last_t >= rule.apart_s:
        proof.count, proof.last_t = proof.count + 1, past.t
    if proof.raised or proof.count < rule.points:
        return
    proof.raised = True
    code = code_of(world, guard, INSIDE)
    reason = alerts.grounds(world, code, "settled-place", kind=guard.zone.place.kind, threshold=rule.p)
    cause = (EVIDENCE, pair.offender.id, past.t, guard.zone.id)
    alerts.write(
        world, pair, code, cause, past.t, reason, grade=EVIDENCE, place=guard.zone.id,
        seen=_seen(guard, INSIDE, edge, past.sigma, arming), offender=past,
    )  # fmt: skip


def _disprove(world: World, guard: Guard, past: Past, edge: float) -> None:
    proof = guard.proof
    leave = world.rules.exit
    if proof is None or not proof.raised or _long_out(world, proof, past, edge):
        guard.proof = None
    elif edge <= max(leave.margin_m, leave.sigmas * past.sigma):
        proof.outside = None
    elif proof.outside is None:
        proof.outside = past.t
    elif past.t - proof.outside >= world.rules.places.exit_s:
        guard.proof = None


def _long_out(world: World, proof: Proof, past: Past, edge: float) -> bool:
    """Whether he has truly left, and was not surely seen inside for long: what comes then is another breach."""
    return edge > truly(world, past.sigma) and past.t - proof.last_t > world.rules.data.renew_s
