"""The settled past of a subject, bounded. It must never grow with how long somebody has been monitored."""

from array import array
from bisect import bisect_left
from math import cos
from typing import TYPE_CHECKING

from jikimi.detect.track import NEVER, Spot, Track, turned
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN

if TYPE_CHECKING:
    from jikimi.detect.pair import Pair
    from jikimi.detect.places import Guard

_TRIM = 64
_WIDTH = 4


class Past(Track):
    """A track moved only by settled fixes, with the fixes of the last while for judging late ones.

    ``fixes`` is one flat array of time, longitude, latitude and sigma: a fix touches one place in memory.
    """

    __slots__ = ("close", "fixes", "guard_lat", "guard_lon", "guard_slack", "quiet_until")

    def __init__(self) -> None:
        super().__init__()
        self.fixes = array("d")
        self.quiet_until = NEVER
        """Until then none of the other parties can be reached; where no place can be either, fixes are only kept."""
        self.close: list[tuple[Pair, Guard]] = []
        self.guard_lon = self.guard_lat = 0.0
        self.guard_slack = -1.0

    def clear(self, lon: float, lat: float) -> bool:
        """Whether no place can hold a fix here, by one comparison with the last full look."""
        slack = self.guard_slack
        if self.close or slack < 0.0:
            return False
        dx = turned(lon - self.guard_lon) * METRES_PER_DEGREE * cos(lat * RADIAN)
        dy = (lat - self.guard_lat) * METRES_PER_DEGREE
        return dx * dx + dy * dy <= slack * slack

    def __len__(self) -> int:
        return len(self.fixes) // _WIDTH

    def time(self, place: int) -> float:
        """The time of the fix at ``place``."""
        return self.fixes[place * _WIDTH]

    def _before(self, t: float) -> int:
        """How many fixes are older than ``t``."""
        return bisect_left(range(len(self)), t, key=self.time)

    def keep(self, t: float, lon: float, lat: float, sigma: float, keep_s: float) -> None:
        """Append a settled fix; now and then forget what is older than ``keep_s`` before it."""
        fixes = self.fixes
        if fixes and t < fixes[-_WIDTH]:
            self.insert(t, lon, lat, sigma)
            return
        fixes.extend((t, lon, lat, sigma))
        if len(fixes) % (_TRIM * _WIDTH) == 0:
            del fixes[: self._before(t - keep_s) * _WIDTH]

    def insert(self, t: float, lon: float, lat: float, sigma: float) -> None:
        """Put a late fix where it belongs."""
        place = self._before(t) * _WIDTH
        self.fixes[place:place] = array("d", (t, lon, lat, sigma))

    def holds(self, t: float, lon: float, lat: float) -> bool:
        """Whether this very fix is already here."""
        place = self._before(t)
        while place < len(self) and self.time(place) == t:
            if self._spot(place).lon == lon and self._spot(place).lat == lat:
                return True
            place += 1
        return False

    def _spot(self, place: int) -> Spot:
        t, lon, lat, sigma = self.fixes[place * _WIDTH : (place + 1) * _WIDTH]
        return Spot(t, lon, lat, sigma)

    def at(self, t: float, bridge_s: float) -> Spot | None:
        """Where they were at ``t``: between two fixes at most ``bridge_s`` apart, else the nearest within it."""
        place = self._before(t)
        around = [self._spot(i) for i in (place - 1, place) if 0 <= i < len(self)]
        if len(around) > 1 and around[1].t - around[0].t <= bridge_s:
            return _between(around[0], around[1], t)
        near = [spot for spot in around if abs(spot.t - t) <= bridge_s]
        return min(near, key=lambda spot: abs(spot.t - t), default=None)


def _between(a: Spot, b: Spot, t: float) -> Spot:
    share = (t - a.t) / (b.t - a.t)
    return Spot(t, a.lon + (b.lon - a.lon) * share, a.lat + (b.lat - a.lat) * share, max(a.sigma, b.sigma))
