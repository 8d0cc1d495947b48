"""What the response must know of an order, read fresh or for all live orders. It must never hand out a place."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.registry.model import OrderCard

_IN_FORCE = text("""
SELECT id, police_agency, monitoring_agency, offender, victim, regime, article, arrestable FROM protective_order
WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > now())
""")
_ONE = text("""
SELECT id, police_agency, monitoring_agency, offender, victim, regime, article, arrestable FROM protective_order
WHERE id = :id
""")


async def orders_in_force(connection: AsyncConnection) -> list[OrderCard]:
    """Every order that has neither ended nor run out; for services, which keep them in memory."""
    return [OrderCard(*row) for row in await connection.execute(_IN_FORCE)]


async def order_card(connection: AsyncConnection, order: UUID) -> OrderCard | None:
    """Return an order as it stands in the record now, ended or not; None for one nobody entered."""
    row = (await connection.execute(_ONE, {"id": order})).one_or_none()
    return OrderCard(*row) if row else None
