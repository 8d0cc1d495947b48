"""`jikimi simulate`: a scenario to files, or at a running exercise. It must never play at a real installation."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from jikimi.kernel.errors import JikimiError, Malformed
from jikimi.simulate import files
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import SCENARIOS, build

NAMES = ", ".join(SCENARIOS)


def command(
    scenario: Annotated[str, typer.Argument(help=f"One of: {NAMES}.")],
    fixes: Annotated[Path | None, typer.Option("--fixes", help="F, CSV.", dir_okay=False)] = None,
    orders: Annotated[Path | None, typer.Option("--orders", help="O, JSON.", dir_okay=False)] = None,
    events: Annotated[Path | None, typer.Option("--events", help="E, JSON lines.", dir_okay=False)] = None,
    truth: Annotated[Path | None, typer.Option("--truth", help="T, JSON lines.", dir_okay=False)] = None,
    seed: Annotated[int, typer.Option("--seed", help="Equal seeds give equal bytes.")] = 1,
    people: Annotated[int | None, typer.Option(min=1, help="Wearers of an ordinary night.")] = None,
    hours: Annotated[float | None, typer.Option(min=0.01, max=48, help="Length of an ordinary night.")] = None,
    url: Annotated[str | None, typer.Option(envvar="JIKIMI_URL", help="A running exercise's desk.")] = None,
    intake_url: Annotated[str | None, typer.Option(help="Its gateway; the port after the desk's without it.")] = None,
    sign_ins: Annotated[Path | None, typer.Option(help="What its first `serve` printed.", exists=True)] = None,
    speed: Annotated[float, typer.Option(min=0.01, max=3600, help="As fast as its exercise clock runs.")] = 1.0,
) -> None:
    """EXERCISE: a scenario's people and devices, to files or at a running exercise."""
    try:
        made = build(scenario, seed, people=people, hours=hours)
        wanted = {"fixes": fixes, "orders": orders, "events": events, "truth": truth}
        if any(wanted.values()):
            told = to_files(made, seed, wanted)
        elif url and sign_ins:
            told = asyncio.run(_at(made, seed, url, intake_url, sign_ins.read_text("utf-8"), speed))
        else:
            raise Malformed("Say where: --fixes, --orders, --events, --truth, or --url with --sign-ins.")
    except JikimiError as error:
        typer.echo(json.dumps(error.problem(), ensure_ascii=False), err=True)
        raise typer.Exit(2) from error
    sys.stdout.write(json.dumps({"exercise": True, "scenario": scenario, "seed": seed, **told}) + "\n")


def to_files(made: Scenario, seed: int, wanted: dict[str, Path | None]) -> dict[str, Any]:
    """Write the files asked for; returns how much is in them."""
    told: dict[str, Any] = {"law_date": made.law_date, "seconds": round(made.seconds)}
    if path := wanted["fixes"]:
        told["fixes"] = files.write_fixes(made, seed, path)
    if path := wanted["orders"]:
        path.write_text(json.dumps(files.orders(made), ensure_ascii=False) + "\n", encoding="utf-8")
        told["orders"] = len(made.orders)
    if path := wanted["events"]:
        told["events"] = files.write_lines(files.events(made), path)
    if path := wanted["truth"]:
        told["truth"] = files.write_lines(files.truth(made), path)
    return told


async def _at(
    made: Scenario, seed: int, url: str, intake_url: str | None, sign_ins: str, speed: float
) -> dict[str, Any]:
    from jikimi.simulate.live.play import play, printed  # noqa: PLC0415 - files need no network

    return await play(made, seed, url, intake_url, printed(sign_ins), speed)
