"""Copies fixes and events from the log into PostgreSQL, a partition a day.

It must never lose its place, for the rows and the cursor are one transaction, nor let one fact stop those behind it, nor
write a position that is not sealed, or that nobody's yes covers any more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.facts import DeviceEvent, Fix, Fixes, decode
from jikimi.intake.points import Carried, owner, sealed, unkept
from jikimi.kernel.clock import moment
from jikimi.store.custody import Custody
from jikimi.store.database import Database, custody_of
from jikimi.stream import names
from jikimi.stream.tail import Entry, Tail

_log = structlog.get_logger()
_aside = Counter("jikimi_archive_set_aside", "Facts the archive could not hold; the log has them for three days")
_UNFIT = (DataError, IntegrityError, msgspec.MsgspecError, ValueError, OverflowError)
CarriedBy = Callable[[AsyncConnection, Sequence[UUID]], Awaitable[Mapping[UUID, Sequence[Carried]]]]
# COPY would be faster and is refused on tables with row-level security; arrays come close.
_FIX = text("""
INSERT INTO fix (received_at, device, t, whose, sealed, source, flags, seq, log_seq)
SELECT to_timestamp(r), d, t, w, s, src, f, q, l
FROM unnest(CAST(:r AS float8[]), CAST(:d AS uuid[]), CAST(:t AS float8[]), CAST(:w AS uuid[]), CAST(:s AS bytea[]),
  CAST(:src AS int2[]), CAST(:f AS int2[]), CAST(:q AS int8[]), CAST(:l AS int8[])) AS x (r, d, t, w, s, src, f, q, l)
""")
_EVENT = text("""
INSERT INTO device_event (received_at, device, t, kind, value, log_seq)
VALUES (to_timestamp(:r), :d, :t, :k, :v, :l)
""")
_BATCH = 64
"""Small bites: the archive shares its process with people's terminals."""
_GATHER_S = 0.1
_PLACE = text("SELECT seq FROM cursor WHERE name = 'archive'")
# Two writers take turns here, and the second leaves out what the first has written.
_BEGIN = text("INSERT INTO cursor (name, seq) VALUES ('archive', 0) ON CONFLICT (name) DO NOTHING")
_HOLD = text("SELECT seq FROM cursor WHERE name = 'archive' FOR UPDATE")
_MOVE = text("UPDATE cursor SET seq = :seq WHERE name = 'archive'")
_OPEN_DAY = text("SELECT open_day(:day)")


class Archive:
    """Writes everything past the cursor, for ever; ``carried`` says who had which device when, and by what law."""

    def __init__(self, database: Database, client: Client, carried: CarriedBy) -> None:
        self._database, self._client, self._carried = database, client, carried
        self._days: set[date] = set()

    async def run(self) -> None:
        """Ends only by cancellation; a database that is away is waited for, and the log keeps what waits."""
        while True:
            try:
                async with self._database.transaction() as connection:
                    await connection.execute(_BEGIN)
                    after = (await connection.execute(_PLACE)).scalar_one()
                tail = Tail(self._client, names.FACTS, after, [names.FIXES, names.EVENT], batch=_BATCH)
                async for batch in tail.batches():
                    await self._write(batch)
                    if batch[-1].pending == 0:
                        # Many rows in one transaction cost less than many transactions, and nobody waits for these.
                        await asyncio.sleep(_GATHER_S)
            except Exception as error:  # noqa: BLE001 - the archive is behind the desk; it must not take the desk down
                _log.error("archive", error=type(error).__name__)
                self._days.clear()  # what was opened may have been rolled back
                await asyncio.sleep(0.5)

    async def _write(self, batch: list[Entry]) -> None:
        try:
            await self._store(batch)
        except _UNFIT as error:
            self._days.clear()
            if len(batch) > 1:
                for entry in batch:
                    await self._write([entry])
                return
            _log.error("archive: set aside", log_seq=batch[0].seq, error=type(error).__name__)
            _aside.inc()
            await self._store([], batch[0].seq)

    async def _store(self, batch: list[Entry], upto: int = 0) -> None:
        async with self._database.transaction() as connection:
            written = (await connection.execute(_HOLD)).scalar_one()
            facts = [(entry.seq, decode(entry.body)) for entry in batch if entry.seq > written]
            upto = facts[-1][0] if facts else upto
            if upto <= written:
                return
            await connection.execute(_MOVE, {"seq": upto})
            for day in {_day(fact.received_t) for _, fact in facts if isinstance(fact, Fixes | DeviceEvent)}:
                await self._open_day(connection, day)
            fixes = [(fact.received_t, seq, f) for seq, fact in facts if isinstance(fact, Fixes) for f in fact.fixes]
            if fixes:
                carried = await self._carried(connection, [UUID(device) for device in {f.device for _, _, f in fixes}])
                fixes = [one for one in fixes if not unkept(UUID(one[2].device), one[2].t, carried)]
                await connection.execute(_FIX, _columns(custody_of(connection), carried, fixes))
            events = [
                {"r": e.received_t, "d": UUID(e.device), "t": e.t, "k": e.kind, "l": seq,
                 "v": None if e.value is None else str(e.value)}
                for seq, e in facts if isinstance(e, DeviceEvent)
            ]  # fmt: skip
            if events:
                await connection.execute(_EVENT, events)

    async def _open_day(self, connection: AsyncConnection, day: date) -> None:
        if day in self._days:
            return
        await connection.execute(_OPEN_DAY, {"day": day})
        self._days.add(day)


def _columns(
    custody: Custody, carried: Mapping[UUID, Sequence[Carried]], fixes: list[tuple[float, int, Fix]]
) -> dict[str, list[Any]]:
    devices = [UUID(f.device) for _, _, f in fixes]
    owners = [owner(device, f.t, carried) for device, (_, _, f) in zip(devices, fixes, strict=True)]
    return {
        "r": [received for received, _, _ in fixes], "l": [seq for _, seq, _ in fixes], "d": devices,
        "t": [f.t for _, _, f in fixes], "w": [own.whose for own in owners],
        "s": [sealed(custody, own, f) for own, (_, _, f) in zip(owners, fixes, strict=True)],
        "src": [f.source for _, _, f in fixes], "f": [f.flags for _, _, f in fixes],
        "q": [f.seq for _, _, f in fixes],
    }  # fmt: skip


def _day(received_t: float) -> date:
    try:
        return moment(received_t).date()
    except OSError as error:
        raise ValueError("no time of a calendar") from error
