"""Recordings of real people through the engine, and through the rules of others. It must never leave out a pair-day
because it looks bad.
"""

from collections import defaultdict
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Final, NamedTuple

from jikimi.cli.bench.quality_count import Tally, beyond, counts
from jikimi.cli.bench.quality_rules import SWEPT, raises, series
from jikimi.cli.bench.quality_tracks import (
    KNOWN_S,
    Day,
    PairDay,
    Stay,
    approaches,
    days,
    files,
    nearest,
    overlaid,
    pairs,
    reporting,
    spanning,
)  # fmt: skip
from jikimi.cli.recordings import SOURCES, Row
from jikimi.cli.replay import Recording, decide
from jikimi.detect.decisions import Alert
from jikimi.detect.facts import Order
from jikimi.detect.rules import Rules

RADIUS_M: Final = 100.0
NEAR_MISS_M: Final = 20.0
SETS: Final = {"span": spanning, "reporting": reporting, "overlaid": overlaid}
"""Pair-days by what "both reporting for eight hours" is taken to mean, the headline's first."""
HEADLINE: Final = next(iter(SETS))
_PROGRESS: Final = 100

Say = Callable[[str], None]


class Heard(NamedTuple):
    """What a pair-day came to: every alert of it."""

    pair: PairDay
    alerts: list[Alert]


class Result(NamedTuple):
    """One set of pair-days: what we made of it, what others would have, and each pair by its hash."""

    ours: Tally
    theirs: dict[str, Tally]
    listed: dict[str, list[int]]
    """Hash to pair-days, approaches, missed, counted beyond approaches."""


def hear(day: Day, rules: Rules) -> list[Heard]:
    """A day of recorded people through the engine, with an order for every pair that comes near."""
    near = list(pairs(day))
    names = sorted({name for pair in near for name in (pair.offender, pair.victim)})
    rows = [
        Row(name, t, lon, lat, None, SOURCES["gnss"], t)
        for name in names
        for t, lon, lat in zip(*(axis.tolist() for axis in day[name]), strict=True)
    ]
    rows.sort(key=lambda row: row.t)
    orders = [Order(rows[0].t, one.order, 1, one.offender, one.victim, 0.0, None, RADIUS_M) for one in near]
    by_order: dict[str, list[Alert]] = defaultdict(list)
    for decision in decide(Recording(rows, orders, [], [(-inf, rules)])):
        if isinstance(decision, Alert):
            for order in (decision.order, *decision.also_orders):
                by_order[order].append(decision)
    return [Heard(one, by_order[one.order]) for one in near]


def recorded(every: list[Day], rules: Rules, say: Say, show: int = 0) -> Result:
    """All pair-days of ``every`` day; the first ``show`` with something wrong are said alert by alert."""
    tally, theirs = Tally(), {rule.name: Tally() for rule in SWEPT}
    listed: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    danger = rules.rings["DANGER"].radius_m or RADIUS_M
    for number, day in enumerate(every, 1):
        for pair, alerts in hear(day, rules):
            his, hers = day[pair.offender], day[pair.victim]
            stays, least = approaches(his, hers, RADIUS_M)
            counted = [alert for alert in alerts if counts(alert)]
            far = nearest(his, hers, KNOWN_S) > danger
            lost, more = tally.add(stays, [alert.decided_at for alert in counted], apart=far)
            outside = set(beyond(stays, [alert.decided_at for alert in counted]))
            tally.why.update(f"{a.code} {a.reason['rule']}" for a in counted if a.decided_at in outside)
            tally.tasks += sum(alert.reason["dispatch"] == "task" and alert not in counted for alert in alerts)
            proven = any(alert.grade == "evidence" and alert.code == "A02" for alert in alerts)
            tally.false_evidence += proven and least >= RADIUS_M + NEAR_MISS_M
            seen = series(his, hers)
            for rule in SWEPT:
                theirs[rule.name].add(stays, raises(rule, seen))
            name = pair.order.split("/")[0]
            listed[name] = [x + y for x, y in zip(listed[name], (1, len(stays), lost, more), strict=True)]
            if show and (lost or more):
                show -= 1
                _show(pair, stays, counted, say)
        if number % _PROGRESS == 0:
            say(f"  {number} of {len(every)} days: {tally.missed} missed, {tally.counted} counted")
    return Result(tally, theirs, dict(sorted(listed.items())))


def _show(pair: PairDay, stays: list[Stay], counted: list[Alert], say: Say) -> None:
    say(f"  {pair.order}: approaches {[(round(begin), round(end - begin)) for begin, end, _ in stays]}")
    for alert in counted:
        rule, away = alert.reason["rule"], alert.distance_m
        say(f"    {alert.decided_at:.0f} {alert.code} {rule} {away if away is None else round(away)} m")


def real(path: Path, rules: Rules, say: Say, wanted: list[str], every: int = 1, show: int = 0) -> dict[str, Result]:
    """Every wanted set of pair-days of the recordings at ``path``; of the days only every ``every``-th."""
    told: dict[str, Result] = {}
    for name in wanted:
        found = [day for file in files(path) for day in SETS[name](days(file)) if len(day) > 1]
        told[name] = recorded(found[::every], rules, say, show)
        say(f"recordings, {name}: {told[name].ours.told()}")
    return told
