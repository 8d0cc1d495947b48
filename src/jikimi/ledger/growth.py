"""A checkpoint and the proof of what it grew out of, month by month. It must never hold a row but those that open months.

Each step within a log is the body of add-checkpoint of c2sp.org/tlog-witness. A step into the next month shows that month's
first row, and that it is the first leaf of its tree, instead of an old size.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from jikimi.ledger.merkle import WIDTH, Hash
from jikimi.ledger.note import UnreadableNote, decoded

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")
_OPENS: Final = "opens "
_MOST_HASHES: Final = 63
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Growth:
    """``proof`` that the tree of the checkpoint in ``note`` begins with its first ``old`` rows (RFC 6962, 2.1.2)."""

    old: int
    proof: tuple[Hash, ...]
    note: str

    def __str__(self) -> str:
        """As it travels: the old size, the proof, an empty line, the checkpoint."""
        return _written(f"old {self.old}", self.proof, self.note)


@dataclass(frozen=True, slots=True)
class Begun:
    """``proof`` that the tree of the checkpoint in ``note`` begins with the row ``body`` (RFC 6962, 2.1.1)."""

    body: str
    proof: tuple[Hash, ...]
    note: str

    def __str__(self) -> str:
        """As it travels: the row, the proof, an empty line, the checkpoint."""
        return _written(f"{_OPENS}{self.body}", self.proof, self.note)


@dataclass(frozen=True, slots=True)
class Offer:
    """The steps to the last checkpoint, one for each month, in their order; there is at least one."""

    steps: tuple[Growth | Begun, ...]

    def __str__(self) -> str:
        """The steps with an empty line between them."""
        return "\n".join(map(str, self.steps))

    @staticmethod
    def parse(written: str) -> "Offer":
        """What ``str`` wrote; raises UnreadableNote."""
        parts = written.split("\n\n")
        if len(parts) % _PARTS:
            raise UnreadableNote(_WANTED)
        return Offer(tuple(_steps(parts)))


_WANTED: Final = "This is no checkpoint with its proof: `old`, hashes, an empty line, the checkpoint."


def _steps(parts: Sequence[str]) -> Iterator[Growth | Begun]:
    for start in range(0, len(parts), _PARTS):
        head, text, signatures = parts[start : start + _PARTS]
        first, *lines = head.split("\n")
        hashes = [decoded(line) for line in lines]
        proof = tuple(Hash(one) for one in hashes if one is not None and len(one) == WIDTH)
        old = _OLD.fullmatch(first)
        if len(proof) != len(lines) or len(proof) > _MOST_HASHES or not (old or first.startswith(_OPENS)):
            raise UnreadableNote(_WANTED)
        note = f"{text}\n\n{signatures}" + ("\n" if start + _PARTS < len(parts) else "")
        yield Growth(int(old[1]), proof, note) if old else Begun(first.removeprefix(_OPENS), proof, note)


def _written(first: str, proof: Sequence[Hash], note: str) -> str:
    return "\n".join([first, *(base64.b64encode(one).decode() for one in proof), "", note])
