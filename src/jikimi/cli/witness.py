"""`jikimi witness` and `jikimi export checkpoint`. A witness must never need this installation: its files are enough."""

import asyncio
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from sqlalchemy.exc import SQLAlchemyError

from jikimi.cli.locate import record_url
from jikimi.cli.verify import failed
from jikimi.kernel.clock import SystemClock
from jikimi.kernel.errors import JikimiError, Misconfigured
from jikimi.ledger.export import export_growth
from jikimi.ledger.growth import Offer
from jikimi.ledger.witness import new_key, witness
from jikimi.store.database import Database


def command(
    key: Annotated[Path, typer.Option(help="The witness's own key.")],
    last: Annotated[
        Path | None, typer.Option(help="The ledger's public key in a line; then, kept here, the last signed of it.")
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="What `jikimi export checkpoint` of the other wrote.")] = None,
    new: Annotated[str | None, typer.Option(metavar="NAME", help="Make the key, and print its public half.")] = None,
) -> None:
    """Sign another party's checkpoint beside it, if it grew out of all this witness signed before; print it signed."""
    try:
        if new is not None:
            typer.echo(new_key(key, new))
            return
        if last is None or checkpoint is None:
            raise Misconfigured("A witness needs --last and --checkpoint.", advice="Or --new NAME, to make its key.")
        typer.echo(witness(last, checkpoint, key, SystemClock()), nl=False)
    except (JikimiError, OSError) as error:
        raise failed(error) from None


def export_command(
    path: Annotated[Path, typer.Argument(help="The file to write.")],
    since: Annotated[int, typer.Option(min=0, help="How many rows, of all months, the witness has signed before.")] = 0,
    database: Annotated[
        str | None, typer.Option("--database", "--database-url", help="postgresql://…, instead of the running one's.")
    ] = None,
) -> None:
    """Write the last checkpoint with the proof a witness asks for; no row is in it but those that open months."""
    try:
        path.write_text(str(asyncio.run(_growth(database or record_url(), since))), encoding="utf-8", newline="\n")
    except (JikimiError, OSError, SQLAlchemyError, psycopg.Error) as error:
        raise failed(error) from None


async def _growth(url: str, since: int) -> Offer:
    database = Database(url, "service")
    try:
        return await export_growth(database, since)
    finally:
        await database.close()
