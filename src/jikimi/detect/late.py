"""Fixes that come after the watermark. They must never make a live alert, and never be lost for that.

A breach they show is told once an episode as retrospective (A26): evidence for a supervisor, no dispatch.
"""

from typing import Final

from jikimi.detect import alerts
from jikimi.detect.alerts import RETROSPECTIVE, Seen
from jikimi.detect.corridors import free
from jikimi.detect.evidence import joined
from jikimi.detect.guarding import holders, truly
from jikimi.detect.history import Past
from jikimi.detect.measure import attribution, measure
from jikimi.detect.pair import Pair
from jikimi.detect.probability import within
from jikimi.detect.track import Spot, Subject
from jikimi.detect.world import World

CODE: Final = "A26"


def late(world: World, subject: Subject, spot: Spot) -> None:
    """Judge a fix whose second is settled already against what is remembered of the others around its time.

    An impossible jump from either fix around it is no more believed than a live one, until a second agrees.
    """
    keep = world.rules.data.history_s
    past = subject.past
    if past is None:
        past = subject.past = Past()
    if spot.t < world.settler.settled - keep:
        world.count("fix-too-late")
        if past.unknown(spot.t):
            _unkept(world, subject, spot)
        return
    if past.holds(spot.t, spot.lon, spot.lat):
        world.count("fix-duplicate")
        return
    if not past.fits(spot, world.limits):
        past.drop(spot.t, spot.lon, spot.lat, spot.sigma, keep)
        world.count("fix-late-suspect")
        return
    past.insert(spot.t, spot.lon, spot.lat, spot.sigma)
    past.note(spot.t, spot.t, world.limits.gap_s)
    world.count("fix-late")
    _places(world, subject, spot)
    _areas(world, subject, spot)
    for pair, other in subject.links:
        against = other.past.at(spot.t, world.rules.evidence.bridge_s) if other.past is not None else None
        if against is not None:
            retrospect(world, pair, subject, spot, against)


def _unkept(world: World, subject: Subject, spot: Spot) -> None:
    """Older than all that is kept, of a time of which nothing was known: places are judged, the others told as a task."""
    times = world.backlog.setdefault(subject.id, [])
    if spot.t not in times:
        times.append(spot.t)
        _places(world, subject, spot)
        _areas(world, subject, spot)


def tell_unkept(world: World) -> None:
    """One row for each pair and backlog: so many fixes of such a time could not be compared, and a person can."""
    for name, times in world.backlog.items():
        subject = world.subjects[name]
        past = subject.past = Past() if subject.past is None else subject.past
        past.note(min(times), max(times), world.limits.gap_s)
        for pair, _ in subject.links:
            armed = [(t, arming) for t in sorted(times) if (arming := pair.book.arming(t, written=True)).armed]
            if not armed:
                continue
            (first, arming), last = armed[0], armed[-1][0]
            reason = alerts.grounds(world, CODE, "late-uncompared", fixes=len(armed), until=last, by=subject.id)
            seen = Seen("UNKNOWN", None, None, None, None, arming)
            alerts.write(world, pair, CODE, (name, first, last), first, reason, grade=RETROSPECTIVE, seen=seen)
    world.backlog = {}


def known(world: World, subject: Subject, episodes: list[tuple[float, float]], t: float) -> bool:
    """Whether ``t`` belongs to an episode already told, which it then widens; if not, it begins one.

    A backlog comes in any order: an episode goes on as long as no fix in between says that it ended.
    """
    rule, past = world.rules.evidence, subject.past
    for place, (start, end) in enumerate(episodes):
        first, last = (end, t) if t > end else (t, start)
        if past is not None and 0.0 < last - first <= rule.late_open_s and not past.between(first, last):
            episodes[place] = (min(start, t), max(end, t))
            return True
    return joined(episodes, t, rule.late_gap_s)


def _places(world: World, subject: Subject, spot: Spot) -> None:
    """A place he was in, as only a late fix shows: once an episode."""
    for pair, guard in subject.guards:
        edge = guard.zone.edge(spot.lon, spot.lat)
        if edge >= 0.0 or not guard.zone.within(world.limits.late_p, edge, 0.0, spot.sigma):
            continue
        arming = holders(pair, guard.zone.place, spot.t, written=True)
        allowed = arming is not None and pair.ways and free(world, pair, guard, spot, spot.t)
        if arming is None or allowed or known(world, subject, guard.late, spot.t):
            continue
        reason = alerts.grounds(
            world, CODE, "late-place", kind=guard.zone.place.kind, late_s=world.now - spot.t, by=subject.id
        )
        told = None if guard.zone.secret else max(0.0, edge + guard.zone.margin)
        seen = Seen("BREACH", told, None if guard.zone.secret else spot.sigma, None, None, arming)
        alerts.write(
            world, pair, CODE, (subject.id, spot.t, guard.zone.id), spot.t, reason,
            grade=RETROSPECTIVE, place=guard.zone.id, seen=seen, offender=spot,
        )  # fmt: skip


def _areas(world: World, subject: Subject, spot: Spot) -> None:
    """An area he was truly out of, as only a late fix shows: once an episode."""
    for pair, guard in subject.areas:
        edge = guard.zone.edge(spot.lon, spot.lat)
        if edge <= truly(world, spot.sigma):
            continue
        arming = holders(pair, guard.zone.place, spot.t, written=True)
        if arming is None or known(world, subject, guard.late, spot.t):
            continue
        kind, told = guard.zone.place.kind, None if guard.zone.secret else edge
        late_s = world.now - spot.t
        reason = alerts.grounds(world, CODE, "late-area", kind=kind, outside_m=told, late_s=late_s, by=subject.id)
        seen = Seen("BREACH", told, None if guard.zone.secret else spot.sigma, None, None, arming)
        alerts.write(
            world, pair, CODE, (subject.id, spot.t, guard.zone.id), spot.t, reason,
            grade=RETROSPECTIVE, place=guard.zone.id, seen=seen, offender=spot,
        )  # fmt: skip


def retrospect(world: World, pair: Pair, subject: Subject, spot: Spot, against: Spot) -> None:
    """A26 if this fix and the other's of that time break what was ordered then: once an episode, and no dispatch."""
    arming = pair.book.arming(spot.t, written=True)
    if not arming.armed or pair.victim is None:
        return
    rule = world.rules.evidence
    his = subject is pair.offender
    o, v = (spot, against) if his else (against, spot)
    m = measure(o, v, pair.offender.interval, pair.victim.interval, world.limits)
    p = within(m.distance_m, arming.radius_m, m.sigma_m)
    if p < rule.late_p or known(world, subject, pair.late, spot.t):
        return
    reason = alerts.grounds(
        world, CODE, "late-breach", radius_m=arming.radius_m, p=p, threshold=rule.late_p,
        late_s=world.now - spot.t, by=subject.id,
    )  # fmt: skip
    seen = Seen("BREACH", m.distance_m, m.sigma_m, None, attribution(m, world.rules.closing.min_mps), arming)
    alerts.write(
        world, pair, CODE, (subject.id, spot.t), spot.t, reason, grade=RETROSPECTIVE, seen=seen,
        offender=o, victim=v,
    )  # fmt: skip
