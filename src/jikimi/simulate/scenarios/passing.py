"""They pass each other and nobody approaches anybody. It must never be told apart by what the devices do not say."""

from random import Random

from jikimi.simulate.outcome import BOTH, Expected, Outcome
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios.pair import HER, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import HIGHWAY, TRAIN, Journey, still


def train_pass_by(random: Random) -> Scenario:
    """At 216 km/h past her house, three hundred metres from it."""
    town, her = Town(), jitter(HER, random)
    line = her[1] + random.uniform(280.0, 340.0)
    his = Journey(town, (her[0] - 18_000.0, line), random).stay(random.uniform(200.0, 260.0), indoors=False)
    his.follow([(her[0] + 18_000.0, line)], TRAIN)
    expected = (Expected("A08", 0, 1), Expected("A07", 0, 1), Expected("A06", 0, 1, (BOTH,)), Expected("A02", 0, 0),
                Expected("A11", 0, 1))  # fmt: skip
    return pair(
        "train-pass-by", "A train carries him past her house at 216 km/h, 300 m away.", his.track(), still(her),
        Outcome(expected), town=town, seconds=his.t,
    )  # fmt: skip


def parallel_highways(random: Random) -> Scenario:
    """Side by side for a quarter of an hour, twelve hundred metres apart, each on a road of their own."""
    town, away = Town(), random.uniform(1150.0, 1300.0)
    journeys = []
    for x, y in ((-12_000.0, 0.0), (-12_000.0 + random.uniform(-150.0, 150.0), away)):
        journey = Journey(town, (x, y), random).stay(180, indoors=False).follow([(x + 24_000.0, y)], HIGHWAY)
        journeys.append(journey.stay(60, indoors=False))
    his, hers = journeys
    expected = (Expected("A08", 0, 2), Expected("A07", 0, 1), Expected("A06", 0, 0), Expected("A02", 0, 0),
                Expected("A11", 0, 1))  # fmt: skip
    return pair(
        "parallel-highways", "Both drive the same way at 97 km/h on roads 1.2 km apart.", his.track(), hers.track(),
        Outcome(expected), town=town, seconds=min(his.t, hers.t),
    )  # fmt: skip
