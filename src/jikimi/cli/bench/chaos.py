"""`jikimi bench chaos`: everything is killed at random while approaches run. It must never spare what it tests:
roles, PostgreSQL, NATS and the supervisor all die by SIGKILL.
"""

import asyncio
import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from sqlalchemy import text

from jikimi.cli.bench import provenance
from jikimi.cli.bench.installation import Installation
from jikimi.cli.bench.lines import closing, fix_request, terminal
from jikimi.cli.bench.town import Pair, Town, settle
from jikimi.kernel.geodesy import shifted
from jikimi.ledger.export import export
from jikimi.ledger.verify import verify
from jikimi.store.database import Database

TARGETS = ("intake", "detect", "respond", "desk", "postgres", "nats", "supervisor")
JUMP_M = 60.0
NEAR_A_KILL_S = 10.0
_STALLED_SHARE = 0.3
_COUNTS = text("""
SELECT count(*) FILTER (WHERE n > 1) FROM (SELECT count(*) AS n FROM incident GROUP BY pair) AS per_pair
""")


@dataclass(slots=True)
class Course:
    """What happened, by offender: when he came near, and when each officer held the order."""

    due: dict[str, float] = field(default_factory=dict)
    seen: dict[str, dict[str, float]] = field(default_factory=dict)
    deliveries: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    unrecorded: int = 0
    kills: list[tuple[str, float]] = field(default_factory=list)
    taken: dict[str, float] = field(default_factory=dict)
    stalls: int = 0


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    approaches: Annotated[int, typer.Option(help="How many approaches.")] = 100,
    kills: Annotated[int, typer.Option(help="How many kills.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed kills in the same order.")] = 1,
) -> None:
    """Kill every part at random under a hundred approaches, and count what was lost or doubled."""
    result = run(approaches, kills, seed, Console(stderr=True))
    typer.echo(json.dumps(result) if as_json else "\n".join(f"{name:>18} {value}" for name, value in result.items()))
    if result["lost"] or result["duplicated"] or not result["ledger_verified"]:
        raise typer.Exit(1)


def run(approaches: int, kills: int, seed: int, screen: Console, spacing_s: float = 0.6) -> dict[str, object]:
    """One run on an installation of its own."""
    with Installation() as installation:
        screen.print("Registering the town …")
        town = settle(installation, [500.0] * approaches, 10)
        tokens = [installation.token(officer.name, officer.password) for officer in town.officers]
        room = installation.token("dispatcher")
        course = uvloop.run(_drive(installation, town, tokens, room, (kills, seed, spacing_s), screen))
        caught_up = time.monotonic()
        doubled, verified = asyncio.run(_record(installation))
        return _result(course, doubled, verified=verified) | {"caught_up_s": round(time.monotonic() - caught_up, 1)}


async def _drive(
    installation: Installation, town: Town, tokens: list[str], room: str, plan: tuple[int, int, float], screen: Console
) -> Course:
    kills, seed, spacing_s = plan
    course = Course()
    pair_of = {pair.offender.person: pair for pair in town.pairs}
    by_unit = {f"unit:{officer.unit}": token for officer, token in zip(town.officers, tokens, strict=True)}
    ending: set[asyncio.Task[None]] = set()

    def heard(message: dict[str, Any], when: float) -> None:
        body = message["body"]
        if message["kind"] != "tasking" or body["offender_id"] not in pair_of:
            return
        who = body["offender_id"]
        course.deliveries.setdefault((body["alert"], message["feed"]), set()).add(body["delivery"])
        course.unrecorded += not message["recorded"]
        first = len(course.seen.get(who, {}))
        course.seen.setdefault(who, {}).setdefault(body["toward"], when)
        if message["recorded"] and (len(course.seen[who]) > first or message["incident"]) and len(course.seen[who]) > 1:
            words = closing(message["incident"], body["tasking"], by_unit[message["feed"]], room)
            task = asyncio.ensure_future(_close(installation, words))
            ending.add(task)
            task.add_done_callback(ending.discard)

    terminals = [asyncio.create_task(terminal(installation.port, token, heard)) for token in tokens]
    await asyncio.sleep(1)
    killing = asyncio.create_task(_kill(installation, kills, Random(seed), len(town.pairs) * spacing_s, course, screen))
    walking = [
        asyncio.create_task(_approach(installation, pair, number * spacing_s, course))
        for number, pair in enumerate(town.pairs)
    ]
    await asyncio.gather(*walking)
    await killing
    for _ in range(900):
        if all(len(course.seen.get(who, {})) > 1 for who in course.due) and not ending:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    for task in terminals:
        task.cancel()
    await asyncio.gather(*terminals, return_exceptions=True)
    return course


async def _approach(installation: Installation, pair: Pair, after_s: float, course: Course) -> None:
    await asyncio.sleep(after_s)
    now = time.time()
    victim, offender = pair.victim, pair.offender
    lon, lat = shifted(victim.lon, victim.lat, -JUMP_M, 0.0)
    await _until_taken(installation, fix_request(victim.device, victim.key, now, victim.lon, victim.lat))
    course.due[offender.person] = time.time()
    await _until_taken(installation, fix_request(offender.device, offender.key, now, lon, lat))
    course.taken[offender.person] = time.time()


async def _until_taken(installation: Installation, what: bytes) -> None:
    """As a device does: the same words again until somebody says they are kept."""
    while await _status(installation.intake_port, what) != 200:  # noqa: ASYNC110 - a device can only wait
        await asyncio.sleep(0.1)


async def _close(installation: Installation, words: list[bytes]) -> None:
    for what in words:
        while await _status(installation.port, what) not in (204, 409):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.2)


async def _status(port: int, what: bytes) -> int:
    with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
        async with asyncio.timeout(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(what)
                return int((await reader.readuntil(b"\r\n"))[9:12])
            finally:
                writer.close()
    return 0


async def _kill(
    installation: Installation, kills: int, random: Random, over_s: float, course: Course, screen: Console
) -> None:
    # Everything at least once, then at random.
    order = [*random.sample(TARGETS, len(TARGETS)), *(random.choice(TARGETS) for _ in range(kills))][:kills]
    for target in order:
        await asyncio.sleep(random.uniform(0.5, 1.5) * over_s / max(1, kills))
        pids = [pid for pid, name in installation.pids().items() if name == target]
        if not pids:
            continue
        if target in ("postgres", "nats", "respond") and random.random() < _STALLED_SHARE:
            screen.print(f"stall {target}")
            course.kills.append((target, time.time()))
            course.stalls += 1
            await _stall(pids, random.uniform(2.0, 4.0))
            continue
        screen.print(f"kill -9 {target}")
        # A server's children are its own affair: the first of the name is the server.
        os.kill(min(pids), signal.SIGKILL)
        course.kills.append((target, time.time()))
        if target == "supervisor":
            assert installation.process
            await asyncio.to_thread(installation.process.wait)
            await asyncio.to_thread(installation.start)


async def _stall(pids: list[int], for_s: float) -> None:
    """Stopped, not dead: connections stay open and nothing answers."""
    for pid in pids:
        with suppress(OSError):
            os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(for_s)
    for pid in pids:
        with suppress(OSError):
            os.kill(pid, signal.SIGCONT)


async def _record(installation: Installation) -> tuple[int, bool]:
    database = Database(installation.database_url, "service", 1)
    try:
        async with database.transaction() as connection:
            doubled = (await connection.execute(_COUNTS)).scalar() or 0
        await asyncio.sleep(2)
        path = installation.folder / "ledger.jsonl"
        await export(database, path)
    finally:
        await database.close()
    return int(doubled), verify(path).ok


def _result(course: Course, doubled_incidents: int, *, verified: bool) -> dict[str, object]:
    waits = {who: max(seen.values()) - course.due[who] for who, seen in course.seen.items() if len(seen) > 1}
    near = sorted(
        wait for who, wait in waits.items()
        if any(0 <= course.due[who] - at <= NEAR_A_KILL_S for _, at in course.kills)
    )  # fmt: skip
    return {
        "kills": len(course.kills),
        "stalls": course.stalls,
        "killed": {target: sum(name == target for name, _ in course.kills) for target in TARGETS},
        "approaches": len(course.due),
        "lost": sum(len(course.seen.get(who, {})) < 2 for who in course.due),
        "duplicated": doubled_incidents + sum(len(ids) > 1 for ids in course.deliveries.values()),
        "told_before_recorded": course.unrecorded,
        "resume_p50_s": round(near[len(near) // 2], 2) if near else None,
        "resume_p99_s": round(near[min(len(near) - 1, int(len(near) * 0.99))], 2) if near else None,
        "ledger_verified": verified,
        **provenance(json.dumps({"approaches": len(course.due), "kills": len(course.kills)})),
    }
