"""More than one of something: more victims, orders both ways, going together, coming again. It must never say who of
several it is about to anybody but her.
"""

from dataclasses import replace
from random import Random
from typing import Final

from jikimi.simulate.device import TAG
from jikimi.simulate.outcome import BOTH, NOBODY, ROOM, Expected, Outcome
from jikimi.simulate.scenario import Order, Party, Scenario
from jikimi.simulate.scenarios.deceiving import LOST, ON_THE_WAY
from jikimi.simulate.scenarios.pair import HER, HERS, LAW_DATE, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import CAR, WALK, Journey, Mode, Track, still

TWICE: Final = (
    Expected("A02", 2, 4, (BOTH,)), Expected("A06", 2, 4, (BOTH,)), Expected("A08", 2, 4, (NOBODY,)),
)  # fmt: skip
"""An approach told for each of two orders."""


def walking_together(random: Random) -> Scenario:
    """He comes to her, and ten minutes later both walk away side by side: that is not peace."""
    return _together("walking-together", "He comes to her, and then both walk away side by side.", WALK, random)


def riding_together(random: Random) -> Scenario:
    """He comes to her, and ten minutes later both ride in one car, their devices heard at different seconds."""
    return _together("riding-together", "He comes to her, and then both ride away in one car.", CAR, random)


def _together(name: str, tells: str, mode: Mode, random: Random) -> Scenario:
    town, her = Town(), jitter(HER, random)
    his = Journey(town, (her[0] - 2000.0, her[1]), random).stay(300).go((her[0] - 5.0, her[1]), WALK).stay(600.0)
    left = his.t
    his.go((her[0] + 480.0 * mode.speed_mps, her[1] + 240.0 * mode.speed_mps), mode)
    way = [(t, p) for t, p in zip(his.track().times, his.track().points, strict=True) if t > left]
    hers = Track((0.0, left, *(t for t, _ in way)), (her, her, *(p for _, p in way)), ((0.0, left),))
    expected = (*ON_THE_WAY, *LOST, Expected("A02", 1, 3, (BOTH,)), Expected("A10", 1, 1, (BOTH,)))
    return pair(name, tells, his.track(), hers, Outcome(expected), town=town, seconds=his.t)


def two_victims(random: Random) -> Scenario:
    """He walks to one of two women he must not come near, and on to the other; each is told of him, not of her."""
    town, one = Town(), jitter(HER, random)
    other = (one[0] + 4800.0, one[1] + 600.0)
    his = Journey(town, (one[0] - 2400.0, one[1]), random).stay(300).go((one[0] - 18.0, one[1]), WALK)
    his.stay(150, indoors=False).go((other[0] - 18.0, other[1]), WALK).stay(150, indoors=False)
    expected = (*TWICE, Expected("A07", 0, 4, (ROOM,)))
    return Scenario(
        "two-victims", "He walks to one of two women who are protected from him, then to the other.", LAW_DATE, his.t,
        town, (Party("o", his.track(), TAG, monitored=True), Party("v", still(one), HERS), Party("w", still(other), HERS)),
        (Order("of-v", "o", "v"), Order("of-w", "o", "w")), Outcome((*expected, *LOST)),
    )  # fmt: skip


def mutual_orders(random: Random) -> Scenario:
    """Each has an order against the other; one walks up: two orders are broken, in two pairs."""
    town, b = Town(), jitter(HER, random)
    a = Journey(town, (b[0] - 2400.0, b[1]), random).stay(300).go((b[0] - 18.0, b[1]), WALK).stay(150, indoors=False)
    expected = (*TWICE, Expected("A07", 0, 4, (ROOM,)))
    return Scenario(
        "mutual-orders", "Each has an order against the other, and one walks up.", LAW_DATE, a.t, town,
        (Party("a", a.track(), TAG, monitored=True), Party("b", still(b), TAG, monitored=True)),
        (Order("of-a", "b", "a"), Order("of-b", "a", "b")), Outcome((*expected, *LOST)),
    )  # fmt: skip


def repeated_passes(random: Random) -> Scenario:
    """Four times in an afternoon he walks past her street, three hundred metres from her, and never comes in."""
    town, her = Town(), jitter(HER, random)
    south = her[1] - 300.0
    west, east = (her[0] - 2600.0, south), (her[0] + 2600.0, south)
    his = Journey(town, west, random).stay(200)
    for number in range(4):
        his.follow([east if number % 2 == 0 else west], WALK).stay(900)
    expected = (Expected("A08", 0, 4, (NOBODY,)), Expected("A07", 0, 4), Expected("A06", 1, 4, (BOTH,)),
                Expected("A19", 1, 2), *LOST)  # fmt: skip
    return pair(
        "repeated-passes", "He walks past 300 m from her, four times in an afternoon.", his.track(), still(her),
        Outcome(expected), town=town, seconds=his.t,
    )  # fmt: skip


def loitering(random: Random) -> Scenario:
    """He drives to a car park 1.4 km from her and waits for half an hour: somebody's task."""
    town, her = Town(), jitter(HER, random)
    his = Journey(town, (her[0] - 7000.0, her[1]), random).stay(240).follow([(her[0] - 1400.0, her[1])], CAR)
    his.stay(1800.0, indoors=False)
    expected = (Expected("A08", 0, 1, (NOBODY,)), Expected("A07", 0, 2, (ROOM,)), Expected("A06", 0, 1, (BOTH,)),
                Expected("A19", 1, 1), *LOST)  # fmt: skip
    return pair(
        "loitering", "He parks 1.4 km from her and waits for half an hour.", his.track(), still(her),
        Outcome(expected), town=town, seconds=his.t,
    )  # fmt: skip


def neighbour_again(random: Random) -> Scenario:
    """He lives a hundred and fifty metres from her and comes to her door three times in an evening: each is an approach."""
    town, her = Town(), jitter(HER, random)
    home, door = (her[0] - 150.0, her[1]), (her[0] - 12.0, her[1])
    his = Journey(town, home, random)
    for _ in range(3):
        his.stay(2700.0).go(door, WALK).stay(420.0, indoors=False).go(home, WALK)
    his.stay(900.0)
    expected = (
        Expected("A02", 3, 8, (BOTH,)),
        Expected("A06", 1, 3, (BOTH,)),
        Expected("A19", 0, 3),
        *ON_THE_WAY,
        *LOST,
    )
    return pair(
        "neighbour-again", "He lives 150 m from her and comes to her door three times in an evening.", his.track(),
        still(her), Outcome(expected), town=town, seconds=his.t,
    )  # fmt: skip


def waits_then_comes(random: Random) -> Scenario:
    """He stands at the edge of the radius for an hour, both devices reporting as they are asked to then, and then walks up."""
    town, her = Town(), jitter(HER, random)
    edge = (her[0] - 112.0, her[1])
    his = Journey(town, (her[0] - 2400.0, her[1]), random).stay(120).go(edge, WALK).stay(3600.0, indoors=False)
    his.go((her[0] - 12.0, her[1]), WALK).stay(600.0, indoors=False)
    expected = (Expected("A02", 1, 5, (BOTH,)), Expected("A19", 0, 1), *ON_THE_WAY, *LOST)
    return pair(
        "waits-then-comes", "He stands 112 m from her for an hour and then walks up.", his.track(), still(her),
        Outcome(expected), town=town, seconds=his.t, tag=replace(TAG, interval_s=15.0), phone=replace(HERS, interval_s=15.0),
    )  # fmt: skip
