"""Her no to being monitored (SM-7, safety 11). It must never end what watches over her because he made her say so.

What she shared with support ends at once, whatever comes of it. Her device goes on until it is sure that he is far, or
until a room has called her back and she gave her safe word; any other word is answered the same and calls for help in
silence. Orders, and the places they guard, are not hers to take back and stay armed.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict, Forbidden, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.oversee import calling, silent_call
from jikimi.oversee.apart import apart
from jikimi.registry.service import ENDED, Guarding, called_back, guarding, refuse_own, taken_off, worn, worn_since
from jikimi.respond.service import works_on
from jikimi.share import consent, register, safe_words, telling
from jikimi.share.policy import Action, Rule, require
from jikimi.share.words import Words
from jikimi.store.database import Database
from jikimi.store.due import cancel, put

MOST: Final = 200
_NO_PERSON: Final = "No person of your own files has this id."
_NO_REQUEST: Final = "No withdrawal of yours has this id."
_KEEPER: Final = text("SELECT agency FROM person WHERE id = :id FOR UPDATE")
_ASK: Final = text("""
INSERT INTO withdrawal (id, person, agency, rooms, asked_at, asked_by, call_by, at_once, answered_at, answered_by)
VALUES (:id, :person, :agency, CAST(:rooms AS uuid[]), :now, :by, :call_by, :at_once, :answered_at, :answered_by)
""")
_LIST: Final = text(f"""
SELECT id, person, agency, rooms, at_once, CAST(extract(epoch FROM asked_at) AS float8) AS asked_at,
  CAST(extract(epoch FROM call_by) AS float8) AS call_by, CAST(extract(epoch FROM answered_at) AS float8) AS answered_at
FROM withdrawal ORDER BY answered_at IS NOT NULL, asked_at DESC LIMIT {MOST}
""")  # noqa: S608 - a constant
_ONE: Final = text("SELECT id, person, agency, rooms, answered_at FROM withdrawal WHERE id = :id FOR UPDATE")
_GIVEN: Final = text("""
SELECT CAST(extract(epoch FROM max(answered_at)) AS float8) FROM withdrawal WHERE person = :person AND given IS NOT NULL
""")
_ANSWER: Final = text("UPDATE withdrawal SET answered_at = :now, answered_by = :by, given = :given WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Desk:
    """People's pool for what an actor sees, the services' for what is written, and the words with their clocks."""

    people: Database
    service: Database
    clock: Clock
    words: Words


async def keep_words(desk: Desk, actor: Actor, person: UUID, word: str, duress: str) -> None:
    """Keep her safe word and the one for duress, chosen with her alone.

    Raises Forbidden, NotFound, Malformed (alike), Conflict while she is to be called back: who stands beside her then must
    not choose what she will say.
    """
    rule = _registrar(actor)
    words = await safe_words.hashed(word, duress)
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        await _own(connection, actor, person)
        if await called_back(connection, [person]):
            raise Conflict("She is to be called back first; her words stay as they are until then.")
        await safe_words.keep(connection, person, actor.agency, words, actor.account, now)
        fields = {"account": actor.account, "agency": actor.agency, "person": person}
        await ledger.append(connection, now, "safe_words_kept", **fields)
        await _noted(connection, desk, actor, rule, "safe_words", person)


async def ask(desk: Desk, actor: Actor, person: UUID) -> tuple[UUID, bool]:
    """Write down her no; returns its id and whether it holds at once. Else the room calls her back, told by id.

    Asked again after she gave a word it is answered alike whichever it was: she is called back.
    Raises Forbidden, NotFound, Conflict (nothing of hers is monitored by her consent, or it was asked already).
    """
    rule = _registrar(actor)
    now, asked = desk.clock.unix(), uuid7()
    async with desk.service.transaction() as connection:
        await _own(connection, actor, person)
        again = await _gave_a_word(connection, person, now)
        if not again and not await worn(connection, person, now):
            raise Conflict("Nothing of hers is monitored by her consent.")
        await consent.taken_back(connection, actor, person, now)
        orders = await guarding(connection, person, now)
        at_once = not again and await _free(connection, desk, person, orders, now)
        rooms = sorted({one.police for one in orders} or {actor.agency})
        row = {
            "id": asked, "person": person, "agency": actor.agency, "rooms": rooms,
            "now": moment(now), "by": actor.account, "call_by": moment(now + desk.words.call_back.call_s),
            "at_once": at_once, "answered_at": moment(now) if at_once else None,
            "answered_by": actor.account if at_once else None,
        }  # fmt: skip
        try:
            async with connection.begin_nested():
                await connection.execute(_ASK, row)
        except IntegrityError:
            raise Conflict("She asked for it already and is to be called back.") from None
        if at_once:
            await _over(connection, actor, person, rooms, now, said=True)
        else:
            await put(connection, calling.KIND, str(asked), now, {})
        fields = {"account": actor.account, "agency": actor.agency, "person": person, "fact": asked}
        await ledger.append(connection, now, "monitoring_refused", **fields)
        await _noted(connection, desk, actor, rule, "withdrawal", person)
    return asked, at_once


async def answer(desk: Desk, actor: Actor, which: UUID, word: str | None) -> None:
    """Record what she said when called back; None: she stays. Every word is answered alike.

    Raises Forbidden, NotFound (also another room's, one that may not know of her any more, or one's own case), Conflict
    (answered already).
    """
    rule = require(actor, Action.CALL_BACK)
    async with desk.service.transaction() as connection:
        row = await _open(connection, actor, which, desk.clock.unix())
        words = await safe_words.kept(connection, row["person"])
    # Compared outside of the transaction: it takes long, and always as long.
    safe = await safe_words.safe(words, word or "")
    now = desk.clock.unix()
    async with desk.service.transaction() as connection:
        row = await _open(connection, actor, which, now)
        given = None if word is None else safe
        await connection.execute(_ANSWER, {"id": which, "now": moment(now), "by": actor.account, "given": given})
        await cancel(connection, str(which))
        if given:
            await _over(connection, actor, row["person"], row["rooms"], now, said=False)
        elif given is False:
            await put(connection, silent_call.KIND, str(which), now, {"person": str(row["person"])})
        fields = {"account": actor.account, "agency": actor.agency, "person": row["person"], "fact": which}
        await ledger.append(connection, now, "withdrawal_answered", **fields)
        await _noted(connection, desk, actor, rule, "withdrawal_answer", row["person"])


async def listed(desk: Desk, actor: Actor) -> list[dict[str, Any]]:
    """What was asked of one's own agency's files or rooms, what waits for a call first; raises Forbidden."""
    action = Action.CALL_BACK if actor.role is Role.DISPATCHER else Action.RECORD_CONSENT
    rule = require(actor, action)
    async with desk.service.transaction() as connection:
        await _noted(connection, desk, actor, rule, "withdrawals", None)
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        return [dict(row) for row in (await connection.execute(_LIST)).mappings()]


async def _free(
    connection: AsyncConnection, desk: Desk, person: UUID, orders: list[Guarding], now: float
) -> bool:  # fmt: skip
    if await works_on(connection, person):
        return False
    return all([await apart(connection, desk.words.call_back, one.offender, person, now) for one in orders])


async def _gave_a_word(connection: AsyncConnection, person: UUID, now: float) -> bool:
    """Whether she gave a word, and no device since. It must not be seen from this which word it was."""
    last = (await connection.execute(_GIVEN, {"person": person})).scalar()
    return last is not None and not await worn_since(connection, person, last, now)


async def _over(
    connection: AsyncConnection, actor: Actor, person: UUID, rooms: list[UUID], now: float, *, said: bool
) -> None:
    await taken_off(connection, person, actor.account, actor.agency, now, said=said)
    await telling.tell(connection, now, actor, ENDED, person, rooms)


def _registrar(actor: Actor) -> Rule:
    rule = require(actor, Action.RECORD_CONSENT)
    if actor.role is not Role.REGISTRAR:
        raise Forbidden("A registrar writes this down, with her present.")
    return rule


async def _own(connection: AsyncConnection, actor: Actor, person: UUID) -> None:
    if (await connection.execute(_KEEPER, {"id": person})).scalar() != actor.agency:
        raise NotFound(_NO_PERSON)
    await refuse_own(connection, actor, [person], _NO_PERSON)


async def _open(connection: AsyncConnection, actor: Actor, which: UUID, now: float) -> dict[str, Any]:
    row = (await connection.execute(_ONE, {"id": which})).mappings().one_or_none()
    # Asked of nobody where there is none: the work must not say that there was.
    person, keeper, rooms = (row["person"], row["agency"], row["rooms"]) if row else (which, which, [which])
    if actor.agency not in await calling.still_hers(connection, person, keeper, rooms, now) or row is None:
        raise NotFound(_NO_REQUEST)
    await refuse_own(connection, actor, [row["person"]], _NO_REQUEST)
    if row["answered_at"] is not None:
        raise Conflict("She was called back already.")
    return dict(row)


async def _noted(
    connection: AsyncConnection, desk: Desk, actor: Actor, rule: Rule, what: str, person: UUID | None
) -> None:
    await register.record(connection, desk.clock, actor, rule.action, rule.purpose, rule.article, what, person)
