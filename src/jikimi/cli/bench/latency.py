"""`jikimi bench latency`: from a fix's request to both dispatch orders on their terminals, each committed before.

Open loop: every alert has its moment, and a send that comes late counts as late. It must never measure an alert of a
pair that has an open incident already.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from jikimi.cli.bench import provenance
from jikimi.cli.bench.floor import floor_ms
from jikimi.cli.bench.installation import Installation
from jikimi.cli.bench.lines import HttpLine, closing, fix_request, http_lines, terminal
from jikimi.cli.bench.town import Pair, Party, Town, settle
from jikimi.kernel.geodesy import shifted

APART_M = 2600.0
"""Alert pairs begin outside every ring, near enough that 45 s of driving explain the last fix."""
JUMP_M = 60.0
HEARTBEAT_S = 50.0
LAST_WORD_S = 45.0
WARM_UP_S = 47.0
_LOOK_S = 0.002


@dataclass(slots=True)
class Shape:
    """What is asked of the run."""

    alerts: int = 1000
    alerts_per_s: float = 12.0
    background_per_s: int = 2000
    connections: int = 200
    units: int = 24
    near_share: float = 0.1


@dataclass(slots=True)
class Tally:
    """What came of it."""

    due: dict[str, float] = field(default_factory=dict)
    seen: dict[str, dict[str, float]] = field(default_factory=dict)
    incidents: dict[str, str] = field(default_factory=dict)
    deliveries: dict[str, set[str]] = field(default_factory=dict)
    background: int = 0


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    alerts: Annotated[int, typer.Option(help="How many alerts.")] = 1000,
    background: Annotated[int, typer.Option(help="Fixes a second behind them.")] = 2000,
) -> None:
    """Measure fix to both dispatch orders, at load, on an installation of its own."""
    shape = Shape(alerts=alerts, background_per_s=background)
    result = run(shape, Console(stderr=True))
    if as_json:
        typer.echo(json.dumps(result))
        return
    for name, value in result.items():
        typer.echo(f"{name:>18} {value}")


def run(shape: Shape, screen: Console) -> dict[str, object]:
    """Start an installation, load it, measure, stop it."""
    with Installation() as installation:
        screen.print("Registering the town …")
        random = Random(11)
        devices = shape.background_per_s
        near = round(devices * shape.near_share / 2)
        apart = [random.uniform(1200, 1900) for _ in range(near)]
        apart += [random.uniform(5200, 50_000) for _ in range(devices // 2 - near)]
        town = settle(installation, apart + [APART_M] * shape.alerts, shape.units)
        tokens = [installation.token(officer.name, officer.password) for officer in town.officers]
        room = installation.token("dispatcher")
        floor = floor_ms(installation)
        at_rest = installation.pss_mb()
        screen.print(f"{shape.alerts} alerts over {shape.alerts / shape.alerts_per_s:.0f} s …")
        tally, took_s = uvloop.run(_drive(installation, town, tokens, room, shape))
        loaded = installation.pss_mb()
    return _result(shape, tally, took_s, floor) | {"pss_mb": round(loaded), "pss_at_rest_mb": round(at_rest)}


async def _drive(
    installation: Installation, town: Town, tokens: list[str], room: str, shape: Shape
) -> tuple[Tally, float]:
    background = town.pairs[: -shape.alerts]
    alerting = town.pairs[-shape.alerts :]
    tally = Tally()
    lines = await http_lines(installation.intake_port, shape.connections)
    desk = await http_lines(installation.port, 4)
    pair_of = {pair.offender.person: pair for pair in alerting}
    by_unit = {f"unit:{officer.unit}": token for officer, token in zip(town.officers, tokens, strict=True)}

    def heard(message: dict[str, Any], when: float) -> None:
        body = message["body"]
        if message["kind"] != "tasking" or body["offender_id"] not in pair_of:
            return
        who = body["offender_id"]
        if who not in tally.due or not message["recorded"]:
            return
        tally.deliveries.setdefault(body["alert"], set()).add(body["delivery"])
        tally.seen.setdefault(who, {}).setdefault(body["toward"], when)
        if len(tally.seen[who]) == 2 and who not in tally.incidents:
            tally.incidents[who] = message["incident"]
            _close(desk, message, by_unit[message["feed"]], room)

    terminals = [asyncio.create_task(terminal(installation.port, token, heard)) for token in tokens]
    start = time.time() + WARM_UP_S
    driving = [
        asyncio.create_task(_background(lines, background, shape, tally, start)),
        asyncio.create_task(_heartbeats(lines, alerting, shape, start)),
        asyncio.create_task(_alerts(lines, alerting, shape, tally, start)),
    ]
    await driving[2]
    began = start
    for _ in range(100):
        if len(tally.incidents) == len(tally.due):
            break
        await asyncio.sleep(0.1)
    took = time.time() - began
    for task in (*driving, *terminals):
        task.cancel()
    for ended in await asyncio.gather(*driving, *terminals, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
    return tally, took


async def _background(lines: list[HttpLine], pairs: list[Pair], shape: Shape, tally: Tally, start: float) -> None:
    """Every device once a second, on its own line, until cancelled; counted from ``start`` on."""
    random = Random(5)
    parties = [party for pair in pairs for party in (pair.offender, pair.victim)]
    random.shuffle(parties)
    first, sent = time.time(), 0
    while True:
        now = time.time()
        due = int((now - first) * shape.background_per_s)
        for number in range(sent, due):
            party = parties[number % len(parties)]
            lon, lat = shifted(party.lon, party.lat, random.gauss(0, 3), random.gauss(0, 3))
            lines[number % len(lines)].send(fix_request(party.device, party.key, now, lon, lat))
            tally.background += now >= start
        sent = due
        await asyncio.sleep(_LOOK_S)


async def _heartbeats(lines: list[HttpLine], pairs: list[Pair], shape: Shape, start: float) -> None:
    """What an alert pair says while nothing happens: each party once in fifty seconds."""
    plan = sorted(_words(pairs, shape, start), key=lambda word: word[0])
    for at, party in plan:
        await asyncio.sleep(max(0.0, at - time.time()))
        lines[hash(party.device) % len(lines)].send(fix_request(party.device, party.key, at, party.lon, party.lat))


def _words(pairs: list[Pair], shape: Shape, start: float) -> Iterator[tuple[float, Party]]:
    first = start - WARM_UP_S
    for number, pair in enumerate(pairs):
        moment = start + number / shape.alerts_per_s
        for party, before in ((pair.offender, LAST_WORD_S), (pair.victim, LAST_WORD_S - 10)):
            at = moment - before
            while at > first:
                yield at, party
                at -= HEARTBEAT_S
            # The first moments: everybody has been somewhere once.
            yield max(first, at) + 0.001 * (number % 1000), party


async def _alerts(lines: list[HttpLine], pairs: list[Pair], shape: Shape, tally: Tally, start: float) -> None:
    """One offender after another is suddenly near; its moment is the plan's, whenever the send happens."""
    for number, pair in enumerate(pairs):
        moment = start + number / shape.alerts_per_s
        await asyncio.sleep(max(0.0, moment - time.time()))
        lon, lat = shifted(pair.victim.lon, pair.victim.lat, -JUMP_M, 0.0)
        tally.due[pair.offender.person] = moment
        lines[number % len(lines)].send(fix_request(pair.offender.device, pair.offender.key, moment, lon, lat))


def _close(desk: list[HttpLine], message: dict[str, Any], officer: str, room: str) -> None:
    """Whoever was told last reports being there, and the room closes: three requests, one after the other."""
    incident = message["incident"]
    line = desk[hash(incident) % len(desk)]
    for what in closing(incident, message["body"]["tasking"], officer, room):
        line.send(what)


def _result(shape: Shape, tally: Tally, took_s: float, floor: float) -> dict[str, object]:
    waits = sorted((max(seen.values()) - tally.due[who]) * 1000 for who, seen in tally.seen.items() if len(seen) > 1)
    configuration = json.dumps({"shape": str(shape)})
    return {
        "p50_ms": _at(waits, 0.5),
        "p99_ms": _at(waits, 0.99),
        "worst_ms": round(waits[-1], 2) if waits else None,
        "alerts": len(waits),
        "missing": len(tally.due) - len(waits),
        "doubled": sum(len(ids) != 2 for ids in tally.deliveries.values()),
        "background_per_s": round(tally.background / took_s) if took_s else 0,
        "floor_p50_ms": round(floor, 2),
        **provenance(configuration),
    }


def _at(sorted_ms: list[float], share: float) -> float | None:
    return round(sorted_ms[min(len(sorted_ms) - 1, int(share * len(sorted_ms)))], 2) if sorted_ms else None
