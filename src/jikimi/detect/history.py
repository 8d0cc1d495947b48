"""The settled past of a subject, bounded. It must never grow with how long somebody has been monitored."""

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

from jikimi.detect.track import NEVER, Spot, Track

if TYPE_CHECKING:
    from jikimi.detect.pair import Pair
    from jikimi.detect.places import Guard

_TRIM = 64


class Past(Track):
    """A track moved only by settled fixes, with the fixes of the last while for judging late ones."""

    __slots__ = ("close", "guard_lat", "guard_lon", "guard_slack", "lats", "lons", "quiet_until", "sigmas", "times")

    def __init__(self) -> None:
        super().__init__()
        self.times, self.lons, self.lats, self.sigmas = array("d"), array("d"), array("d"), array("d")
        self.quiet_until = NEVER
        """Until then neither the other parties nor any place can be reached; fixes are kept and not looked at."""
        self.close: list[tuple[Pair, Guard]] = []
        self.guard_lon = self.guard_lat = 0.0
        self.guard_slack = -1.0

    def keep(self, t: float, lon: float, lat: float, sigma: float, keep_s: float) -> None:
        """Append a settled fix; now and then forget what is older than ``keep_s`` before it."""
        times = self.times
        if times and t < times[-1]:
            self.insert(t, lon, lat, sigma)
            return
        times.append(t)
        self.lons.append(lon)
        self.lats.append(lat)
        self.sigmas.append(sigma)
        if len(times) % _TRIM == 0:
            stale = bisect_left(times, t - keep_s)
            for column in (times, self.lons, self.lats, self.sigmas):
                del column[:stale]

    def insert(self, t: float, lon: float, lat: float, sigma: float) -> None:
        """Put a late fix where it belongs."""
        place = bisect_left(self.times, t)
        for column, value in ((self.times, t), (self.lons, lon), (self.lats, lat), (self.sigmas, sigma)):
            column.insert(place, value)

    def holds(self, t: float, lon: float, lat: float) -> bool:
        """Whether this very fix is already here."""
        place = bisect_left(self.times, t)
        while place < len(self.times) and self.times[place] == t:
            if self.lons[place] == lon and self.lats[place] == lat:
                return True
            place += 1
        return False

    def at(self, t: float, bridge_s: float) -> Spot | None:
        """Where they were at ``t``: between two fixes at most ``bridge_s`` apart, else the nearest within it."""
        place = bisect_left(self.times, t)
        before = place - 1 if place > 0 else None
        after = place if place < len(self.times) else None
        if before is not None and after is not None and self.times[after] - self.times[before] <= bridge_s:
            return self._between(before, after, t)
        near = [i for i in (before, after) if i is not None and abs(self.times[i] - t) <= bridge_s]
        if not near:
            return None
        best = min(near, key=lambda i: abs(self.times[i] - t))
        return Spot(self.times[best], self.lons[best], self.lats[best], self.sigmas[best])

    def _between(self, a: int, b: int, t: float) -> Spot:
        share = (t - self.times[a]) / (self.times[b] - self.times[a])
        lon = self.lons[a] + (self.lons[b] - self.lons[a]) * share
        lat = self.lats[a] + (self.lats[b] - self.lats[a]) * share
        return Spot(t, lon, lat, max(self.sigmas[a], self.sigmas[b]))
