"""A scenario as files, in exactly the formats of `jikimi replay`, and the truth beside.

It must never put the truth into a file that replay reads.
"""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from jikimi.simulate.scenario import Order, Scenario
from jikimi.simulate.track import Track
from jikimi.simulate.values import Fix

HEAD = "subject,t,lon,lat,accuracy_m,source,received_t\n"


def write_fixes(scenario: Scenario, seed: int, path: Path) -> int:
    """F, CSV in the order of arrival; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for fix in scenario.fixes(seed):
            file.write(_row(fix, scenario.t0))
            count += 1
    return count


def _row(fix: Fix, t0: float) -> str:
    claimed = "" if fix.accuracy_m is None else fix.accuracy_m
    t, received = t0 + fix.t, t0 + fix.received_t
    return f"{fix.subject},{t:.3f},{fix.lon:.7f},{fix.lat:.7f},{claimed},{fix.source},{received:.3f}\n"


def orders(scenario: Scenario) -> list[dict[str, Any]]:
    """O, as replay reads it."""
    return [_order(order, scenario) for order in scenario.orders]


def _order(order: Order, scenario: Scenario) -> dict[str, Any]:
    places = []
    for place in order.places:
        lon, lat = scenario.town.lonlat(place.at)
        places.append({"id": place.id, "kind": place.kind, "lon": lon, "lat": lat, "radius_m": place.radius_m})
    return {
        "order": order.order, "regime": "kr", "offender": order.offender, "victim": order.victim,
        "from": scenario.t0 + order.start, "until": None if order.until is None else scenario.t0 + order.until,
        "radius_m": order.radius_m, "places": places,
        "suspensions": [{"from": scenario.t0 + a, "until": scenario.t0 + b} for a, b in order.suspensions],
    }  # fmt: skip


def events(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """E, as replay reads it."""
    for one in scenario.events:
        said = {"t": scenario.t0 + one.t, "received_t": scenario.t0 + max(one.t, one.received_t)}
        yield {**said, "subject": one.subject, "kind": one.kind, "value": one.value}


def truth(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """T: one line a person with the knots of the true track, then one line a true approach."""
    for one in scenario.people:
        yield {"kind": "track", "subject": one.subject, "knots": _knots(one.track, scenario)}
    for approach in scenario.approaches():
        said = approach._asdict()
        said |= {"begin": scenario.t0 + approach.begin, "end": scenario.t0 + approach.end}
        yield {"kind": "approach", **said, "least_m": round(approach.least_m, 2)}


def _knots(track: Track, scenario: Scenario) -> list[list[float]]:
    found = []
    for t, point in zip(track.times, track.points, strict=True):
        lon, lat = scenario.town.lonlat(point)
        found.append([round(scenario.t0 + t, 3), round(lon, 7), round(lat, 7)])
    return found


def write_lines(lines: Iterator[dict[str, Any]], path: Path) -> int:
    """JSON lines; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, line in enumerate(chain(lines), 1):  # noqa: B007 - the count is what is returned
            file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
    return count
