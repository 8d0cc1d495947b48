"""Deadlines, outbox and chores on a real PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import SystemClock
from jikimi.kernel.errors import Unavailable
from jikimi.kernel.units import UnixTime
from jikimi.store.database import Database
from jikimi.store.due import AfterCommit, Due, Handler, Later, Loop, cancel, put, put_many
from tests.patience import PATIENCE, stolen_s


class HandClock:
    """A clock that stands still until it is set."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def unix(self) -> UnixTime:
        """Tell what was set."""
        return UnixTime(self.at)


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """Run loops for the length of the block."""
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def left(database: Database) -> int:
    async with database.transaction() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM due"))).scalar_one())


async def until_empty(database: Database, patience_s: float = 20) -> None:
    async with asyncio.timeout(PATIENCE * patience_s):
        while await left(database):
            await asyncio.sleep(0.01)


async def until(condition: Callable[[], bool], patience_s: float = 5) -> None:
    async with asyncio.timeout(PATIENCE * patience_s):
        while not condition():
            await asyncio.sleep(0.01)


def terminate(database_url: str, which: str, value: int) -> None:
    """End sessions the hard way, as an administrator may."""
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {which}".encode(), [value])


def noting(seen: list[str]) -> Handler:
    async def note(_: AsyncConnection, row: Due) -> AfterCommit | None:
        seen.append(row.key)
        return None

    return note


async def test_nothing_runs_before_its_time(service: Database) -> None:
    """A row runs when the clock it was given says so and not a moment earlier."""
    clock, seen = HandClock(), list[str]()
    async with service.transaction() as connection:
        await put(connection, "k", "later", clock.at + 30, {})
        await put(connection, "k", "now", clock.at, {})
    loop = Loop(service, clock, {"k": noting(seen)})
    async with running(loop):
        async with asyncio.timeout(10 * PATIENCE):
            while not seen:
                await asyncio.sleep(0.01)
        assert seen == ["now"]
        clock.at += 29.999
        loop.wake()
        await asyncio.sleep(0.1)
        assert seen == ["now"]
        clock.at += 0.001
        loop.wake()
        await until_empty(service)
    assert seen == ["now", "later"]


async def test_rows_run_in_the_order_of_their_times(service: Database) -> None:
    """What was due first runs first, however it was put."""
    clock, seen = HandClock(), list[str]()
    async with service.transaction() as connection:
        await put_many(connection, [Later("k", str(n), clock.at - n, {}) for n in range(40)])
    async with running(Loop(service, clock, {"k": noting(seen)})):
        await until_empty(service)
    assert seen == [str(n) for n in reversed(range(40))]


async def test_a_loop_told_so_commits_after_every_row(service: Database) -> None:
    """With a batch of one no row's locks outlast its own handler."""
    async with service.transaction() as connection:
        await put_many(connection, [Later("k", str(n), n, {}) for n in range(3)])
    remaining = list[int]()

    async def handle(_: AsyncConnection, __: Due) -> None:
        remaining.append(await left(service))

    async with running(Loop(service, SystemClock(), {"k": handle}, batch=1)):
        await until_empty(service)
    assert remaining == [3, 2, 1]


async def test_two_loops_share_the_work_and_repeat_none(service: Database, database_url: str) -> None:
    """Two loops in two pools run every row once, its effect in the database included."""
    other = Database(database_url, "service")
    async with service.transaction() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS unused (n int)"))
        await put_many(connection, [Later("k", str(n), 0, {"n": n}) for n in range(300)])
    clock = SystemClock()

    async def advance(connection: AsyncConnection, row: Due) -> None:
        await asyncio.sleep(0.0005)
        await connection.execute(
            text("INSERT INTO cursor VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET seq = cursor.seq + 1"),
            {"name": row.key},
        )

    async with running(Loop(service, clock, {"k": advance}), Loop(other, clock, {"k": advance})):
        await until_empty(service)
    async with service.transaction() as connection:
        times = (await connection.execute(text("SELECT count(*), sum(seq), max(seq) FROM cursor"))).one()
    assert tuple(times) == (300, 300, 1)
    await other.close()


async def test_a_crash_in_the_middle_leaves_the_row_for_the_next(service: Database) -> None:
    """A loop that dies inside a handler has done nothing: the next loop does it all, once."""
    entered = asyncio.Event()

    async def write(connection: AsyncConnection) -> None:
        await connection.execute(text("INSERT INTO cursor VALUES ('c', 7)"))

    async def dies(connection: AsyncConnection, _: Due) -> None:
        await write(connection)
        entered.set()
        await asyncio.sleep(60)

    async def lives(connection: AsyncConnection, _: Due) -> None:
        await write(connection)

    async with service.transaction() as connection:
        await put(connection, "k", "c", 0, {})
    async with running(Loop(service, SystemClock(), {"k": dies})):
        await asyncio.wait_for(entered.wait(), 5 * PATIENCE)
    assert await left(service) == 1
    async with running(Loop(service, SystemClock(), {"k": lives})):
        await until_empty(service)


async def test_a_poisoned_row_is_parked_and_stops_nobody(service: Database) -> None:
    """A row that fails again and again backs off, is parked with its failure's name, and its neighbours run."""
    clock, seen = HandClock(), list[str]()

    async def handle(connection: AsyncConnection, row: Due) -> None:
        if row.key == "poison":
            await connection.execute(text("SELECT 1/0"))
        seen.append(row.key)

    async with service.transaction() as connection:
        await put(connection, "k", "poison", clock.at - 2, {"secret": "do not log"})
        await put(connection, "k", "good", clock.at - 1, {})
    loop = Loop(service, clock, {"k": handle}, attempts=4)
    waits = []
    for _ in range(4):
        await loop.round()
        async with service.transaction() as connection:
            row = (
                await connection.execute(text("SELECT extract(epoch FROM at)::float8, attempts, failure FROM due"))
            ).one()
        waits.append(row[0] - clock.at)
        clock.at += 100
    assert seen == ["good"]
    assert waits == [0.5, 1.0, 2.0, float("inf")]
    assert row[1:] == (4, "DataError")
    assert await loop.round() == 1.0


async def test_a_handler_that_breaks_its_connection_runs_out_of_attempts(service: Database, database_url: str) -> None:
    """Even a row that takes the whole transaction down with it is parked, and the rest goes on."""
    seen = list[str]()

    async def handle(connection: AsyncConnection, row: Due) -> None:
        if row.key == "poison":
            pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            terminate(database_url, "pid = %s", pid)
            await connection.execute(text("SELECT 1"))
        seen.append(row.key)

    async with service.transaction() as connection:
        await connection.execute(text("SELECT 1"))
        await put(connection, "k", "poison", 0, {})
        await put(connection, "k", "good", 1, {})
    clock = HandClock()
    async with running(Loop(service, clock, {"k": handle}, attempts=2)):
        async with asyncio.timeout(15 * PATIENCE):
            while "good" not in seen or await left(service) > 1:
                clock.at += 1
                await asyncio.sleep(0.05)
    assert set(seen) == {"good"}


async def test_what_a_handler_needs_being_away_costs_the_row_nothing(service: Database) -> None:
    """An outage is not poison: the row keeps its attempts, and other kinds go on."""
    away, seen = True, list[str]()

    async def publish(_: AsyncConnection, row: Due) -> None:
        if away:
            raise Unavailable
        seen.append(row.key)

    async with service.transaction() as connection:
        await put(connection, "publish", "p", 0, {})
        await put(connection, "k", "good", 1, {})
    async with running(Loop(service, SystemClock(), {"publish": publish, "k": noting(seen)}, attempts=2)):
        await asyncio.sleep(1)
        assert seen == ["good"]
        async with service.transaction() as connection:
            assert (await connection.execute(text("SELECT attempts FROM due"))).scalar_one() == 0
        away = False
        await until_empty(service, 2)
    assert seen == ["good", "p"]


async def test_a_handler_that_hangs_is_given_up(service: Database) -> None:
    """A handler past its patience fails like any other, and the loop goes on."""
    seen = list[str]()

    async def hang(_: AsyncConnection, __: Due) -> None:
        await asyncio.sleep(60)

    async with service.transaction() as connection:
        await put(connection, "hang", "h", 0, {})
        await put(connection, "k", "good", 1, {})
    async with running(Loop(service, SystemClock(), {"hang": hang, "k": noting(seen)}, attempts=1, patience_s=0.1)):
        await until(lambda: bool(seen))


async def test_a_wake_is_answered_at_once(service: Database) -> None:
    """From wake() to the handler takes milliseconds, not a poll."""
    ran = asyncio.Event()

    async def handle(_: AsyncConnection, __: Due) -> None:
        ran.set()

    loop = Loop(service, SystemClock(), {"k": handle})
    took, before = [], stolen_s()
    async with running(loop):
        for _ in range(20):
            await asyncio.sleep(0.02)
            ran.clear()
            async with service.transaction() as connection:
                await put(connection, "k", "w", 0, {})
            start = time.perf_counter()
            loop.wake()
            await asyncio.wait_for(ran.wait(), 5 * PATIENCE)
            took.append(time.perf_counter() - start)
    assert sorted(took)[10] < 0.3 + stolen_s() - before


async def test_the_loop_sleeps_to_the_moment(service: Database) -> None:
    """Without any wake a row runs within milliseconds of its time."""
    clock, ran = SystemClock(), list[float]()

    async def handle(_: AsyncConnection, row: Due) -> None:
        ran.append(clock.unix() - row.at)

    before = stolen_s()
    async with running(Loop(service, clock, {"k": handle})):
        async with service.transaction() as connection:
            await put_many(connection, [Later("k", "t", clock.unix() + 1.2 + n / 10, {}) for n in range(5)])
        await until_empty(service)
    assert all(0 <= late < 0.4 + stolen_s() - before for late in ran)


async def test_rows_of_a_queue_keep_their_order_through_failures(service: Database, database_url: str) -> None:
    """The second row of a queue waits for the first, even when the first fails and another loop is idle."""
    seen, failures = list[str](), iter([True, True])
    other = Database(database_url, "service")

    async def handle(_: AsyncConnection, row: Due) -> None:
        if row.key == "1" and next(failures, False):
            raise ValueError
        await asyncio.sleep(0.01)
        seen.append(row.key)

    async with service.transaction() as connection:
        await put_many(connection, [Later("k", str(n), 10 - n, {}, queue="q") for n in range(1, 6)])
    clock = SystemClock()
    async with running(Loop(service, clock, {"k": handle}, attempts=1), Loop(other, clock, {"k": handle}, attempts=1)):
        await until_empty(service)
    assert seen == ["1", "2", "3", "4", "5"]
    await other.close()


async def test_what_is_to_follow_the_commit_finds_it_committed(service: Database) -> None:
    """The second half of a handler sees the row gone, and its failure harms nothing."""
    counts = list[int]()

    async def handle(_: AsyncConnection, row: Due) -> AfterCommit:
        async def after() -> None:
            counts.append(await left(service))
            if row.key == "bad":
                raise ValueError

        return after

    async with service.transaction() as connection:
        await put(connection, "k", "bad", 0, {})
        await put(connection, "k", "good", 1, {})
    async with running(Loop(service, SystemClock(), {"k": handle})):
        await until(lambda: len(counts) == 2)
    assert counts == [0, 0]


async def test_cancelled_rows_never_run_and_do_not_wait_for_running_ones(service: Database) -> None:
    """Cancelling removes what waits and passes over what runs, so two locks never wait for each other."""
    entered, go = asyncio.Event(), asyncio.Event()

    async def handle(_: AsyncConnection, __: Due) -> None:
        entered.set()
        await go.wait()

    async with service.transaction() as connection:
        await put(connection, "k", "x", 0, {})
        await put(connection, "k", "x", SystemClock().unix() + 60, {})
    async with running(Loop(service, SystemClock(), {"k": handle})):
        await asyncio.wait_for(entered.wait(), 5 * PATIENCE)
        async with asyncio.timeout(PATIENCE), service.transaction() as connection:
            assert await cancel(connection, "x") == 1
        go.set()
        await until_empty(service)


async def test_putting_the_same_id_twice_is_putting_it_once(service: Database) -> None:
    """A repeated put under one id adds nothing, and numbers JSON does not know are refused."""
    same = uuid4()
    async with service.transaction() as connection:
        assert await put(connection, "k", "x", 5, {}, id=same) == same
        assert await put(connection, "k", "x", 6, {}, id=same) == same
        await put_many(connection, [])
    assert await left(service) == 1
    with pytest.raises(ValueError, match="JSON"):
        async with service.transaction() as connection:
            await put(connection, "k", "x", 5, {"n": float("nan")})


async def test_the_loop_outlives_the_database(service: Database, database_url: str) -> None:
    """Every connection torn down again and again stops nothing: the loop returns with the database."""
    seen = list[str]()
    async with running(Loop(service, SystemClock(), {"k": noting(seen)})):
        for n in range(3):
            terminate(database_url, "datname = current_database() AND pid <> pg_backend_pid() AND %s", True)
            other = Database(database_url, "service")
            async with other.transaction() as connection:
                await put(connection, "k", str(n), 0, {})
            await until(lambda n=n: len(seen) > n)  # type: ignore[misc]
            # Seen is not yet done: a connection torn down before the commit would rightly show it again.
            await until_empty(other)
            await other.close()
    assert seen == ["0", "1", "2"]
