"""Ledgers made in memory as a site would export them: months of rows, checkpoints between, honest or not."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.ledger.checkpoint import Checkpoint, signed
from jikimi.ledger.course import Course
from jikimi.ledger.lines import HashLine, Header, NoteLine, RowLine
from jikimi.ledger.merkle import Frontier, Hash, leaf_hash
from jikimi.ledger.months import Opening, opens
from jikimi.ledger.note import public_key
from jikimi.ledger.rows import Row, body_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SITE = "police.example/ledger"
PINNED = str(public_key(SITE, KEY))
SEOUL_S = 32_400
MONTHS = {"2026-04": 3, "2026-05": 6, "2026-07": 2}
"""Months and how many rows were written in each, the one that opens it not counted."""
Line = dict[str, Any]


class Made:
    """A ledger growing: ``texts`` of its rows, ``lines`` of its export, the ``heads`` that were signed."""

    def __init__(self, key: Ed25519PrivateKey = KEY, site: str = SITE) -> None:
        self.key, self.course = key, Course(site)
        self.texts: list[str] = []
        self.notes: list[tuple[int, Checkpoint, str]] = []

    def month(self, name: str) -> None:
        """Open a month as the sealer does."""
        last = self.course.head() if self.course.size else None
        self.row(opening_text(Opening(f"{self.course.site}/{name}", self.course.size, last)))

    def forced(self, text: str, log: str) -> None:
        """Begin a log with that row, whatever it says."""
        self.course.origin, self.course.before, self.course.frontier = log, self.course.size, Frontier()
        self.course.frontier.append(leaf_hash(text.encode()))
        self.texts.append(text)

    def row(self, text: str) -> None:
        """Add a row by its text."""
        self.course.take(text, leaf_hash(text.encode()))
        self.texts.append(text)

    def sign(self) -> None:
        """Put a checkpoint over everything so far."""
        head = self.course.head()
        self.notes.append((self.course.size, head, signed(head, self.key)))
        self.course.covered = self.course.size

    def lines(self, *, hashes: bool = False) -> list[Line]:
        """The export, or the copy of hashes."""
        size, site = self.notes[-1][0], self.course.site
        lines = [Header(site, str(public_key(site, self.key)), size).written()]
        for seq, text in enumerate(self.texts[:size]):
            leaf, said = leaf_hash(text.encode()).hex(), json.loads(text)
            whole = RowLine(seq, said["id"], said["at"], text, leaf)
            lines.append((HashLine(seq, leaf) if hashes and not opens(text) else whole).written())
            lines += [NoteLine(note).written() for after, _, note in self.notes if after == seq + 1]
        return [json.loads(line) for line in lines]

    def leaves(self, start: int = 0) -> list[Hash]:
        """The rows' hashes from number ``start`` on."""
        return [leaf_hash(text.encode()) for text in self.texts[start:]]


def opening_text(opening: Opening) -> str:
    """The text of a row that opens a month."""
    return body_of(UUID(int=2**100 + opening.before), opening.row(1_770_000_000.0, SEOUL_S))


def text_of(number: int, count: int) -> str:
    """A row's text."""
    return body_of(UUID(int=number + 1), Row(1_780_000_000.0 + number, "tasking", {"count": count}))


def made(
    months: Mapping[str, int] = MONTHS, change: Mapping[int, int] | None = None, without: Sequence[int] = (),
    every: int = 2,
) -> Made:  # fmt: skip
    """A ledger of those months, signed each ``every`` rows and at a month's end.

    ``change`` gives a row, by its number in the honest ledger, another count; those ``without`` were never there.
    """
    ledger, number = Made(), 0
    for month, count in months.items():
        ledger.month(month)
        number += 1
        for nth in range(count):
            if number not in without:
                ledger.row(text_of(number, (change or {}).get(number, number)))
            number += 1
            if nth % every == 0 or nth == count - 1:
                ledger.sign()
    return ledger


def row_at(lines: Sequence[Line], seq: int) -> int:
    """Where row ``seq`` stands among the lines."""
    return next(index for index, line in enumerate(lines) if line.get("seq") == seq)
