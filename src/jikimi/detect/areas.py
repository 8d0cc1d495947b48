"""Areas he must stay within: a residence, home at night. It must never take a doubtful edge for leaving.

Whether an area binds now is the order's schedule; when it opens, where he is counts at once.
"""

from jikimi.detect import alerts
from jikimi.detect.alerts import Seen
from jikimi.detect.guarding import holders
from jikimi.detect.pair import Pair
from jikimi.detect.places import AWAY, INSIDE, NEAR, Guard
from jikimi.detect.track import Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_SHORT = 0.8
"""Pays for measuring across a country on a plane; not a rule, any value below 1 gives the same decisions."""


def watch_areas(world: World, subject: Subject) -> None:
    """After a believed fix of somebody who must stay within areas."""
    for pair, guard in subject.areas:
        weigh(world, pair, guard, (subject.id, subject.t), subject.t)


def weigh(
    world: World, pair: Pair, guard: Guard, cause: tuple[object, ...], at: float, *, refreshed: bool = False
) -> None:  # fmt: skip
    """Raise the area's code at the second fix outside; let go at the first inside or when nothing binds.

    ``refreshed``: what binds may have changed. Who is outside when his hour begins is told at once.
    """
    subject, room = pair.offender, None if refreshed or guard.level > AWAY else guard.room
    if room is not None and distance(room[0], room[1], subject.lon, subject.lat) < room[2]:
        return
    key = f"{code_of(world, guard)}@{guard.key}"
    arming = holders(pair, guard.zone.place, at)
    edge = guard.zone.edge(subject.lon, subject.lat)
    guard.room = (subject.lon, subject.lat, -_SHORT * edge) if edge < 0.0 else None
    begins = refreshed and arming is not None and not guard.bound
    guard.bound = arming is not None
    if arming is None or edge <= 0.0:
        guard.level = AWAY
        alerts.end(world, pair, key, at)
    elif (begins or not refreshed) and world.limits.outside.met_edge(-edge, subject.claimed):
        if (begins or guard.level == NEAR) and key not in pair.open:
            code = code_of(world, guard)
            kind = guard.zone.place.kind
            rule = "curfew" if kind == "curfew" else "travel-ban" if kind == "travel" else "left-area"
            told, sigma = (None, None) if guard.zone.secret else (edge, subject.sigma)
            reason = alerts.grounds(world, code, rule, kind=kind, outside_m=told, by=subject.id)
            seen = Seen("BREACH", told, sigma, None, None, arming)
            alerts.begin(world, pair, code, key, (*cause, guard.zone.id), at, reason, place=guard.zone.id, seen=seen)
        guard.level = NEAR if guard.level == AWAY else INSIDE


def code_of(world: World, guard: Guard) -> str:
    """The code of being outside this area."""
    return world.rules.places.areas[guard.zone.place.kind]
