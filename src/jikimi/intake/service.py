"""From a device's request to facts on disk. It must never answer "taken" before the log has it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prometheus_client import Counter

from jikimi.detect.accuracy import sigma_of
from jikimi.detect.events import CALLS, KINDS
from jikimi.detect.facts import DeviceEvent, Fix, FixFlag, Source, encode
from jikimi.detect.rules import Rules
from jikimi.intake.devices import DeviceKey, Devices
from jikimi.intake.gather import Gatherer
from jikimi.intake.limits import Pace, Taken
from jikimi.intake.plausible import Bounds, check
from jikimi.intake.protocols import Position
from jikimi.intake.schemas import SOURCES, EventIn, FixIn
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Absurd, Malformed, TooMany, Unauthenticated
from jikimi.kernel.ids import derived

_UERE_M = 5.0
"""Metres of range error that one unit of HDOP stands for (per axis: divided by the square root of two)."""
_AXIS = 2**0.5
_unkept = Counter(
    "jikimi_unkept", "Fixes and events answered as ever and kept nowhere: nobody's yes covers them any more"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How many fixes were stored, were stored before, and which were refused and why (index, code, sentence).

    ``kept`` False: answered as if they were stored, and stored nowhere.
    """

    taken: int
    already: int
    refused: list[tuple[int, str, str]]
    kept: bool = True


class Intake:
    """The gateway's work, whatever the protocol. ``rules`` is what the log last said about accuracy."""

    def __init__(
        self, devices: Devices, gatherer: Gatherer, append_event: Callable[[bytes, str], Awaitable[int]], clock: Clock,
        rules: Rules, *, pace: Pace, bounds: Bounds | None = None,
    ) -> None:  # fmt: skip
        self.devices, self.clock, self.rules = devices, clock, rules
        self._gatherer, self._append_event, self._pace = gatherer, append_event, pace
        self._bounds, self._taken = bounds or Bounds(), Taken()

    def who(self, external_id: str, key: str) -> DeviceKey:
        """The device whose key this is; raises Unauthenticated, the same for unknown, revoked and wrong."""
        device = self.devices.authenticate(external_id, key)
        if device is None:
            raise Unauthenticated("No device with this id and key.")
        return device

    async def take(self, device: DeviceKey, fixes: list[FixIn]) -> Answer:
        """Store what is plausible and new.

        Of a device whose wearer took back her yes nothing is stored, and it is answered alike: whoever holds it learns
        nothing. Raises TooMany for a flood, Unavailable when the log is away, Absurd when nothing in it was plausible.
        """
        now = self.clock.unix()
        wait = self._pace.wait_s(device.device, len(fixes), now)
        if wait:
            raise TooMany("This device sends more than it may.", retry_after_s=round(wait, 3))
        fresh: dict[tuple[float, float, float], Fix] = {}
        refused: list[tuple[int, str, str]] = []
        field: str | float | None = None
        already = 0
        for index, fix in enumerate(fixes):
            try:
                check(fix.t, fix.lon, fix.lat, fix.accuracy_m, fix.speed_mps, fix.course_deg, now, self._bounds)
            except Absurd as error:
                refused.append((index, error.code, error.detail))
                field = field or error.extra.get("field")
                continue
            place = (fix.t, fix.lon, fix.lat)
            if place in fresh or self._taken.knows(device.device, *place):
                already += 1
            else:
                fresh[place] = self._normal(device, fix)
        if refused and len(refused) == len(fixes):
            raise Absurd(refused[0][2], field=field, refused=len(refused))
        if fresh:
            if device.unkept:
                _unkept.inc(len(fresh))
            else:
                await self._gatherer.put(list(fresh.values()))
            for place in fresh:
                self._taken.add(device.device, *place)
        return Answer(len(fresh), already, refused, kept=not device.unkept)

    async def take_event(self, device: DeviceKey, event: EventIn) -> None:
        """Store one event; raises Malformed for a kind nobody knows, Absurd, TooMany, Unavailable.

        A cry for help is refused neither for being repeated nor for a wrong clock: it is then dated by ours. A retry is
        known by the sender's id, else by its time: the log forgets both sooner than detection takes it for another call.
        A call for help is stored whoever said no to what; of the rest as with fixes.
        """
        if event.kind not in KINDS:
            raise Malformed(f"kind must be one of {', '.join(sorted(KINDS))}.", field="kind")
        now, t, urgent = self.clock.unix(), event.t, event.kind in CALLS
        if not now - self._bounds.oldest_s <= t <= now + self._bounds.newest_s:
            if not urgent:
                raise Absurd("t is no time of today.", field="t")
            t = now
        wait = self._pace.wait_s(device.device, 1, now)
        if wait and not urgent:
            raise TooMany("This device sends more than it may.", retry_after_s=round(wait, 3))
        if device.unkept and not urgent:
            _unkept.inc()
            return
        fact = DeviceEvent(now, device.device, t, event.kind, event.value, int(FixFlag.PROVEN))
        which = (t, event.kind, event.value) if event.id is None else ("event", event.id)
        await self._append_event(encode(fact), str(derived(device.device, *which)))

    def _normal(self, device: DeviceKey, fix: FixIn) -> Fix:
        source = Source(SOURCES[fix.source])
        sigma, assumed = sigma_of(fix.accuracy_m, source, self.rules.accuracy)
        flags = FixFlag.PROVEN | (FixFlag.VALID if fix.valid else 0) | (FixFlag.ASSUMED if assumed else 0)
        return Fix(
            device.device, fix.t, fix.lon, fix.lat, sigma, int(source), int(flags), fix.speed_mps,
            fix.course_deg % 360 if fix.course_deg is not None else None, fix.seq, fix.accuracy_m,
        )  # fmt: skip


def from_position(position: Position, now: float) -> FixIn:
    """A decoded position as our own fix; a device without a clock is dated by ours."""
    accuracy = position.accuracy_m
    if accuracy is None and position.hdop:
        # 68 % radius from per-axis sigma, which is HDOP times the range error over the square root of two.
        accuracy = 1.5096 * position.hdop * _UERE_M / _AXIS
    return FixIn(
        t=position.t if position.t is not None else now,
        lon=position.lon,
        lat=position.lat,
        accuracy_m=accuracy,
        source=position.source.name.lower(),
        # Phones write -1 for a speed or a course they do not know; the place stands all the same.
        speed_mps=_unless_negative(position.speed_mps),
        course_deg=_unless_negative(position.course_deg),
        valid=position.valid,
    )


def _unless_negative(value: float | None) -> float | None:
    return None if value is None or value < 0 else value
