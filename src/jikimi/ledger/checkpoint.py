"""What the ledger looks like at one size, signed: c2sp.org/tlog-checkpoint. It must never sign what it did not compute.

The note's text is three lines: the origin, the number of rows, the base64 of the RFC 6962 root over them.
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.ledger.merkle import WIDTH, Hash
from jikimi.ledger.note import Note, PublicKey, UnreadableNote, decoded, sign

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``root`` over the first ``size`` rows of the ledger called ``origin``."""

    origin: str
    size: int
    root: Hash

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @staticmethod
    def parse(text: str) -> "Checkpoint":
        """The checkpoint in a note's text; further lines are allowed and mean nothing; raises UnreadableNote."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
            raise UnreadableNote("A checkpoint is an origin, a size and a root, a line each.")
        root = decoded(lines[2])
        if root is None or len(root) != WIDTH:
            raise UnreadableNote("A checkpoint's root is the base64 of 32 bytes.")
        return Checkpoint(lines[0], int(lines[1]), Hash(root))


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a note signed under its own origin."""
    return str(sign(checkpoint.text(), checkpoint.origin, key))


def opened(written: str, key: PublicKey) -> Checkpoint | None:
    """The checkpoint in a note if ``key`` signed it, else None; raises UnreadableNote when it is no note at all."""
    note = Note.parse(written)
    return Checkpoint.parse(note.text) if note.signed_by(key) else None
