"""Whoever has taken every file of an installation, and tries with whatever could be a key in any of them; or reads its database."""

import re
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from psycopg import sql

_HEX = re.compile(rb"[0-9a-f]{64}")
_MOST = 4096
"""Bytes of a file that could as a whole be a key."""


_COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2
"""
_TEXT = sql.SQL(
    "SELECT EXISTS (SELECT FROM {table} t WHERE position(lower({word}) IN lower(CAST(t.{column} AS text))) > 0)"
)
_BYTES = sql.SQL("SELECT EXISTS (SELECT FROM {table} t WHERE position(convert_to({word}, 'UTF8') IN t.{column}) > 0)")


def open_in(url: str, words: Collection[str]) -> set[str]:
    """Every ``table.column`` of the database that shows one of these words to whoever may read all of it."""
    found = set()
    with psycopg.connect(url) as record:
        for table, column, kind in record.execute(_COLUMNS).fetchall():
            statement = _BYTES if kind == "bytea" else _TEXT
            for word in words:
                asked = statement.format(
                    table=sql.Identifier(table), column=sql.Identifier(column), word=sql.Literal(word)
                )
                if record.execute(asked).fetchone() == (True,):
                    found.add(f"{table}.{column}")
    return found


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
