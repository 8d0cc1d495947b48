"""A generated town: a grid of streets, a river, bridges over it. It must never be taken from a real map.

It is laid over hills where there is no town, so that no street, bridge or address of it is anybody's.
"""

from dataclasses import dataclass
from typing import Final

from jikimi.kernel.geodesy import shifted
from jikimi.simulate.values import Point

HILLS: Final = (128.45, 37.15)
"""Degrees; thirty kilometres of hills in every direction."""


@dataclass(frozen=True, slots=True)
class Town:
    """Streets every ``block_m``, a river from west to east between ``banks_m``, a bridge every ``bridge_m``."""

    lon: float = HILLS[0]
    lat: float = HILLS[1]
    block_m: float = 150.0
    banks_m: tuple[float, float] = (-90.0, 90.0)
    bridge_m: float = 900.0
    dead: tuple[tuple[Point, float], ...] = ()
    """Circles (middle, radius in metres) without a mobile network."""

    def lonlat(self, point: Point) -> Point:
        """Degrees of a point of the town."""
        return shifted(self.lon, self.lat, *point)

    def is_dead(self, point: Point) -> bool:
        """Whether nothing can be sent from here."""
        return any((point[0] - x) ** 2 + (point[1] - y) ** 2 < r * r for (x, y), r in self.dead)

    def way(self, start: Point, end: Point) -> list[Point]:
        """Corners of a way along streets, over a bridge where the river lies between."""
        south, north = self.banks_m
        if (start[1] <= south and end[1] >= north) or (start[1] >= north and end[1] <= south):
            bridge = round((start[0] + end[0]) / 2 / self.bridge_m) * self.bridge_m
            near, far = (south, north) if start[1] <= south else (north, south)
            return [*self._streets(start, (bridge, near)), *self._streets((bridge, far), end)]
        return self._streets(start, end)

    def _streets(self, start: Point, end: Point) -> list[Point]:
        """From the door to the next street, along it, round one corner, and to the other door."""
        first = round(start[0] / self.block_m) * self.block_m
        cross = round((start[1] + end[1]) / 2 / self.block_m) * self.block_m
        south, north = self.banks_m
        cross = max(cross, north) if start[1] >= north else min(cross, south) if start[1] <= south else cross
        last = round(end[0] / self.block_m) * self.block_m
        corners = [start, (first, start[1]), (first, cross), (last, cross), (last, end[1]), end]
        return [corner for at, corner in enumerate(corners) if at == 0 or corner != corners[at - 1]]
