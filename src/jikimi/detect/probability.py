"""How likely two people are within a radius. It must never be the only rule: a coarse fix makes it low everywhere.

The separation of two positions with independent Gaussian errors of per-axis deviation sigma is Rice distributed:
P(d < R) = 1 - Q1(d / sigma, R / sigma), the noncentral chi-squared distribution with two degrees of freedom.
"""

from math import log, sqrt
from typing import Final

from scipy.special import chndtr, ndtri

FAR_SIGMAS: Final = 6.0
"""Beyond this many deviations from the edge the answer is 0 or 1 to nine digits."""


def within(distance_m: float, radius_m: float, sigma_m: float) -> float:
    """P(separation < radius) for measured distance (m) and combined per-axis sigma (m, > 0)."""
    gap = (radius_m - distance_m) / sigma_m
    if gap < -FAR_SIGMAS:
        return 0.0
    if gap > FAR_SIGMAS + 1.0:
        return 1.0
    return float(chndtr((radius_m / sigma_m) ** 2, 2.0, (distance_m / sigma_m) ** 2))


class Threshold:
    """Whether P(d < R) reaches ``p``, by bounds first.

    Above: the disc lies in a half-plane, so P <= Phi((R - d) / s). Below: the disc holds a ball of radius R - d around
    the mean, so P >= 1 - exp(-((R - d) / s)**2 / 2). Between the two the exact value decides.
    """

    __slots__ = ("_no", "_yes", "p")

    def __init__(self, p: float) -> None:
        self.p = p
        self._no = float(ndtri(p))
        self._yes = sqrt(-2.0 * log(1.0 - p))

    def met(self, distance_m: float, radius_m: float, sigma_m: float) -> bool:
        """True if P(separation < radius) >= p."""
        gap = (radius_m - distance_m) / sigma_m
        if gap < self._no:
            return False
        return gap >= self._yes or within(distance_m, radius_m, sigma_m) >= self.p

    def met_edge(self, edge_m: float, sigma_m: float) -> bool:
        """True if P(inside a half-plane) >= p, its edge ``edge_m`` metres away (negative inside)."""
        return -edge_m >= self._no * sigma_m
