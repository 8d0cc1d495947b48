"""Which devices there are and whether a key is theirs, from the log's last values. It must never keep a key itself."""

import hashlib
import hmac

import msgspec


class DeviceKey(msgspec.Struct, frozen=True, array_like=True):
    """A device as the gateway knows it; published whenever it changes."""

    device: str
    external_id: str
    key_digest: bytes
    kind: str
    interval_s: float
    revoked: bool = False
    unkept: bool = False
    """Whoever wore it took back her yes: it is answered as ever, and nothing of it is kept but a call for help."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(DeviceKey)


def digest(key: str) -> bytes:
    """What is kept of a device's key: SHA-256, enough for 192 random bits."""
    return hashlib.sha256(key.encode()).digest()


def encode(device: DeviceKey) -> bytes:
    """As the log keeps it."""
    return _encoder.encode(device)


def decode(body: bytes) -> DeviceKey:
    """The device in ``body``; raises ``msgspec.DecodeError`` when it is none."""
    return _decoder.decode(body)


class Devices:
    """All known devices by the id they give themselves."""

    def __init__(self) -> None:
        self._by_external_id: dict[str, DeviceKey] = {}
        self._name_of: dict[str, str] = {}
        self._unkept: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._by_external_id)

    def learn(self, device: DeviceKey) -> None:
        """Take a device's newest description."""
        previous = self._name_of.get(device.device)
        if previous is not None and previous != device.external_id:
            named = self._by_external_id.get(previous)
            # The old name may be another device's by now.
            if named is not None and named.device == device.device:
                del self._by_external_id[previous]
        self._name_of[device.device] = device.external_id
        self._by_external_id[device.external_id] = device
        if device.unkept:
            self._unkept[device.device] = device.key_digest
        else:
            self._unkept.pop(device.device, None)

    def keeps(self, key: str) -> bool:
        """Whether what came with this key may be kept, even where it could not be read."""
        return digest(key) not in self._unkept.values()

    def knows(self, external_id: str) -> bool:
        """Whether a device calls itself that; say it to nobody."""
        return external_id in self._by_external_id

    def authenticate(self, external_id: str, key: str) -> DeviceKey | None:
        """The device, if it is known, not revoked, and the key is its own; the same work either way."""
        device = self._by_external_id.get(external_id)
        same = hmac.compare_digest(digest(key), device.key_digest if device else bytes(32))
        return device if device is not None and same and not device.revoked else None
