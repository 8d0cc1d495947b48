"""Identifiers. Never 32 bits (a monitoring vendor went blind at row 2,147,483,647), never made from personal data."""

import os
import time
from uuid import UUID, uuid5

_NAMESPACE = UUID("6d1b8a86-5d0e-5c1c-9d0c-2f1f6f1c9a11")


def uuid7() -> UUID:
    """A new time-ordered UUID, version 7 (RFC 9562 section 5.7), made here and not in the database."""
    value = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def derived(*parts: object) -> UUID:
    """The same UUID (version 5) for the same parts, anywhere and for ever: what makes redoing harmless.

    Floats are written with ``repr`` (shortest exact form), so equal numbers give equal ids.
    """
    text = "\x1f".join(repr(part) if isinstance(part, float) else str(part) for part in parts)
    return uuid5(_NAMESPACE, text)
