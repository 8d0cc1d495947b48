"""Where everybody was last known to be, in memory, from the facts. It must never decide anything, nor outlive its age:
whoever reads a position reads its time with it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from jikimi.detect.carriers import Carriers
from jikimi.detect.facts import Carry, Fact, Fixes, FixFlag, Forget


@dataclass(frozen=True, slots=True)
class Seen:
    """One person's newest position. ``t`` by the device's clock, ``received_t`` by ours, Unix seconds."""

    subject: str
    t: float
    received_t: float
    lon: float
    lat: float
    sigma_m: float
    speed_mps: float | None
    course_deg: float | None

    def told(self, now: float) -> dict[str, object]:
        """As a terminal is told it; seven decimals are a centimetre."""
        return {
            "subject": self.subject, "t": self.t, "lon": round(self.lon, 7), "lat": round(self.lat, 7),
            "sigma_m": round(self.sigma_m, 1), "age_s": round(max(0.0, now - self.t), 1), "speed_mps": self.speed_mps,
            "course_deg": self.course_deg,
        }  # fmt: skip


class Picture:
    """Newest valid, proven position a subject. ``only`` limits it to subjects somebody follows; None: everybody.

    With a ``hides`` it is a picture for people: who is at a place of theirs that is secret is not in it.
    """

    def __init__(self, future_s: float, hides: Callable[[str, float, float, float], bool] | None = None) -> None:
        self._hides = hides
        self._carriers = Carriers()
        self._future_s = future_s
        self.seen: dict[str, Seen] = {}

    def apply(self, fact: Fact, only: set[str] | None = None) -> list[Seen]:
        """Take a fact; returns the positions that are news. A fix dated ahead of us replaces nothing."""
        match fact:
            case Carry():
                self._carriers.apply(fact)
            case Forget():
                self.seen.pop(fact.subject, None)
            case Fixes():
                return self._fixes(fact, only)
            case _:
                pass
        return []

    def look_again(self) -> set[str]:
        """Take out whoever stands at a place that has become secret since they were seen; returns them."""
        gone = {who for who, seen in self.seen.items() if not self.shows(seen)}
        for subject in gone:
            del self.seen[subject]
        return gone

    def shows(self, seen: Seen) -> bool:
        """Whether a position may be shown at this moment."""
        return self._hides is None or not self._hides(seen.subject, seen.lon, seen.lat, seen.sigma_m)

    def _fixes(self, fact: Fixes, only: set[str] | None) -> list[Seen]:
        news = []
        needed = FixFlag.VALID | FixFlag.PROVEN
        for fix in fact.fixes:
            subject = self._carriers.who(fix.device, fix.t)
            if subject is None or (only is not None and subject not in only):
                continue
            known = self.seen.get(subject)
            if fix.flags & needed != needed or fix.t > fact.received_t + self._future_s or (known and fix.t <= known.t):
                continue
            if self._hides and self._hides(subject, fix.lon, fix.lat, fix.sigma_m):
                self.seen.pop(subject, None)
                continue
            news.append(
                Seen(subject, fix.t, fact.received_t, fix.lon, fix.lat, fix.sigma_m, fix.speed_mps, fix.course_deg)
            )
            self.seen[subject] = news[-1]
        return news

    def where(self, subject: object) -> tuple[float, float] | None:
        """(lon, lat) of a subject, None where never seen."""
        seen = self.seen.get(str(subject))
        return (seen.lon, seen.lat) if seen else None
