"""Areas he must stay within: a residence, home at night. It must never take a doubtful edge for leaving.

Whether an area binds now is the order's schedule; when it opens, where he is counts at once.
"""

from math import sqrt
from typing import Final

from jikimi.detect import alerts
from jikimi.detect.alerts import Seen
from jikimi.detect.arming import Arming
from jikimi.detect.guarding import holders, truly
from jikimi.detect.pair import Pair
from jikimi.detect.places import AWAY, INSIDE, NEAR, Guard
from jikimi.detect.track import Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_SHORT: Final = 0.8
"""Pays for measuring across a country on a plane; not a rule, any value below 1 gives the same decisions."""


_LINGERED: Final = 1
_BACK: Final = 2
"""Since he was told outside: at the edge all the while, or back inside."""


def watch_areas(world: World, subject: Subject) -> None:
    """After a believed fix of somebody who must stay within areas."""
    for pair, guard in subject.areas:
        weigh(world, pair, guard, (subject.id, subject.t), subject.t)


def weigh(
    world: World, pair: Pair, guard: Guard, cause: tuple[object, ...], at: float, *, refreshed: bool = False
) -> None:  # fmt: skip
    """Raise the area's code at the second fix outside; let go once he is truly inside again or when nothing binds.

    ``refreshed``: what binds may have changed. Who is outside when his hour begins is told at once.
    """
    subject, room = pair.offender, None if refreshed or guard.level > AWAY else guard.room
    if room is not None and distance(room[0], room[1], subject.lon, subject.lat) < room[2]:
        return
    world.candidates += 1
    key = f"{code_of(world, guard)}@{guard.key}"
    arming = holders(pair, guard.zone.place, at)
    edge = guard.zone.edge(subject.lon, subject.lat)
    guard.room = (subject.lon, subject.lat, -_SHORT * edge) if edge < 0.0 else None
    begins = refreshed and arming is not None and not guard.bound
    guard.bound = arming is not None
    if arming is None or (edge <= 0.0 and guard.level < INSIDE):
        guard.level = AWAY
        alerts.end(world, pair, key, at)
    elif guard.level == INSIDE:
        if subject.split is None and not subject.stuck and _turned(world, pair, guard, edge):
            alerts.end(world, pair, key, at)
            guard.level = AWAY
            if edge > 0.0:
                _tell(world, pair, guard, arming, edge, (*cause, guard.zone.id), at)
    elif (begins or not refreshed) and world.limits.outside.met_edge(-edge, subject.claimed):
        if begins or guard.level == NEAR:
            _tell(world, pair, guard, arming, edge, (*cause, guard.zone.id), at)
        else:
            guard.level = NEAR


def _tell(
    world: World, pair: Pair, guard: Guard, arming: Arming, edge: float, cause: tuple[object, ...], at: float
) -> None:  # fmt: skip
    code, kind, subject = code_of(world, guard), guard.zone.place.kind, pair.offender
    rule = "curfew" if kind == "curfew" else "travel-ban" if kind == "travel" else "left-area"
    told, sigma = (None, None) if guard.zone.secret else (edge, subject.sigma)
    reason = alerts.grounds(world, code, rule, kind=kind, outside_m=told, by=subject.id)
    seen = Seen("BREACH", told, sigma, None, None, arming)
    alerts.begin(world, pair, code, f"{code}@{guard.key}", cause, at, reason, place=guard.zone.id, seen=seen)
    guard.level, guard.told, guard.gone = INSIDE, at, 0
    guard.since, guard.outside, guard.stood = None, [None, None, None], [subject.lon, subject.lat]


def _turned(world: World, pair: Pair, guard: Guard, edge: float) -> bool:
    """Whether who was told outside is truly inside again, or, back at all since then and long after it, truly outside.

    Who is where he was told, within both errors, has not been back: he lives at the edge. If he goes far from there, he has left.
    """
    subject, rule = pair.offender, world.rules.places
    if guard.stood is not None:
        moved_m = distance(guard.stood[0], guard.stood[1], subject.lon, subject.lat)
        guard.stood = None if moved_m > sqrt(2.0) * truly(world, subject.sigma) else guard.stood
    sure = truly(world, subject.sigma)
    if edge <= 0.0 and guard.stood is None:
        guard.gone = _BACK
    elif not guard.gone and edge <= sure and subject.t - guard.told > world.rules.data.renew_s:
        guard.gone = _LINGERED
    guard.since, back = returned(world, guard, edge, subject.sigma, guard.since, subject.t)
    far = sure if guard.gone == _BACK else sure + world.rules.exit.margin_m
    out = guard.outside[INSIDE]
    out = None if edge <= far else subject.t if out is None else out
    guard.outside[INSIDE] = out
    left = guard.gone > 0 and out is not None and subject.t - out >= rule.exit_s
    return back or (left and subject.t - guard.told > world.rules.data.renew_s)


def returned(
    world: World, guard: Guard, edge: float, sigma: float, since: float | None, t: float
) -> tuple[float | None, bool]:  # fmt: skip
    """Since when he is inside again, and whether that is long enough to be true; longer where the area is too small to tell."""
    sure = truly(world, sigma)
    if edge > -min(sure, 0.5 * guard.zone.depth()):
        return None, False
    since = t if since is None else since
    return since, t - since >= (world.rules.places.exit_s if edge <= -sure else world.rules.data.renew_s)


def spare(guard: Guard, lon: float, lat: float) -> tuple[float, float]:
    """For the settled lane: metres from a point within which he is still inside the area for certain, and its edge (m) at most.

    Not positive if the point is not inside; the edge is then measured.
    """
    ground = guard.ground
    left = 0.0 if ground is None else ground[2] - distance(ground[0], ground[1], lon, lat)
    if left > 0.0:
        return left, -left
    edge = guard.zone.edge(lon, lat)
    if edge < 0.0:
        guard.ground = [lon, lat, -_SHORT * edge]
    return -_SHORT * edge, edge


def code_of(world: World, guard: Guard) -> str:
    """The code of being outside this area."""
    return world.rules.places.areas[guard.zone.place.kind]
