"""What a verification found, in sentences. It must never say that more holds than was recomputed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Break:
    """Something that does not hold. ``row`` and ``through``: the first and last row it can be; None: no row's fault."""

    sentence: str
    row: int | None = None
    through: int | None = None


@dataclass(frozen=True, slots=True)
class Witnessed:
    """That witness signed a checkpoint over the first ``rows`` at ``at``, Unix seconds by its own clock."""

    name: str
    rows: int
    at: int


@dataclass(frozen=True, slots=True)
class Month:
    """One log: ``rows`` in its tree from row number ``first`` on, and their root, as its last checkpoint says."""

    log: str
    first: int
    rows: int
    root: str


@dataclass(slots=True)
class Report:
    """What ``verify`` answers.

    ``claimed`` rows by the header, ``size`` rows verified, in ``months``; ``pinned``: the caller gave the key;
    ``anchored_rows``: so many from the first are vouched for by what the caller kept, None when the caller kept nothing;
    ``witnesses``: who else signed that, by the keys the caller gave; ``strangers``: who signed it under keys nobody gave.
    """

    origin: str = ""
    key: str = ""
    claimed: int = 0
    size: int = 0
    months: list[Month] = field(default_factory=list)
    checkpoints: int = 0
    pinned: bool = False
    anchored_rows: int | None = None
    witnesses: list[Witnessed] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return not self.breaks

    @property
    def root(self) -> str:
        """The root of the last month's tree, which reaches back through all months."""
        return self.months[-1].root if self.months else ""

    @property
    def first_row(self) -> int | None:
        """The number of the first row that breaks, if one does."""
        return min((one.row for one in self.breaks if one.row is not None), default=None)

    def reached(self, month: Month) -> None:
        """Put down how far a month has come."""
        if self.months and self.months[-1].log == month.log:
            self.months.pop()
        self.months.append(month)

    def conclude(self) -> None:
        """Put what holds, and on whose word, into sentences."""
        if self.size and self.first_row is None:
            self.holds.append(f"{self.size} rows, numbered 0 to {self.size - 1} without a gap, as they were sealed.")
        if self.checkpoints and self.ok:
            self.holds.append(f"{self.checkpoints} checkpoints signed with {self.key}, each growing out of the last.")
            if len(self.months) > 1:
                names = ", ".join(one.log.rpartition("/")[2] for one in self.months)
                self.holds.append(f"{len(self.months)} months, each beginning with how the one before ended: {names}.")
            self.holds.append(f"The root over all rows is {self.root}.")
        if self.anchored_rows:
            self.holds.append(f"The first {self.anchored_rows} rows are those your checkpoint was signed over.")
        for one in self.witnesses if self.ok else ():
            self.holds.append(f"The first {one.rows} rows were witnessed by {one.name} on {_day(one.at)}.")
        if self.strangers:
            names = ", ".join(self.strangers)
            self.notes.append(f"What {names} signed on your checkpoint was not checked: give the key with --witness.")
        if self.anchored_rows is not None:
            later = self.size - self.anchored_rows
            if later:
                self.notes.append(
                    f"The last {later} rows are newer than your checkpoint: for them only the key speaks."
                )
        elif self.pinned:
            self.notes.append(
                "Whoever holds the signing key could have written another ledger, or cut this one's end. "
                "Only a checkpoint that another party kept (--checkpoint) shows that."
            )
        else:
            self.notes.append(
                "Unanchored: the public key was taken from the file itself, so this shows accidents, not forgery. "
                "Give the key (--key) or a checkpoint (--checkpoint) that you had from elsewhere."
            )

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "ok": self.ok,
            "origin": self.origin,
            "key": self.key,
            "size": self.size,
            "root": self.root,
            "months": [{"log": m.log, "first": m.first, "rows": m.rows, "root": m.root} for m in self.months],
            "checkpoints": self.checkpoints,
            "pinned": self.pinned,
            "anchored_rows": self.anchored_rows,
            "witnesses": [{"name": one.name, "rows": one.rows, "at": one.at} for one in self.witnesses],
            "first_row": self.first_row,
            "holds": self.holds,
            "breaks": [{"sentence": b.sentence, "row": b.row, "through": b.through} for b in self.breaks],
            "notes": self.notes,
        }


def _day(at: int) -> str:
    """RFC 3339, or the bare number where no calendar reaches."""
    try:
        return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return str(at)


def rows_named(first: int, last: int) -> str:
    """Rows by their numbers, both ends among them."""
    return f"Row {first}" if first == last else f"Rows {first} to {last}"


def rows_are(first: int, last: int) -> str:
    """The same as the beginning of a sentence about them."""
    return f"{rows_named(first, last)} {'is' if first == last else 'are'}"
