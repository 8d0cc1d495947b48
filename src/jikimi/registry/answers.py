"""What the registry answers over HTTP. It must never hold where a secret place is."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from jikimi.registry.fields import Moment
from jikimi.registry.hours import HoursEntry


class Answer(BaseModel):
    """Built from the registry's own values."""

    model_config = ConfigDict(from_attributes=True)


class DeviceMade(Answer):
    """A new device and its key, shown this once."""

    id: UUID
    ref: str | None
    external_id: str
    key: str


class AccountMade(Answer):
    """A new account and its password, shown this once."""

    id: UUID
    name: str
    role: str
    unit: UUID | None
    password: str


class ImportedOut(Answer):
    """What an import did."""

    ids: dict[str, UUID]
    devices: list[DeviceMade]
    accounts: list[AccountMade]
    created: dict[str, int]


class UnitOut(Answer):
    """A unit with its last position; ``position_at`` is RFC 3339."""

    id: UUID
    agency: UUID
    station: UUID | None
    kind: str
    callsign: str
    status: str
    lon: float | None
    lat: float | None
    sigma_m: float | None
    position_at: Moment | None


class PersonOut(Answer):
    """A party."""

    id: UUID
    agency: UUID
    label: str


class SpanOut(Answer):
    """A stretch of time, ``from`` inclusive, ``until`` exclusive."""

    start: Moment = Field(serialization_alias="from")
    end: Moment | None = Field(serialization_alias="until")
    reason: str


class SuspensionOut(SpanOut):
    """A stretch in which the order does not bind, and where he is meanwhile if the decision says so."""

    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None


class PlaceOut(Answer):
    """A place and when it counts; of a secret one only that it is there."""

    id: UUID
    agency: UUID
    kind: str
    secret: bool
    margin_m: float
    lon: float | None
    lat: float | None
    radius_m: float | None
    polygon: list[list[tuple[float, float]]] | None
    line: list[tuple[float, float]] | None
    width_m: float | None
    schedule: list[SpanOut] | None
    hours: HoursEntry | None
    exceptions: list[SpanOut] | None


class OrderOut(Answer):
    """An order in its newest version."""

    id: UUID
    version: int
    police_agency: UUID
    monitoring_agency: UUID | None
    regime: str
    article: str
    arrestable: bool | None
    offender: UUID | None
    victim: UUID | None
    starts_at: Moment
    ends_at: Moment | None
    radius_m: float
    rings_m: list[float] | None
    suspensions: list[SuspensionOut]
    schedule: list[SpanOut] | None
    monitored: bool
    ended_at: Moment | None
    places: list[PlaceOut]


class UnitsOut(Answer):
    """One page; ``next`` is what to send as ``after`` for the following one."""

    units: list[UnitOut]
    next: UUID | None


class PeopleOut(Answer):
    """One page; ``next`` is what to send as ``after`` for the following one."""

    people: list[PersonOut]
    next: UUID | None


class OrdersOut(Answer):
    """One page; ``next`` is what to send as ``after`` for the following one."""

    orders: list[OrderOut]
    next: UUID | None


class VersionOut(Answer):
    """The order's version now."""

    order: UUID
    version: int


class CarryOut(Answer):
    """The carry that ended and the one that began."""

    ended: UUID | None
    begun: UUID | None


class LoadedOut(Answer):
    """How many boundaries the source has now and had before."""

    count: int
    replaced: int


class TakenOut(Answer):
    """Whether a position was taken; False: a newer one is held."""

    taken: bool


class GroundOut(Answer):
    """Whose ground it is, as which source drew it when."""

    name: str
    station: str | None
    agency: str
    source: str
    as_of: str


class NearOut(Answer):
    """A unit that can be sent, how far it is in metres and how old that is in seconds."""

    id: UUID
    callsign: str
    kind: Literal["police", "probation"]
    status: str
    agency: UUID
    distance_m: float | None
    age_s: float | None


class LocatedOut(Answer):
    """Whose ground a point is, null off every boundary, and the nearest units."""

    lon: float
    lat: float
    jurisdiction: GroundOut | None
    units: list[NearOut]
