"""One way to write a row as bytes. It must never write the same row in two ways, nor two rows in one.

JSON (RFC 8259) with sorted keys, no spaces, UTF-8, no escapes but the required ones, and no floating point numbers.
"""

import json
from collections.abc import Mapping

from jikimi.ledger.fields import Value


def canonical(row: Mapping[str, Value]) -> str:
    """The text that is stored, hashed and exported."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parse(text: str) -> dict[str, Value]:
    """The row in ``text``; raises ValueError when the text is not the one way to write it."""
    row = json.loads(text)
    if not isinstance(row, dict) or canonical(row) != text:
        raise ValueError("not written canonically")
    for value in row.values():
        if not isinstance(value, str | int | None):
            raise ValueError("holds a value that no row may hold")  # noqa: TRY004 - one error for every unfit text
    return row
