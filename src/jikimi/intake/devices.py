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


_NOBODY = DeviceKey("", "", bytes(32), "", 0.0)
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
    """All known devices by the id they give themselves. Two agencies' may give the same one: a key says whose it is."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[DeviceKey, ...]] = {}
        self._name_of: dict[str, str] = {}
        self._unkept: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._name_of)

    def learn(self, device: DeviceKey) -> None:
        """Take a device's newest description; whatever else gives itself that id stays known by its own key."""
        previous = self._name_of.get(device.device)
        for name in {previous or device.external_id, device.external_id}:
            others = tuple(one for one in self._named.pop(name, ()) if one.device != device.device)
            if now := (*others, device) if name == device.external_id else others:
                self._named[name] = now
        self._name_of[device.device] = device.external_id
        if device.unkept:
            self._unkept[device.device] = device.key_digest
        else:
            self._unkept.pop(device.device, None)

    def keeps(self, key: str) -> bool:
        """Whether what came with this key may be kept, even where it could not be read."""
        return digest(key) not in self._unkept.values()

    def knows(self, external_id: str) -> bool:
        """Whether a device calls itself that; say it to nobody."""
        return external_id in self._named

    def authenticate(self, external_id: str, key: str) -> DeviceKey | None:
        """The device of this name whose key it is, if there is one and it is not revoked; the same work either way."""
        said, found = digest(key), None
        for device in self._named.get(external_id, (_NOBODY,)):
            if hmac.compare_digest(said, device.key_digest) and device is not _NOBODY and not device.revoked:
                found = device
        return found
