"""A ledger gone through row by row, month after month. It must never take a row whose place is in doubt."""

from dataclasses import dataclass, field

from jikimi.ledger.checkpoint import Checkpoint
from jikimi.ledger.merkle import Frontier, Hash
from jikimi.ledger.months import Opening
from jikimi.ledger.report import rows_are


class OutOfCourse(Exception):
    """A row that cannot follow what stands before it; the reason is a sentence."""


@dataclass(slots=True)
class Course:
    """Where one goes: the month's ``origin`` and tree, rows ``before`` it, rows ``covered`` by checkpoints that held."""

    site: str
    origin: str = ""
    before: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    covered: int = 0

    def __post_init__(self) -> None:
        self.origin = self.origin or self.site

    @property
    def size(self) -> int:
        """Rows so far, of all months: the number of the next."""
        return self.before + self.frontier.size

    def head(self) -> Checkpoint:
        """What a checkpoint standing here would say."""
        return Checkpoint(self.origin, self.frontier.size, self.frontier.root())

    def take(self, body: str | None, leaf: Hash) -> None:
        """The next row, by its text (None: a row that opens no month) and hash; raises OutOfCourse, and takes nothing."""
        try:
            opening = Opening.of(body) if body is not None else None
        except (ValueError, RecursionError):
            raise OutOfCourse(f"Row {self.size} opens a month as no ledger does.") from None
        if opening is not None:
            self._turn(opening)
        self.frontier.append(leaf)

    def copy(self) -> "Course":
        """The same place, to try further rows from."""
        return Course(
            self.site, self.origin, self.before, Frontier(self.frontier.size, list(self.frontier.peaks)), self.covered
        )

    def _turn(self, opening: Opening) -> None:
        size = self.size
        if self.covered != size:
            rows = rows_are(self.covered, size - 1)
            raise OutOfCourse(f"{rows} under no checkpoint, and row {size} opens a month.")
        if why := opening.cannot_follow(self.head() if size else None, size, self.site):
            raise OutOfCourse(f"Row {size} {why}")
        self.origin, self.before, self.frontier = opening.log, size, Frontier()
