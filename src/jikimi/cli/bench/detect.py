"""`jikimi bench detect`: how many fixes one core decides. It must never leave out a lane the live path has.

Facts are decoded from the log's bytes and go through ``Engine.apply``, settled lane and ticks included; one fix a
minute and subject, subjects in random order within the minute, seeded. Building the orders is not timed, and what is timed is
the work of one core (process time), so that a busy neighbour is not measured with it. Garbage is collected as
seldom as in the roles.
"""

import gc
import json
import time
from collections.abc import Iterator
from math import cos, pi, sin
from random import Random
from typing import Annotated, NamedTuple

import typer

from jikimi import compiled
from jikimi.cli.bench import provenance
from jikimi.cli.bench.peers import Edge, FixedRadius, Rule
from jikimi.detect import facts
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fix, Fixes, Order, Place, Tick
from jikimi.detect.rules import Rules, canonical
from jikimi.kernel import memory
from jikimi.kernel.geodesy import shifted
from jikimi.registry import regimes

SEED = 20261121
BEGIN = 1_800_000_000.0
MINUTE = 60
RADIUS_M = 100.0
KINDS = ("home", "work", "zone", "zone", "zone")
MIXED = ((0.01, 100.0, 450.0), (0.09, 550.0, 1900.0), (0.90, 5200.0, 50_000.0))
NEAR = ((1.0, 50.0, 450.0),)
GOLDEN = 0.6180339887498949
"""Multiples of it modulo 1 cover [0, 1) evenly at any count, so that both sizes have the same shares."""

Shares = tuple[tuple[float, float, float], ...]


class Load(NamedTuple):
    """Subjects with their bases; odd ones are the victims of the even ones before them."""

    bases: list[tuple[float, float]]
    partner: dict[str, str]


def _apart(share: float, shares: Shares) -> float:
    """The distance at quantile ``share`` of a mixture of uniform distances."""
    for weight, low, high in shares:
        if share < weight:
            return low + (high - low) * share / weight
        share -= weight
    return shares[-1][2]


def build(engine: Engine, subjects: int, shares: Shares, random: Random) -> Load:
    """Carriers and orders for ``subjects`` people in pairs, five places each order."""
    bases: list[tuple[float, float]] = []
    partner: dict[str, str] = {}
    for number in range(subjects // 2):
        offender, victim = f"s{2 * number}", f"s{2 * number + 1}"
        partner[offender], partner[victim] = victim, offender
        lon, lat = 126.0 + 3.0 * random.random(), 35.0 + 2.5 * random.random()
        way = 2 * pi * random.random()
        apart = _apart(number * GOLDEN % 1.0, shares)
        bases += [(lon, lat), shifted(lon, lat, apart * cos(way), apart * sin(way))]
        for name in (offender, victim):
            engine.apply(Carry(BEGIN, name, name, name, 0.0))
        places = [_place(number, index, lon, lat, random) for index in range(len(KINDS))]
        engine.apply(Order(BEGIN, f"o{number}", 1, offender, victim, 0.0, None, RADIUS_M, places=places))
    return Load(bases, partner)


def _place(number: int, index: int, lon: float, lat: float, random: Random) -> Place:
    """A place 0.3 to 30 km from where he lives, near ones as frequent as a town has them."""
    share = (number * len(KINDS) + index) * GOLDEN % 1.0
    away, way = 300.0 * 100.0 ** (share**0.5), 2 * pi * random.random()
    place_lon, place_lat = shifted(lon, lat, away * cos(way), away * sin(way))
    return Place(str(index), KINDS[index], place_lon, place_lat, RADIUS_M)


def minute(load: Load, number: int, random: Random) -> Iterator[tuple[float, list[Fix]]]:
    """One fix of every subject within the minute ``number``, by second of receipt."""
    order = list(range(len(load.bases)))
    random.shuffle(order)
    begin = BEGIN + number * MINUTE
    for second in range(MINUTE):
        t = begin + second
        found = []
        for subject in order[second::MINUTE]:
            lon, lat = shifted(*load.bases[subject], 40.0 * random.gauss(0.0, 1.0), 40.0 * random.gauss(0.0, 1.0))
            found.append(Fix(f"s{subject}", t + random.random() * 0.9, lon, lat, 7.0, 1))
        yield t + 1.0, found


class Timed(NamedTuple):
    """What one run came to."""

    per_s: float
    candidates: float
    alerts: int


def _bodies(received_t: float, found: list[Fix]) -> list[bytes]:
    """A second of the log: batches of up to 64 fixes, then the tick."""
    batches = [facts.encode(Fixes(received_t, found[at : at + 64])) for at in range(0, len(found), 64)]
    return [*batches, facts.encode(Tick(received_t))]


def drive(engine: Engine, load: Load, warm: int, minutes: int, random: Random) -> Timed:
    """Feed ``warm`` + ``minutes`` minutes; the latter are timed in seconds of one core's work."""
    fixes = alerts = 0
    spent = 0.0
    candidates = engine.candidates
    for number in range(warm + minutes):
        if number == warm:
            fixes = alerts = 0
            spent, candidates = 0.0, engine.candidates
            memory.settle()
        seconds = [
            (received_t, found, _bodies(received_t, found)) for received_t, found in minute(load, number, random)
        ]
        began = time.process_time()
        for _, _, bodies in seconds:
            for body in bodies:
                alerts += len(engine.apply(facts.decode(body)))
        spent += time.process_time() - began
        fixes += sum(len(found) for _, found, _ in seconds)
    gc.unfreeze()
    return Timed(fixes / spent, (engine.candidates - candidates) / fixes, alerts)


def _one(rules: Rules, subjects: int, shares: Shares, warm: int, minutes: int) -> Timed:
    random = Random(SEED)
    engine = Engine(rules)
    load = build(engine, subjects, shares, random)
    return drive(engine, load, warm, minutes, random)


def _beside(rules: Rules, subjects: int, minutes: int) -> dict[str, dict[str, float]]:
    """The peers' rules on the mixed load: fixes per second and alerts, ours on the same minutes."""
    random = Random(SEED)
    engine = Engine(rules)
    load = build(engine, subjects, MIXED, random)
    told: dict[str, dict[str, float]] = {}
    peers: dict[str, Rule] = {
        "fixed_radius": FixedRadius(load.partner, RADIUS_M),
        "edge": Edge(load.partner, RADIUS_M),
        "debounce_4": FixedRadius(load.partner, RADIUS_M, 4),
    }
    found = [fix for number in range(minutes) for _, batch in minute(load, number, random) for fix in batch]
    for name, rule in peers.items():
        began = time.process_time()
        for fix in found:
            rule.fix(fix.device, fix.lon, fix.lat)
        told[name] = {"per_s": round(len(found) / (time.process_time() - began)), "alerts": rule.alerts}
    return told


def run(json: bool = True, *, subjects: int = 5_000, large: int = 500_000) -> dict[str, object]:  # noqa: FBT001
    """Measure; ``json`` False prints progress as it goes. Keys as promised, peers' rules beside."""
    rules = regimes.edition_at(BEGIN)
    told: dict[str, object] = {}

    def note(name: str, timed: Timed) -> Timed:
        if not json:
            typer.echo(f"{name}: {timed.per_s:,.0f} fixes/s, {timed.candidates:.3f} candidates a fix")
        return timed

    mixed = note("mixed", _one(rules, subjects, MIXED, 3, 60))
    near = note("near", _one(rules, subjects, NEAR, 3, 20))
    big = note("large", _one(rules, large, MIXED, 3, 1))
    told["per_s"], told["candidates"] = round(mixed.per_s), round(mixed.candidates, 4)
    told["per_s_near"] = round(near.per_s)
    told["per_s_large"], told["candidates_large"] = round(big.per_s), round(big.candidates, 4)
    told["subjects"], told["subjects_large"], told["compiled"] = subjects, large, compiled.used()
    told["peers"] = _beside(rules, subjects, 20)
    configuration = f"{canonical(rules)}{SEED}{subjects}{large}{MIXED}{NEAR}{KINDS}"
    return {**told, **provenance(configuration)}


def command(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")] = False,
) -> None:
    """Fixes decided per second on one core: mixed, all near, and with half a million subjects."""
    typer.echo(json.dumps(run(json_), ensure_ascii=False))
