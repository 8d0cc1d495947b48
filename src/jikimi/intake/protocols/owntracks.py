"""OwnTracks over HTTP: one JSON object a request. It must never take a number it cannot read for zero.

Sources: the OwnTracks booklet (HTTP, JSON and encryption pages); behaviour checked against frames of Traccar's tests
(Apache-2.0). Encrypted payloads are refused: what nobody here can read must not look received.
"""

import math
from typing import Any, Final

import msgspec

from jikimi.detect.facts import Source
from jikimi.intake.protocols import Decoded, HttpFrame, Position

_KMH: Final = 1 / 3.6
_LAST_SECOND: Final = 253_402_300_799
"""Of the year 9999."""
OTHERS: Final = frozenset(
    {
        "beacon", "card", "cmd", "configuration", "dump", "lwt", "request", "status", "steps", "transition", "waypoint",
        "waypoints",
    }
)  # fmt: skip
"""Types that are acknowledged and hold nothing for us."""
_ALARMS: Final = {"9": "low_battery", "e": "power_cut", "!": "general", "s": "general", "h": "general"}
"""Triggers of trackers that speak OwnTracks through a converter; a phone's triggers are no alarms."""
_DONE: Final = b"[]"
"""Friends, cards and commands for the app: none. The app takes anything else than 2xx as not received and repeats."""
ENCRYPTED: Final = "the payload is encrypted; remove the encryption key in the app, TLS protects the way"


class _Unreadable(ValueError):
    """Names the field that cannot be read."""


def decode(frame: HttpFrame) -> Decoded:
    """One request as the OwnTracks apps make it; never raises."""
    if not frame.body.strip():
        return Decoded(reply=_DONE, reply_status=200)  # a friend was removed in the app
    try:
        said: Any = msgspec.json.decode(frame.body)
    except (msgspec.DecodeError, RecursionError):
        return Decoded(reply_status=400, error="unreadable JSON")
    if not isinstance(said, dict):
        return Decoded(reply_status=400, error="no object")
    ids = _ids(said)
    kind = said.get("_type")
    if kind == "location":
        return _location(ids, said)
    if isinstance(kind, str) and kind in OTHERS:
        return Decoded(ids, reply=_DONE, reply_status=200)
    return Decoded(ids, reply_status=400, error=ENCRYPTED if kind == "encrypted" else "no _type known here")


def names(frame: HttpFrame) -> list[str]:
    """What the request may call its device besides its user, the most particular first."""
    said = [frame.headers.get("x-limit-d"), *decode(frame).device_ids]
    return [one for name in said if name for one in dict.fromkeys((name, name.rsplit("/", 1)[-1]))]


def _ids(said: dict[str, Any]) -> list[str]:
    """The topic names a device, the tracker's initials do so where there is none."""
    for name in ("topic", "tid"):
        value = said.get(name)
        if isinstance(value, str) and value:
            return [value]
    return []


def _location(ids: list[str], said: dict[str, Any]) -> Decoded:
    trigger = said.get("t")
    alarms = [_ALARMS[trigger]] if isinstance(trigger, str) and trigger in _ALARMS else []
    try:
        position = _position(said)
        battery = _number(said, "batt")
    except _Unreadable as problem:
        return Decoded(ids, alarms=alarms, reply_status=400, error=str(problem))
    return Decoded(ids, None, [position] if position else [], alarms, _unless_negative(battery), _DONE, 200)


def _position(said: dict[str, Any]) -> Position | None:
    lon, lat = _within(said, "lon", 180), _within(said, "lat", 90)
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise _Unreadable("half a position")
    if lon == 0 and lat == 0:
        return None
    accuracy, speed = _number(said, "acc"), _unless_negative(_number(said, "vel"))
    return Position(
        t=_time(said),
        lon=lon,
        lat=lat,
        # A negative accuracy is how a phone says that the place is none.
        valid=accuracy is None or accuracy >= 0,
        speed_mps=None if speed is None else speed * _KMH,
        course_deg=_unless_negative(_number(said, "cog")),
        altitude_m=_number(said, "alt"),
        accuracy_m=accuracy if accuracy is not None and accuracy > 0 else None,
        source=Source.FUSED,
    )


def _time(said: dict[str, Any]) -> float | None:
    t = _number(said, "tst")
    if t is not None and not 0 <= t <= _LAST_SECOND:
        raise _Unreadable("tst out of range")
    return t


def _number(said: dict[str, Any], name: str) -> float | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Unreadable(name)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _Unreadable(name)
    return number


def _within(said: dict[str, Any], name: str, limit: float) -> float | None:
    value = _number(said, name)
    if value is not None and abs(value) > limit:
        raise _Unreadable(f"{name} out of range")
    return value


def _unless_negative(value: float | None) -> float | None:
    return None if value is None or value < 0 else value
