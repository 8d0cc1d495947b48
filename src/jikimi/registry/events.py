"""What the registry tells others through the log. It must never carry a device's key, only its digest."""

import msgspec

from jikimi.detect import facts
from jikimi.detect.facts import Carry, Fact, Order
from jikimi.stream import names


class DeviceKey(msgspec.Struct, frozen=True, array_like=True):
    """How a device proves who it is: MessagePack array at ``facts.set.device.<id>``, read by the gateways alone.

    ``key_digest`` is SHA-256 of the key's UTF-8 text, 32 bytes; ``interval_s`` how often it is expected to report. A
    ``revoked`` device is refused from then on. A field is only ever added at the end, with a default.
    """

    device: str
    external_id: str
    key_digest: bytes
    kind: str
    interval_s: float
    revoked: bool = False


Change = Order | Carry | DeviceKey

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(DeviceKey)


def encode(change: Fact | DeviceKey) -> bytes:
    """Write a change as the log keeps it."""
    return _encoder.encode(change) if isinstance(change, DeviceKey) else facts.encode(change)


def decode_device(body: bytes) -> DeviceKey:
    """Read a device's key out of the log; raises msgspec.DecodeError for anything else."""
    return _decoder.decode(body)


def subject(change: Change) -> str:
    """Where in the log a change belongs; the last one of each subject lives on."""
    match change:
        case DeviceKey():
            return f"{names.DEVICE}.{change.device}"
        case Order():
            return f"{names.ORDER}.{change.order}"
        case Carry():
            return f"{names.CARRY}.{change.carry}"
