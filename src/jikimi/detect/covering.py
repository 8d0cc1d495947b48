"""What an old or coarse position may cover: people and guarded places. It must never be narrower than what is known.

A position is where somebody was, within its error and what they can have covered since. The last precise position says
as much for a while as a coarse one after it; each is a bound, and the better one counts.
"""

from math import sqrt

from jikimi.detect.age import counted, stale
from jikimi.detect.arming import Arming
from jikimi.detect.guarding import holders
from jikimi.detect.limits import BREACH
from jikimi.detect.measure import worst_case
from jikimi.detect.pair import Pair
from jikimi.detect.places import Guard
from jikimi.detect.track import NEVER, Spot, Subject
from jikimi.detect.world import World

Aged = tuple[Spot, float]
"""A position and how old it is (s)."""


def blur(subject: Subject, before: Spot, coarse_m: float) -> None:
    """After a fix that may be too coarse to place anybody: keep the precise one before it, have every pair looked at."""
    if before.sigma <= coarse_m < subject.sigma and NEVER < before.t < subject.t:
        subject.sharp = before
    subject.vague = True


def precise(world: World, subject: Subject) -> Spot:
    """Where they were last seen precisely, else where they are thought to be."""
    sharp = subject.sharp
    return sharp if sharp is not None and subject.sigma > world.limits.coarse_m else subject


def least(world: World, pair: Pair) -> float:
    """The least the two can be apart now (m), whichever of two sources is the person."""
    o, v = pair.offender, pair.victim
    if v is None:
        return 0.0
    if o.split is not None or v.split is not None:
        return min(_apart(world, o, v, a, b) for a in _sources(world, o) for b in _sources(world, v))
    return max(_apart(world, o, v, a, b) for a in _bounds(world, o) for b in _bounds(world, v))


def _apart(world: World, o: Subject, v: Subject, a: Aged, b: Aged) -> float:
    return worst_case(o, v, a[1], b[1], world.limits, (a[0], b[0]))


def _sources(world: World, subject: Subject) -> list[Aged]:
    age = counted(world) - subject.seen
    rivals = subject.rivals if subject.split is not None else None
    return [(subject, age), *((Spot(r.t, r.lon, r.lat, r.sigma), age) for r in rivals or ())]


def _bounds(world: World, subject: Subject) -> list[Aged]:
    """Their position, and the precise one before it as long as it says anything."""
    now, sharp = counted(world), subject.sharp
    found: list[Aged] = [(subject, now - subject.seen)]
    if sharp is not None and subject.sigma > world.limits.coarse_m:
        age = now - subject.seen + subject.t - sharp.t
        if age <= world.rules.data.sharp_s:
            found.append((sharp, age))
    return found


def holding(world: World, pair: Pair) -> tuple[Guard, Arming] | None:
    """A place he must keep off and may be in for all that old or coarse positions say, with the orders that guard it.

    None where he is told inside already.
    """
    o = pair.offender
    doubted = stale(world, o) or o.split is not None or o.sigma > world.limits.coarse_m
    if not pair.guards or not (doubted or dimmed(world, pair)):
        return None
    at = max(world.tick, world.now)
    for guard in pair.guards.values():
        if guard.zone.place.kind in world.rules.places.areas or f"{code(world, guard)}@{guard.key}" in pair.open:
            continue
        if not doubted and _shows(world, guard, o):
            continue
        arming = holders(pair, guard.zone.place, at) if _edge(world, o, guard) < 0.0 else None
        if arming is not None:
            return guard, arming
    return None


def dim(world: World, pair: Pair) -> bool:
    """Whether she is so near for all that is known, and their errors so wide, that they could be without any showing it.

    Where he stands decides nothing: with such errors nobody at the edge of the radius is ever shown within it.
    """
    o, v = pair.offender, pair.victim
    if v is None or not (o.known and v.known):
        return False
    limits, elder = world.limits, o if o.t < v.t else v
    aged = limits.k_v * min(elder.interval, abs(o.t - v.t), limits.carry_s)
    sigma = sqrt(o.claimed * o.claimed + v.claimed * v.claimed + aged * aged)
    radius = pair.arming.radius_m
    return not limits.enter[BREACH].met(radius, radius, sigma) and least(world, pair) < radius


def narrow(world: World, pair: Pair) -> bool:
    """Whether errors that hide nobody elsewhere may do so here: the radius is small, and every fix has to be looked at."""
    limits, radius = world.limits, pair.arming.radius_m
    return pair.victim is not None and not limits.enter[BREACH].met(radius, radius, sqrt(2.0) * limits.dim_m)


def _shows(world: World, guard: Guard, o: Subject) -> bool:
    """Whether an error like his shows somebody at the edge of a place; of all but a circle it does."""
    return guard.zone.within(world.limits.zone, 0.0, 0.0, o.claimed)


def _dim_place(world: World, pair: Pair) -> bool:
    o, areas = pair.offender, world.rules.places.areas
    return o.claimed > world.limits.dim_m and any(
        guard.zone.place.kind not in areas and not _shows(world, guard, o) and _edge(world, o, guard) < 0.0
        for guard in pair.guards.values()
    )


def note(world: World, pair: Pair) -> None:
    """Since when somebody or some place may hold him and no fix of such errors could ever show it."""
    if not (dim(world, pair) or _dim_place(world, pair)):
        pair.dim_since = None
    elif pair.dim_since is None:
        pair.dim_since = counted(world)


def dimmed(world: World, pair: Pair) -> bool:
    """Whether that has been so for long enough to be not knowing."""
    return pair.dim_since is not None and counted(world) - pair.dim_since >= world.rules.data.dim_after_s


def code(world: World, guard: Guard) -> str:
    """The code of being inside."""
    return world.rules.places.banned_code if guard.zone.banned else world.rules.places.zone_code


def _edge(world: World, o: Subject, guard: Guard) -> float:
    """The least he can be from the guarded edge (m), below 0 inside; inside if he was never located."""
    if not o.known:
        return -1.0
    limits = world.limits
    pace = o.fastest(limits)

    def bound(spot: Spot, age: float) -> float:
        return guard.zone.edge(spot.lon, spot.lat) - limits.r95 * spot.sigma - pace * max(0.0, age)

    if o.split is not None:
        return min(bound(*each) for each in _sources(world, o))
    return max(bound(*each) for each in _bounds(world, o))


def until(world: World, pair: Pair) -> float:
    """Seconds until a place may hold him for all that is known; 0 if one may already."""
    edges = [
        _edge(world, pair.offender, guard)
        for guard in pair.guards.values()
        if guard.zone.place.kind not in world.rules.places.areas
    ]
    near = min((edge for edge in edges if edge > 0.0), default=float("inf"))
    return near / pair.offender.fastest(world.limits)
