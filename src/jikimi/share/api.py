"""Grants and the register over HTTP, for privacy officers. It must never answer what its own reading does not record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from jikimi.identity.api import SignedInActor
from jikimi.share import cedar, granting, review, rules
from jikimi.share.granting import Desk, Wanted
from jikimi.share.policy import Data, Purpose

router = APIRouter(prefix="/api/access", tags=["access"])

Reason = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=10, max_length=500)]


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(state.people, state.service, state.clock)


AtDesk = Annotated[Desk, Depends(_desk)]


class Sent(BaseModel):
    """What is sent to us: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GrantIn(Sent):
    """Which account to let know what of whom, in which open incident, for what, until when (RFC 3339)."""

    agency: UUID
    account: UUID
    subject: UUID
    incident: UUID
    data: Annotated[list[Data], Field(min_length=1, max_length=len(Data))]
    purpose: Purpose
    until: AwareDatetime
    reason: Reason


class JudgementIn(Sent):
    """Whether an emergency opening is upheld."""

    upheld: Annotated[bool, Field(strict=True)]


class GrantMadeOut(BaseModel):
    """The new grant."""

    id: UUID


class GrantOut(BaseModel):
    """A grant; times are Unix seconds."""

    id: UUID
    kind: str
    agency: UUID
    unit: UUID | None
    account: UUID | None
    subject: UUID
    data: list[str]
    purpose: str
    article: str
    order: UUID | None
    incident: UUID | None
    approver: UUID | None
    reason: str
    starts_at: float
    ends_at: float | None
    ended_at: float | None
    review_by: float | None
    reviewed_at: float | None
    upheld: bool | None


class GrantsOut(BaseModel):
    """Grants, those to be judged first."""

    grants: list[GrantOut]


class LookOut(BaseModel):
    """One row of the register; ``at`` is Unix seconds."""

    id: UUID
    at: float
    account: UUID
    agency: UUID
    purpose: str
    article: str
    action: str
    what: str
    subject: str
    allowed: bool


class LooksOut(BaseModel):
    """Rows of the register, newest first; ``next`` continues it."""

    looks: list[LookOut]
    next: UUID | None


class UnusualOut(BaseModel):
    """An account and what looks like browsing; ``last`` is Unix seconds."""

    account: UUID
    agency: UUID
    kind: str
    count: int
    last: float


class UnusualsOut(BaseModel):
    """What a reviewer should look at."""

    unusual: list[UnusualOut]


class StatementOut(BaseModel):
    """A policy in words."""

    id: str
    effect: str
    article: str
    ko: str
    en: str


class PoliciesOut(BaseModel):
    """All policies in words."""

    policies: list[StatementOut]


@router.get("/policies")
async def policies(_: SignedInActor) -> PoliciesOut:
    """Every policy with its article, in Korean and English."""
    told = sorted(cedar.statements().values(), key=lambda each: each.id)
    return PoliciesOut.model_validate({"policies": told}, from_attributes=True)


@router.get("/grants")
async def list_grants(
    actor: SignedInActor, desk: AtDesk, standing: Annotated[bool, Query(description="only what holds now")] = True
) -> GrantsOut:
    """Grants of one's own agency and on its files."""
    return GrantsOut.model_validate({"grants": await granting.listed(desk, actor, standing=standing)})


@router.post("/grants", status_code=201)
async def give(request: Request, actor: SignedInActor, desk: AtDesk, wanted: GrantIn) -> GrantMadeOut:
    """Let one account of another agency know a person of one's own files while an incident is open."""
    made = await granting.given(
        desk, actor, rules.load(request.app.state.regime),
        Wanted(
            wanted.agency, wanted.account, wanted.subject, wanted.incident, tuple(wanted.data), wanted.purpose,
            wanted.until.timestamp(), wanted.reason,
        ),
    )  # fmt: skip
    await request.app.state.wake()
    return GrantMadeOut(id=made)


@router.post("/grants/{grant}/end", status_code=204)
async def end(request: Request, actor: SignedInActor, desk: AtDesk, grant: UUID) -> None:
    """Revoke a grant: for the next read at once, for open lines within a second."""
    await granting.ended(desk, actor, grant)
    await request.app.state.wake()


@router.post("/grants/{grant}/judgement", status_code=204)
async def judge(request: Request, actor: SignedInActor, desk: AtDesk, grant: UUID, said: JudgementIn) -> None:
    """Judge an emergency opening."""
    await granting.judged(desk, actor, grant, upheld=said.upheld)
    await request.app.state.wake()


@router.get("/register")
async def read_register(
    actor: SignedInActor,
    desk: AtDesk,
    subject: UUID | None = None,
    account: UUID | None = None,
    before: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=review.MOST)] = review.MOST,
) -> LooksOut:
    """Who looked at what, for which purpose, under which article."""
    found = await review.looks(desk, actor, subject=subject, account=account, before=before, limit=limit)
    return LooksOut.model_validate({"looks": found, "next": found[-1]["id"] if len(found) == limit else None})


@router.get("/unusual")
async def read_unusual(request: Request, actor: SignedInActor, desk: AtDesk) -> UnusualsOut:
    """What looks like browsing."""
    found = await review.unusual(desk, actor, rules.load(request.app.state.regime))
    return UnusualsOut.model_validate({"unusual": found})
