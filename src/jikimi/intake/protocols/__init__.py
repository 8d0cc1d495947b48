"""What makers' devices say, one file a protocol. A decoder must never guess: what it cannot read it names."""

from dataclasses import dataclass, field

from jikimi.detect.facts import Source

ALARMS = frozenset(
    {
        "sos", "removal", "tamper", "low_battery", "power_cut", "power_off", "fall", "jamming", "geofence", "vibration",
        "movement", "fault", "general",
    }
)  # fmt: skip
"""Every alarm a decoder may report; a maker's word outside it becomes ``general``."""


@dataclass(frozen=True, slots=True)
class HttpFrame:
    """One HTTP request as a device made it."""

    method: str
    uri: str
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Position:
    """One position as the device gave it, in SI units; None for what it did not say."""

    t: float | None
    lon: float
    lat: float
    valid: bool = True
    speed_mps: float | None = None
    course_deg: float | None = None
    altitude_m: float | None = None
    accuracy_m: float | None = None
    hdop: float | None = None
    source: Source = Source.UNKNOWN


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one frame says. ``error`` set: nothing in it may be used but ``device_ids``, ``alarms`` and the reply."""

    device_ids: list[str] = field(default_factory=list)
    session_id: str | None = None
    positions: list[Position] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    battery_pct: float | None = None
    reply: bytes | None = None
    reply_status: int | None = None
    error: str | None = None
