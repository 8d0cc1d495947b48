"""A paper to print: Korean above, English below, as a PDF that holds its own type. It must never read as markup what somebody
typed, nor hold a date of its own: the same words are the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec
import typst

import jikimi
from jikimi.kernel.errors import Unavailable

_FONTS: Final = Path(jikimi.__file__).parent / "screens" / "built" / "fonts"
_WIDE: Final = 6
"""A table of more columns lies across."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in both languages."""

    ko: str
    en: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; each cell is text, or Said for what stands in both languages.

    ``tight``: columns no wider than what stands in them, by number; ``none`` stands in the place of no rows.
    """

    title: Said
    heads: Sequence[Said]
    rows: Sequence[Sequence[str | Said]]
    none: Said
    tight: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper's title and what follows below each other."""

    title: Said
    parts: Sequence[Said | Table]

    def source(self) -> str:
        """All that it says, as JSON."""
        parts = [_told(part) for part in self.parts]
        wide = any(isinstance(part, Table) and len(part.heads) > _WIDE for part in self.parts)
        return msgspec.json.encode({"title": self.title, "parts": parts, "wide": wide}).decode()

    def pdf(self) -> bytes:
        """The paper; some 50 ms, so away from the event loop. Raises Unavailable where the screens' fonts were not built."""
        if not any(_FONTS.glob("*.otf")):
            raise Unavailable("There is no type to print with here; run `make screens`.")
        return typst.compile(_template(), sys_inputs={"sheet": self.source()}, font_paths=_fonts())


def day(at: float, offset_s: int) -> str:
    """A day of the installation's calendar."""
    return _local(at, offset_s).strftime("%Y-%m-%d")


def minute(at: float, offset_s: int) -> str:
    """The same with the time to the second."""
    return _local(at, offset_s).strftime("%Y-%m-%d %H:%M:%S")


def _local(at: float, offset_s: int) -> datetime:
    return datetime.fromtimestamp(at, UTC) + timedelta(seconds=offset_s)


def _told(part: Said | Table) -> dict[str, object]:
    said: dict[str, object] = msgspec.to_builtins(part)
    if isinstance(part, Table):
        said["tight"] = [place in part.tight for place in range(len(part.heads))]
    return said


@cache
def _template() -> bytes:
    return files("jikimi.oversee").joinpath("sheet.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])
