"""A small stage for detection: people in metres around one point, seconds from one moment."""

from collections.abc import Iterator
from math import sqrt
from random import Random

from jikimi.detect.decisions import Alert, Cleared, Decision, Moved
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, DeviceEvent, Fact, Fix, Fixes, Order, Place, Span
from jikimi.detect.rules import Rules
from jikimi.kernel.geodesy import shifted
from jikimi.registry.regimes import edition_at

T0 = 1_800_000_000.0
LON, LAT = 127.0, 37.5
HIM, HER = "offender", "victim"
RULES = edition_at(T0)


def point(east: float, north: float = 0.0) -> tuple[float, float]:
    """Degrees of a point ``east`` and ``north`` metres from the origin."""
    return shifted(LON, LAT, east, north)


def fix(who: str, at: float, east: float, north: float = 0.0, *, sigma: float = 7.0, flags: int = 3) -> Fix:
    """A fix of ``who`` at T0 + ``at``."""
    lon, lat = point(east, north)
    return Fix(who, T0 + at, lon, lat, sigma, 1, flags)


def order(name: str = "order", **changes: object) -> Order:
    """An order of 100 m between the two, from the beginning, without an end."""
    plain: dict[str, object] = {
        "received_t": T0, "order": name, "version": 1, "offender": HIM, "victim": HER, "start": T0, "end": None,
        "radius_m": 100.0,
    }  # fmt: skip
    return Order(**(plain | changes))  # type: ignore[arg-type]


def circle(name: str, kind: str, east: float, north: float = 0.0, radius_m: float = 100.0) -> Place:
    """A round place."""
    lon, lat = point(east, north)
    return Place(name, kind, lon, lat, radius_m)


def span(start: float, end: float | None) -> Span:
    """A stretch in seconds from T0."""
    return Span(T0 + start, None if end is None else T0 + end, "court")


def noise(like: float, sigma: float = 7.0, hours: float = 24.0, seed: int = 3) -> Iterator[tuple[float, float]]:
    """Seconds and metres of a receiver's error, once a minute, each so much like the one before."""
    chance, off = Random(seed), 0.0
    for at in range(0, int(3600 * hours), 60):
        off = like * off + chance.gauss(0.0, sigma) * sqrt(1.0 - like * like)
        yield float(at), off


class Scene:
    """An engine with both carriers; ``said`` gathers every decision."""

    def __init__(self, *orders: Order, rules: Rules = RULES, shard: tuple[int, int] = (0, 1)) -> None:
        self.engine = Engine(rules, shard)
        self.said: list[Decision] = []
        self.clock = -1.0
        for who in (HIM, HER):
            self.apply(Carry(T0, f"c-{who}", who, who, 0.0))
        for each in orders:
            self.apply(each)

    def apply(self, fact: Fact) -> list[Decision]:
        """One fact as it is."""
        said = self.engine.apply(fact)
        self.said.extend(said)
        return said

    def tick(self, until: float) -> None:
        """Ticks up to and including T0 + ``until``."""
        self.said.extend(self.engine.ticks(T0 + self.clock + 1, T0 + until))
        self.clock = until

    def sees(self, *fixes: Fix, late: float = 0.0) -> list[Decision]:
        """Fixes received ``late`` seconds after the newest of them, with the ticks before."""
        received = max(f.t for f in fixes) + late
        if received - T0 >= self.clock + 1:
            self.tick(float(int(received - T0)))
        return self.apply(Fixes(received, list(fixes)))

    def event(self, who: str, at: float, kind: str, value: str | float | None = None, **more: float) -> list[Decision]:
        """A device event received ``late`` seconds after it happened."""
        late = more.get("late", 0.0)
        return self.apply(DeviceEvent(T0 + at + late, who, T0 + at, kind, value, int(more.get("flags", 2))))

    def stand(self, start: float, end: float, him: tuple[float, float], her: tuple[float, float] | None,
              every: float = 60.0) -> None:  # fmt: skip
        """Both report where they stand every ``every`` seconds, he half an interval after her."""
        at = start
        while at < end:
            if her is not None:
                self.sees(fix(HER, at, *her))
            self.sees(fix(HIM, at + every / 2, *him))
            at += every

    def alerts(self, *codes: str, grade: str | None = "live") -> list[Alert]:
        """Alerts so far, of these codes and this grade."""
        found = [d for d in self.said if isinstance(d, Alert)]
        return [a for a in found if (not codes or a.code in codes) and grade in (None, a.grade)]

    def codes(self, grade: str | None = "live") -> list[str]:
        """Codes in the order raised."""
        return [a.code for a in self.alerts(grade=grade)]

    def cleared(self) -> list[str]:
        """Codes cleared so far."""
        return [d.code for d in self.said if isinstance(d, Cleared)]

    def shown(self) -> list[str]:
        """Words shown so far, without the first."""
        return [d.state for d in self.said if isinstance(d, Moved)]

    def state(self) -> str:
        """The only pair's shown word."""
        (word,) = self.engine.states().values()
        return word
