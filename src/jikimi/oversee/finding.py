"""By what number somebody was found whose name was destroyed. It must never let a key stay by which an older dump tells.

Soon after such a destruction, once for all that come together, everybody else is found by a new key
(:mod:`jikimi.registry.anew`). When that is committed the old key is destroyed and the master renewed, so that no copy of the
keys has it; only then may a destruction be certified. Both steps bear repetition.
"""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict
from jikimi.kernel.ids import derived
from jikimi.registry.service import Anew, alone, alone_at_once, anew, retire_numbers, settled
from jikimi.store.database import Database, custody_of
from jikimi.store.due import AfterCommit, Due, Handler, Later, cancel, put_many, waits

KIND: Final = "numbers-anew"
"""The due row by which numbers are found by a new key."""
SOON_S: Final = 10.0
"""So long what is destroyed together is waited for."""
PATIENCE_S: Final = 600.0
"""How long making digests anew may take."""
_AFTER_S: Final = 60.0
"""When what an operator began and did not finish is finished."""
_LOOK_S: Final = 3600.0
_AGAIN_S: Final = 1.0
_TRIES: Final = 60
"""So often whoever enters a long document goes first, and nobody waits behind them; then they are waited for."""
_KEY: Final = "numbers"
_GONE_KEY: Final = "numbers-before"
_log = structlog.get_logger()
_COVERED: Final = text("""
SELECT id FROM destruction WHERE destroyed_at IS NOT NULL AND numbers_at IS NULL AND 'person' = ANY(data) ORDER BY id
""")
_DONE: Final = text("UPDATE destruction SET numbers_at = :now WHERE id = ANY(CAST(:ids AS uuid[]))")


async def ask(connection: AsyncConnection, now: float) -> None:
    """Have numbers made anew soon, once for whoever asks until then."""
    if not await waits(connection, KIND):
        await put_many(connection, [Later(KIND, _KEY, now + SOON_S, {}, KIND, derived("due", KIND, _KEY))])


async def begin(connection: AsyncConnection, now: float, *, later: bool = False) -> tuple[Anew, list[UUID]]:
    """Find every number by a new key from the commit on; the rest is due at once, or a minute later if nobody did it.

    Returns which destructions it is for. Raises Conflict where numbers are kept as digests alone; then nothing is changed.
    """
    covered = await uncovered(connection)
    done = await anew(connection)
    body = {"covered": [str(one) for one in covered]}
    await put_many(connection, [Later("numbers-gone", _GONE_KEY, now + _AFTER_S * later, body, KIND)])
    return done, covered


async def uncovered(connection: AsyncConnection) -> list[UUID]:
    """Destructions after which no key was made; of none that comes later any number is made with the next one."""
    await alone(connection)
    return list((await connection.execute(_COVERED)).scalars())


async def end(connection: AsyncConnection, now: float, covered: Sequence[UUID]) -> int:
    """Destroy the keys of before, also in copies; returns how many keys there are."""
    await retire_numbers(connection)
    count = await asyncio.to_thread(custody_of(connection).rotate)
    await connection.execute(_DONE, {"now": moment(now), "ids": list(covered)})
    return count


async def ended(connection: AsyncConnection) -> None:
    """What :func:`begin` put down is done already."""
    await cancel(connection, _GONE_KEY)


async def settle(database: Database, now: float) -> None:
    """Before roles start: a record that was put back and whose key is destroyed since is found by a new one."""
    async with database.transaction() as connection:
        if not await settled(connection):
            done, _ = await begin(connection, now)
            _log.warning("the key to find numbers by is another; made anew", numbers=done.numbers, lost=done.lost)


def handlers(clock: Clock) -> dict[str, Handler]:
    """By kind, for a loop of its own: what others wait for must not wait for this."""
    return {KIND: _making(clock), "numbers-gone": _ending(clock)}


def _making(clock: Clock) -> Handler:
    async def make(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        now, tried = clock.unix(), due.body.get("tried", 0)
        if tried < _TRIES and not await alone_at_once(connection):
            await put_many(connection, [Later(KIND, _KEY, now + _AGAIN_S, {"tried": tried + 1}, KIND)])
            return None
        if not await uncovered(connection):
            return None
        try:
            done, covered = await begin(connection, now)
        except Conflict as refused:
            # The certificates wait, and a person has to enter what only they know.
            _log.error("numbers of before stay found in older dumps", said=str(refused))
            await put_many(connection, [Later(KIND, _KEY, now + _LOOK_S, {}, KIND)])
            return None
        _log.info("numbers made anew", numbers=done.numbers, lost=done.lost, destructions=len(covered))
        return None

    return make


def _ending(clock: Clock) -> Handler:
    async def finish(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        await end(connection, clock.unix(), [UUID(one) for one in due.body["covered"]])
        return None

    return finish
