"""A small registry that the registry's tests share: two agencies with one order between them, and a third with none."""

from copy import deepcopy
from typing import Any
from uuid import UUID

from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import SystemClock
from jikimi.kernel.ids import uuid7
from jikimi.kernel.units import UnixTime
from jikimi.registry import schemas
from jikimi.registry.model import Imported
from jikimi.registry.service import import_document
from jikimi.store.database import Database

SINCE = "2026-10-01T00:00:00+09:00"
CLOCK = SystemClock()

WORLD: dict[str, Any] = {
    "agencies": [
        {"ref": "police", "kind": "police", "name": "Hanbit Police"},
        {"ref": "centre", "kind": "monitoring", "name": "Hanbit Monitoring"},
        {"ref": "others", "kind": "police", "name": "Daon Police"},
    ],
    "stations": [{"ref": "station", "agency": "police", "name": "Hanbit Station", "lon": 127.0, "lat": 37.5}],
    "units": [
        {
            "ref": "patrol", "agency": "police", "station": "station", "kind": "police", "callsign": "P-1",
            "status": "available", "position": {"lon": 127.001, "lat": 37.5, "sigma_m": 5, "at": SINCE},
        },
        {"ref": "team", "agency": "centre", "kind": "probation", "callsign": "M-1", "status": "available"},
        {"ref": "stranger", "agency": "others", "kind": "police", "callsign": "X-1", "status": "available"},
    ],
    "people": [
        {"ref": "he", "agency": "police", "label": "case 1 respondent"},
        {"ref": "she", "agency": "police", "label": "case 1 protected"},
        {"ref": "neighbour", "agency": "police", "label": "case 2"},
        {"ref": "foreign", "agency": "others", "label": "case 3"},
    ],
    "devices": [
        {"ref": "tag", "agency": "centre", "kind": "tag", "external_id": "tag-1", "interval_s": 60},
        {"ref": "watch", "agency": "police", "kind": "watch", "external_id": "watch-1", "interval_s": 30},
    ],
    "carries": [
        {"ref": "worn", "device": "tag", "person": "he", "since": SINCE},
        {"device": "watch", "person": "she", "since": SINCE},
    ],
    "orders": [
        {
            "ref": "order", "police_agency": "police", "monitoring_agency": "centre", "regime": "kr",
            "article": "스토킹범죄의 처벌 등에 관한 법률 제9조제1항제2호", "arrestable": True, "offender": "he",
            "victim": "she", "from": SINCE, "until": "2027-01-01T00:00:00+09:00", "radius_m": 100,
            "rings_m": [2000, 1000],
            "places": [
                {"kind": "work", "lon": 127.01, "lat": 37.51, "radius_m": 100},
                {"kind": "shelter", "secret": True, "lon": 127.02, "lat": 37.52, "radius_m": 150},
            ],
        }
    ],
}  # fmt: skip


class HandClock:
    """A clock that stands still until it is set."""

    def __init__(self, at: float = 1_791_000_000.0) -> None:
        self.at = at

    def unix(self) -> UnixTime:
        """Tell what was set."""
        return UnixTime(self.at)


def world(**changed: Any) -> dict[str, Any]:
    """A copy of the document, lists replaced as named."""
    return {**deepcopy(WORLD), **changed}


async def built(service: Database) -> Imported:
    """Enter it as the operator."""
    return await import_document(service, CLOCK, None, world())


def actor(agency: UUID, role: Role = Role.REGISTRAR, unit: UUID | None = None) -> Actor:
    """Somebody signed in."""
    return Actor(uuid7(), agency, role, unit, "somebody", uuid7())


def test_the_world_is_a_document() -> None:
    """What the registry's tests stand on passes its own schema."""
    assert len(schemas.read(world()).orders) == 1
