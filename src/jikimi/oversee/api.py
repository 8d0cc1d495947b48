"""Destruction over HTTP. It must never answer what its own reading does not record."""

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request

from jikimi.identity.api import SignedInActor
from jikimi.oversee import destroying, rules
from jikimi.oversee.destroying import Desk
from jikimi.oversee.schemas import DecisionIn, DestructionIn, DestructionMadeOut, DestructionsOut, HoldIn, InquiryIn

router = APIRouter(prefix="/api/destructions", tags=["destruction"])


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(state.people, state.service, state.clock, rules.load(state.regime))


AtDesk = Annotated[Desk, Depends(_desk)]


@router.get("")
async def list_destructions(actor: SignedInActor, desk: AtDesk) -> DestructionsOut:
    """Destructions of one's own agency's files, and by which events of law there are any."""
    found = await destroying.listed(desk, actor)
    events = [{"code": code, **msgspec.to_builtins(event)} for code, event in desk.rules.events.items()]
    return DestructionsOut.model_validate({"destructions": found, "events": events})


@router.post("", status_code=201)
async def ask(actor: SignedInActor, desk: AtDesk, said: DestructionIn) -> DestructionMadeOut:
    """Ask for the destruction of a person's data by an event of law."""
    return DestructionMadeOut(id=await destroying.ask(desk, actor, said.person, said.event))


@router.post("/{destruction}/inquiry", status_code=204)
async def answer(actor: SignedInActor, desk: AtDesk, destruction: UUID, said: InquiryIn) -> None:
    """Record what the agency inquired of said."""
    await destroying.answer(desk, actor, destruction, confirmed=said.confirmed)


@router.post("/{destruction}/hold", status_code=204)
async def hold(actor: SignedInActor, desk: AtDesk, destruction: UUID, said: HoldIn) -> None:
    """Keep it as evidence under an article, or let go of it."""
    until = None if said.until is None else said.until.timestamp()
    await destroying.hold(desk, actor, destruction, said.article, until)


@router.post("/{destruction}/decision", status_code=204)
async def decide(request: Request, actor: SignedInActor, desk: AtDesk, destruction: UUID, said: DecisionIn) -> None:
    """Have it carried out, or drop it; whoever asked cannot decide."""
    await destroying.decide(desk, actor, destruction, carried_out=said.carried_out)
    await request.app.state.wake()
