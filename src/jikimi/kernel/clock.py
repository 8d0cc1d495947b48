"""The only place that reads a clock. Everything else is handed one, so that a night can be replayed."""

import time
from datetime import UTC, datetime
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


def moment(at: float) -> datetime:
    """An aware UTC datetime for Unix seconds ``at``; raises OverflowError outside the calendar."""
    return datetime.fromtimestamp(at, UTC)


def iso(at: float) -> str:
    """RFC 3339 text with milliseconds and ``Z`` for Unix seconds ``at``."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
