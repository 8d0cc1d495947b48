"""A live line as the desk speaks it, of a room with a flood of incidents over five thousand moving wearers."""

import asyncio
import json
import math
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.conftest import free_port

WEARERS = 5000
UNITS = 60
EVERY_S = 60.0
"""A wearer's own reporting interval; whoever is in an open incident reports each second."""


def _id(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 64) + number))


@dataclass
class Crowd:
    """Five thousand wearers; the first ``incidents`` of them are on their way to whom they must keep away from.

    A desk tells a room of nobody outside its incidents: this line tells more than it ever would.
    """

    incidents: int
    agency: str

    def sights(self) -> list[dict[str, Any]]:
        """The queue's rows, as the overview gives them."""
        now = time.time()
        return [
            {
                "id": _id(1, n), "offender": _id(2, n), "victim": _id(3, n), "offender_label": f"O-{n:04}",
                "victim_label": f"V-{n:04}", "priority": n % 3, "dispatch_code": 1, "status": "Active", "opened_at": now - n,
                "code": "A06", "grade": "live", "state": "DANGER", "at": now, "cleared_at": None, "article": "x",
                "arrestable": True, "regime": "kr", "radius_m": 100.0, "station_name": None, "police_agency": self.agency,
                "monitoring_agency": None, "owners": [],
            }
            for n in range(self.incidents)
        ]  # fmt: skip

    def whole(self, incident: str) -> dict[str, Any]:
        """One of them as the room opens it."""
        nothing = dict.fromkeys(("order", "offender", "victim", "closed_at", "cause", "response", "outcome"))
        return {**nothing, "id": incident, "pair": incident, "priority": 1, "dispatch_code": 1, "status": "Active",
                "opened_at": time.time() - 60, "alerts": [], "taskings": [], "said": []}  # fmt: skip

    def frames(self, second: int) -> list[dict[str, Any]]:
        """What the desk says in one second: a beat, units, each pair and its people, and whoever else reports."""
        now = time.time()
        said: list[dict[str, Any]] = [{"type": "beat", "at": now, "facts_age_s": 0.1}]
        said.append({"type": "units", "at": now, "units": [self._unit(n, second) for n in range(UNITS)]})
        for n in range(self.incidents):
            apart = max(80.0, 2500.0 - 8.0 * second - 3 * n)
            said.append({
                "type": "pair", "incident": _id(1, n), "at": now, "distance_m": apart, "sigma_m": 14.0, "closing_mps": 8.0,
                "trend": "closing", "time_to_contact_s": apart / 8, "assumed": False, "offender_age_s": 0.4,
                "victim_age_s": 0.8,
            })  # fmt: skip
            said.append(self._target(n, _position(2, n, now, apart), _position(3, n, now, 0.0)))
        share = int(WEARERS / EVERY_S)
        others = (n % WEARERS for n in range(self.incidents + second * share, self.incidents + (second + 1) * share))
        return said + [self._target(n, _position(2, n, now, 5000.0 + 9 * second)) for n in others]

    def _target(self, n: int, *positions: dict[str, Any]) -> dict[str, Any]:
        return {"type": "target", "incident": _id(1, n), "positions": list(positions)}

    def _unit(self, n: int, second: int) -> dict[str, Any]:
        lon, lat = _home(n)
        here = n < self.incidents
        return {
            "unit": _id(4, n), "kind": "police" if n % 2 else "probation", "callsign": f"P-{n}", "status": "busy",
            "lon": lon + 0.00005 * second, "lat": lat + 0.004, "sigma_m": 5.0, "age_s": 2.0,
            "incident": _id(1, n) if here else None, "toward": "victim" if here else None,
            "state": "en_route" if here else None, "distance_m": 700.0 if here else None, "eta_s": 70.0 if here else None,
        }  # fmt: skip


def _home(n: int) -> tuple[float, float]:
    place = random.Random(n)
    return place.uniform(126.6, 129.0), place.uniform(35.0, 37.8)


def _position(kind: int, n: int, now: float, east_m: float) -> dict[str, Any]:
    lon, lat = _home(n)
    return {
        "subject": _id(kind, n), "t": now, "lon": round(lon + east_m / (111_195 * math.cos(math.radians(lat))), 7),
        "lat": lat, "sigma_m": 9.0, "age_s": 0.2, "speed_mps": None, "course_deg": None,
    }  # fmt: skip


@contextmanager
def speaking(crowd: Crowd) -> Iterator[int]:
    """A line that says it, second by second; gives the port it listens at on this machine."""
    port, over = free_port(), threading.Event()

    async def line(socket: ServerConnection) -> None:
        listening = asyncio.create_task(_hear(socket))
        with suppress(ConnectionClosed):
            hello = {"type": "welcome", "feed": "room", "seq": 0, "after": 0, "at": time.time(), "open": []}
            await socket.send(json.dumps(hello).encode())
            for second in range(100_000):
                began = time.monotonic()
                for frame in crowd.frames(second):
                    await socket.send(json.dumps(frame).encode())
                await asyncio.sleep(max(0.0, 1.0 - (time.monotonic() - began)))
        listening.cancel()

    async def run() -> None:
        async with serve(line, "127.0.0.1", port):
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield port
    finally:
        over.set()
        thread.join()


async def _hear(socket: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        async for _ in socket:
            pass
