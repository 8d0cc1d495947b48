"""What a screen must know before anybody has signed in. It must never say anything of a person, an order or a unit."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from jikimi import __version__
from jikimi.identity.doors import Doors
from jikimi.identity.provider import Provider
from jikimi.screens.serving import TILES, built

router = APIRouter(prefix="/api", tags=["site"])


class SiteOut(BaseModel):
    """An installation: ``exercise`` is burnt into every screen, with the ``pace`` of its clock (1: a person's; null where
    nothing is played) and whether its story is ``over``; ``map_style`` is a MapLibre style's address of yours.
    ``provider`` names the organisation's own sign-in, null where there is none.
    """

    site: str
    regime: str
    exercise: bool
    pace: float | None
    over: bool
    version: str
    map_style: str | None
    tiles: bool
    provider: str | None


@router.get("/site")
async def site(request: Request, response: Response) -> SiteOut:
    """What this installation is called, whose law holds, and whether it is an exercise. Anybody may know."""
    state = request.app.state
    doors: Doors | None = getattr(state, "doors", None)
    provider: Provider | None = getattr(state, "provider", None)
    response.headers["Cache-Control"] = "no-store"
    return SiteOut(
        site=getattr(state, "site", "Jikimi"),
        regime=getattr(state, "regime", "kr"),
        exercise=bool(getattr(state, "exercise", False)),
        pace=getattr(state, "pace", None),
        over=doors is not None and doors.ended is not None,
        version=__version__,
        map_style=getattr(state, "map_style", None),
        tiles=(built() / TILES).is_file(),
        provider=None if provider is None else provider.name,
    )
