"""Log files kept within bounds while others write them. It must never take a file away from who has it open.

The bytes move, the file stays: what is written between the copy and the cut, a moment, may be lost. A log says why
something went wrong; whatever must not be lost is in the record.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a log, and as much again of what stood in it before."""


def rotate(logs: Iterable[Path], most: int = MOST_BYTES) -> None:
    """Move the last ``most`` bytes of every log that has grown beyond them into ``<name>.1`` and begin it anew.

    Whoever writes must append (O_APPEND), or the file would be as long as before.
    """
    for log in logs:
        try:
            size = log.stat().st_size
            if size > most:
                _move(log, size - most, most)
                os.truncate(log, 0)
        except OSError:
            continue  # a full disk, or a log not made yet: the next look may find it mended


def _move(log: Path, start: int, most: int) -> None:
    with log.open("rb") as before, log.with_name(f"{log.name}.1").open("wb") as kept:
        os.fchmod(kept.fileno(), os.fstat(before.fileno()).st_mode & 0o777)
        before.seek(start)
        while most > 0 and (piece := before.read(min(most, 1 << 20))):
            kept.write(piece)
            most -= len(piece)
