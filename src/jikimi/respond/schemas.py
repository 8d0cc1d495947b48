"""The response's HTTP bodies, strict. They must never carry a coordinate: positions travel over the live line alone."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from jikimi.respond.model import CAUSES, OUTCOMES, RESPONSES, TaskingState


class Strict(BaseModel):
    """Nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AnswerIn(Strict):
    """An officer's report on a tasking."""

    state: Literal["accepted", "rejected", "en_route", "on_scene", "cleared"]
    reason: str | None = Field(default=None, max_length=500)

    @property
    def reported(self) -> TaskingState:
        """As the service knows it."""
        return TaskingState(self.state)


class CloseIn(Strict):
    """What must be said to close an incident."""

    cause: str = Field(examples=[CAUSES[0]])
    response: str = Field(examples=[RESPONSES[0]])
    outcome: str = Field(examples=[OUTCOMES[0]])


class LogIn(Strict):
    """One line for an incident's log."""

    text: str = Field(max_length=400, examples=["Called her: she is at home, door locked."])


class TaskingOut(BaseModel):
    """A tasking as a room sees it; times are Unix seconds.

    ``callsign`` and ``kind`` are the other agency's own again once its unit is no longer under way. ``reasons`` are empty
    for officers: a measure between a unit and a party is a ring around her. ``forsaken_at``: since when nobody of its unit is
    left to see it through.
    """

    id: UUID
    unit: UUID
    callsign: str | None
    kind: str | None
    toward: str
    state: str
    tasked_at: float
    answered_at: float | None
    ended_at: float | None
    forsaken_at: float | None
    delivery_state: str | None
    delivered_at: float | None
    reasons: dict[str, object]


class AlertOut(BaseModel):
    """An alert of an incident, without positions."""

    id: UUID
    code: str
    grade: str
    state: str
    at: float
    decided_at: float
    recorded_at: float
    cleared_at: float | None


class SaidOut(BaseModel):
    """A message of the incident as the asking room was told it; ``body`` as on the live line."""

    seq: int
    at: float
    kind: str
    body: dict[str, object]


class IncidentOut(BaseModel):
    """An incident in the list."""

    id: UUID
    pair: UUID
    order: UUID | None
    offender: UUID | None
    victim: UUID | None
    priority: int
    dispatch_code: int | None
    status: str
    opened_at: float
    closed_at: float | None
    cause: str | None
    response: str | None
    outcome: str | None


class IncidentWhole(IncidentOut):
    """An incident with what hangs on it; ``said`` is what a room was told, and empty for officers."""

    alerts: list[AlertOut]
    taskings: list[TaskingOut]
    said: list[SaidOut]
