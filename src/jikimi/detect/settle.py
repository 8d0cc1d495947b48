"""Fixes waiting for the watermark, in event-time order when it passes. It must never see the order of arrival."""

from heapq import heappop, heappush
from math import floor, inf
from operator import itemgetter
from typing import Final

from jikimi.detect.track import Subject

Item = tuple[float, str, float, float, float, int]
"""Time, subject, longitude, latitude, sigma, flags: all of it takes part in the order, so that ties are no chance."""


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

    def add(self, subject: Subject, item: Item) -> None:
        """Hold a fix until its second is settled; its own time must not be."""
        subject.pending.append(item)
        self.expect(subject, floor(item[0]))

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

    def ready(self, watermark: float) -> list[tuple[Item, Subject]]:
        """Everything whose second ended by ``watermark``, in event-time order, with each second once."""
        found: list[tuple[Item, Subject]] = []
        while self.seconds and self.seconds[0] + 1 <= watermark:
            second = heappop(self.seconds)
            waiting = dict.fromkeys(self.buckets.pop(second))
            due = [(item, subject) for subject in waiting for item in subject.pending if floor(item[0]) == second]
            found.extend(sorted(due, key=_item))
        self.settled = max(self.settled, float(floor(watermark)))
        return found


_item: Final = itemgetter(0)
