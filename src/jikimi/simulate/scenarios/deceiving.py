"""Devices that are hindered or lied to: foil, jamming, a false position, a borrowed radio. It must never show how.

A device says what it noticed, as events; where it truly is, only the truth knows.
"""

from dataclasses import replace
from random import Random
from typing import Final

from jikimi.simulate.device import TAG
from jikimi.simulate.outcome import BOTH, LIST, NOBODY, OPERATOR, ROOM, Expected, Outcome
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios.pair import HER, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import WALK, Journey, Track, still
from jikimi.simulate.values import Event, Point

ON_THE_WAY: Final = (
    Expected("A08", 0, 2, (NOBODY,)), Expected("A07", 0, 2, (ROOM,)), Expected("A06", 0, 2, (BOTH,)),
)  # fmt: skip
LOST: Final = (
    Expected("A11", 0, 2, (OPERATOR, BOTH)), Expected("A12", 0, 2, (OPERATOR, BOTH, LIST)), Expected("A13", 0, 2),
    Expected("A14", 0, 2),
)  # fmt: skip
BESIDE_S: Final = 150.0


class _Way:
    """On foot from ``away_m`` to her door; ``near`` is the moment something happens to his device."""

    def __init__(self, random: Random, away_m: float, before_m: float) -> None:
        self.town, self.her = Town(), jitter(HER, random)
        journey = Journey(self.town, (self.her[0] - away_m, self.her[1]), random).stay(random.uniform(120.0, 180.0))
        journey.follow([(self.her[0] - before_m, self.her[1])], WALK)
        self.near = journey.t
        journey.follow([(self.her[0] - 20.0, self.her[1])], WALK).stay(BESIDE_S, indoors=False)
        self.seconds, self.his = journey.t, journey.track()


def foil(random: Random) -> Scenario:
    """Six hundred metres from her he wraps the tag in foil and goes on."""
    way = _Way(random, 2600.0, 600.0)
    wrapped = Event("o", way.near, "shielding", None, way.near + 0.5)
    return pair(
        "foil", "He wraps his tag in foil 600 m from her and walks on.", way.his, still(way.her),
        Outcome((*ON_THE_WAY, *LOST)), town=way.town, seconds=way.seconds, his_off=((way.near, way.seconds + 1.0),),
        events=(wrapped,),
    )  # fmt: skip


def gnss_jam(random: Random) -> Scenario:
    """A jammer takes his satellites; the network stays, and the tag says that it is there and knows no place."""
    way = _Way(random, 2600.0, 900.0)
    jammed = Event("o", way.near, "jamming", None, way.near + 0.5)
    beats = int((way.seconds - way.near) // 60)
    alive = [Event("o", way.near + 60.0 * n, "heartbeat", None, way.near + 60.0 * n + 0.5) for n in range(1, beats)]
    return pair(
        "gnss-jam", "A jammer takes his satellites 900 m from her; he walks on.", way.his, still(way.her),
        Outcome((*ON_THE_WAY, *LOST)), town=way.town, seconds=way.seconds, his_off=((way.near, way.seconds + 1.0),),
        events=(jammed, *alive),
    )  # fmt: skip


def spoof_home(random: Random) -> Scenario:
    """His receiver is shown his home, three kilometres away; the tag says that the networks contradict it."""
    way = _Way(random, 3000.0, 700.0)
    home = way.his.points[0]
    before = [(t, p) for t, p in zip(way.his.times, way.his.points, strict=True) if t < way.near]
    believed = Track(
        (*(t for t, _ in before), way.near, way.near + 1.0), (*(p for _, p in before), way.his.at(way.near), home)
    )
    noticed = Event("o", way.near + 60.0, "spoofing", None, way.near + 60.5)
    return pair(
        "spoof-home", "His receiver is shown his home while he walks the last 700 m to her.", way.his, still(way.her),
        Outcome((*ON_THE_WAY, *LOST, Expected("A14", 1, 2))), town=way.town, seconds=way.seconds, believed=believed,
        events=(noticed,),
    )  # fmt: skip


def radio_relay(random: Random) -> Scenario:
    """Her device hears his by a relay while he sits eight kilometres away: heard is near, whatever positions say."""
    town, her = Town(), jitter(HER, random)
    his = still((her[0] - 8000.0, her[1]))
    heard = 600.0 + random.uniform(0.0, 60.0)
    return pair(
        "radio-relay", "Her device hears his through a relay; he is eight kilometres away.", his, still(her),
        Outcome((Expected("A03", 1, 1, (BOTH,)), *ON_THE_WAY, *LOST)), town=town, seconds=1500.0,
        events=(Event("v", heard, "contact", "o", heard + 0.4),),
    )  # fmt: skip


def teleport(random: Random) -> Scenario:
    """For one fix his receiver is sure to be beside her, from thirty kilometres away."""
    town, her = Town(), jitter(HER, random)
    his: Point = (her[0] - 30_000.0, her[1])
    at = 900.0 + random.uniform(0.0, 60.0)
    knots = ((0.0, his), (at, his), (at + 0.1, (her[0] - 25.0, her[1])), (at + 59.0, (her[0] - 25.0, her[1])),
             (at + 59.1, his))  # fmt: skip
    believed = Track(tuple(t for t, _ in knots), tuple(p for _, p in knots))
    expected = (Expected("A11", 0, 1, (OPERATOR,)), Expected("A14", 0, 1), *ON_THE_WAY[:1])
    return pair(
        "teleport", "For one fix his receiver is sure to be beside her; he is thirty kilometres away.", still(his),
        still(her), Outcome(expected), town=town, seconds=2400.0, believed=believed, tag=replace(TAG, lost=0.0),
    )  # fmt: skip


def tower_only(random: Random) -> Scenario:
    """His tag knows no more than which mast it hears: 1.5 km, and he walks up to her."""
    way = _Way(random, 2600.0, 900.0)
    return pair(
        "tower-only", "His positions are those of masts, good for 1.5 km; he walks up to her.", way.his, still(way.her),
        Outcome((*ON_THE_WAY, *LOST, Expected("A11", 1, 5), Expected("A02", 0, 1, (BOTH,)))), town=way.town, seconds=way.seconds,
        tag=replace(TAG, sigma_m=600.0, indoor_sigma_m=600.0, source="cell"),
    )  # fmt: skip
