"""What people do to an incident: accept, go, arrive, take, close. It must never let one act silence what goes on."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.ledger.rows import Row, append_many
from jikimi.respond import feeds, statements
from jikimi.respond.forsaken import take_up
from jikimi.respond.model import (
    CAUSES,
    ENDED,
    HOLDS,
    INCIDENT_STATUS,
    NEXT,
    OUTCOMES,
    RESPONSES,
    STATUS_ORDER,
    Message,
    TaskingState,
    room_feed,
    unit_feed,
)
from jikimi.respond.own import refuse_own
from jikimi.share import grants
from jikimi.share.policy import Action, require
from jikimi.store.due import cancel, put

URGENT = ["A01", "A02", "A03", "A04", "A10", "A11"]
"""Codes under which an incident stays open until they clear or somebody stands between the two."""
_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Closing:
    """What must be said to close: cause, response and outcome, each from its closed list."""

    cause: str
    response: str
    outcome: str


class StillGoingOn(Conflict):
    """Its alert has not cleared and nobody stands between them."""

    code, status = "still-going-on", HTTPStatus.CONFLICT
    advice = "Close it when he has left, is apprehended, or an officer is with the victim."


class NobodyCame(Conflict):
    """No officer has reported being on scene, so nobody has apprehended him or is with her."""

    code, status = "nobody-came", HTTPStatus.CONFLICT
    advice = "Have an officer report on scene first, or choose another outcome."


async def answer(
    connection: AsyncConnection, actor: Actor, tasking: UUID, state: TaskingState, reason: str | None, now: float
) -> list[Message]:
    """An officer's report on a tasking of the own unit; returns what to publish after the commit.

    Raises NotFound (also for another unit's), Conflict for a step that does not follow, Malformed without a reason
    to a rejection.
    """
    require(actor, Action.ANSWER_TASKING)
    await connection.execute(statements.LOCK_INCIDENT_OF, {"tasking": tasking})
    row = (await connection.execute(statements.TASKING, {"id": tasking})).one_or_none()
    if row is None or row.unit != actor.unit:
        raise NotFound("No tasking of your unit has this id.")
    await refuse_own(connection, actor, row.incident)
    before = TaskingState(row.state)
    if before == state:
        await take_up(connection, [tasking])
        return []  # said twice is said once
    if state not in NEXT.get(before, set()) or row.ended_at is not None:
        raise Conflict(f"This tasking is {before}; it cannot become {state}.", state=str(before))
    if state is TaskingState.REJECTED and not (reason or "").strip():
        raise Malformed("Say why the tasking is rejected.", field="reason")
    if reason and (len(reason) > _REASON_LENGTH or "\x00" in reason):
        raise Malformed(f"At most {_REASON_LENGTH} characters of text.", field="reason")
    ended = state in ENDED
    await connection.execute(statements.MOVE_TASKING, {"id": tasking, "state": state, "now": now, "ended": ended})
    await connection.execute(
        statements.ANSWER_DELIVERY, {"tasking": tasking, "state": _delivery_state(state), "now": now}
    )
    await cancel(connection, str(tasking))
    if ended:
        await grants.end_with_incident(connection, row.incident, now, row.unit)
    if state is TaskingState.REJECTED:
        await put(connection, "replan", str(row.incident), now, {"alert": str(row.alert), "kind": row.kind})
    await _move_incident(connection, row.incident, row.status, state)
    rows = [Row(now, f"tasking.{state}", {
        "tasking": tasking, "incident": row.incident, "unit": row.unit, "account": actor.account, "previous_state": str(before),
    })]  # fmt: skip
    await append_many(connection, rows)
    body: dict[str, object] = {
        "tasking": str(tasking), "unit": str(row.unit), "callsign": row.callsign, "state": str(state), "reason": reason,
        "at": now,
    }  # fmt: skip
    # A room is told whom it is about, for what was written may say where they are; an officer knows who that is, or must not.
    # And whose officer wrote it: that agency reads its own words again once it is over.
    parties = {
        "agency": str(row.agency),
        "offender_id": row.offender and str(row.offender),
        "victim_id": row.victim and str(row.victim),
    }
    messages = [
        Message(feed, agency, "tasking_state", body if feed == unit_feed(row.unit) else body | parties, row.incident,
                whose=row.whose)
        for feed, agency in _audience(row.unit, row.agency, row.police_agency, row.monitoring_agency)
    ]  # fmt: skip
    await feeds.post(connection, messages, now)
    return messages


async def take_incident(connection: AsyncConnection, actor: Actor, incident: UUID, now: float) -> list[Message]:
    """A room takes the incident: somebody has seen it. Raises NotFound, Forbidden."""
    require(actor, Action.READ_INCIDENT)
    if actor.role not in (Role.DISPATCHER, Role.MONITOR):
        raise Forbidden("A control room takes an incident.")
    row = await _incident_of(connection, actor, incident)
    await connection.execute(
        statements.TAKE_INCIDENT, {"incident": incident, "room": room_feed(actor.agency), "now": now}
    )
    await append_many(connection, [Row(now, "incident.taken", {"incident": incident, "account": actor.account})])
    body: dict[str, object] = {
        "incident": str(incident),
        "by": str(actor.account),
        "agency": str(actor.agency),
        "at": now,
    }
    messages = [
        Message(room_feed(agency), agency, "incident_taken", body, incident)
        for agency in (row.police_agency, row.monitoring_agency) if agency
    ]  # fmt: skip
    await feeds.post(connection, messages, now)
    return messages


async def close(connection: AsyncConnection, actor: Actor, incident: UUID, said: Closing, now: float) -> list[Message]:
    """Close an incident with its mandatory codes; only the police room of the incident may.

    Raises NotFound, Forbidden, Malformed, Conflict when it is closed, StillGoingOn when closing would silence it,
    NobodyCame for an outcome that takes an officer on scene where none was.
    """
    require(actor, Action.CLOSE_INCIDENT)
    for name, value, allowed in (
        ("cause", said.cause, CAUSES), ("response", said.response, RESPONSES), ("outcome", said.outcome, OUTCOMES),
    ):  # fmt: skip
        if value not in allowed:
            raise Malformed(f"{name} must be one of {', '.join(allowed)}.", field=name)
    row = await _incident_of(connection, actor, incident)
    if actor.role is not Role.DISPATCHER or actor.agency != row.police_agency:
        raise Forbidden("Only the police room of this incident may close it.")
    if row.closed_at is not None:
        raise Conflict("It is closed already.")
    if (
        said.outcome in HOLDS
        and not (await connection.execute(statements.SOMEBODY_CAME, {"incident": incident})).scalar()
    ):
        raise NobodyCame(f"{said.outcome} takes an officer on scene; none has reported it.")
    if said.outcome not in HOLDS or said.response == "none_needed":
        going_on = [code for (code,) in await connection.execute(
            statements.UNCLEARED, {"incident": incident, "codes": URGENT})]  # fmt: skip
        if going_on:
            raise StillGoingOn(f"{', '.join(sorted(set(going_on)))} still hold.")
    await connection.execute(
        statements.CLOSE_INCIDENT,
        {"id": incident, "now": now, "cause": said.cause, "response": said.response, "outcome": said.outcome},
    )
    ended = list(await connection.execute(statements.END_TASKINGS, {"incident": incident, "now": now}))
    for tasking in ended:
        await cancel(connection, str(tasking.id))
    await grants.end_with_incident(connection, incident, now)
    await cancel(connection, str(incident))
    fields = {"incident": incident, "account": actor.account, "cause_code": said.cause, "response": said.response,
              "outcome": said.outcome}  # fmt: skip
    await append_many(connection, [Row(now, "incident.closed", fields)])
    body: dict[str, object] = {"incident": str(incident), "at": now, **asdict(said)}
    messages = [Message(unit_feed(t.unit), t.agency, "incident_closed", {"incident": str(incident), "at": now}, incident)
                for t in ended]  # fmt: skip
    messages += [
        Message(room_feed(agency), agency, "incident_closed", body, incident)
        for agency in (row.police_agency, row.monitoring_agency) if agency
    ]  # fmt: skip
    await feeds.post(connection, messages, now)
    return messages


async def works_on(connection: AsyncConnection, person: UUID) -> bool:
    """Whether an incident of this person is open."""
    return (await connection.execute(statements.OPEN_OF_PERSON, {"person": person})).first() is not None


async def worked_on(
    connection: AsyncConnection, people: Collection[UUID]
) -> dict[UUID, list[tuple[float, float | None]]]:
    """By person: when incidents of theirs were open, [from, until), Unix seconds."""
    found: dict[UUID, list[tuple[float, float | None]]] = defaultdict(list)
    for row in await connection.execute(statements.INCIDENTS_OF, {"people": list(people)}):
        found[row.person].append((row.since, row.until))
    return found


async def refuse(connection: AsyncConnection, actor: Actor, incident: UUID, now: float) -> None:
    """Put on the ledger that a closing was refused; in a transaction of its own, since the refused one is undone."""
    await append_many(
        connection, [Row(now, "incident.close_refused", {"incident": incident, "account": actor.account})]
    )


async def _incident_of(connection: AsyncConnection, actor: Actor, incident: UUID) -> Found[Any]:
    row = (await connection.execute(statements.INCIDENT, {"id": incident})).one_or_none()
    if row is None or actor.agency not in (row.police_agency, row.monitoring_agency):
        raise NotFound("No incident of your agency has this id.")
    await refuse_own(connection, actor, incident)
    return row


async def _move_incident(connection: AsyncConnection, incident: UUID, status: str, state: TaskingState) -> None:
    reached = INCIDENT_STATUS.get(state)
    if reached and STATUS_ORDER.index(reached) > STATUS_ORDER.index(status):
        await connection.execute(statements.MOVE_INCIDENT, {"id": incident, "status": reached})


def _delivery_state(state: TaskingState) -> str:
    return "rejected" if state is TaskingState.REJECTED else str(state)


def _audience(unit: UUID, agency: UUID, police: UUID, monitoring: UUID | None) -> list[tuple[str, UUID]]:
    rooms = [(room_feed(room), room) for room in (police, monitoring) if room]
    return [(unit_feed(unit), agency), *rooms]
