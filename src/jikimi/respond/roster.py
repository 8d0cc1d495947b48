"""Units and orders in memory, so that a dispatch is a lookup. It must never be the record: it is read from it."""

import asyncio
from collections.abc import Iterable
from math import inf
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.respond.model import OrderCard, Unit
from jikimi.store.database import Database

_UNITS = text("""
SELECT u.id, u.agency, u.kind, u.callsign, u.status = 'available' AND NOT EXISTS (
  SELECT FROM tasking t WHERE t.unit = u.id AND t.ended_at IS NULL) AS free,
  u.lon, u.lat, CAST(extract(epoch FROM u.position_at) AS float8) AS position_at
FROM unit u
""")
_AT_ONCE = 200
_ORDER_COLUMNS = "id, police_agency, monitoring_agency, offender, victim, regime, article, arrestable"
_ORDERS = text(
    f"SELECT {_ORDER_COLUMNS} FROM protective_order WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > now())"
)
_ORDER = text(f"SELECT {_ORDER_COLUMNS} FROM protective_order WHERE id = :id")


class Roster:
    """What the responder knows of units and live orders; ``reload`` often, and at every hint."""

    def __init__(self) -> None:
        self.units: dict[UUID, Unit] = {}
        self.orders: dict[UUID, OrderCard] = {}
        self._readings = 0
        self._promised: dict[UUID, float] = {}
        """Units chosen but not yet seen in the record: by which reading they will be."""

    async def reload(self, database: Database) -> None:
        """Read units anew."""
        self._readings += 1
        reading = self._readings
        async with database.transaction() as connection:
            rows = (await connection.execute(_UNITS)).all()
        self.units = {row[0]: Unit(*row) for row in rows}
        self._promised = {unit: at for unit, at in self._promised.items() if at > reading}

    async def reload_orders(self, database: Database) -> None:
        """Read live orders anew, a few at a time so that no alert waits behind them."""
        async with database.transaction() as connection:
            rows = (await connection.execute(_ORDERS)).all()
        orders: dict[UUID, OrderCard] = {}
        for place, row in enumerate(rows, 1):
            orders[row[0]] = OrderCard(*row)
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)
        self.orders = orders

    def free(self) -> list[Unit]:
        """Units as a choice sees them now: one promised a moment ago is taken, read or not yet."""
        return [unit for unit in self.units.values() if unit.id not in self._promised]

    def promise(self, units: Iterable[UUID]) -> None:
        """Hold units back while their tasking is being written."""
        self._promised.update(dict.fromkeys(units, inf))

    def written(self, units: Iterable[UUID]) -> None:
        """Their tasking is committed, or was given up: from the next reading on the record speaks for itself."""
        for unit in units:
            if unit in self._promised:
                self._promised[unit] = self._readings + 1


async def order_card(connection: AsyncConnection, order: UUID) -> OrderCard | None:
    """An order as it stands in the record now."""
    row = (await connection.execute(_ORDER, {"id": order})).one_or_none()
    return OrderCard(*row) if row else None
