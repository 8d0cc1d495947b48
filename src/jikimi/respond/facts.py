"""What an alert was decided by, on the record: sealed under its order's key together with what opens its commitment. It
must never lie there readable: it says where both were.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.decisions import Alert
from jikimi.kernel.errors import Destroyed
from jikimi.registry.model import OrderCard
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of

_log = structlog.get_logger()
OPENING: Final = 32
_FACTS: Final = text("SELECT sealed FROM alert WHERE id = :id")
_OURS: Final = UUID(int=0)
"""Under this lies what is about the installation itself."""


def sealed(
    connection: AsyncConnection, alert: Alert, card: OrderCard | None, opening: bytes, facts: bytes
) -> bytes | None:
    """The facts and the opening of the commitment to them; None where the law had the order destroyed."""
    whose = card.whose if card else UUID(alert.pair) if alert.pair else None
    return sealed_for(connection, UUID(alert.alert), whose, opening + facts)


def sealed_for(connection: AsyncConnection, alert: UUID, whose: UUID | None, plain: bytes) -> bytes | None:
    """The same, with opening and facts as one; ``whose`` None: what is about ourselves."""
    try:
        return custody_of(connection).seal(Kind.ORDER, whose or _OURS, plain, alert.bytes)
    except Destroyed:
        return None


async def opened(connection: AsyncConnection, alert: UUID) -> tuple[bytes, bytes] | None:
    """(opening, facts as they were committed to) of a recorded alert; None where there is none or it was destroyed."""
    found = (await connection.execute(_FACTS, {"id": alert})).scalar()
    if found is None:
        return None
    plain = _plain(connection, alert, found)
    return (plain[:OPENING], plain[OPENING:]) if plain is not None else None


async def recorded(connection: AsyncConnection, alert: UUID) -> Alert | None:
    """The alert as it was decided; None where nobody can say any more."""
    found = await opened(connection, alert)
    return msgspec.json.decode(found[1], type=Alert) if found else None


def reasons_of(connection: AsyncConnection, row: Any) -> dict[str, Any]:
    """Why a unit was chosen, of a tasking's row (``id``, ``reasons``, ``sealed``); empty where nobody can say any more."""
    if row.sealed is None:
        said: dict[str, Any] = row.reasons or {}
        return said
    plain = _plain(connection, row.id, row.sealed)
    return {} if plain is None else msgspec.json.decode(plain[OPENING:], type=dict[str, Any])


def _plain(connection: AsyncConnection, which: UUID, sealed: bytes) -> bytes | None:
    try:
        return custody_of(connection).open(sealed, which.bytes)
    except Destroyed:
        return None
    except ValueError:
        _log.error("what is sealed of an alert or a tasking cannot be read", which=str(which))
        return None
