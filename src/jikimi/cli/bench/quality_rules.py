"""The rules of `peers` over a whole recording at once, swept. They must raise exactly where those would.

The distance of a pair after each fix is worked out once; a rule then is a threshold on it.
"""

from typing import Final, NamedTuple

import numpy as np

from jikimi.cli.bench.quality_tracks import Numbers, Recorded, apart

RADII_M: Final = (100.0, 200.0, 300.0, 500.0, 1000.0, 2000.0)
POINTS: Final = (1, 2, 3, 4)


class Rule(NamedTuple):
    """A radius, and how often in a row; ``edge``: only the reporting party's own move crosses it."""

    radius_m: float
    points: int = 1
    edge: bool = False

    @property
    def name(self) -> str:
        """As it is printed."""
        kind = "edge" if self.edge else "fixed" if self.points == 1 else f"debounce-{self.points}"
        return f"{kind} {self.radius_m:.0f} m"


SWEPT: Final = (
    *(Rule(radius, points) for points in POINTS for radius in RADII_M),
    *(Rule(radius, edge=True) for radius in RADII_M),
)


class Series(NamedTuple):
    """Of each fix of a pair with the other known: when, how far apart then, and how far before its own move."""

    t: Numbers
    after: Numbers
    before: Numbers


def series(a: Recorded, b: Recorded) -> Series:
    """The fixes of two people in the order of their times."""
    parts = [_side(a, b, after_equal=False), _side(b, a, after_equal=True)]
    t, after, before = (np.concatenate(axis) for axis in zip(*parts, strict=True))
    order = np.argsort(t, kind="stable")
    return Series(t[order], after[order], before[order])


def _side(one: Recorded, other: Recorded, *, after_equal: bool) -> Series:
    last = np.searchsorted(other.t, one.t, "right" if after_equal else "left") - 1
    known = last >= 0
    if not known.any():
        return Series(*(np.empty(0) for _ in range(3)))
    lon, lat = other.lon[last], other.lat[last]
    before = np.full(len(one.t), np.nan)
    before[1:] = apart(one.lon[:-1] - lon[1:], one.lat[:-1] - lat[1:], one.lat[:-1])
    after = apart(one.lon - lon, one.lat - lat, one.lat)
    return Series(one.t[known], after[known], before[known])


def raises(rule: Rule, seen: Series) -> list[float]:
    """The times at which a rule would raise."""
    inside = seen.after < rule.radius_m
    if rule.edge:
        found = inside & (seen.before >= rule.radius_m)
    else:
        number = np.arange(len(inside))
        found = number - np.maximum.accumulate(np.where(inside, -1, number)) == rule.points
        found &= inside
    return [float(t) for t in seen.t[found]]
