"""A victim's consent over HTTP, written down with her present. It must never ask in words that no edition holds."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field

from jikimi.identity.api import SignedInActor
from jikimi.share import consent, words
from jikimi.share.api import AtDesk, Sent
from jikimi.share.consent import Yes
from jikimi.share.policy import Data

router = APIRouter(prefix="/api/consents", tags=["access"])

Classes = Annotated[list[Data], Field(min_length=1, max_length=len(Data))]


class ConsentIn(Sent):
    """Her yes: whom to let know what, until when (RFC 3339), asked in which language."""

    person: UUID
    recipient: UUID
    data: Classes
    until: AwareDatetime
    language: Literal["ko", "en"] = "ko"


class ChangeIn(Sent):
    """Her narrowing, pause or no, upon the version it was read in; ``data`` is what is left of it."""

    version: Annotated[int, Field(strict=True, ge=1, lt=2**53)]
    state: Literal["given", "narrowed", "paused", "withdrawn"]
    data: Classes | None = None


class ConsentMadeOut(BaseModel):
    """The new consent."""

    id: UUID


class ChangedOut(BaseModel):
    """Its version now."""

    version: int


class ConsentOut(BaseModel):
    """A consent; times are Unix seconds."""

    id: UUID
    person: UUID
    agency: UUID
    recipient: UUID
    data: list[str]
    words: str
    language: str
    version: int
    state: str
    given_at: float
    ends_at: float
    changed_at: float


class ConsentsOut(BaseModel):
    """Consents, newest first."""

    consents: list[ConsentOut]


class WordsOut(BaseModel):
    """The words she is asked in, by language and class of data."""

    version: str
    longest_s: float
    ko: dict[str, str]
    en: dict[str, str]


@router.get("/words")
async def read_words(request: Request, _: SignedInActor) -> WordsOut:
    """What to read to her before she says yes or no."""
    return WordsOut.model_validate(words.load(request.app.state.regime), from_attributes=True)


@router.get("")
async def list_consents(actor: SignedInActor, desk: AtDesk, person: UUID | None = None) -> ConsentsOut:
    """What she said yes to, as either end sees it."""
    return ConsentsOut.model_validate({"consents": await consent.listed(desk, actor, person)})


@router.post("", status_code=201)
async def give(request: Request, actor: SignedInActor, desk: AtDesk, said: ConsentIn) -> ConsentMadeOut:
    """Write down her yes; the recipient is let know at once."""
    yes = Yes(said.person, said.recipient, tuple(said.data), said.until.timestamp(), said.language)
    made = await consent.given(desk, actor, words.load(request.app.state.regime), yes)
    await request.app.state.wake()
    return ConsentMadeOut(id=made)


@router.post("/{consent_id}")
async def change(
    request: Request, actor: SignedInActor, desk: AtDesk, consent_id: UUID, said: ChangeIn
) -> ChangedOut:  # fmt: skip
    """Narrow it, pause it, resume it, or take it back for good."""
    left = None if said.data is None else tuple(said.data)
    version = await consent.changed(desk, actor, consent_id, said.version, said.state, left)
    await request.app.state.wake()
    return ChangedOut(version=version)
