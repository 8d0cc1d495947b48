"""`jikimi keys`: the keys under which data lies sealed, made anew and backed up. It must never print one, nor write one bare."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from jikimi.cli.locate import carried_out, record_url
from jikimi.oversee import finding
from jikimi.registry.rotating import renew, retire
from jikimi.settings import Settings
from jikimi.store.database import Database
from jikimi.vault import Vault


def rotate(
    database_url: Annotated[str | None, typer.Option(help="postgresql://…, instead of the running one's.")] = None,
) -> None:
    """Make the keys of names and numbers, and the master all keys are wrapped under, anew; prints how many as JSON.

    Copies of the keys made before open nothing afterwards: make a new backup of them at once.
    """
    typer.echo(json.dumps(carried_out(rotated(Settings.read(), database_url or record_url()))))


def backup(
    file: Annotated[Path, typer.Argument(help="A new file, on another disk than the record and the secrets.")],
) -> None:
    """Write the keys, wrapped as they are, into a new file while everything runs on; prints what opens them as JSON.

    Every key is tried first. The file alone opens nothing: keep the secret it names elsewhere.
    """
    settings = Settings.read()
    if not custody_file(settings).exists():
        raise typer.BadParameter("there are no keys yet; the first `jikimi serve` makes them", param_hint="FILE")
    custody = Vault(settings.data).custody(settings.custody)
    try:
        count, master = custody.check()
        custody.copy(file)
    except OSError as error:
        typer.echo(f"Nothing was backed up: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps({"file": str(file), "keys": count, "opened_by": f"custody-{master}"}))


def custody_file(settings: Settings) -> Path:
    """Where the keys are."""
    return (settings.custody or settings.data / "custody") / "keys"


async def rotated(settings: Settings, url: str) -> dict[str, Any]:
    """The same; what a crash left half done is finished by the running system, or done again."""
    database = Database(url, "service", 1, custody=Vault(settings.data).handing_over(settings.custody))
    clock = settings.clock()
    try:
        async with database.transaction() as connection:
            made, covered = await finding.begin(connection, clock.unix(), later=True)
            people = await renew(connection)
        async with database.transaction() as connection:
            await retire(connection)
            keys = await finding.end(connection, clock.unix(), covered)
            await finding.ended(connection)
        return {"people": people, **asdict(made), "keys": keys}
    finally:
        await database.close()
