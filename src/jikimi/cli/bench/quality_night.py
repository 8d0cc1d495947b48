"""A night of wearers and what it asks of those on duty: every alarm of every code. It must never hold an approach.

Fewer wearers than five thousand stand for them: pairs do not know each other, and alarms are counted per wearer.
"""

from collections import Counter
from random import Random
from typing import Final, NamedTuple

from jikimi.cli.bench.quality_count import counts
from jikimi.cli.bench.quality_suite import raised
from jikimi.cli.bench.quality_tracks import NEAR_M
from jikimi.detect.rules import Rules
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import build
from jikimi.simulate.scenarios.ordinary_night import ordinary_night
from jikimi.simulate.truth import enters

WEARERS: Final = 5000
ON_DUTY: Final = 14
HOURS: Final = 8.0
SEED: Final = 1


class Near(NamedTuple):
    """Nights of pairs who live a few kilometres apart and never meet: what would be a disturbance by day as well."""

    pair_days: int
    counted: int


def night(rules: Rules, wearers: int, hours: float = HOURS) -> dict[str, object]:
    """Alarms of every code an operator and hour for 5,000 wearers, and how they are spread over priorities and codes."""
    scenario = build("ordinary-night", SEED, people=wearers, hours=hours)
    alarms = [alert for alert in raised(scenario, SEED, rules) if alert.grade != "evidence"]
    priorities = Counter(str(alert.reason["priority"]) for alert in alarms)
    return {
        "alarms_per_operator_hour": round(len(alarms) * WEARERS / wearers / hours / ON_DUTY, 3),
        "priority_share": {name: round(count / len(alarms), 4) for name, count in sorted(priorities.items())},
        "alarms": len(alarms), "wearers": wearers, "stand_for": WEARERS, "on_duty": ON_DUTY, "hours": hours,
        "by_rule": dict(Counter(f"{alert.code} {alert.reason['rule']}" for alert in alarms).most_common()),
    }  # fmt: skip


def living_near(pairs: int, hours: float) -> Scenario:
    """The same night for ``pairs`` all of whom live a few kilometres apart."""
    return ordinary_night(Random(f"near/{SEED}"), pairs, hours, near=1.0)


def neighbours(rules: Rules, pairs: int) -> Near:
    """Counted alerts of pairs who live near."""
    scenario = living_near(pairs, HOURS)
    near = nearby(scenario)
    alerts = raised(scenario, SEED, rules)
    return Near(len(near), sum(counts(alert) and alert.order in near for alert in alerts))


def nearby(scenario: Scenario) -> set[str]:
    """Orders whose two truly come within five kilometres in the night."""
    tracks = {one.subject: one.track for one in scenario.people}
    span = (0.0, scenario.seconds)
    return {
        order.order for order in scenario.orders
        if enters(tracks[order.offender], tracks[order.victim], NEAR_M, span) is not None
    }  # fmt: skip
