"""Devices that fall silent or are broken. It must never let a battery look like safety."""

from random import Random

from jikimi.simulate.outcome import BOTH, LIST, OPERATOR, ROOM, Expected, Outcome
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios.pair import HER, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import WALK, Journey, Track, still
from jikimi.simulate.values import Event

_HERE = 150.0


def phone_dead_at_home(random: Random) -> Scenario:
    """Her phone is dead, she is at home, and he comes to the house: the house itself is guarded."""
    town, her = Town(), jitter(HER, random)
    his = Journey(town, (her[0] - 2700.0, her[1] + 300.0), random).stay(1500).go((her[0] - 20.0, her[1]), WALK)
    his.stay(_HERE, indoors=False)
    expected = (
        Expected("A02", 1, 2, (BOTH,)), Expected("A07", 1, 2, (ROOM,)), Expected("A12", 1, 2, (OPERATOR, BOTH)),
        Expected("A16", 0, 1),
        Expected("A11", 0, 1), Expected("A08", 0, 1), Expected("A06", 0, 1),
    )  # fmt: skip
    hers = Track((0.0,), (her,), ((0.0, his.t),))
    return pair(
        "phone-dead-at-home", "Her phone died; she is at home and he comes there.", his.track(), hers,
        Outcome(expected), town=town, seconds=his.t, her_off=((600.0, his.t),), home=her,
    )  # fmt: skip


def battery_dead(random: Random) -> Scenario:
    """His tag's battery dies three kilometres away, and he walks on to her unseen."""
    town, her = Town(), jitter(HER, random)
    his = Journey(town, (her[0] - 3600.0, her[1]), random).stay(120).follow([(her[0] - 3000.0, her[1])], WALK)
    dead = his.t
    his.follow([(her[0] - 20.0, her[1])], WALK).stay(_HERE, indoors=False)
    expected = (
        Expected("A12", 1, 2, (OPERATOR, BOTH, LIST)),
        Expected("A11", 1, 1, (OPERATOR, BOTH)),
        Expected("A08", 0, 1),
        Expected("A15", 0, 2),
    )
    return pair(
        "battery-dead", "His battery dies three kilometres from her; he walks on.", his.track(), still(her),
        Outcome(expected), town=town, seconds=his.t, his_off=((dead, his.t + 1.0),),
        events=(Event("o", dead - 90.0, "battery", 4.0, dead - 89.0), Event("o", dead - 30.0, "battery", 1.0, dead - 29.0)),
    )  # fmt: skip


def strap_far(random: Random) -> Scenario:
    """The strap is cut twelve kilometres from her."""
    return _strap("strap-far", "He cuts the strap twelve kilometres from her.", 12_000.0, random,
                  Outcome((Expected("A05", 1, 1, (BOTH,)), Expected("A12", 0, 1))))  # fmt: skip


def strap_near(random: Random) -> Scenario:
    """The strap is cut one kilometre from her."""
    expected = (Expected("A04", 1, 1, (BOTH,)), Expected("A08", 0, 1), Expected("A07", 0, 2), Expected("A12", 0, 1),
                Expected("A11", 0, 1))  # fmt: skip
    return _strap("strap-near", "He cuts the strap one kilometre from her.", 1000.0, random, Outcome(expected))


def _strap(name: str, tells: str, away_m: float, random: Random, outcome: Outcome) -> Scenario:
    town, her = Town(), jitter(HER, random)
    his = still((her[0] - away_m, her[1] + 30.0))
    cut = 600.0 + random.uniform(0.0, 60.0)
    return pair(
        name, tells, his, still(her), outcome, town=town, seconds=1200.0,
        events=(Event("o", cut, "strap", None, cut + 0.8),),
    )  # fmt: skip
