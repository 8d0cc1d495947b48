"""Where a subject was last, how they move, and what of their fixes is not believed.

A fix that is doubted must never move the track: whatever is set aside leaves the age of what is known running.
"""

from math import cos, hypot, sin, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

from jikimi.detect.limits import Limits
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN

if TYPE_CHECKING:
    from jikimi.detect.pair import Pair
    from jikimi.detect.places import Guard

NEVER: Final = -1e18
"""Before any fix; far enough below any Unix time, and still a number that adds."""


class Spot:
    """A position with its time, per-axis sigma (m) and velocity (m/s east and north)."""

    __slots__ = ("flags", "lat", "lon", "sigma", "t", "vx", "vy")

    def __init__(self, t: float, lon: float, lat: float, sigma: float, flags: int = 3) -> None:
        self.t, self.lon, self.lat, self.sigma, self.flags = t, lon, lat, sigma, flags
        self.vx = self.vy = 0.0


class Rival(NamedTuple):
    """Where a person cannot have been if the track is right; ``against``: the believed fix that first said so, or None."""

    t: float
    lon: float
    lat: float
    sigma: float
    against: float | None


class Charge(NamedTuple):
    """A device's charge as last said (per cent), since when it has been low and not charged, and whether it charges."""

    t: float
    pct: float | None
    low: float | None
    fed: bool


class Track(Spot):
    """A spot that moves by fixes in rising time, with quarantine for impossible jumps."""

    __slots__ = ("anchor_lat", "anchor_lon", "anchor_sigma", "anchor_t", "peaks", "speed", "suspect")

    def __init__(self) -> None:
        super().__init__(NEVER, 0.0, 0.0, 1.0)
        self.speed = 0.0
        self.suspect: tuple[float, float, float, float] | None = None
        self.anchor_t, self.anchor_lon, self.anchor_lat, self.anchor_sigma = NEVER, 0.0, 0.0, 1.0
        self.peaks: list[tuple[float, float]] | None = None

    def move(self, t: float, lon: float, lat: float, sigma: float, flags: int, limits: Limits) -> bool:
        """Take a fix newer than the track; False if it was set aside as an impossible jump."""
        kx = cos(lat * RADIAN) * METRES_PER_DEGREE
        dlon = lon - self.lon
        if dlon > 180.0:
            dlon -= 360.0
        elif dlon < -180.0:
            dlon += 360.0
        dx, dy = dlon * kx, (lat - self.lat) * METRES_PER_DEGREE
        reach = limits.teleport * (t - self.t) + limits.r95 * (sigma + self.sigma)
        if dx * dx + dy * dy > reach * reach:
            if not self._twice(t, lon, lat, sigma, kx, limits):
                return False
        elif self.suspect is not None:
            self.suspect = None
        if t - self.anchor_t >= limits.leg_min_s:
            noise = limits.leg_noise * (sigma * sigma + self.sigma * self.sigma)
            if t - self.t >= limits.leg_min_s and dx * dx + dy * dy > noise:
                self.anchor_t, self.anchor_lon, self.anchor_lat, self.anchor_sigma = (
                    self.t,
                    self.lon,
                    self.lat,
                    self.sigma,
                )
            self._step(t, lon, lat, sigma, kx, limits)
        self.t, self.lon, self.lat, self.sigma, self.flags = t, lon, lat, sigma, flags
        return True

    def _step(self, t: float, lon: float, lat: float, sigma: float, kx: float, limits: Limits) -> None:
        """Speed from the leg since the anchor, once it is out of the noise of both ends; until then the leg goes on.

        Else a walker whose device reports every five seconds would never have moved.
        """
        leg = t - self.anchor_t
        dx, dy = turned(lon - self.anchor_lon) * kx, (lat - self.anchor_lat) * METRES_PER_DEGREE
        moved2 = dx * dx + dy * dy
        noise = limits.leg_noise * (sigma * sigma + self.anchor_sigma * self.anchor_sigma)
        if leg <= limits.leg_max_s and moved2 > noise:
            self.vx, self.vy, self.speed = dx / leg, dy / leg, sqrt(moved2) / leg
            if self.speed > limits.walk:
                self._peak(t, self.speed, limits)
        else:
            off_x, off_y = self.vx * leg - dx, self.vy * leg - dy
            if leg <= limits.leg_max_s and off_x * off_x + off_y * off_y <= noise:
                return
            self.vx = self.vy = self.speed = 0.0
        self.anchor_t, self.anchor_lon, self.anchor_lat, self.anchor_sigma = t, lon, lat, sigma

    def _twice(self, t: float, lon: float, lat: float, sigma: float, kx: float, limits: Limits) -> bool:
        """Whether the last suspect and this fix agree; if not, this one is the suspect now."""
        suspect = self.suspect
        if suspect is not None and t <= suspect[0]:
            return False
        self.suspect = (t, lon, lat, sigma)
        if suspect is None:
            return False
        then, from_lon, from_lat, from_sigma = suspect
        away = hypot(turned(lon - from_lon) * kx, (lat - from_lat) * METRES_PER_DEGREE)
        if away > limits.teleport * (t - then) + limits.r95 * (sigma + from_sigma):
            return False
        self.suspect = None
        self.vx = self.vy = self.speed = 0.0
        self.anchor_t, self.anchor_lon, self.anchor_lat, self.anchor_sigma = suspect
        return True

    def hop(self, t: float, lon: float, lat: float, sigma: float, flags: int) -> None:
        """Be somewhere else, at rest, whatever the way there would have taken."""
        self.suspect = None
        self.vx = self.vy = self.speed = 0.0
        self.anchor_t, self.anchor_lon, self.anchor_lat, self.anchor_sigma = t, lon, lat, sigma
        self.t, self.lon, self.lat, self.sigma, self.flags = t, lon, lat, sigma, flags

    def _peak(self, t: float, speed: float, limits: Limits) -> None:
        peaks = [peak for peak in self.peaks or () if peak[0] >= t - limits.window_s and peak[1] > speed]
        self.peaks = [*peaks, (t, speed)]

    def told(self, speed: float | None, course: float | None, limits: Limits) -> None:
        """The device's own speed (m/s) and course (degrees), which beat two positions."""
        if speed is None or course is None:
            return
        self.vx, self.vy, self.speed = speed * sin(course * RADIAN), speed * cos(course * RADIAN), speed
        if speed > limits.walk:
            self._peak(self.t, speed, limits)

    def fastest(self, limits: Limits) -> float:
        """The most this subject may be doing now (m/s), from the highest speed of the last minutes."""
        peak = max((speed for t, speed in self.peaks or () if t >= self.t - limits.window_s), default=0.0)
        if peak <= limits.walk:
            return limits.walk
        return min(limits.factor * peak + limits.plus, limits.cap if peak <= limits.cap else limits.rail)


def turned(dlon: float) -> float:
    """A difference of longitudes in [-180, 180]."""
    return dlon - 360.0 if dlon > 180.0 else dlon + 360.0 if dlon < -180.0 else dlon


class Subject(Track):
    """A person as the live lane knows them.

    ``seen`` and ``heard`` run on counted time (ticks lost are taken out): the newest believed fix, the newest message.
    ``newest`` is the device time of that message. ``weak`` is the last unproven spot: it can raise, nothing else.
    ``rivals`` are impossible jumps remembered for a while, ``split`` the time since which two sources are alive.
    """

    __slots__ = (
        "ailed", "areas", "asked", "away", "charge", "claim", "clock", "close", "doubted", "doubtful", "gaps", "guard_lat",
        "guard_lon", "guard_slack", "guards", "heard", "id", "interval", "lesson", "links", "moving", "newest", "odd", "past",
        "pending", "refused", "rivals", "run", "seen", "shaky", "sharp", "slow", "split", "stuck", "vague", "weak", "words",
    )  # fmt: skip

    def __init__(self, name: str, seen: float, interval: float) -> None:
        super().__init__()
        # what every fix touches stands first: together in memory
        self.id, self.seen, self.heard, self.newest = name, seen, seen, NEVER
        self.links: tuple[tuple[Pair, Subject], ...] = ()
        self.rivals: list[Rival] | None = None
        self.refused: list[tuple[float, float, float]] | None = None
        self.clock: Clock | None = None
        """How far behind their device is, once a fix of it came late."""
        self.pending: list[Spot] = []
        self.past: Past | None = None
        self.lesson: Lesson | None = None
        """What its claims are worth, once it ever said that it rests."""
        self.words: list[tuple[float, str, bool]] | None = None
        """What was heard of their moving and is not settled yet: when, beside whom ("": felt by their own device), whether."""
        self.split: float | None = None
        self.weak: Spot | None = None
        self.interval = interval
        self.asked = self.slow = interval
        """How often their device is to report, and the gap over which it reports less."""
        self.guard_lon = self.guard_lat = 0.0
        self.guard_slack = -1.0
        self.guards: tuple[tuple[Pair, Guard], ...] = ()
        self.close: tuple[tuple[Pair, Guard], ...] = ()
        self.areas: tuple[tuple[Pair, Guard], ...] = ()
        self.away = False
        """Their device was switched off or forbidden by its own word; it is back with the next believed fix."""
        self.odd = False
        """Something about how their device reports is being learned, or was."""
        self.stuck = False
        """Their device repeats one position while they move."""
        self.vague = False
        """The next believed fix has every pair of theirs looked at."""
        self.claim: float | None = None
        """Their device's own sigma for where they are (m), if it is held to a wider one."""
        self.gaps: list[float] | None = None
        """The last gaps of a device that reports less."""
        self.ailed = NEVER
        """Counted time at which their device last spoke of interference, damage or being switched off."""
        self.doubted = NEVER
        """Counted time at which something of theirs was last set aside."""
        self.doubtful = NEVER
        """Counted time since which nothing of theirs was believed and something was set aside."""
        self.shaky: list[tuple[float, float, float, int]] | None = None
        """The last fixes that were no positions or had no proof: time, longitude, latitude, flags."""
        self.sharp: Spot | None = None
        """The last precise position before those too coarse to place anybody."""
        self.charge: Charge | None = None
        self.moving = NEVER
        """When their device last felt that movement began; never, if it felt its end since."""
        self.run: Run | None = None

    @property
    def sprung(self) -> bool:
        """Whether they are or were in two places, jumped impossibly, or repeat one: nothing may be lowered on that."""
        if self.rivals is None:
            return self.stuck or self.split is not None
        return self.stuck or self.split is not None or any(rival.against is not None for rival in self.rivals)

    @property
    def claimed(self) -> float:
        """Their device's own sigma for where they are (m)."""
        return self.sigma if self.claim is None else self.claim

    @property
    def known(self) -> bool:
        """Whether any fix of theirs was ever believed."""
        return self.t > NEVER


if TYPE_CHECKING:
    from jikimi.detect.claims import Lesson
    from jikimi.detect.history import Past
    from jikimi.detect.lagging import Clock
    from jikimi.detect.stuck import Run
