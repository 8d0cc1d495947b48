"""Statements sent in one go: what fails is told as of any other, and the transaction is none."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from jikimi.store.database import Database, together

_PUT = text("INSERT INTO cursor (name, seq) VALUES (:name, 1)")
_KEPT = text("SELECT count(*) FROM cursor")
_WHICH = text("SELECT pg_backend_pid()")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The services' pool."""
    made = Database(database_url, "service", pool_size=1)
    yield made
    await made.close()


async def _kept(database: Database) -> int:
    async with database.transaction() as connection:
        return int((await connection.execute(_KEPT)).scalar_one())


async def test_what_was_sent_together_is_there_together(database: Database) -> None:
    """And what was executed before and after it in the same transaction."""
    async with database.transaction() as connection:
        await connection.execute(_PUT, {"name": "before"})
        async with together(connection):
            await connection.execute(_PUT, {"name": "one"})
            await connection.execute(_PUT, [{"name": "two"}, {"name": "three"}])
        assert (await connection.execute(_KEPT)).scalar_one() == 4
        await connection.execute(_PUT, {"name": "after"})
    assert await _kept(database) == 5


async def test_one_that_fails_is_told_as_what_it_is_and_leaves_nothing(database: Database) -> None:
    """As the database's own error, without values, though others were sent behind it."""

    async def put_twice() -> None:
        async with database.transaction() as connection, together(connection):
            for name in ("twice-told", "twice-told", "behind"):
                await connection.execute(_PUT, {"name": name})

    with pytest.raises(IntegrityError) as failed:
        await put_twice()
    assert not failed.value.connection_invalidated
    assert await _kept(database) == 0


async def test_a_connection_that_ends_meanwhile_is_told_as_gone_and_replaced(
    database: Database, database_url: str
) -> None:
    """The next transaction has another."""

    async def put_and_lose() -> None:
        async with database.transaction() as connection:
            which = (await connection.execute(_WHICH)).scalar_one()
            async with together(connection):
                await connection.execute(_PUT, {"name": "lost"})
                async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
                    await other.execute("SELECT pg_terminate_backend(%s, 5000)", [which])

    with pytest.raises(DBAPIError) as failed:
        await put_and_lose()
    assert failed.value.connection_invalidated
    assert await _kept(database) == 0


async def test_one_that_is_given_up_leaves_a_pool_that_works(database: Database) -> None:
    """Whoever waits no longer gets their answer, and the next transaction its own."""

    async def give_up() -> None:
        async with asyncio.timeout(0.3), database.transaction() as connection, together(connection):
            await connection.execute(_PUT, {"name": "given up"})
            await connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(TimeoutError):
        await give_up()
    assert await _kept(database) == 0
