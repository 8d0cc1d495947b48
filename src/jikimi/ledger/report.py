"""What a verification found, in sentences. It must never say that more holds than was recomputed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Break:
    """Something that does not hold. ``row`` and ``through``: the first and last row it can be; None: no row's fault."""

    sentence: str
    row: int | None = None
    through: int | None = None


@dataclass(slots=True)
class Report:
    """What ``verify`` answers.

    ``claimed`` rows by the header, ``size`` rows verified; ``pinned``: the caller gave the key; ``anchored_rows``: so
    many from the first are vouched for by what the caller kept, None when the caller kept nothing.
    """

    origin: str = ""
    key: str = ""
    claimed: int = 0
    size: int = 0
    root: str = ""
    checkpoints: int = 0
    pinned: bool = False
    anchored_rows: int | None = None
    holds: list[str] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return not self.breaks

    @property
    def first_row(self) -> int | None:
        """The number of the first row that breaks, if one does."""
        return min((one.row for one in self.breaks if one.row is not None), default=None)

    def conclude(self) -> None:
        """Put what holds, and on whose word, into sentences."""
        if self.size and self.first_row is None:
            self.holds.append(f"{self.size} rows, numbered 0 to {self.size - 1} without a gap, as they were sealed.")
        if self.checkpoints and self.ok:
            self.holds.append(f"{self.checkpoints} checkpoints signed with {self.key}, each growing out of the last.")
            self.holds.append(f"The root over all rows is {self.root}.")
        if self.anchored_rows:
            self.holds.append(f"The first {self.anchored_rows} rows are those your checkpoint was signed over.")
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
            "checkpoints": self.checkpoints,
            "pinned": self.pinned,
            "anchored_rows": self.anchored_rows,
            "first_row": self.first_row,
            "holds": self.holds,
            "breaks": [{"sentence": b.sentence, "row": b.row, "through": b.through} for b in self.breaks],
            "notes": self.notes,
        }


def rows_named(first: int, last: int) -> str:
    """Rows by their numbers, both ends among them."""
    return f"Row {first}" if first == last else f"Rows {first} to {last}"


def rows_are(first: int, last: int) -> str:
    """The same as the beginning of a sentence about them."""
    return f"{rows_named(first, last)} {'is' if first == last else 'are'}"
