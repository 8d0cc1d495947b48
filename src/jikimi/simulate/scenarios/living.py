"""Lives that lie close together: one house, one street, one workplace. It must never blame her for meeting him."""

from random import Random

from jikimi.simulate.outcome import BOTH, ROOM, Expected, Outcome
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios.pair import HER, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import WALK, Journey, Track

_ON_THE_WAY = (Expected("A08", 0, 3), Expected("A07", 0, 3, (ROOM,)), Expected("A06", 0, 3, (BOTH,)),
               Expected("A11", 0, 1), Expected("A12", 0, 1), Expected("A19", 0, 1))  # fmt: skip


def different_floors(random: Random) -> Scenario:
    """She on the ninth floor, he on the second: a horizontal distance of nothing counts as nothing."""
    town, her = Town(), jitter(HER, random)
    his = Journey(town, (her[0] - 900.0, her[1] - 150.0), random).stay(240).go((her[0] + 6.0, her[1]), WALK).stay(900)
    hers = Track((0.0,), (her,), ((0.0, his.t),))
    return pair(
        "different-floors", "He goes to the second floor of the house on whose ninth she is.", his.track(), hers,
        Outcome((*_ON_THE_WAY, Expected("A02", 1, 2, (BOTH,)))), town=town, seconds=his.t,
    )  # fmt: skip


def neighbours(random: Random) -> Scenario:
    """Both live where they always lived, 300 m apart, and he goes to the shop and back."""
    town, her = Town(), jitter(HER, random)
    home, shop = (her[0] + 300.0, her[1]), (her[0] + 780.0, her[1])
    his = Journey(town, home, random).stay(2400).follow([shop], WALK).stay(600).follow([home], WALK).stay(2400)
    hers = Track((0.0,), (her,), ((0.0, his.t),))
    expected = (Expected("A08", 0, 1), Expected("A07", 0, 1, (ROOM,)), Expected("A06", 1, 2, (BOTH,)),
                Expected("A02", 0, 0), Expected("A11", 0, 1), Expected("A19", 0, 1))  # fmt: skip
    return pair(
        "neighbours", "They live 300 m apart; he goes to the shop and comes back.", his.track(), hers,
        Outcome(expected), town=town, seconds=his.t,
    )  # fmt: skip


def his_workplace(random: Random) -> Scenario:
    """She walks into the shop where he works, by chance."""
    town, work = Town(), jitter(HER, random)
    hers = Journey(town, (work[0] + 1500.0, work[1] + 450.0), random).stay(300).go((work[0] + 8.0, work[1]), WALK)
    hers.stay(300).go((work[0] - 900.0, work[1]), WALK)
    his = Track((0.0,), (work,), ((0.0, hers.t),))
    return pair(
        "his-workplace", "She walks into the shop where he works.", his, hers.track(),
        Outcome((*_ON_THE_WAY, Expected("A02", 1, 2, (BOTH,)))), town=town, seconds=hers.t,
    )  # fmt: skip
