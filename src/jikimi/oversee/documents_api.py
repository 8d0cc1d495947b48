"""What is printed: the statutory register, who looked at her file, the answer to his request.

It must never be kept by a browser, nor name anybody in an address.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel, Field

from jikimi.identity.api import SignedInActor
from jikimi.oversee import answering_him, forms, telling_her, using
from jikimi.oversee.schemas import Sent
from jikimi.oversee.sheet import POLICY
from jikimi.oversee.using import Span
from jikimi.registry.regimes import ledger_at
from jikimi.share.api import AtDesk

router = APIRouter(prefix="/api", tags=["access"])

_PAGE = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}


class PersonAskedIn(Sent):
    """Who asked."""

    person: UUID


class HerLookOut(BaseModel):
    """A look at her file: which agency in which role, for what, by which article; ``at`` is Unix seconds."""

    agency: str
    role: str | None
    purpose: str
    article: str
    what: str
    allowed: bool
    at: float


class HerLooksOut(BaseModel):
    """Looks at her file, newest first."""

    looks: list[HerLookOut]


def _offset(request: Request) -> int:
    state = request.app.state
    return ledger_at(state.clock.unix(), state.regime).utc_offset_s


Offset = Annotated[int, Depends(_offset)]


class PrintIn(Sent):
    """Which statutory register, of which time (RFC 3339)."""

    form: Annotated[str, Field(max_length=10)]
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime


@router.post("/prints/statutory-register", response_class=HTMLResponse)
async def print_register(
    request: Request, actor: SignedInActor, desk: AtDesk, offset_s: Offset, said: PrintIn
) -> HTMLResponse:
    """The statutory register of uses as a page to print, each entry with its ledger row."""
    span = Span(said.since.timestamp(), said.until.timestamp())
    page = await using.printed(desk, actor, forms.usage(request.app.state.regime), said.form, span, offset_s)
    return HTMLResponse(page, headers=_PAGE)


@router.post("/prints/looks", response_class=HTMLResponse)
async def print_looks(actor: SignedInActor, desk: AtDesk, offset_s: Offset, said: PersonAskedIn) -> HTMLResponse:
    """Who looked at her file, as a page for her to take along."""
    return HTMLResponse(await telling_her.printed(desk, actor, said.person, offset_s), headers=_PAGE)


@router.post("/prints/own-data", response_class=HTMLResponse)
async def print_own_data(
    request: Request, actor: SignedInActor, desk: AtDesk, offset_s: Offset, said: PersonAskedIn
) -> HTMLResponse:
    """The answer to a respondent's request for access."""
    law = forms.own_data(request.app.state.regime)
    return HTMLResponse(await answering_him.printed(desk, actor, law, said.person, offset_s), headers=_PAGE)


@router.post("/access/looks")
async def her_looks(actor: SignedInActor, desk: AtDesk, said: PersonAskedIn) -> HerLooksOut:
    """Who looked at her file, told with her present."""
    return HerLooksOut.model_validate({"looks": await telling_her.looks(desk, actor, said.person)})
