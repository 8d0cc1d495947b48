"""How fast one device may speak.

It must never slow another, and never lower what is known of the one it slows: a refused fix is no fix, so its data age
keeps running.
"""

from collections import OrderedDict

_REMEMBERED = 200_000


class Pace:
    """A token bucket a device: ``rate_per_s`` for ever, ``burst`` at once (a batch after a tunnel is honest)."""

    def __init__(self, rate_per_s: float, burst: float) -> None:
        self.rate_per_s, self.burst = rate_per_s, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, device: str, cost: float, now: float) -> float:
        """0 when ``cost`` fixes may be taken at ``now`` (any steady clock, seconds), else how long to wait first."""
        tokens, at = self._left.get(device, (self.burst, now))
        # A clock that was set back takes nothing away: every device would be refused until it caught up.
        tokens = min(self.burst, tokens + max(0.0, now - at) * self.rate_per_s)
        # What is larger than a whole burst may pass when the bucket is full, or it could never pass.
        asked = min(cost, self.burst)
        wait = 0.0 if tokens >= asked else (asked - tokens) / self.rate_per_s
        self._left[device] = (tokens - asked if wait == 0 else tokens, now)
        self._left.move_to_end(device)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return wait


class Taken:
    """What was stored of late, so that a repeated request is answered and not stored again.

    A cache: after a restart a repeat may be stored twice, in the log and in the archive; detection knows it by subject,
    time and place.
    """

    def __init__(self, remembered: int = 100_000) -> None:
        self._seen: OrderedDict[tuple[str, float, float, float], None] = OrderedDict()
        self._remembered = remembered

    def knows(self, device: str, t: float, lon: float, lat: float) -> bool:
        """Whether exactly this fix is on disk already."""
        return (device, t, lon, lat) in self._seen

    def add(self, device: str, t: float, lon: float, lat: float) -> None:
        """Remember it; call only after the log has it on disk."""
        self._seen[(device, t, lon, lat)] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
