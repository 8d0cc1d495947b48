"""One person's file over HTTP. It must never take a name or a number in an address: addresses are logged."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints, model_validator

from jikimi.identity.api import SignedInActor
from jikimi.registry import amending, glass, subjects, taken
from jikimi.registry.amending import PersonChange
from jikimi.registry.answers import Answer, PersonOut
from jikimi.registry.api import AtDesk
from jikimi.registry.edge import PreciseRoute
from jikimi.registry.fields import Id, Identifier, Model, Moment, Telephone
from jikimi.share import rules
from jikimi.share.rules import AccessRules

router = APIRouter(prefix="/api/registry/people", tags=["registry"], route_class=PreciseRoute)

Reason = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=10, max_length=500)]


class SearchIn(Model):
    """What names the person looked for: an identifier or a telephone number, one of them."""

    identifier: Identifier | None = Field(default=None, repr=False)
    telephone: Telephone | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.identifier is None) == (self.telephone is None):
            raise ValueError("name the person by identifier or by telephone, one of them")
        return self


class FoundOut(Answer):
    """Whom the actor may see of those meant."""

    people: list[PersonOut]


class PartyOrderOut(Answer):
    """An order the person is a party to."""

    id: UUID
    version: int
    regime: str
    article: str
    arrestable: bool | None
    offender: UUID | None
    victim: UUID | None
    starts_at: Moment
    ends_at: Moment | None
    ended_at: Moment | None
    radius_m: float


class WhyOut(Answer):
    """A grant that covers this person now."""

    id: UUID
    kind: str
    data: list[str]
    purpose: str
    article: str
    starts_at: Moment
    ends_at: Moment | None
    order: UUID | None
    incident: UUID | None
    account: UUID | None


class PolicyOut(Answer):
    """The policy the read rests on, in words."""

    id: str
    article: str
    ko: str
    en: str


class OpenedOut(Answer):
    """A person's file and why it may be seen."""

    person: PersonOut
    orders: list[PartyOrderOut]
    grants: list[WhyOut]
    policy: PolicyOut


class PersonChangedOut(Answer):
    """What of the file is new, by name."""

    changed: list[str]


class HolderOut(Answer):
    """An agency that was to be told of a change, how far it is, and when (Unix seconds) it first read the file since."""

    agency: UUID
    state: Literal["waiting", "withheld", "told", "read"]
    read_at: float | None


class PersonChangeOut(Answer):
    """What of a file changed, by name, at ``at`` (Unix seconds), by whose agency; ``name``: of one's own staff."""

    id: UUID
    at: float
    agency: UUID
    name: str | None
    what: list[str]
    log: Literal["none", "waiting", "taken"]
    holders: list[HolderOut]


class PersonChangesOut(Answer):
    """Changes of one person's file, the newest first."""

    changes: list[PersonChangeOut]


class GlassIn(Model):
    """Whose file is opened in an emergency, and why; the reason is read by whoever judges it."""

    subject: Id
    reason: Reason


class GlassOut(Answer):
    """Until when the file is open."""

    grant: UUID
    until: Moment


def _rules(request: Request) -> AccessRules:
    return rules.load(request.app.state.regime)


Rules = Annotated[AccessRules, Depends(_rules)]


@router.post("/search")
async def search(request: Request, actor: SignedInActor, desk: AtDesk, limits: Rules, wanted: SearchIn) -> FoundOut:
    """Find people by a number that names them; nobody, and somebody one may not see, are the same answer."""
    if wanted.identifier is not None:
        found = await subjects.search(desk, actor, limits, "identifier", wanted.identifier)
    else:
        found = await subjects.search(desk, actor, limits, "telephone", wanted.telephone or "")
    await request.app.state.wake()
    return FoundOut.model_validate({"people": found})


@router.get("/{person}")
async def open_person(request: Request, actor: SignedInActor, desk: AtDesk, person: UUID) -> OpenedOut:
    """One person's file, and why it may be seen."""
    try:
        opened = await subjects.open_person(desk, actor, person)
    finally:
        await request.app.state.wake()
    return OpenedOut.model_validate(opened)


@router.get("/{person}/changes")
async def list_changes(actor: SignedInActor, desk: AtDesk, person: UUID) -> PersonChangesOut:
    """What of one's own file changed, and whether each agency that may know the person has taken it."""
    return PersonChangesOut.model_validate({"changes": await taken.changes(desk, actor, person)})


@router.post("/glass", status_code=201)
async def break_glass(request: Request, actor: SignedInActor, desk: AtDesk, limits: Rules, wanted: GlassIn) -> GlassOut:
    """Open one person's file for minutes; both agencies are told at once, and a reviewer judges it."""
    try:
        broken = await glass.break_glass(desk, actor, limits, wanted.subject, wanted.reason)
    finally:
        await request.app.state.wake()
    return GlassOut.model_validate(broken)


@router.post("/{person}")
async def change_person(
    request: Request, actor: SignedInActor, desk: AtDesk, person: UUID, change: PersonChange
) -> PersonChangedOut:
    """Change a name or a number of one's own file; every agency that may know the person is told that it changed."""
    changed = await amending.amend(desk.service, desk.clock, actor, person, change)
    await request.app.state.wake()
    return PersonChangedOut(changed=changed)
