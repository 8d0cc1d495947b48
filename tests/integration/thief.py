"""Whoever has taken every file of an installation, and tries with whatever could be a key in any of them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

_HEX = re.compile(rb"[0-9a-f]{64}")
_MOST = 4096
"""Bytes of a file that could as a whole be a key."""


def every_key(folder: Path) -> set[bytes]:
    """Every short file whole, every text in any that reads as a key, and every key of the custody that one of those unwraps."""
    bodies, bare = set(), set()
    for file in (file for file in folder.rglob("*") if file.is_file()):
        body = file.read_bytes()
        bare |= {bytes.fromhex(found.decode()) for found in _HEX.findall(body)}
        if len(body) <= _MOST:
            bodies |= {body, body.strip()}
    opened = {key for master in bare for key in _unwrapped(folder, master)}
    assert opened, "the thief opens what today's secrets open"
    return bodies | bare | opened


def _unwrapped(folder: Path, master: bytes) -> Iterator[bytes]:
    for file in (file for file in folder.rglob("keys") if file.is_file()):
        with closing(sqlite3.connect(file)) as custody:
            rows = custody.execute("SELECT wrapped FROM kept").fetchall()
        for (wrapped,) in rows:
            try:
                yield aes_key_unwrap(master, wrapped)
            except InvalidUnwrap:
                continue
