"""`jikimi replay`: the live engine over recordings. It must never decide anything itself, nor need a service.

Every subject is a device carried by itself; orders and carriers are known from the first receipt on; ticks come every
second of receive time. The same recording gives the same bytes, whole, in pieces or with rows repeated.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from math import ceil, floor, inf, isfinite
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from jikimi.cli import recordings
from jikimi.cli.bench import provenance
from jikimi.cli.explaining import explain
from jikimi.cli.recordings import Event, Row
from jikimi.detect.accuracy import sigma_of
from jikimi.detect.decisions import Alert, Cleared, Decision, Moved, Pace
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, DeviceEvent, Fact, Fix, Fixes, FixFlag, Order, RuleChange
from jikimi.detect.limits import Limits
from jikimi.detect.rules import Rules, amended, canonical
from jikimi.kernel.errors import JikimiError, Malformed
from jikimi.registry import regimes

KEYS = (
    "alert", "code", "order", "also_orders", "at", "decided_at", "state", "distance_m", "sigma_m",
    "time_to_contact_s", "attribution", "grade", "place", "reason",
)  # fmt: skip
_DECIMALS = {"distance_m": 2, "sigma_m": 2, "time_to_contact_s": 1}


class Ticks(NamedTuple):
    """Ticks at every second from ``first`` to ``last``."""

    first: float
    last: float


class Recording(NamedTuple):
    """What a replay is made of; ``editions``: rules by the moment they begin to hold, the first from the start."""

    rows: list[Row]
    orders: list[Order]
    events: list[Event]
    editions: list[tuple[float, Rules]]


def read(fixes: Path, orders: Path, events: Path | None = None, config: Path | None = None) -> Recording:
    """A recording from its files; raises Malformed, Absurd or NotFound saying which row and field."""
    rows = recordings.fixes(fixes)
    told = recordings.events(events) if events else []
    times = [rows[0].received_t, rows[-1].received_t] if rows else []
    times += [recordings.received(event) for event in told]
    begin, end = min(times, default=0.0), max(times, default=0.0)
    bound = recordings.orders(orders, begin)
    regime = {order.regime or regimes.DEFAULT for order in bound} or {regimes.DEFAULT}
    if len(regime) > 1:
        raise Malformed(
            f"Orders of several regimes ({', '.join(sorted(regime))}) cannot share a replay.", field="regime"
        )
    changes = recordings.config(config) if config else {}
    return Recording(rows, bound, told, _editions(regime.pop(), begin, end, changes))


def _editions(regime: str, begin: float, end: float, changes: Mapping[str, Any]) -> list[tuple[float, Rules]]:
    """The edition in force at the beginning and those that begin later, each with the changes laid over it."""
    first = regimes.edition_at(begin, regime)
    later = [(regimes.starts_at(e), e) for e in regimes.editions(regime) if begin < regimes.starts_at(e) <= end]
    try:
        found = [(at, amended(edition, changes)) for at, edition in [(-inf, first), *later]]
        for _, edition in found:
            Limits(edition)
    except (ValueError, ArithmeticError, KeyError) as error:
        raise Malformed(f"The configuration does not fit the rules: {error}") from error
    return found


def facts(recording: Recording, tail_s: float = 0.0) -> Iterator[Fact | Ticks]:
    """The recording as the log would hold it: standing facts, then fixes, events and ticks by receipt."""
    batches = [(t, list(rows)) for t, rows in groupby(recording.rows, key=lambda row: row.received_t)]
    timed: list[tuple[float, int, list[Row] | Event | Rules]] = [(t, 1, rows) for t, rows in batches]
    timed += [(recordings.received(event), 2, event) for event in recording.events]
    timed += [(at, 0, rules) for at, rules in recording.editions[1:]]
    timed.sort(key=lambda entry: entry[:2])
    if not timed:
        return
    begin = timed[0][0]
    yield from _standing(recording, begin)
    rules = recording.editions[0][1]
    ticked = ceil(begin) - 1.0
    for received_t, _, entry in timed:
        if floor(received_t) > ticked:
            yield Ticks(ticked + 1.0, float(floor(received_t)))
            ticked = float(floor(received_t))
        if isinstance(entry, Rules):
            rules = entry
            yield RuleChange(received_t, rules.version, canonical(rules))
        elif isinstance(entry, Event):
            value = int(entry.value) if isinstance(entry.value, bool) else entry.value
            yield DeviceEvent(received_t, entry.subject, entry.t, entry.kind, value)
        else:
            yield Fixes(received_t, [_fix(row, rules) for row in entry])
    if floor(ticked + tail_s) > ticked:
        yield Ticks(ticked + 1.0, float(floor(timed[-1][0] + tail_s)))


def _standing(recording: Recording, begin: float) -> Iterator[Fact]:
    interval = recording.editions[0][1].data.interval_s
    subjects = dict.fromkeys([row.subject for row in recording.rows] + [event.subject for event in recording.events])
    for subject in sorted(subjects):
        yield Carry(begin, subject, subject, subject, 0.0, None, interval)
    yield from recording.orders


def _fix(row: Row, rules: Rules) -> Fix:
    sigma, assumed = sigma_of(row.accuracy_m, row.source, rules.accuracy)
    flags = FixFlag.VALID | FixFlag.PROVEN | (FixFlag.ASSUMED if assumed else 0)
    return Fix(row.subject, row.t, row.lon, row.lat, sigma, row.source, int(flags), accuracy_m=row.accuracy_m)


def decide(recording: Recording, tail_s: float = 0.0, cuts: Iterable[int] = ()) -> Iterator[Decision]:
    """Every decision of the engine; before each fact numbered in ``cuts`` it is written down and started anew."""
    engine = Engine(recording.editions[0][1])
    restarts = frozenset(cuts)
    for number, fact in enumerate(facts(recording, tail_s)):
        if number in restarts:
            engine = Engine.load(engine.dump())
        yield from engine.ticks(*fact) if isinstance(fact, Ticks) else engine.apply(fact)


def line(decision: Decision, *, explained: bool = False) -> str:
    """A decision as one line of the output, floats rounded so that equal decisions are equal bytes."""
    match decision:
        case Alert():
            told = {key: getattr(decision, key) for key in KEYS}
            if explained:
                told["explanation"] = explain(decision)
        case Cleared():
            told = {"cleared": decision.alert, "code": decision.code, "order": decision.order,
                    "at": decision.at, "decided_at": decision.decided_at}  # fmt: skip
        case Pace():
            told = {"pace": decision.pair, "interval_s": decision.interval_s, "at": decision.at,
                    "decided_at": decision.decided_at}  # fmt: skip
        case Moved():
            told = {"moved": decision.pair, "order": decision.order, "state": decision.state, "at": decision.at,
                    "decided_at": decision.decided_at, "distance_m": decision.distance_m,
                    "time_to_contact_s": decision.time_to_contact_s}  # fmt: skip
    return json.dumps({key: _rounded(key, value) for key, value in told.items()}, ensure_ascii=False, allow_nan=False)


def _rounded(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(name, below) for name, below in value.items()}
    if isinstance(value, float):
        return round(value, _DECIMALS.get(key, 3)) if isfinite(value) else None
    return value


def replay(
    fixes: Path, orders: Path, out: Path, *, events: Path | None = None, config: Path | None = None,
    transitions: bool = False, tail_s: float = 0.0, cuts: Iterable[int] = (), explained: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Replay files into ``out`` (JSON lines); returns counts per code and fixes per second, with their provenance."""
    recording = read(fixes, orders, events, config)
    counted: Counter[str] = Counter()
    began = time.perf_counter()
    with out.open("w", encoding="utf-8") as file:
        for decision in decide(recording, tail_s, cuts):
            if isinstance(decision, Alert):
                counted[decision.code] += 1
            elif not transitions:
                continue
            file.write(line(decision, explained=explained) + "\n")
    took = time.perf_counter() - began
    return {
        "counts": dict(sorted(counted.items())),
        "fixes": len(recording.rows),
        "fixes_per_s": round(len(recording.rows) / took) if took > 0.0 else None,
        **provenance("".join(canonical(rules) for _, rules in recording.editions)),
    }


def command(
    fixes: Annotated[Path, typer.Option("--fixes", help="CSV or Parquet of fixes.", exists=True, dir_okay=False)],
    orders: Annotated[Path, typer.Option("--orders", help="JSON list of orders.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", help="Alerts as JSON lines.", dir_okay=False)],
    events: Annotated[Path | None, typer.Option("--events", help="Events as JSON lines.", exists=True)] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Rules to change, as JSON.", exists=True)] = None,
    transitions: Annotated[bool, typer.Option("--transitions", help="Clears and ring changes.")] = False,
    explained: Annotated[bool, typer.Option("--explain", help="Each alert also in a sentence, ko and en.")] = False,
    tail: Annotated[float, typer.Option("--tail", min=0.0, help="Seconds of ticks after the last receipt.")] = 0.0,
) -> None:
    """Run recordings through the live engine; no services needed."""
    try:
        told = replay(
            fixes, orders, out, events=events, config=config, transitions=transitions, tail_s=tail, explained=explained,
        )  # fmt: skip
    except JikimiError as error:
        typer.echo(json.dumps(error.problem(), ensure_ascii=False), err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(told, ensure_ascii=False))
