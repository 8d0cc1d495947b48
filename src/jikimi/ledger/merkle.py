"""The tree the ledger is sealed in: RFC 6962 section 2.1 hashes, and a frontier that grows without the leaves.

It must never depend on anything but the order and the bytes of the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NewType

Hash = NewType("Hash", bytes)
"""32 bytes of SHA-256."""

WIDTH: Final = 32
EMPTY: Final = Hash(sha256(b"").digest())
"""The root of no rows at all."""


def leaf_hash(entry: bytes) -> Hash:
    """The hash of one row's bytes (RFC 6962, 2.1: with a leading 0x00)."""
    return Hash(sha256(b"\x00" + entry).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """The hash of two subtrees (RFC 6962, 2.1: with a leading 0x01)."""
    return Hash(sha256(b"\x01" + left + right).digest())


@dataclass(slots=True)
class Frontier:
    """All that must be kept of ``size`` leaves to go on: the roots of its full subtrees, the largest first."""

    size: int = 0
    peaks: list[Hash] = field(default_factory=list)

    def append(self, leaf: Hash) -> None:
        """Add the hash of the next leaf."""
        self.peaks.append(leaf)
        self.size += 1
        full = self.size
        while full % 2 == 0:
            right, left = self.peaks.pop(), self.peaks.pop()
            self.peaks.append(node_hash(left, right))
            full //= 2

    def root(self) -> Hash:
        """The root over all leaves so far."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def to_bytes(self) -> bytes:
        """The peaks one after another, 32 bytes each."""
        return b"".join(self.peaks)

    @staticmethod
    def from_bytes(size: int, raw: bytes) -> "Frontier":
        """What ``to_bytes`` wrote for that size; raises ValueError when it cannot be."""
        if size < 0 or len(raw) != WIDTH * size.bit_count():
            raise ValueError("these are not the peaks of a tree of that size")
        return Frontier(size, [Hash(raw[start : start + WIDTH]) for start in range(0, len(raw), WIDTH)])


def root_of(leaves: Sequence[Hash]) -> Hash:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()
