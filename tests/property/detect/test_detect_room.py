"""The room of the settled lane: who is passed over loses nothing, and costs nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.scene import HER, HIM, Scene, circle, fix, order

from jikimi.detect.decisions import Alert
from jikimi.detect.history import Past

ZONES = [
    circle("school", "school", 3000, 0), circle("home", "home", -2000, 1500), circle("gu", "residence", 0, radius_m=5000.0),
]  # fmt: skip
SPOTS = st.sampled_from([(0.0, 0.0), (40.0, 20.0), (3000.0, 30.0), (-2000.0, 1480.0), (9000.0, 400.0), (20_000.0, 0.0)])
PATH = st.lists(st.tuples(SPOTS, st.integers(2, 6)), min_size=2, max_size=5)


def _walk(path: list[tuple[tuple[float, float], int]], mps: float) -> list[tuple[float, float]]:
    """A position a minute: stays at each spot, and goes to the next at ``mps``."""
    found: list[tuple[float, float]] = []
    for (spot, minutes), (then, _) in zip(path, [*path[1:], path[-1]], strict=True):
        found += [(spot[0] + 5 * (i % 3), spot[1]) for i in range(minutes)]
        steps = int(max(abs(then[0] - spot[0]), abs(then[1] - spot[1])) / (60 * mps))
        found += [
            (spot[0] + (then[0] - spot[0]) * i / (steps + 1), spot[1] + (then[1] - spot[1]) * i / (steps + 1))
            for i in range(1, steps + 1)
        ]
    return found


def _evidence(his: list[tuple[float, float]], hers: list[tuple[float, float]]) -> list[tuple[str, float, str | None]]:
    scene = Scene(order(places=ZONES))
    for minute in range(max(len(his), len(hers))):
        scene.sees(fix(HER, minute * 60, *hers[min(minute, len(hers) - 1)]))
        scene.sees(fix(HIM, minute * 60 + 30, *his[min(minute, len(his) - 1)]))
    scene.tick(scene.clock + 600)
    return [(a.code, a.at, a.place) for a in scene.said if isinstance(a, Alert) and a.grade == "evidence"]


@settings(max_examples=60, deadline=None)
@given(PATH, PATH, st.sampled_from([1.4, 8.0, 17.0]))
def test_passing_over_changes_no_evidence(
    his: list[tuple[tuple[float, float], int]], hers: list[tuple[tuple[float, float], int]], mps: float
) -> None:
    """What is proven is the same whether every settled fix is looked at or only those that left their room."""
    a, b = _walk(his, mps), _walk(hers, 1.4)[:200]
    told = _evidence(a, b)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Past, "stays", lambda _self, _lon, _lat: False)
        assert _evidence(a, b) == told


def test_who_stays_is_not_looked_at_again() -> None:
    """Two people at rest far apart are compared once, not at every fix."""
    scene = Scene(order())
    scene.stand(0, 3600, (20_000, 0), (0, 0))
    scene.tick(4000)
    subjects = scene.engine._world.subjects
    pasts = [subjects[who].past for who in (HIM, HER)]
    assert all(past is not None and past.room > 1000 and past.last > past.t + 3000 for past in pasts)
