"""Positions kept only for days unless an incident needs them. It must never let go of what an open incident rests on.

Everybody's key is another each day; when a day's time is over its key is destroyed, and with it that day's positions. A day
on which an incident of theirs was open is kept until an event of law ends it.
"""

import asyncio
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.ids import derived
from jikimi.ledger import rows as ledger
from jikimi.oversee.rules import KINDS, DestructionRules
from jikimi.respond.service import worked_on
from jikimi.store.custody import Aged
from jikimi.store.database import Database, custody_of
from jikimi.store.due import AfterCommit, Due, Handler, Later, put_many, waits

KIND: Final = "roll"
"""The due row by which a day's keys are made and those of long ago destroyed."""
DAY_S: Final = 86400.0
_KEY: Final = "positions"
_HELD: Final = text("SELECT person FROM destruction WHERE held_until > :now AND :data = ANY(data)")
_BEFORE_S: Final = 3600.0
"""What came so long before an incident belongs to it."""


def handler(clock: Clock, rules: DestructionRules) -> Handler:
    """Make what runs once a day."""

    async def roll(connection: AsyncConnection, _: Due) -> AfterCommit | None:
        now, custody = clock.unix(), custody_of(connection)
        await put_many(connection, [Later(KIND, _KEY, now + DAY_S, {}, KIND)])
        for name, kept_s in rules.rolling_s.items():
            await asyncio.to_thread(custody.roll, KINDS[name], now)
            aged = custody.aged(KINDS[name], now - kept_s)
            held = {row.person for row in await connection.execute(_HELD, {"now": moment(now), "data": name})}
            over = await _unneeded(connection, [one for one in aged if one.whose not in held])
            custody.expire(KINDS[name], over)
            if over:
                said = {"what": name, "count": len(over), "until": None}
                await ledger.append_many(connection, [ledger.Row(now, "destruction.rolled", said)])
        return None

    return roll


async def begin(database: Database, now: float) -> None:
    """Have it run, once, whoever begins it how often."""
    async with database.transaction() as connection:
        if not await waits(connection, KIND):
            await put_many(connection, [Later(KIND, _KEY, now, {}, KIND, derived("due", KIND, _KEY))])


async def _unneeded(connection: AsyncConnection, aged: list[Aged]) -> list[Aged]:
    incidents = await worked_on(connection, {one.whose for one in aged})

    def needed(one: Aged) -> bool:
        return any(
            since - _BEFORE_S < one.until and (until is None or until >= one.since)
            for since, until in incidents.get(one.whose, ())
        )

    return [one for one in aged if not needed(one)]
