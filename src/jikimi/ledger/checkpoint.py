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
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``root`` over the first ``size`` rows of the log called ``origin``."""

    origin: str
    size: int
    root: Hash

    @property
    def called(self) -> str:
        """Which it is, to stand behind the word checkpoint."""
        month = month_of(self.origin)
        return f"of size {self.size} in {month}" if month else f"of size {self.size}"

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
    """The checkpoint in a note if a site's ``key`` signed it for one of its logs, else None; raises UnreadableNote for none.

    A log's checkpoints are signed under the log's name: the site's key, that name beside it.
    """
    note = Note.parse(written)
    said = Checkpoint.parse(note.text)
    return said if is_log_of(said.origin, key.name) and note.signed_by(key.named(said.origin)) else None


def is_log_of(origin: str, site: str) -> bool:
    """Whether a log is of this site: one of its months, or the one from before there were months."""
    return origin == site or (bool(month_of(origin)) and origin == f"{site}/{month_of(origin)}")


def month_of(origin: str) -> str:
    """``yyyy-mm``; empty for a log that is no month's."""
    last = origin.rpartition("/")[2]
    return last if _MONTH.fullmatch(last) else ""
