"""What another party kept of the ledger: checkpoints, an earlier copy, its hashes. It must never vouch for itself.

A holder of the database and of the signing key can rewrite everything but this. And what a party kept accuses the site
only as far as the site's own signatures in it reach.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from jikimi.ledger.checkpoint import Checkpoint, is_log_of
from jikimi.ledger.cosignature import cosigned_at
from jikimi.ledger.course import Course, OutOfCourse
from jikimi.ledger.lines import HashLine, Header, Line, NoteLine, RowLine, UnreadableLine, read
from jikimi.ledger.merkle import WIDTH, Hash
from jikimi.ledger.months import opens
from jikimi.ledger.note import Note, PublicKey, UnreadableNote

_LONGEST_NOTE = 1 << 20


@dataclass(slots=True)
class Anchor:
    """Notes, each with how many rows stood before it in its file; hashes of an earlier copy, and its first rows of months."""

    notes: list[tuple[int, str]] = field(default_factory=list)
    leaves: bytearray = field(default_factory=bytearray)
    openings: dict[int, str] = field(default_factory=dict)
    copy: Path | None = None

    def heads(self, key: PublicKey) -> dict[tuple[str, int], Hash]:
        """Roots by log and size, and the copy cut to what they cover.

        Raises UnreadableNote for a note unreadable, of another ledger, not signed by ``key``, or not over the copy's rows.
        """
        heads: dict[tuple[str, int], Hash] = {}
        after: dict[int, Checkpoint] = {}
        for rows, written in self.notes:
            head = _opened(written, key)
            if heads.setdefault((head.origin, head.size), head.root) != head.root:
                raise UnreadableNote(f"You hold two different checkpoints {head.called}: the ledger was forked.")
            if rows:
                after[rows] = head
        self._covered(Course(key.name), after)
        return heads

    def witnessed(self, witness: PublicKey) -> list[tuple[Checkpoint, int]]:
        """What that witness signed of it, and when, in Unix seconds."""
        found = [(Checkpoint.parse(note.text), cosigned_at(note, witness)) for note in self._parsed()]
        return [(head, at) for head, at in found if at is not None]

    def signers(self) -> set[tuple[str, bytes]]:
        """Whoever put a line under a note, by name and key id, whether the line is right or not."""
        return {(one.name, one.key_id) for note in self._parsed() for one in note.signatures}

    def leaf(self, seq: int) -> bytes:
        """The hash row ``seq`` had in the earlier copy; empty when it had no such row."""
        return bytes(self.leaves[seq * WIDTH : (seq + 1) * WIDTH])

    def _parsed(self) -> list[Note]:
        return [Note.parse(written) for _, written in self.notes]

    def _covered(self, course: Course, after: dict[int, Checkpoint]) -> None:
        """Go through the copy's hashes; what no checkpoint in it covers is nobody's word."""
        for seq in range(len(self.leaves) // WIDTH):
            try:
                course.take(self.openings.get(seq), Hash(self.leaf(seq)))
            except OutOfCourse as error:
                raise UnreadableNote(f"Your earlier copy does not hold: {error}") from None
            said = after.get(course.size)
            if said is not None and said != course.head():
                raise UnreadableNote(f"Your earlier copy is not what its checkpoint {said.called} was signed over.")
            course.covered = course.size if said is not None else course.covered
        del self.leaves[course.covered * WIDTH :]


def load(path: Path) -> Anchor:
    """A note, or JSON Lines with checkpoints and rows or hashes as an export has them; raises UnreadableNote, OSError."""
    with path.open("rb") as file:
        if file.peek(1)[:1] != b"{":
            raw = file.read(_LONGEST_NOTE)
            try:
                return Anchor([(0, raw.decode())])
            except UnicodeDecodeError:
                raise UnreadableNote("The checkpoint file is no text.") from None
        anchor = Anchor(copy=path)
        try:
            for _, line in read(file):
                _keep(anchor, line)
        except UnreadableLine as error:
            raise UnreadableNote(f"Line {error.number} of the checkpoint file cannot be read: {error.why}.") from None
    if not anchor.notes:
        raise UnreadableNote("There is no checkpoint in the checkpoint file.")
    return anchor


def _keep(anchor: Anchor, line: Line) -> None:
    match line:
        case RowLine() | HashLine():
            if line.seq * WIDTH != len(anchor.leaves):
                raise UnreadableNote("Your earlier copy has a gap in its rows.")
            anchor.leaves += bytes.fromhex(line.leaf)
            if isinstance(line, RowLine) and opens(line.body):
                anchor.openings[line.seq] = line.body
        case NoteLine():
            anchor.notes.append((len(anchor.leaves) // WIDTH, line.note))
        case Header():
            pass
        case _:
            assert_never(line)


def _opened(written: str, key: PublicKey) -> Checkpoint:
    note = Note.parse(written)
    head = Checkpoint.parse(note.text)
    if not is_log_of(head.origin, key.name):
        raise UnreadableNote(f"Your checkpoint is of another ledger, {head.origin!r}.")
    if not note.signed_by(key.named(head.origin)):
        raise UnreadableNote("Your checkpoint is not signed with the key this ledger is verified with.")
    return head
