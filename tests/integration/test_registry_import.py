"""Documents into the registry, on a real PostgreSQL."""

import time
from typing import Any

from jikimi.kernel.clock import SystemClock
from jikimi.registry.service import import_document
from jikimi.store.database import Database


def many(count: int) -> dict[str, Any]:
    since = "2026-10-01T00:00:00+09:00"
    return {
        "agencies": [
            {"ref": "police", "kind": "police", "name": "P"},
            {"ref": "centre", "kind": "monitoring", "name": "M"},
        ],
        "people": [{"ref": f"p{n}", "agency": "police", "label": f"case {n}"} for n in range(count)],
        "devices": [
            {"ref": f"d{n}", "agency": "centre", "kind": "tag", "external_id": f"tag-{n}", "interval_s": 60}
            for n in range(count)
        ],
        "carries": [{"device": f"d{n}", "person": f"p{n}", "since": since} for n in range(count)],
        "orders": [
            {
                "police_agency": "police", "monitoring_agency": "centre", "regime": "kr", "offender": f"p{n}",
                "victim": f"p{(n + 1) % count}", "from": since, "radius_m": 100,
                "places": [{"kind": "home", "lon": 127.0, "lat": 37.5, "radius_m": 100}],
            }
            for n in range(count)
        ],
    }  # fmt: skip


async def test_two_thousand_people_are_entered_in_seconds(service: Database) -> None:
    """2,000 people, devices, carries and orders in one document take less than three seconds."""
    document = many(2000)
    start = time.perf_counter()
    imported = await import_document(service, SystemClock(), None, document)
    took = time.perf_counter() - start
    print("took", took)
    assert imported.created == {"agencies": 2, "people": 2000, "devices": 2000, "carries": 2000, "orders": 2000}
    assert took < 3
