"""`jikimi accounts`: accounts the installation's operator ends or brings back. It must never print a password, nor end by half."""

from typing import Annotated

import typer

from jikimi.cli.locate import carried_out, record_url
from jikimi.kernel.clock import SystemClock
from jikimi.staff.accounts import end_named, restore_named
from jikimi.store.database import Database


def end(
    name: Annotated[str, typer.Argument(help="The name somebody signs in with.")],
    database_url: Annotated[str | None, typer.Option(help="postgresql://…, instead of the running one's.")] = None,
) -> None:
    """End an account and every session of it, in all processes within a second; prints nothing."""
    carried_out(ended(name, database_url or record_url()))


def restore(
    name: Annotated[str, typer.Argument(help="The name somebody signed in with.")],
    database_url: Annotated[str | None, typer.Option(help="postgresql://…, instead of the running one's.")] = None,
) -> None:
    """Let somebody sign in again by an account that was ended, with the password it had; prints nothing."""
    carried_out(restored(name, database_url or record_url()))


async def ended(name: str, url: str) -> None:
    """End it in the record at ``url``."""
    database = Database(url, "service", 1)
    try:
        async with database.transaction() as connection:
            await end_named(connection, SystemClock(), name)
    finally:
        await database.close()


async def restored(name: str, url: str) -> None:
    """Bring it back in the record at ``url``."""
    database = Database(url, "service", 1)
    try:
        async with database.transaction() as connection:
            await restore_named(connection, SystemClock(), name)
    finally:
        await database.close()
