"""What the registry tells others through the log. It must never carry a device's key, only its digest.

An order stands at ``facts.set.order.<id>``, who carries what at ``facts.set.carry.<id>``, a device's key at
``facts.set.device.<id>``, whom nothing is to be remembered of at ``facts.set.forget.<id>``; the last of each subject lives
on in the last-value stream. Detection never reads a device's key.
"""

from jikimi.detect import facts
from jikimi.detect.facts import Carry, Fact, Forget, Order
from jikimi.intake import devices
from jikimi.intake.devices import DeviceKey
from jikimi.stream import names

Change = Order | Carry | DeviceKey | Forget


def encode(change: Fact | DeviceKey) -> bytes:
    """Write a change as the log keeps it."""
    return devices.encode(change) if isinstance(change, DeviceKey) else facts.encode(change)


def subject(change: Change) -> str:
    """Where in the log a change belongs."""
    match change:
        case DeviceKey():
            return f"{names.DEVICE}.{change.device}"
        case Order():
            return f"{names.ORDER}.{change.order}"
        case Carry():
            return f"{names.CARRY}.{change.carry}"
        case Forget():
            return f"{names.FORGET}.{change.subject}"
