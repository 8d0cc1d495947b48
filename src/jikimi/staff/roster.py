"""The roster as people read it. It must never show another agency's staff, nor a colleague's papers to whoever keeps none."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.identity.provider import Provider
from jikimi.kernel.clock import Clock, moment
from jikimi.share import register
from jikimi.share.policy import Action, may, purpose_of, require
from jikimi.staff import repository, statements
from jikimi.staff.accounts import DECIDING
from jikimi.staff.model import Standing
from jikimi.staff.rules import DutyRules
from jikimi.store.database import Database


@dataclass(frozen=True, slots=True)
class Desk:
    """People's pool for what an actor sees, the services' for what is written; the clocks of duty."""

    people: Database
    service: Database
    clock: Clock
    rules: DutyRules
    provider: Provider | None = None


async def standing(desk: Desk, actor: Actor) -> Standing:
    """One's own duty and training."""
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        return await repository.standing(connection, actor.agency, actor.account, desk.rules, desk.clock.unix())


async def read(desk: Desk, actor: Actor) -> dict[str, Any]:
    """Who is on duty and who is next at one's own agency; whoever plans it reads staff and papers too, and with
    privacy officers which accounts ended or came back. Registered first.
    """
    rule, now = require(actor, Action.READ_ROSTER), desk.clock.unix()
    planning = may(actor, Action.PLAN_DUTY)
    recorded: set[UUID] = set()
    accounts: list[dict[str, Any]] = []
    async with desk.service.transaction() as connection:
        await register.record(connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "roster", None)
        if actor.role in DECIDING:
            accounts = await _accounts(connection, actor.agency, now - desk.rules.shown_s)
        if planning and desk.provider is not None:
            asked = {"agency": actor.agency, "issuer": desk.provider.issuer}
            recorded = {row.account for row in await connection.execute(statements.RECORDED, asked)}
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        shifts = await _shifts(connection, desk.rules, now)
        staff = await _staff(connection, desk.rules, now, recorded) if planning else []
        stations = [dict(row) for row in (await connection.execute(statements.STATIONS)).mappings()] if planning else []
    return {
        "at": now, "shifts": shifts, "staff": staff, "stations": stations, "accounts": accounts,
        "kinds": [{"kind": kind, "ko": named.ko, "en": named.en} for kind, named in desk.rules.kinds.items()],
        "early_s": desk.rules.early_s, "provider": desk.provider is not None,
    }  # fmt: skip


async def _accounts(connection: AsyncConnection, agency: UUID, since: float) -> list[dict[str, Any]]:
    found = await connection.execute(statements.CHANGED, {"agency": agency, "since": moment(since)})
    return [dict(row) for row in found.mappings()]


async def _shifts(connection: AsyncConnection, rules: DutyRules, now: float) -> list[dict[str, Any]]:
    rows = [dict(row) for row in (await connection.execute(statements.ROSTER, {"now": moment(now)})).mappings()]
    trained = await repository.training(connection, {row["account"] for row in rows}, rules, now)
    return [row | _said(trained, row["account"]) for row in rows]


async def _staff(
    connection: AsyncConnection, rules: DutyRules, now: float, recorded: set[UUID]
) -> list[dict[str, Any]]:  # fmt: skip
    rows = [dict(row) for row in (await connection.execute(statements.STAFF)).mappings()]
    trained = await repository.training(connection, [row["account"] for row in rows], rules, now)
    papers: dict[UUID, list[dict[str, Any]]] = {}
    for row in (await connection.execute(statements.PAPERS)).mappings():
        papers.setdefault(row["account"], []).append(dict(row))
    return [
        row | _said(trained, row["account"])
        | {"papers": papers.get(row["account"], []), "elsewhere": row["account"] in recorded}
        for row in rows
    ]  # fmt: skip


def _said(trained: dict[UUID, tuple[tuple[str, ...], tuple[str, ...]]], account: UUID) -> dict[str, Any]:
    lapsed, soon = trained.get(account, ((), ()))
    return {"lapsed": list(lapsed), "soon": list(soon)}
