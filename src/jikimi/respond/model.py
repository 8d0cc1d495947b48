"""What a response is made of. It must never hold a secret place's whereabouts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from jikimi.registry.model import OrderCard


class TaskingState(StrEnum):
    """Where a tasking stands (delivery: domain words of ASAP and EIDO)."""

    TASKED = "tasked"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLEARED = "cleared"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


NEXT = {
    TaskingState.TASKED: {TaskingState.ACCEPTED, TaskingState.REJECTED},
    TaskingState.ACCEPTED: {TaskingState.EN_ROUTE, TaskingState.ON_SCENE, TaskingState.REJECTED},
    TaskingState.EN_ROUTE: {TaskingState.ON_SCENE, TaskingState.REJECTED},
    TaskingState.ON_SCENE: {TaskingState.CLEARED},
}
"""What an officer may report after what."""

ENDED = frozenset({TaskingState.CLEARED, TaskingState.REJECTED, TaskingState.SUPERSEDED})

INCIDENT_STATUS = {
    TaskingState.ACCEPTED: "ResourcesAssigned",
    TaskingState.EN_ROUTE: "ResourcesEnroute",
    TaskingState.ON_SCENE: "ResourcesOnscene",
}
STATUS_ORDER = ("Active", "ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene")

CAUSES = (
    "real_approach", "accidental_crossing", "victim_approached", "gps_drift", "charging", "strap_irritation", "dead_zone",
    "device_fault", "operator_error", "unknown",
)  # fmt: skip
RESPONSES = ("both_on_scene", "police_on_scene", "probation_on_scene", "settled_by_call", "none_needed")
OUTCOMES = (
    "apprehended", "left_before_arrival", "moved_on_warned", "victim_safe_with_officer", "no_contact", "false_alarm",
    "handed_over",
)  # fmt: skip
HOLDS = frozenset({"apprehended", "victim_safe_with_officer"})
"""Outcomes under which an incident may close though its alert has not cleared: somebody stands between them."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as the roster has it; position in degrees with its time, None where never reported."""

    id: UUID
    agency: UUID
    kind: str
    callsign: str
    available: bool
    lon: float | None
    lat: float | None
    position_at: float | None
    own: tuple[frozenset[UUID], ...] = ()
    """By officer: whose case is their own; none at all where one of them has no such case."""
    lapsed: bool = False
    """Whether everybody of it on duty has let some training lapse."""

    def is_own(self, parties: Iterable[UUID | None]) -> bool:
        """Whether nobody of this unit may be told of these people."""
        named = set(parties)
        return bool(self.own) and all(whose & named for whose in self.own)


@dataclass(frozen=True, slots=True)
class Pick:
    """A unit chosen, and why: numbers a person can check.

    ``rank``: its place by nearness ``among`` all units of its kind and agency, the nearer ones that are taken or were asked
    counted; None where there is nothing to be near to.
    """

    unit: Unit
    toward: str
    distance_m: float | None
    eta_s: float | None
    position_age_s: float | None
    rank: int | None
    note: str = ""
    among: int | None = None

    def reasons(self) -> dict[str, str | float | int | None]:
        """As stored with the tasking."""
        return {
            "rule": "nearest available unit" if self.distance_m is not None else "available unit without a position",
            "distance_m": None if self.distance_m is None else round(self.distance_m),
            "eta_s": None if self.eta_s is None else round(self.eta_s),
            "unit_position_age_s": None if self.position_age_s is None else round(self.position_age_s),
            "rank": self.rank,
            "among": self.among,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What could not be had, and why."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom an alert of this order would send now."""

    card: OrderCard
    picks: tuple[Pick, ...]
    gaps: tuple[Shortfall, ...]
    made_at: float
    station: UUID | None = None
    jurisdiction: str | None = None


@dataclass(slots=True)
class Message:
    """One message for one feed; ``seq`` is set when it is recorded."""

    feed: str
    agency: UUID
    kind: str
    body: dict[str, object]
    incident: UUID | None = None
    seq: int | None = None
    at: float = 0.0
    delivery: UUID | None = None
    extra: dict[str, object] = field(default_factory=dict)
    whose: UUID | None = None
    """The order (or the person) under whose key the body lies on the record; None for a body of ids alone."""

    @property
    def unit(self) -> UUID | None:
        """The unit it orders somewhere; None for a message to a room."""
        kind, _, identifier = self.feed.partition(":")
        return UUID(identifier) if kind == "unit" else None


def unit_feed(unit: UUID) -> str:
    """The feed a unit's terminals listen to."""
    return f"unit:{unit}"


def room_feed(agency: UUID) -> str:
    """The feed an agency's room listens to."""
    return f"room:{agency}"
