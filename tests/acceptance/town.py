"""Two agencies' registrars enter a few invented people, over HTTP and nothing else."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.running import Jikimi

PAIRS = 6
SHELTERED = 5
"""The pair whose victim is at a secret place."""
LON, LAT = 126.98765, 37.56123
STEP = 0.05
"""Degrees between two pairs: far enough that none meets another."""


@dataclass
class Town:
    """Keys by device, ids by ref, tokens by sign-in."""

    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def place(self, pair: int) -> tuple[float, float]:
        """Where a pair's victim is."""
        return LON + STEP * pair, LAT


def enter(jikimi: Jikimi, since: str = "", now: str = "") -> Town:
    """Everything the approaches need; the police registrar enters both parties, as on a night without a match.

    ``since`` and ``now`` are RFC 3339, where the clock is not the machine's.
    """
    since = since or (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    now = now or datetime.now(UTC).isoformat()
    town = Town()
    for name in jikimi.sign_ins:
        town.tokens[name] = jikimi.token(name)
    monitoring = jikimi.call("GET", "/api/me", token=town.tokens["monitor"])[1]["agency"]
    document: dict[str, list[dict[str, Any]]] = {"people": [], "devices": [], "carries": [], "orders": []}
    for pair in range(PAIRS):
        for letter, kind in (("O", "tag"), ("V", "watch")):
            name = f"{letter}{pair}"
            document["people"].append({"ref": name, "label": name})
            document["devices"].append({"ref": f"d{name}", "kind": kind, "external_id": name, "interval_s": 60})
            document["carries"].append({"device": f"d{name}", "person": name, "since": since})
        document["orders"].append({
            "ref": f"order{pair}", "regime": "kr", "article": "제9조제1항제2호", "arrestable": True, "offender": f"O{pair}",
            "victim": f"V{pair}", "monitoring_agency": monitoring, "from": since, "radius_m": 100,
        })  # fmt: skip
    lon, lat = town.place(SHELTERED)
    document["orders"][SHELTERED]["places"] = [
        {"kind": "shelter", "secret": True, "lon": lon, "lat": lat, "radius_m": 60}
    ]
    document["people"].append({"ref": "alone", "label": "alone"})
    document["devices"].append({"ref": "dalone", "kind": "watch", "external_id": "alone", "interval_s": 60})
    document["carries"].append({"device": "dalone", "person": "alone", "since": since})
    status, said = jikimi.call("POST", "/api/registry/import", document, town.tokens["police-registrar"])
    assert status == 200, said
    town.ids = said["ids"]
    town.keys = {device["external_id"]: device["key"] for device in said["devices"]}
    for name in ("police-officer", "probation-officer"):
        unit = town.units[name] = jikimi.call("GET", "/api/me", token=town.tokens[name])[1]["unit"]
        here = {"lon": LON, "lat": LAT + 0.01, "sigma_m": 5.0, "at": now}
        assert jikimi.call("PUT", f"/api/units/{unit}/position", here, town.tokens[name])[0] == 200
        assert jikimi.call("PUT", f"/api/units/{unit}/status", {"status": "available"}, town.tokens[name])[0] == 204
    time.sleep(2)  # what was entered reaches the log row by row: a device may be known before whose it is
    return town
