"""The truth beside a simulation against looking every few seconds, and ways against the river."""

from itertools import pairwise
from math import hypot
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from jikimi.simulate.town import Town
from jikimi.simulate.track import CAR, WALK, Journey, Track
from jikimi.simulate.truth import COUNTS_FROM_S, within

_TOWN = Town()
_METRES = st.integers(-1500, 1500).map(float)
_POINTS = st.tuples(_METRES, _METRES)
_STEP_S = 5.0


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """A few straight legs of a minute or more each."""
    points = draw(st.lists(_POINTS, min_size=2, max_size=5))
    legs = draw(st.lists(st.integers(60, 300), min_size=len(points), max_size=len(points)))
    times = [float(sum(legs[:at])) for at in range(len(points))]
    return Track(tuple(times), tuple(points))


@given(tracks(), tracks(), st.sampled_from([100.0, 400.0]))
def test_every_stay_is_found_and_no_other(a: Track, b: Track, radius_m: float) -> None:
    """Sampled finely, the two are within the radius where the truth says so, and nowhere else for a minute."""
    found = within(a, b, radius_m, (0.0, 900.0))
    inside_since: float | None = None
    # Between two knots they come nearer and then part: whoever is inside at two looks was inside between them.
    looks = {tick * _STEP_S for tick in range(int(900.0 / _STEP_S))} | {t for t in (*a.times, *b.times) if t < 900.0}
    for t in sorted(looks):
        (ax, ay), (bx, by) = a.at(t), b.at(t)
        apart = hypot(ax - bx, ay - by)
        told = any(begin <= t <= end for begin, end, _ in found)
        if apart > radius_m + 1e-6:
            assert not told
            inside_since = None
        elif apart < radius_m - 1e-6:
            inside_since = t if inside_since is None else inside_since
            assert told or t - inside_since < COUNTS_FROM_S
    for begin, end, least in found:
        assert end - begin >= COUNTS_FROM_S
        assert least <= radius_m + 1e-6


@given(_POINTS, _POINTS)
@example((0.0, 90.0), (76.0, -90.0))
def test_nobody_swims(start: tuple[float, float], end: tuple[float, float]) -> None:
    """Whoever starts and ends on dry ground crosses the river on bridges only."""
    south, north = _TOWN.banks_m
    if any(south < y < north for _, y in (start, end)):
        return
    way = _TOWN.way(start, end)
    assert (way[0], way[-1]) == (start, end)
    for (ax, ay), (bx, by) in pairwise(way):
        if min(ay, by) < north and max(ay, by) > south:
            assert ax == bx
            assert ax % _TOWN.bridge_m == 0.0


@given(_POINTS, st.integers(0, 1000))
def test_time_never_runs_back(end: tuple[float, float], seed: int) -> None:
    """However a day goes, every knot is later than the one before, and the journey ends where it was to."""
    track = Journey(_TOWN, (300.0, 450.0), Random(seed)).stay(30).go(end, CAR).stay(0).go((0.0, 300.0), WALK).track()
    assert all(a < b for a, b in pairwise(track.times))
    assert track.points[-1] == (0.0, 300.0)
