"""The unit of work. It must never hand out a connection that is not inside a transaction, nor commit in the middle."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, cast
from uuid import UUID

import psycopg
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import MetaData, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Misconfigured
from jikimi.store.custody import Custody

metadata = MetaData()

_WHO = text("""
SELECT set_config('app.agency', :agency, true), set_config('app.account', :account, true),
  set_config('app.purpose', :purpose, true), set_config('app.now', :now, true)
""")
Side = Literal["service", "people"]


class Database:
    """One pool for services or for people; the pool's sessions hold that role's rights and no more."""

    def __init__(
        self, url: str, side: Side, pool_size: int = 4, clock: Clock | None = None, custody: Custody | None = None
    ) -> None:
        """``url`` as postgresql://…; connections take the role ``jikimi_service`` or ``jikimi_people`` from the start.

        ``clock``: by whose time grants hold for people; None for the database's own. ``custody``: opens what lies sealed
        in it; without one nothing sealed is read or written.
        """
        self.side: Side = side
        self._clock = clock
        self.engine: AsyncEngine = create_async_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=False,
            pool_timeout=5,
            # What a failure says of itself holds no values.
            hide_parameters=True,
            execution_options={"custody": custody},
            connect_args={
                "options": f"-c role=jikimi_{side}",
                "connect_timeout": 3,
                "application_name": f"jikimi-{side}",
            },
        )
        event.listen(self.engine.sync_engine, "connect", _lists_in_binary)

    @asynccontextmanager
    async def transaction(
        self, agency: UUID | None = None, account: UUID | None = None, purpose: str | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end of the block or not at all.

        People's transactions name the agency and the account they read for; without an agency they see nothing. ``purpose``:
        what for; without one they see nothing of what a grant lets them know.
        """
        async with self.engine.begin() as connection:
            if self.side == "people":
                await connection.execute(
                    _WHO,
                    {
                        "agency": str(agency or ""),
                        "account": str(account or ""),
                        "purpose": purpose or "",
                        "now": "" if self._clock is None else repr(float(self._clock.unix())),
                    },
                )
            yield connection

    async def close(self) -> None:
        """Give back every connection."""
        await self.engine.dispose()


def _lists_in_binary(connection: Any, _: object) -> None:
    """Five hundred sealed positions as text hold up everybody who shares the process three times as long."""
    connection.adapters.register_dumper(list, ListBinaryDumper)


@asynccontextmanager
async def together(connection: AsyncConnection) -> AsyncIterator[None]:
    """Send what the block executes in one go, where each answer would cost a way there and back of its own.

    Nothing in the block may ask for rows. What a statement raises is raised at the end of the block, as DBAPIError.
    """
    driver = cast("psycopg.AsyncConnection[Any]", (await connection.get_raw_connection()).driver_connection)
    try:
        async with driver.pipeline():
            yield
    except psycopg.Error as error:
        raise DBAPIError.instance(
            None,
            None,
            error,
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=driver.closed,
            dialect=connection.dialect,
        ) from error


def custody_of(connection: AsyncConnection) -> Custody:
    """The keys to what lies sealed in this connection's database; raises Misconfigured where it was given none."""
    sync = connection.sync_connection
    custody = sync.get_execution_options().get("custody") if sync else None
    if not isinstance(custody, Custody):
        raise Misconfigured("This process was given no keys to what lies sealed in the database.")
    return custody
