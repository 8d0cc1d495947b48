"""What the registry keeps, as values. It must never hold a device's key or an account's password.

Times are Unix seconds UTC, positions degrees WGS84, lengths metres.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Unit:
    """A patrol or probation team; the position is None where none was ever reported."""

    id: UUID
    agency: UUID
    station: UUID | None
    kind: str
    callsign: str
    status: str
    lon: float | None = None
    lat: float | None = None
    sigma_m: float | None = None
    position_at: float | None = None


@dataclass(frozen=True, slots=True)
class OrderCard:
    """What a dispatcher must know of an order: whose it is, what it rests on, whether its breach allows an arrest.

    ``id`` and ``offender`` None: somebody asks for help whom no order names.
    """

    id: UUID | None
    police_agency: UUID
    monitoring_agency: UUID | None
    offender: UUID | None
    victim: UUID | None
    regime: str
    article: str
    arrestable: bool | None

    @property
    def whose(self) -> UUID | None:
        """Whose key what is said of it lies under: the order's, else of whoever asks for help without one."""
        return self.id or self.victim or self.offender


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """A place nobody may be told of, and whom it protects: a circle, or a polygon's rings widened by ``margin_m``."""

    id: UUID
    victim: UUID
    lon: float | None
    lat: float | None
    radius_m: float | None
    polygon: list[list[tuple[float, float]]] | None
    margin_m: float
    agency: UUID | None = None
    """Whose secret it is; None is everybody's to keep."""


@dataclass(frozen=True, slots=True)
class Person:
    """A party to orders, known by id and by what staff call the case file."""

    id: UUID
    agency: UUID
    label: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place, its shape and its hours left out where it is secret."""

    id: UUID
    agency: UUID
    kind: str
    secret: bool
    margin_m: float
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    polygon: list[list[tuple[float, float]]] | None = None
    line: list[tuple[float, float]] | None = None
    width_m: float | None = None
    schedule: list[dict[str, Any]] | None = None
    hours: dict[str, Any] | None = None
    exceptions: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class ProtectiveOrder:
    """One order in its newest version, as one reader may know it. ``suspensions``, ``schedule``: ``start``, ``end``, ``reason``.

    A suspension that says where he is meanwhile also holds ``lon``, ``lat`` and ``radius_m``. A party whom the reader may not know
    is None, and so is the victim of an order that names none.
    """

    id: UUID
    version: int
    police_agency: UUID
    monitoring_agency: UUID | None
    regime: str
    article: str
    arrestable: bool | None
    offender: UUID | None
    victim: UUID | None
    starts_at: float
    ends_at: float | None
    radius_m: float
    rings_m: list[float] | None
    suspensions: list[dict[str, Any]]
    schedule: list[dict[str, Any]] | None
    monitored: bool
    ended_at: float | None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whose ground it is: a station's or an agency's, as one source drew it on one day."""

    id: UUID
    name: str
    agency: UUID
    source: str
    as_of: date
    boundary: BaseGeometry
    station: UUID | None = None
    agency_name: str = ""
    station_name: str | None = None


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device just entered and its key, which is told this once and kept nowhere."""

    id: UUID
    external_id: str
    ref: str | None
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account just made and its password, which is told this once and kept nowhere."""

    id: UUID
    name: str
    role: str
    unit: UUID | None
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: ``ids`` by ref, new devices and accounts with their secrets, how many rows are new."""

    ids: dict[str, UUID]
    devices: list[NewDevice]
    accounts: list[NewAccount]
    created: dict[str, int]


@dataclass(frozen=True, slots=True)
class Source:
    """Who drew the boundaries and when; ``agency`` (id or name) is whose they are unless a feature says otherwise."""

    name: str
    as_of: date
    agency: str | None = None
    name_property: str = "name"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import of boundaries did: how many there are now and were before."""

    count: int
    replaced: int
