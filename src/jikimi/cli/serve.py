"""`jikimi serve`: everything on one machine, or the roles named. It must never print a sign-in twice."""

import sys
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from jikimi.app.unshown import shown
from jikimi.identity.model import SignIn
from jikimi.kernel.errors import JikimiError
from jikimi.settings import Settings

ROLES = ("intake", "detect", "respond", "desk")


def command(
    role: Annotated[list[str] | None, typer.Option(help="Only these roles: intake, detect, respond, desk.")] = None,
    exercise_clock: Annotated[
        str | None, typer.Option(help="T0[xN]: an exercise that begins at T0 and runs N times as fast.")
    ] = None,
    lifeline: Annotated[int | None, typer.Option(hidden=True, help="End when this pipe's other end is closed.")] = None,
) -> None:
    """Start Jikimi and keep it running until Ctrl-C."""
    from jikimi.cli.supervisor import Supervisor, prepared  # noqa: PLC0415 - `jikimi --help` starts at once without it

    chosen = tuple(role or ROLES)
    unknown = set(chosen) - set(ROLES)
    if unknown:
        raise typer.BadParameter(f"no role {', '.join(sorted(unknown))}; there are {', '.join(ROLES)}")
    screen = Console(stderr=True, highlight=False)
    try:
        settings = with_exercise(Settings.read(), exercise_clock)
        supervisor = Supervisor(settings, chosen, lambda text: screen.print(f"[dim]{text}[/dim]"), lifeline)
        supervisor.run(
            lambda database, nats: prepared(database, nats, settings),
            lambda sign_ins: welcome(settings, sign_ins),
        )
    except JikimiError as error:
        screen.print(f"[bold]jikimi:[/bold] {error.detail}")
        sys.exit(1)


def with_exercise(settings: Settings, clock: str | None) -> Settings:
    """Settings with the exercise's clock, going on where an earlier start of the same exercise left it.

    Raises Misconfigured for a clock that cannot be read.
    """
    if clock is None:
        return settings
    read = replace(settings, exercise=clock).clock()
    kept = settings.data / "exercise"
    if kept.exists():
        asked, _, running = kept.read_text().partition(" ")
        if asked == clock:
            return replace(settings, exercise=running)
    settings.data.mkdir(parents=True, exist_ok=True)
    kept.write_text(f"{clock} {read}")
    return replace(settings, exercise=str(read))


def welcome(settings: Settings, sign_ins: list[SignIn]) -> None:
    """Say where it is and, the first time, who may come in. Standard output, so that it can be read by a program."""
    out = Console(highlight=False, soft_wrap=True)
    if settings.exercise:
        out.print("EXERCISE: nothing here is real.")
    out.print(f"Jikimi is running.\n  desk    http://{settings.host}:{settings.port}")
    out.print(f"  devices http://{settings.host}:{settings.intake_port}/v1/fixes and /osmand")
    if sign_ins:
        table = Table(title="Sign-ins, shown this once. Write them down.", title_justify="left")
        for head in ("role", "agency", "name", "password"):
            table.add_column(head, no_wrap=True)
        for one in sign_ins:
            table.add_row(one.role, one.agency, one.name, one.password)
        out.print(table) if out.is_terminal else _plain(sign_ins)
    sys.stdout.flush()
    shown(settings.data)


def _plain(sign_ins: list[SignIn]) -> None:
    for one in sign_ins:
        sys.stdout.write(f"sign-in\t{one.role}\t{one.agency}\t{one.name}\t{one.password}\n")
