"""Leaving what is open to whoever comes. It must never take a name off an incident before another stands in its place.

Whoever leaves names all of it; whoever comes takes it by an act of their own. In between it is the leaver's still, and the
room is told so, again and again, until somebody takes it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import FIELD_ROLES, Actor, Role
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict, Forbidden, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger.digests import Digester
from jikimi.ledger.rows import Row, append_many
from jikimi.respond import feeds, statements
from jikimi.respond.forsaken import forsake, take_up
from jikimi.respond.model import Message, room_feed
from jikimi.respond.own import refuse_own
from jikimi.share import said
from jikimi.share.policy import Action, require
from jikimi.staff import repository, service
from jikimi.staff.model import Shift, State
from jikimi.staff.rules import DutyRules
from jikimi.store.due import cancel, put

# The first of a room who took it is its owner, until it was handed over: then the last it was handed to.
OWNED: Final = text("""
SELECT incident FROM (
  SELECT DISTINCT ON (m.incident) m.incident, m.body->>'by' AS owner FROM feed_message m JOIN incident i ON i.id = m.incident
  WHERE m.feed = :feed AND m.kind = 'incident_taken' AND m.body->>'agency' = :agency AND i.closed_at IS NULL
  ORDER BY m.incident, m.body->>'from' IS NULL, CASE WHEN m.body->>'from' IS NULL THEN m.seq ELSE -m.seq END) AS owners
WHERE owner = :account ORDER BY incident
""")
# While a colleague of the unit is on duty the unit's taskings are theirs.
_TASKINGS: Final = text("""
SELECT t.id, t.incident FROM tasking t JOIN account a ON a.unit = t.unit WHERE a.id = :account AND t.ended_at IS NULL
  AND NOT EXISTS (SELECT FROM account c JOIN shift s ON s.account = c.id WHERE c.unit = t.unit AND c.id <> a.id
    AND c.disabled_at IS NULL AND s.begun_at IS NOT NULL AND s.ended_at IS NULL)
ORDER BY t.id
""")
_GIVE: Final = text("""
INSERT INTO handover (id, agency, shift, account, incidents, taskings, sealed, given_at)
VALUES (:id, :agency, :shift, :account, CAST(:incidents AS uuid[]), CAST(:taskings AS uuid[]), :sealed, :now)
""")
_WAITING: Final = text(
    "SELECT EXISTS (SELECT FROM handover WHERE account = :account AND taken_at IS NULL AND withdrawn_at IS NULL)"
)
_HANDOVER: Final = text("""
SELECT h.id, h.agency, h.shift, h.account, h.incidents, h.taskings, h.taken_at, h.withdrawn_at, a.role, a.unit, a.name
FROM handover h JOIN account a ON a.id = h.account WHERE h.id = :id AND h.agency = :agency FOR UPDATE OF h
""")
_TAKE: Final = text("UPDATE handover SET taken_at = :now, taken_by = :by WHERE id = :id")
_LEAVER: Final = text("SELECT agency, name FROM account WHERE id = :account AND disabled_at IS NOT NULL")
_WITHDRAW: Final = text("UPDATE handover SET withdrawn_at = :now WHERE id = :id")
_INCIDENTS_OF: Final = text("SELECT DISTINCT incident FROM tasking WHERE id = ANY(CAST(:ids AS uuid[]))")


_SPOKEN_OF: Final = text("""
SELECT DISTINCT coalesce(i."order", i.victim, i.offender, i.pair) AS whose FROM incident i
WHERE i.id = ANY(CAST(:incidents AS uuid[]))
  OR i.id IN (SELECT t.incident FROM tasking t WHERE t.id = ANY(CAST(:taskings AS uuid[])))
""")


@dataclass(frozen=True, slots=True)
class Open:
    """What is somebody's own to see through: incidents they took, and their unit's taskings."""

    incidents: frozenset[UUID]
    taskings: frozenset[UUID]

    def __len__(self) -> int:
        return len(self.incidents) + len(self.taskings)


class StillOpen(Conflict):
    """A shift does not end while something is open in its owner's name."""

    code = "still-open"
    advice = "Hand it over; until somebody takes it, it stays yours."


class NamesDiffer(Conflict):
    """What was named is not what is open."""

    code = "names-differ"
    advice = "Read what is open once more and name all of it."


async def open_of(connection: AsyncConnection, agency: UUID, account: UUID) -> Open:
    """What is open in somebody's name now."""
    asked = {"feed": room_feed(agency), "agency": str(agency), "account": str(account)}
    incidents = frozenset(row.incident for row in await connection.execute(OWNED, asked))
    taskings = frozenset(row.id for row in await connection.execute(_TASKINGS, {"account": account}))
    return Open(incidents, taskings)


async def spoken_of(connection: AsyncConnection, incidents: Iterable[UUID], taskings: Iterable[UUID]) -> list[UUID]:
    """Under whose keys a line about these lies: of every order, or person, they are about."""
    asked = {"incidents": list(incidents), "taskings": list(taskings)}
    return [row.whose for row in await connection.execute(_SPOKEN_OF, asked)]


async def end(connection: AsyncConnection, actor: Actor, shift: UUID, now: float) -> None:
    """End one's own shift; raises Forbidden, NotFound, Conflict where it has not begun, StillOpen."""
    require(actor, Action.KEEP_DUTY)
    going = await _going_on(connection, actor, shift)
    if left := await open_of(connection, actor.agency, actor.account):
        raise StillOpen(f"{len(left)} are open in your name.", count=len(left))
    await service.finish(connection, going, now)


async def give(
    connection: AsyncConnection, actor: Actor, shift: UUID, named: Open, note: str, digester: Digester, rules: DutyRules,
    now: float,
) -> tuple[UUID, list[Message]]:  # fmt: skip
    """Name what is open; returns the hand-over's id and what to publish after the commit.

    Raises Forbidden, NotFound, Conflict (nothing is open, or it was given already), NamesDiffer.
    """
    require(actor, Action.KEEP_DUTY)
    going = await _going_on(connection, actor, shift)
    left = await open_of(connection, actor.agency, actor.account)
    if not left:
        raise Conflict("Nothing is open in your name; end the shift.")
    if named != left:
        raise NamesDiffer(f"{len(left)} are open in your name, and others were named.", count=len(left))
    if (await connection.execute(_WAITING, {"account": actor.account})).scalar_one():
        raise Conflict("It was handed over already and waits to be taken.")
    handover = uuid7()
    sealed = said.sealed(connection, handover, await spoken_of(connection, left.incidents, left.taskings), note)
    # Of the sealed words: of the words themselves it could be tried for as long as the ledger stands.
    digest = {"content_digest": digester.of(handover, sealed)} if sealed else {}
    whose = {"agency": actor.agency, "account": actor.account, "shift": going.id}
    await _keep(connection, handover, whose, left, sealed, digest, rules, now)
    messages = [page(actor.agency, now, "handover", actor.account, actor.name, len(left))]
    await feeds.post(connection, messages, now)
    return handover, messages


async def take(
    connection: AsyncConnection, actor: Actor, handover: UUID, rules: DutyRules, now: float
) -> tuple[int, bool, list[Message]]:
    """Take what a colleague left: how many, whether the taker is on duty, and what to publish after the commit.

    Whoever is off duty takes it all the same, and it is recorded. What was closed meanwhile is left out. Raises Forbidden
    (another role), NotFound (also where it names one's own case), Conflict once it is taken.
    """
    require(actor, Action.KEEP_DUTY)
    row = (await connection.execute(_HANDOVER, {"id": handover, "agency": actor.agency})).one_or_none()
    if row is None:
        raise NotFound("No hand-over of your agency has this id.")
    await _refuse_own(connection, actor, row)
    _check_waiting(row)
    if row.account == actor.account or Role(row.role) is not actor.role:
        raise Forbidden("A colleague of the same role takes it.")
    if actor.role in FIELD_ROLES and row.unit != actor.unit:
        raise Forbidden("Somebody of the same unit takes its taskings.")
    left = await open_of(connection, row.agency, row.account)
    incidents = sorted(left.incidents & set(row.incidents))
    await connection.execute(_TAKE, {"id": handover, "now": moment(now), "by": actor.account})
    await take_up(connection, row.taskings)
    await cancel(connection, str(handover))
    standing = await repository.standing(connection, actor.agency, actor.account, rules, now)
    present = standing.state is not State.OFF
    by = {"handover": handover, "account": actor.account, "previous": row.account}
    rows = [Row(now, "handover.taken", {**by, "agency": row.agency, "count": len(incidents), "shift": row.shift})]
    rows += [Row(now, "incident.handed_over", {**by, "incident": incident}) for incident in incidents]
    rows += [] if present else [Row(now, "handover.taken_off_duty", {"handover": handover, "account": actor.account})]
    await append_many(connection, rows)
    messages = await _taken(connection, actor, row.account, incidents, now)
    await feeds.post(connection, messages, now)
    shift = await repository.begun(connection, row.account)
    if shift is not None and not (await open_of(connection, row.agency, row.account)).incidents:
        await service.finish(connection, shift, now)
    return len(incidents) + len(set(row.taskings) & left.taskings), present, messages


async def withdraw(connection: AsyncConnection, actor: Actor, handover: UUID, now: float) -> list[Message]:
    """Stay after all: what was named goes on being one's own, and nobody is called for it any more.

    Raises Forbidden, NotFound (also a colleague's), Conflict once it is taken. Returns what to publish after the commit.
    """
    require(actor, Action.KEEP_DUTY)
    row = (await connection.execute(_HANDOVER, {"id": handover, "agency": actor.agency})).one_or_none()
    if row is None or row.account != actor.account:
        raise NotFound("No hand-over of yours has this id.")
    _check_waiting(row)
    await connection.execute(_WITHDRAW, {"id": handover, "now": moment(now)})
    await take_up(connection, row.taskings)
    await cancel(connection, str(handover))
    await append_many(connection, [Row(now, "handover.withdrawn", {"handover": handover, "account": actor.account})])
    count = len(row.incidents) + len(row.taskings)
    messages = [page(actor.agency, now, "handover-withdrawn", actor.account, actor.name, count)]
    await feeds.post(connection, messages, now)
    return messages


async def left(connection: AsyncConnection, account: UUID, rules: DutyRules, now: float) -> list[Message]:
    """What is open in the name of an account that is over waits to be taken, as at a shift's end; the pages, not yet posted.

    Where nobody is left in a unit the next is asked for its taskings. With nothing open the shift is over.
    """
    leaver = (await connection.execute(_LEAVER, {"account": account})).one_or_none()
    if leaver is None:
        return []
    pages = await forsake(connection, account, now)
    left = await open_of(connection, leaver.agency, account)
    shift = await repository.begun(connection, account)
    if not left:
        if shift is not None:
            await service.finish(connection, shift, now)
        return pages
    if not (await connection.execute(_WAITING, {"account": account})).scalar_one():
        whose = {"agency": leaver.agency, "account": account, "shift": shift.id if shift else None}
        await _keep(connection, uuid7(), whose, left, None, {}, rules, now)
    return [*pages, page(leaver.agency, now, "account-left", account, leaver.name, len(left))]


def page(room: UUID, now: float, why: str, account: UUID, name: str, count: int) -> Message:
    """What a room is told of a step of duty; ``count``: how much is open."""
    body: dict[str, object] = {
        "why": why, "at": now, "account": str(account), "name": name, "by": str(room), "count": count,
    }  # fmt: skip
    return Message(room_feed(room), room, "page", body)


async def _keep(
    connection: AsyncConnection, handover: UUID, whose: Mapping[str, UUID | None], left: Open, sealed: bytes | None,
    digest: Mapping[str, object], rules: DutyRules, now: float,
) -> None:  # fmt: skip
    lists = {"incidents": sorted(left.incidents), "taskings": sorted(left.taskings), "now": moment(now)}
    await connection.execute(_GIVE, {"id": handover, **whose, **lists, "sealed": sealed})
    by = {"handover": handover, "account": whose["account"]}
    rows = [Row(now, "handover.given", {"handover": handover, **whose, "count": len(left), **digest})]
    rows += [Row(now, "handover.named", {**by, "incident": incident}) for incident in sorted(left.incidents)]
    rows += [Row(now, "handover.named", {**by, "tasking": tasking}) for tasking in sorted(left.taskings)]
    await append_many(connection, rows)
    await put(connection, service.KIND, str(handover), now + rules.handover_s, {"what": "handover-untaken"})


def _check_waiting(row: Found[Any]) -> None:
    if row.taken_at is not None:
        raise Conflict("A colleague has taken it already.")
    if row.withdrawn_at is not None:
        raise Conflict("Its owner stays and has withdrawn it.")


async def _taken(
    connection: AsyncConnection, actor: Actor, previous: UUID, incidents: Iterable[UUID], now: float
) -> list[Message]:
    """Both rooms of each incident learn whose it is now."""
    messages = []
    for incident in incidents:
        found = (await connection.execute(statements.INCIDENT, {"id": incident})).one()
        body: dict[str, object] = {
            "incident": str(incident), "by": str(actor.account), "agency": str(actor.agency), "at": now,
            "from": str(previous),
        }  # fmt: skip
        messages += [
            Message(room_feed(agency), agency, "incident_taken", body, incident)
            for agency in (found.police_agency, found.monitoring_agency) if agency
        ]  # fmt: skip
    return messages


async def _refuse_own(connection: AsyncConnection, actor: Actor, row: Found[Any]) -> None:
    of_taskings = [found.incident for found in await connection.execute(_INCIDENTS_OF, {"ids": row.taskings})]
    for incident in (*row.incidents, *of_taskings):
        await refuse_own(connection, actor, incident)


async def _going_on(connection: AsyncConnection, actor: Actor, shift: UUID) -> Shift:
    found = await service.own(connection, actor, shift)
    if found.begun_at is None or found.ended_at is not None:
        raise Conflict("This shift is not going on.")
    return found
