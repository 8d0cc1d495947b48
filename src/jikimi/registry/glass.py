"""Breaking the glass: one account, one person, a few minutes. It must never be silent.

Both agencies are told the moment it happens, and somebody else judges it afterwards. Nobody breaks it in their own case,
nor again for the same person while that waits or once somebody refused it: a life in danger waits for no judgement, so a
colleague's account still can, and both agencies learn that one is needed.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict, NotFound
from jikimi.ledger import rows as ledger
from jikimi.registry import ties
from jikimi.registry.reading import Desk
from jikimi.share import grants, register, telling, unjudged
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import ARTICLES, Action, Data, Purpose, require
from jikimi.share.rules import AccessRules

_THERE: Final = text("SELECT EXISTS (SELECT FROM person WHERE id = :id)")
# One account's openings one after another, or they would pass this together.
_LOCK: Final = text("SELECT id FROM account WHERE id = :account FOR UPDATE")
_EARLIER: Final = text("""
SELECT EXISTS (SELECT FROM access_grant WHERE kind = 'glass' AND account = :account AND subject = :subject
  AND ((reviewed_at IS NULL AND review_by > :now) OR (reviewer IS NOT NULL AND NOT upheld)))
""")
_AGAIN: Final = (
    "You opened this file before, and that was refused or is not judged yet. Have your privacy officer judge it; where a life "
    "is in danger now, a colleague opens it from their own account."
)
_DATA: Final = (Data.PERSON, Data.ORDER, Data.INCIDENT)


@dataclass(frozen=True, slots=True)
class Broken:
    """An opened glass: the grant and until when it holds, in Unix seconds."""

    grant: UUID
    subject: UUID
    until: float


async def break_glass(desk: Desk, actor: Actor, rules: AccessRules, subject: UUID, reason: str) -> Broken:
    """Open one person's file to this account for ``rules.glass_s``.

    Raises Forbidden (the role, or one's own case: told to both agencies), NotFound, and Conflict where this account opened it
    before and somebody refused that, or its time to be judged still runs (told to both agencies too). Every try is on the
    register.
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
        again = await _again(connection, actor, subject, now)
        allowed = bool(there) and not own and not again
        await register.record(
            connection, desk.clock, actor, rule.action, purpose, ARTICLES[purpose], "own_case" if own else "glass", subject,
            allowed=allowed,
        )  # fmt: skip
        if allowed:
            await grants.give(connection, [grant])
            await unjudged.begin(connection, grant)
            await ledger.append_many(connection, [grant.told(now, actor.account)])
        if there or own:
            what = "own-case" if own else "glass" if allowed else "glass-again"
            await telling.tell(
                connection, now, actor, what, subject, await ties.keepers(connection, [subject]),
                grant.id if allowed else None, grant.ends_at if allowed else None,
            )  # fmt: skip
    if own:
        require(actor, Action.OPEN_GLASS, own=True)
    if not there:
        raise NotFound("There is nobody of this id.")
    if again:
        raise Conflict(_AGAIN)
    return Broken(grant.id, subject, now + rules.glass_s)


async def _again(connection: AsyncConnection, actor: Actor, subject: UUID, now: float) -> bool:
    await connection.execute(_LOCK, {"account": actor.account})
    found = await connection.execute(_EARLIER, {"account": actor.account, "subject": subject, "now": moment(now)})
    return bool(found.scalar_one())
