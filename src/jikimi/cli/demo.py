"""`jikimi demo`: one approach, from the first fix to two officers who accept. It must never run beside real data:
it starts an installation of its own and removes it.
"""

import asyncio
import json
import sys
import time
from typing import Annotated, Any

import typer
from rich.console import Console

from jikimi.cli.bench.installation import Installation
from jikimi.cli.bench.lines import HttpLine, fix_request, http_lines, request, terminal
from jikimi.cli.bench.town import Officer, Pair, settle
from jikimi.kernel.geodesy import shifted
from jikimi.ledger.export import export
from jikimi.ledger.verify import verify
from jikimi.store.database import Database

STEP_S = 1.0
WALK_M = 40.0
APART_M = 480.0
_PATIENCE_S = 60.0


def command(
    once: Annotated[bool, typer.Option("--once", help="Once, without waiting, as one JSON object.")] = False,
) -> None:
    """EXERCISE: a wearer walks up to the person he must stay away from; two officers are sent."""
    screen = Console(stderr=True, highlight=False)
    with Installation("--exercise-clock", str(time.time())) as installation:
        town = settle(installation, [APART_M], 1)
        screen.print(f"[bold reverse] EXERCISE [/bold reverse] Jikimi runs at http://127.0.0.1:{installation.port}")
        if not once:
            for officer in town.officers:
                screen.print(f"  jikimi field --url http://127.0.0.1:{installation.port} --name {officer.name}"
                             f"   (password {officer.password})")  # fmt: skip
        result = asyncio.run(_approach(installation, town.pairs[0], town.officers, screen))
        result["ledger_verified"] = _verified(installation)
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
        if not once:
            screen.print("Ctrl-C ends it and removes everything.")
            _wait()
    complete = len(result["taskings"]) == 2 and all(one["accepted"] for one in result["taskings"])
    sys.exit(0 if complete and result["ledger_verified"] else 1)


def _verified(installation: Installation) -> bool:
    """Whether the ledger, sealed a moment later, verifies from its file alone."""
    time.sleep(2.5)
    path = installation.folder / "ledger.jsonl"

    async def write() -> None:
        database = Database(installation.database_url, "service", 1)
        try:
            await export(database, path)
        finally:
            await database.close()

    asyncio.run(write())
    return verify(path).ok


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


async def _approach(installation: Installation, pair: Pair, officers: list[Officer], screen: Console) -> dict[str, Any]:
    devices = (await http_lines(installation.intake_port, 1))[0]
    desk = (await http_lines(installation.port, 1))[0]
    taskings: dict[str, dict[str, Any]] = {}
    found: dict[str, Any] = {"exercise": True, "incident": None}
    sent_at = [0.0]

    def officer_of(token: str) -> Any:
        def heard(message: dict[str, Any], when: float) -> None:
            body = message["body"]
            found["exercise"] = found["exercise"] and message["exercise"]
            if message["kind"] == "tasking" and message["recorded"] and body["tasking"] not in taskings:
                found["incident"] = message["incident"]
                taskings[body["tasking"]] = {
                    "tasking": body["tasking"], "toward": body["toward"], "code": body["code"], "accepted": False,
                    "latency_ms": round((when - sent_at[0]) * 1000, 1),
                }  # fmt: skip
                screen.print(f"  {body['instruction']['en']} · {body['code']} {body['name_en']}")
                path = f"/api/taskings/{body['tasking']}/answer"
                desk.send(request("POST", path, b'{"state":"accepted"}', token))
            elif message["kind"] == "tasking_state" and body["state"] == "accepted" and body["tasking"] in taskings:
                taskings[body["tasking"]]["accepted"] = True

        return heard

    tokens = [installation.token(officer.name, officer.password) for officer in officers]
    terminals = [asyncio.create_task(terminal(installation.port, token, officer_of(token))) for token in tokens]
    deadline = time.time() + _PATIENCE_S
    away = APART_M
    while time.time() < deadline and not _served(taskings):
        sent_at[0] = time.time()
        _report(devices, pair, away)
        away = max(50.0, away - WALK_M)
        await asyncio.sleep(STEP_S)
    for task in terminals:
        task.cancel()
    await asyncio.gather(*terminals, return_exceptions=True)
    return found | {"taskings": sorted(taskings.values(), key=lambda one: str(one["toward"]))}


def _served(taskings: dict[str, dict[str, Any]]) -> bool:
    return len(taskings) == 2 and all(one["accepted"] for one in taskings.values())


def _report(line: HttpLine, pair: Pair, away_m: float) -> None:
    now = time.time()
    lon, lat = shifted(pair.victim.lon, pair.victim.lat, -away_m, 0.0)
    line.send(fix_request(pair.victim.device, pair.victim.key, now, pair.victim.lon, pair.victim.lat))
    line.send(fix_request(pair.offender.device, pair.offender.key, now, lon, lat))
