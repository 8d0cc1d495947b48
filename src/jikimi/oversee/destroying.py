"""Destruction by law: asked by one, inquired of elsewhere, held where evidence needs it, decided by another person.

It must never be undone, begin while something still rests on the data, nor be called complete before the log has passed
over what it held. What is destroyed are keys: wherever copies lie, in backups too, nobody opens them again.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.accounts import one_hand
from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.oversee import letting_go
from jikimi.oversee.rules import DestructionRules
from jikimi.registry.service import refuse_own, resting
from jikimi.share import register, said
from jikimi.share.policy import Action, Rule, require
from jikimi.store.database import Database
from jikimi.store.due import put_many

_NONE: Final = "No destruction of yours has this id."
_HELD: Final = "It is held as evidence; let go of the hold first."
_HAND: Final = "One account made yours and the one that asked, or one of you the other: that is not two people."
_ASK_OPERATOR: Final = "Let somebody whose account the operator or another registrar made do it."
_COLUMNS: Final = """
id, agency, person, event, article, data, inquiry, confirmed, confirmed_by, held_article, sealed, carried_out, keys, kept,
CAST(extract(epoch FROM asked_at) AS float8) AS asked_at, asked_by,
CAST(extract(epoch FROM confirmed_at) AS float8) AS confirmed_at,
CAST(extract(epoch FROM held_until) AS float8) AS held_until,
CAST(extract(epoch FROM decided_at) AS float8) AS decided_at, decided_by,
CAST(extract(epoch FROM destroyed_at) AS float8) AS destroyed_at,
CAST(extract(epoch FROM certified_at) AS float8) AS certified_at
"""
_LIST: Final = text(f"""
SELECT {_COLUMNS}, coalesce((SELECT jsonb_agg(jsonb_build_object('agency', y.agency, 'orders', y.orders, 'agreed', y.agreed,
    'at', extract(epoch FROM y.at)) ORDER BY y.agency) FROM destruction_yes y WHERE y.destruction = destruction.id), '[]') AS asked
FROM destruction ORDER BY certified_at IS NOT NULL, asked_at DESC LIMIT 500
""")  # noqa: S608 - constants
_ONE: Final = text(f"SELECT {_COLUMNS} FROM destruction WHERE id = :id FOR UPDATE")  # noqa: S608 - the same
_KEPT: Final = text("SELECT agency FROM person WHERE id = :id")
# Whoever destroys holds it: a hold that was answered holds.
_LOCK: Final = text("SELECT FROM person WHERE id = :id FOR UPDATE")
_ASK: Final = text("""
INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry)
VALUES (:id, :agency, :person, :event, :article, :data, :now, :by, :inquiry)
""")
_ANSWER: Final = text("""
UPDATE destruction SET confirmed = :confirmed, confirmed_at = :now, confirmed_by = :by WHERE id = :id
""")
_HOLD: Final = text("""
UPDATE destruction SET held_until = :until, held_article = NULL, sealed = :sealed, held_by = :by WHERE id = :id
""")
_DECIDE: Final = text("UPDATE destruction SET decided_at = :now, decided_by = :by, carried_out = :out WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Desk:
    """People's pool for what an actor sees, the services' for what is written, and the law's events."""

    people: Database
    service: Database
    clock: Clock
    rules: DestructionRules


async def listed(desk: Desk, actor: Actor) -> list[dict[str, Any]]:
    """Destructions of one's own agency's files, and those one's agency is asked about; those under way first.

    Raises Forbidden.
    """
    rule = require(actor, Action.READ_DESTRUCTIONS)
    async with desk.service.transaction() as connection:
        await _noted(connection, desk, actor, rule, "destructions", None)
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        found = [dict(row) for row in (await connection.execute(_LIST)).mappings()]
        return [row | {"held_article": _article(connection, row)} for row in found]


async def ask(desk: Desk, actor: Actor, person: UUID, event: str) -> UUID:
    """Ask for destruction of a person of one's own files; raises Forbidden, Malformed, NotFound, Conflict."""
    rule = require(actor, Action.ASK_DESTRUCTION)
    law = desk.rules.events.get(event)
    if law is None:
        raise Malformed(f"event must be one of {', '.join(desk.rules.events)}.", field="event")
    asked = uuid7()
    async with desk.service.transaction() as connection:
        if (await connection.execute(_KEPT, {"id": person})).scalar() != actor.agency:
            raise NotFound("No person of your own files has this id.")
        await refuse_own(connection, actor, [person], "No person of your own files has this id.")
        values = {
            "id": asked, "agency": actor.agency, "person": person, "event": event, "article": law.article,
            "data": law.data, "now": moment(desk.clock.unix()), "by": actor.account, "inquiry": law.inquiry,
        }  # fmt: skip
        try:
            async with connection.begin_nested():
                await connection.execute(_ASK, values)
        except IntegrityError:
            raise Conflict("It was asked for already.") from None
        if "order" in law.data:
            await letting_go.ask(connection, asked, actor.agency, person, desk.clock.unix())
        await _said(connection, desk, actor, "destruction.asked", values)
        await _noted(connection, desk, actor, rule, "destruction", person)
    return asked


async def answer(desk: Desk, actor: Actor, which: UUID, *, confirmed: bool) -> None:
    """Record what the agency inquired of said of the event; whoever asked for it does not.

    An agency with a part in an order of theirs says by this whether it lets go of it, also after the decision. Raises
    Forbidden, NotFound, Conflict.
    """
    rule = require(actor, Action.CONFIRM_DESTRUCTION)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        # Asked whatever is there: nobody learns by the work that there is a destruction of somebody else's.
        if await letting_go.is_asked(connection, which, actor.agency):
            row = await _let_go(connection, actor, which, now, agreed=confirmed)
            kind = "destruction.let_go" if confirmed else "destruction.needed"
        else:
            row = await _open(connection, actor, which)
            await _another(connection, actor, row, "Somebody else than who asked records the answer.")
            if not row["inquiry"]:
                raise Conflict("Nobody is inquired of for this event.")
            values = {"id": which, "confirmed": confirmed, "now": moment(now), "by": actor.account}
            await connection.execute(_ANSWER, values)
            kind = "destruction.confirmed" if confirmed else "destruction.denied"
        await _said(connection, desk, actor, kind, row)
        await _noted(connection, desk, actor, rule, "destruction", row["person"])


async def _let_go(
    connection: AsyncConnection, actor: Actor, which: UUID, now: float, *, agreed: bool
) -> dict[str, Any]:
    row = dict((await connection.execute(_ONE, {"id": which})).mappings().one())
    await refuse_own(connection, actor, [row["person"]], _NONE)
    if row["carried_out"] is False:
        raise Conflict("It is decided already.")
    await letting_go.say(connection, row["id"], actor.agency, actor.account, now, agreed=agreed)
    if agreed:
        await letting_go.again(connection, await resting(connection, row["person"], now), now)
    return row


async def hold(desk: Desk, actor: Actor, which: UUID, article: str | None, until: float | None) -> None:
    """Keep it as evidence until then under that article; both None lets go of it. Raises Forbidden, NotFound, Conflict."""
    rule = require(actor, Action.JUDGE_DESTRUCTION)
    if until is not None and until <= desk.clock.unix():
        raise Malformed("until: it is not later than now.", field="until")
    async with desk.service.transaction() as connection:
        row = await _open(connection, actor, which, decided=True)
        await connection.execute(_LOCK, {"id": row["person"]})
        sealed = said.sealed(connection, which, [row["person"]], article)
        values = {"id": which, "until": until and moment(until), "sealed": sealed, "by": actor.account}
        await connection.execute(_HOLD, values)
        kind = "destruction.released" if until is None else "destruction.held"
        await _said(connection, desk, actor, kind, row)
        await _noted(connection, desk, actor, rule, "destruction", row["person"])


async def decide(desk: Desk, actor: Actor, which: UUID, *, carried_out: bool) -> None:
    """Have it carried out, or drop it.

    Raises Forbidden (also to whoever asked), NotFound, Conflict (held, also by what was asked for another event; not confirmed,
    another agency not heard).
    """
    rule = require(actor, Action.JUDGE_DESTRUCTION)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        row = await _open(connection, actor, which)
        await _another(connection, actor, row, "Nobody decides what they asked for themselves.")
        if carried_out:
            await _fit(connection, row, now)
            if "order" in row["data"]:
                await letting_go.refuse_unheard(connection, row["person"], now)
            await put_many(connection, [letting_go.due(which, now)])
        elif row["held_until"] is not None and row["held_until"] > now:
            raise Conflict(_HELD)
        await connection.execute(_DECIDE, {"id": which, "out": carried_out, "now": moment(now), "by": actor.account})
        await _said(connection, desk, actor, "destruction.decided" if carried_out else "destruction.dropped", row)
        await _noted(connection, desk, actor, rule, "destruction", row["person"])


def _article(connection: AsyncConnection, row: dict[str, Any]) -> str | None:
    return said.opened(connection, row["id"], row["sealed"], row["held_article"]) or None


async def _another(connection: AsyncConnection, actor: Actor, row: dict[str, Any], own: str) -> None:
    if row["asked_by"] == actor.account:
        raise Forbidden(own)
    if await one_hand(connection, actor.account, row["asked_by"]):
        raise Forbidden(_HAND, advice=_ASK_OPERATOR)


async def _fit(connection: AsyncConnection, row: dict[str, Any], now: float) -> None:
    if row["inquiry"] and not row["confirmed"]:
        raise Conflict("The agency inquired of has not confirmed the event.")
    if await letting_go.held(connection, row["person"], row["data"], now):
        raise Conflict(_HELD)


async def _open(connection: AsyncConnection, actor: Actor, which: UUID, *, decided: bool = False) -> dict[str, Any]:
    """The destruction, locked, while it may be acted on; ``decided``: also after the decision, until keys are destroyed."""
    row = (await connection.execute(_ONE, {"id": which})).mappings().one_or_none()
    if row is None or row["agency"] != actor.agency:
        raise NotFound(_NONE)
    await refuse_own(connection, actor, [row["person"]], _NONE)
    if row["destroyed_at"] is not None or (row["decided_at"] is not None and not decided):
        raise Conflict("It is decided already.")
    return dict(row)


async def _said(connection: AsyncConnection, desk: Desk, actor: Actor, kind: str, row: dict[str, Any]) -> None:
    await ledger.append_many(connection, [
        ledger.Row(desk.clock.unix(), kind, {
            "destruction": row["id"], "person": row["person"], "code": row["event"], "article": row["article"],
            "account": actor.account, "agency": actor.agency, "what": "+".join(row["data"]),
        })
    ])  # fmt: skip


async def _noted(
    connection: AsyncConnection, desk: Desk, actor: Actor, rule: Rule, what: str, person: UUID | None
) -> None:
    await register.record(connection, desk.clock, actor, rule.action, rule.purpose, rule.article, what, person)
