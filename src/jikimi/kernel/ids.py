"""Identifiers. Never 32 bits (a monitoring vendor went blind at row 2,147,483,647), never made from personal data."""

import os
import threading
import time
from uuid import UUID, uuid5

_NAMESPACE = UUID("6d1b8a86-5d0e-5c1c-9d0c-2f1f6f1c9a11")

_last = [0]
_lock = threading.Lock()


def uuid7() -> UUID:
    """A new time-ordered UUID, version 7 (RFC 9562 sections 5.7 and 6.2), made here and not in the database.

    Those of one process ascend, also within a millisecond and when the clock is set back: rows written one after the other
    stand so on the ledger and on the register.
    """
    drawn = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 74 | int.from_bytes(os.urandom(10), "big") >> 6
    with _lock:
        _last[0] = drawn = drawn if drawn > _last[0] else _last[0] + 1 + int.from_bytes(os.urandom(7), "big")
    time_and_twelve, rest = drawn >> 62, drawn & (1 << 62) - 1
    return UUID(int=(time_and_twelve >> 12) << 80 | 0x7 << 76 | (time_and_twelve & 0xFFF) << 64 | 0x2 << 62 | rest)


def derived(*parts: object) -> UUID:
    """The same UUID (version 5) for the same parts, anywhere and for ever: what makes redoing harmless.

    Floats are written with ``repr`` (shortest exact form), so equal numbers give equal ids.
    """
    text = "\x1f".join(repr(part) if isinstance(part, float) else str(part) for part in parts)
    return uuid5(_NAMESPACE, text)
