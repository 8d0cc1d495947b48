"""Units and orders in memory, so that a dispatch is a lookup. It must never be the record: it is read from it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from math import inf
from uuid import UUID

from sqlalchemy import text

from jikimi.kernel.clock import Clock, SystemClock
from jikimi.registry import service
from jikimi.registry.locate import Jurisdictions
from jikimi.registry.model import Jurisdiction, OrderCard
from jikimi.respond.model import Unit
from jikimi.staff import repository
from jikimi.store.database import Database

_BUSY = text("SELECT DISTINCT unit FROM tasking WHERE ended_at IS NULL")
_GROUND = text("SELECT count(*), max(id::text) FROM jurisdiction")
_AT_ONCE = 200


class Roster:
    """What the responder knows of units and live orders; ``reload`` often, and at every hint."""

    def __init__(self, clock: Clock | None = None) -> None:
        """``clock``: by whose time training lapses; None for the machine's."""
        self._clock = clock or SystemClock()
        self.units: dict[UUID, Unit] = {}
        self.orders: dict[UUID, OrderCard] = {}
        self.read = False
        """Whether units were ever read; nobody must be chosen from a roster that was not."""
        self._orders_read = False
        self._readings = 0
        self._ground: Jurisdictions | None = None
        self._drawn: tuple[object, ...] = ()
        self._promised: dict[UUID, float] = {}
        """Units chosen but not yet seen in the record: by which reading they will be."""

    async def reload(self, database: Database) -> None:
        """Read units anew."""
        self._readings += 1
        reading = self._readings
        async with database.transaction() as connection:
            known = await service.all_units(connection)
            busy = {row.unit for row in await connection.execute(_BUSY)}
            lapsed = await repository.lapsed_units(connection, self._clock.unix())
            own = await service.ties_of_units(connection, self._clock.unix())
        self.units = {
            one.id: Unit(
                one.id, one.agency, one.kind, one.callsign, one.status == "available" and one.id not in busy, one.lon,
                one.lat, one.position_at, own.get(one.id, ()), lapsed=one.id in lapsed,
            )
            for one in known
        }  # fmt: skip
        self.read = True
        self._promised = {unit: at for unit, at in self._promised.items() if at > reading}

    async def reload_orders(self, database: Database) -> None:
        """Read live orders anew, and the boundaries where they have changed."""
        async with database.transaction() as connection:
            cards = await service.orders_in_force(connection)
            drawn = tuple((await connection.execute(_GROUND)).one())
            if drawn != self._drawn:
                self._ground, self._drawn = await service.all_jurisdictions(connection), drawn
        orders: dict[UUID, OrderCard] = {}
        for place, card in enumerate(cards, 1):
            if card.id is not None:
                orders[card.id] = card
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)  # an alert must not wait behind thousands of orders
        self.orders, self._orders_read = orders, True

    @property
    def known(self) -> bool:
        """Whether both were read, so that a plan can be made."""
        return self.read and self._orders_read

    def jurisdiction(self, where: tuple[float, float] | None) -> Jurisdiction | None:
        """Whose ground (lon, lat) is; None off every boundary that was loaded."""
        found = self._ground.at(*where) if where and self._ground else []
        return found[0] if found else None

    def now(self) -> list[Unit]:
        """Units as a choice sees them: one promised a moment ago is taken, read or not yet."""
        return [replace(unit, available=False) if unit.id in self._promised else unit for unit in self.units.values()]

    def promise(self, units: Iterable[UUID]) -> None:
        """Hold units back while their tasking is being written."""
        self._promised.update(dict.fromkeys(units, inf))

    def written(self, units: Iterable[UUID]) -> None:
        """Their tasking is committed, or was given up: from the next reading on the record speaks for itself."""
        for unit in units:
            if unit in self._promised:
                self._promised[unit] = self._readings + 1
