"""Breaking the glass: one account, one person, a few minutes. It must never be silent.

Both agencies are told the moment it happens, and somebody else judges it afterwards. Nobody breaks it in their own case.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.kernel.errors import NotFound
from jikimi.ledger import rows as ledger
from jikimi.registry import ties
from jikimi.registry.reading import Desk
from jikimi.share import grants, register, telling
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import ARTICLES, Action, Data, Purpose, require
from jikimi.share.rules import AccessRules

_THERE: Final = text("SELECT EXISTS (SELECT FROM person WHERE id = :id)")
_DATA: Final = (Data.PERSON, Data.ORDER, Data.INCIDENT)


@dataclass(frozen=True, slots=True)
class Broken:
    """An opened glass: the grant and until when it holds, in Unix seconds."""

    grant: UUID
    subject: UUID
    until: float


async def break_glass(desk: Desk, actor: Actor, rules: AccessRules, subject: UUID, reason: str) -> Broken:
    """Open one person's file to this account for ``rules.glass_s``.

    Raises Forbidden (the role, or one's own case: told to both agencies) and NotFound. Every try is on the register.
    """
    rule = require(actor, Action.OPEN_GLASS)
    now = desk.clock.unix()
    purpose = Purpose.INVESTIGATION_EMERGENCY
    grant = Grant(
        Kind.GLASS, actor.agency, subject, _DATA, purpose, now, now + rules.glass_s, account=actor.account,
        reason=reason, review_by=now + rules.review_s,
    )  # fmt: skip
    async with desk.service.transaction() as connection:
        there = (await connection.execute(_THERE, {"id": subject})).scalar_one()
        own = await ties.tied(connection, actor.account, [subject])
        allowed = bool(there) and not own
        await register.record(
            connection, desk.clock, actor, rule.action, purpose, ARTICLES[purpose], "own_case" if own else "glass", subject,
            allowed=allowed,
        )  # fmt: skip
        if allowed:
            await grants.give(connection, [grant])
            await ledger.append_many(connection, [grant.told(now, actor.account)])
        if there:
            what = "own-case" if own else "glass"
            await telling.tell(
                connection, now, actor, what, subject, await ties.keepers(connection, [subject]),
                grant.id if allowed else None, grant.ends_at if allowed else None,
            )  # fmt: skip
    if own:
        require(actor, Action.OPEN_GLASS, own=True)
    if not there:
        raise NotFound("There is nobody of this id.")
    return Broken(grant.id, subject, now + rules.glass_s)
