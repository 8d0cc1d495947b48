"""How near two people are, and whether that grows or shrinks, for a screen. It must never decide anything: detection
does, and a screen that shows another number than the alert shows a later one.
"""

from collections import deque
from dataclasses import dataclass, field
from math import hypot
from typing import Final

from jikimi.kernel.geodesy import distance
from jikimi.respond.picture import Seen

WALKING_MPS: Final = 1.4
"""Whoever does not close now can, at a walk (domain 4.3)."""
STEADY_MPS: Final = 0.5
_WINDOW_S: Final = 45.0
_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Nearness:
    """Metres and their combined sigma, the trend, and the time to contact in seconds; None where not known.

    ``assumed``: nobody closes, so the time is that of a walk. Ages in seconds, None for somebody never seen.
    """

    distance_m: float | None
    sigma_m: float | None
    closing_mps: float | None
    trend: str | None
    time_to_contact_s: float | None
    assumed: bool
    offender_age_s: float | None
    victim_age_s: float | None


@dataclass(slots=True)
class Follower:
    """The last readings of one pair, from which its trend is told."""

    _readings: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_MOST))

    def look(self, offender: Seen | None, victim: Seen | None, now: float) -> Nearness:
        """What can be said now of two positions as last known."""
        ages = _age(offender, now), _age(victim, now)
        if offender is None or victim is None:
            return Nearness(None, None, None, None, None, False, *ages)
        apart = distance(offender.lon, offender.lat, victim.lon, victim.lat)
        closing = self._closing(max(offender.t, victim.t), apart)
        running = closing is not None and closing > STEADY_MPS
        speed = max(closing or 0.0, WALKING_MPS)
        return Nearness(
            round(apart, 1), round(hypot(offender.sigma_m, victim.sigma_m), 1),
            None if closing is None else round(closing, 1), _trend(closing), round(apart / speed, 1), not running, *ages,
        )  # fmt: skip

    def _closing(self, t: float, apart: float) -> float | None:
        readings = self._readings
        if not readings or t > readings[-1][0]:
            readings.append((t, apart))
        elif t == readings[-1][0]:
            readings[-1] = (t, apart)
        while len(readings) > 2 and readings[0][0] < t - _WINDOW_S:
            readings.popleft()
        first, last = readings[0], readings[-1]
        return None if last[0] <= first[0] else (first[1] - last[1]) / (last[0] - first[0])


def _age(seen: Seen | None, now: float) -> float | None:
    return None if seen is None else round(max(0.0, now - seen.t), 1)


def _trend(closing: float | None) -> str | None:
    if closing is None:
        return None
    return "closing" if closing > STEADY_MPS else "opening" if closing < -STEADY_MPS else "steady"
