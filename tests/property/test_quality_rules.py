"""The swept rules of others against those rules fix by fix, and truth against looking every second."""

from itertools import pairwise
from math import hypot

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jikimi.cli.bench.peers import Edge, FixedRadius
from jikimi.cli.bench.quality_rules import SWEPT, Rule, raises, series
from jikimi.cli.bench.quality_tracks import BRIDGED_S, Recorded, approaches
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN, shifted

LON, LAT = 127.0, 37.5
_METRES = st.integers(-1200, 1200).map(float)


@st.composite
def days(draw: st.DrawFn, least: int = 0) -> Recorded:
    """Fixes of one person at whole seconds, near one place."""
    t = sorted(draw(st.sets(st.integers(0, 900), min_size=least, max_size=25)))
    places = [shifted(LON, LAT, draw(_METRES), draw(_METRES)) for _ in t]
    return Recorded(*(np.array(axis, float) for axis in (t, [p[0] for p in places], [p[1] for p in places])))


def by_fix(rule: Rule, a: Recorded, b: Recorded) -> list[float]:
    """The times at which the rule of `bench detect` raises."""
    partner = {"a": "b", "b": "a"}
    one = Edge(partner, rule.radius_m) if rule.edge else FixedRadius(partner, rule.radius_m, rule.points)
    fixes = sorted(
        [(t, "a", lon, lat) for t, lon, lat in zip(*a, strict=True)]
        + [(t, "b", lon, lat) for t, lon, lat in zip(*b, strict=True)],
        key=lambda fix: fix[:2],
    )
    found = []
    for t, who, lon, lat in fixes:
        before = one.alerts
        one.fix(who, float(lon), float(lat))
        found += [float(t)] * (one.alerts - before)
    return found


@given(days(), days(), st.sampled_from(SWEPT))
def test_a_swept_rule_raises_where_the_rule_does(a: Recorded, b: Recorded, rule: Rule) -> None:
    """Worked out over the whole recording or fix by fix: the same times."""
    assert raises(rule, series(a, b)) == by_fix(rule, a, b)


def _seen(a: Recorded, b: Recorded, t: float) -> float | None:
    """The distance at a second, both on straight lines between fixes at most two minutes apart."""
    places = []
    for one in (a, b):
        knots = [(x, y) for x, y in pairwise(range(len(one.t))) if one.t[x] <= t <= one.t[y]]
        if not knots or all(one.t[y] - one.t[x] > BRIDGED_S for x, y in knots):
            return None
        places.append((np.interp(t, one.t, one.lon), np.interp(t, one.t, one.lat)))
    (x, y), (u, v) = places
    return hypot((x - u) * METRES_PER_DEGREE * np.cos(v * RADIAN), (y - v) * METRES_PER_DEGREE)


@given(days(1), days(1))
def test_truth_is_where_looking_finds_it(a: Recorded, b: Recorded) -> None:
    """Looked at every five seconds, they are within the radius where the truth says, and elsewhere never for a minute."""
    found, least = approaches(a, b, 300.0)
    since: float | None = None
    for second in range(0, 900, 5):
        away = _seen(a, b, float(second))
        told = any(begin <= second <= end for begin, end, _ in found)
        if away is None or away > 300.5:
            assert not told or away is None
            since = None
        elif away < 299.5:
            since = float(second) if since is None else since
            assert told or second - since < 60.0
            assert least <= away + 0.5
    assert all(end - begin >= 60.0 for begin, end, _ in found)
