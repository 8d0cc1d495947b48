"""Whether two people are surely far from each other and not nearing. It must never answer yes to what is not known.

It is asked once, when she takes back her yes to being monitored; nobody is told the distance, nor why it was no.
"""

from math import hypot
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.intake.points import Point, points
from jikimi.kernel.geodesy import distance
from jikimi.share.words import CallBack

_SIGMAS: Final = 3.0
_SPAN: Final = 1 / 3
"""Readings over less than this part of the window say nothing of whether he nears."""


async def apart(connection: AsyncConnection, limits: CallBack, his: UUID, hers: UUID, now: float) -> bool:
    """Whether both were heard of just now, are surely far apart, and did not come nearer. Reads both as a service."""
    since, until = now - limits.window_s, now + 1.0
    return far(limits, await points(connection, his, since, until), await points(connection, hers, since, until), now)


def far(limits: CallBack, his: list[Point], hers: list[Point], now: float) -> bool:
    """The same of two lists in the order of their times."""
    if not his or not hers or now - min(his[-1].t, hers[-1].t) > limits.fresh_s:
        return False
    if min(his[-1].t - his[0].t, hers[-1].t - hers[0].t) < limits.window_s * _SPAN:
        return False
    apart_m = _metres(his[-1], hers[-1])
    if apart_m - _SIGMAS * hypot(his[-1].sigma_m, hers[-1].sigma_m) < limits.far_m:
        return False
    with_him = (min(hers, key=lambda one: abs(one.t - point.t)) for point in his)
    return max(_metres(one, other) for one, other in zip(his, with_him, strict=True)) - apart_m <= limits.closing_m


def _metres(one: Point, other: Point) -> float:
    return distance(one.lon, one.lat, other.lon, other.lat)
