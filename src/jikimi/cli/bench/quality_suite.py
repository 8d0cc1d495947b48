"""The scenarios of `jikimi simulate` through the engine: what was missed, and where the outcome is another.

It must never hand the truth to what is being tested.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from jikimi.cli import recordings
from jikimi.cli.bench.quality_count import Tally, counts
from jikimi.cli.bench.quality_rules import SWEPT, raises, series
from jikimi.cli.bench.quality_tracks import Recorded, Stay
from jikimi.cli.recordings import SOURCES, Event, Row
from jikimi.cli.replay import Recording, decide
from jikimi.detect.decisions import Alert
from jikimi.detect.rules import Rules
from jikimi.simulate import files
from jikimi.simulate.outcome import STANDS_S, complaints, missed, seeable
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import SCENARIOS, build
from jikimi.simulate.values import Approach

SEEDS: Final = range(1, 6)
SUITE: Final = tuple(name for name in SCENARIOS if name != "ordinary-night")


class Suite(NamedTuple):
    """What came of all scenarios; the tallies are of people alone, for others' rules know no places."""

    ours: Tally
    theirs: dict[str, Tally]
    at_places: int
    """Approaches to places missed."""
    otherwise: dict[str, list[str]]
    """Scenarios that came out otherwise than they say, and how."""
    scenarios: int

    def told(self) -> dict[str, object]:
        """As it is printed."""
        people = {key: value for key, value in self.ours.told().items() if key in ("approaches", "missed", "counted")}
        return {
            "scenarios": self.scenarios, "seeds": len(SEEDS), **people, "missed_at_places": self.at_places,
            "otherwise": self.otherwise,
        }  # fmt: skip


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


def alerts_of(played: Recording) -> list[Alert]:
    """Every alert of a recording."""
    return [told for told in decide(played) if isinstance(told, Alert)]


def raised(scenario: Scenario, seed: int, rules: Rules) -> list[Alert]:
    """Every alert of a scenario."""
    return alerts_of(recording(scenario, seed, rules))


def suite(rules: Rules, say: Callable[[str], None], seeds: Sequence[int] = SEEDS) -> Suite:
    """Every scenario for every seed, through our rules and through others'."""
    ours, theirs = (Tally(earliest_s=STANDS_S), {rule.name: Tally(earliest_s=STANDS_S) for rule in SWEPT})
    wrong: dict[str, list[str]] = {}
    at_places = 0
    for name in SUITE:
        for seed in seeds:
            scenario = build(name, seed)
            played = recording(scenario, seed, rules)
            alerts = alerts_of(played)
            lines = [_line(alert) for alert in alerts]
            truth = seeable(scenario.approaches(), scenario.fixes(seed))
            unseen = missed(truth, lines, scenario.t0)
            at_places += sum(one.place is not None for one in unseen)
            found = [f"missed at {one.begin:.0f} s" for one in unseen] + complaints(scenario.outcome, lines)
            if found:
                wrong.setdefault(name, []).extend(f"seed {seed}: {text}" for text in found)
            for order, stays, his, hers in people_of(scenario, played, truth):
                ours.add(stays, [a.decided_at for a in alerts if counts(a) and order in (a.order, *a.also_orders)])
                seen = series(his, hers)
                for rule in SWEPT:
                    theirs[rule.name].add(stays, raises(rule, seen))
    say(f"suite: {ours.missed} of {ours.approaches} approaches missed, {len(wrong)} scenarios came out otherwise")
    return Suite(ours, theirs, at_places, wrong, len(SUITE))


def people_of(
    scenario: Scenario, played: Recording, truth: Sequence[Approach]
) -> Iterator[tuple[str, list[Stay], Recorded, Recorded]]:
    """Every order with the true approaches of its people, and their fixes in the order of arrival."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in played.rows:
        rows[row.subject].append(row)
    for order in scenario.orders:
        t0 = scenario.t0
        stays = [(t0 + a.begin, t0 + a.end, a.least_m) for a in truth if a.order == order.order and a.place is None]
        yield order.order, stays, _recorded(rows[order.offender]), _recorded(rows[order.victim])


def _recorded(rows: list[Row]) -> Recorded:
    axes = np.array([(row.received_t, row.lon, row.lat) for row in rows]).reshape(-1, 3).T
    return Recorded(axes[0], axes[1], axes[2])


def _line(alert: Alert) -> dict[str, Any]:
    """As far as an outcome looks at a line of `jikimi replay`."""
    return {key: getattr(alert, key) for key in ("code", "order", "also_orders", "decided_at", "grade", "reason")}
