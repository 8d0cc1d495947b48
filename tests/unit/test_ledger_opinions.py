"""Two verifiers that share no line, over the same files: whatever is done to a ledger, they agree."""

import json
import runpy
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger_made import KEY, PINNED, SITE, Line, Made, made, text_of
from tests.unit.test_ledger_verifier import SCRIPT
from tests.unit.test_ledger_verify import OTHER

from jikimi.ledger.canonical import canonical
from jikimi.ledger.checkpoint import Checkpoint, signed
from jikimi.ledger.merkle import leaf_hash
from jikimi.ledger.verify import verify

SECOND: dict[str, Any] = runpy.run_path(str(SCRIPT))
FOLDER = Path(tempfile.mkdtemp(prefix="jikimi-opinions-"))
HONEST = made()
EXPORT = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in HONEST.lines()).encode()
ROWS = [place for place, line in enumerate(HONEST.lines()) if "seq" in line]
KEPT: dict[str, str | list[Line]] = {
    "nothing": "",
    "the last checkpoint": HONEST.notes[-1][2],
    "a checkpoint of May": HONEST.notes[3][2],
    "every checkpoint": [line for line in HONEST.lines() if "checkpoint" in line],
    "an earlier export": made({"2026-04": 3, "2026-05": 6}).lines(),
    "a copy of hashes": HONEST.lines(hashes=True),
}
NUMBERS = st.integers(0, 30)
Deed = Callable[[list[Line], int, int], None]


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[None]:
    """The files, gone afterwards."""
    yield
    for path in FOLDER.iterdir():
        path.unlink()
    FOLDER.rmdir()


def written(content: bytes | str | list[Line], name: str) -> Path:
    path = FOLDER / name
    if isinstance(content, list):
        content = "".join(json.dumps(line) + "\n" for line in content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ours(path: Path, kept: Path | None, key: str | None) -> str | None:
    """The first thing our own verifier says against it, or None."""
    report = verify(path, kept, key)
    return None if report.ok else report.breaks[0].sentence


def theirs(path: Path, kept: Path | None, key: str | None) -> str | None:
    """What the published one says against it, or None."""
    try:
        SECOND["verify"](path, kept, key, None)
    except (SECOND["Broken"], *SECOND["UNREADABLE"]) as error:
        return str(error)
    return None


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ROWS), st.integers(0, 10**6), st.integers(0, 7), st.sampled_from([None, PINNED]))
def test_no_bit_of_a_row_can_be_turned(place: int, byte: int, bit: int, key: str | None) -> None:
    """Turn any one bit of any row, and both verifiers say that this ledger does not hold."""
    lines = [bytearray(line) for line in EXPORT.splitlines(keepends=True)]
    lines[place][byte % len(lines[place])] ^= 1 << bit
    path = written(b"".join(lines), "flipped")
    assert ours(path, None, key) is not None
    assert theirs(path, None, key) is not None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(EXPORT) - 1), st.integers(0, 7), st.sampled_from([None, PINNED]))
def test_no_bit_of_an_export_can_be_turned(byte: int, bit: int, key: str | None) -> None:
    """Nor of any other line: a header and a checkpoint are as they were written, or they are a break to both."""
    raw = bytearray(EXPORT)
    raw[byte] ^= 1 << bit
    path = written(bytes(raw), "flipped")
    assert (ours(path, None, key), theirs(path, None, key)).count(None) == 0
    assert (ours(written(EXPORT, "honest"), None, key), theirs(written(EXPORT, "honest"), None, key)) == (None, None)


def alter(lines: list[Line], one: int, other: int) -> None:
    """Another count in a row, its hash left as it was."""
    line = lines[one % len(lines)]
    if isinstance(line.get("body"), str):
        line["body"] = line["body"].replace('"count":', f'"count":{other % 9}')


def hash_again(lines: list[Line], one: int, _: int) -> None:
    """A row's hash made to fit its text."""
    line = lines[one % len(lines)]
    if isinstance(line.get("body"), str):
        line["leaf"] = leaf_hash(line["body"].encode()).hex()


def delete(lines: list[Line], one: int, _: int) -> None:
    """A line gone."""
    if len(lines) > 1:
        del lines[one % len(lines)]


def double(lines: list[Line], one: int, other: int) -> None:
    """A line once more, somewhere."""
    lines.insert(other % len(lines), dict(lines[one % len(lines)]))


def swap(lines: list[Line], one: int, other: int) -> None:
    """Two lines in each other's place."""
    first, second = one % len(lines), other % len(lines)
    lines[first], lines[second] = lines[second], lines[first]


def number_again(lines: list[Line], _: int, __: int) -> None:
    """Rows numbered as they stand, and claimed as many as there are."""
    count = 0
    for line in lines:
        if "seq" in line:
            line["seq"], count = count, count + 1
    lines[0]["size"] = count or 1


def strange(lines: list[Line], one: int, other: int) -> None:
    """Something in a line that nobody writes."""
    line = lines[one % len(lines)]
    name = sorted(line)[other % len(line)]
    line[name if other % 2 else "more"] = [None, 7, "x", True, 1.5, [], "\u2014"][other % 7]


def sign_as(key: Ed25519PrivateKey) -> Deed:
    def again(lines: list[Line], one: int, _: int) -> None:
        """A checkpoint signed again, by that key."""
        notes = [line for line in lines if str(line.get("checkpoint", "")).startswith(SITE)]
        if notes:
            line = notes[one % len(notes)]
            line["checkpoint"] = signed(Checkpoint.parse(line["checkpoint"].partition("\n\n")[0]), key)

    return again


DEEDS = [alter, hash_again, delete, double, swap, number_again, strange, sign_as(KEY), sign_as(OTHER)]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(DEEDS), NUMBERS, NUMBERS), max_size=4),
    st.sampled_from(sorted(KEPT)), st.sampled_from([None, PINNED]),
)  # fmt: skip
def test_both_say_the_same_of_what_was_done_to_a_file(
    deeds: list[tuple[Deed, int, int]], kept: str, key: str | None
) -> None:
    """Lines altered, deleted, doubled, moved, numbered and signed again in any order: both hold, or both break."""
    lines = HONEST.lines()
    for deed, one, other in deeds:
        deed(lines, one, other)
    path, held = written(lines, "deeds"), written(KEPT[kept], "kept") if KEPT[kept] else None
    mine, second = ours(path, held, key), theirs(path, held, key)
    assert (mine is None) == (second is None), (mine, second)
    if not deeds:
        assert mine is None


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.integers(1, 13), st.integers(50, 99), max_size=2), st.sets(st.integers(1, 13), max_size=2),
    st.sampled_from(sorted(KEPT)),
)  # fmt: skip
def test_both_find_what_the_key_s_holder_did(change: dict[int, int], without: set[int], kept: str) -> None:
    """Rows altered and left out, everything computed and signed anew: against the same copy both name the same first row."""
    forged = made(change=change, without=sorted(without))
    path, held = written(forged.lines(), "forged"), written(KEPT[kept], "kept") if KEPT[kept] else None
    report, second = verify(path, held, PINNED), theirs(path, held, PINNED)
    assert report.ok == (second is None)
    if kept == "nothing":
        assert report.ok
    elif second is not None and "copy you hold" in second:
        assert f"Row {report.first_row} " in second


def test_what_was_kept_is_held_against_its_own_checkpoints() -> None:
    """Another party's copy accuses nobody with rows the site did not sign: both verifiers say it is the copy that fails."""
    path = written(EXPORT, "honest")
    for change in ({3: 99}, {6: 99}):
        lines, other = HONEST.lines(), made(change=change).lines()
        spoilt = [bad if "seq" in bad else good for good, bad in zip(lines, other, strict=True)]
        kept = written(spoilt, "kept")
        report = verify(path, kept, PINNED)
        assert [one.row for one in report.breaks] == [None]
        assert "Your earlier copy" in report.breaks[0].sentence
        assert "What you kept does not hold." in str(theirs(path, kept, PINNED))


def test_rows_of_a_copy_that_no_checkpoint_covers_are_nobody_s_word() -> None:
    """What stands in a kept copy after its last checkpoint vouches for nothing and accuses nobody."""
    ledger = Made()
    ledger.month("2026-04")
    ledger.row(text_of(1, 1))
    ledger.sign()
    lines = ledger.lines()
    ledger.row(text_of(2, 99))
    ledger.sign()
    path, kept = written(EXPORT, "honest"), written([*lines, *ledger.lines()[4:-1]], "kept")
    assert verify(path, kept, PINNED).anchored_rows == 2
    assert theirs(path, kept, PINNED) is None


def test_a_copy_whose_months_do_not_follow_is_nobody_s_word() -> None:
    """A kept copy with a month taken out is refused by both, and no row of the ledger is accused."""
    spoilt = made({"2026-04": 3, "2026-07": 2}).lines()
    body = json.loads(spoilt[7]["body"])
    assert body["kind"] == "month.opened"
    spoilt[7]["body"] = canonical(body | {"size": 3})
    path, kept = written(EXPORT, "honest"), written(spoilt, "kept")
    assert "Your earlier copy does not hold: Row 4 opens" in str(ours(path, kept, PINNED))
    assert "What you kept does not hold. Row 4 opens" in str(theirs(path, kept, PINNED))


def test_a_text_in_a_copy_counts_only_if_it_was_sealed() -> None:
    """A kept row is compared by what was sealed: a text altered in the copy is not held up as what once stood there."""
    lines = HONEST.lines()
    row = next(line for line in lines if line.get("seq") == 6)
    row["body"] = row["body"].replace('"count":6', '"count":1')
    kept, path = written(lines, "kept"), written(made(change={6: 99}).lines(), "forged")
    assert ours(path, kept, PINNED) == "Row 6 is another one than in the copy you hold."
