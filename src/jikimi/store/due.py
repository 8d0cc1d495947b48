"""What is to happen later: deadlines, the outbox and chores in one table, run by one kind of loop.

A row's effects in the database happen exactly once, because its handler runs in the transaction that deletes it. What
a handler does outside happens at least once and must bear repetition. A loop must never run a row before its time,
never let one bad row stop the others, and never write what a row was about into a log.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Unavailable
from jikimi.kernel.ids import uuid7
from jikimi.store.database import Database

BATCH: Final = 16
"""Rows taken in one transaction unless a loop is told otherwise."""
ATTEMPTS: Final = 10
"""Failures after which a row outside a queue is parked."""
BACKOFF_S: Final = 0.5
BACKOFF_CAP_S: Final = 60.0
RETRY_S: Final = 0.2
"""Pause while the database, or what a handler needs, is away."""
LOOK_S: Final = 1.0
"""Longest sleep: another process may have put a row and died before it could say so."""
PATIENCE_S: Final = 30.0
"""Longest run of one handler."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Later:
    """A row to put. ``at`` is Unix seconds; ``body`` JSON. Rows of one ``queue`` run one after another, as put."""

    kind: str
    key: str
    at: float
    body: Mapping[str, Any]
    queue: str | None = None
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Due:
    """A row whose time has come; ``attempts`` counts the failures so far."""

    id: UUID
    kind: str
    key: str
    at: float
    attempts: int
    body: Mapping[str, Any]
    queue: str | None = None


AfterCommit = Callable[[], Awaitable[None]]
"""Awaited once the transaction has committed; lost when the process dies in between, so never more than a hint."""
Handler = Callable[[AsyncConnection, Due], Awaitable[AfterCommit | None]]
"""Runs inside the row's transaction. Raises Unavailable when what it needs is away: the row waits, unharmed."""

_PUT = text("""
INSERT INTO due (id, kind, key, queue, at, body)
SELECT id, kind, key, queue, to_timestamp(at), body::jsonb
FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:queues AS text[]),
            CAST(:ats AS float8[]), CAST(:bodies AS text[]))
     WITH ORDINALITY AS put (id, kind, key, queue, at, body, place)
ORDER BY place
ON CONFLICT (id) DO NOTHING
""")
_WAITS = text("SELECT 1 FROM due WHERE kind = :kind LIMIT 1")
_CANCEL = text("DELETE FROM due WHERE id IN (SELECT id FROM due WHERE key = :key FOR UPDATE SKIP LOCKED)")
_HEAD = "(queue IS NULL OR NOT EXISTS (SELECT FROM due first WHERE first.queue = due.queue AND first.seq < due.seq))"
_CLAIM = text(f"""
SELECT id, kind, key, CAST(extract(epoch FROM at) AS float8) AS at, attempts, body, queue FROM due
WHERE kind = ANY(CAST(:kinds AS text[])) AND at <= to_timestamp(:now) AND {_HEAD}
ORDER BY at, seq LIMIT :batch FOR UPDATE SKIP LOCKED
""")  # noqa: S608 - put together from constants above
# Rows another loop is running are left out, or two loops would spin on each other's work.
_NEXT = text(f"""
SELECT CAST(extract(epoch FROM at) AS float8) FROM due
WHERE kind = ANY(CAST(:kinds AS text[])) AND at < 'infinity' AND {_HEAD}
ORDER BY at LIMIT 1 FOR UPDATE SKIP LOCKED
""")  # noqa: S608 - the same
_DONE = text("DELETE FROM due WHERE id = ANY(CAST(:ids AS uuid[]))")
_FAILED = text("""
UPDATE due SET attempts = :attempts, failure = :failure,
  at = CASE WHEN :parked THEN 'infinity' ELSE to_timestamp(:at) END
WHERE id = :id
""")


async def put(
    connection: AsyncConnection,
    kind: str,
    key: str,
    at: float,
    body: Mapping[str, Any],
    *,
    id: UUID | None = None,  # noqa: A002 - the column's name
) -> UUID:
    """Put one row, due at Unix seconds ``at``, and return its id. An ``id`` that already waits is left as it is."""
    row = Later(kind, key, at, body, id=id or uuid7())
    await put_many(connection, [row])
    return row.id


async def waits(connection: AsyncConnection, kind: str) -> bool:
    """Whether any row of that kind waits."""
    return (await connection.execute(_WAITS, {"kind": kind})).first() is not None


async def put_many(connection: AsyncConnection, rows: Sequence[Later], *, always: bool = False) -> None:
    """Put ``rows`` in one statement, in their order; ``always``: none too. Ids that already wait are left as they are."""
    if not rows and not always:
        return
    columns = {
        "ids": [row.id for row in rows],
        "kinds": [row.kind for row in rows],
        "keys": [row.key for row in rows],
        "queues": [row.queue for row in rows],
        "ats": [row.at for row in rows],
        "bodies": [json.dumps(row.body, allow_nan=False) for row in rows],
    }
    await connection.execute(_PUT, columns)


async def cancel(connection: AsyncConnection, key: str) -> int:
    """Remove every row with ``key`` and return how many there were.

    A row that a loop runs at this moment is not waited for, because that loop may be waiting for the caller's locks.
    Its handler reads the state under its own lock and finds nothing left to do.
    """
    return (await connection.execute(_CANCEL, {"key": key})).rowcount


class Loop:
    """Runs the rows of the kinds it has handlers for; any number of loops may run anywhere at once.

    Give work that waits for the network a loop of its own: rows of one loop run one after another.
    """

    def __init__(
        self, database: Database, clock: Clock, handlers: Mapping[str, Handler], *, batch: int = BATCH,
        attempts: int = ATTEMPTS, patience_s: float = PATIENCE_S,
    ) -> None:  # fmt: skip
        """``database`` is the services' pool; a row outside a queue is parked after ``attempts`` failures.

        What handlers lock stays locked until the last of ``batch`` rows is done: 1 where others wait for those locks.
        """
        self.database, self.clock, self.handlers = database, clock, dict(handlers)
        self.batch, self.attempts, self.patience_s = batch, attempts, patience_s
        self._wake = asyncio.Event()
        self._suspect: tuple[Due, Exception] | None = None
        self._away: dict[str, float] = {}
        self._outage = ""

    def wake(self) -> None:
        """Look now: something was put or came due."""
        self._wake.set()

    async def run(self) -> None:
        """Run what is due, sleep until the next row or ``wake``, for ever; ends only by cancellation."""
        while True:
            self._wake.clear()
            try:
                delay = await self.round()
            except Exception as error:  # noqa: BLE001 - whatever it is, deadlines must go on
                await self._survive(error)
                continue
            if self._outage:
                _log.info("due: the database is back")
                self._outage = ""
            if delay > 0:
                await self._sleep(delay)

    async def round(self) -> float:
        """Run one batch and return the seconds until there is more: 0 after work, at most ``LOOK_S``."""
        after: list[AfterCommit] = []
        async with self.database.transaction() as connection:
            rows = await self._claim(connection)
            if not rows:
                return await self._until_next(connection)
            # One after another: they share the transaction.
            done = [row.id for row in rows if row.kind not in self._away and await self._run(connection, row, after)]
            if done:
                await connection.execute(_DONE, {"ids": done})
        for call in after:
            try:
                await call()
            except Exception as error:  # noqa: BLE001 - a lost hint costs a moment, the work is committed
                _log.warning("due: after the commit", error=type(error).__name__)
        return 0.0

    async def _claim(self, connection: AsyncConnection) -> list[Due]:
        now = asyncio.get_running_loop().time()
        self._away = {kind: until for kind, until in self._away.items() if until > now}
        kinds = [kind for kind in self.handlers if kind not in self._away]
        found = await connection.execute(_CLAIM, {"kinds": kinds, "now": self.clock.unix(), "batch": self.batch})
        return [Due(*row) for row in found]

    async def _until_next(self, connection: AsyncConnection) -> float:
        if self._away:
            return RETRY_S
        at = (await connection.execute(_NEXT, {"kinds": list(self.handlers)})).scalar()
        return LOOK_S if at is None else min(LOOK_S, max(0.001, at - self.clock.unix()))

    async def _run(self, connection: AsyncConnection, row: Due, after: list[AfterCommit]) -> bool:
        try:
            async with connection.begin_nested(), asyncio.timeout(self.patience_s):
                call = await self.handlers[row.kind](connection, row)
        except Unavailable:
            _log.warning("due: what a handler needs is away", kind=row.kind)
            self._away[row.kind] = asyncio.get_running_loop().time() + RETRY_S
            return False
        except Exception as error:  # noqa: BLE001 - one row's failure is that row's alone
            self._suspect = row, error
            await self._fail(connection, row, error)
            self._suspect = None
            return False
        if call:
            after.append(call)
        return True

    async def _fail(self, connection: AsyncConnection, row: Due, error: Exception) -> None:
        attempts = row.attempts + 1
        # Those behind a row in a queue wait for it, so it is tried for ever.
        parked = attempts >= self.attempts and row.queue is None
        wait = min(BACKOFF_CAP_S, BACKOFF_S * 2 ** min(row.attempts, 16))
        values = {"id": row.id, "attempts": attempts, "failure": type(error).__name__, "parked": parked}
        await connection.execute(_FAILED, {**values, "at": self.clock.unix() + wait})
        tell = _log.error if attempts >= self.attempts else _log.warning
        tell("due: failed", kind=row.kind, error=type(error).__name__, attempts=attempts, parked=parked)

    async def _survive(self, error: Exception) -> None:
        suspect, self._suspect = self._suspect, None
        if not self._outage:
            self._outage = type(error).__name__
            _log.error("due: the database is away", error=self._outage)
        await asyncio.sleep(RETRY_S)
        if suspect is None:
            return
        # A row whose handler breaks the connection itself must run out of attempts like any other.
        with contextlib.suppress(Exception):
            async with self.database.transaction() as connection:
                await self._fail(connection, *suspect)

    async def _sleep(self, delay: float) -> None:
        try:
            async with asyncio.timeout(delay):
                await self._wake.wait()
        except TimeoutError:
            return
