"""Hours that come back every week, in a country's own time. It must never ask a clock what day it is."""

from collections.abc import Iterator
from math import floor
from typing import Final

from jikimi.detect.facts import Hours

DAY_S: Final = 86_400
HOLIDAY: Final = 7
"""Beside the weekdays, 0 to 6 from Monday: the day of a date that is a holiday."""
_THURSDAY: Final = 3
"""1970-01-01 was one."""
_LOOK_DAYS: Final = 8


def offset(hours: Hours, t: float) -> int:
    """Seconds the country's time is ahead of UTC at ``t``; before the first change, as after it."""
    return next((ahead for since, ahead in reversed(hours.offsets) if since <= t), hours.offsets[0][1])


def _day(hours: Hours, t: float) -> int:
    """The local date at ``t``, in days since 1970-01-01."""
    return floor((t + offset(hours, t)) / DAY_S)


def _unix(hours: Hours, local_s: float) -> float:
    """Unix seconds of a local time given in seconds since 1970-01-01T00:00 local."""
    known = (local_s - ahead for since, ahead in reversed(hours.offsets) if since <= local_s - ahead)
    return float(next(known, local_s - hours.offsets[0][1]))


def _spans(hours: Hours, first: int, last: int) -> Iterator[tuple[float, float]]:
    """The hours that begin on the local dates from ``first`` to ``last``, as Unix seconds, half-open."""
    for day in range(first, last + 1):
        kind = HOLIDAY if day in hours.holidays else (day + _THURSDAY) % 7
        for of, start_s, end_s in hours.weekly:
            if of == kind:
                yield _unix(hours, day * DAY_S + start_s), _unix(hours, day * DAY_S + end_s)


def within(hours: Hours, t: float) -> bool:
    """Whether ``t`` is in the hours; those of an evening go on into the next day."""
    day = _day(hours, t)
    return any(start <= t < end for start, end in _spans(hours, day - 1, day))


def changes(hours: Hours, t: float) -> list[float]:
    """When the hours begin and end around ``t``, and when to ask again."""
    day = _day(hours, t)
    edges = [edge for span in _spans(hours, day - _LOOK_DAYS, day + _LOOK_DAYS) for edge in span]
    return [*edges, _unix(hours, (day + _LOOK_DAYS) * DAY_S)]
