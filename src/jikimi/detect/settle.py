"""Fixes waiting for the watermark, in event-time order when it passes. It must never see the order of arrival."""

from heapq import heappop, heappush
from math import floor, inf

from jikimi.detect.track import Spot, Subject


class Proof:
    """A breach being proven on settled fixes: points so far, and the episode once it is."""

    __slots__ = ("back_t", "count", "first_t", "hers_t", "his_t", "last_t", "outside", "raised")

    def __init__(self, first_t: float = -inf) -> None:
        self.first_t, self.back_t = first_t, -inf
        """When its first point was, and when he was last seen on the other side of an area's edge."""
        self.count, self.last_t, self.raised = 0, -inf, False
        self.his_t, self.hers_t = -inf, -inf
        """Times of the fixes of either that were counted last; none is a witness twice."""
        self.outside: float | None = None


class Settler:
    """Who has fixes waiting in which second; the fixes wait with them. ``settled`` is the first second not yet decided."""

    __slots__ = ("buckets", "seconds", "settled")

    def __init__(self) -> None:
        self.buckets: dict[int, list[Subject]] = {}
        self.seconds: list[int] = []
        self.settled: float = -inf

    def add(self, subject: Subject, spot: Spot) -> None:
        """Hold a fix until its second is settled; its own time must not be."""
        subject.pending.append(spot)
        self.expect(subject, floor(spot.t))

    def expect(self, subject: Subject, second: int) -> None:
        """Something of theirs waits in that second."""
        bucket = self.buckets.get(second)
        if bucket is None:
            self.buckets[second] = [subject]
            heappush(self.seconds, second)
        else:
            bucket.append(subject)

    def next(self) -> float:
        """The end of the earliest second that holds anything, or infinity."""
        return self.seconds[0] + 1.0 if self.seconds else inf

    def ready(self, watermark: float) -> list[tuple[Spot, Subject]]:
        """Everything whose second ended by ``watermark``, in event-time order, with each second once."""
        found: list[tuple[Spot, Subject]] = []
        while self.seconds and self.seconds[0] + 1 <= watermark:
            second = heappop(self.seconds)
            waiting = dict.fromkeys(self.buckets.pop(second))
            due = [(spot, subject) for subject in waiting for spot in subject.pending if floor(spot.t) == second]
            found.extend(_sorted(due))
        self.settled = max(self.settled, float(floor(watermark)))
        return found


def _sorted(due: list[tuple[Spot, Subject]]) -> list[tuple[Spot, Subject]]:
    """In event-time order; only what is of one time is put in order by all that is known of it."""
    rows = sorted(due, key=_when)
    before = -inf
    for spot, _ in rows:
        if not before < spot.t:
            return sorted(due, key=_order)
        before = spot.t
    return rows


def _when(due: tuple[Spot, Subject]) -> float:
    return due[0].t


def _order(due: tuple[Spot, Subject]) -> tuple[float, str, float, float, float, int]:
    """By time; all that is known of it takes part, so that ties are no chance."""
    spot, subject = due
    return spot.t, subject.id, spot.lon, spot.lat, spot.sigma, spot.flags
