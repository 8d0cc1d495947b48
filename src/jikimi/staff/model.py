"""Duty and training as values. It must never hold anything of a case."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from jikimi.identity.model import Role

ROSTERED: Final = frozenset({Role.DISPATCHER, Role.MONITOR, Role.POLICE_OFFICER, Role.PROBATION_OFFICER})
"""Roles that have shifts: those an alert may call for."""


class State(StrEnum):
    """Where somebody stands with the roster."""

    ON = "on"
    """Has begun a shift and not ended it."""
    DUE = "due"
    """It is their shift, and they have not begun it."""
    OFF = "off"
    UNKEPT = "unkept"
    """Their agency keeps no roster, so there is nothing to be off."""


@dataclass(frozen=True, slots=True)
class Shift:
    """When somebody is on duty; times are Unix seconds, ``begun_at`` and ``ended_at`` as it really was."""

    id: UUID
    agency: UUID
    account: UUID
    station: UUID | None
    lead: bool
    starts_at: float
    ends_at: float
    begun_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A shift somebody plans."""

    account: UUID
    starts_at: float
    ends_at: float
    station: UUID | None = None
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """One account's duty and training at a moment: its present or next shift, and the kinds that have or soon will lapse."""

    state: State
    shift: Shift | None
    lapsed: tuple[str, ...]
    soon: tuple[str, ...]
