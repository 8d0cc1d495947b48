"""An evidence bundle: files, their list, and the ledger that sealed the list. It must never do more with a file than hash it.

A folder or a ZIP with ``ledger.jsonl`` (an export), ``files.sha256`` (as `sha256sum` writes it, every other file once) and
the files. A row ``bundle.sealed`` of that ledger has the SHA-256 of the list as its ``content_digest``. One of the files
is 32 random bytes: once the bundle is destroyed, that digest tells nobody what was in it.
"""

import re
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final
from zipfile import BadZipFile, ZipFile

from jikimi.ledger.canonical import parse
from jikimi.ledger.lines import RowLine, read
from jikimi.ledger.report import Break, Report
from jikimi.ledger.verify import verify

LEDGER: Final = "ledger.jsonl"
LIST: Final = "files.sha256"
SEALED: Final = "bundle.sealed"
_LINE: Final = re.compile(r"([0-9a-f]{64}) [ *]([^\x00-\x1f\\]+)")
_ZIP: Final = b"PK\x03\x04"
_PIECE: Final = 1 << 20
_DAMAGED: Final = (BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)

Files = Mapping[str, Callable[[], IO[bytes]]]


def is_bundle(path: Path) -> bool:
    """Whether there is a folder at ``path``, or what begins as a ZIP does; raises OSError."""
    if path.is_dir():
        return True
    with path.open("rb") as file:
        return file.read(len(_ZIP)) == _ZIP


def verify_bundle(
    path: Path, checkpoint: Path | None = None, key: str | None = None, witnesses: Sequence[str] = ()
) -> Report:
    """What holds of the bundle at ``path``: its ledger as ``verify`` says, and then its files. Raises as ``verify`` does."""
    try:
        with _files(path) as files, TemporaryDirectory(prefix="jikimi-verify-") as folder:
            if LEDGER not in files:
                return Report(breaks=[Break(f"This is no bundle: there is no {LEDGER} in it.")])
            ledger = Path(folder) / LEDGER
            with files[LEDGER]() as source, ledger.open("wb") as target:
                shutil.copyfileobj(source, target)
            report = verify(ledger, checkpoint, key, witnesses)
            found = list(_breaks(files))
            row = _sealed_in(ledger, files) if report.ok else None
    except _DAMAGED:
        return Report(breaks=[Break("The bundle is damaged: a file in it cannot be read.")])
    if report.ok and row is None:
        found.append(Break(f"No row of the ledger seals {LIST}: its files may be any."))
    if not found and row is not None:
        report.holds.append(f"{len(files) - 2} files are those whose list row {row} sealed.")
    report.breaks += found
    return report


@contextmanager
def _files(path: Path) -> Iterator[Files]:
    if path.is_dir():
        found = sorted(one for one in path.rglob("*") if not one.is_dir())
        yield {one.relative_to(path).as_posix(): _reader(one) for one in found}
        return
    with ZipFile(path) as archive:
        names = [one.filename for one in archive.infolist() if not one.is_dir()]
        if len(names) != len(set(names)):
            raise BadZipFile("two files of one name")
        yield {name: _member(archive, name) for name in names}


def _reader(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _member(archive: ZipFile, name: str) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(name)


def _breaks(files: Files) -> Iterator[Break]:
    """Every file that is not as the list says."""
    listed: dict[str, str] = {}
    for number, line in enumerate(_list(files).split("\n")[:-1], 1):
        entry = _LINE.fullmatch(line)
        if entry is None or entry[2] in listed or entry[2] in {LEDGER, LIST}:
            yield Break(f"Line {number} of {LIST} is none that belongs there.")
        else:
            listed[entry[2]] = entry[1]
    for name in sorted(listed.keys() - files.keys()):
        yield Break(f"The file {name!r} is missing.")
    for name in sorted(files.keys() - listed.keys() - {LEDGER, LIST}):
        yield Break(f"The file {name!r} is not on the list.")
    for name in sorted(listed.keys() & files.keys()):
        if _digest(files[name]) != listed[name]:
            yield Break(f"The file {name!r} is another one than is listed.")


def _digest(opened: Callable[[], IO[bytes]]) -> str:
    found = sha256()
    with opened() as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _list(files: Files) -> str:
    if LIST not in files:
        return ""
    with files[LIST]() as file:
        return file.read().decode(errors="replace")


def _sealed_in(ledger: Path, files: Files) -> int | None:
    """The number of the row that seals the list."""
    if LIST not in files:
        return None
    digest = _digest(files[LIST])
    with ledger.open("rb") as file:
        for _, line in read(file):
            if isinstance(line, RowLine) and digest in line.body:
                body = parse(line.body)
                if (body.get("kind"), body.get("content_digest")) == (SEALED, digest):
                    return line.seq
    return None
