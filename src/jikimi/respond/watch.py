"""Which of our own roles is behind, and for how long: nothing happened and nothing works must look different. It must
never trust a role's word for time: what counts is when the role was last seen to get on.
"""

from collections.abc import Callable
from typing import Final

import msgspec

WATCHED: Final = ("intake", "detect", "respond")
LATE_S: Final = 3.0
"""A role beats once a second; one that was not seen to get on for so long is behind."""


class Beat(msgspec.Struct, frozen=True):
    """What a role says of itself: beats since it began, the last sequence it has passed, the last tick it knows."""

    role: str
    count: int
    seq: int = 0
    at: float = 0.0


class Watch:
    """Since when each role has not got on. ``now`` reads seconds of any clock that only goes forward."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._known: dict[str, tuple[float, object]] = {role: (now(), None) for role in WATCHED}

    def heard(self, beat: Beat) -> None:
        """A role beats. One that knows ticks gets on with every tick, any other with every beat."""
        far = (beat.seq, beat.at) if beat.at else beat.count
        if self._known.get(beat.role, (0.0, None))[1] != far:
            self._known[beat.role] = self._now(), far

    def behind(self) -> dict[str, float]:
        """Seconds of silence by role, for those that are behind."""
        now = self._now()
        silent = {role: now - since for role, (since, _) in self._known.items()}
        return {role: round(seconds, 1) for role, seconds in silent.items() if seconds > LATE_S}
