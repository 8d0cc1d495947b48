"""OsmAnd's online tracking and the Traccar Client: parameters in a query or a form, or one JSON location.

Sources: OsmAnd's documentation of online tracking; behaviour checked against frames of Traccar's tests (Apache-2.0).
It must never take a number it cannot read for zero.
"""

import math
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from jikimi.detect.facts import Source
from jikimi.intake.protocols import ALARMS, Decoded, HttpFrame, Position
from jikimi.kernel.units import KNOT

_MILLISECONDS_FROM = 100_000_000_000
"""Seconds reach this in the year 5138; milliseconds passed it in 1973."""


class _Unreadable(ValueError):
    """Names the field that cannot be read."""


def decode(frame: HttpFrame) -> Decoded:
    """One request as OsmAnd or the Traccar Client makes it; never raises."""
    try:
        if frame.body.lstrip()[:1] == b"{":
            return _from_json(frame.body)
        pairs = parse_qsl(urlsplit(frame.uri).query, keep_blank_values=True, errors="strict")
        if not pairs:
            pairs = parse_qsl(frame.body.decode("ascii"), keep_blank_values=True, errors="strict")
        return _from_pairs(pairs)
    except _Unreadable as problem:
        return Decoded(reply_status=400, error=str(problem))
    except (UnicodeDecodeError, ValueError):
        return Decoded(reply_status=400, error="unreadable text")


def _from_pairs(pairs: list[tuple[str, str]]) -> Decoded:
    # A name given twice: the last one counts, but every id is reported.
    said = dict(pairs)
    ids = list(dict.fromkeys(value for name, value in pairs if name in {"id", "deviceid"} and value))
    if not ids:
        return Decoded(reply_status=400, error="no device id")
    where = _coordinates(said)
    position = None
    if where:
        speed = _number(said, "speed")
        position = Position(
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
    return _decoded(ids, position, said.get("alarm"), _number(said, "batt"))


def _from_json(body: bytes) -> Decoded:
    try:
        said: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise _Unreadable("unreadable JSON") from None
    device = said.get("device_id")
    if not isinstance(device, str | int) or device == "":
        return Decoded(reply_status=400, error="no device id")
    location = _part(said, "location")
    coords = _part(location, "coords")
    position = None
    if coords.get("latitude") is not None or coords.get("longitude") is not None:
        lon, lat = _number(coords, "longitude"), _number(coords, "latitude")
        if lon is None or lat is None:
            raise _Unreadable("half a position")
        stamp = location.get("timestamp")
        position = Position(
            t=_time(str(stamp)) if stamp not in (None, "") else None,
            lon=_within(lon, 180, "longitude"),
            lat=_within(lat, 90, "latitude"),
            # The client writes -1 for what the phone does not know.
            speed_mps=_unless_negative(_number(coords, "speed")),
            course_deg=_unless_negative(_number(coords, "heading")),
            altitude_m=_number(coords, "altitude"),
            accuracy_m=_unless_negative(_number(coords, "accuracy")),
            source=Source.FUSED,
        )
    level = _unless_negative(_number(_part(location, "battery"), "level"))
    alarm = _part(location, "extras").get("alarm") or location.get("alarm")
    return _decoded([str(device)], position, alarm, None if level is None else round(level * 100, 6))


def _decoded(ids: list[str], position: Position | None, alarm: object, battery: float | None) -> Decoded:
    alarms = [alarm if alarm in ALARMS else "general"] if isinstance(alarm, str) and alarm else []
    if position and position.lon == 0 and position.lat == 0:
        position = None  # what a receiver without a position sends
    return Decoded(ids, None, [position] if position else [], alarms, battery, None, 200)


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
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise _Unreadable(name) from None
        if isinstance(value, bool) or not math.isfinite(number):
            raise _Unreadable(name)
        return number
    return None


def _within(value: float, limit: float, name: str) -> float:
    if abs(value) > limit:
        raise _Unreadable(f"{name} out of range")
    return value


def _unless_negative(value: float | None) -> float | None:
    return None if value is None or value < 0 else value


def _time(text: str) -> float:
    """Unix seconds from seconds, milliseconds, ISO 8601 or ``yyyy-MM-dd HH:mm:ss``; no zone means UTC."""
    try:
        number = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _Unreadable("timestamp") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(number):
        raise _Unreadable("timestamp")
    return number / 1000 if number >= _MILLISECONDS_FROM else number
