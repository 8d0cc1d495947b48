"""Rules that others decide by, restated for comparison. They must never decide anything for anybody.

Each takes a fix, knows the partner's last position and says whether it would raise: a fixed radius at every fix, an
edge crossed by the reporting party's own move (Traccar's proximity event), and the same radius seen N times in a row.
"""

from math import cos, hypot
from typing import Protocol

from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN


class Rule(Protocol):
    """Raises or not, fix by fix."""

    alerts: int

    def fix(self, subject: str, lon: float, lat: float) -> None:
        """Take one position of one subject."""
        ...


def _apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[0] - b[0]) * METRES_PER_DEGREE * cos(a[1] * RADIAN)
    return hypot(east, (a[1] - b[1]) * METRES_PER_DEGREE)


class FixedRadius:
    """Inside at this fix and not at the one before: an alert."""

    def __init__(self, partner: dict[str, str], radius_m: float, points: int = 1) -> None:
        self.partner, self.radius_m, self.points = partner, radius_m, points
        self.last: dict[str, tuple[float, float]] = {}
        self.inside: dict[tuple[str, str], int] = {}
        self.alerts = 0

    def fix(self, subject: str, lon: float, lat: float) -> None:
        """Count how often in a row the two were inside; the N-th time is the alert."""
        self.last[subject] = (lon, lat)
        other = self.partner[subject]
        at = self.last.get(other)
        if at is None:
            return
        pair = (subject, other) if subject < other else (other, subject)
        seen = self.inside.get(pair, 0) + 1 if _apart((lon, lat), at) < self.radius_m else 0
        self.inside[pair] = seen
        self.alerts += seen == self.points


class Edge:
    """Stateless: the reporting party's own move took the distance from above the threshold to below it."""

    def __init__(self, partner: dict[str, str], radius_m: float) -> None:
        self.partner, self.radius_m = partner, radius_m
        self.last: dict[str, tuple[float, float]] = {}
        self.alerts = 0

    def fix(self, subject: str, lon: float, lat: float) -> None:
        """Compare the last and the new position with the partner's last."""
        before, at = self.last.get(subject), self.last.get(self.partner[subject])
        self.last[subject] = (lon, lat)
        if before is not None and at is not None:
            self.alerts += _apart(before, at) >= self.radius_m > _apart((lon, lat), at)
