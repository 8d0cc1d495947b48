"""The response over HTTP and WebSocket. It must never let a route forget who asks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, WebSocket
from sqlalchemy.exc import SQLAlchemyError

from jikimi.identity.api import SignedInActor, actor_of_websocket
from jikimi.identity.asking import token_of
from jikimi.respond import feeds, log, repository, service
from jikimi.respond.schemas import AnswerIn, CloseIn, IncidentOut, IncidentWhole, LogIn
from jikimi.share.policy import Action, may

router = APIRouter(prefix="/api", tags=["response"])
live = APIRouter()


@router.get("/incidents")
async def incidents(request: Request, actor: SignedInActor, closed: bool = False) -> list[IncidentOut]:  # noqa: FBT001 - a query flag
    """Incidents you may see, the most urgent first."""
    state = request.app.state
    return await repository.incidents(state.people, state.service, state.clock, actor, closed=closed)


@router.get("/incidents/{incident}")
async def incident(request: Request, actor: SignedInActor, incident: UUID) -> IncidentWhole:
    """One incident with its alerts and taskings."""
    state = request.app.state
    return await repository.incident(state.people, state.service, state.clock, actor, incident)


@router.post("/incidents/{incident}/take", status_code=204)
async def take(request: Request, actor: SignedInActor, incident: UUID) -> None:
    """The room has seen it and owns it."""
    state = request.app.state
    async with state.service.transaction() as connection:
        messages = await service.take_incident(connection, actor, incident, state.clock.unix())
    await feeds.publish(state.nats, messages)


@router.post("/incidents/{incident}/log", status_code=204)
async def write(request: Request, actor: SignedInActor, incident: UUID, said: LogIn) -> None:
    """One line into the log, for both rooms."""
    state = request.app.state
    async with state.service.transaction() as connection:
        messages = await log.enter(connection, actor, incident, said.text, state.digester, state.clock.unix())
    await feeds.publish(state.nats, messages)


@router.post("/incidents/{incident}/close", status_code=204)
async def close(request: Request, actor: SignedInActor, incident: UUID, said: CloseIn) -> None:
    """Close with cause, response and outcome."""
    state = request.app.state
    closing = service.Closing(said.cause, said.response, said.outcome)
    try:
        async with state.service.transaction() as connection:
            messages = await service.close(connection, actor, incident, closing, state.clock.unix())
    except (service.StillGoingOn, service.NobodyCame):
        async with state.service.transaction() as connection:
            await service.refuse(connection, actor, incident, state.clock.unix())
        raise
    await feeds.publish(state.nats, messages)
    await state.wake()


@router.post("/taskings/{tasking}/answer", status_code=204)
async def answer(request: Request, actor: SignedInActor, tasking: UUID, said: AnswerIn) -> None:
    """An officer's report: accepted, rejected (with a reason), en_route, on_scene, cleared."""
    state = request.app.state
    async with state.service.transaction() as connection:
        messages = await service.answer(connection, actor, tasking, said.reported, said.reason, state.clock.unix())
    await feeds.publish(state.nats, messages)
    await state.wake()


@live.websocket("/api/live")
async def line(websocket: WebSocket, after: Annotated[int | None, Query(ge=0)] = None) -> None:
    """The live line: `welcome`, numbered `message`s to be confirmed with `{"type":"ack","seq":N}`, `target`s, `beat`s.

    ``after``: the last number you have; without it you get what is open. Close codes: 4401 signed out, 4403 not
    permitted, 1013 come back and resume.
    """
    try:
        actor = await actor_of_websocket(websocket)
    except (SQLAlchemyError, OSError):
        await websocket.accept()
        await websocket.close(1013, "the record is away")
        return
    await websocket.accept()
    if actor is None:
        await websocket.close(4401, "sign in first")
    elif not may(actor, Action.FOLLOW_LIVE_POSITIONS):
        await websocket.close(4403, "your role has no live line")
    else:
        await websocket.app.state.hub.attend(websocket, actor, token_of(websocket), after)
