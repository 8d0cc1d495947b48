"""Whether anything one could know has ended, over HTTP, for pages without a live line. It must never say what it was, or of
whom: it is asked for twice a second and stands on no register.
"""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.api import SignedInActor
from jikimi.identity.model import Actor, Role
from jikimi.registry.service import ties_of
from jikimi.share.withdrawn import OVERLAP_S, Ended, lost_since

router = APIRouter(prefix="/api/access", tags=["access"])

_FARTHEST: Final = 1e10
_BACK_S: Final = 600.0
"""So far back ends are looked for: a page that slept for longer reads everything anew."""
_MARK: Final = "what has ended"


class EndedOut(BaseModel):
    """``at`` is Unix seconds, to be sent as ``since`` next. A mark that was not in the answer before, or another ``own``, says
    that whatever is open is to be read anew; to whoever holds no key of ours it says nothing else.
    """

    at: float
    marks: list[str]
    own: str


@router.get("/ended")
async def ended(
    request: Request, actor: SignedInActor, since: Annotated[float | None, Query(ge=0, le=_FARTHEST)] = None
) -> EndedOut:
    """Whether anything the asker could know has ended since then, or a moment before; or become their own case."""
    state = request.app.state
    now, mark = state.clock.unix(), state.digester.of
    since = now if since is None else since
    slept = now - since > _BACK_S
    async with state.service.transaction() as connection:
        lost = await _lost(connection, actor, max(since, now - _BACK_S) - OVERLAP_S, now)
        tied = (await ties_of(connection, [actor.account])).get(actor.account, set())
    marks = [mark(_MARK, actor.session, what) for what in [*(one.id for one in lost), *([now] if slept else [])]]
    return EndedOut(
        at=now,
        marks=sorted(marks),
        own=mark(_MARK, actor.session, *sorted(tied)),
    )


async def _lost(connection: AsyncConnection, actor: Actor, since: float, now: float) -> list[Ended]:
    """A privacy officer reads nobody's file, and names on their page whom their agency's registrar may know."""
    reader = replace(actor, role=Role.REGISTRAR, purpose=None) if actor.role is Role.REVIEWER else actor
    return await lost_since(connection, reader, since, now)
