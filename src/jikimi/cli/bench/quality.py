"""`jikimi bench quality`: what detection misses, whom it disturbs, and how early it speaks.

On recordings of real people where there are any. It must never leave out a pair-day because it looks bad.
"""

import json
import sys
import time
from collections import defaultdict
from math import inf
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from jikimi.cli.bench import provenance
from jikimi.cli.bench.quality_count import Tally, beyond, counts
from jikimi.cli.bench.quality_tracks import Day, PairDay, approaches, days, files, overlaid, pairs, reporting, spanning
from jikimi.cli.recordings import SOURCES, Row
from jikimi.cli.replay import Recording, decide
from jikimi.detect.decisions import Alert
from jikimi.detect.facts import Order
from jikimi.detect.rules import Rules, canonical
from jikimi.kernel.errors import JikimiError
from jikimi.registry import regimes

RADIUS_M: Final = 100.0
NEAR_MISS_M: Final = 20.0
BESIDE: Final = Path("../shared/data/trajectories")
"""Where recordings lie unless told otherwise; nothing of them is in this repository."""
SETS: Final = {"span": spanning, "reporting": reporting, "overlaid": overlaid}
"""Pair-days by what "both reporting for eight hours" is taken to mean, the headline's first."""


class Heard(NamedTuple):
    """What a day's pairs came to: every alert of each pair-day."""

    pair: PairDay
    alerts: list[Alert]


def say(text: str) -> None:
    """A line about what is going on, beside the answer."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


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


def recorded(every: list[Day], rules: Rules, *, show: int = 0) -> tuple[Tally, dict[str, list[int]]]:
    """The tally of all pair-days, and of each pair by hash: days, approaches, missed, counted beyond them."""
    tally = Tally()
    listed: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for number, day in enumerate(every, 1):
        for pair, alerts in hear(day, rules):
            stays, least = approaches(day[pair.offender], day[pair.victim], RADIUS_M)
            counted = [alert for alert in alerts if counts(alert)]
            lost, more = tally.add(stays, [alert.decided_at for alert in counted])
            outside = set(beyond(stays, [alert.decided_at for alert in counted]))
            tally.why.update(f"{a.code} {a.reason['rule']}" for a in counted if a.decided_at in outside)
            proven = any(alert.grade == "evidence" and alert.code == "A02" for alert in alerts)
            tally.false_evidence += proven and least >= RADIUS_M + NEAR_MISS_M
            name = pair.order.split("/")[0]
            listed[name] = [x + y for x, y in zip(listed[name], (1, len(stays), lost, more), strict=True)]
            if show and (lost or more):
                show -= 1
                _show(pair, stays, counted)
        if number % 100 == 0:
            say(f"  {number} of {len(every)} days: {tally.missed} missed, {tally.counted} counted")
    return tally, dict(sorted(listed.items()))


def _show(pair: PairDay, stays: list[tuple[float, float, float]], counted: list[Alert]) -> None:
    say(f"  {pair.order}: approaches {[(round(begin), round(end - begin)) for begin, end, _ in stays]}")
    for alert in counted:
        rule, apart = alert.reason["rule"], alert.distance_m
        say(f"    {alert.decided_at:.0f} {alert.code} {rule} {apart if apart is None else round(apart)} m")


def real(path: Path, rules: Rules, every: int, wanted: list[str], show: int) -> dict[str, object]:
    """Every set of pair-days of the recordings at ``path``, every ``every``-th day of them."""
    told: dict[str, object] = {}
    for file in files(path):
        all_days = days(file)
        for name in wanted:
            began = time.perf_counter()
            found = [day for day in SETS[name](all_days) if len(day) > 1]
            tally, listed = recorded(found[::every], rules, show=show)
            say(f"{file.stem}, {name}: {tally.told()} in {time.perf_counter() - began:.0f} s")
            told[f"{file.stem}/{name}"] = {**tally.told(), "every": every, "pairs": listed}
    return told


def command(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")] = False,
    trajectories: Annotated[Path | None, typer.Option(envvar="JIKIMI_TRAJECTORIES", exists=True)] = None,
    every: Annotated[int, typer.Option(min=1, help="Only every k-th recorded day.")] = 1,
    only: Annotated[str, typer.Option(help="Sets of pair-days: span, reporting, overlaid; with commas.")] = ",".join(
        SETS
    ),
    show: Annotated[int, typer.Option(help="So many pair-days with something wrong, alert by alert.")] = 0,
) -> None:
    """What detection misses, whom it disturbs and how early it speaks."""
    rules = regimes.editions()[-1]
    path = trajectories or (BESIDE if BESIDE.is_dir() else None)
    told: dict[str, object] = {}
    try:
        if path is None:
            say("No recordings of real people: --trajectories or JIKIMI_TRAJECTORIES names their folder.")
        else:
            told["real"] = real(path, rules, every, only.split(","), show)
    except JikimiError as error:
        typer.echo(json.dumps(error.problem(), ensure_ascii=False), err=True)
        raise typer.Exit(2) from error
    del json_
    typer.echo(json.dumps({**told, **provenance(canonical(rules))}, ensure_ascii=False))
