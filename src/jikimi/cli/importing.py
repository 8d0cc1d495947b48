"""`jikimi import`: registry documents and boundaries from files, by the installation's operator.

It must never leave half of a file behind, nor print a key or a password anywhere but on standard output, once.
"""

import gzip
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from jikimi.cli.locate import carried_out, record_url
from jikimi.kernel.clock import SystemClock
from jikimi.kernel.errors import Malformed
from jikimi.registry.model import Imported
from jikimi.registry.service import Loaded, Source, import_document, import_jurisdictions
from jikimi.settings import Settings
from jikimi.store.database import Database
from jikimi.vault import Vault

Url = Annotated[str | None, typer.Option(help="postgresql://…, instead of the running one's.")]


def registry(
    file: Annotated[Path, typer.Argument(help="A registry document, JSON.", exists=True, dir_okay=False)],
    database_url: Url = None,
) -> None:
    """Enter everything in a registry document, or nothing of it; prints ids, new keys and passwords as JSON."""
    imported = carried_out(entered(file, database_url or record_url()))
    typer.echo(json.dumps(asdict(imported), ensure_ascii=False, indent=2, default=str))


def jurisdictions(
    file: Annotated[Path, typer.Argument(help="A GeoJSON FeatureCollection.", exists=True, dir_okay=False)],
    *,
    source: Annotated[str, typer.Option(help="Who drew it; a later file of the same source replaces it.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it holds for.")],
    agency: Annotated[str | None, typer.Option(help="Whose the boundaries are: id or name.")] = None,
    name_property: Annotated[str, typer.Option(help="The property that holds a boundary's name.")] = "name",
    database_url: Url = None,
) -> None:
    """Put a file's boundaries in the place of all its source gave before."""
    named = Source(source, as_of.date(), agency, name_property)
    loaded = carried_out(replaced(file, named, database_url or record_url()))
    typer.echo(json.dumps(asdict(loaded)))


async def entered(file: Path, url: str) -> Imported:
    """Enter the document in ``file`` into the record at ``url``."""
    settings = Settings.read()
    database = Database(url, "service", 1, custody=Vault(settings.data).handing_over(settings.custody))
    try:
        return await import_document(database, SystemClock(), None, parsed(file))
    finally:
        await database.close()


async def replaced(file: Path, source: Source, url: str) -> Loaded:
    """Load the boundaries in ``file`` into the record at ``url``."""
    database = Database(url, "service", 1)
    try:
        return await import_jurisdictions(database, SystemClock(), None, parsed(file), source)
    finally:
        await database.close()


def parsed(file: Path) -> dict[str, Any]:
    """Read a JSON object, packed if the name ends in .gz; raises Malformed."""
    try:
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == ".gz" else content
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError, EOFError, OSError):
        raise Malformed(f"{file.name} is not JSON in UTF-8.") from None
    if not isinstance(document, dict):
        raise Malformed(f"{file.name} does not hold a JSON object.")
    return document
