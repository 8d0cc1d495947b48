"""What a simulation emits: fixes and events as devices send them. It must never hold what a device cannot know."""

from typing import NamedTuple

Point = tuple[float, float]
"""Metres east and north of the town's middle."""
Span = tuple[float, float]
"""Seconds from and until, half-open, counted from the scenario's beginning."""


class Fix(NamedTuple):
    """One position as a device reports it; times in seconds from the beginning, ``accuracy_m`` claimed 68 % radius."""

    subject: str
    t: float
    lon: float
    lat: float
    accuracy_m: float | None
    source: str
    received_t: float


class Event(NamedTuple):
    """Something a device says that is no position; kinds are those of the detection rules' closed list."""

    subject: str
    t: float
    kind: str
    value: str | float | None = None
    received_t: float = 0.0


class Approach(NamedTuple):
    """What truly happened: the two were within the order's radius, or he within a place's, for at least a minute."""

    order: str
    offender: str
    victim: str | None
    place: str | None
    begin: float
    end: float
    least_m: float
