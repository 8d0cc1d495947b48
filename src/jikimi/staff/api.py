"""Duty and training over HTTP. It must never answer one agency about another's staff."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from jikimi.identity.api import SignedInActor
from jikimi.identity.ending import forget
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.staff import accounts, roster, rules, service, subjects
from jikimi.staff.roster import Desk
from jikimi.staff.schemas import (
    OwnDutyOut,
    QualificationIn,
    QualificationMadeOut,
    RosterOut,
    ShiftsIn,
    ShiftsMadeOut,
    SubjectIn,
)

router = APIRouter(prefix="/api", tags=["duty"])


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(
        state.people, state.service, state.clock, rules.load(state.regime), getattr(state, "provider", None)
    )  # fmt: skip


AtDesk = Annotated[Desk, Depends(_desk)]


@router.get("/duty/me")
async def own_duty(actor: SignedInActor, desk: AtDesk) -> OwnDutyOut:
    """Whether one is on duty, and whether one's own training has lapsed."""
    return OwnDutyOut.model_validate(await roster.standing(desk, actor), from_attributes=True)


@router.get("/duty")
async def read_roster(actor: SignedInActor, desk: AtDesk) -> RosterOut:
    """Who is on duty now and who is next, at one's own agency."""
    return RosterOut.model_validate(await roster.read(desk, actor))


@router.post("/duty/shifts", status_code=201)
async def plan_shifts(request: Request, actor: SignedInActor, desk: AtDesk, wanted: ShiftsIn) -> ShiftsMadeOut:
    """Plan shifts of the own agency, all or none."""
    rule = require(actor, Action.PLAN_DUTY)
    async with desk.service.transaction() as connection:
        shifts = [one.wanted() for one in wanted.shifts]
        ids = await service.plan(connection, actor, shifts, desk.rules, desk.clock.unix())
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "duty_planned", None
        )
    await request.app.state.wake()
    return ShiftsMadeOut(ids=ids)


@router.post("/duty/shifts/{planned}/withdraw", status_code=204)
async def withdraw_shift(actor: SignedInActor, desk: AtDesk, planned: UUID) -> None:
    """Take a shift off the roster before it begins."""
    async with desk.service.transaction() as connection:
        await service.withdraw(connection, actor, planned, desk.clock.unix())


@router.post("/duty/shifts/{shift}/begin", status_code=204)
async def begin_shift(request: Request, actor: SignedInActor, desk: AtDesk, shift: UUID) -> None:
    """Begin one's own shift."""
    async with desk.service.transaction() as connection:
        await service.begin(connection, actor, shift, desk.rules, desk.clock.unix())
    await request.app.state.wake()


@router.post("/duty/qualifications", status_code=201)
async def record_qualification(actor: SignedInActor, desk: AtDesk, said: QualificationIn) -> QualificationMadeOut:
    """Record what a colleague is trained for."""
    rule, dates = require(actor, Action.PLAN_DUTY), (said.start.timestamp(), said.end.timestamp())
    async with desk.service.transaction() as connection:
        made = await service.qualify(
            connection, actor, said.account, said.kind, dates, desk.rules, desk.clock.unix()
        )  # fmt: skip
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "qualification", said.account
        )
    return QualificationMadeOut(id=made)


@router.post("/duty/qualifications/{qualification}/end", status_code=204)
async def end_qualification(actor: SignedInActor, desk: AtDesk, qualification: UUID) -> None:
    """Take back what was recorded by mistake."""
    async with desk.service.transaction() as connection:
        await service.unqualify(connection, actor, qualification, desk.clock.unix())


@router.put("/accounts/{account}/subject", status_code=204)
async def record_subject(
    request: Request, actor: SignedInActor, desk: AtDesk, account: UUID, said: SubjectIn
) -> None:  # fmt: skip
    """Say how the organisation's own sign-in names an account's owner."""
    async with desk.service.transaction() as connection:
        ended = await subjects.record(connection, desk.clock, actor, account, desk.provider, said.subject)
    forget(desk.service, ended)
    await request.app.state.wake()


@router.post("/accounts/{leaver}/end", status_code=204)
async def end_account(request: Request, actor: SignedInActor, desk: AtDesk, leaver: UUID) -> None:
    """End a colleague's account: nobody signs in by it, and whoever is signed in by it is not any more."""
    async with desk.service.transaction() as connection:
        ended = await accounts.end(connection, desk.clock, actor, leaver, desk.rules)
    forget(desk.service, ended)
    await request.app.state.wake()
