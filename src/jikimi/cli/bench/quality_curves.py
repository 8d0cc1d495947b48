"""What becomes of detection as devices get worse: missed, counted and lead over noise, interval and lost fixes.

Beside the rules of others on the same fixes. It must never show a condition at which ours was not measured.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Final, NamedTuple

from jikimi.cli.bench.pictures import Curve, Panel, picture
from jikimi.cli.bench.quality_count import counts
from jikimi.cli.bench.quality_lead import RADIUS_M, STARTS, Conditions, drive
from jikimi.cli.bench.quality_night import HOURS, living_near
from jikimi.cli.bench.quality_rules import Rule, raises, series
from jikimi.cli.bench.quality_suite import alerts_of, people_of, recording
from jikimi.detect.rules import Rules
from jikimi.simulate.outcome import STANDS_S, unseen
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import build
from jikimi.simulate.truth import enters

OURS: Final = "Jikimi"
OTHERS: Final = (Rule(500.0), Rule(2000.0), Rule(500.0, edge=True), Rule(500.0, 4))
APPROACHES: Final = ("walk-up", "car-up", "his-workplace", "different-floors")
SEEDS: Final = 12
PAIRS: Final = 60
DRIVES: Final = 40


class Axis(NamedTuple):
    """What gets worse, and how far."""

    name: str
    title: str
    label: str
    conditions: tuple[tuple[str, Conditions], ...]


AXES: Final = (
    Axis("noise", "The worse the positions", "deviation of a position on each axis, m",
         tuple((f"{m:g}", Conditions(sigma_m=m)) for m in (3.0, 6.0, 12.0, 25.0, 50.0, 100.0))),
    Axis("interval", "The rarer the positions", "seconds between two positions of a device",
         tuple((f"{s:g}", Conditions(interval_s=s)) for s in (15.0, 30.0, 60.0, 120.0, 300.0))),
    Axis("dropout", "The more positions are lost", "share of positions lost",
         tuple((f"{share:.0%}", Conditions(lost=share)) for share in (0.01, 0.1, 0.2, 0.4, 0.6))),
)  # fmt: skip


class Point(NamedTuple):
    """One rule under one condition: share of approaches missed, counted alerts a pair-night, median lead in seconds."""

    missed: float
    counted: float
    lead_s: float


def curves(rules: Rules, folder: Path, say: Callable[[str], None]) -> dict[str, object]:
    """Measure every axis and draw it into ``folder``; returns the points."""
    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, object] = {}
    for axis in AXES:
        points = [measure(rules, conditions) for _, conditions in axis.conditions]
        marks = [mark for mark, _ in axis.conditions]
        (folder / f"quality-{axis.name}.svg").write_text(_drawn(axis, marks, points), encoding="utf-8")
        told[axis.name] = {mark: {name: one._asdict() for name, one in point.items()}
                           for mark, point in zip(marks, points, strict=True)}  # fmt: skip
        say(f"curves over {axis.name}: {[tuple(round(x, 2) for x in point[OURS]) for point in points]}")
    return told


def _drawn(axis: Axis, marks: Sequence[str], points: Sequence[dict[str, Point]]) -> str:
    def of(value: Callable[[Point], float]) -> list[Curve]:
        return [Curve(name, [value(point[name]) for point in points]) for name in points[0]]

    return picture(axis.title, axis.label, marks, [
        Panel("Approaches missed, %", "lower is better", of(lambda one: 100.0 * one.missed)),
        Panel("Counted alerts, quiet night", "lower is better", of(lambda one: one.counted)),
        Panel("Lead before 100 m, car, s", "higher is better", of(lambda one: one.lead_s)),
    ])  # fmt: skip


def measure(rules: Rules, conditions: Conditions) -> dict[str, Point]:
    """Ours and every other rule under one condition."""
    told = conditions.rules(rules)
    missed, counted, leads = _missed(told, conditions), _counted(told, conditions), _leads(told, conditions)
    return {name: Point(missed[name], counted[name], leads[name]) for name in missed}


def spoken(scenario: Scenario, seed: int, rules: Rules) -> Iterator[tuple[str, str, list[float], list[float]]]:
    """Of every rule and order: its name, the order, when it raised, and when true approaches began."""
    played = recording(scenario, seed, rules)
    ours: dict[str, list[float]] = defaultdict(list)
    for alert in alerts_of(played):
        for order in (alert.order, *alert.also_orders) if counts(alert) else ():
            ours[order].append(alert.decided_at)
    for order, stays, his, hers in people_of(scenario, played, scenario.approaches()):
        begins = [begin for begin, _, _ in stays]
        yield OURS, order, ours[order], begins
        seen = series(his, hers)
        for rule in OTHERS:
            yield rule.name, order, raises(rule, seen), begins


def _under(scenario: Scenario, conditions: Conditions) -> Scenario:
    return replace(scenario, people=tuple(replace(one, model=conditions.of(one.model)) for one in scenario.people))


def _missed(rules: Rules, conditions: Conditions) -> dict[str, float]:
    lost: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name in APPROACHES:
        for seed in range(1, SEEDS + 1):
            for rule, _, raised, begins in spoken(_under(build(name, seed), conditions), seed, rules):
                lost[rule][0] += len(unseen(begins, raised, STANDS_S))
                lost[rule][1] += len(begins)
    return {rule: count / of for rule, (count, of) in lost.items()}


def _counted(rules: Rules, conditions: Conditions) -> dict[str, float]:
    found: dict[str, int] = defaultdict(int)
    for rule, _, raised, _ in spoken(_under(living_near(PAIRS, HOURS), conditions), 1, rules):
        found[rule] += len(raised)
    return {rule: count / PAIRS for rule, count in found.items()}


def _leads(rules: Rules, conditions: Conditions) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for start in STARTS:
        for seed in range(DRIVES):
            scenario = drive(start, Random(f"lead/{start}/{seed}"), conditions)
            his, hers = (one.track for one in scenario.people)
            there = enters(his, hers, RADIUS_M, (0.0, scenario.seconds))
            if there is not None:
                for rule, _, raised, _ in spoken(scenario, seed, rules):
                    first = min(raised, default=scenario.t0 + there)
                    found[rule].append(max(0.0, scenario.t0 + there - first))
    return {rule: median(leads) for rule, leads in found.items()}
