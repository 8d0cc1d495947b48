"""Whose ground a point is and who is nearest, without a database."""

import random
import time
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from jikimi.kernel.geodesy import haversine
from jikimi.kernel.ids import derived, uuid7
from jikimi.registry.locate import Jurisdictions, answer, nearest_units
from jikimi.registry.model import Jurisdiction, Unit

AGENCY = UUID(int=1)


def ground(name: str, boundary: BaseGeometry, source: str = "drawn") -> Jurisdiction:
    return Jurisdiction(derived(name), name, AGENCY, source, date(2026, 1, 1), boundary, agency_name="Police")


def names(held: list[Jurisdiction]) -> list[str]:
    return [one.name for one in held]


def unit(callsign: str, lon: float | None = None, lat: float | None = None, **more: Any) -> Unit:
    return Unit(uuid7(), AGENCY, None, more.get("kind", "police"), callsign, more.get("status", "available"), lon, lat,
                position_at=None if lon is None else more.get("at", 100.0))  # fmt: skip


SQUARES = Jurisdictions(
    ground(f"{column}{row}", box(column, row, column + 1, row + 1)) for column in range(3) for row in range(3)
)


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_border_point_belongs_to_exactly_one_of_its_neighbours(column: int, row: int) -> None:
    """Edges and corners, inner and outer, have one owner, and the same at every question."""
    held = SQUARES.at(column / 4, row / 4)
    assert len(held) == 1
    assert held[0].boundary.intersects(Point(column / 4, row / 4))
    assert SQUARES.at(column / 4, row / 4) == held


def test_the_owner_of_a_border_does_not_depend_on_the_order_of_loading() -> None:
    """The same boundaries in any order give the same answers."""
    rows = list(SQUARES.rows)
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        again = Jurisdictions(rows)
        assert all(again.at(x / 4, y / 4) == SQUARES.at(x / 4, y / 4) for x in range(13) for y in range(13))


def test_a_hole_is_not_held() -> None:
    """Inside a hole is nobody's, on its rim is the holder's, and an enclave in it is the enclave's."""
    shell = Polygon(box(0, 0, 10, 10).exterior.coords, [box(4, 4, 6, 6).exterior.coords])
    ring_only = Jurisdictions([ground("ring", shell)])
    assert ring_only.at(5, 5) == []
    assert names(ring_only.at(4, 5)) == ["ring"]
    both = Jurisdictions([ground("ring", shell), ground("enclave", box(4, 4, 6, 6))])
    assert names(both.at(5, 5)) == ["enclave"]
    assert len(both.at(4, 5)) == len(both.at(6, 5)) == len(both.at(6, 6)) == 1


def test_all_parts_of_a_multipolygon_are_held_and_nothing_between() -> None:
    """Islands belong to their jurisdiction, the water between them does not."""
    islands = Jurisdictions([ground("islands", MultiPolygon([box(0, 0, 1, 1), box(3, 0, 4, 1)]))])
    assert names(islands.at(0.5, 0.5)) == names(islands.at(3.5, 0.5)) == ["islands"]
    assert islands.at(2, 0.5) == []


def test_the_smallest_comes_first() -> None:
    """A station inside a district is named before the district, whichever source drew it."""
    nested = Jurisdictions(
        [
            ground("district", box(0, 0, 10, 10)),
            ground("station", box(2, 2, 4, 4), "stations"),
            ground("far", box(20, 0, 21, 1)),
        ]
    )
    assert names(nested.at(3, 3)) == ["station", "district"]
    assert names(nested.at(4, 3)) == ["station", "district"]
    assert names(nested.at(5, 5)) == ["district"]


def test_without_boundaries_nowhere_is_anybodys() -> None:
    """An empty installation answers, and answers nobody."""
    assert Jurisdictions([]).at(127, 37) == []


def test_a_lookup_among_thousands_takes_microseconds() -> None:
    """Five thousand boundaries cost well under a millisecond a question."""
    many = Jurisdictions(ground(str(n), Point(n % 70, n // 70).buffer(0.6)) for n in range(5000))
    start = time.perf_counter()
    for n in range(500):
        many.at(n % 70 + 0.1, n // 10 + 0.1)
    assert (time.perf_counter() - start) / 500 < 0.001


def test_the_nearest_unit_is_the_nearest() -> None:
    """Order and distance agree with great circles, at any latitude and over the date line."""
    roll = random.Random(7)
    for lat in (0.0, 37.5, 65.0):
        for lon in (127.0, 179.99):
            units = [
                unit(f"u{n}", (lon + roll.uniform(-0.1, 0.1) + 180) % 360 - 180, lat + roll.uniform(-0.1, 0.1))
                for n in range(300)
            ]
            true = sorted(haversine(lon, lat, one.lon or 0, one.lat or 0) for one in units)[:5]
            near = nearest_units(units, lon, lat, "police", 5, now=160.0)
            assert [one.distance_m for one in near] == pytest.approx(true, rel=2e-3, abs=1)
            assert all((a.distance_m or 0) <= (b.distance_m or 0) for a, b in pairwise(near))
            assert {one.age_s for one in near} == {60.0}


def test_a_unit_of_unknown_position_is_last_and_never_dropped() -> None:
    """Who never reported a position stands behind everybody who did, without a distance."""
    near = nearest_units([unit("silent"), unit("far", 128.0, 37.0)], 127.0, 37.0, None, 5, now=50.0)
    assert [one.unit.callsign for one in near] == ["far", "silent"]
    assert (near[1].distance_m, near[1].age_s, near[0].age_s) == (None, None, 0.0)


def test_only_the_asked_kind_and_status_is_named() -> None:
    """A probation team is no patrol, and who is off is not offered where only the available are asked for."""
    units = [unit("p", 127, 37), unit("m", 127, 37, kind="probation"), unit("o", 127, 37, status="off")]
    near = nearest_units(units, 127, 37, "police", 5, now=0.0, statuses=("available",))
    assert [one.unit.callsign for one in near] == ["p"]


def test_two_and_a_half_thousand_units_are_ranked_in_two_milliseconds() -> None:
    """A standing plan can afford to rank a whole province's units."""
    roll = random.Random(1)
    units = [unit(f"u{n}", roll.uniform(126, 128), roll.uniform(36, 38)) for n in range(2500)]
    took = []
    for _ in range(20):
        start = time.perf_counter()
        nearest_units(units, 127.0, 37.5, "police", 5, now=0.0)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.002


def test_the_answer_says_null_off_every_boundary() -> None:
    """Nobody's ground is null, not a guess."""
    assert answer(1.0, 2.0, [], []) == {"lon": 1.0, "lat": 2.0, "jurisdiction": None, "units": []}
