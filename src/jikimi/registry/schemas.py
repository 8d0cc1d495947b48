"""The document a registry is loaded from. It must never accept a field it does not use."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from shapely import Polygon

from jikimi.identity.model import Role
from jikimi.registry.fields import (
    LONGEST_LIST,
    Code,
    Day,
    Flag,
    Id,
    Identifier,
    Interval,
    Lat,
    Length,
    Lon,
    Margin,
    Model,
    Note,
    Pointer,
    Telephone,
    Text,
    Time,
    Version,
    refusal,
)
from jikimi.registry.hours import HoursEntry
from jikimi.registry.model import Source

Ring = Annotated[list[tuple[Lon, Lat]], Field(min_length=4, max_length=10_000)]
"""[lon, lat] in degrees, the last the same as the first (RFC 7946 section 3.1.6)."""


_ENDS = 2


class Entry(Model):
    """Anything that is entered: ``ref`` names it within the document, ``id`` makes a repetition harmless."""

    ref: Text | None = None
    id: Id | None = None


class AgencyEntry(Entry):
    """An authority; only an installation's operator enters one."""

    kind: Literal["police", "monitoring", "support"]
    name: Text


class Owned(Entry):
    """Anything one agency enters; left out, it is the agency of whoever enters it."""

    agency: Pointer | None = None


class StationEntry(Owned):
    """A police station or probation office."""

    name: Text
    lon: Lon | None = None
    lat: Lat | None = None

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("lon and lat stand together")
        return self


class UnitPosition(Model):
    """Where a unit is; ``sigma_m`` the per-axis standard deviation, ``at`` the time of the position."""

    lon: Lon
    lat: Lat
    sigma_m: Length
    at: Time


class UnitEntry(Owned):
    """A patrol or a probation team that can be sent."""

    station: Pointer | None = None
    kind: Literal["police", "probation"]
    callsign: Text
    status: Literal["available", "busy", "off"] = "off"
    position: UnitPosition | None = None


class PersonEntry(Owned):
    """A party to an order; ``label`` is what staff call the case file, never a resident number.

    ``identifier`` is that number: kept as a keyed digest, so that another agency's order finds this file. By it and by
    ``telephones`` staff who are a party themselves, or kin of one, are found and kept out.
    """

    label: Text
    identifier: Identifier | None = Field(default=None, repr=False)
    telephones: list[Telephone] = Field(default=[], max_length=8, repr=False)


class DeviceEntry(Owned):
    """A device under the id it gives itself; ``interval_s`` is how often it is expected to report."""

    kind: Literal["tag", "watch", "phone", "beacon"]
    external_id: Text
    interval_s: Interval


Basis = Literal["supervision", "provisional", "consent"]
"""Electronic Monitoring Act, article 16; the same, article 31-8; the carrier's own yes."""


class CarryEntry(Owned):
    """Whose body a device is on, from ``since`` inclusive until ``until`` exclusive.

    ``basis`` is the law its positions are taken by, and so when they are destroyed; None: hers by consent for a watch or a
    phone, under the provisional measure for a tag.
    """

    device: Pointer
    person: Pointer
    since: Time
    until: Time | None = None
    basis: Basis | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise ValueError("until is later than since")
        return self


class SpanEntry(Model):
    """A stretch of time, from inclusive, until exclusive."""

    start: Time = Field(alias="from")
    end: Time | None = Field(default=None, alias="until")
    reason: Note = ""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError("until is later than from")
        return self


class SuspensionEntry(SpanEntry):
    """A stretch in which an order does not bind, and where he is meanwhile if the decision says so."""

    lon: Lon | None = None
    lat: Lat | None = None
    radius_m: Length | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len({value is None for value in (self.lon, self.lat, self.radius_m)}) > 1:
            raise ValueError("where he is meanwhile takes lon, lat and radius_m together")
        return self


class PlaceEntry(Model):
    """A place: a circle, a polygon widened by ``margin_m``, or a line ``width_m`` wide; when it counts.

    A secret one is its agency's alone.
    """

    id: Id | None = None
    agency: Pointer | None = None
    kind: Code
    secret: Flag = False
    lon: Lon | None = None
    lat: Lat | None = None
    radius_m: Length | None = None
    polygon: Annotated[list[Ring], Field(min_length=1, max_length=100)] | None = None
    margin_m: Margin = 0.0
    line: Annotated[list[tuple[Lon, Lat]], Field(min_length=2, max_length=10_000)] | None = None
    width_m: Length | None = None
    schedule: Annotated[list[SpanEntry], Field(min_length=1, max_length=1000)] | None = None
    hours: HoursEntry | None = None
    exceptions: list[SpanEntry] = Field(default=[], max_length=1000)

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        circle = [self.lon, self.lat, self.radius_m]
        if [circle != [None] * 3, self.polygon is not None, self.line is not None].count(True) > 1:
            raise ValueError("a place is a circle, a polygon or a line, one of them")
        if (self.line is None) != (self.width_m is None):
            raise ValueError("line and width_m stand together")
        if self.line is not None:
            self._way()
        elif self.polygon is not None:
            self._ground()
        elif None in circle:
            raise ValueError("a place is a circle (lon, lat, radius_m), a polygon, or a line with a width_m")
        return self

    def _way(self) -> None:
        if self.secret:
            raise ValueError("a line is told to whoever may go along it: it is no secret place")
        if self.margin_m:
            raise ValueError("a line is widened by width_m, not by margin_m")
        if len(set(self.line or ())) < _ENDS:
            raise ValueError("a line leads from one point to another")

    def _ground(self) -> None:
        rings = self.polygon or []
        if any(ring[0] != ring[-1] for ring in rings):
            raise ValueError("a polygon's ring ends where it begins")
        if not (shape := Polygon(rings[0], rings[1:])).is_valid or not shape.area:
            raise ValueError("a polygon's rings do not cross and enclose something")


class OrderEntry(Entry):
    """A court or police order between two parties, as the decision states it."""

    police_agency: Pointer | None = None
    monitoring_agency: Pointer | None = None
    regime: Code
    article: Note = ""
    arrestable: Flag | None = None
    offender: Pointer | None = None
    offender_identifier: Identifier | None = Field(default=None, repr=False)
    victim: Pointer | None = None
    victim_identifier: Identifier | None = Field(default=None, repr=False)
    start: Time = Field(alias="from")
    end: Time | None = Field(default=None, alias="until")
    radius_m: Length
    rings_m: Annotated[list[Length], Field(max_length=8)] | None = None
    places: list[PlaceEntry] = Field(default=[], max_length=100)
    suspensions: list[SuspensionEntry] = Field(default=[], max_length=1000)
    schedule: Annotated[list[SpanEntry], Field(max_length=1000)] | None = None
    monitored: Flag = True

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError("until is later than from")
        if (self.offender is None) == (self.offender_identifier is None):
            raise ValueError("an order names its offender, by id or by identifier")
        if self.victim is not None and self.victim_identifier is not None:
            raise ValueError("an order names its victim by id or by identifier, not both")
        if self.victim is None and self.victim_identifier is None and not self.places:
            raise ValueError("an order protects a victim, a place, or both")
        return self


class NearEntry(Model):
    """Somebody staff are near to: kept as keyed digests, so that they are kept out of that person's case."""

    relation: Literal["self", "partner", "kin"]
    identifier: Identifier | None = Field(default=None, repr=False)
    telephone: Telephone | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.identifier is None) == (self.telephone is None):
            raise ValueError("name the person by identifier or by telephone, one of them")
        return self


class AccountEntry(Model):
    """An account; its password is made here and answered once. ``near``: its owner, partners and kin."""

    agency: Pointer | None = None
    name: Text
    role: Role
    unit: Pointer | None = None
    near: list[NearEntry] = Field(default=[], max_length=32, repr=False)


class OrderChange(Model):
    """What changes in an order; what is left out stays. ``version`` is the one the change was decided upon.

    ``places`` replaces the places of the agency that changes it, and no others.
    """

    version: Version
    article: Note = ""
    arrestable: Flag | None = None
    end: Time | None = Field(default=None, alias="until")
    radius_m: Length = 100.0
    rings_m: Annotated[list[Length], Field(max_length=8)] | None = None
    places: list[PlaceEntry] = Field(default=[], max_length=100)
    suspensions: list[SuspensionEntry] = Field(default=[], max_length=1000)
    schedule: Annotated[list[SpanEntry], Field(max_length=1000)] | None = None
    monitored: Flag = True


class OrderEnd(Model):
    """The withdrawal of an order in the version it was decided upon."""

    version: Version


class CarryMove(Model):
    """From ``since`` on the device is on ``person``; None: on nobody."""

    device: Id
    person: Id | None
    since: Time
    basis: Basis | None = None


class UnitStatus(Model):
    """Whether a unit can be sent."""

    status: Literal["available", "busy", "off"]


class Collection(BaseModel):
    """A GeoJSON FeatureCollection (RFC 7946) with who drew it and when; other foreign members are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["FeatureCollection"]
    features: list[Any]
    source: Text
    as_of: Day
    agency: Text | None = None
    name_property: Text = "name"

    def split(self) -> tuple[dict[str, Any], Source]:
        """Separate the features from where they come from."""
        source = Source(self.source, self.as_of, self.agency, self.name_property)
        return {"type": self.type, "features": self.features}, source


class Document(Model):
    """Everything to enter at once; lists may be left out."""

    agencies: list[AgencyEntry] = Field(default=[], max_length=LONGEST_LIST)
    stations: list[StationEntry] = Field(default=[], max_length=LONGEST_LIST)
    units: list[UnitEntry] = Field(default=[], max_length=LONGEST_LIST)
    people: list[PersonEntry] = Field(default=[], max_length=LONGEST_LIST)
    devices: list[DeviceEntry] = Field(default=[], max_length=LONGEST_LIST)
    carries: list[CarryEntry] = Field(default=[], max_length=LONGEST_LIST)
    orders: list[OrderEntry] = Field(default=[], max_length=LONGEST_LIST)
    accounts: list[AccountEntry] = Field(default=[], max_length=200)


def read(document: object) -> Document:
    """Check parsed JSON; raises Malformed naming list, index and field of the first thing wrong."""
    if isinstance(document, Document):
        return document
    try:
        return Document.model_validate(document)
    except ValidationError as error:
        raise refusal(error.errors(include_input=False, include_url=False, include_context=False)) from None
