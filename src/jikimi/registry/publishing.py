"""The registry's rows as what the log says of them. It must never leave a place out because it is secret.

Secret places are guarded like any other; detection alone is told where they are.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from jikimi.detect.facts import Carry, Order, Place, Span
from jikimi.intake.devices import DeviceKey
from jikimi.registry.hours import told
from jikimi.registry.tables import Row


def order_fact(row: Row, places: Iterable[Row], now: float) -> Order:
    """One version of an order; ``row`` holds ``version`` and ``ended_at`` where it is not the first."""
    return Order(
        received_t=now,
        order=str(row["id"]),
        version=row.get("version", 1),
        offender=str(row["offender"]),
        victim=_text(row["victim"]),
        start=row["starts_at"].timestamp(),
        end=row["ends_at"] and row["ends_at"].timestamp(),
        radius_m=row["radius_m"],
        regime=row["regime"],
        rings_m=row["rings_m"],
        places=[_place(place, row["regime"]) for place in places if _shaped(place)],
        suspensions=[_suspension(**span) for span in row["suspensions"]],
        schedule=_spans(row["schedule"]),
        monitored=row["monitored"],
        ended=row.get("ended_at") is not None,
    )


def carry_fact(row: Row, interval_s: float, now: float) -> Carry:
    """Who carries a device and how often that device reports."""
    until = row["until"] and row["until"].timestamp()
    since = row["since"].timestamp()
    return Carry(now, str(row["id"]), str(row["device"]), str(row["person"]), since, until, interval_s)


def device_key(row: Row, *, revoked: bool = False, unkept: bool = False) -> DeviceKey:
    """How a device proves who it is, and whether anything of it may be kept."""
    return DeviceKey(
        str(row["id"]), row["external_id"], bytes(row["key_digest"]), row["kind"], row["interval_s"], revoked, unkept
    )


def _shaped(row: Row) -> bool:
    # One that could not be read guards nothing, and must not stop its order from guarding her.
    return any(row.get(name) is not None for name in ("lon", "polygon", "line"))


def _place(row: Row, regime: str) -> Place:
    margin_m = row["margin_m"] if row["line"] is None else row["width_m"] / 2.0
    return Place(
        str(row["id"]), row["kind"], row["lon"], row["lat"], row["radius_m"], row["polygon"], margin_m, row["line"],
        _spans(row["schedule"]), told(row["hours"], regime), _spans(row["exceptions"]) or [], row["secret"],
    )  # fmt: skip


def _spans(kept: list[dict[str, Any]] | None) -> list[Span] | None:
    return None if kept is None else [Span(**span) for span in kept]


def _suspension(
    start: float, end: float | None, reason: str, lon: float | None = None, lat: float | None = None,
    radius_m: float | None = None,
) -> Span:  # fmt: skip
    if lon is None or lat is None or radius_m is None:
        return Span(start, end, reason)
    return Span(start, end, reason, (lon, lat, radius_m))


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)
