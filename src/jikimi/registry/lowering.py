"""An order that protects less than it did, told to the rooms. It must never be refused: a court may lower what it ordered.

What became less is said by name, never by value: a place's shape and a new radius near it could show where it is.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from jikimi.registry.regimes import corridor_kinds
from jikimi.registry.tables import Row
from jikimi.store.due import Later

KIND: Final = "order-lowered"
_TIMES: Final = frozenset({"id", "schedule", "hours", "exceptions"})
"""Of a place: its name, and when it counts; the rest is what and where it is."""


def lowered(before: Row, after: Row, places: Sequence[Row], kept: Sequence[Row]) -> list[str]:
    """What of an order became less from one version to the next; ``places`` and ``kept`` are its places then and now."""
    ways = corridor_kinds(after["regime"])
    found = {
        "radius": after["radius_m"] < before["radius_m"],
        "end": _ends(after) < _ends(before),
        "suspension": any(not _stood(span, before["suspensions"]) for span in after["suspensions"]),
        "schedule": after["schedule"] is not None and after["schedule"] != before["schedule"],
        "monitored": before["monitored"] and not after["monitored"],
        "places": any(not _guarded(place, kept) for place in places if place["kind"] not in ways)
        or any(not _let(place, places) for place in kept if place["kind"] in ways),
    }
    return [name for name, less in found.items() if less]


def _stood(span: Row, before: Sequence[Row]) -> bool:
    """Whether a suspension stood before, there or anywhere: naming where he is meanwhile frees him of less."""
    return any(span == other or _stretch(span) == other for other in before)


def _stretch(span: Row) -> Row:
    return {name: span[name] for name in ("start", "end", "reason")}


def _guarded(place: Row, kept: Sequence[Row]) -> bool:
    """Whether a place is kept as it was, or at more times."""
    return any(_shape(place) == _shape(other) and _within(place, other) for other in kept)


def _let(way: Row, before: Sequence[Row]) -> bool:
    """Whether a way through the zones was open before, at least as wide and at these times."""
    return any(
        _shape({**way, "width_m": None}) == _shape({**other, "width_m": None})
        and (way["width_m"] or 0.0) <= (other["width_m"] or 0.0) and _within(way, other)
        for other in before
    )  # fmt: skip


def _within(one: Row, other: Row) -> bool:
    """Whether a place counts at no time at which the other does not."""
    stretches = one["schedule"] == other["schedule"] or other["schedule"] is None
    weekly = one["hours"] == other["hours"] or other["hours"] is None
    return stretches and weekly and all(span in (one["exceptions"] or []) for span in other["exceptions"] or [])


def _shape(place: Row) -> Row:
    return {name: value for name, value in place.items() if name not in _TIMES}


def pages(row: Row, what: Sequence[str], by: UUID, now: float) -> list[Later]:
    """What tells the rooms of an open incident once the transaction has committed; nothing where nothing became less."""
    if not what:
        return []
    victim = row["victim"] and str(row["victim"])
    return [
        Later(KIND, str(row["id"]), now, {
            "order": str(row["id"]), "offender": str(row["offender"]), "victim": victim, "what": list(what), "by": str(by),
        })
    ]  # fmt: skip


def _ends(row: Row) -> float:
    return float("inf") if row["ends_at"] is None else float(row["ends_at"].timestamp())
