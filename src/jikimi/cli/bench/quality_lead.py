"""How long before he is there somebody knows: a car at 60 km/h, a fix a minute, from where and when it likes.

A way that never comes within the radius and yet raises is false, and is shown. It must never be left out.
"""

from dataclasses import replace
from math import cos, hypot, pi, sin
from random import Random
from statistics import median
from typing import Final, NamedTuple

from jikimi.cli.bench.quality_count import counts
from jikimi.cli.bench.quality_suite import raised
from jikimi.detect.rules import Rules, amended
from jikimi.simulate.device import PHONE, TAG, Model
from jikimi.simulate.outcome import Outcome
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios.pair import HER, jitter, pair
from jikimi.simulate.town import Town
from jikimi.simulate.track import ROAD, Journey, still
from jikimi.simulate.truth import enters
from jikimi.simulate.values import Point

RUNS: Final = 200
AWAY_M: Final = 7000.0
BESIDE_M: Final = 1500.0
"""A way that passes by does so at up to this distance, any as likely as another."""
RADIUS_M: Final = 100.0
STARTS: Final = ("radial", "road", "passing-by")


class Conditions(NamedTuple):
    """What devices are like: seconds between fixes, metres a deviation and axis, share of fixes lost."""

    interval_s: float = 60.0
    sigma_m: float = 6.0
    lost: float = 0.01

    def of(self, model: Model) -> Model:
        """A make of device under these conditions."""
        return replace(
            model, interval_s=self.interval_s, sigma_m=self.sigma_m, indoor_sigma_m=self.sigma_m, lost=self.lost
        )

    def rules(self, rules: Rules) -> Rules:
        """The rules told how often devices report."""
        return amended(rules, {"data": {"interval_s": self.interval_s}})


def drive(start: str, random: Random, conditions: Conditions) -> Scenario:
    """One drive of 60 km/h from seven kilometres away; its moment has no relation to the device's minute."""
    town, her = Town(), jitter(HER, random)
    turn = random.uniform(0.0, 2.0 * pi)
    far = (her[0] + AWAY_M * cos(turn), her[1] + AWAY_M * sin(turn))
    journey = Journey(town, far, random).stay(random.uniform(300.0, 360.0), indoors=False)
    match start:
        case "radial":
            journey.follow([her], ROAD).stay(120.0, indoors=False)
        case "road":
            journey.go(her, ROAD).stay(120.0, indoors=False)
        case _:
            journey.follow([_beyond(far, her, random.uniform(-BESIDE_M, BESIDE_M))], ROAD)
    return pair(
        start, "A car at 60 km/h.", journey.track(), still(her), Outcome(()), town=town, seconds=journey.t,
        tag=conditions.of(TAG), phone=conditions.of(PHONE),
    )  # fmt: skip


def _beyond(far: Point, her: Point, beside_m: float) -> Point:
    """As far behind her, on a straight way that passes at ``beside_m`` to one side."""
    east, north = her[0] - far[0], her[1] - far[1]
    length = hypot(east, north)
    middle = (her[0] - north / length * beside_m, her[1] + east / length * beside_m)
    return 2.0 * middle[0] - far[0], 2.0 * middle[1] - far[1]


class Lead(NamedTuple):
    """Seconds of one drive from the first counted alert to the radius; None: nothing counted before, or never there."""

    start: str
    arrives: bool
    lead_s: float | None


def drives(rules: Rules, conditions: Conditions, runs: int = RUNS) -> list[Lead]:
    """``runs`` drives from each start."""
    found = []
    told = conditions.rules(rules)
    for start in STARTS:
        for seed in range(runs):
            scenario = drive(start, Random(f"lead/{start}/{seed}"), conditions)
            his, hers = (one.track for one in scenario.people)
            there = enters(his, hers, RADIUS_M, (0.0, scenario.seconds))
            first = min((one.decided_at for one in raised(scenario, seed, told) if counts(one)), default=None)
            spoke = None if first is None else first - scenario.t0
            if there is None:
                found.append(Lead(start, False, spoke))
            else:
                found.append(Lead(start, True, None if spoke is None or spoke >= there else there - spoke))
    return found


def lead(rules: Rules, conditions: Conditions | None = None, runs: int = RUNS) -> dict[str, object]:
    """The median over all drives that arrive (an unseen one is 0 s), by start, and the false ones."""
    found = drives(rules, conditions or Conditions(), runs)
    arrived = [one for one in found if one.arrives]
    passed = [one for one in found if not one.arrives]
    by_start = {start: [one.lead_s or 0.0 for one in arrived if one.start == start] for start in STARTS}
    return {
        "lead_s": round(median(one.lead_s or 0.0 for one in arrived), 1),
        "by_start": {start: round(median(leads), 1) for start, leads in by_start.items() if leads},
        "least_s": round(min(one.lead_s or 0.0 for one in arrived), 1),
        "arrived": len(arrived), "unseen": sum(one.lead_s is None for one in arrived),
        "passed_by": len(passed), "false": sum(one.lead_s is not None for one in passed),
    }  # fmt: skip
