"""He comes up to her: on foot, by car. It must never go on to what he would do there."""

from random import Random

from jikimi.simulate.outcome import BOTH, NOBODY, ROOM, Expected, Outcome
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios.pair import HER, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import ROAD, WALK, Journey, still
from jikimi.simulate.values import Point

RINGS = (
    Expected("A08", 1, 2, (NOBODY,)), Expected("A07", 0, 2, (ROOM,)), Expected("A06", 1, 2, (BOTH,)),
    Expected("A02", 1, 2, (BOTH,)), Expected("A12", 0, 1), Expected("A11", 0, 1),
)  # fmt: skip


def walk_up(random: Random) -> Scenario:
    """On foot from three kilometres; two minutes beside her, then away."""
    town, her = Town(), jitter(HER, random)
    far: Point = (her[0] - 2400.0, her[1] + 600.0)
    his = Journey(town, far, random).stay(300).go((her[0] - 18.0, her[1]), WALK).stay(120, indoors=False).go(far, WALK)
    return pair(
        "walk-up", "He walks up to her from three kilometres, stays two minutes and leaves.", his.track(), still(her),
        Outcome(RINGS), town=town, seconds=his.t,
    )  # fmt: skip


def car_up(random: Random) -> Scenario:
    """By car at 60 km/h from seven kilometres: one fix a minute is one a kilometre."""
    town, her = Town(), jitter(HER, random)
    far: Point = (her[0] + 7000.0, her[1] + random.uniform(-300.0, 300.0))
    his = Journey(town, far, random).stay(random.uniform(240.0, 300.0)).follow([(her[0] + 15.0, her[1])], ROAD)
    his.stay(150, indoors=False).follow([far], ROAD)
    expected = (Expected("A08", 0, 1), Expected("A07", 0, 1), Expected("A06", 0, 2, (BOTH,)), *RINGS[3:])
    return pair(
        "car-up", "He drives up to her at 60 km/h; a minute between fixes is a kilometre.", his.track(), still(her),
        Outcome(expected), town=town, seconds=his.t,
    )  # fmt: skip
