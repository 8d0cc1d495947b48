"""What is printed: the statutory register, who looked at her file, the answer to his request.

It must never be kept by a browser, nor show anybody what telling it does not put on the register.
"""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from jikimi.identity.api import SignedInActor
from jikimi.oversee import answering_him, forms, telling_her, using
from jikimi.oversee.names_api import pseudonyms_of
from jikimi.oversee.schemas import Sent
from jikimi.oversee.sheet import Sheet
from jikimi.oversee.using import Span
from jikimi.registry.regimes import ledger_at
from jikimi.share import rules
from jikimi.share.api import AtDesk

router = APIRouter(prefix="/api", tags=["access"])


class Pdf(Response):
    """A paper as it is shown beside the page; no browser keeps it."""

    media_type = "application/pdf"


async def _paper(sheet: Sheet, name: str) -> Pdf:
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Pdf(await asyncio.to_thread(sheet.pdf), headers=headers)


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
Form = Annotated[str, Query(max_length=10, description="the number of the form")]
From = Annotated[AwareDatetime, Query(alias="from")]


@router.get("/prints/statutory-register", response_class=Pdf)
async def print_register(
    request: Request,
    actor: SignedInActor,
    desk: AtDesk,
    offset_s: Offset,
    form: Form,
    since: From,
    until: AwareDatetime,
) -> Pdf:
    """The statutory register of uses as a paper to print, each entry with its ledger row."""
    span = Span(since.timestamp(), until.timestamp())
    names = pseudonyms_of(request)
    sheet = await using.printed(desk, actor, forms.usage(request.app.state.regime), form, span, offset_s, names)
    return await _paper(sheet, f"register-{form}")


@router.get("/prints/looks/{protected}", response_class=Pdf)
async def print_looks(
    request: Request, actor: SignedInActor, desk: AtDesk, offset_s: Offset, protected: UUID
) -> Pdf:  # fmt: skip
    """Who looked at her file, as a paper for her to take along."""
    quiet_s = rules.load(request.app.state.regime).looks_quiet_s
    return await _paper(await telling_her.printed(desk, actor, protected, offset_s, quiet_s), "looks")


@router.get("/prints/own-data/{person}", response_class=Pdf)
async def print_own_data(request: Request, actor: SignedInActor, desk: AtDesk, offset_s: Offset, person: UUID) -> Pdf:
    """The answer to a respondent's request for access."""
    law = forms.own_data(request.app.state.regime)
    return await _paper(await answering_him.printed(desk, actor, law, person, offset_s), "own-data")


@router.post("/access/looks")
async def her_looks(
    request: Request, actor: SignedInActor, desk: AtDesk, offset_s: Offset, said: PersonAskedIn
) -> HerLooksOut:  # fmt: skip
    """Who looked at her file, told with her present."""
    quiet_s = rules.load(request.app.state.regime).looks_quiet_s
    return HerLooksOut.model_validate({"looks": await telling_her.looks(desk, actor, said.person, offset_s, quiet_s)})
