"""What a victim said yes to. It must never outlive her no, nor let anybody know where she is.

A yes carries its grants; narrowed, paused or taken back, they end in the same transaction, and the next read finds
nothing. Each side sees what the other may see of her.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.share import grants, register, telling
from jikimi.share.granting import Desk
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import Action, Data, Purpose, purpose_of, require
from jikimi.share.words import ASKED, Words

GIVEN, NARROWED, PAUSED, WITHDRAWN = "given", "narrowed", "paused", "withdrawn"
_KEEPER: Final = text("SELECT agency FROM person WHERE id = :id AND agency = current_agency()")
_SUPPORT: Final = text("SELECT EXISTS (SELECT FROM agency WHERE id = :id AND kind = 'support')")
_INSERT: Final = text("""
INSERT INTO consent (id, person, agency, recipient, data, words, language, state, given_at, ends_at, changed_at, recorded_by)
VALUES (:id, :person, :agency, :recipient, CAST(:data AS text[]), :words, :language, 'given', :now, :ends_at, :now, :by)
""")
_SEEN: Final = """
SELECT id, person, agency, recipient, data, words, language, version, state,
  CAST(extract(epoch FROM given_at) AS float8) AS given_at, CAST(extract(epoch FROM ends_at) AS float8) AS ends_at,
  CAST(extract(epoch FROM changed_at) AS float8) AS changed_at FROM consent
"""
_LIST: Final = text(_SEEN + " WHERE CAST(:person AS uuid) IS NULL OR person = :person ORDER BY id DESC LIMIT 500")
_ONE: Final = text(_SEEN + " WHERE id = :id")
_LOCK: Final = text("SELECT state, version, data FROM consent WHERE id = :id FOR UPDATE")
_STANDING: Final = text("""
SELECT id, person, agency, recipient, version FROM consent WHERE person = :person AND state <> 'withdrawn' ORDER BY id FOR UPDATE
""")
_TAKE_BACK: Final = text("""
UPDATE consent SET state = 'withdrawn', version = version + 1, changed_at = :now WHERE id = :id
""")
_CHANGE: Final = text("""
UPDATE consent SET state = :state, data = CAST(:data AS text[]), version = version + 1, changed_at = :now WHERE id = :id
""")


@dataclass(frozen=True, slots=True)
class Yes:
    """What she said yes to: whom to let know what, until when (Unix seconds), asked in which language."""

    person: UUID
    recipient: UUID
    data: tuple[Data, ...]
    ends_at: float
    language: str


async def given(desk: Desk, actor: Actor, words: Words, yes: Yes) -> UUID:
    """Write down her yes and let the recipient know at once; raises Forbidden, NotFound, Malformed. Returns its id."""
    rule = require(actor, Action.RECORD_CONSENT)
    if actor.role is not Role.REGISTRAR:
        raise Forbidden("A registrar writes down a consent.")
    now = desk.clock.unix()
    if not yes.data or set(yes.data) - set(ASKED):
        raise Malformed(f"data: she can say yes to {', '.join(ASKED)}.", field="data")
    if not now < yes.ends_at <= now + words.longest_s:
        raise Malformed(f"until: a yes holds at most {words.longest_s / 86400:.0f} days from now.", field="until")
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        if (await connection.execute(_KEEPER, {"id": yes.person})).first() is None:
            raise NotFound("No person of your own files has this id.")
        if not (await connection.execute(_SUPPORT, {"id": yes.recipient})).scalar_one():
            raise NotFound("There is no support unit of this id.")
    consent = uuid7()
    row = {"id": consent, "person": yes.person, "agency": actor.agency, "recipient": yes.recipient}
    async with desk.service.transaction() as connection:
        await connection.execute(
            _INSERT,
            {
                **row, "data": list(yes.data), "words": words.version, "language": yes.language, "now": moment(now),
                "ends_at": moment(yes.ends_at), "by": actor.account,
            },
        )  # fmt: skip
        await grants.give(connection, [_grant(consent, yes.person, yes.recipient, yes.data, now, yes.ends_at)])
        await _note(connection, actor, now, "consent_given", row, GIVEN, 1)
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "consent", yes.person
        )
        await telling.tell(connection, now, actor, "consented", yes.person, [yes.recipient], consent, yes.ends_at)
    return consent


async def changed(
    desk: Desk, actor: Actor, consent: UUID, version: int, state: str, data: tuple[Data, ...] | None
) -> int:
    """Narrow, pause, resume or take back; returns the new version. Taken back is final; nothing widens a yes.

    Raises Forbidden, NotFound, Conflict (changed meanwhile, or taken back), Malformed (data she did not say yes to).
    """
    rule = require(actor, Action.RECORD_CONSENT)
    if actor.role is not Role.REGISTRAR and state not in (PAUSED, WITHDRAWN):
        raise Forbidden("A support unit can pause a consent or take it back, no more.")
    row = await _visible(desk, actor, consent)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        held = (await connection.execute(_LOCK, {"id": consent})).one()
        if held.state == WITHDRAWN:
            raise Conflict("She took this back; ask her anew.")
        if held.version != version:
            raise Conflict("It was changed since you read it.", version=held.version)
        left = tuple(Data(each) for each in held.data) if data is None else data
        if not left or set(left) - set(held.data):
            raise Malformed("data: a yes can be narrowed, never widened.", field="data")
        await connection.execute(_CHANGE, {"id": consent, "state": state, "data": list(left), "now": moment(now)})
        await grants.end_with_consent(connection, consent, actor.account, now)
        if state in (GIVEN, NARROWED):
            await grants.give(connection, [_grant(consent, row["person"], row["recipient"], left, now, row["ends_at"])])
        await _note(connection, actor, now, f"consent_{state}", row, state, held.version + 1)
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "consent_change", row["person"]
        )
        await telling.tell(
            connection, now, actor, f"consent-{state}", row["person"], [row["agency"], row["recipient"]], consent
        )
    return int(held.version) + 1


async def taken_back(connection: AsyncConnection, actor: Actor, person: UUID, now: float) -> int:
    """End every sharing she said yes to, in the caller's transaction, and tell each recipient; returns how many there were."""
    standing = (await connection.execute(_STANDING, {"person": person})).mappings().all()
    for row in map(dict, standing):
        await connection.execute(_TAKE_BACK, {"id": row["id"], "now": moment(now)})
        await grants.end_with_consent(connection, row["id"], actor.account, now)
        await _note(connection, actor, now, f"consent_{WITHDRAWN}", row, WITHDRAWN, row["version"] + 1)
        rooms = [row["agency"], row["recipient"]]
        await telling.tell(connection, now, actor, f"consent-{WITHDRAWN}", person, rooms, row["id"])
    return len(standing)


async def listed(desk: Desk, actor: Actor, person: UUID | None) -> list[dict[str, Any]]:
    """Consents either end of which is the actor's agency, of one person or all; raises Forbidden."""
    rule = require(actor, Action.RECORD_CONSENT)
    async with desk.service.transaction() as connection:
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "consents", person
        )
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        return [dict(row) for row in (await connection.execute(_LIST, {"person": person})).mappings()]


def _grant(
    consent: UUID, person: UUID, recipient: UUID, data: tuple[Data, ...], now: float, ends_at: float
) -> Grant:  # fmt: skip
    return Grant(Kind.CONSENT, recipient, person, data, Purpose.SUPPORT, now, ends_at, consent=consent)


async def _visible(desk: Desk, actor: Actor, consent: UUID) -> dict[str, Any]:
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        row = (await connection.execute(_ONE, {"id": consent})).mappings().one_or_none()
    if row is None:
        raise NotFound("No consent of yours has this id.")
    return dict(row)


async def _note(
    connection: AsyncConnection, actor: Actor, now: float, kind: str, row: dict[str, Any], state: str, version: int,
) -> None:  # fmt: skip
    await ledger.append(
        connection, now, kind, fact=row["id"], account=actor.account, agency=row["agency"], other_agency=row["recipient"],
        subject=row["person"], state=state, version=version,
    )  # fmt: skip
