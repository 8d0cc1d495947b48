"""Her no to being monitored, and the call back, over HTTP. It must never answer a wrong word otherwise than the right one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from jikimi.identity.api import SignedInActor
from jikimi.oversee import withdrawing
from jikimi.oversee.schemas import Sent
from jikimi.oversee.withdrawing import Desk
from jikimi.share import words

router = APIRouter(prefix="/api/monitoring", tags=["access"])

Word = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=100)]


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(state.people, state.service, state.clock, words.load(state.regime))


AtDesk = Annotated[Desk, Depends(_desk)]


class SafeWordsIn(Sent):
    """The word that means yes, and the one that calls for help; neither is ever shown again."""

    person: UUID
    word: Word = Field(repr=False)
    duress: Word = Field(repr=False)


class WithdrawalIn(Sent):
    """Who takes back her yes to being monitored."""

    person: UUID


class CalledIn(Sent):
    """The word she said when called back; null: she stays."""

    word: Word | None = Field(repr=False)


class WithdrawalMadeOut(BaseModel):
    """Its id, and whether it holds at once; else she is called back."""

    id: UUID
    at_once: bool


class WithdrawalOut(BaseModel):
    """A no and how far it is; times are Unix seconds."""

    id: UUID
    person: UUID
    agency: UUID
    rooms: list[UUID]
    at_once: bool
    asked_at: float
    call_by: float
    answered_at: float | None


class WithdrawalsOut(BaseModel):
    """What waits for a call first, as of ``at`` (Unix seconds)."""

    withdrawals: list[WithdrawalOut]
    at: float


@router.put("/safe-words", status_code=204)
async def keep_words(actor: SignedInActor, desk: AtDesk, said: SafeWordsIn) -> None:
    """Keep her safe word and her word for duress, in place of any before."""
    await withdrawing.keep_words(desk, actor, said.person, said.word, said.duress)


@router.get("/withdrawals")
async def list_withdrawals(actor: SignedInActor, desk: AtDesk) -> WithdrawalsOut:
    """Who took back her yes, and who is still to be called back."""
    return WithdrawalsOut.model_validate(
        {"withdrawals": await withdrawing.listed(desk, actor), "at": desk.clock.unix()}
    )


@router.post("/withdrawals", status_code=201)
async def ask(request: Request, actor: SignedInActor, desk: AtDesk, said: WithdrawalIn) -> WithdrawalMadeOut:
    """Write down that she takes back her yes to being monitored; support knows nothing of her any more at once."""
    made, at_once = await withdrawing.ask(desk, actor, said.person)
    await request.app.state.wake()
    return WithdrawalMadeOut(id=made, at_once=at_once)


@router.post("/withdrawals/{withdrawal}/answer", status_code=204)
async def answer(request: Request, actor: SignedInActor, desk: AtDesk, withdrawal: UUID, said: CalledIn) -> None:
    """Record the word she said when called back."""
    await withdrawing.answer(desk, actor, withdrawal, said.word)
    await request.app.state.wake()
