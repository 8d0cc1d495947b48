"""The overview over HTTP, and an officer's call for help. It must never let a route forget who asks."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from jikimi.identity.api import SignedInActor
from jikimi.respond import backup, feeds, notices, overview
from jikimi.respond.model import CAUSES, OUTCOMES, RESPONSES, room_feed
from jikimi.respond.overview_schemas import ChoicesOut, OverviewOut
from jikimi.respond.schemas import SaidOut

router = APIRouter(prefix="/api", tags=["overview"])


@router.get("/overview")
async def whole(request: Request, response: Response, actor: SignedInActor) -> OverviewOut:
    """Open incidents as a room's queue shows them: labels masked, owners, the order behind each."""
    state = request.app.state
    response.headers["Cache-Control"] = "no-store"
    return await overview.overview(
        state.people, state.service, state.clock, actor, state.hub.rules, room_feed(actor.agency)
    )


@router.get("/notices")
async def told(request: Request, response: Response, actor: SignedInActor) -> list[SaidOut]:
    """What your room was told outside of any incident, the newest first, as far back as a session can reach."""
    state = request.app.state
    response.headers["Cache-Control"] = "no-store"
    return await notices.told(state.people, state.service, state.clock, actor)


@router.get("/choices")
async def choices(actor: SignedInActor) -> ChoicesOut:
    """The closed lists a closing is said in."""
    del actor
    return ChoicesOut(causes=list(CAUSES), responses=list(RESPONSES), outcomes=list(OUTCOMES))


@router.post("/taskings/{tasking}/help", status_code=204)
async def need_help(request: Request, actor: SignedInActor, tasking: UUID) -> None:
    """The officer needs help: every room of the incident is paged at once."""
    state = request.app.state
    async with state.service.transaction() as connection:
        messages = await backup.ask(connection, actor, tasking, state.clock.unix())
    await feeds.publish(state.nats, messages)
