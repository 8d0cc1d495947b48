"""Going through an export's rows once, in order. It must never go on past a row whose place in the tree is in doubt."""

from hmac import compare_digest
from typing import Final, NoReturn

from jikimi.ledger.anchor import Anchor
from jikimi.ledger.canonical import parse
from jikimi.ledger.checkpoint import Checkpoint
from jikimi.ledger.lines import Header, NoteLine, RowLine
from jikimi.ledger.merkle import Frontier, Hash, leaf_hash
from jikimi.ledger.note import Note, PublicKey, UnreadableNote
from jikimi.ledger.report import Break, Report, rows_are, rows_named

_MOST_BREAKS: Final = 20


class Stop(Exception):
    """Nothing after this can be judged; the report says why."""


class Walk:
    """One pass: ``frontier`` over the sealed hashes, ``covered`` rows under the last checkpoint that held."""

    def __init__(self, report: Report, header: Header, key: PublicKey, kept: Anchor | None) -> None:
        self.report, self.header, self.key, self.kept = report, header, key, kept
        self.frontier = Frontier()
        self.covered = 0
        self.heads: dict[int, Hash] = {}
        if kept is not None:
            self.heads = self._heads(kept)
            report.anchored_rows = 0

    def stop(self, found: Break) -> NoReturn:
        """Report and go no further."""
        self.report.breaks.append(found)
        raise Stop

    def row(self, line: RowLine) -> None:
        """The next row: its number, its text, and its place in what another party kept."""
        expected = self.frontier.size
        if line.seq > expected:
            self.stop(Break(f"{rows_are(expected, line.seq - 1)} missing.", expected, line.seq - 1))
        if line.seq < expected:
            self.stop(Break(f"Row {line.seq} stands where row {expected} belongs.", line.seq))
        if expected >= self.header.size:
            self.stop(Break(f"Row {expected} is more than the {self.header.size} rows the file claims.", expected))
        self._text(line)
        leaf = Hash(bytes.fromhex(line.leaf))
        before = self.kept.leaf(line.seq) if self.kept is not None else b""
        if before and before != leaf:
            self.stop(Break(f"Row {line.seq} is another one than in the copy you hold.", line.seq))
        self.frontier.append(leaf)
        self.report.size = self.frontier.size
        self._anchored()

    def note(self, number: int, line: NoteLine) -> None:
        """A checkpoint: signed by the key, of this ledger, and of exactly the rows before it."""
        try:
            note = Note.parse(line.note)
            said = Checkpoint.parse(note.text)
        except UnreadableNote as error:
            self._broken(Break(f"The checkpoint in line {number} cannot be read: {error.detail}"))
            return
        if not note.signed_by(self.key):
            self._broken(Break(f"The checkpoint of size {said.size} in line {number} is not signed with the key."))
        elif said.origin != self.header.origin:
            self._broken(Break(f"The checkpoint in line {number} is of another ledger, {said.origin!r}."))
        elif said.size != self.frontier.size:
            self._broken(
                Break(f"The checkpoint of size {said.size} stands after {self.frontier.size} rows.", self.covered)
            )
        elif not compare_digest(said.root, self.frontier.root()):
            found = (
                f"{rows_are(self.covered, said.size - 1)} not what the checkpoint of size {said.size} was signed over."
            )
            self.stop(Break(found, self.covered, said.size - 1))
        else:
            self.covered = said.size
            self.report.checkpoints += 1

    def finish(self) -> None:
        """After the last line: the file is as long as it claims, and signed to its end."""
        size = self.frontier.size
        if size < self.header.size:
            last = self.header.size - 1
            self._broken(Break(f"The file is cut short: {rows_are(size, last)} missing.", size, last))
        elif self.covered < size:
            found = f"No checkpoint that holds covers {rows_named(self.covered, size - 1).lower()}."
            self._broken(Break(found, self.covered, size - 1))
        beyond = [head for head in self.heads if head > size]
        if beyond:
            self._broken(Break(f"Your checkpoint covers {max(beyond)} rows, and the file has {size}.", size))
        self.report.root = self.frontier.root().hex()

    def _heads(self, kept: Anchor) -> dict[int, Hash]:
        try:
            return kept.heads(self.key, self.header.origin)
        except UnreadableNote as error:
            self.stop(Break(error.detail))

    def _text(self, line: RowLine) -> None:
        if leaf_hash(line.body.encode("utf-8", "surrogatepass")).hex() != line.leaf:
            self._broken(Break(f"Row {line.seq} was altered: its text is not what was sealed.", line.seq))
            return
        try:
            body = parse(line.body)
        except (ValueError, RecursionError) as error:
            self._broken(Break(f"Row {line.seq} was sealed as something no ledger writes: {error}.", line.seq))
            return
        if (body.get("id"), body.get("at")) != (line.id, line.at):
            self._broken(Break(f"Row {line.seq} was altered: its id or time is not that of its sealed text.", line.seq))

    def _anchored(self) -> None:
        size = self.frontier.size
        if size not in self.heads:
            return
        start = self.report.anchored_rows or 0
        if not compare_digest(self.heads[size], self.frontier.root()):
            found = f"{rows_are(start, size - 1)} not what your checkpoint of size {size} was signed over."
            self.stop(Break(found, start, size - 1))
        self.report.anchored_rows = size

    def _broken(self, found: Break) -> None:
        self.report.breaks.append(found)
        if len(self.report.breaks) >= _MOST_BREAKS:
            self.stop(Break(f"More than {_MOST_BREAKS} breaks; the rest was not looked at."))
