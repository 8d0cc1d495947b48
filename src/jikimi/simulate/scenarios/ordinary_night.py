"""Five thousand wearers and those they must stay away from, on a night in which nothing happens but life.

It must never hold a true approach: whatever is raised here is what operators are paid in sleep for.
"""

from dataclasses import replace
from math import cos, hypot, pi, sin
from random import Random
from typing import Final

from jikimi.kernel.geodesy import point_to_segment
from jikimi.simulate.device import PHONE, TAG, WATCH, flawed
from jikimi.simulate.outcome import Expected, Outcome
from jikimi.simulate.scenario import Order, Party, Scenario
from jikimi.simulate.scenarios.troubles import troubles
from jikimi.simulate.town import Town
from jikimi.simulate.track import BUS, CAR, WALK, Journey, Mode, Track
from jikimi.simulate.values import Point

SPREAD_M: Final = 30_000.0
NEAR: Final = 0.02
"""Share of pairs who live a few kilometres apart; the others do not meet by accident."""
KEPT_M: Final = 700.0
"""Nobody's way comes nearer to the other than this."""
_DEVICES: Final = (flawed(TAG), flawed(replace(PHONE, interval_s=60.0)), flawed(WATCH))
_TAG = _DEVICES[0]


def ordinary_night(random: Random, people: int = 5000, hours: float = 8.0, near: float = NEAR) -> Scenario:
    """``people`` wearers with a partner each, from ten in the evening on; a share ``near`` of them live near her."""
    town = Town(dead=(((4000.0, 9000.0), 600.0), ((-11_000.0, -5000.0), 900.0)))
    seconds = hours * 3600.0
    parties: list[Party] = []
    orders: list[Order] = []
    for number in range(people):
        his, hers = _homes(random, near)
        # Nobody lives where no device was ever heard: it would never have been put on them.
        while town.is_dead(his) or town.is_dead(hers):
            his, hers = _homes(random, near)
        o, v = f"o{number:05d}", f"v{number:05d}"
        parties.append(Party(o, _night(town, his, hers, random, seconds), _TAG, monitored=True))
        parties.append(Party(v, _night(town, hers, his, random, seconds), random.choice(_DEVICES[1:])))
        orders.append(Order(f"n{number:05d}", o, v))
    troubled = [troubles(one, random, seconds) for one in parties]
    events = sorted((event for _, told in troubled for event in told), key=lambda event: event.received_t)
    most = max(3, people // 20)
    expected = tuple(
        Expected(code, 0, most) for code in ("A02", "A06", "A07", "A08", "A11", "A12", "A13", "A15", "A16")
    )
    return Scenario(
        "ordinary-night", f"{people} wearers, and nothing happens but life.", "2026-10-05T22:00:00+09:00", seconds,
        town, tuple(one for one, _ in troubled), tuple(orders), Outcome(expected), tuple(events),
    )  # fmt: skip


def _homes(random: Random, near: float) -> tuple[Point, Point]:
    """His and hers: mostly far apart, for a few a few kilometres."""
    x, y = random.uniform(-SPREAD_M, SPREAD_M), random.uniform(-SPREAD_M, SPREAD_M)
    away = random.uniform(1600.0, 5000.0) if random.random() < near else random.uniform(6000.0, 40_000.0)
    turn = random.uniform(0.0, 2.0 * pi)
    return (x, y), (x + away * cos(turn), y + away * sin(turn))


def _night(town: Town, home: Point, other: Point, random: Random, seconds: float) -> Track:
    """At home, with an errand for some and a night shift for a few; never toward the other."""
    journey = Journey(town, home, random)
    habit = random.random()
    if habit < _SHIFT:
        journey.stay(random.uniform(600.0, 5400.0))
        work = _toward(home, other, random, 2000.0, 6000.0)
        _visit(journey, work, CAR if habit < _SHIFT / 2 else BUS, other, max(3600.0, seconds - journey.t - 3600.0))
    elif habit < _ERRAND:
        journey.stay(random.uniform(0.0, 7200.0))
        _visit(journey, _toward(home, other, random, 200.0, 900.0), WALK, other, random.uniform(300.0, 3600.0))
    return journey.stay(max(1.0, seconds - journey.t)).track()


_SHIFT, _ERRAND = 0.06, 0.30


def _toward(home: Point, other: Point, random: Random, least: float, most: float) -> Point:
    """Somewhere within ``most`` metres of home, away from the other."""
    apart = hypot(home[0] - other[0], home[1] - other[1])
    reach = random.uniform(least, most)
    turn = random.uniform(-1.2, 1.2)
    east, north = (home[0] - other[0]) / apart, (home[1] - other[1]) / apart
    return (home[0] + reach * (east * cos(turn) - north * sin(turn)),
            home[1] + reach * (east * sin(turn) + north * cos(turn)))  # fmt: skip


def _visit(journey: Journey, there: Point, mode: Mode, other: Point, stay_s: float) -> None:
    home = journey.at
    way = journey.town.way(home, there)
    if min(point_to_segment(*other, *way[at], *way[at + 1]) for at in range(len(way) - 1)) > KEPT_M:
        journey.follow(way, mode).stay(stay_s).follow(way[::-1], mode)
