"""What arrives late, twice, in the wrong order or under a wrong time. It must never make an approach look like none."""

from dataclasses import replace
from random import Random
from typing import Final

from jikimi.simulate.device import TAG
from jikimi.simulate.network import Network
from jikimi.simulate.outcome import BOTH, NOBODY, OPERATOR, Expected, Outcome
from jikimi.simulate.scenario import Order, Party, Scenario
from jikimi.simulate.scenarios.approaching import RINGS
from jikimi.simulate.scenarios.deceiving import LOST, ON_THE_WAY
from jikimi.simulate.scenarios.pair import HER, HERS, LAW_DATE, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import ROAD, WALK, Journey, still
from jikimi.simulate.values import Point

_STORM: Final = 60
"""Pairs of a storm; ten thousand are the same storm."""


def _visit(random: Random) -> tuple[Town, Point, Journey]:
    """On foot from three kilometres; two and a half minutes beside her, then away."""
    town, her = Town(), jitter(HER, random)
    far: Point = (her[0] - 2400.0, her[1] + 600.0)
    his = Journey(town, far, random).stay(300).go((her[0] - 18.0, her[1]), WALK).stay(150, indoors=False)
    return town, her, his.go(far, WALK)


def tunnel(random: Random) -> Scenario:
    """A car in a tunnel for two minutes, four kilometres from her: silence that means nothing, told afterwards."""
    away = random.uniform(3900.0, 4200.0)
    her = jitter(HER, random)
    town = Town(dead=(((her[0], her[1] - away), 950.0),))
    his = Journey(town, (her[0] - 6000.0, her[1] - away), random).stay(random.uniform(120.0, 180.0), indoors=False)
    his.follow([(her[0] + 6000.0, her[1] - away)], ROAD)
    return pair(
        "tunnel", "He drives through a tunnel four kilometres from her.", his.track(), still(her),
        Outcome((Expected("A08", 0, 1, (NOBODY,)),)), town=town, seconds=his.t,
    )  # fmt: skip


def late_hour(random: Random) -> Scenario:
    """What his tag knew of the visit arrives an hour later: for the file, and nobody races for it."""
    town, her, his = _visit(random)
    his.stay(4200.0)
    expected = (*ON_THE_WAY, *LOST, Expected("A26", 1, 2), Expected("A02", 0, 0))
    return pair(
        "late-hour", "He visits her; his tag's fixes of that hour arrive afterwards.", his.track(), still(her),
        Outcome(expected), town=town, seconds=his.t, network=Network(held=(400.0, 5400.0)),
    )  # fmt: skip


def shuffled(random: Random) -> Scenario:
    """Every third fix arrives again, and they overtake each other by half a minute."""
    town, her, his = _visit(random)
    return pair(
        "shuffled", "He walks up to her; fixes arrive twice and in the wrong order.", his.track(), still(her),
        Outcome(RINGS), town=town, seconds=his.t, network=Network(overtaking_s=20.0, twice=0.3),
    )  # fmt: skip


def clock_ahead(random: Random) -> Scenario:
    """His tag's clock is twenty seconds ahead: a little wrong is believed."""
    town, her, his = _visit(random)
    return pair(
        "clock-ahead", "He walks up to her; his tag's clock is 20 s ahead.", his.track(), still(her),
        Outcome(RINGS), town=town, seconds=his.t, tag=replace(TAG, skew_s=20.0),
    )  # fmt: skip


def clock_broken(random: Random) -> Scenario:
    """His tag's clock is ten minutes ahead: nothing it says can be believed, and that is said."""
    town, her, his = _visit(random)
    return pair(
        "clock-broken", "He walks up to her; his tag's clock is ten minutes ahead.", his.track(), still(her),
        Outcome((*ON_THE_WAY, *LOST)), town=town, seconds=his.t, tag=replace(TAG, skew_s=600.0),
    )  # fmt: skip


def reconnect_storm(random: Random) -> Scenario:
    """A network fails under everybody at once and comes back: one trouble of ours, not one for each of them."""
    town, seconds = Town(), 2400.0
    parties: list[Party] = []
    orders: list[Order] = []
    cut = Network(held=(600.0, 1500.0))
    for number in range(_STORM):
        home = (random.uniform(-20_000.0, 20_000.0), random.uniform(-20_000.0, 20_000.0))
        other = (home[0] + random.uniform(3000.0, 9000.0), home[1])
        o, v = f"o{number:02d}", f"v{number:02d}"
        parties += [Party(o, still(home), TAG, monitored=True, network=cut), Party(v, still(other), HERS, network=cut)]
        orders.append(Order(f"s{number:02d}", o, v))
    expected = (
        Expected("A25", 1, 2), Expected("A11", 0, 3, (OPERATOR, BOTH)), Expected("A12", 0, _STORM // 2),
        Expected("A13", 0, 6), Expected("A16", 0, _STORM // 2),
    )  # fmt: skip
    return Scenario(
        "reconnect-storm", "A network fails under sixty pairs for a quarter of an hour, and all come back at once.",
        LAW_DATE, seconds, town, tuple(parties), tuple(orders), Outcome(expected),
    )  # fmt: skip
