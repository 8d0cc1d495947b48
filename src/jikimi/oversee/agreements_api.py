"""Sharing two agencies agree on, over HTTP. It must never tell a side more of it than the other side sees."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field

from jikimi.identity.api import SignedInActor
from jikimi.oversee import agreeing
from jikimi.oversee.agreeing import Desk, Proposal
from jikimi.oversee.schemas import Article, Sent
from jikimi.share import rules
from jikimi.share.api import Reason
from jikimi.share.policy import Data, Purpose

router = APIRouter(prefix="/api/agreements", tags=["access"])


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(state.people, state.service, state.clock, rules.load(state.regime))


AtDesk = Annotated[Desk, Depends(_desk)]


class AgreementIn(Sent):
    """With whom to share what of whom, for what, by which article, until when (RFC 3339), and why."""

    other: UUID
    subject: UUID
    data: Annotated[list[Data], Field(min_length=1, max_length=len(Data))]
    purpose: Purpose
    article: Article
    until: AwareDatetime
    reason: Reason


class AgreementMadeOut(BaseModel):
    """The new proposal."""

    id: UUID


class AgreementOut(BaseModel):
    """One agreement as both sides see it; ``looks``: how often its recipient read of the person since. Times are Unix seconds."""

    id: UUID
    agency: UUID
    other: UUID
    recipient: UUID
    subject: UUID
    data: list[str]
    purpose: str
    article: str
    reason: str
    ends_at: float
    proposed_at: float
    agreed_at: float | None
    ended_at: float | None
    ended_agency: UUID | None
    looks: int
    last_look: float | None


class AgreementsOut(BaseModel):
    """Those to be answered first, and the longest one may hold."""

    agreements: list[AgreementOut]
    longest_s: float


@router.get("")
async def list_agreements(actor: SignedInActor, desk: AtDesk) -> AgreementsOut:
    """What one's own agency agreed on or was proposed."""
    found = await agreeing.listed(desk, actor)
    return AgreementsOut.model_validate({"agreements": found, "longest_s": desk.rules.agreed_longest_s})


@router.post("", status_code=201)
async def propose(request: Request, actor: SignedInActor, desk: AtDesk, said: AgreementIn) -> AgreementMadeOut:
    """Propose it to the other side's privacy officer."""
    until = said.until.timestamp()
    wanted = Proposal(said.other, said.subject, tuple(said.data), said.purpose, said.article, until, said.reason)
    made = await agreeing.propose(desk, actor, wanted)
    await request.app.state.wake()
    return AgreementMadeOut(id=made)


@router.post("/{agreement}/yes", status_code=204)
async def agree(request: Request, actor: SignedInActor, desk: AtDesk, agreement: UUID) -> None:
    """Say yes to what the other side proposed."""
    await agreeing.agree(desk, actor, agreement)
    await request.app.state.wake()


@router.post("/{agreement}/end", status_code=204)
async def end(request: Request, actor: SignedInActor, desk: AtDesk, agreement: UUID) -> None:
    """End it for both sides, or refuse it."""
    await agreeing.end(desk, actor, agreement)
    await request.app.state.wake()
