"""Distances: against known values, and against each other within the stated bounds."""

from math import radians, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.kernel import geodesy as g

LONS, LATS = st.floats(-179.9, 179.9), st.floats(-80.0, 80.0)


def test_a_degree_of_latitude_and_half_the_world() -> None:
    """A degree along a meridian and an antipode are what the mean radius says."""
    assert g.haversine(127, 37, 127, 38) == pytest.approx(111_195.08, abs=0.01)
    assert g.haversine(0, 0, 180, 0) == pytest.approx(3.14159265 * g.EARTH_M, rel=1e-8)
    assert g.haversine(127, 37, 127, 37) == 0.0


@given(LONS, LATS, st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_the_plane_is_the_sphere_within_its_bound(lon: float, lat: float, east: float, north: float) -> None:
    """Over two kilometres the plane at the middle latitude differs from the sphere by no more than stated."""
    far_lon, far_lat = g.shifted(lon, lat, east, north)
    sphere = g.haversine(lon, lat, far_lon, far_lat)
    bound = sphere**3 / (8 * g.EARTH_M**2) * (1 + tan(radians(max(abs(lat), abs(far_lat)))) ** 2)
    assert g.distance(lon, lat, far_lon, far_lat) == pytest.approx(sphere, abs=bound + 1e-3)
    assert g.distance(lon, lat, far_lon, far_lat) == pytest.approx((east**2 + north**2) ** 0.5, abs=0.01)


def test_the_date_line_is_no_distance() -> None:
    """Longitudes on either side of 180 are neighbours."""
    assert g.distance(179.999, 0, -179.999, 0) == pytest.approx(222.39, abs=0.01)
    assert g.turn(-359.0) == 1.0
    assert g.turn(359.0) == -1.0
    assert g.turn(5.0) == 5.0


def test_a_point_and_a_segment() -> None:
    """Beside, beyond either end, and a segment that is a point."""
    assert g.point_to_segment(5, 3, 0, 0, 10, 0) == pytest.approx(3)
    assert g.point_to_segment(-3, 4, 0, 0, 10, 0) == pytest.approx(5)
    assert g.point_to_segment(13, 4, 0, 0, 10, 0) == pytest.approx(5)
    assert g.point_to_segment(3, 4, 0, 0, 0, 0) == pytest.approx(5)


def test_segments_that_cross() -> None:
    """A proper crossing is one; parallel or touching segments are not."""
    assert g.segments_cross((0, -1), (0, 1), (-1, 0), (1, 0))
    assert not g.segments_cross((0, 1), (0, 2), (-1, 0), (1, 0))
    assert not g.segments_cross((0, 0), (1, 0), (0, 1), (1, 1))


def test_closest_approach() -> None:
    """Head on they meet, abreast they pass at their offset, at rest nothing changes, and not before now."""
    assert g.closest_approach(100, 0, -10, 0, 60) == (0.0, 10.0)
    assert g.closest_approach(100, 30, -10, 0, 60) == (30.0, 10.0)
    assert g.closest_approach(100, 0, 0, 0, 60) == (100.0, 0.0)
    assert g.closest_approach(100, 0, 10, 0, 60) == (100.0, 0.0)
    assert g.closest_approach(1000, 0, -10, 0, 60) == (400.0, 60.0)
