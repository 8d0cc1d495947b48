"""What duty takes and answers over HTTP. It must never carry anything of a case."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from jikimi.identity.model import Role
from jikimi.staff.model import State, Wanted

Subject = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255, pattern=r"^[!-~]+$")]
"""As an issuer names somebody (OpenID Connect Core, 2): at most 255 ASCII characters."""


def _near(value: datetime) -> datetime:
    if not 2000 <= value.year < 2200:
        raise ValueError("a time lies between the years 2000 and 2200")
    return value


Time = Annotated[AwareDatetime, AfterValidator(_near)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShiftIn(_In):
    """One shift: whose, from when to when, at which station, and whether its owner leads it."""

    account: UUID
    start: Time = Field(alias="from")
    end: Time = Field(alias="until")
    station: UUID | None = None
    lead: bool = False

    def wanted(self) -> Wanted:
        """As the service takes it."""
        return Wanted(self.account, self.start.timestamp(), self.end.timestamp(), self.station, self.lead)


class ShiftsIn(_In):
    """Shifts to plan, all or none."""

    shifts: list[ShiftIn] = Field(min_length=1, max_length=200)


class ShiftsMadeOut(BaseModel):
    """The new shifts, in the order they were sent."""

    ids: list[UUID]


class QualificationIn(_In):
    """What somebody is trained for, from when to when."""

    account: UUID
    kind: Annotated[str, StringConstraints(strict=True, max_length=64)]
    start: Time = Field(alias="from")
    end: Time = Field(alias="until")


class QualificationMadeOut(BaseModel):
    """The new record."""

    id: UUID


class SubjectIn(_In):
    """How the organisation's sign-in names this account's owner; null: no longer."""

    subject: Subject | None


class OwnShiftOut(BaseModel):
    """One's own present or next shift; times are Unix seconds."""

    id: UUID
    starts_at: float
    ends_at: float
    begun_at: float | None
    lead: bool


class OwnDutyOut(BaseModel):
    """One's own duty (``on``, ``due``, ``off``, or ``unkept`` where the agency keeps no roster) and training."""

    state: State
    shift: OwnShiftOut | None
    lapsed: list[str]
    soon: list[str]


class ShiftOut(BaseModel):
    """A shift as the roster shows it; times are Unix seconds. ``lapsed`` and ``soon``: kinds of its owner's training."""

    id: UUID
    account: UUID
    name: str
    role: Role
    unit: UUID | None
    callsign: str | None
    station: UUID | None
    station_name: str | None
    lead: bool
    starts_at: float
    ends_at: float
    begun_at: float | None
    lapsed: list[str]
    soon: list[str]


class PaperOut(BaseModel):
    """What somebody is trained for; times are Unix seconds."""

    id: UUID
    kind: str
    valid_from: float
    valid_until: float


class StaffOut(BaseModel):
    """An account as whoever plans sees it. ``elsewhere``: it may sign in at the organisation's own provider."""

    account: UUID
    name: str
    role: Role
    unit: UUID | None
    callsign: str | None
    lapsed: list[str]
    soon: list[str]
    papers: list[PaperOut]
    elsewhere: bool


class StationOut(BaseModel):
    """A station of the own agency."""

    id: UUID
    name: str


class KindOut(BaseModel):
    """What one may be trained for, in Korean and English."""

    kind: str
    ko: str
    en: str


class AccountChangedOut(BaseModel):
    """An account that was ended or brought back: what, when (Unix seconds), by whom; null: the installation's operator."""

    what: Literal["account_ended", "account_restored"]
    account: UUID
    name: str
    role: Role
    by: str | None
    at: float


class RosterOut(BaseModel):
    """Shifts that go on or are to come, those that go on first; staff and stations only for whoever plans, ``accounts`` that
    ended or came back for them and for privacy officers.
    """

    at: float
    shifts: list[ShiftOut]
    staff: list[StaffOut]
    stations: list[StationOut]
    accounts: list[AccountChangedOut]
    kinds: list[KindOut]
    early_s: float
    provider: bool
