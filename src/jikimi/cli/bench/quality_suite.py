"""The scenarios of `jikimi simulate` through the engine: what was missed, and where the outcome is another.

It must never hand the truth to what is being tested.
"""

from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import Final

from jikimi.cli import recordings
from jikimi.cli.recordings import SOURCES, Event, Row
from jikimi.cli.replay import Recording, decide
from jikimi.detect.decisions import Alert
from jikimi.detect.rules import Rules
from jikimi.simulate import files
from jikimi.simulate.outcome import complaints, missed
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import SCENARIOS, build

SEEDS: Final = range(1, 6)
SUITE: Final = tuple(name for name in SCENARIOS if name != "ordinary-night")


def recording(scenario: Scenario, seed: int, rules: Rules) -> Recording:
    """A scenario as its files would be read, under one edition of the rules."""
    t0 = scenario.t0
    rows = [
        Row(fix.subject, t0 + fix.t, fix.lon, fix.lat, fix.accuracy_m, SOURCES[fix.source], t0 + fix.received_t)
        for fix in scenario.fixes(seed)
    ]
    told = [
        Event(one["t"], one["subject"], one["kind"], one["received_t"], one["value"]) for one in files.events(scenario)
    ]
    orders = recordings.order_facts(Path(scenario.name), files.orders(scenario), rows[0].received_t)
    return Recording(rows, orders, sorted(told, key=recordings.received), [(-inf, rules)])


def raised(scenario: Scenario, seed: int, rules: Rules) -> list[Alert]:
    """Every alert of a scenario."""
    return [told for told in decide(recording(scenario, seed, rules)) if isinstance(told, Alert)]


def suite(rules: Rules, say: Callable[[str], None], seeds: Sequence[int] = SEEDS) -> dict[str, object]:
    """Every scenario for every seed: approaches, those missed, and what came out otherwise, by scenario."""
    approached = lost = 0
    wrong: dict[str, list[str]] = {}
    for name in SUITE:
        for seed in seeds:
            scenario = build(name, seed)
            alerts = [_line(alert) for alert in raised(scenario, seed, rules)]
            truth = scenario.approaches()
            unseen = missed(truth, alerts, scenario.t0)
            approached, lost = approached + len(truth), lost + len(unseen)
            found = [f"missed at {one.begin:.0f} s" for one in unseen] + complaints(scenario.outcome, alerts)
            if found:
                wrong.setdefault(name, []).extend(f"seed {seed}: {text}" for text in found)
    say(f"suite: {lost} of {approached} approaches missed; {len(wrong)} of {len(SUITE)} scenarios came out otherwise")
    return {
        "scenarios": len(SUITE), "seeds": len(seeds), "approaches": approached, "missed": lost, "otherwise": wrong,
    }  # fmt: skip


def _line(alert: Alert) -> dict[str, object]:
    """As far as an outcome looks at a line of `jikimi replay`."""
    return {key: getattr(alert, key) for key in ("code", "order", "also_orders", "decided_at", "grade", "reason")}
