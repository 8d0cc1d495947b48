"""Giving, ending and judging access. It must never leave a grant standing whose judgement went against it.

Only a privacy officer of the agency that keeps the file, or of the one that holds the grant, decides; nobody judges
what they opened themselves, by whichever of their accounts.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.accounts import one_line
from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict, Malformed, NotFound
from jikimi.ledger import rows as ledger
from jikimi.share import grants, register, said, telling
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import Action, Data, Purpose, purpose_of, require
from jikimi.share.rules import AccessRules
from jikimi.store.database import Database

_MOST: Final = 500
_REVIEWED: Final = "grant_review"
_JUDGED: Final = "There is nothing to judge here any more."
_COLUMNS: Final = """
id, kind, agency, unit, account, subject, data, purpose, article, "order", incident, approver, reason, sealed,
CAST(extract(epoch FROM starts_at) AS float8) AS starts_at, CAST(extract(epoch FROM ends_at) AS float8) AS ends_at,
CAST(extract(epoch FROM ended_at) AS float8) AS ended_at, CAST(extract(epoch FROM review_by) AS float8) AS review_by,
CAST(extract(epoch FROM reviewed_at) AS float8) AS reviewed_at, upheld
"""
# What an open incident gave is a privacy officer's to end too; once it is over there is nothing to decide.
_LIST: Final = text(f"""
SELECT {_COLUMNS} FROM access_grant WHERE (kind NOT IN ('tasking', 'incident') OR ended_at IS NULL)
  AND (NOT :open OR (ended_at IS NULL AND (ends_at IS NULL OR ends_at > current_moment()))
    OR (review_by IS NOT NULL AND reviewer IS NULL))
ORDER BY reviewed_at IS NULL AND review_by IS NOT NULL DESC, starts_at DESC, id LIMIT {_MOST}
""")  # noqa: S608 - constants
_MINE: Final = text("""
SELECT id, kind, agency, subject, account, reviewer, review_by, ended_at FROM access_grant WHERE id = :id
""")
# What only the clock refused, somebody may still judge.
_JUDGE: Final = text("""
UPDATE access_grant SET reviewed_at = :now, reviewer = :by, upheld = :upheld,
  ended_at = CASE WHEN :upheld THEN ended_at ELSE coalesce(ended_at, :now) END
WHERE id = :id AND reviewer IS NULL RETURNING id
""")
_KEEPER: Final = text("SELECT agency FROM person WHERE id = :id AND agency = current_agency()")
_ACCOUNT: Final = text("""
SELECT EXISTS (SELECT FROM account c JOIN agency a ON a.id = c.agency
  WHERE c.id = :account AND c.disabled_at IS NULL AND a.id = :agency AND a.kind <> 'support')
""")
# Held until the gift is committed: a room that closes it meanwhile waits, and ends the gift with it.
_INCIDENT: Final = text("""
SELECT id FROM incident WHERE id = :incident AND closed_at IS NULL AND :subject IN (offender, victim)
  AND :agency IN (police_agency, monitoring_agency) FOR SHARE
""")
GIVEN: Final = (Data.PERSON, Data.INCIDENT)
"""What one side alone may let another know, while an incident is open. Never an order, nor where somebody is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A grant somebody asks a privacy officer for: to one account of another agency, for one open incident."""

    agency: UUID
    account: UUID
    subject: UUID
    incident: UUID
    data: tuple[Data, ...]
    purpose: Purpose
    ends_at: float
    reason: str


@dataclass(frozen=True, slots=True)
class Desk:
    """People's pool for what an actor sees, the services' for what is written."""

    people: Database
    service: Database
    clock: Clock


async def listed(desk: Desk, actor: Actor, *, standing: bool) -> list[dict[str, Any]]:
    """Grants of one's own agency and on its files, those to be judged first; with ``standing`` only what holds."""
    rule = require(actor, Action.REVIEW_ACCESS)
    async with desk.service.transaction() as connection:
        await register.record(connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "grants", None)
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        found = [dict(row) for row in (await connection.execute(_LIST, {"open": standing})).mappings()]
        return [row | {"reason": said.opened(connection, row["id"], row["sealed"], row["reason"])} for row in found]


async def given(desk: Desk, actor: Actor, rules: AccessRules, wanted: Wanted) -> UUID:
    """Let one account know a person of one's own files until their incident is closed, at the latest ``wanted.ends_at``.

    Whatever else another agency is to know takes its yes too, and a support unit hers. Raises Forbidden, NotFound,
    Malformed; returns the grant's id.
    """
    rule = require(actor, Action.GIVE_ACCESS)
    now = desk.clock.unix()
    _fits(rules, wanted, now)
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        if (await connection.execute(_KEEPER, {"id": wanted.subject})).first() is None:
            raise NotFound("No person of your own files has this id.")
    grant = Grant(
        Kind.GIVEN, wanted.agency, wanted.subject, wanted.data, wanted.purpose, now, wanted.ends_at,
        account=wanted.account, incident=wanted.incident, approver=actor.account, reason=wanted.reason,
    )  # fmt: skip
    async with desk.service.transaction() as connection:
        await _there(connection, actor, wanted)
        await grants.give(connection, [grant])
        await ledger.append_many(connection, [grant.told(now, actor.account)])
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "grant", wanted.subject
        )
        await telling.tell(connection, now, actor, "granted", wanted.subject, [wanted.agency], grant.id, wanted.ends_at)
    return grant.id


def _fits(rules: AccessRules, wanted: Wanted, now: float) -> None:
    if not wanted.data or set(wanted.data) - set(GIVEN):
        raise Malformed(f"data: one side alone gives {', '.join(GIVEN)}; propose an agreement for more.", field="data")
    if wanted.purpose is Purpose.SUPPORT:
        raise Malformed(
            "purpose: what a support unit may know is hers to say; write down her consent.", field="purpose"
        )
    if not now < wanted.ends_at <= now + rules.agreed_longest_s:
        days = rules.agreed_longest_s / 86400
        raise Malformed(f"until: later than now, and at most {days:.0f} days from now.", field="until")


async def _there(connection: AsyncConnection, actor: Actor, wanted: Wanted) -> None:
    values = {"account": wanted.account, "agency": wanted.agency}
    if not (await connection.execute(_ACCOUNT, values)).scalar_one():
        raise NotFound("This agency has no account of this id that may be told.")
    values = {"incident": wanted.incident, "subject": wanted.subject, "agency": actor.agency}
    if (await connection.execute(_INCIDENT, values)).first() is None:
        raise NotFound("No open incident of this person's, and of your agency, has this id.")


async def ended(desk: Desk, actor: Actor, grant: UUID) -> None:
    """Revoke a grant; raises Forbidden, NotFound, Conflict (it has ended). It holds for the next read."""
    rule = require(actor, Action.END_ACCESS)
    row = await _visible(desk, actor, grant)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        if await grants.end(connection, grant, actor.account, now) is None:
            raise Conflict("This grant has ended already.")
        await _note(connection, now, actor, "access_ended", row)
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "grant_end", row["subject"]
        )
        await telling.tell(connection, now, actor, "revoked", row["subject"], [row["agency"]], grant)


async def judged(desk: Desk, actor: Actor, grant: UUID, *, upheld: bool) -> None:
    """Judge an emergency opening; refused, it ends, and both agencies are told to destroy what was taken.

    Raises Forbidden, NotFound, Conflict (somebody judged it already, or nothing to judge, or one's own: of this account, of one
    that made it or of one it made; that try is on the register).
    """
    rule = require(actor, Action.REVIEW_ACCESS)
    row = await _visible(desk, actor, grant)
    if row["review_by"] is None or row["reviewer"] is not None:
        raise Conflict(_JUDGED)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        own = await one_line(connection, row["account"], actor.account)
        if own:
            await register.record(
                connection, desk.clock, actor, rule.action, rule.purpose, rule.article, _REVIEWED, row["subject"],
                allowed=False,
            )  # fmt: skip
    if own:
        raise Conflict(
            "Nobody judges what they opened themselves, nor what an account they made or were made by opened."
        )
    async with desk.service.transaction() as connection:
        values = {"id": grant, "now": moment(now), "by": actor.account, "upheld": upheld}
        if (await connection.execute(_JUDGE, values)).first() is None:
            raise Conflict(_JUDGED)
        await _note(connection, now, actor, "access_upheld" if upheld else "access_refused", row)
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, _REVIEWED, row["subject"]
        )
        what = "glass-upheld" if upheld else "glass-refused"
        rooms = [row["agency"], *await telling.keepers(connection, [row["subject"]])]
        await telling.tell(connection, now, actor, what, row["subject"], rooms, grant)


async def _visible(desk: Desk, actor: Actor, grant: UUID) -> dict[str, Any]:
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        row = (await connection.execute(_MINE, {"id": grant})).mappings().one_or_none()
    if row is None:
        raise NotFound("No grant of yours has this id.")
    return dict(row)


async def _note(connection: AsyncConnection, now: float, actor: Actor, kind: str, row: dict[str, Any]) -> None:
    await ledger.append(
        connection, now, kind, grant=row["id"], agency=row["agency"], account=actor.account, subject=row["subject"]
    )
