"""Who carried a device at a moment. It must never guess: without a record a fix is nobody's."""

from typing import Final

from jikimi.detect.facts import Carry

FOREVER: Final = float("inf")


class Held:
    """One stretch of one person carrying one device: [since, until)."""

    __slots__ = ("carry", "interval_s", "person", "since", "until")

    def __init__(self, carry: Carry) -> None:
        self.carry = carry
        self.person = carry.person
        self.since = carry.since
        self.until = FOREVER if carry.until is None else carry.until
        self.interval_s = carry.interval_s


class Carriers:
    """All records of who carries what; a later record of the same id replaces the earlier."""

    __slots__ = ("_by_device", "_by_person")

    def __init__(self) -> None:
        self._by_device: dict[str, list[Held]] = {}
        self._by_person: dict[str, list[Held]] = {}

    def apply(self, carry: Carry) -> Held:
        """Take a record; of two that overlap the one that began later holds."""
        for held in self._by_device.get(carry.device, []):
            if held.carry.carry == carry.carry:
                self._by_device[carry.device].remove(held)
                self._by_person[held.person].remove(held)
                break
        taken = Held(carry)
        for records in (self._by_device.setdefault(carry.device, []), self._by_person.setdefault(carry.person, [])):
            records.append(taken)
            records.sort(key=lambda held: (held.since, held.carry.carry))
        return taken

    def held(self, device: str, t: float) -> Held | None:
        """The record that covers device-time ``t`` (Unix seconds), or None."""
        for held in reversed(self._by_device.get(device, ())):
            if held.since <= t < held.until:
                return held
        return None

    def stretch(self, device: str, t: float) -> tuple[str, float, float] | None:
        """The person a device was on at ``t`` and the half-open stretch around it over which that record decides."""
        held = self.held(device, t)
        if held is None:
            return None
        later = (other.since for other in self._by_device[device] if other.since > held.since)
        return held.person, held.since, min(held.until, min(later, default=FOREVER))

    def who(self, device: str, t: float) -> str | None:
        """The person a device was on at ``t``, or None."""
        held = self.held(device, t)
        return held.person if held else None

    def devices(self, person: str, t: float | None = None) -> list[str]:
        """Devices on record for a person, at ``t`` or ever, in order of beginning."""
        return [
            held.carry.device for held in self._by_person.get(person, ()) if t is None or held.since <= t < held.until
        ]

    def carrying(self, person: str, t: float) -> bool:
        """Whether a person carries any device at ``t``."""
        return any(held.since <= t < held.until for held in self._by_person.get(person, ()))

    def next_change(self, person: str, t: float) -> float:
        """The first moment after ``t`` at which a record of this person begins or ends."""
        edges = (edge for held in self._by_person.get(person, ()) for edge in (held.since, held.until))
        return min((edge for edge in edges if edge > t), default=FOREVER)

    def records(self) -> list[Carry]:
        """Every record, in an order that gives the same state again."""
        return [held.carry for records in self._by_device.values() for held in records]
