"""Reading recordings: fixes, orders, events and configuration from files. It must never repair what it cannot read.

What does not fit is refused with the file, the row and the field; the formats are in the reference of `jikimi replay`.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import inf, isfinite
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import structs
from shapely.geometry import Polygon

from jikimi.detect.events import BATTERY, CHARGING, CUSTODY, KINDS, MOTION, TETHER
from jikimi.detect.facts import Hours, Order, Place, Source, Span
from jikimi.detect.track import turned
from jikimi.kernel.errors import Absurd, Malformed
from jikimi.registry.hours import read as hours_read
from jikimi.registry.hours import told as hours_told
from jikimi.registry.regimes import DEFAULT, place_kinds

SOURCES = {source.name.lower(): int(source) for source in Source}
REQUIRED = ("subject", "t", "lon", "lat")
OPTIONAL = ("accuracy_m", "source", "received_t")
T = TypeVar("T")
_NUMBERS = frozenset({BATTERY, CHARGING, CUSTODY, MOTION, TETHER})
"""Kinds of event whose value is a number."""
_EPOCH_END = 4102444800.0
"""2100-01-01: a device that says later is broken, and ticks would never end."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One fix of a recording; times in Unix seconds, ``accuracy_m`` the claimed 68 % radius or None."""

    subject: str
    t: float
    lon: float
    lat: float
    accuracy_m: float | None
    source: int
    received_t: float


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of an event file."""

    t: float
    subject: str
    kind: str
    received_t: float | None = None
    value: str | float | bool | None = None


def fixes(path: Path) -> list[Row]:
    """The fixes of a CSV or Parquet file in arrival order (by ``received_t``, stable); raises Malformed or Absurd."""
    records = _parquet(path) if path.suffix.lower() in {".parquet", ".pq"} else _csv(path)
    rows = [_row(path, number, record) for number, record in records]
    rows.sort(key=lambda row: row.received_t)
    return rows


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        try:
            _columns(path, reader.fieldnames or ())
            for record in reader:
                yield reader.line_num, record
        except (csv.Error, UnicodeDecodeError) as error:
            raise Malformed(f"{path.name} row {reader.line_num + 1} is no CSV in UTF-8: {error}") from error


def _parquet(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    import pyarrow as pa  # noqa: PLC0415 - a second of loading that CSV does not need
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise Malformed(f"{path.name} is no Parquet file: {error}") from error
    _columns(path, table.column_names)
    wanted = [name for name in (*REQUIRED, *OPTIONAL) if name in table.column_names]
    number = 0
    for batch in table.select(wanted).to_batches(65_536):
        for record in batch.to_pylist():
            number += 1
            yield number, record


def _columns(path: Path, names: Any) -> None:
    for name in REQUIRED:
        if name not in names:
            raise Malformed(f"{path.name} has no column {name!r}.", field=name)


def _row(path: Path, number: int, record: Mapping[str, Any]) -> Row:
    where = (path.name, number)
    subject = record["subject"]
    if subject is None or str(subject) == "":
        raise Malformed(f"{path.name} row {number}: subject is empty.", row=number, field="subject")
    t = _number(where, record, "t", 0.0, _EPOCH_END)
    lon = _number(where, record, "lon", -180.0, 180.0)
    lat = _number(where, record, "lat", -90.0, 90.0)
    received = _optional(where, record, "received_t", 0.0, _EPOCH_END)
    source = record.get("source") or "unknown"
    if source not in SOURCES:
        raise Malformed(f"{path.name} row {number}: source {source!r} is none of {', '.join(SOURCES)}.",
                        row=number, field="source")  # fmt: skip
    accuracy = _optional(where, record, "accuracy_m", 0.0, 1e7)
    return Row(str(subject), t, lon, lat, accuracy or None, SOURCES[source], t if received is None else received)


def _optional(where: tuple[str, int], record: Mapping[str, Any], field: str, low: float, high: float) -> float | None:
    return None if record.get(field) in {None, ""} else _number(where, record, field, low, high)


def _number(where: tuple[str, int], record: Mapping[str, Any], field: str, low: float, high: float) -> float:
    name, number = where
    try:
        value = float(record[field])
    except (TypeError, ValueError):
        told = f"{name} row {number}: {field} is no number: {record[field]!r}."
        raise Malformed(told, row=number, field=field) from None
    if not (isfinite(value) and low <= value <= high):
        raise Absurd(f"{name} row {number}: {field} {value} is not in [{low}, {high}].", row=number, field=field)
    return value


def events(path: Path) -> list[Event]:
    """The events of a JSON lines file by receipt, stable; raises Malformed naming line and field."""
    found = []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"{path.name} is no UTF-8: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            event = _decoded(path, number, partial(msgspec.json.decode, line, type=Event))
            if not event.subject.strip():
                raise Malformed(f"{path.name} row {number}: subject is empty.", row=number, field="subject")
            if event.kind not in KINDS:
                raise Malformed(
                    f"{path.name} row {number}: kind {event.kind!r} is not listed.", row=number, field="kind"
                )
            if event.kind in _NUMBERS and isinstance(event.value, str):
                told = f"{path.name} row {number}: the value of {event.kind} is a number, not {event.value!r}."
                raise Malformed(told, row=number, field="value")
            if not all(0.0 <= t <= _EPOCH_END for t in (event.t, received(event))):
                raise Absurd(f"{path.name} row {number}: a time is not in [0, {_EPOCH_END}].", row=number, field="t")
            found.append(event)
    return sorted(found, key=received)


def received(event: Event) -> float:
    """When an event reached us: as told, else its own time."""
    return event.t if event.received_t is None else event.received_t


def _decoded(path: Path, number: int, read: Callable[[], T]) -> T:
    try:
        return read()
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f"{path.name} row {number}: {error}", row=number, field=_field(error)) from error


def _field(error: Exception) -> str | None:
    """The field a validation error names, as in ``... - at `$.lon``` or ``... missing required field `t```."""
    text = str(error)
    if "missing required field `" in text:
        return text.split("missing required field `", 1)[1].split("`", 1)[0]
    return text.rsplit("$.", 1)[1].rstrip("`") if "$." in text else None


class _Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "until"}):
    start: float
    end: float | None = None
    reason: str = ""
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None


class _Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    kind: str
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    polygon: list[Any] | None = None
    margin_m: float = 0.0
    line: list[tuple[float, float]] | None = None
    width_m: float | None = None
    schedule: list[_Span] | None = None
    hours: dict[str, Any] | None = None
    exceptions: list[_Span] = []
    secret: bool = False


class _Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "until"}):
    order: str
    offender: str
    victim: str | None
    start: float
    end: float | None
    radius_m: float
    places: list[_Place] = []
    regime: str = ""
    rings_m: list[float] | None = None
    schedule: list[_Span] | None = None
    suspensions: list[_Span] = []


def orders(path: Path, received_t: float) -> list[Order]:
    """The orders of a JSON list as facts received at ``received_t``; raises Malformed or Absurd naming the entry."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{path.name} is no JSON: {error}") from error
    return order_facts(path, entries, received_t)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def order_facts(path: Path, entries: object, received_t: float) -> list[Order]:
    """The orders of a list read from ``path``, as ``orders`` gives them."""
    if not isinstance(entries, list):
        raise Malformed(f"{path.name} must hold a list of orders.")
    found = [_order(path, number, entry, received_t) for number, entry in enumerate(entries, 1)]
    twice = {order.order for order in found}
    if len(twice) != len(found):
        raise Malformed(f"{path.name} names an order twice.", field="order")
    return found


def _order(path: Path, number: int, entry: object, received_t: float) -> Order:
    told: _Order = _decoded(path, number, partial(msgspec.convert, entry, _Order))
    where = f"{path.name} order {number}"
    if not (isfinite(told.radius_m) and told.radius_m > 0.0):
        raise Absurd(f"{where}: radius_m must be over 0.", row=number, field="radius_m")
    for field in ("order", "offender", "victim"):
        if (named := getattr(told, field)) is not None and not named.strip():
            raise Malformed(f"{where}: {field} is empty.", row=number, field=field)
    if told.offender == told.victim:
        raise Absurd(f"{where}: offender and victim are the same subject.", row=number, field="victim")
    if not _lasts(told.start, told.end):
        raise Absurd(f"{where}: until is not after from.", row=number, field="until")
    if told.rings_m is not None and (len(told.rings_m) > _RINGS or any(not 0.0 < r < inf for r in told.rings_m)):
        raise Absurd(f"{where}: rings_m holds up to {_RINGS} radii over 0, widest first.", row=number, field="rings_m")
    if len({place.id for place in told.places}) != len(told.places):
        raise Malformed(f"{where}: two places have one id.", row=number, field="places")
    return Order(
        received_t, told.order, 1, told.offender, told.victim, told.start, told.end, told.radius_m, told.regime,
        told.rings_m, [_place(where, number, place, told.regime) for place in told.places],
        _spans(where, number, "suspensions", told.suspensions), _schedule(where, number, told.schedule),
    )  # fmt: skip


_RINGS = 3


def _lasts(start: float, end: float | None) -> bool:
    return isfinite(start) and (end is None or start < end < inf)


def _schedule(where: str, number: int, spans: list[_Span] | None) -> list[Span] | None:
    """The spans in which an order or a place counts; none at all would be never, which nobody orders."""
    if spans is not None and not spans:
        told = f"{where}: schedule is empty, so it would never hold; leave it out if it always does."
        raise Malformed(told, row=number, field="schedule")
    return None if spans is None else _spans(where, number, "schedule", spans)


def _spans(where: str, number: int, field: str, spans: list[_Span]) -> list[Span]:
    for span in spans:
        if not _lasts(span.start, span.end):
            raise Absurd(f"{where}: in {field}, until is not after from.", row=number, field=field)
    return [Span(span.start, span.end, span.reason, _where(where, number, field, span)) for span in spans]


def _where(where: str, number: int, field: str, span: _Span) -> tuple[float, float, float] | None:
    if span.lon is None and span.lat is None and span.radius_m is None:
        return None
    if span.lon is None or span.lat is None or span.radius_m is None:
        raise Malformed(f"{where}: in {field}, a place is lon, lat and radius_m.", row=number, field=field)
    if not _somewhere(span.lon, span.lat, span.radius_m):
        raise Absurd(f"{where}: in {field}, a place lies nowhere or has no radius.", row=number, field=field)
    return span.lon, span.lat, span.radius_m


def _somewhere(lon: float, lat: float, radius_m: float) -> bool:
    return abs(lon) <= _HALF_TURN and abs(lat) <= _QUARTER_TURN and 0.0 < radius_m < inf


_HALF_TURN, _QUARTER_TURN = 180.0, 90.0


def _place(where: str, number: int, place: _Place, regime: str) -> Place:
    known = place_kinds(regime or DEFAULT)
    if known and place.kind not in known:
        told = f"{where}: place {place.id!r} has the kind {place.kind!r}, which is none of {', '.join(known)}."
        raise Malformed(told, row=number, field="kind")
    found = _shaped(where, number, place)
    if not 0.0 <= place.margin_m < inf:
        raise Absurd(f"{where}: place {place.id!r} has a margin_m under 0.", row=number, field="places")
    spans = _schedule(where, number, place.schedule)
    hours = _hours(where, number, place, regime or DEFAULT)
    exceptions = _spans(where, number, "exceptions", place.exceptions)
    return structs.replace(found, spans=spans, hours=hours, exceptions=exceptions, secret=place.secret)


def _shaped(where: str, number: int, place: _Place) -> Place:
    if place.line is not None or place.width_m is not None:
        return _line(where, number, place)
    if place.polygon is not None and place.lon is None and place.lat is None and place.radius_m is None:
        return Place(place.id, place.kind, polygon=_polygon(where, number, place), margin_m=place.margin_m)
    if place.polygon is not None or place.lon is None or place.lat is None or place.radius_m is None:
        told = f"{where}: place {place.id!r} is either lon, lat and radius_m or polygon and margin_m."
        raise Malformed(told, row=number, field="places")
    if not _somewhere(place.lon, place.lat, place.radius_m):
        raise Absurd(f"{where}: place {place.id!r} lies nowhere or has no radius.", row=number, field="places")
    return Place(place.id, place.kind, place.lon, place.lat, place.radius_m)


def _hours(where: str, number: int, place: _Place, regime: str) -> Hours | None:
    """Hours of every week, written as the registry's document writes them."""
    try:
        return hours_told(hours_read(place.hours), regime)
    except Malformed as error:
        told = f"{where}: place {place.id!r}: {error.detail}"
        raise Malformed(told, row=number, field="places") from error


def _line(where: str, number: int, place: _Place) -> Place:
    """A way of two points or more and the width of it, in which a zone does not bind."""
    line, width = place.line or [], place.width_m or 0.0
    good = len(line) > 1 and width > 0.0 and all(abs(lon) <= 180.0 and abs(lat) <= 90.0 for lon, lat in line)
    if not good or place.polygon is not None or place.radius_m is not None:
        told = f"{where}: place {place.id!r} is a line of two points or more and a width_m over 0."
        raise Malformed(told, row=number, field="places")
    return Place(place.id, place.kind, margin_m=width / 2.0, line=line)


def _polygon(where: str, number: int, place: _Place) -> list[list[tuple[float, float]]]:
    """Rings of [lon, lat]: the outer first, holes after; one bare ring is an outer ring."""
    polygon = place.polygon or []
    try:
        rings = polygon if isinstance(polygon[0][0], list | tuple) else [polygon]
        found = [[(float(lon), float(lat)) for lon, lat in ring] for ring in rings]
        good = all(len(ring) > 2 and all(abs(lon) <= 180.0 and abs(lat) <= 90.0 for lon, lat in ring) for ring in found)
    except (TypeError, ValueError, IndexError):
        good = False
    if not good or not found:
        raise Malformed(f"{where}: place {place.id!r} has no polygon that can be read.", row=number, field="places")
    outer, *holes = [_shape(ring, found[0][0][0]) for ring in found]
    if not all(outer.covers(hole) for hole in holes):
        told = f"{where}: place {place.id!r} has a hole that is not within its ring."
        raise Absurd(told, row=number, field="places")
    return found


def _shape(ring: list[tuple[float, float]], lon: float) -> Polygon:
    """A ring around where the first began, so that one over the antimeridian is one."""
    return Polygon([(turned(x - lon), y) for x, y in ring]).buffer(0.0)


def config(path: Path) -> dict[str, Any]:
    """Changes to lay over the rules; raises Malformed unless the file is a JSON object."""
    try:
        changes = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{path.name} is no JSON: {error}") from error
    if not isinstance(changes, dict):
        raise Malformed(f"{path.name} must hold an object of rules to change.")
    return changes
