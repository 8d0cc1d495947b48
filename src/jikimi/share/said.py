"""Words somebody wrote down about people: why access was given, what is left open. It must never leave them readable there.

They lie under the key of what is said of each person, or order, they may speak of, one within the other: destroying one of
those keys destroys them. A row keeps no words for somebody whose data the law had destroyed.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.errors import Destroyed
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of

_log = structlog.get_logger()
_COUNT: Final = 2


def sealed(connection: AsyncConnection, which: UUID, whose: Iterable[UUID], words: str | None) -> bytes | None:
    """Words in the row ``which``, readable while all of ``whose`` are kept; None for none, or where one was destroyed."""
    if not words:
        return None
    body, keys = words.encode(), sorted(set(whose))
    try:
        for each in keys:
            body = custody_of(connection).seal(Kind.ORDER, each, body, _about(which))
    except Destroyed:
        return None
    return len(keys).to_bytes(_COUNT, "big") + body


def opened(connection: AsyncConnection, which: UUID, body: bytes | None, plain: str | None = "") -> str:
    """The words again, ``plain`` where they were written before they were sealed; empty where nobody can say any more."""
    if body is None:
        return plain or ""
    layers, found = int.from_bytes(body[:_COUNT], "big"), bytes(body[_COUNT:])
    try:
        for _ in range(layers):
            found = custody_of(connection).open(found, _about(which))
    except Destroyed:
        return ""
    except ValueError:
        _log.error("sealed words cannot be read", row=str(which))
        return ""
    return found.decode()


def _about(which: UUID) -> bytes:
    return b"said" + which.bytes
