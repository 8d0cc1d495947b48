"""What two agencies agree to share of one person (safety 8: never where somebody is). It must never hold on one side's yes.

One side's privacy officer proposes whom, what, for which purpose, by which article and until when; the other's says yes.
Each side sees the same row, and how often the other looked. Either ends it, for the next read.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.registry.service import refuse_own
from jikimi.share import grants, register, said, telling
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import ARTICLES, Action, Data, Purpose, Rule, require
from jikimi.share.rules import AccessRules
from jikimi.store.database import Database

SHARED: Final = (Data.PERSON, Data.ORDER, Data.INCIDENT)
"""What two agencies can agree on. A position or a place is never among it."""
_NONE: Final = "No agreement of yours has this id."
_HERS: Final = "other: what a support unit may know is hers to say; write down her consent."
_KEPT_BY: Final = text("SELECT agency FROM person WHERE id = :id")
_KINDS: Final = text("SELECT id, kind FROM agency WHERE id IN (:other, :own)")
_PROPOSE: Final = text("""
INSERT INTO agreement (id, agency, other, recipient, subject, data, purpose, article, reason, sealed, named, ends_at,
  proposed_at, proposed_by)
VALUES (:id, :agency, :other, :recipient, :subject, CAST(:data AS text[]), :purpose, :article, '', :sealed, :named, :ends_at,
  :now, :by)
""")
_LIST: Final = text("""
SELECT a.id, a.agency, a.other, a.recipient, a.subject, a.data, a.purpose, a.article, a.named, a.reason, a.sealed, a.ended_agency,
  CAST(extract(epoch FROM a.ends_at) AS float8) AS ends_at, CAST(extract(epoch FROM a.proposed_at) AS float8) AS proposed_at,
  CAST(extract(epoch FROM a.agreed_at) AS float8) AS agreed_at,
  CAST(extract(epoch FROM coalesce(a.ended_at, g.ended_at)) AS float8) AS ended_at,
  count(r.id) AS looks, CAST(extract(epoch FROM max(r.at)) AS float8) AS last_look
FROM agreement a LEFT JOIN access_grant g ON g.id = a.id
LEFT JOIN LATERAL (SELECT * FROM access_register WHERE subject = a.subject::text UNION ALL
  SELECT * FROM access_register WHERE named = ANY (ARRAY(SELECT lists_naming(a.subject::text)))) r
  ON r.agency = a.recipient AND r.allowed AND r.at >= a.agreed_at
  AND r.at <= coalesce(a.ended_at, g.ended_at, a.ends_at) AND r.action NOT IN ('agree_sharing', 'review_access')
GROUP BY a.id, g.id ORDER BY a.ended_at IS NOT NULL, a.agreed_at IS NOT NULL, a.proposed_at DESC LIMIT 200
""")
_ONE: Final = text("SELECT * FROM agreement WHERE id = :id FOR UPDATE")
_AGREE: Final = text("UPDATE agreement SET agreed_at = :now, agreed_by = :by WHERE id = :id")
_END: Final = text("UPDATE agreement SET ended_at = :now, ended_by = :by, ended_agency = :agency WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Desk:
    """People's pool for what an actor sees, the services' for what is written, and the longest time."""

    people: Database
    service: Database
    clock: Clock
    rules: AccessRules


@dataclass(frozen=True, slots=True)
class Proposal:
    """With whom to share what of whom, for what, by which article, until when (Unix seconds), and why."""

    other: UUID
    subject: UUID
    data: tuple[Data, ...]
    purpose: Purpose
    article: str
    ends_at: float
    reason: str


async def propose(desk: Desk, actor: Actor, wanted: Proposal) -> UUID:
    """Propose it to the other side; returns its id. Whether the other keeps such a file is not said.

    Raises Forbidden, Malformed (also for a support unit), NotFound (an unknown agency, or one's own case).
    """
    rule = require(actor, Action.AGREE_SHARING)
    now = desk.clock.unix()
    if set(wanted.data) - set(SHARED) or not wanted.data:
        raise Malformed(f"data: two agencies can share {', '.join(SHARED)}.", field="data")
    if not now < wanted.ends_at <= now + desk.rules.agreed_longest_s:
        days = desk.rules.agreed_longest_s / 86400
        raise Malformed(f"until: an agreement holds at most {days:.0f} days from now.", field="until")
    if wanted.purpose is Purpose.SUPPORT:
        raise Malformed("purpose: support is what she says yes to; write down her consent.", field="purpose")
    if wanted.other == actor.agency:
        raise Malformed("other: name another agency than your own.", field="other")
    made = uuid7()
    async with desk.service.transaction() as connection:
        await _both(connection, actor.agency, wanted.other)
        await refuse_own(connection, actor, [wanted.subject], "No person of this id is yours to share.")
        own = (await connection.execute(_KEPT_BY, {"id": wanted.subject})).scalar() == actor.agency
        row = {
            "id": made, "agency": actor.agency, "other": wanted.other, "subject": wanted.subject,
            "recipient": wanted.other if own else actor.agency,
        }  # fmt: skip
        why = said.sealed(connection, made, [wanted.subject], wanted.reason)
        await connection.execute(
            _PROPOSE,
            {
                **row, "data": list(wanted.data), "purpose": wanted.purpose.value, "article": ARTICLES[wanted.purpose],
                "named": said.sealed(connection, apart(made), [wanted.subject], wanted.article), "sealed": why,
                "ends_at": moment(wanted.ends_at), "now": moment(now), "by": actor.account,
            },
        )  # fmt: skip
        await _said(connection, desk, actor, rule, "agreement.proposed", row | {"purpose": wanted.purpose})
        # A proposal about nobody of theirs says nothing to anybody.
        await telling.tell(
            connection, now, actor, "agreement-proposed", wanted.subject, [wanted.other], made, wanted.ends_at
        )
    return made


async def agree(desk: Desk, actor: Actor, which: UUID) -> None:
    """The other side's yes: the grant stands from now. Raises Forbidden, NotFound, Conflict."""
    rule = require(actor, Action.AGREE_SHARING)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        row = await _open(connection, actor, which)
        if row["agreed_at"] is not None:
            raise Conflict("Both sides have agreed already.")
        if row["other"] != actor.agency or row["proposed_by"] == actor.account:
            raise Conflict("The other side's privacy officer says yes to what yours proposed.")
        if row["ends_at"].timestamp() <= now:
            raise Conflict("Its time has passed; propose it anew.")
        await _both(connection, row["agency"], row["other"])
        keeper = (await connection.execute(_KEPT_BY, {"id": row["subject"]})).scalar()
        if keeper not in {row["agency"], row["other"]} - {row["recipient"]}:
            raise NotFound("No person of your own files has this id.")
        why = said.opened(connection, which, row["sealed"], row["reason"])
        grant = Grant(
            Kind.AGREED, row["recipient"], row["subject"], tuple(map(Data, row["data"])), Purpose(row["purpose"]), now,
            row["ends_at"].timestamp(), approver=actor.account, reason=why, id=which,
        )  # fmt: skip
        await connection.execute(_AGREE, {"id": which, "now": moment(now), "by": actor.account})
        await grants.give(connection, [grant])
        await ledger.append_many(connection, [grant.told(now, actor.account)])
        await _said(connection, desk, actor, rule, "agreement.agreed", row)
        await telling.tell(
            connection, now, actor, "agreed", row["subject"], [row["agency"]], which, row["ends_at"].timestamp()
        )


async def end(desk: Desk, actor: Actor, which: UUID) -> None:
    """Either side's no, before or after the yes: for the next read at once. Raises Forbidden, NotFound, Conflict."""
    rule = require(actor, Action.AGREE_SHARING)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        row = await _open(connection, actor, which)
        values = {"id": which, "now": moment(now), "by": actor.account, "agency": actor.agency}
        await connection.execute(_END, values)
        await grants.end(connection, which, actor.account, now)
        await _said(connection, desk, actor, rule, "agreement.ended", row)
        await telling.tell(
            connection, now, actor, "agreement-ended", row["subject"], [row["agency"], row["other"]], which
        )


async def listed(desk: Desk, actor: Actor) -> list[dict[str, Any]]:
    """Agreements either side of which is the actor's agency, those to be answered first; raises Forbidden."""
    rule = require(actor, Action.AGREE_SHARING)
    async with desk.service.transaction() as connection:
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "agreements", None
        )
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        found = [dict(row) for row in (await connection.execute(_LIST)).mappings()]
        return [row | _words(connection, row) for row in found]


def apart(which: UUID) -> UUID:
    """Under what the article somebody named lies sealed, apart from the reason."""
    return uuid5(which, "article")


def _words(connection: AsyncConnection, row: dict[str, Any]) -> dict[str, str]:
    """What was typed: why, and the article; where nobody can say any more, the purpose's own."""
    named = said.opened(connection, apart(row["id"]), row["named"], row["article"])
    return {
        "reason": said.opened(connection, row["id"], row["sealed"], row["reason"]),
        "article": named or ARTICLES[Purpose(row["purpose"])],
    }


async def _both(connection: AsyncConnection, own: UUID, other: UUID) -> None:
    sides = {row.id: row.kind for row in await connection.execute(_KINDS, {"own": own, "other": other})}
    if other not in sides:
        raise NotFound("There is no agency of this id.")
    if "support" in sides.values():
        raise Malformed(_HERS, field="other")


async def _open(connection: AsyncConnection, actor: Actor, which: UUID) -> dict[str, Any]:
    row = (await connection.execute(_ONE, {"id": which})).mappings().one_or_none()
    if row is None or actor.agency not in (row["agency"], row["other"]):
        raise NotFound(_NONE)
    await refuse_own(connection, actor, [row["subject"]], _NONE)
    if row["ended_at"] is not None:
        raise Conflict("It has ended already.")
    return dict(row)


async def _said(
    connection: AsyncConnection, desk: Desk, actor: Actor, rule: Rule, kind: str, row: dict[str, Any]
) -> None:
    other = row["other"] if row["agency"] == actor.agency else row["agency"]
    fields = {"fact": row["id"], "account": actor.account, "agency": actor.agency, "other_agency": other}
    # What somebody typed as the article may be a name or a place: it lies sealed, and never here.
    fields |= {"subject": row["subject"], "article": ARTICLES[Purpose(row["purpose"])]}
    await ledger.append(connection, desk.clock.unix(), kind, **fields)
    await register.record(
        connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "agreement", row["subject"]
    )
