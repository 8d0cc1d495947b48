"""The settled past of a subject, bounded. It must never grow with how long somebody has been monitored."""

from array import array
from bisect import bisect_left
from math import cos
from struct import Struct
from typing import TYPE_CHECKING, Final

from jikimi.detect.limits import Limits
from jikimi.detect.track import NEVER, Spot, Track, turned
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN, distance

if TYPE_CHECKING:
    from jikimi.detect.pair import Pair
    from jikimi.detect.places import Guard

_packed: Final = Struct("4d").pack
_TRIM: Final = 64
WIDTH: Final = 4
"""Numbers a fix takes there."""
_GAPS: Final = 64
"""Most unknown stretches remembered; a bound on memory, not a rule."""


class Past(Track):
    """A track moved only by settled fixes, with the fixes of the last while for judging late ones.

    ``fixes`` is one flat array of time, longitude, latitude and sigma: a fix touches one place in memory.
    """

    __slots__ = (
        "close", "doubted", "fixes", "gaps", "guard_lat", "guard_lon", "guard_slack", "last_t", "out", "room", "upto",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.fixes = array("d")
        self.last_t = NEVER
        """The time of the last of them."""
        self.room = 0.0
        """Metres from the last look within which a fix can be near nobody and no place: it is kept and not looked at."""
        self.upto = NEVER
        self.doubted = False
        """The last position repeats the one before, and something says that they move."""
        self.close: tuple[tuple[Pair, Guard], ...] = ()
        self.guard_lon = self.guard_lat = 0.0
        self.guard_slack = -1.0
        self.out: dict[tuple[float, float, float], float] = {}
        """Fixes of the same while that were not believed, by time and place, with their sigma: none is news again."""
        self.gaps: list[tuple[float, float]] = []
        """Stretches before the newest time of which anything is known (``upto``) of which nothing is."""

    @property
    def last(self) -> float:
        """The time of the newest settled fix."""
        return max(self.t, self.last_t)

    def repeats(self, lon: float, lat: float) -> bool:
        """Whether this is the very position of the newest fix."""
        fixes = self.fixes
        return bool(fixes) and fixes[1 - WIDTH] == lon and fixes[2 - WIDTH] == lat

    def stays(self, lon: float, lat: float) -> bool:
        """Whether a fix here is within the room of the last look."""
        dx = turned(lon - self.lon) * METRES_PER_DEGREE * cos(lat * RADIAN)
        dy = (lat - self.lat) * METRES_PER_DEGREE
        return dx * dx + dy * dy < self.room * self.room

    def catch_up(self, limits: Limits) -> None:
        """Be where the last fix that was kept without a look has it."""
        if self.last_t > self.t:
            t, lon, lat, sigma = self.fixes[-WIDTH:]
            self.move(t, lon, lat, sigma, self.flags, limits)

    def __len__(self) -> int:
        return len(self.fixes) // WIDTH

    def time(self, place: int) -> float:
        """The time of the fix at ``place``."""
        return self.fixes[place * WIDTH]

    def _before(self, t: float) -> int:
        """How many fixes are older than ``t``."""
        return bisect_left(range(len(self)), t, key=self.time)

    def note(self, first: float, last: float, gap_s: float) -> None:
        """Something is known of ``first`` to ``last`` (s): no stretch of more than ``gap_s`` there is unknown any more."""
        if last > self.upto:
            gaps, self.upto = [*self.gaps, (self.upto, last)], last
        else:
            gaps = self.gaps
        parts = (part for a, b in gaps for part in ((a, min(b, first)), (max(a, last), b)) if a < last and first < b)
        rest = [gap for gap in gaps if not (gap[0] < last and first < gap[1])]
        self.gaps = sorted([*rest, *(part for part in parts if part[1] - part[0] > gap_s)])[-_GAPS:]

    def unknown(self, t: float) -> bool:
        """Whether nothing is known of ``t``: what is said of it now is news, however old it is."""
        return t > self.upto or any(start < t < end for start, end in self.gaps)

    def keep(self, t: float, lon: float, lat: float, sigma: float, keep_s: float, gap_s: float) -> None:
        """Append a settled fix; now and then forget what is older than ``keep_s`` before it."""
        fixes = self.fixes
        if 0.0 <= t - self.upto <= gap_s:
            self.upto = t
        else:
            self.note(t, t, gap_s)
        if t < self.last_t:
            self.insert(t, lon, lat, sigma)
            return
        self.last_t = t
        # three times as fast as extending by a tuple
        fixes.frombytes(_packed(t, lon, lat, sigma))
        if len(fixes) % (_TRIM * WIDTH) == 0:
            del fixes[: self._before(t - keep_s) * WIDTH]

    def drop(self, t: float, lon: float, lat: float, sigma: float, keep_s: float) -> None:
        """Remember a fix that is not believed; now and then forget what is older than ``keep_s`` before it."""
        self.out[t, lon, lat] = sigma
        if len(self.out) % _TRIM == 0:
            self.out = {item: err for item, err in self.out.items() if item[0] >= t - keep_s}

    def insert(self, t: float, lon: float, lat: float, sigma: float) -> None:
        """Put a late fix where it belongs."""
        self.last_t = max(self.last_t, t)
        place = self._before(t) * WIDTH
        self.fixes[place:place] = array("d", (t, lon, lat, sigma))

    def holds(self, t: float, lon: float, lat: float) -> bool:
        """Whether this very fix is already here, or was not believed."""
        if (t, lon, lat) in self.out:
            return True
        place = self._before(t)
        while place < len(self) and self.time(place) == t:
            if self._spot(place).lon == lon and self._spot(place).lat == lat:
                return True
            place += 1
        return False

    def between(self, start: float, end: float) -> bool:
        """Whether there is any fix after ``start`` and before ``end``."""
        place = self._before(end) - 1
        return place >= 0 and self.time(place) > start

    def _spot(self, place: int) -> Spot:
        t, lon, lat, sigma = self.fixes[place * WIDTH : (place + 1) * WIDTH]
        return Spot(t, lon, lat, sigma)

    def since(self, t: float) -> Spot | None:
        """The first fix kept that is not older than ``t``."""
        place = self._before(t)
        return self._spot(place) if place < len(self) else None

    def around(self, t: float) -> list[Spot]:
        """The fixes kept before and after ``t``, as far as there are any."""
        place = self._before(t)
        return [self._spot(i) for i in (place - 1, place) if 0 <= i < len(self)]

    def fits(self, spot: Spot, limits: Limits) -> bool:
        """Whether one body can have been here and at both fixes around it, or at another that was not believed so far."""
        if all(reachable(each, spot, limits) for each in self.around(spot.t)):
            return True
        aside = (Spot(t, lon, lat, sigma) for (t, lon, lat), sigma in self.out.items())
        return any(abs(each.t - spot.t) <= limits.leg_max_s and reachable(each, spot, limits) for each in aside)

    def at(self, t: float, bridge_s: float) -> Spot | None:
        """Where they were at ``t``: between two fixes at most ``bridge_s`` apart, else the nearest within it."""
        around = self.around(t)
        if len(around) > 1 and around[1].t - around[0].t <= bridge_s:
            return _between(around[0], around[1], t)
        near = [spot for spot in around if abs(spot.t - t) <= bridge_s]
        return min(near, key=lambda spot: abs(spot.t - t), default=None)


def reachable(a: Spot, b: Spot, limits: Limits) -> bool:
    """Whether one body can have been at both."""
    away = distance(a.lon, a.lat, b.lon, b.lat)
    return away <= limits.teleport * abs(b.t - a.t) + limits.r95 * (a.sigma + b.sigma)


def _between(a: Spot, b: Spot, t: float) -> Spot:
    share = (t - a.t) / (b.t - a.t)
    return Spot(
        t, turned(a.lon + turned(b.lon - a.lon) * share), a.lat + (b.lat - a.lat) * share, max(a.sigma, b.sigma)
    )
