"""Against a copy that another party kept, every row that became another one is named, however well the file fits itself."""

from collections.abc import Callable

import pytest
from tests.ledger_made import PINNED, Line, Made, made, text_of
from tests.unit.test_ledger_verifier import verdict
from tests.unit.test_ledger_verify import Put, put

from jikimi.ledger.verify import verify

__all__ = ["put"]
MAY = {"2026-05": 6}


def forged(texts: list[str]) -> list[Line]:
    """May with those rows, signed with the site's own key wherever it was, as far as there are rows."""
    ledger = Made()
    ledger.month("2026-05")
    for number, text in enumerate(texts):
        ledger.row(text)
        if number % 2 == 0 or number == len(texts) - 1:
            ledger.sign()
    return ledger.lines()


def honest() -> list[str]:
    return made(MAY).texts[1:]


def put_in() -> str:
    return text_of(77, 77)


CHANGES: list[tuple[str, Callable[[list[str]], None], list[str], list[str]]] = [
    (
        "altered",
        lambda rows: rows.__setitem__(2, text_of(3, 99)),
        ["Row 3 is another one than in the copy you hold: count was 3 and is 99."],
        ["Row 3 is another one than in the copy you hold."],
    ),
    (
        "deleted",
        lambda rows: rows.__delitem__(2),
        ["Row 3 of the copy you hold is missing: tasking of 2026-05-28T20:26:43.000000Z."],
        ["Row 3 of the copy you hold is missing."],
    ),
    (
        "put in",
        lambda rows: rows.insert(2, put_in()),
        ["Row 3 was put in: it is not in the copy you hold."],
        ["Row 3 was put in: it is not in the copy you hold."],
    ),
    (
        "moved back",
        lambda rows: rows.insert(5, rows.pop(1)),
        ["Row 2 of the copy you hold stands here as row 6."],
        ["Row 2 of the copy you hold stands here as row 6."],
    ),
    (
        "moved forth",
        lambda rows: rows.insert(1, rows.pop(4)),
        ["Row 5 of the copy you hold stands here as row 2."],
        ["Row 5 of the copy you hold stands here as row 2."],
    ),
    (
        "altered and deleted",
        lambda rows: rows.__setitem__(slice(1, 4), [text_of(2, 99), rows[2]]),
        [
            "Row 2 is another one than in the copy you hold: count was 2 and is 99.",
            "Row 4 of the copy you hold is missing: tasking of 2026-05-28T20:26:44.000000Z.",
        ],
        ["Row 2 is another one than in the copy you hold.", "Row 4 of the copy you hold is missing."],
    ),
    (
        "deleted and altered beside it",
        lambda rows: rows.__setitem__(slice(2, 4), [text_of(4, 99)]),
        [
            "Row 4 is another one than in the copy you hold, here row 3: count was 4 and is 99.",
            "Row 3 of the copy you hold is missing: tasking of 2026-05-28T20:26:43.000000Z.",
        ],
        ["Rows 3 to 4 are not what the copy you hold has: 2 rows there, 1 here."],
    ),
    (
        "another in its place",
        lambda rows: rows.__setitem__(2, put_in()),
        [
            "Row 3 of the copy you hold is missing: tasking of 2026-05-28T20:26:43.000000Z.",
            "Row 3 was put in: it is not in the copy you hold.",
        ],
        ["Row 3 is another one than in the copy you hold."],
    ),
    (
        "the last deleted",
        lambda rows: rows.__delitem__(5),
        ["Row 6 of the copy you hold is missing: tasking of 2026-05-28T20:26:46.000000Z."],
        ["Row 6 of the copy you hold is missing."],
    ),
]


@pytest.mark.parametrize(
    ("change", "whole", "hashes"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_what_was_done_to_a_row_is_named(
    put: Put, change: Callable[[list[str]], None], whole: list[str], hashes: list[str]
) -> None:
    """A row altered, deleted, put in or moved, with everything signed again, is named by its number and what differs."""
    rows = honest()
    change(rows)
    path = put(forged(rows))
    assert verify(path, key=PINNED).ok
    for kept, words in ((made(MAY).lines(), whole), (made(MAY).lines(hashes=True), hashes)):
        report = verify(path, put(kept, "kept.jsonl"), PINNED)
        assert not report.ok
        found = [one.sentence for one in report.breaks if "copy you hold" in one.sentence]
        assert found == words
        code, said = verdict(path, "--checkpoint", put(kept, "kept.jsonl"), "--key", PINNED)
        assert (code, f"Row {report.first_row} " in said or "Your checkpoint covers" in said) == (1, True)
