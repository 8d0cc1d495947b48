"""What a device's claimed accuracy is worth, learned where it says itself that it rests. It must never enter a ring less.

Two fixes of a device at rest differ by their errors alone: independent ones of deviation sigma by a Rayleigh distance of
median 1.665 sigma (1.1774 times the root of both variances). A device whose steps are much longer than it claims is
held to what they show, up to a bound; errors that hang together show less, so the floor is never above the truth by
that. Learned on settled fixes in the order of their own time, so that it cannot depend on the order of arrival.
"""

from math import hypot, sqrt
from statistics import median
from typing import Final

from jikimi.detect.limits import Limits
from jikimi.detect.rules import Claims
from jikimi.detect.track import Subject
from jikimi.kernel.geodesy import distance

RESTS: Final = 8
MOVES: Final = 16
"""Beside the flags of a fix in the settled lane: its device says that it is at rest, or that it moves."""
FLAGS: Final = RESTS - 1
"""Those of the fix itself."""
_MEDIAN: Final = 1.1774
"""Of a Rayleigh distribution of deviation 1 (domain 4.2)."""


class Lesson:
    """Where a device rested last, its steps since with what was claimed for them, and the floor they come to."""

    __slots__ = ("at", "floor", "steps")

    def __init__(self) -> None:
        self.at: tuple[float, float, float, float] | None = None
        self.steps: list[tuple[float, float]] = []
        self.floor = 0.0


def word(limits: Limits, speed_mps: float) -> int:
    """What a device says of itself by its own speed, as a flag of the settled lane."""
    return RESTS if speed_mps < limits.rest_mps else MOVES if speed_mps >= limits.moves_mps else 0


def settled(
    rule: Claims, subject: Subject, t: float, lon: float, lat: float, sigma: float, flags: int
) -> tuple[float, int]:  # fmt: skip
    """Learn from a settled fix; its sigma (m) held to the floor known before it, and its flags."""
    lesson = subject.lesson = subject.lesson or Lesson()
    subject.odd = True
    held = max(sigma, lesson.floor)
    before = lesson.at
    lesson.at = (t, lon, lat, sigma) if flags & RESTS else None
    if lesson.at is not None and before is not None and 0.0 < t - before[0] <= rule.within_s:
        step = (distance(before[1], before[2], lon, lat), hypot(sigma, before[3]))
        lesson.steps = [*lesson.steps[1 - rule.steps :], step]
        lesson.floor = _floor(rule, lesson.steps)
    return held, flags & FLAGS


def _floor(rule: Claims, steps: list[tuple[float, float]]) -> float:
    if len(steps) < rule.steps or median(step / claimed for step, claimed in steps) <= rule.ratio * _MEDIAN:
        return 0.0
    return min(rule.most_m, median(step for step, _ in steps) / (_MEDIAN * sqrt(2.0)))


def as_claimed(o: Subject, v: Subject, sigma_m: float) -> float:
    """A combined sigma (m) as it would be by what the devices claim."""
    more = o.sigma**2 - o.claimed**2 + v.sigma**2 - v.claimed**2
    return sqrt(max(sigma_m**2 - more, o.claimed**2 + v.claimed**2))
