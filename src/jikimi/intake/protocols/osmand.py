"""OsmAnd's online tracking and the Traccar Client: parameters in a query or a form, or one JSON location.

Sources: OsmAnd's documentation of online tracking; behaviour checked against frames of Traccar's tests (Apache-2.0).
It must never take a number it cannot read for zero.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from jikimi.detect.facts import Source
from jikimi.intake.protocols import ALARMS, Decoded, HttpFrame, Position
from jikimi.kernel.units import KNOT

_MILLISECONDS_FROM = 100_000_000_000
"""Seconds reach this in the year 5138; milliseconds passed it in 1973."""
_LAST_SECOND = 253_402_300_799
"""Of the year 9999."""
# Python's own reading takes "4_2" and other scripts' digits for numbers.
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_IDS: Final = frozenset({"id", "deviceid"})


class _Unreadable(ValueError):
    """Names the field that cannot be read."""


def decode(frame: HttpFrame) -> Decoded:
    """One request as OsmAnd or the Traccar Client makes it; never raises."""
    try:
        if frame.body.lstrip()[:1] == b"{":
            return _from_json(frame.body)
        pairs = _pairs(frame.uri.partition("?")[2].partition("#")[0])
        # A form's address may carry the key alone.
        if not any(name in _IDS for name, _ in pairs):
            pairs += _pairs(frame.body.decode("ascii"))
        return _from_pairs(pairs)
    except _Unreadable as problem:
        return Decoded(reply_status=400, error=str(problem))
    except ValueError:
        return Decoded(reply_status=400, error="unreadable text")


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="strict")


def _from_pairs(pairs: list[tuple[str, str]]) -> Decoded:
    # A name given twice: the last one counts, but every id is reported.
    said = dict(pairs)
    ids = list(dict.fromkeys(value for name, value in pairs if name in _IDS and value))
    if not ids:
        return Decoded(reply_status=400, error="no device id")
    alarms = _alarms(said.get("alarm"))
    try:
        return _decoded(ids, _position_of_pairs(said), alarms, _number(said, "batt"))
    except _Unreadable as problem:
        # A cry for help must not be lost for a number that cannot be read.
        return Decoded(ids, alarms=alarms, reply_status=400, error=str(problem))


def _position_of_pairs(said: dict[str, str]) -> Position | None:
    where = _coordinates(said)
    if where is None:
        return None
    speed = _number(said, "speed")
    return Position(
        t=_time(said["timestamp"]) if said.get("timestamp") else None,
        lon=where[0],
        lat=where[1],
        valid=said.get("valid", "true").lower() in {"true", "1"},
        speed_mps=None if speed is None else speed * KNOT,
        course_deg=_number(said, "bearing", "heading"),
        altitude_m=_number(said, "altitude"),
        accuracy_m=_number(said, "accuracy"),
        hdop=_number(said, "hdop"),
        source=Source.GNSS if said.get("hdop") else Source.UNKNOWN,
    )


def _from_json(body: bytes) -> Decoded:
    try:
        said: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise _Unreadable("unreadable JSON") from None
    device = said.get("device_id")
    if not isinstance(device, str | int) or isinstance(device, bool) or device == "":
        return Decoded(reply_status=400, error="no device id")
    ids, alarms = [str(device)], list[str]()
    try:
        location = _part(said, "location")
        alarms = _alarms(_part(location, "extras").get("alarm") or location.get("alarm"))
        level = _unless_negative(_number(_part(location, "battery"), "level"))
        return _decoded(ids, _position_of_json(location), alarms, None if level is None else round(level * 100, 6))
    except _Unreadable as problem:
        return Decoded(ids, alarms=alarms, reply_status=400, error=str(problem))


def _position_of_json(location: dict[str, Any]) -> Position | None:
    coords = _part(location, "coords")
    lon, lat = _number(coords, "longitude"), _number(coords, "latitude")
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise _Unreadable("half a position")
    stamp = location.get("timestamp")
    accuracy = _number(coords, "accuracy")
    return Position(
        t=_time(str(stamp)) if stamp not in (None, "") else None,
        lon=_within(lon, 180, "longitude"),
        lat=_within(lat, 90, "latitude"),
        # The client writes -1 for what the phone does not know, and for the accuracy of a place that is none.
        valid=accuracy is None or accuracy >= 0,
        speed_mps=_unless_negative(_number(coords, "speed")),
        course_deg=_unless_negative(_number(coords, "heading")),
        altitude_m=_number(coords, "altitude"),
        accuracy_m=_unless_negative(accuracy),
        source=Source.FUSED,
    )


def _decoded(ids: list[str], position: Position | None, alarms: list[str], battery: float | None) -> Decoded:
    if position and position.lon == 0 and position.lat == 0:
        position = None  # what a receiver without a position sends
    return Decoded(ids, None, [position] if position else [], alarms, battery, None, 200)


def _alarms(said: object) -> list[str]:
    return [said if said in ALARMS else "general"] if isinstance(said, str) and said else []


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    part = said.get(name, {})
    if not isinstance(part, dict):
        raise _Unreadable(name)
    return part


def _coordinates(said: dict[str, str]) -> tuple[float, float] | None:
    if said.get("location"):
        halves = said["location"].split(",")
        if len(halves) < 2:
            raise _Unreadable("location")
        said = {**said, "lat": halves[0], "lon": halves[1]}
    lon, lat = _number(said, "lon"), _number(said, "lat")
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise _Unreadable("half a position")
    return _within(lon, 180, "lon"), _within(lat, 90, "lat")


def _number(said: dict[str, Any], *names: str) -> float | None:
    for name in names:
        value = said.get(name)
        if value is None or value == "":
            continue
        return _read(value, name)
    return None


def _read(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Unreadable(name)
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise _Unreadable(name)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _Unreadable(name)
    return number


def _within(value: float, limit: float, name: str) -> float:
    if abs(value) > limit:
        raise _Unreadable(f"{name} out of range")
    return value


def _unless_negative(value: float | None) -> float | None:
    return None if value is None or value < 0 else value


def _time(text: str) -> float:
    """Unix seconds from seconds, milliseconds, ISO 8601 or ``yyyy-MM-dd HH:mm:ss``; no zone means UTC."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _Unreadable("timestamp") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    number = _read(text, "timestamp")
    seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
    if abs(seconds) > _LAST_SECOND:
        raise _Unreadable("timestamp")
    return seconds
