"""Signed notes as c2sp.org/signed-note writes them, with Ed25519. It must never take a key from the note itself.

A note is text, an empty line, and signature lines ``— name base64(key id, signature)``.
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jikimi.kernel.errors import JikimiError

LOG: Final = b"\x01"
"""A key that signs notes."""
COSIGNER: Final = b"\x04"
"""A key that cosigns checkpoints (c2sp.org/tlog-cosignature)."""
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_DASH: Final = "\u2014 "
_MOST_CHARACTERS: Final = 65_536
_MOST_SIGNATURES: Final = 100


class UnreadableNote(JikimiError):
    """A note, a checkpoint or a public key that is not written as its standard says."""

    code = "unreadable-note"
    advice = "Fetch the file again from whoever gave it to you."


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key with the name it signs under, and what it is for: LOG or COSIGNER."""

    name: str
    raw: bytes
    kind: bytes = LOG

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart: SHA-256(name, 0x0A, kind, key)[:4]."""
        return sha256(self.name.encode() + b"\n" + self.kind + self.raw).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """``name+id+base64``, as verifiers of transparency logs take it."""
        return f"{self.name}+{self.id.hex()}+{_b64(self.kind + self.raw)}"

    def named(self, name: str) -> "PublicKey":
        """The same key under another name: a site signs each of its logs under that log's own."""
        return PublicKey(name, self.raw, self.kind)

    @staticmethod
    def parse(text: str, kind: bytes = LOG) -> "PublicKey":
        """The key of that kind in ``name+id+base64``; raises UnreadableNote."""
        name, _, rest = text.strip().partition("+")
        digest, _, encoded = rest.partition("+")
        raw = _bytes(encoded)
        if len(raw) != _KEY_BYTES + 1 or raw[:1] != kind:
            who = "a ledger's" if kind == LOG else "a witness's"
            raise UnreadableNote(f"This is not {who} Ed25519 public key as name+id+base64.")
        key = PublicKey(fit_name(name), raw[1:], kind)
        if key.id.hex() != digest:
            raise UnreadableNote("The public key's id does not belong to its name and bytes.")
        return key

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``message`` (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    raw: bytes

    def __str__(self) -> str:
        """The line, without its end."""
        return f"{_DASH}{self.name} {_b64(self.key_id + self.raw)}"


@dataclass(frozen=True, slots=True)
class Note:
    """``text`` ends with a newline; it means nothing until ``signed_by`` has said so."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it travels."""
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the key signed this text; False too when one of several signatures of that key is wrong."""
        ours = [one for one in self.signatures if (one.name, one.key_id) == (key.name, key.id)]
        return bool(ours) and all(key.signed(self.text.encode(), one.raw) for one in ours)

    @staticmethod
    def parse(written: str) -> "Note":
        """The note in ``written``; raises UnreadableNote."""
        if len(written) > _MOST_CHARACTERS or any(map(_unfit, written)):
            raise UnreadableNote("This is no signed note: it is too long or holds control characters.")
        body, gap, lines = written.rpartition("\n\n")
        if not gap or not body or not lines.endswith("\n"):
            raise UnreadableNote("This is no signed note: text, an empty line, and signature lines are wanted.")
        signatures = lines[:-1].split("\n")
        if len(signatures) > _MOST_SIGNATURES:
            raise UnreadableNote("This note has more signatures than anybody may add.")
        return Note(body + "\n", tuple(_signature(line) for line in signatures))


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """``text`` (ending with a newline) signed under ``name``; raises UnreadableNote for a name that cannot be."""
    public = public_key(name, key)
    return Note(text, (Signature(name, public.id, key.sign(text.encode())),))


def public_key(name: str, key: Ed25519PrivateKey) -> PublicKey:
    """The public half of ``key`` under ``name``."""
    return PublicKey(fit_name(name), key.public_key().public_bytes_raw())


def fit_name(name: str) -> str:
    """A key's name: not empty, no plus sign, no spaces of any kind; raises UnreadableNote."""
    if not name or "+" in name or " " in name or not name.isprintable():
        raise UnreadableNote("A key's name is not empty and has neither spaces nor a plus sign.")
    return name


def _unfit(sign: str) -> bool:
    return (sign < " " and sign != "\n") or "\ud800" <= sign <= "\udfff"


def decoded(text: str) -> bytes | None:
    """The bytes of standard base64 written in its only form; None for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _b64(raw) == text else None


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _bytes(encoded)
    if not line.startswith(_DASH) or len(raw) <= _ID_BYTES:
        raise UnreadableNote("A signature line is a dash, a name, and base64 of a key id and a signature.")
    return Signature(fit_name(name), raw[:_ID_BYTES], raw[_ID_BYTES:])


def _bytes(text: str) -> bytes:
    raw = decoded(text)
    if raw is None:
        raise UnreadableNote("This is not base64.")
    return raw


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
