"""A witness's signature on a checkpoint: c2sp.org/tlog-cosignature, Ed25519. It must never be made before the look.

It says: at this time, this was the largest tree of this ledger I had seen, and it grew out of all I saw before.
"""

import struct
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.ledger.note import COSIGNER, Note, PublicKey, Signature, fit_name

_TIME: Final = struct.Struct(">Q")


def witness_key(name: str, key: Ed25519PrivateKey) -> PublicKey:
    """The public half of a witness's key under its name; raises UnreadableNote for a name that cannot be."""
    return PublicKey(fit_name(name), key.public_key().public_bytes_raw(), COSIGNER)


def cosigned(note: Note, name: str, key: Ed25519PrivateKey, at: int) -> Note:
    """The note with that witness's signature, in place of an earlier one of its own; ``at`` in Unix seconds."""
    public = witness_key(name, key)
    others = tuple(one for one in note.signatures if (one.name, one.key_id) != (public.name, public.id))
    return Note(note.text, (*others, Signature(name, public.id, _TIME.pack(at) + key.sign(_message(note, at)))))


def cosigned_at(note: Note, witness: PublicKey) -> int | None:
    """When that witness last signed the note, in Unix seconds; None when it did not, or one of its lines is wrong."""
    times = []
    for one in note.signatures:
        if (one.name, one.key_id) == (witness.name, witness.id):
            if len(one.raw) <= _TIME.size:
                return None
            (at,) = _TIME.unpack_from(one.raw)
            if not witness.signed(_message(note, at), one.raw[_TIME.size :]):
                return None
            times.append(at)
    return max(times, default=None)


def _message(note: Note, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{note.text}".encode()
