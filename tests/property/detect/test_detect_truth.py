"""What is true is told, and what is false is never proven, whatever ways two people take."""

from itertools import pairwise
from math import ceil, hypot
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.scene import HER, HIM, T0, Scene, fix, order

STEP_S = 30.0
Way = list[tuple[float, float]]


def ways(low: float, high: float) -> st.SearchStrategy[Way]:
    """Offsets of him from her every half minute, at a distance between ``low`` and ``high`` metres."""
    at = st.tuples(st.floats(low, high), st.floats(0.0, 6.28))
    return st.lists(at, min_size=4, max_size=20)


def play(apart: Way, steady: float, sigma: float = 5.0) -> Scene:
    """She walks east; he is where he is from her; both report every half minute with honest errors of nothing."""
    from math import cos, sin  # noqa: PLC0415 - only here

    scene = Scene(order())
    for number, (away, turn) in enumerate(apart):
        at = STEP_S * number
        her = steady * at
        scene.sees(fix(HER, at, her, sigma=sigma), fix(HIM, at, her + away * cos(turn), away * sin(turn), sigma=sigma))
    scene.tick(STEP_S * len(apart) + 300.0)
    return scene


@settings(max_examples=60, deadline=None)
@given(ways(0.0, 80.0), st.floats(0.0, 1.4))
def test_nobody_is_within_the_radius_for_a_minute_untold(apart: Way, steady: float) -> None:
    """Inside r - e with fresh data: a breach is told at the first point."""
    scene = play(apart, steady)
    assert scene.alerts("A02")[0].decided_at == T0


@settings(max_examples=60, deadline=None)
@given(ways(130.0, 900.0), st.floats(0.0, 1.4))
def test_nobody_outside_the_radius_is_proven_inside(apart: Way, steady: float) -> None:
    """Outside r + e at every point: never a breach of evidence grade."""
    assert play(apart, steady).alerts("A02", grade="evidence") == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(60.0, 200.0), min_size=6, max_size=20))
def test_evidence_has_two_settled_points_inside(apart: list[float]) -> None:
    """A row of evidence grade stands only where two points in a row, half a minute apart, were inside."""
    scene = play([(away, 0.0) for away in apart], 0.0)
    proven = scene.alerts("A02", grade="evidence")
    inside = any(a < 100.0 and b < 100.0 for a, b in pairwise(apart))
    assert inside or not proven
    assert all(hypot(one.distance_m or 0.0, 0.0) < 100.0 for one in proven)


@settings(max_examples=80, deadline=None)
@given(
    st.floats(125.0, 700.0), st.lists(st.tuples(st.integers(1200, 5400), st.floats(0.0, 45.0)), min_size=2, max_size=4),
    st.sampled_from([5, 10, 15, 30]), st.sampled_from([5, 10, 15, 30]), st.sampled_from([0.0, 4.0, 8.0]), st.integers(0, 2**32),
)  # fmt: skip
def test_every_visit_of_a_neighbour_is_told_within_a_minute(
    home: float, visits: list[tuple[int, float]], his_pace: int, her_pace: int, sigma: float, seed: int
) -> None:
    """However near he lives, however often he has come today, and however unlike the paces of their devices."""
    chance, scene, at, entries = Random(seed), Scene(order()), 0, []
    knots = [(0, home)]
    for rests, there in visits:
        at += rests
        knots.append((at, home))
        walk = ceil((home - there) / 1.4)
        entries.append(at + ceil((home - 100.0) / 1.4))
        knots += [(at + walk, there), (at + walk + 300, there), (at + 2 * walk + 300, home)]
        at += 2 * walk + 300
    where = dict[int, float]()
    for (a, x), (b, y) in pairwise(knots):
        where |= {t: x + (y - x) * (t - a) / (b - a) for t in range(a, b)}

    def off() -> float:
        return chance.gauss(0.0, sigma)

    for t in range(at):
        if t % her_pace == 0:
            scene.sees(fix(HER, t, off(), off(), sigma=max(5.0, sigma)))
        if t % his_pace == 3 % his_pace:
            scene.sees(fix(HIM, t, where[t] + off(), off(), sigma=max(5.0, sigma)))
    told = [a.decided_at - T0 for a in scene.alerts() if a.grade == "live" and a.reason["priority"] in {"P0", "P1"}]
    for entry in entries:
        assert any(entry - 900 <= one <= entry + 60 for one in told), (entry, told)
