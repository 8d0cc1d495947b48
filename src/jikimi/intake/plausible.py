"""What a fix must be to be a fix at all. It must never judge whether it is true: that is detection's work."""

import math
from dataclasses import dataclass

from jikimi.kernel.errors import Absurd


@dataclass(frozen=True, slots=True)
class Bounds:
    """Beyond these a report is a fault of the device, not a place. Seconds, metres, metres a second."""

    oldest_s: float = 400 * 86400
    newest_s: float = 86400
    accuracy_m: float = 100_000
    speed_mps: float = 400


def check(
    t: float, lon: float, lat: float, accuracy_m: float | None, speed_mps: float | None, course_deg: float | None,
    now: float, bounds: Bounds,
) -> None:  # fmt: skip
    """Raises Absurd naming the field. A clock some minutes ahead passes: detection knows it cannot be trusted."""
    _finite("lat", lat, -90, 90)
    _finite("lon", lon, -180, 180)
    if lon == 0 and lat == 0:
        raise Absurd("lat and lon are both 0: a receiver without a position.", field="lat")
    _finite("t", t, now - bounds.oldest_s, now + bounds.newest_s)
    if accuracy_m is not None and not 0 < accuracy_m <= bounds.accuracy_m:
        raise Absurd(
            "accuracy_m must be above 0 and at most 100000; leave it out when it is not known.", field="accuracy_m"
        )
    if speed_mps is not None:
        _finite("speed_mps", speed_mps, 0, bounds.speed_mps)
    if course_deg is not None:
        _finite("course_deg", course_deg, -360, 720)


def _finite(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise Absurd(f"{name} is outside {low:.0f} to {high:.0f}.", field=name)
