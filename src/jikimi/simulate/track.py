"""Where somebody truly is, second by second. It must never hold an error: devices add those."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from random import Random
from typing import Final

from jikimi.simulate.town import Town
from jikimi.simulate.values import Point, Span


@dataclass(frozen=True, slots=True)
class Mode:
    """How one goes: metres a second, and how often and how long one stops on the way (metres, seconds)."""

    speed_mps: float
    stop_every_m: float = 0.0
    stop_s: Span = (0.0, 0.0)


WALK: Final = Mode(1.35)
BUS: Final = Mode(8.3, 450.0, (10.0, 25.0))
CAR: Final = Mode(12.5, 600.0, (0.0, 18.0))
ROAD: Final = Mode(16.7)
HIGHWAY: Final = Mode(27.0)
TRAIN: Final = Mode(60.0)


@dataclass(frozen=True, slots=True)
class Track:
    """Knots in time with straight lines between; still before the first and after the last."""

    times: Sequence[float]
    points: Sequence[Point]
    indoors: tuple[Span, ...] = ()

    def at(self, t: float) -> Point:
        """The place at ``t``."""
        right = bisect_right(self.times, t)
        if right == 0:
            return self.points[0]
        if right == len(self.times):
            return self.points[-1]
        begin, end = self.times[right - 1], self.times[right]
        share = (t - begin) / (end - begin)
        (ax, ay), (bx, by) = self.points[right - 1], self.points[right]
        return ax + (bx - ax) * share, ay + (by - ay) * share

    def inside(self, t: float) -> bool:
        """Whether they are in a building."""
        return any(begin <= t < end for begin, end in self.indoors)


def still(point: Point) -> Track:
    """Somebody or something that never moves."""
    return Track((0.0,), (point,))


class Journey:
    """A day being lived: stay here, go there; ``track()`` is what came of it."""

    def __init__(self, town: Town, at: Point, random: Random, t: float = 0.0) -> None:
        self.town, self.at, self.random, self.t = town, at, random, t
        self._times, self._points, self._indoors = [t], [at], list[Span]()

    def stay(self, seconds: float, *, indoors: bool = True) -> "Journey":
        """Stay where one is."""
        if indoors:
            self._indoors.append((self.t, self.t + seconds))
        self._knot(self.t + seconds, self.at)
        return self

    def go(self, to: Point, mode: Mode) -> "Journey":
        """Go along streets."""
        return self.follow(self.town.way(self.at, to), mode)

    def follow(self, corners: Sequence[Point], mode: Mode) -> "Journey":
        """Go along ``corners``, straight between them, stopping as one stops going that way."""
        since = 0.0
        for corner in corners:
            while (left := hypot(corner[0] - self.at[0], corner[1] - self.at[1])) > 0.0:
                stops = 0.0 < mode.stop_every_m - since <= left
                step = mode.stop_every_m - since if stops else left
                share = step / left
                x, y = self.at
                there = (x + (corner[0] - x) * share, y + (corner[1] - y) * share) if stops else corner
                self._knot(self.t + step / mode.speed_mps, there)
                since = 0.0 if stops else since + step
                if stops and (pause := self.random.uniform(*mode.stop_s)) > 0.0:
                    self._knot(self.t + pause, there)
                if not stops:
                    break
        return self

    def track(self) -> Track:
        """The track so far."""
        return Track(tuple(self._times), tuple(self._points), tuple(self._indoors))

    def _knot(self, t: float, point: Point) -> None:
        if t > self.t:
            self._times.append(t)
            self._points.append(point)
        self.t, self.at = t, point
