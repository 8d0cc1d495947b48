"""Who is registered for a bench: pairs with devices, units with officers. It must never be mistaken for people."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any

from jikimi.cli.bench.installation import Installation
from jikimi.kernel.clock import SystemClock, iso
from jikimi.kernel.geodesy import shifted
from jikimi.registry.service import import_document
from jikimi.store.database import Database
from jikimi.vault import Vault

LON, LAT, SPAN_M = 127.0, 37.5, 60_000.0


@dataclass(frozen=True, slots=True)
class Party:
    """A device with its key and the place it starts from."""

    device: str
    key: str
    person: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Offender and victim of one order."""

    offender: Party
    victim: Party


@dataclass(frozen=True, slots=True)
class Officer:
    """An account of a unit."""

    name: str
    password: str
    unit: str


@dataclass(frozen=True, slots=True)
class Town:
    """Everything the bench registered."""

    pairs: list[Pair]
    officers: list[Officer]


def settle(installation: Installation, apart_m: list[float], units: int, seed: int = 7) -> Town:
    """Register one pair for each distance in ``apart_m`` and ``units`` officers of each agency, all available."""
    return asyncio.run(_settle(installation, apart_m, units, Random(seed)))


async def _settle(installation: Installation, apart_m: list[float], units: int, random: Random) -> Town:
    police = installation.call("GET", "/api/me", token=installation.token("police-registrar"))["agency"]
    justice = installation.call("GET", "/api/me", token=installation.token("monitoring-registrar"))["agency"]
    custody, clock = Vault(installation.data).custody(), SystemClock()
    database = Database(installation.database_url, "service", 1, custody=custody)
    since = iso(clock.unix() - 3600)
    pairs: list[Pair] = []
    try:
        for begin in range(0, len(apart_m), 500):
            pairs += await _pairs(database, apart_m[begin : begin + 500], begin, police, justice, since, random)
        officers = await _officers(database, units, police, justice, random)
    finally:
        await database.close()
    return Town(pairs, officers)


async def _pairs(
    database: Database, apart_m: list[float], first: int, police: str, justice: str, since: str, random: Random
) -> list[Pair]:
    document: dict[str, Any] = {"people": [], "devices": [], "carries": [], "orders": []}
    places: dict[str, tuple[float, float]] = {}
    for index, apart in enumerate(apart_m, first):
        here = _somewhere(random)
        places[f"O{index}"], places[f"V{index}"] = here, shifted(*here, apart, 0.0)
        for letter, agency, kind in (("O", justice, "tag"), ("V", police, "watch")):
            name = f"{letter}{index}"
            document["people"].append({"ref": f"p{name}", "label": name, "agency": agency})
            document["devices"].append(
                {"ref": f"d{name}", "kind": kind, "external_id": name, "interval_s": 60, "agency": agency}
            )
            document["carries"].append({"device": f"d{name}", "person": f"p{name}", "since": since, "agency": agency})
        document["orders"].append({
            "regime": "kr", "article": "bench", "arrestable": True, "offender": f"pO{index}", "victim": f"pV{index}",
            "police_agency": police, "monitoring_agency": justice, "from": since, "radius_m": 100,
        })  # fmt: skip
    entered = await import_document(database, SystemClock(), None, document)
    keys = {device.external_id: device.key for device in entered.devices}
    return [
        Pair(*(Party(f"{x}{i}", keys[f"{x}{i}"], str(entered.ids[f"p{x}{i}"]), *places[f"{x}{i}"]) for x in "OV"))
        for i in range(first, first + len(apart_m))
    ]


async def _officers(database: Database, units: int, police: str, justice: str, random: Random) -> list[Officer]:
    now = iso(SystemClock().unix())
    document: dict[str, Any] = {"units": [], "accounts": []}
    for kind, agency, role in (("police", police, "police_officer"), ("probation", justice, "probation_officer")):
        for number in range(units):
            lon, lat = _somewhere(random)
            document["units"].append({
                "ref": f"{kind}{number}", "agency": agency, "kind": kind, "callsign": f"{kind}-{number}",
                "status": "available", "position": {"lon": lon, "lat": lat, "sigma_m": 5.0, "at": now},
            })  # fmt: skip
            document["accounts"].append(
                {"name": f"bench-{kind}-{number}", "role": role, "unit": f"{kind}{number}", "agency": agency}
            )
    entered = await import_document(database, SystemClock(), None, document)
    unit_of = {f"bench-{ref.rstrip('0123456789')}-{ref[len(ref.rstrip('0123456789')):]}": identifier
               for ref, identifier in entered.ids.items()}  # fmt: skip
    return [Officer(one.name, one.password, str(unit_of[one.name])) for one in entered.accounts]


def _somewhere(random: Random) -> tuple[float, float]:
    return shifted(LON, LAT, random.uniform(-SPAN_M, SPAN_M), random.uniform(-SPAN_M, SPAN_M))
