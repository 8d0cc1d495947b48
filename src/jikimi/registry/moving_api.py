"""Where a protected person is guarded, over HTTP. It must never answer where that is."""

from uuid import UUID

from fastapi import APIRouter, Request

from jikimi.identity.api import SignedInActor
from jikimi.registry import moving
from jikimi.registry.answers import Answer, VersionOut
from jikimi.registry.api import AtDesk
from jikimi.registry.edge import PreciseRoute
from jikimi.registry.fields import Moment
from jikimi.registry.moving import PlaceMove

router = APIRouter(prefix="/api/registry/people", tags=["registry"], route_class=PreciseRoute)


class GuardedOut(Answer):
    """A place that an order guards for the person, and since when that order holds: never where it is, nor how wide."""

    id: UUID
    order: UUID
    kind: str
    secret: bool
    since: Moment


class GuardedsOut(Answer):
    """Places of one person that one's own agency entered, by order."""

    places: list[GuardedOut]


@router.get("/{protected}/places")
async def list_guarded_places(actor: SignedInActor, desk: AtDesk, protected: UUID) -> GuardedsOut:
    """What orders in force guard for a person of one's own files: their home, work, school or shelter, and not where."""
    return GuardedsOut.model_validate({"places": await moving.guarded(desk, actor, protected)})


@router.post("/{protected}/places/{place}")
async def move_place(
    request: Request, actor: SignedInActor, desk: AtDesk, protected: UUID, place: UUID, there: PlaceMove
) -> VersionOut:
    """Let one place end and begin where the person goes now; every agency that may know them is told that it changed."""
    order, version = await moving.move(desk.service, desk.clock, actor, protected, place, there)
    await request.app.state.wake()
    return VersionOut(order=order, version=version)
