"""Handing over and taking over, over HTTP. It must never show what is open to whoever may not see the incident itself."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import text

from jikimi.identity.api import SignedInActor
from jikimi.respond import feeds, handover, shown
from jikimi.respond.handover import Open
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.share.said import opened
from jikimi.staff import rules

router = APIRouter(prefix="/api/duty", tags=["duty"])

# The line to whoever comes may say where a party is, as a line of the log may; it is the agency's own.
_WAITING: Final = text(f"""
SELECT h.id, h.account, a.name, a.role, a.unit, h.incidents, h.taskings, CASE WHEN may.hear THEN h.note ELSE '' END AS note,
  CASE WHEN may.hear THEN h.sealed END AS sealed, CAST(extract(epoch FROM h.given_at) AS float8) AS given_at
FROM handover h JOIN account a ON a.id = h.account CROSS JOIN LATERAL (SELECT NOT EXISTS (
  SELECT FROM (SELECT unnest(h.incidents) UNION SELECT t.incident FROM tasking t WHERE t.id = ANY(h.taskings)) AS i (id)
  WHERE NOT may_hear(i.id) AND NOT {shown.KEPT.format(incident="i.id")}) AS hear) AS may
WHERE h.taken_at IS NULL AND h.withdrawn_at IS NULL ORDER BY h.given_at LIMIT 200
""")  # noqa: S608 - put together from constants
_ITEMS: Final = text("""
SELECT i.id AS incident, NULL::uuid AS tasking, i.priority, i.status,
  CAST(extract(epoch FROM i.opened_at) AS float8) AS opened_at
FROM incident i WHERE i.id = ANY(CAST(:incidents AS uuid[])) AND i.closed_at IS NULL
UNION ALL
SELECT t.incident, t.id, i.priority, t.state, CAST(extract(epoch FROM i.opened_at) AS float8)
FROM tasking t JOIN incident i ON i.id = t.incident WHERE t.id = ANY(CAST(:taskings AS uuid[])) AND t.ended_at IS NULL
ORDER BY 3, 5, 1
""")


class HandoverIn(BaseModel):
    """All that is open in one's name, and a line to whoever comes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shift: UUID
    incidents: list[UUID] = Field(max_length=500)
    taskings: list[UUID] = Field(max_length=500)
    note: Annotated[
        str, StringConstraints(strict=True, strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")
    ] = ""


class HandoverMadeOut(BaseModel):
    """The new hand-over."""

    id: UUID


class HandoverTakenOut(BaseModel):
    """How much was taken, and whether its new owner is off duty: that is recorded, and refused to nobody."""

    count: int
    off_duty: bool


class OpenOut(BaseModel):
    """An open incident, or an open tasking of one; ``opened_at`` is Unix seconds."""

    incident: UUID
    tasking: UUID | None
    priority: int
    status: str
    opened_at: float


class HandoverOut(BaseModel):
    """What a colleague has left and nobody has taken; ``given_at`` is Unix seconds."""

    id: UUID
    account: UUID
    name: str
    role: str
    unit: UUID | None
    note: str
    given_at: float
    open: list[OpenOut]


class HandoversOut(BaseModel):
    """What is open in one's own name, and what waits to be taken at one's own agency."""

    own: list[OpenOut]
    waiting: list[HandoverOut]


@router.get("/hand-overs")
async def read_handovers(request: Request, actor: SignedInActor) -> HandoversOut:
    """What is open in one's own name, and what waits to be taken."""
    state, rule = request.app.state, require(actor, Action.KEEP_DUTY)
    async with state.service.transaction() as connection:
        own = await handover.open_of(connection, actor.agency, actor.account)
        await register.record(
            connection, state.clock, actor, rule.action, rule.purpose, rule.article, "handovers", None
        )
    async with state.people.transaction(actor.agency, actor.account, rule.purpose) as connection:

        async def items(incidents: list[UUID], taskings: list[UUID]) -> list[OpenOut]:
            found = await connection.execute(_ITEMS, {"incidents": incidents, "taskings": taskings})
            return [OpenOut.model_validate(row, from_attributes=True) for row in found]

        waiting = [
            HandoverOut(
                id=row.id, account=row.account, name=row.name, role=row.role, unit=row.unit,
                note=opened(connection, row.id, row.sealed, row.note),
                given_at=row.given_at, open=await items(row.incidents, row.taskings),
            )
            for row in (await connection.execute(_WAITING)).all()
        ]  # fmt: skip
        return HandoversOut(own=await items(sorted(own.incidents), sorted(own.taskings)), waiting=waiting)


@router.post("/hand-overs", status_code=201)
async def hand_over(request: Request, actor: SignedInActor, said: HandoverIn) -> HandoverMadeOut:
    """Name what is open to whoever comes; it stays one's own until somebody takes it."""
    state = request.app.state
    named = Open(frozenset(said.incidents), frozenset(said.taskings))
    async with state.service.transaction() as connection:
        made, messages = await handover.give(
            connection,
            actor,
            said.shift,
            named,
            said.note,
            state.digester,
            rules.load(state.regime),
            state.clock.unix(),
        )
    await feeds.publish(state.nats, messages)
    await state.wake()
    return HandoverMadeOut(id=made)


@router.post("/hand-overs/{handover_id}/take")
async def take_over(request: Request, actor: SignedInActor, handover_id: UUID) -> HandoverTakenOut:
    """Take what a colleague left: from now on it is one's own."""
    state = request.app.state
    async with state.service.transaction() as connection:
        count, present, messages = await handover.take(
            connection, actor, handover_id, rules.load(state.regime), state.clock.unix()
        )  # fmt: skip
    await feeds.publish(state.nats, messages)
    await state.wake()
    return HandoverTakenOut(count=count, off_duty=not present)


@router.post("/hand-overs/{given}/withdraw", status_code=204)
async def withdraw_handover(request: Request, actor: SignedInActor, given: UUID) -> None:
    """Stay after all: what was named goes on being one's own."""
    state = request.app.state
    async with state.service.transaction() as connection:
        messages = await handover.withdraw(connection, actor, given, state.clock.unix())
    await feeds.publish(state.nats, messages)
    await state.wake()


@router.post("/shifts/{shift}/end", status_code=204)
async def end_shift(request: Request, actor: SignedInActor, shift: UUID) -> None:
    """End one's own shift, when nothing is open in one's name."""
    state = request.app.state
    async with state.service.transaction() as connection:
        await handover.end(connection, actor, shift, state.clock.unix())
    await state.wake()
