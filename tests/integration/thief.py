"""Whoever has taken every file of an installation, and tries with whatever could be a key in any of them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

_HEX = re.compile(rb"[0-9a-f]{64}")


def every_key(folder: Path) -> set[bytes]:
    """Every file whole, every text in one that reads as a key, every 32 or 40 bytes of the custody, unwrapped by every other."""
    bodies = [file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()]
    assert bodies
    bare = {bytes.fromhex(found.decode()) for body in bodies for found in _HEX.findall(body)}
    opened = {key for master in bare for key in _unwrapped(folder, master)}
    assert opened, "the thief opens what today's secrets open"
    return {*bodies, *(body.strip() for body in bodies), *bare, *opened}


def _unwrapped(folder: Path, master: bytes) -> Iterator[bytes]:
    for file in folder.rglob("keys"):
        with closing(sqlite3.connect(file)) as custody:
            rows = custody.execute("SELECT wrapped FROM kept").fetchall()
        for (wrapped,) in rows:
            try:
                yield aes_key_unwrap(master, wrapped)
            except InvalidUnwrap:
                continue
