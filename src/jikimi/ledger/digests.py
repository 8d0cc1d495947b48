"""Keyed commitments to facts. It must never write a fact down, nor be computable without the key.

A plain or salted hash of a resident number with a known birth date is found by trying four million values; an
HMAC-SHA256 (RFC 2104, FIPS 198-1) is not, as long as its key is kept elsewhere. The site's key outlives every person, so a
commitment has an opening of its own beside it: kept with the facts, destroyed with them, and then nobody, not even who
holds the key, can say what was committed to.
"""

import hmac
import secrets
import struct
from uuid import UUID

Part = str | bytes | int | float | bool | UUID | None

_DOMAIN = b"jikimi commitment 1\n"
_SHORTEST_KEY = 32


class Digester:
    """Makes commitments under one key of at least 32 bytes."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST_KEY:
            raise ValueError("a commitment key has at least 32 bytes")
        self._key = key

    def of(self, *parts: Part) -> str:
        """64 hexadecimal digits committing to these parts, their types, their bounds and their order."""
        return hmac.new(self._key, _DOMAIN + b"".join(map(_encoded, parts)), "sha256").hexdigest()

    def commit(self, *parts: Part) -> tuple[str, bytes]:
        """``of`` an opening and these parts; and the opening: 32 random bytes to keep with the facts, and nowhere else."""
        opening = secrets.token_bytes(_SHORTEST_KEY)
        return self.of(opening, *parts), opening

    def agrees(self, digest: str, *parts: Part) -> bool:
        """Whether ``digest`` commits to these parts, compared in constant time."""
        return hmac.compare_digest(digest.encode(), self.of(*parts).encode())


def _encoded(part: Part) -> bytes:
    """One part as a type letter, its length in eight bytes, and its bytes."""
    match part:
        case None:
            kind, body = b"n", b""
        case bool():
            kind, body = b"t", bytes([part])
        case int():
            kind, body = b"i", str(part).encode()
        case float():
            kind, body = b"f", struct.pack(">d", part)
        case str():
            kind, body = b"s", part.encode("utf-8", "surrogatepass")
        case bytes():
            kind, body = b"b", part
        case _:
            kind, body = b"u", part.bytes
    return kind + len(body).to_bytes(8, "big") + body
