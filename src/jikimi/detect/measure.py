"""How far apart two people are, how sure that is, and who is closing. It must never take age for movement.

The older position is carried forward by its last velocity for at most a minute; its age widens the error a little
(capped at its expected interval and that minute). All other ageing belongs to the worst case.
"""

from math import cos, hypot, sqrt

from jikimi.detect.limits import Limits
from jikimi.detect.track import NEVER, Spot, Track, turned
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN


class Measure:
    """Separation (m) and combined per-axis sigma (m) at ``at``; ``toward_*``: speed of each toward the other (m/s).

    ``miss_m``: how near they pass if both go on as they do. ``east_m``, ``north_m``: from the offender to the victim.
    """

    __slots__ = ("at", "distance_m", "east_m", "miss_m", "north_m", "sigma_m", "toward_o", "toward_v")

    def __init__(
        self, at: float, distance_m: float, sigma_m: float, toward_o: float, toward_v: float, miss_m: float,
        east_m: float, north_m: float,
    ) -> None:  # fmt: skip
        self.at, self.distance_m, self.sigma_m = at, distance_m, sigma_m
        self.toward_o, self.toward_v, self.miss_m = toward_o, toward_v, miss_m
        self.east_m, self.north_m = east_m, north_m

    def nearest(self, distance_m: float, sigma_m: float) -> "Measure":
        """The same look at the moment they were nearest."""
        return Measure(
            self.at, distance_m, sigma_m, self.toward_o, self.toward_v, self.miss_m, self.east_m, self.north_m
        )

    @property
    def closing(self) -> float:
        """Closing speed, both parties' movement counted (m/s)."""
        return self.toward_o + self.toward_v


def measure(o: Spot, v: Spot, interval_o: float, interval_v: float, limits: Limits) -> Measure:
    """The separation of offender ``o`` and victim ``v`` at the later of their two times; both must be located."""
    gap = o.t - v.t
    lag_o, lag_v = (0.0, gap) if gap >= 0.0 else (-gap, 0.0)
    cap = limits.carry_s
    go_o = min(cap, lag_o)
    go_v = min(cap, lag_v)
    lat = (o.lat + v.lat) * 0.5 * RADIAN
    dx = turned(v.lon - o.lon) * METRES_PER_DEGREE * cos(lat) + v.vx * go_v - o.vx * go_o
    dy = (v.lat - o.lat) * METRES_PER_DEGREE + v.vy * go_v - o.vy * go_o
    distance = sqrt(dx * dx + dy * dy)
    lag, interval = (lag_o, interval_o) if gap < 0.0 else (lag_v, interval_v)
    aged = limits.k_v * min(interval, lag, cap)
    sigma = sqrt(o.sigma * o.sigma + v.sigma * v.sigma + aged * aged)
    wx_o, wy_o = (o.vx, o.vy) if lag_o <= limits.leg_max_s else (0.0, 0.0)
    wx_v, wy_v = (v.vx, v.vy) if lag_v <= limits.leg_max_s else (0.0, 0.0)
    if distance == 0.0:
        return Measure(o.t + lag_o, 0.0, sigma, 0.0, 0.0, 0.0, 0.0, 0.0)
    toward_o = (wx_o * dx + wy_o * dy) / distance
    toward_v = -(wx_v * dx + wy_v * dy) / distance
    wx, wy = wx_v - wx_o, wy_v - wy_o
    speed = sqrt(wx * wx + wy * wy)
    miss = abs(dx * wy - dy * wx) / speed if speed > 0.0 else distance
    return Measure(o.t + lag_o, distance, sigma, toward_o, toward_v, miss, dx, dy)


def worst_case(
    o: Track, v: Track, age_o: float, age_v: float, limits: Limits, at: tuple[Spot, Spot] | None = None,
) -> float:  # fmt: skip
    """The least they can be apart (m): distance less both 95 % radii and what each can have covered; 0 if unlocated.

    ``at``: where they are, if not on their tracks.
    """
    if NEVER in {o.t, v.t}:
        return 0.0
    a, b = at or (o, v)
    lat = (a.lat + b.lat) * 0.5 * RADIAN
    dx = turned(b.lon - a.lon) * METRES_PER_DEGREE * cos(lat)
    apart = hypot(dx, (b.lat - a.lat) * METRES_PER_DEGREE)
    blur = limits.r95 * (a.sigma + b.sigma)
    return max(0.0, apart - blur - o.fastest(limits) * max(0.0, age_o) - v.fastest(limits) * max(0.0, age_v))


def attribution(m: Measure, min_mps: float) -> str | None:
    """Who is closing. It is for the record and the call script, and never softens an alert."""
    his, hers = m.toward_o >= min_mps, m.toward_v >= min_mps
    if his:
        return "MUTUAL" if hers else "OFFENDER_APPROACH"
    return "VICTIM_APPROACH" if hers else "CROSSING"
