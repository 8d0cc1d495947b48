"""A ledger export, line by line: what is written and what is read back. It must never trust a line it reads.

JSON Lines, UTF-8: a header, then rows in the order of their numbers, each checkpoint after the last row it covers. In a
copy of hashes, kept by another party, a row that opens no month is its number and hash.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

FORMAT: Final = "jikimi-ledger/2"
"""Of version 1 were ledgers without months; they are read as a ledger of one log."""
_FORMATS: Final = ("jikimi-ledger/1", FORMAT)
LONGEST: Final = 1 << 20
"""Bytes a line may have."""
_LEAF: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: whose ledger, under which key, and how many rows the file claims."""

    origin: str
    key: str
    size: int

    def written(self) -> str:
        """The line."""
        return _line({"format": FORMAT, "origin": self.origin, "key": self.key, "size": self.size})


@dataclass(frozen=True, slots=True)
class RowLine:
    """One sealed row. ``body`` is the text that was hashed, ``leaf`` the hash that was sealed, in hexadecimal."""

    seq: int
    id: str
    at: str
    body: str
    leaf: str

    def written(self) -> str:
        """The line."""
        return _line({"seq": self.seq, "id": self.id, "at": self.at, "body": self.body, "leaf": self.leaf})


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One checkpoint, as the signed note it is."""

    note: str

    def written(self) -> str:
        """The line."""
        return _line({"checkpoint": self.note})


@dataclass(frozen=True, slots=True)
class HashLine:
    """One sealed row as the hash that was sealed."""

    seq: int
    leaf: str

    def written(self) -> str:
        """The line."""
        return _line({"seq": self.seq, "leaf": self.leaf})


Line = Header | RowLine | HashLine | NoteLine


class UnreadableLine(Exception):
    """Line ``number`` (from 1) is none of these; ``why`` is a sentence."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number, self.why = number, why


def read(file: BinaryIO) -> Iterator[tuple[int, Line]]:
    """Every line with its number from 1, never more than one in memory; raises UnreadableLine."""
    number = 0
    while raw := file.readline(LONGEST + 1):
        number += 1
        if len(raw) > LONGEST:
            raise UnreadableLine(number, "it is longer than any line we write")
        if not raw.endswith(b"\n"):
            raise UnreadableLine(number, "it breaks off in the middle")
        yield number, _parsed(number, raw)


def _parsed(number: int, raw: bytes) -> Line:
    try:
        match json.loads(raw):
            case {"format": str(form), "origin": str(origin), "key": str(key), "size": int(size), **rest}:
                line: Line = Header(origin, key, size)
                rest |= {} if form in _FORMATS else {"format": form}
                rest |= {} if origin.isprintable() and size > 0 else {"origin": origin}
            case {"seq": int(seq), "id": str(name), "at": str(at), "body": str(body), "leaf": str(leaf), **rest}:
                line = RowLine(seq, name, at, body, leaf)
                rest |= {} if _LEAF.fullmatch(leaf) else {"leaf": leaf}
            case {"seq": int(seq), "leaf": str(leaf), **rest}:
                line = HashLine(seq, leaf)
                rest |= {} if _LEAF.fullmatch(leaf) else {"leaf": leaf}
            case {"checkpoint": str(note), **rest}:
                line = NoteLine(note)
            case _:
                raise UnreadableLine(number, "it is neither a header, nor a row, nor a checkpoint")
    except (ValueError, RecursionError):
        raise UnreadableLine(number, "it is no JSON") from None
    if rest:
        raise UnreadableLine(number, "it holds more or other things than we write")
    return line


def _line(content: dict[str, str | int]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
