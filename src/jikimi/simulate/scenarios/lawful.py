"""What the law does meanwhile: hearings, ends, moves, consents. It must never bind a minute longer than it binds."""

from random import Random
from typing import Final

from jikimi.simulate.device import TAG
from jikimi.simulate.outcome import BOTH, Expected, Outcome
from jikimi.simulate.scenario import Order, Party, Place, Scenario
from jikimi.simulate.scenarios.approaching import RINGS
from jikimi.simulate.scenarios.deceiving import LOST, ON_THE_WAY
from jikimi.simulate.scenarios.pair import HER, HERS, LAW_DATE, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import WALK, Journey, Track, still
from jikimi.simulate.values import Event

_HOUR: Final = 3600.0
MIDNIGHT: Final = "2026-10-05T23:20:00+09:00"


def court_hearing(random: Random) -> Scenario:
    """Both sit in one court while the order is suspended; it binds again, and he waits for her in the street."""
    town, court = Town(), jitter(HER, random)
    ends = 2400.0
    his = Journey(town, (court[0] - 2000.0, court[1]), random).stay(60).go((court[0] - 8.0, court[1]), WALK)
    his.stay(ends - 500.0 - his.t).go((court[0] - 380.0, court[1]), WALK).stay(600.0, indoors=False)
    his.go((court[0] - 15.0, court[1]), WALK).stay(150.0, indoors=False)
    hers = Track((0.0,), (court,), ((0.0, his.t),))
    return pair(
        "court-hearing", "Both are heard in court; afterwards he waits in the street and comes back.", his.track(),
        hers, Outcome((*ON_THE_WAY, Expected("A06", 1, 2, (BOTH,)), Expected("A02", 1, 2, (BOTH,)), *LOST)), town=town,
        seconds=his.t, suspensions=((0.0, ends),),
    )  # fmt: skip


def expires_on_the_way(random: Random) -> Scenario:
    """The order ends at midnight while he is six hundred metres from her; what he does then breaks none."""
    town, her = Town(), jitter(HER, random)
    midnight = 2400.0
    his = Journey(town, (her[0] - 2600.0, her[1]), random)
    his.stay(midnight - 2000.0 / WALK.speed_mps).follow([(her[0] - 20.0, her[1])], WALK).stay(300.0, indoors=False)
    return pair(
        "expires-on-the-way", "The order ends at midnight while he is on his way, 600 m from her.", his.track(),
        still(her), Outcome((*RINGS[:2], *ON_THE_WAY[2:], Expected("A21", 0, 1))), town=town, seconds=his.t,
        until=midnight, law_date=MIDNIGHT,
    )  # fmt: skip


def last_minutes(random: Random) -> Scenario:
    """An emergency measure ends after 48 hours; he comes at 47 h 57 min and stays beyond the end."""
    town, her = Town(), jitter(HER, random)
    ends = 2400.0
    his = Journey(town, (her[0] - 2600.0, her[1]), random)
    his.stay(ends - 180.0 - 2500.0 / WALK.speed_mps).follow([(her[0] - 20.0, her[1])], WALK).stay(900.0, indoors=False)
    return pair(
        "last-minutes", "He comes in the last three minutes of an emergency measure's 48 hours.", his.track(),
        still(her), Outcome((*RINGS, Expected("A21", 0, 1))), town=town, seconds=his.t, start=ends - 48.0 * _HOUR,
        until=ends,
    )  # fmt: skip


def moved_house(random: Random) -> Scenario:
    """She moves and the order with her, while he stands before the old house; he finds the new one."""
    town, old = Town(), jitter(HER, random)
    new = (old[0] + 1500.0, old[1] + 450.0)
    his = Journey(town, (old[0] - 2000.0, old[1]), random).stay(300).go((old[0] - 20.0, old[1]), WALK)
    his.stay(240.0, indoors=False)
    moved = his.t
    his.stay(240.0, indoors=False).go((new[0] - 20.0, new[1]), WALK).stay(240.0, indoors=False)
    hers = Track((0.0, moved, moved + 1.0), (old, old, new), ((0.0, his.t),))
    orders = (
        Order("order", "o", "v", places=(Place("old-home", "home", old),), until=moved),
        Order("order-2", "o", "v", start=moved, places=(Place("new-home", "home", new),)),
    )
    expected = (*ON_THE_WAY, Expected("A07", 1, 3), Expected("A02", 2, 2, (BOTH,)), Expected("A16", 0, 1))
    return Scenario(
        "moved-house", "The order's address changes while he stands before the old one; he walks to the new.", LAW_DATE,
        his.t, town, (Party("o", his.track(), TAG, monitored=True), Party("v", hers, HERS, ((0.0, his.t + 1.0),))),
        orders, Outcome(expected),
    )  # fmt: skip


def device_refused(random: Random) -> Scenario:
    """She refused a device: her home is guarded all the same, and nothing is said of a pair."""
    town, her = Town(), jitter(HER, random)
    his = Journey(town, (her[0] - 2700.0, her[1] + 300.0), random).stay(300).go((her[0] - 20.0, her[1]), WALK)
    his.stay(180.0, indoors=False)
    return pair(
        "device-refused", "She refused a device; he comes to her home.", his.track(), still(her),
        Outcome((Expected("A02", 1, 1, (BOTH,)), Expected("A07", 1, 1), Expected("A16", 0, 1))), town=town,
        seconds=his.t, her_off=((0.0, his.t + 1.0),), home=her,
    )  # fmt: skip


def consent_withdrawn(random: Random) -> Scenario:
    """She withdraws her consent while he is four hundred metres away: nothing is silenced by it."""
    town, her = Town(), jitter(HER, random)
    his = Journey(town, (her[0] - 2400.0, her[1] + 600.0), random).stay(300).go((her[0] - 400.0, her[1]), WALK)
    withdrawn = his.t
    his.stay(120.0, indoors=False).go((her[0] - 18.0, her[1]), WALK).stay(150.0, indoors=False)
    return pair(
        "consent-withdrawn", "She withdraws her consent while he is 400 m away; he comes up.", his.track(), still(her),
        Outcome(RINGS), town=town, seconds=his.t,
        events=(Event("v", withdrawn, "consent", "withdrawn", withdrawn + 0.6),),
    )  # fmt: skip
