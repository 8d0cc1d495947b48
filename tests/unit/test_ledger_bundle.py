"""A bundle of files that a ledger sealed: what is in it is what was sealed, or it is said what is not."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from tests.ledger_made import PINNED, Made, made
from tests.unit.test_ledger_verify import sentences
from typer.testing import CliRunner

from jikimi.cli.main import app
from jikimi.ledger.bundle import LEDGER, LIST, is_bundle, verify_bundle
from jikimi.ledger.rows import Row, body_of

FILES = {"opening": b"\x07" * 32, "alert.json": b"{}", "map/track.geojson": b"[]"}


def text_of_list(files: dict[str, bytes]) -> str:
    return "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in files.items())


def sealing(listed: str, kind: str = "bundle.sealed", change: dict[int, int] | None = None) -> Made:
    """A ledger that seals that list."""
    ledger = made(change=change)
    row = Row(1_785_000_000.0, kind, {"content_digest": sha256(listed.encode()).hexdigest()})
    ledger.row(body_of(UUID(int=900), row))
    ledger.sign()
    return ledger


def put_together(folder: Path, ledger: Made | None = None, listed: str | None = None) -> Path:
    """A bundle as a folder."""
    listed = text_of_list(FILES) if listed is None else listed
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / LIST).write_text(listed)
    lines = (ledger or sealing(listed)).lines()
    (folder / LEDGER).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put_together(tmp_path / "bundle")


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def test_a_bundle_holds_as_a_folder_and_as_a_zip(folder: Path, tmp_path: Path) -> None:
    """Its ledger verifies, each file is as listed, and the row that sealed the list is named; the command takes both."""
    kept = tmp_path / "kept"
    kept.write_text(sealing(text_of_list(FILES)).notes[-1][2])
    for path in (folder, zipped(folder)):
        assert is_bundle(path)
        report = verify_bundle(path, kept, PINNED)
        assert report.ok, report.breaks
        assert "3 files are those whose list row 14 sealed." in report.holds
        assert report.anchored_rows == 15
        done = CliRunner().invoke(app, ["verify", str(path), "--checkpoint", str(kept)])
        assert (done.exit_code, "The ledger verifies." in done.output) == (0, True)
    assert not is_bundle(folder / LEDGER)


def exchanged(folder: Path) -> None:
    (folder / "alert.json").write_bytes(b"[]")


def missing(folder: Path) -> None:
    (folder / "map" / "track.geojson").unlink()


def added(folder: Path) -> None:
    (folder / "more").write_bytes(b"")


def listed_anew(folder: Path) -> None:
    exchanged(folder)
    (folder / LIST).write_text(text_of_list(FILES | {"alert.json": b"[]"}))


def without_list(folder: Path) -> None:
    (folder / LIST).unlink()


def strange_list(folder: Path) -> None:
    put_together(
        folder, listed=text_of_list(FILES) + "hello\n" + text_of_list({LEDGER: b"", "opening": FILES["opening"]})
    )


def sealed_as_another(folder: Path) -> None:
    put_together(folder, sealing(text_of_list(FILES), "tasking"))


def without_ledger(folder: Path) -> None:
    (folder / LEDGER).unlink()


def altered_ledger(folder: Path) -> None:
    path = folder / LEDGER
    path.write_text(path.read_text().replace('\\"count\\":6', '\\"count\\":7'))


DEEDS: list[tuple[Callable[[Path], None], str]] = [
    (exchanged, "The file 'alert.json' is another one than is listed."),
    (missing, "The file 'map/track.geojson' is missing."),
    (added, "The file 'more' is not on the list."),
    (listed_anew, "No row of the ledger seals files.sha256"),
    (without_list, "The file 'alert.json' is not on the list."),
    (strange_list, "Line 4 of files.sha256 is none that belongs there."),
    (sealed_as_another, "No row of the ledger seals files.sha256"),
    (without_ledger, "This is no bundle: there is no ledger.jsonl in it."),
    (altered_ledger, "Row 6 was altered: its text is not what was sealed."),
]


@pytest.mark.parametrize(("deed", "words"), DEEDS)
def test_what_was_done_to_a_bundle_is_named(folder: Path, deed: Callable[[Path], None], words: str) -> None:
    """A file exchanged, missing, added or unsealed is named, and so is a row of the ledger; exit code 1."""
    deed(folder)
    for path in (folder, zipped(folder)):
        report = verify_bundle(path)
        assert not report.ok
        assert words in sentences(report)
        assert CliRunner().invoke(app, ["verify", str(path)]).exit_code == 1


def test_a_bundle_s_ledger_is_held_against_what_another_party_kept(tmp_path: Path) -> None:
    """Rewritten and signed again with all files fitting, the row is named by the other party's copy."""
    listed = text_of_list(FILES)
    folder = put_together(tmp_path / "bundle", sealing(listed, change={6: 99}))
    assert verify_bundle(folder, key=PINNED).ok
    kept = tmp_path / "hashes.jsonl"
    kept.write_text("".join(json.dumps(line) + "\n" for line in sealing(listed).lines(hashes=True)))
    report = verify_bundle(folder, kept, PINNED)
    assert not report.ok
    assert report.first_row == 6
    assert not [one for one in report.holds if "files" in one]


def test_a_damaged_archive_is_said_to_be_damaged(folder: Path) -> None:
    """Bytes turned within an archive, and two files of one name in it, are a break and never a crash."""
    path = zipped(folder)
    raw = bytearray(path.read_bytes())
    place = raw.index(b"files.sha256") + 40
    raw[place] ^= 255
    path.write_bytes(bytes(raw))
    assert "damaged" in sentences(verify_bundle(path))
    path = zipped(folder)
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(path, "a") as archive:
        archive.writestr("opening", b"other")
    assert "damaged" in sentences(verify_bundle(path))
