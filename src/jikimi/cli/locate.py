"""`jikimi locate`: whose ground a point is and who is near, from the record itself. It must never change anything."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy.exc import DBAPIError

from jikimi.kernel.clock import SystemClock
from jikimi.kernel.errors import JikimiError, Misconfigured, Unavailable
from jikimi.registry.service import Desk, locate
from jikimi.settings import Settings
from jikimi.store.database import Database

Result = TypeVar("Result")


def command(
    lon: Annotated[float, typer.Argument(min=-180, max=180, help="Degrees WGS84; write -- before a negative one.")],
    lat: Annotated[float, typer.Argument(min=-90, max=90, help="Degrees WGS84.")],
    database_url: Annotated[str | None, typer.Option(help="postgresql://…, instead of the running one's.")] = None,
) -> None:
    """Print the jurisdiction and the nearest units of a point as JSON."""
    found = carried_out(located(lon, lat, database_url or record_url()))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False))


async def located(lon: float, lat: float, url: str) -> dict[str, Any]:
    """Ask the record at ``url`` as the installation's operator."""
    database = Database(url, "service", 1)
    try:
        return await locate(Desk(database, database, SystemClock()), None, lon, lat)
    finally:
        await database.close()


def record_url(settings: Settings | None = None) -> str:
    """Where the record is: JIKIMI_DATABASE_URL, else the running installation's; raises Misconfigured."""
    known = settings or Settings.read()
    if known.database_url:
        return known.database_url
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((known.data / "runtime.json").read_text(encoding="utf-8"))["database_url"])
    raise Misconfigured("No running installation was found; start `jikimi serve` or set JIKIMI_DATABASE_URL.")


def carried_out(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` to its end; a refusal is one line on standard error and exit code 1."""
    try:
        return asyncio.run(work)
    except DBAPIError:
        error: JikimiError = Unavailable("The record does not answer.")
    except JikimiError as refused:
        error = refused
    typer.echo(f"{error.detail} {error.advice if error.advice != error.detail else ''}".rstrip(), err=True)
    raise typer.Exit(1)
