"""Reads of duty and training. It must never read for another agency than the one that is named."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.staff import statements
from jikimi.staff.model import Shift, Standing, State
from jikimi.staff.rules import DutyRules


def shift_of(row: Row[Any]) -> Shift:
    """From a row that begins with a shift's columns."""
    return Shift(*tuple(row)[:9])


async def one(connection: AsyncConnection, statement: TextClause, **asked: object) -> Shift | None:
    """The shift a statement finds, if it finds one."""
    row = (await connection.execute(statement, asked)).one_or_none()
    return None if row is None else shift_of(row)


async def begun(connection: AsyncConnection, account: UUID) -> Shift | None:
    """The shift an account has begun and not ended."""
    return await one(connection, statements.BEGUN, account=account)


async def training(
    connection: AsyncConnection, accounts: Collection[UUID], rules: DutyRules, now: float
) -> dict[UUID, tuple[tuple[str, ...], tuple[str, ...]]]:
    """By account: kinds that have lapsed, and kinds that soon will. Accounts with neither are left out."""
    asked = {"accounts": list(accounts), "now": moment(now)}
    found: dict[UUID, tuple[list[str], list[str]]] = {}
    for row in await connection.execute(statements.LATEST, asked):
        if row.until <= now + rules.soon_s:
            found.setdefault(row.account, ([], []))[row.until > now].append(row.kind)
    return {account: (tuple(lapsed), tuple(soon)) for account, (lapsed, soon) in found.items()}


async def standing(
    connection: AsyncConnection, agency: UUID, account: UUID, rules: DutyRules, now: float
) -> Standing:  # fmt: skip
    """Where one account stands now."""
    lapsed, soon = (await training(connection, [account], rules, now)).get(account, ((), ()))
    shift = await one(connection, statements.PRESENT, account=account, now=moment(now))
    if shift is None:
        kept = (await connection.execute(statements.KEPT, {"agency": agency})).scalar_one()
        return Standing(State.OFF if kept else State.UNKEPT, None, lapsed, soon)
    if shift.begun_at is not None:
        return Standing(State.ON, shift, lapsed, soon)
    return Standing(State.DUE if shift.starts_at <= now else State.OFF, shift, lapsed, soon)


async def lapsed_units(connection: AsyncConnection, now: float) -> set[UUID]:
    """Units of which everybody on duty has let some training lapse."""
    return {row.unit for row in await connection.execute(statements.LAPSED_UNITS, {"now": moment(now)})}
