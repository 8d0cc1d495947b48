"""What another party kept of the ledger: a checkpoint, many, or a whole earlier copy. It must never vouch for itself.

A holder of the database and of the signing key can rewrite everything but this.
"""

from dataclasses import dataclass, field
from pathlib import Path

from jikimi.ledger.checkpoint import Checkpoint
from jikimi.ledger.cosignature import cosigned_at
from jikimi.ledger.lines import Header, NoteLine, RowLine, UnreadableLine, read
from jikimi.ledger.merkle import WIDTH, Hash
from jikimi.ledger.note import Note, PublicKey, UnreadableNote

_LONGEST_NOTE = 1 << 20


@dataclass(slots=True)
class Anchor:
    """The notes somebody kept and, from an earlier copy, the hashes of its rows one after another."""

    notes: list[str] = field(default_factory=list)
    leaves: bytearray = field(default_factory=bytearray)

    def heads(self, key: PublicKey, origin: str) -> dict[int, Hash]:
        """Roots by size; raises UnreadableNote for a note unreadable, of another ledger, or not signed by ``key``."""
        heads: dict[int, Hash] = {}
        for written in self.notes:
            note = Note.parse(written)
            head = Checkpoint.parse(note.text)
            if head.origin != origin:
                raise UnreadableNote(f"Your checkpoint is of another ledger, {head.origin!r}.")
            if not note.signed_by(key):
                raise UnreadableNote("Your checkpoint is not signed with the key this ledger is verified with.")
            if heads.setdefault(head.size, head.root) != head.root:
                raise UnreadableNote(f"You hold two different checkpoints of size {head.size}: the ledger was forked.")
        return heads

    def witnessed(self, witness: PublicKey) -> tuple[int, int] | None:
        """The largest size that witness signed, and when, in Unix seconds; None when it signed nothing of this."""
        found = []
        for note in map(Note.parse, self.notes):
            at = cosigned_at(note, witness)
            if at is not None:
                found.append((Checkpoint.parse(note.text).size, at))
        return max(found, default=None)

    def signers(self) -> set[tuple[str, bytes]]:
        """Whoever put a line under a note, by name and key id, whether the line is right or not."""
        return {(one.name, one.key_id) for note in map(Note.parse, self.notes) for one in note.signatures}

    def leaf(self, seq: int) -> bytes:
        """The hash row ``seq`` had in the earlier copy; empty when it had no such row."""
        return bytes(self.leaves[seq * WIDTH : (seq + 1) * WIDTH])


def load(path: Path) -> Anchor:
    """A note, or JSON Lines with checkpoints and rows as an export has them; raises UnreadableNote, OSError."""
    with path.open("rb") as file:
        if file.peek(1)[:1] != b"{":
            raw = file.read(_LONGEST_NOTE)
            try:
                return Anchor([raw.decode()])
            except UnicodeDecodeError:
                raise UnreadableNote("The checkpoint file is no text.") from None
        anchor = Anchor()
        try:
            for _, line in read(file):
                _keep(anchor, line)
        except UnreadableLine as error:
            raise UnreadableNote(f"Line {error.number} of the checkpoint file cannot be read: {error.why}.") from None
    if not anchor.notes:
        raise UnreadableNote("There is no checkpoint in the checkpoint file.")
    return anchor


def _keep(anchor: Anchor, line: Header | RowLine | NoteLine) -> None:
    if isinstance(line, RowLine):
        if line.seq * WIDTH != len(anchor.leaves):
            raise UnreadableNote("Your earlier copy has a gap in its rows.")
        anchor.leaves += bytes.fromhex(line.leaf)
    elif isinstance(line, NoteLine):
        anchor.notes.append(line.note)
