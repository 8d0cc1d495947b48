"""Going through an export's rows once, in order. It must never go on past a row whose place in the tree is in doubt."""

from hmac import compare_digest
from pathlib import Path
from typing import Final, NoReturn

from jikimi.ledger.anchor import Anchor
from jikimi.ledger.canonical import parse
from jikimi.ledger.checkpoint import Checkpoint, month_of
from jikimi.ledger.compare import Rows, differences
from jikimi.ledger.course import Course, OutOfCourse
from jikimi.ledger.lines import Header, NoteLine, RowLine
from jikimi.ledger.merkle import Hash, leaf_hash
from jikimi.ledger.note import Note, PublicKey, UnreadableNote
from jikimi.ledger.report import Break, Month, Report, rows_are, rows_named

_MOST_BREAKS: Final = 20


class Stop(Exception):
    """Nothing after this can be judged; the report says why."""


class Walk:
    """One pass: a ``course`` over the sealed hashes, held against the ``heads`` another party kept."""

    def __init__(self, report: Report, header: Header, key: PublicKey, kept: Anchor | None) -> None:
        self.report, self.header, self.key, self.kept = report, header, key, kept or Anchor()
        self.course, self.months = Course(key.name), dict[str, tuple[int, int]]()
        self.leaves, self.differs, self.whole = bytearray(), False, False
        self.heads: dict[tuple[str, int], Hash] = {}
        if kept is not None:
            self.heads = self._heads()
            report.anchored_rows = 0

    def stop(self, found: Break) -> NoReturn:
        """Report and go no further."""
        self.report.breaks.append(found)
        raise Stop

    def row(self, line: RowLine) -> None:
        """The next row: its number, its text, and its place in what another party kept."""
        expected = self.course.size
        if line.seq > expected:
            self.stop(Break(f"{rows_are(expected, line.seq - 1)} missing.", expected, line.seq - 1))
        if line.seq < expected:
            self.stop(Break(f"Row {line.seq} stands where row {expected} belongs.", line.seq))
        if expected >= self.header.size:
            self.stop(Break(f"Row {expected} is more than the {self.header.size} rows the file claims.", expected))
        self._text(line)
        leaf = Hash(bytes.fromhex(line.leaf))
        try:
            self.course.take(line.body, leaf)
        except OutOfCourse as error:
            self.stop(Break(str(error), expected))
        self.report.size = self.course.size
        self.months[self.course.origin] = (self.course.before, self.course.frontier.size)
        if self.kept.leaves:
            self.leaves += leaf
            self.differs = self.differs or self.kept.leaf(expected) not in {leaf, b""}
        self._anchored()

    def note(self, number: int, line: NoteLine) -> None:
        """A checkpoint: signed by the key, of this month's log, and of exactly its rows before it."""
        try:
            note = Note.parse(line.note)
            said = Checkpoint.parse(note.text)
        except UnreadableNote as error:
            self._broken(Break(f"The checkpoint in line {number} cannot be read: {error.detail}"))
            return
        here, covered = self.course.head(), self.course.covered
        if not note.signed_by(self.key.named(said.origin)):
            self._broken(Break(f"The checkpoint {said.called} in line {number} is not signed with the key."))
        elif said.origin != here.origin:
            self._broken(Break(f"The checkpoint in line {number} is of another log, {said.origin!r}."))
        elif said.size != here.size:
            self._broken(Break(f"The checkpoint {said.called} stands after {here.size} rows.", covered))
        elif not compare_digest(said.root, here.root):
            last = self.course.size - 1
            found = f"{rows_are(covered, last)} not what the checkpoint {said.called} was signed over."
            self.stop(Break(found, covered, last))
        else:
            self.course.covered = self.course.size
            self.report.checkpoints += 1
            self.report.reached(Month(here.origin, self.course.before, here.size, here.root.hex()))

    def finish(self) -> None:
        """After the last line: the file is as long as it claims, and signed to its end."""
        size, covered = self.course.size, self.course.covered
        self.whole = size >= self.header.size
        if size < self.header.size:
            last = self.header.size - 1
            self._broken(Break(f"The file is cut short: {rows_are(size, last)} missing.", size, last))
        elif covered < size:
            found = f"No checkpoint that holds covers {rows_named(covered, size - 1).lower()}."
            self._broken(Break(found, covered, size - 1))
        self._beyond()

    def compare(self, path: Path) -> None:
        """Name what became of the rows another party kept, as far as the file at ``path`` could be gone through."""
        kept = self.kept.leaves if self.whole else self.kept.leaves[: len(self.leaves)]
        if self.kept.copy is not None and (self.differs or len(kept) > len(self.leaves)):
            found = differences(Rows(kept, self.kept.copy), Rows(self.leaves, path), _MOST_BREAKS)
            self.report.breaks += found

    def reached(self, head: Checkpoint) -> int:
        """How many rows of all months are under a checkpoint, by the file's own months."""
        return self.months.get(head.origin, (0, 0))[0] + head.size

    def _beyond(self) -> None:
        """What was kept of rows or whole months that are not in the file."""
        longest = {origin: max(size for log, size in self.heads if log == origin) for origin, _ in self.heads}
        for origin, kept in longest.items():
            before, rows = self.months.get(origin, (self.course.size, 0))
            if kept > rows:
                where = f" of {month_of(origin)}" if month_of(origin) else ""
                self._broken(
                    Break(f"Your checkpoint covers {kept} rows{where}, and the file has {rows}.", before + rows)
                )

    def _heads(self) -> dict[tuple[str, int], Hash]:
        try:
            return self.kept.heads(self.key)
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
        kept = self.heads.get((self.course.origin, self.course.frontier.size))
        if kept is None or self.differs:
            return
        here, size, start = self.course.head(), self.course.size, self.report.anchored_rows or 0
        if not compare_digest(kept, here.root):
            found = f"{rows_are(start, size - 1)} not what your checkpoint {here.called} was signed over."
            self.report.notes.append(
                "A checkpoint cannot say which row it was: an earlier export or a copy of hashes can."
            )
            self.stop(Break(found, start, size - 1))
        self.report.anchored_rows = size

    def _broken(self, found: Break) -> None:
        self.report.breaks.append(found)
        if len(self.report.breaks) >= _MOST_BREAKS:
            self.stop(Break(f"More than {_MOST_BREAKS} breaks; the rest was not looked at."))
