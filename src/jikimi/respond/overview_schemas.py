"""What the overview answers. It must never carry a coordinate of a party: those travel over the live line alone."""

from uuid import UUID

from pydantic import BaseModel


class OwnerOut(BaseModel):
    """A room that took the incident: whose, who (by name in one's own room only), when; ``leaving`` (Unix seconds): since
    when its owner hands it over and nobody has taken it, null otherwise.
    """

    agency: UUID
    name: str | None
    at: float
    leaving: float | None = None


class SightOut(BaseModel):
    """An open incident as a row of the queue; times are Unix seconds, labels are masked."""

    id: UUID
    offender: UUID | None
    victim: UUID | None
    offender_label: str | None
    victim_label: str | None
    priority: int
    dispatch_code: int | None
    status: str
    opened_at: float
    code: str | None
    grade: str | None
    state: str | None
    at: float | None
    cleared_at: float | None
    article: str | None
    arrestable: bool | None
    regime: str | None
    radius_m: float | None
    station_name: str | None
    police_agency: UUID | None
    monitoring_agency: UUID | None
    owners: list[OwnerOut]


class OverviewOut(BaseModel):
    """The queue, and the deadlines in force in seconds."""

    at: float
    accept_s: float
    own_s: float
    on_scene_s: float
    incidents: list[SightOut]


class CodeOut(BaseModel):
    """What an alert's code is called, and how urgent it is by itself."""

    name_ko: str
    name_en: str
    priority: str
    code_112: int | None


class ChoicesOut(BaseModel):
    """The closed lists of a closing, as the desk takes them."""

    causes: list[str]
    responses: list[str]
    outcomes: list[str]
