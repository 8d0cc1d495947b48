"""Verification from files alone: what holds, and each way of tampering by name."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer import Typer
from typer.testing import CliRunner

from jikimi.cli import verify as cli
from jikimi.ledger.canonical import canonical
from jikimi.ledger.checkpoint import Checkpoint, signed
from jikimi.ledger.lines import LONGEST, Header, NoteLine, RowLine
from jikimi.ledger.merkle import Frontier, leaf_hash
from jikimi.ledger.note import UnreadableNote, public_key
from jikimi.ledger.report import Report
from jikimi.ledger.rows import Row, body_of
from jikimi.ledger.verify import verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
ORIGIN = "police.example/ledger"
PINNED = str(public_key(ORIGIN, KEY))
SIZES = (3, 4, 8, 10)
Line = dict[str, Any]


def bodies(change: dict[int, int] | None = None) -> list[str]:
    """Ten rows; ``change`` gives a row another count."""
    counts = {number: number for number in range(10)} | (change or {})
    return [
        body_of(UUID(int=number + 1), Row(1_780_000_000.0 + number, "tasking", {"count": counts[number]}))
        for number in range(10)
    ]


def ledger(
    texts: list[str], sizes: Iterable[int] = SIZES, key: Ed25519PrivateKey = KEY, origin: str = ORIGIN
) -> list[Line]:
    """An export of those rows as a site with that key would write it."""
    frontier, lines = Frontier(), [Header(origin, str(public_key(origin, key)), len(texts)).written()]
    for seq, text in enumerate(texts):
        body = json.loads(text)
        frontier.append(leaf_hash(text.encode()))
        lines.append(RowLine(seq, body["id"], body["at"], text, leaf_hash(text.encode()).hex()).written())
        if seq + 1 in sizes:
            lines.append(NoteLine(signed(Checkpoint(origin, seq + 1, frontier.root()), key)).written())
    return [json.loads(line) for line in lines]


def row_at(lines: list[Line], seq: int) -> int:
    return next(index for index, line in enumerate(lines) if line.get("seq") == seq)


def note_at(lines: list[Line], size: int) -> int:
    return next(i for i, line in enumerate(lines) if f"\n{size}\n" in line.get("checkpoint", ""))


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write lines, or text as it is, to a file."""

    def write(lines: list[Line] | str | bytes, name: str = "ledger.jsonl") -> Path:
        path = tmp_path / name
        if isinstance(lines, list):
            lines = "".join(json.dumps(line) + "\n" for line in lines)
        path.write_bytes(lines.encode() if isinstance(lines, str) else lines)
        return path

    return write


Put = Callable[..., Path]


def sentences(report: Report) -> str:
    return " ".join(found.sentence for found in report.breaks)


def test_an_honest_ledger_holds(put: Put) -> None:
    """An export as it was written verifies, and says that only its own word stands behind the key."""
    report = verify(put(ledger(bodies())))
    assert report.ok
    assert (report.size, report.checkpoints, report.origin, report.key) == (10, 4, ORIGIN, PINNED)
    assert report.first_row is None
    assert "10 rows" in report.holds[0]
    assert "Unanchored" in report.notes[0]


def test_a_pinned_key_says_what_it_cannot_show(put: Put) -> None:
    """With the key from elsewhere the note speaks only of the key's own holder."""
    report = verify(put(ledger(bodies())), key=PINNED)
    assert report.ok
    assert report.pinned
    assert "another party" in report.notes[0]


def test_an_earlier_checkpoint_anchors_its_rows(put: Put) -> None:
    """Rows under another party's checkpoint stand on its word; newer rows are said to be newer."""
    lines = ledger(bodies())
    kept = put(lines[note_at(lines, 4)]["checkpoint"], "kept.txt")
    report = verify(put(lines), kept)
    assert report.ok
    assert report.anchored_rows == 4
    assert "The last 6 rows are newer" in report.notes[0]
    last = put(lines[-1]["checkpoint"], "last.txt")
    assert verify(put(lines), last).notes == []


def test_an_earlier_copy_anchors_too(put: Put) -> None:
    """A whole earlier export vouches row by row."""
    earlier = put(ledger(bodies()[:8]), "earlier.jsonl")
    report = verify(put(ledger(bodies())), earlier)
    assert report.ok
    assert report.anchored_rows == 8


def altered(lines: list[Line]) -> None:
    lines[row_at(lines, 5)]["body"] = lines[row_at(lines, 5)]["body"].replace('"count":5', '"count":6')


def altered_and_hashed_again(lines: list[Line]) -> None:
    altered(lines)
    row = lines[row_at(lines, 5)]
    row["leaf"] = leaf_hash(row["body"].encode()).hex()


def moved_in_time(lines: list[Line]) -> None:
    lines[row_at(lines, 5)]["at"] = "2026-01-01T00:00:00.000000Z"


def renamed(lines: list[Line]) -> None:
    lines[row_at(lines, 5)]["id"] = str(UUID(int=77))


def deleted(lines: list[Line]) -> None:
    del lines[row_at(lines, 5)]


def two_deleted(lines: list[Line]) -> None:
    del lines[row_at(lines, 5)]
    del lines[row_at(lines, 6)]


def swapped(lines: list[Line]) -> None:
    one, other = row_at(lines, 5), row_at(lines, 6)
    lines[one], lines[other] = lines[other], lines[one]


def swapped_and_numbered_again(lines: list[Line]) -> None:
    one, other = lines[row_at(lines, 5)], lines[row_at(lines, 6)]
    swapped(lines)
    one["seq"], other["seq"] = 6, 5


def doubled(lines: list[Line]) -> None:
    lines.insert(row_at(lines, 5), lines[row_at(lines, 5)])


def deleted_and_numbered_again(lines: list[Line]) -> None:
    del lines[row_at(lines, 5)]
    for line in (line for line in lines if line.get("seq", 0) > 5):
        line["seq"] -= 1


def without_the_end(lines: list[Line]) -> None:
    del lines[note_at(lines, 8) + 1 :]


def without_the_last_row(lines: list[Line]) -> None:
    del lines[row_at(lines, 9) :]


def without_the_last_checkpoint(lines: list[Line]) -> None:
    lines.pop()


def claimed_shorter(lines: list[Line]) -> None:
    lines[0]["size"] = 9


def claimed_longer(lines: list[Line]) -> None:
    lines[0]["size"] = 12


def checkpoint_altered(lines: list[Line]) -> None:
    note = lines[note_at(lines, 8)]
    note["checkpoint"] = note["checkpoint"].replace(ORIGIN + "\n8", ORIGIN + "\n9")


def checkpoint_signed_by_another(lines: list[Line]) -> None:
    strange = ledger(bodies(), key=OTHER)
    lines[note_at(lines, 8)] = strange[note_at(strange, 8)]


def checkpoint_of_another_ledger(lines: list[Line]) -> None:
    lines[note_at(lines, 8)]["checkpoint"] = signed(Checkpoint("other.example", 8, Frontier().root()), KEY)


def checkpoint_moved(lines: list[Line]) -> None:
    note = lines.pop(note_at(lines, 8))
    lines.insert(row_at(lines, 9), note)


def checkpoint_garbled(lines: list[Line]) -> None:
    lines[note_at(lines, 8)]["checkpoint"] = "hello"


def a_second_header(lines: list[Line]) -> None:
    lines.insert(row_at(lines, 5), lines[0])


def no_header(lines: list[Line]) -> None:
    del lines[0]


def everything_gone(lines: list[Line]) -> None:
    lines.clear()


def key_garbled(lines: list[Line]) -> None:
    lines[0]["key"] = "x"


def key_exchanged(lines: list[Line]) -> None:
    lines[0]["key"] = str(public_key(ORIGIN, OTHER))


TAMPERINGS: list[tuple[Callable[[list[Line]], None], int | None, str]] = [
    (altered, 5, "Row 5 was altered: its text is not what was sealed."),
    (altered_and_hashed_again, 4, "Rows 4 to 7 are not what the checkpoint of size 8 was signed over."),
    (moved_in_time, 5, "Row 5 was altered: its id or time"),
    (renamed, 5, "Row 5 was altered: its id or time"),
    (deleted, 5, "Row 5 is missing."),
    (two_deleted, 5, "Rows 5 to 6 are missing."),
    (swapped, 5, "Row 5 is missing."),
    (swapped_and_numbered_again, 4, "Rows 4 to 7 are not what"),
    (doubled, 5, "Row 5 stands where row 6 belongs."),
    (deleted_and_numbered_again, 4, "The checkpoint of size 8 stands after 7 rows."),
    (without_the_end, 8, "The file is cut short: Rows 8 to 9 are missing."),
    (without_the_last_row, 9, "The file is cut short: Row 9 is missing."),
    (without_the_last_checkpoint, 8, "No checkpoint that holds covers rows 8 to 9."),
    (claimed_shorter, 9, "Row 9 is more than the 9 rows the file claims."),
    (claimed_longer, 10, "The file is cut short: Rows 10 to 11 are missing."),
    (checkpoint_altered, None, "The checkpoint of size 9 in line 12 is not signed with the key."),
    (checkpoint_signed_by_another, None, "The checkpoint of size 8 in line 12 is not signed with the key."),
    (checkpoint_of_another_ledger, None, "The checkpoint in line 12 is of another log, 'other.example'."),
    (checkpoint_moved, 4, "The checkpoint of size 8 stands after 9 rows."),
    (checkpoint_garbled, None, "The checkpoint in line 12 cannot be read"),
    (a_second_header, None, "Line 9 is a second header."),
    (no_header, None, "does not begin with a header"),
    (everything_gone, None, "does not begin with a header"),
    (key_garbled, None, "The header's public key cannot be read"),
    (key_exchanged, 0, "is not signed with the key"),
]


@pytest.mark.parametrize(("tamper", "row", "words"), TAMPERINGS)
def test_tampering_is_named(put: Put, tamper: Callable[[list[Line]], None], row: int | None, words: str) -> None:
    """Each way of tampering with a file is said in a sentence with the first row it can be."""
    lines = ledger(bodies())
    tamper(lines)
    report = verify(put(lines))
    assert not report.ok
    assert words in sentences(report)
    if row is not None:
        assert report.first_row == row


def test_another_ledger_s_checkpoint_under_the_same_key_name_is_named(put: Put) -> None:
    """A key may sign two ledgers; a checkpoint of the other one does not count."""
    lines = ledger(bodies())
    lines[0]["origin"] = "other.example"
    assert "of another ledger" in sentences(verify(put(lines)))


@pytest.mark.parametrize(
    "raw",
    [
        b"{\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"seq":0}\n',
        b'{"checkpoint":"x","more":1}\n',
        b'{"seq":0,"id":"","at":"","body":"","leaf":"AB"}\n',
        b'{"checkpoint":"' + b"x" * LONGEST + b'"}\n',
        b'{"checkpoint":"x"}',
        b"1" * 5000 + b"\n",
    ],
)
def test_a_line_nobody_wrote_is_named(put: Put, raw: bytes) -> None:
    """Garbage, deep nesting, endless lines and half lines are a break with a number, never a crash."""
    whole = put(ledger(bodies())).read_bytes().split(b"\n")
    report = verify(put(b"\n".join(whole[:5]) + b"\n" + raw))
    assert "Line 6 cannot be read" in sentences(report)
    report = verify(put(whole[0] + b"\n" + raw))
    assert "Line 2 cannot be read" in sentences(report)
    assert not verify(put(raw)).ok


@pytest.mark.parametrize(
    "change", [{"origin": "a\nb"}, {"origin": "\ud800"}, {"size": 0}, {"size": -1}, {"format": "jikimi-ledger/3"}]
)
def test_a_header_nobody_wrote_is_named(put: Put, change: Line) -> None:
    """A header that could fool a reader or claims nothing is refused."""
    lines = ledger(bodies())
    lines[0] |= change
    assert "Line 1 cannot be read" in sentences(verify(put(lines)))


@pytest.mark.parametrize("text", ['{"b":1,"a":2}', "{", "[" * 100_000, "\ud800", '{"count":1.5}'])
def test_a_sealed_row_that_is_no_row_is_named(put: Put, text: str) -> None:
    """Even what was sealed must be written as rows are."""
    lines = ledger(bodies())
    frontier = Frontier()
    for line in lines:
        if "seq" in line:
            if line["seq"] == 5:
                line |= {"body": text, "leaf": leaf_hash(text.encode("utf-8", "surrogatepass")).hex()}
            frontier.append(leaf_hash(line["body"].encode("utf-8", "surrogatepass")))
        elif "checkpoint" in line:
            line["checkpoint"] = signed(Checkpoint(ORIGIN, frontier.size, frontier.root()), KEY)
    report = verify(put(lines))
    assert report.first_row == 5
    assert "Row 5 was sealed as something no ledger writes" in sentences(report)


def test_a_rewritten_and_re_signed_ledger_is_caught_by_an_earlier_copy(put: Put) -> None:
    """Who holds database and key can rewrite all of it, but not what another party kept: the row is named."""
    forged = put(ledger(bodies({5: 99})))
    assert verify(forged).ok
    report = verify(forged, put(ledger(bodies()[:8]), "earlier.jsonl"))
    assert report.first_row == 5
    assert "Row 5 is another one than in the copy you hold: count was 5 and is 99." in sentences(report)


def test_a_rewritten_ledger_is_caught_by_kept_checkpoints(put: Put) -> None:
    """Checkpoints alone narrow it to the rows between two of them."""
    forged = put(ledger(bodies({5: 99})))
    honest = ledger(bodies())
    one = put(honest[note_at(honest, 8)]["checkpoint"], "one.txt")
    report = verify(forged, one)
    assert (report.breaks[0].row, report.breaks[0].through) == (0, 7)
    assert report.notes[0] == "A checkpoint cannot say which row it was: an earlier export or a copy of hashes can."
    many = put([line for line in honest if "checkpoint" in line], "many.jsonl")
    report = verify(forged, many)
    assert (report.breaks[0].row, report.breaks[0].through) == (4, 7)
    assert report.anchored_rows == 4


def test_a_cut_ledger_is_caught_by_a_later_checkpoint(put: Put) -> None:
    """Rows cut off with header and checkpoints made to fit are missed by the one who kept a checkpoint."""
    honest = ledger(bodies())
    kept = put(honest[-1]["checkpoint"], "kept.txt")
    cut = put(ledger(bodies()[:8]))
    assert verify(cut).ok
    report = verify(cut, kept)
    assert report.first_row == 8
    assert "Your checkpoint covers 10 rows, and the file has 8." in sentences(report)


def test_a_checkpoint_of_another_log_is_named(put: Put) -> None:
    """A checkpoint of another ledger, or signed with another key, anchors nothing and says so."""
    path = put(ledger(bodies()))
    other = ledger(bodies(), origin="other.example")
    assert "of another ledger" in sentences(verify(path, put(other[-1]["checkpoint"], "other.txt")))
    forged = ledger(bodies(), key=OTHER)
    assert "not signed with the key" in sentences(verify(path, put(forged[-1]["checkpoint"], "forged.txt")))


def test_a_fork_is_named(put: Put) -> None:
    """Two checkpoints of one size with different roots prove by themselves that a key signed two histories."""
    kept = [line for text in (bodies(), bodies({5: 99})) for line in ledger(text, [10]) if "checkpoint" in line]
    assert "forked" in sentences(verify(put(ledger(bodies())), put(kept, "both.jsonl")))


@pytest.mark.parametrize("kept", [b"\xff", b"hello", b"{\n", b'{"seq":3}\n'])
def test_a_checkpoint_file_that_cannot_be_read_is_an_error_of_its_own(put: Put, kept: bytes) -> None:
    """What the caller gives is refused with a sentence, not counted against the ledger."""
    path, given = put(ledger(bodies())), put(kept, "kept")
    if kept == b"hello":
        assert "no signed note" in sentences(verify(path, given))
        return
    with pytest.raises(UnreadableNote):
        verify(path, given)


def test_an_earlier_copy_must_be_whole(put: Put) -> None:
    """A copy with a gap or without any checkpoint cannot vouch."""
    path, gap = put(ledger(bodies())), ledger(bodies())
    deleted(gap)
    with pytest.raises(UnreadableNote, match="gap"):
        verify(path, put(gap, "gap.jsonl"))
    with pytest.raises(UnreadableNote, match="no checkpoint"):
        verify(path, put(ledger(bodies(), []), "none.jsonl"))


def test_another_key_than_the_pinned_one_is_named(put: Put) -> None:
    """A ledger signed with a key of the forger's does not verify under the key one had from elsewhere."""
    report = verify(put(ledger(bodies(), key=OTHER)), key=PINNED)
    assert "and you gave" in sentences(report)
    assert "is not signed with the key" in sentences(report)
    with pytest.raises(UnreadableNote):
        verify(put(ledger(bodies())), key="nonsense")


def test_a_flood_of_breaks_is_cut(put: Put) -> None:
    """A file that is wrong throughout says so and does not fill a screen."""
    lines = ledger([canonical(json.loads(text)) for text in bodies() * 3], sizes=[30])
    for line in lines[1:]:
        line["at"] = "never"
        line.pop("checkpoint", None)
    lines.pop()
    report = verify(put(lines))
    assert len(report.breaks) == 21
    assert "not looked at" in sentences(report)


@pytest.fixture
def app() -> Typer:
    """The commands as the command line has them."""
    made = Typer()
    made.command("verify")(cli.command)
    made.command("export")(cli.export_command)
    return made


def test_the_command_says_what_holds(put: Put, app: Typer) -> None:
    """`jikimi verify` prints sentences and ends with 0 for a ledger that holds."""
    done = CliRunner().invoke(app, ["verify", str(put(ledger(bodies()))), "--key", PINNED])
    assert done.exit_code == 0
    assert "The ledger verifies." in done.output


def test_the_command_says_what_breaks(put: Put, app: Typer) -> None:
    """`jikimi verify` ends with 1 on any break, and prints the same for programs with --json."""
    lines = ledger(bodies())
    deleted(lines)
    path = put(lines)
    done = CliRunner().invoke(app, ["verify", str(path)])
    assert done.exit_code == 1
    assert "BREAKS  Row 5 is missing." in done.output
    done = CliRunner().invoke(app, ["verify", str(path), "--json"])
    assert done.exit_code == 1
    answer = json.loads(done.output)
    assert (answer["ok"], answer["first_row"], answer["breaks"][0]["row"]) == (False, 5, 5)


def test_the_command_is_friendly_about_files(put: Put, app: Typer, tmp_path: Path) -> None:
    """A file that is not there, a folder, or a broken checkpoint gets one sentence and exit code 1."""
    path = str(put(ledger(bodies())))
    for arguments in (
        [str(tmp_path / "nothing")],
        [str(tmp_path)],
        [path, "--checkpoint", str(put(b"\xff", "kept"))],
        [path, "--key", "x"],
    ):
        done = CliRunner().invoke(app, ["verify", *arguments])
        assert done.exit_code == 1
        assert "Traceback" not in done.output
        assert done.output


def test_an_export_needs_a_database(app: Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a database the command says how to name one; an unreachable one is no traceback and no password."""
    monkeypatch.delenv("JIKIMI_DATABASE_URL", raising=False)
    monkeypatch.setenv("JIKIMI_DATA", str(tmp_path))
    done = CliRunner().invoke(app, ["export", str(tmp_path / "x")])
    assert done.exit_code == 1
    assert "JIKIMI_DATABASE_URL" in done.output
    url = "postgresql://a:hunter2@127.0.0.1:1/x"
    done = CliRunner().invoke(app, ["export", str(tmp_path / "x"), "--database", url])
    assert done.exit_code == 1
    assert "hunter2" not in done.output
