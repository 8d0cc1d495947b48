"""Ways a court allowed through an exclusion zone. It must never free a home, her, or who stops on the way.

A corridor is a line with a width, or a polygon, and the hours in which it is open. A zone does not bind him there while
every order that guards it lets him through, his position is precise, and he goes on.
"""

from typing import Final

from jikimi.detect.facts import Order
from jikimi.detect.orders import binds, guards, in_hours, suspended
from jikimi.detect.pair import Pair
from jikimi.detect.places import AWAY, Guard, Zone
from jikimi.detect.track import Spot, Subject, turned
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance


def open_at(world: World, pair: Pair, guard: Guard, t: float, lon: float, lat: float) -> bool:
    """Whether every order that guards this zone lets him be at (lon, lat) at ``t``."""
    if guard.zone.banned:
        return False
    place = guard.zone.place
    held = [o for o in pair.book.at(t) if guards(o, place) and binds(o, t) and not suspended(o, t, pair.book.lifted)]
    return bool(held) and all(_lets(world, order, t, lon, lat) for order in held)


def _lets(world: World, order: Order, t: float, lon: float, lat: float) -> bool:
    return any(
        place.kind in world.rules.places.corridors
        and in_hours(place, t)
        and Zone(place, banned=False).edge(lon, lat) <= 0.0
        for place in order.places
    )


def free(world: World, pair: Pair, guard: Guard, spot: Spot, t: float) -> bool:
    """Whether a corridor lets him be at ``spot`` at ``t``; a position that may be beside it does not count."""
    return spot.sigma <= world.limits.bound_sigma_m and open_at(world, pair, guard, t, spot.lon, spot.lat)


def passing(
    world: World, pair: Pair, guard: Guard, subject: Subject, edge: float, before: tuple[float, float, float] | None,
    at: float,
) -> bool:  # fmt: skip
    """Whether he goes through a zone as the court allowed; who stops in it for too long, or paces it, does not.

    ``before``: time, longitude and latitude of the fix before, for a way that has led through and out again.
    """
    here = free(world, pair, guard, subject, at)
    if edge > 0.0:
        guard.paused = None
        if guard.level > AWAY or before is None:
            return here and guard.level == AWAY
        was = open_at(world, pair, guard, before[0], before[1], before[2])
        return (here and was) or ((here or was) and _along(world, pair, guard, subject, before))
    if not here:
        guard.paused = None
        return False
    return _goes_on(world, guard, subject, at)


def _goes_on(world: World, guard: Guard, subject: Subject, at: float) -> bool:
    """Whether he gets on: each stop's time as far as the slowest walk takes, and not for ever."""
    rule = world.rules.places
    if guard.paused is None:
        guard.paused = [subject.t, subject.t, subject.lon, subject.lat]
    entered, since, lon, lat = guard.paused
    if distance(lon, lat, subject.lon, subject.lat) > world.rules.company.min_mps * rule.corridor_stop_s:
        guard.paused, since = [entered, subject.t, subject.lon, subject.lat], subject.t
    return at - since < rule.corridor_stop_s and at - entered < rule.corridor_stay_s


_PARTS: Final = 32
"""Looks along a way between two fixes; no rule, only how finely it is looked at."""


def _along(world: World, pair: Pair, guard: Guard, subject: Subject, before: tuple[float, float, float]) -> bool:
    """Whether the straight way from the fix before keeps to the corridor wherever it is inside the zone."""
    t, lon, lat = before
    took, east, north = subject.t - t, turned(subject.lon - lon), subject.lat - lat
    way = (
        (t + took * part / _PARTS, lon + east * part / _PARTS, lat + north * part / _PARTS) for part in range(_PARTS)
    )
    return all(guard.zone.edge(x, y) > 0.0 or open_at(world, pair, guard, when, x, y) for when, x, y in way)
