"""`jikimi verify` and `jikimi export ledger`. Verifying must never need this installation: files are enough."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from sqlalchemy.exc import SQLAlchemyError

from jikimi.cli.locate import record_url
from jikimi.kernel.errors import JikimiError
from jikimi.ledger.bundle import is_bundle, verify_bundle
from jikimi.ledger.export import Exported, export
from jikimi.ledger.report import Report
from jikimi.ledger.verify import verify
from jikimi.store.database import Database


def command(
    path: Annotated[Path, typer.Argument(help="A ledger export, or an evidence bundle: a folder or a ZIP.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="What another party kept: a checkpoint, or an earlier export.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The ledger's public key, name+id+base64, had from elsewhere.")
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="A witness's public key; that it signed what you hold. Several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")] = False,
) -> None:
    """Say what holds of a ledger export or an evidence bundle and what does not, from its files alone; exit 1 on any break."""
    try:
        look = verify_bundle if is_bundle(path) else verify
        report = look(path, checkpoint, key, witness or ())
    except (JikimiError, OSError) as error:
        raise failed(error) from None
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else _text(report))
    if not report.ok:
        raise typer.Exit(1)


def export_command(
    path: Annotated[Path, typer.Argument(help="The file to write; replaced whole or not at all.")],
    hashes: Annotated[
        bool,
        typer.Option(
            "--hashes", help="Of each row only its hash: for another party to keep, and name a changed row by."
        ),
    ] = False,
    database: Annotated[
        str | None, typer.Option("--database", "--database-url", help="postgresql://…, instead of the running one's.")
    ] = None,
) -> None:
    """Write everything sealed so far to one file, and print the checkpoint to hand to somebody else."""
    try:
        done = asyncio.run(_export(database or record_url(), path, hashes=hashes))
    except (JikimiError, OSError, SQLAlchemyError, psycopg.Error) as error:
        raise failed(error) from None
    typer.echo(f"{done.size} rows in {path}\n\n{done.checkpoint}", nl=False)


async def _export(url: str, path: Path, *, hashes: bool) -> Exported:
    database = Database(url, "service")
    try:
        return await export(database, path, hashes=hashes)
    finally:
        await database.close()


def _text(report: Report) -> str:
    lines = [f"holds   {sentence}" for sentence in report.holds]
    lines += [f"BREAKS  {found.sentence}" for found in report.breaks]
    lines += [f"note    {sentence}" for sentence in report.notes]
    return "\n".join([*lines, "The ledger verifies." if report.ok else "The ledger does NOT verify."])


def failed(error: Exception) -> typer.Exit:
    """Say on standard error what went wrong and what to do, never what a driver says; exit code 1."""
    match error:
        case JikimiError():
            typer.echo(f"{error.detail}\n{error.problem()['advice']}", err=True)
        case OSError():
            typer.echo(f"{error.filename}: {error.strerror}.", err=True)
        case _:  # a driver's own text may quote a password
            typer.echo(f"The database does not answer or is none of ours ({type(error).__name__}).", err=True)
    return typer.Exit(1)
