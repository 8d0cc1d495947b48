"""What agencies, staff and people are called, over HTTP. It must never take an id in an address."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints

from jikimi.identity.api import SignedInActor
from jikimi.kernel.errors import Unavailable
from jikimi.oversee import naming
from jikimi.oversee.pseudonyms import KEY, Pseudonyms, whose
from jikimi.oversee.schemas import Sent
from jikimi.share.api import AtDesk

router = APIRouter(prefix="/api/access", tags=["access"])


class NamesIn(Sent):
    """Whom to name."""

    accounts: Annotated[list[UUID], Field(max_length=naming.MOST, default_factory=list)]
    people: Annotated[list[UUID], Field(max_length=naming.MOST, default_factory=list)]


class AgencyOut(BaseModel):
    """An agency."""

    id: UUID
    kind: str
    name: str


class AgenciesOut(BaseModel):
    """Every agency, by kind and name."""

    agencies: list[AgencyOut]


class AccountNameOut(BaseModel):
    """What a colleague is called."""

    id: UUID
    name: str
    role: str


class PersonNameOut(BaseModel):
    """What a file is called; null where it was destroyed."""

    id: UUID
    label: str | None


class PseudonymIn(Sent):
    """A statement by its number, and a name that stands in it."""

    statement: UUID
    pseudonym: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40)]


class PseudonymOut(BaseModel):
    """Whom it means: a person, or a colleague."""

    person: PersonNameOut | None
    account: AccountNameOut | None


class NamesOut(BaseModel):
    """Whom the asker may name of those asked."""

    accounts: list[AccountNameOut]
    people: list[PersonNameOut]


def pseudonyms_of(request: Request) -> Pseudonyms:
    """The ones of this installation; raises Unavailable without its vault."""
    vault = getattr(request.app.state, "vault", None)
    if vault is None:
        raise Unavailable("This process holds no key to name people by.")
    return Pseudonyms(vault.key(KEY))


@router.post("/pseudonyms")
async def name_pseudonym(request: Request, actor: SignedInActor, desk: AtDesk, asked: PseudonymIn) -> PseudonymOut:
    """Whom a statement of one's own agency calls so; who asks is on the register."""
    found = await whose(desk, actor, pseudonyms_of(request), asked.statement, asked.pseudonym)
    return PseudonymOut.model_validate(found)


@router.get("/agencies")
async def list_agencies(actor: SignedInActor, desk: AtDesk) -> AgenciesOut:
    """Every agency there is."""
    return AgenciesOut.model_validate({"agencies": await naming.agencies(desk, actor)})


@router.post("/names")
async def name(actor: SignedInActor, desk: AtDesk, asked: NamesIn) -> NamesOut:
    """Names for ids on a privacy officer's page."""
    return NamesOut.model_validate(await naming.names(desk, actor, asked.accounts, asked.people))
