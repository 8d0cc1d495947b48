"""`jikimi migrate`: your database and log brought up to date. It must never touch the embedded ones: serve does."""

import sys
from typing import Annotated

import typer

from jikimi.app.unshown import shown
from jikimi.kernel.errors import JikimiError
from jikimi.settings import Settings


def command(
    database: Annotated[str | None, typer.Option(envvar="JIKIMI_DATABASE_URL", show_envvar=True)] = None,
    nats: Annotated[str | None, typer.Option(envvar="JIKIMI_NATS_URL", show_envvar=True)] = None,
) -> None:
    """Bring your own PostgreSQL (and NATS, where given) to this version."""
    from jikimi.store.migrations import migrate  # noqa: PLC0415 - `jikimi --help` starts at once without it

    if not database:
        raise typer.BadParameter("set JIKIMI_DATABASE_URL; the embedded database is migrated by `jikimi serve`")
    try:
        typer.echo(f"database at revision {migrate(database)}")
        if nats:
            from jikimi.cli.serve import _plain  # noqa: PLC0415 - as above
            from jikimi.cli.supervisor import prepared  # noqa: PLC0415 - as above

            settings = Settings.read()
            _plain(prepared(database, nats, settings))
            shown(settings.data)
            typer.echo("log up to date")
    except JikimiError as error:
        typer.echo(f"jikimi: {error.detail}", err=True)
        sys.exit(1)
