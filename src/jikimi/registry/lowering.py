"""An order that protects less than it did, told to the rooms. It must never be refused: a court may lower what it ordered.

What became less is said by name, never by value: a place's shape and a new radius near it could show where it is.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from jikimi.registry.tables import Row
from jikimi.store.due import Later

KIND: Final = "order-lowered"


def lowered(before: Row, after: Row, places: Sequence[Row], kept: Sequence[Row]) -> list[str]:
    """What of an order became less from one version to the next; ``places`` and ``kept`` are its places then and now."""
    found = {
        "radius": after["radius_m"] < before["radius_m"],
        "end": _ends(after) < _ends(before),
        "suspension": any(span not in before["suspensions"] for span in after["suspensions"]),
        "schedule": after["schedule"] is not None and after["schedule"] != before["schedule"],
        "monitored": before["monitored"] and not after["monitored"],
        "places": any(place not in kept for place in places),
    }
    return [name for name, less in found.items() if less]


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
