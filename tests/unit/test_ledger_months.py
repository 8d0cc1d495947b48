"""A ledger in months: each says how the one before it ended, and none can be taken out."""

import json
from dataclasses import replace

import pytest
from tests.ledger_made import (
    MONTHS,
    PINNED,
    SEOUL_S,
    SITE,
    Made,
    made,
    opening_text,
    text_of,
)
from tests.unit.test_ledger_verifier import verdict
from tests.unit.test_ledger_verify import Put, put, sentences

from jikimi.ledger.canonical import canonical
from jikimi.ledger.checkpoint import Checkpoint, is_log_of, month_of
from jikimi.ledger.course import Course, OutOfCourse
from jikimi.ledger.fields import OPENED
from jikimi.ledger.merkle import EMPTY, leaf_hash
from jikimi.ledger.months import Opening, log_at, opens
from jikimi.ledger.verify import verify

__all__ = ["put"]
NEW_YEAR_IN_SEOUL = 1_798_729_200.0
MAY, JUNE = f"{SITE}/2026-05", f"{SITE}/2026-06"


def test_months_hold_together(put: Put) -> None:
    """Rows are numbered through all months, each month has its own log and root, and the file says how far each came."""
    ledger = made()
    path = put(ledger.lines())
    report = verify(path, key=PINNED)
    assert report.ok
    assert report.size == sum(MONTHS.values()) + len(MONTHS) == 14
    assert [(month.log, month.first, month.rows) for month in report.months] == [
        (f"{SITE}/2026-04", 0, 4), (MAY, 4, 7), (f"{SITE}/2026-07", 11, 3),
    ]  # fmt: skip
    assert report.root == report.months[-1].root == ledger.course.head().root.hex()
    assert "3 months, each beginning with how the one before ended: 2026-04, 2026-05, 2026-07." in report.holds
    assert report.as_json()["months"] == [
        {"log": month.log, "first": month.first, "rows": month.rows, "root": month.root} for month in report.months
    ]
    code, said = verdict(path, "--key", PINNED)
    assert (code, "14 rows in 3 logs" in said) == (0, True)


def test_what_was_sealed_before_there_were_months_goes_on_in_months(put: Put) -> None:
    """One log under the site's bare name, with the first month naming its end, is one ledger."""
    ledger = Made()
    for number in range(3):
        ledger.row(text_of(number, number))
    ledger.sign()
    ledger.month("2026-06")
    ledger.sign()
    lines = ledger.lines()
    path = put(lines)
    assert verify(path, put(lines[4]["checkpoint"], "kept"), PINNED).anchored_rows == 3
    assert [month.log for month in verify(path).months] == [SITE, JUNE]
    assert verdict(path)[0] == 0


def test_a_file_of_the_first_format_is_read(put: Put) -> None:
    """An export written before there were months verifies as it did."""
    ledger = Made()
    ledger.row(text_of(0, 0))
    ledger.sign()
    lines = ledger.lines()
    lines[0]["format"] = "jikimi-ledger/1"
    path = put(lines)
    assert verify(path).ok
    assert verdict(path)[0] == 0


def test_a_month_ends_where_its_calendar_says() -> None:
    """The site's own midnight begins a month, and the row that opens it says when that was in UTC."""
    assert log_at(SITE, NEW_YEAR_IN_SEOUL - 1, SEOUL_S) == f"{SITE}/2026-12"
    assert log_at(SITE, NEW_YEAR_IN_SEOUL, SEOUL_S) == f"{SITE}/2027-01"
    assert log_at(SITE, NEW_YEAR_IN_SEOUL, 0) == f"{SITE}/2026-12"
    row = Opening(f"{SITE}/2027-01", 5, Checkpoint(f"{SITE}/2026-12", 5, EMPTY)).row(NEW_YEAR_IN_SEOUL + 7, SEOUL_S)
    assert (row.kind, row.fields["starts_at"]) == (OPENED, "2026-12-31T15:00:00Z")


@pytest.mark.parametrize("previous", [None, Checkpoint(f"{SITE}/2026-04", 4, leaf_hash(b"x"))])
def test_a_month_s_first_row_is_read_as_it_was_written(previous: Checkpoint | None) -> None:
    """What opens a month says the log, the rows before it and the last checkpoint."""
    opening = Opening(MAY, 4 if previous else 0, previous)
    assert Opening.of(opening_text(opening)) == opening


def test_no_other_row_opens_a_month() -> None:
    """A row of another kind opens none, whatever words stand in it."""
    quoted = canonical({"article": f'"kind":"{OPENED}"', "kind": "tasking"})
    assert not opens(quoted)
    assert Opening.of(quoted) is None


@pytest.mark.parametrize(
    ("origin", "month", "ours"),
    [
        (SITE, "", True),
        (MAY, "2026-05", True),
        (f"{SITE}/2026-13", "", False),
        (f"{SITE}/x/2026-05", "2026-05", False),
        ("other.example/2026-05", "2026-05", False),
        (f"{SITE}/2026-5", "", False),
        ("2026-05", "2026-05", False),
    ],
)
def test_a_log_is_the_site_s_own_month_or_none(origin: str, month: str, ours: bool) -> None:  # noqa: FBT001
    """Only the site's name, a slash and a month is a log of the site."""
    assert (month_of(origin), is_log_of(origin, SITE)) == (month, ours)


def test_a_month_taken_out_leaves_a_gap_or_a_lie(put: Put) -> None:
    """Without its rows the numbers have a gap; numbered again, the next month names the one that is missing."""
    lines = [
        line for line in made().lines() if not 4 <= line.get("seq", 0) <= 10 and MAY not in line.get("checkpoint", "")
    ]
    path = put(lines)
    assert sentences(verify(path)) == "Rows 4 to 10 are missing."
    assert "Rows 4 to 10 are missing." in verdict(path)[1]
    lines[0]["size"] = 7
    for line in lines:
        if line.get("seq", 0) > 10:
            line["seq"] -= 7
    path = put(lines)
    report = verify(path)
    assert report.first_row == 4
    assert f"Row 4 opens {SITE}/2026-07 after 11 rows to {MAY}, 7 rows with root" in sentences(report)
    assert "a month is missing or is another one" in sentences(report)
    assert "Row 4 opens" in verdict(path)[1]


def lied(**said: object) -> tuple[Made, str]:
    """Two months of which the second's first row says something else, signed with the site's own key."""
    ledger = made({"2026-05": 2})
    body = json.loads(opening_text(Opening(JUNE, 3, ledger.course.head())))
    text = canonical(body | said)
    return ledger, text


LIES: list[tuple[dict[str, object], str]] = [
    ({"digest": "00" * 32}, "a month is missing or is another one."),
    ({"size": 4}, "a month is missing or is another one."),
    ({"previous_log": f"{SITE}/2026-04"}, "a month is missing or is another one."),
    ({"rows_before": 2}, "a month is missing or is another one."),
    (
        {"previous_log": None, "size": None, "digest": None, "rows_before": 0},
        "opens police.example/ledger/2026-06 after nothing",
    ),
    ({"log": MAY}, f"Row 3 opens {MAY}, which cannot follow {MAY}."),
    ({"log": f"{SITE}/2026-04"}, f"Row 3 opens {SITE}/2026-04, which cannot follow {MAY}."),
    ({"log": f"{SITE}/2026-13"}, f"Row 3 opens {SITE}/2026-13, which cannot follow {MAY}."),
    ({"log": "z.example/2026-06"}, f"Row 3 opens z.example/2026-06, which cannot follow {MAY}."),
    ({"digest": "00"}, "Row 3 opens a month as no ledger does."),
    ({"digest": "x"}, "Row 3 opens a month as no ledger does."),
    ({"size": None}, "Row 3 opens a month as no ledger does."),
    ({"log": None}, "Row 3 opens a month as no ledger does."),
    ({"rows_before": "3"}, "Row 3 opens a month as no ledger does."),
]


@pytest.mark.parametrize(("said", "words"), LIES)
def test_not_even_the_key_s_holder_begins_a_month_with_a_lie(put: Put, said: dict[str, object], words: str) -> None:
    """A month whose first row does not name the last checkpoint before it is a break, however well it is signed."""
    ledger, text = lied(**said)
    ledger.forced(text, str(said.get("log") or JUNE))
    ledger.sign()
    path = put(ledger.lines())
    report = verify(path, key=PINNED)
    assert (report.first_row, words in sentences(report)) == (3, True), sentences(report)
    assert verdict(path, "--key", PINNED)[0] == 1


def test_a_month_begins_after_a_checkpoint(put: Put) -> None:
    """Rows under no checkpoint cannot be left behind by opening another month."""
    ledger = made({"2026-05": 2})
    ledger.row(text_of(7, 7))
    opening = Opening(JUNE, 4, ledger.course.head())
    with pytest.raises(OutOfCourse, match="Row 3 is under no checkpoint, and row 4 opens a month"):
        ledger.course.take(opening_text(opening), EMPTY)
    ledger.forced(opening_text(opening), JUNE)
    ledger.sign()
    path = put(ledger.lines())
    assert verify(path).first_row == 4
    assert verdict(path)[0] == 1


def test_a_first_row_that_lies_of_what_went_before_is_no_first_row() -> None:
    """A ledger that begins with a month after others has lost its beginning."""
    head = Checkpoint(f"{SITE}/2026-04", 4, EMPTY)
    with pytest.raises(OutOfCourse, match="what went before is nothing"):
        Course(SITE).take(opening_text(Opening(MAY, 4, head)), EMPTY)
    with pytest.raises(OutOfCourse, match="as no ledger does"):
        Course(SITE).take(f'{{"kind":"{OPENED}"' + "[" * 100_000, EMPTY)


def test_an_altered_first_row_is_named(put: Put) -> None:
    """Whoever alters what opens a month alters a row."""
    lines = made().lines()
    line = next(line for line in lines if line.get("seq") == 4)
    line["body"] = line["body"].replace('"rows_before":4', '"rows_before":5')
    report = verify(put(lines))
    assert report.breaks[0].sentence == "Row 4 was altered: its text is not what was sealed."
    assert "Row 4 was altered" in verdict(put(lines))[1]


def test_a_checkpoint_of_another_month_is_named(put: Put) -> None:
    """The right key's checkpoint of one month does not stand in another."""
    ledger = made()
    other = replace(ledger.notes[0][1], origin=MAY)
    lines = ledger.lines()
    spoilt = made()
    spoilt.notes[0] = (spoilt.notes[0][0], other, ledger.notes[3][2])
    path = put(spoilt.lines())
    assert f"is of another log, '{MAY}'" in sentences(verify(path))
    assert verdict(path)[0] == 1
    assert verify(put(lines)).ok


def test_one_checkpoint_is_one_of_all_months_before_it(put: Put) -> None:
    """Whoever keeps the last month's checkpoint sees an earlier month rewritten, though it is signed again and fits."""
    honest, forged = made(), put(made(change={2: 99}).lines())
    last = put(honest.notes[-1][2], "last")
    assert verify(forged, key=PINNED).ok
    report = verify(forged, last)
    assert (report.breaks[0].row, report.breaks[0].through) == (0, 13)
    assert "your checkpoint of size 3 in 2026-07" in sentences(report)
    notes = put([line for line in honest.lines() if "checkpoint" in line], "notes")
    report = verify(forged, notes)
    assert (report.breaks[0].row, report.breaks[0].through) == (2, 3)
    for kept in (last, notes):
        assert verdict(forged, "--checkpoint", kept)[0] == 1
    assert verify(put(honest.lines()), last).anchored_rows == 14


def test_a_month_cut_off_is_missed_by_who_holds_its_checkpoint(put: Put) -> None:
    """A file that ends before a month, or within it, is short of what was kept."""
    honest = made()
    kept = put(honest.notes[-2][2], "kept")
    may = put(made({"2026-04": 3, "2026-05": 2}).lines(), "may.jsonl")
    report = verify(may, kept)
    assert sentences(report) == "Your checkpoint covers 2 rows of 2026-07, and the file has 0."
    april = put(made({"2026-04": 3}).lines(), "april.jsonl")
    of_may = put(honest.notes[4][2], "may")
    assert report.first_row == 7
    assert "of 2026-05, and the file has 0." in sentences(verify(april, of_may))
    assert "of 2026-05, and the file has 3." in sentences(verify(may, of_may))
    for path, note in ((may, kept), (april, of_may), (may, of_may)):
        assert verdict(path, "--checkpoint", note)[0] == 1
