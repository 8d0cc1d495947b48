"""Destructions as they are sent and answered; times are Unix seconds, sent ones RFC 3339."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jikimi.registry.fields import EARLIEST, LATEST

Article = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=5, max_length=120)]


def _within(at: datetime) -> datetime:
    if not EARLIEST <= at.timestamp() <= LATEST:
        raise ValueError("a time lies between the years 2000 and 2200")
    return at


class Sent(BaseModel):
    """What is sent to us: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DestructionIn(Sent):
    """Whose data is to end, by which event of law."""

    person: UUID
    event: Annotated[str, StringConstraints(strict=True, max_length=40)]


class InquiryIn(Sent):
    """What the agency inquired of said of the event."""

    confirmed: Annotated[bool, Field(strict=True)]


class HoldIn(Sent):
    """Under which article it is kept as evidence, until when; both null lets go of it."""

    article: Article | None = None
    until: Annotated[AwareDatetime, AfterValidator(_within)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> "HoldIn":
        if (self.article is None) != (self.until is None):
            raise ValueError("give both article and until, or neither")
        return self


class DecisionIn(Sent):
    """Whether it is carried out, or dropped."""

    carried_out: Annotated[bool, Field(strict=True)]


class DestructionMadeOut(BaseModel):
    """The new destruction."""

    id: UUID


class KeptOut(BaseModel):
    """An order that is kept: for parties whose files are open, and for agencies that have not let go of it."""

    order: UUID
    parties: list[UUID]
    agencies: list[UUID]


class AskedOut(BaseModel):
    """An agency with a part in orders of theirs, and whether it lets go of them; null while it has not said."""

    agency: UUID
    orders: list[UUID]
    agreed: bool | None
    at: float | None


class DestructionOut(BaseModel):
    """One destruction and how far it is."""

    id: UUID
    agency: UUID
    person: UUID
    event: str
    article: str
    data: list[str]
    inquiry: bool
    confirmed: bool | None
    confirmed_by: UUID | None
    asked_at: float
    asked_by: UUID
    confirmed_at: float | None
    held_until: float | None
    held_article: str | None
    decided_at: float | None
    decided_by: UUID | None
    carried_out: bool | None
    destroyed_at: float | None
    keys: int | None
    kept: list[KeptOut]
    asked: list[AskedOut]
    certified_at: float | None


class EventOut(BaseModel):
    """An event of law in words, and what it ends."""

    code: str
    article: str
    data: list[str]
    inquiry: bool
    ko: str
    en: str


class DestructionsOut(BaseModel):
    """Destructions, those under way first, and the events that may be named."""

    destructions: list[DestructionOut]
    events: list[EventOut]
