"""A checkpoint and the proof of what it grew out of, as c2sp.org/tlog-witness sends them. It must never hold a row."""

import base64
import re
from dataclasses import dataclass
from typing import Final

from jikimi.ledger.merkle import WIDTH, Hash
from jikimi.ledger.note import UnreadableNote, decoded

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")
_MOST_STEPS: Final = 63


@dataclass(frozen=True, slots=True)
class Growth:
    """``proof`` that the tree of the checkpoint in ``note`` begins with its first ``old`` rows (RFC 6962, 2.1.2)."""

    old: int
    proof: tuple[Hash, ...]
    note: str

    def __str__(self) -> str:
        """As it travels: the old size, the proof, an empty line, the checkpoint."""
        return "\n".join([f"old {self.old}", *(base64.b64encode(step).decode() for step in self.proof), "", self.note])

    @staticmethod
    def parse(written: str) -> "Growth":
        """What ``str`` wrote; raises UnreadableNote."""
        head, gap, note = written.partition("\n\n")
        first, *lines = head.split("\n")
        old, steps = _OLD.fullmatch(first), [decoded(line) for line in lines]
        proof = tuple(Hash(step) for step in steps if step is not None and len(step) == WIDTH)
        if old is None or not gap or len(proof) != len(lines) or len(proof) > _MOST_STEPS:
            raise UnreadableNote("This is no checkpoint with its proof: `old`, hashes, an empty line, the checkpoint.")
        return Growth(int(old[1]), proof, note)
