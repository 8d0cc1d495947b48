"""What agencies, staff and people are called, over HTTP. It must never take an id in an address."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from jikimi.identity.api import SignedInActor
from jikimi.oversee import naming
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


class NamesOut(BaseModel):
    """Whom the asker may name of those asked."""

    accounts: list[AccountNameOut]
    people: list[PersonNameOut]


@router.get("/agencies")
async def list_agencies(actor: SignedInActor, desk: AtDesk) -> AgenciesOut:
    """Every agency there is."""
    return AgenciesOut.model_validate({"agencies": await naming.agencies(desk, actor)})


@router.post("/names")
async def name(actor: SignedInActor, desk: AtDesk, asked: NamesIn) -> NamesOut:
    """Names for ids on a privacy officer's page."""
    return NamesOut.model_validate(await naming.names(desk, actor, asked.accounts, asked.people))
