"""The only place that reads a clock. Everything else is handed one, so that a night can be replayed."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Protocol

from jikimi.kernel.units import UnixTime


class Clock(Protocol):
    """Tells the time to whoever is handed it."""

    def unix(self) -> UnixTime:
        """Seconds since 1970 UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def unix(self) -> UnixTime:
        """Seconds since 1970 UTC, as the machine has them."""
        return UnixTime(time.time())


@dataclass(frozen=True, slots=True)
class ExerciseClock:
    """Time as an exercise has it: ``t0`` when it began, running ``speed`` times as fast as the machine's clock."""

    t0: float
    speed: float
    began: float
    base: Clock

    def unix(self) -> UnixTime:
        """Seconds since 1970 UTC in the exercise."""
        return UnixTime(self.t0 + (self.base.unix() - self.began) * self.speed)

    def __str__(self) -> str:
        """As ``exercise_clock`` reads it."""
        return f"{self.t0!r}x{self.speed!r}@{self.began!r}"


def exercise_clock(text: str, base: Clock) -> ExerciseClock:
    """From ``T0[xN]``, T0 as Unix seconds or RFC 3339 with an offset; ``@BEGAN`` when it began before now.

    Raises ValueError for anything else.
    """
    when, _, began = text.partition("@")
    start, times, speed = when.rpartition("x") if "x" in when else (when, "", "")
    factor = float(speed) if times else 1.0
    try:
        t0 = float(start)
    except ValueError:
        read = datetime.fromisoformat(start)
        if read.tzinfo is None:
            raise ValueError("an exercise begins at a time with an offset, like 2026-03-14T06:00:00+09:00") from None
        t0 = read.timestamp()
    if not (isfinite(t0) and 0 < factor <= _FASTEST):
        raise ValueError(f"an exercise runs more than 0 and at most {_FASTEST} times as fast")
    return ExerciseClock(t0, factor, float(began) if began else base.unix(), base)


_FASTEST = 3600


def pace_of(clock: Clock) -> float:
    """How many seconds pass on ``clock`` in one of the machine's."""
    return clock.speed if isinstance(clock, ExerciseClock) else 1.0


def moment(at: float) -> datetime:
    """An aware UTC datetime for Unix seconds ``at``; raises OverflowError outside the calendar."""
    return datetime.fromtimestamp(at, UTC)


def iso(at: float) -> str:
    """RFC 3339 text with milliseconds and ``Z`` for Unix seconds ``at``."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
