"""An earlier copy beside a later one: which rows were altered, deleted, put in or moved. It must never trust a text unhashed.

Whoever holds table and key can make a file that agrees with itself; against a copy that another party kept, every row that
is another one is named.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from jikimi.ledger.canonical import parse
from jikimi.ledger.fields import Value
from jikimi.ledger.lines import RowLine, UnreadableLine, read
from jikimi.ledger.merkle import WIDTH, leaf_hash
from jikimi.ledger.report import Break, rows_are

Texts = Mapping[int, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one file by their hashes, one after another, and where their texts can be read."""

    leaves: bytes | bytearray
    path: Path

    def __len__(self) -> int:
        return len(self.leaves) // WIDTH

    def leaf(self, seq: int) -> bytes:
        """The hash of row ``seq``."""
        return bytes(self.leaves[seq * WIDTH : (seq + 1) * WIDTH])

    def texts(self, seqs: Collection[int]) -> Texts:
        """Those rows whose texts the file holds, and which are what was sealed."""
        found: dict[int, Mapping[str, Value]] = {}
        with self.path.open("rb") as file, suppress(UnreadableLine):
            for _, line in read(file):
                if isinstance(line, RowLine) and line.seq in seqs:
                    with suppress(ValueError, RecursionError):
                        if leaf_hash(line.body.encode()) == self.leaf(line.seq):
                            found[line.seq] = parse(line.body)
        return found


@dataclass(slots=True)
class Run:
    """Rows between two that are the same in both: ``gone`` by their numbers in the copy, ``new`` by those in the file."""

    gone: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)


def differences(kept: Rows, found: Rows, most: int) -> list[Break]:
    """What became of the kept rows, in the order of their numbers, from at most ``most`` places; later rows are not judged."""
    some = [run for run, _ in zip(_runs(kept, found), range(most), strict=False)]
    before = kept.texts({seq for run in some for seq in run.gone})
    after = found.texts({seq for run in some for seq in run.new})
    return [one for run in some for one in _said(run, before, after)][:most]


def _runs(kept: Rows, found: Rows) -> Iterator[Run]:
    same = next((seq for seq in range(len(kept)) if kept.leaf(seq) != found.leaf(seq)), len(kept))
    there = {kept.leaf(seq): seq for seq in range(same, len(kept))}
    here = {found.leaf(seq): seq for seq in range(same, len(found))}
    one = other = same
    run, moved = Run(), set[bytes]()
    while one < len(kept):
        old, new = kept.leaf(one), found.leaf(other)
        if old == new:
            if run != Run():
                yield run
                run = Run()
            one, other = one + 1, other + 1
        elif old in moved:
            one += 1
        elif new in moved:
            other += 1
        elif new and there.get(new, -1) < one:
            run.new.append(other)
            other += 1
        elif here.get(old, -1) < other:
            run.gone.append(one)
            one += 1
        elif there[new] - one > here[old] - other:
            moved.add(new)
            run.moved.append((there[new], other))
        else:
            moved.add(old)
            run.moved.append((one, here[old]))
    if run != Run():
        yield run


def _said(run: Run, before: Texts, after: Texts) -> Iterator[Break]:
    gone, new = list(run.gone), list(run.new)
    for one, other in _same(run, before, after):
        gone.remove(one)
        new.remove(other)
        yield _altered(one, other, before.get(one, {}), after.get(other, {}))
    for one, other in run.moved:
        yield Break(f"Row {one} of the copy you hold stands here as row {other}.", min(one, other), max(one, other))
    if gone and new and not all(one in before for one in gone):
        there = f"{rows_are(gone[0], gone[-1])} not what the copy you hold has"
        yield Break(f"{there}: {len(gone)} rows there, {len(new)} here.", gone[0], gone[-1])
        return
    for one in gone:
        said = before.get(one, {})
        what = f": {said.get('kind')} of {said.get('at')}" if said else ""
        yield Break(f"Row {one} of the copy you hold is missing{what}.", one)
    for other in new:
        yield Break(f"Row {other} was put in: it is not in the copy you hold.", other)


def _same(run: Run, before: Texts, after: Texts) -> Sequence[tuple[int, int]]:
    """Which of the new rows is which of the gone: the one of its id, or, where texts are missing, of its place."""
    ids = {after[other].get("id"): other for other in run.new if other in after}
    if all(one in before for one in run.gone) and len(ids) == len(run.new):
        return [(one, ids[before[one]["id"]]) for one in run.gone if before[one].get("id") in ids]
    return list(zip(run.gone, run.new, strict=True)) if len(run.gone) == len(run.new) else []


def _altered(one: int, other: int, before: Mapping[str, Value], after: Mapping[str, Value]) -> Break:
    names = (
        sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)) if before else []
    )
    what = "; ".join(f"{name} was {_value(before.get(name))} and is {_value(after.get(name))}" for name in names)
    where = "" if one == other else f", here row {other}"
    return Break(f"Row {one} is another one than in the copy you hold{where}{': ' if what else ''}{what}.", one)


def _value(value: Value) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
