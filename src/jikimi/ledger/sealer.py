"""Numbers committed rows and signs the month's tree over them. It must never sign what does not grow out of the last.

Sealing happens in one transaction under one advisory lock: a sealer that dies leaves nothing half done. Before it, every
sealed row is read once, from the first, and then again in rounds: what was altered beneath a signature is not signed on.
"""

import asyncio
from typing import Final

import psycopg
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import Counter, Gauge
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import JikimiError
from jikimi.kernel.ids import uuid7
from jikimi.ledger.checkpoint import Checkpoint, opened, signed
from jikimi.ledger.course import Course
from jikimi.ledger.merkle import Frontier, leaf_hash
from jikimi.ledger.months import Opening, log_at, opens
from jikimi.ledger.note import UnreadableNote, public_key
from jikimi.ledger.reading import LedgerBroken, Reading
from jikimi.ledger.rows import body_of
from jikimi.store.database import Database

MOST: Final = 2000
"""Rows sealed in one transaction; hashing them holds the event loop for about 5 ms."""
EVERY_S: Final = 1.0
_LOCK: Final = 0x6A696B6902  # one number of ours among PostgreSQL's advisory locks
_REPEAT: Final = 60

_log = structlog.get_logger()
_sealed = Counter("jikimi_ledger_sealed", "Ledger rows numbered and sealed")
_failing = Gauge("jikimi_ledger_seal_failures", "Seconds in a row in which the ledger could not be sealed")

_LAST: Final = text("SELECT size, before, frontier, note FROM checkpoint ORDER BY size DESC LIMIT 1")
_OPEN: Final = text("INSERT INTO ledger_row (id, at, body, seq, leaf) VALUES (:id, :at, :body, :seq, :leaf)")
_KEEP: Final = text(
    "INSERT INTO checkpoint (size, before, at, root, frontier, key, note) "
    "VALUES (:size, :before, :at, :root, :frontier, :key, :note)"
)
_UPDATE: Final = text(
    "UPDATE ledger_row SET seq = sealed.seq, leaf = sealed.leaf FROM unnest(CAST(:ids AS uuid[]), "
    "CAST(:seqs AS bigint[]), CAST(:leaves AS bytea[])) AS sealed (id, seq, leaf) "
    "WHERE ledger_row.id = sealed.id AND ledger_row.seq IS NULL"
)


class Sealer:
    """Seals one ledger with one key under one name. Any number may run; one at a time seals."""

    def __init__(self, database: Database, key: Ed25519PrivateKey, site: str, clock: Clock, offset_s: int = 0) -> None:
        """``site``: the ledger's name to the world, such as ``police.example/ledger``; it is the key's name too.

        ``offset_s``: so many seconds ahead of UTC stands the calendar whose months are kept as logs ``site/yyyy-mm``.
        """
        self._database, self._key, self._clock, self._offset_s = database, key, clock, offset_s
        self._last, self._size = Checkpoint(site, 0, Frontier().root()), 0
        self.public_key = public_key(site, key)
        self._read, self._round = Reading(self.public_key), Reading(self.public_key)

    async def seal_once(self) -> int:
        """Seal what is committed, at most ``MOST`` rows, in the month it is now; how many. 0 too while another is at it.

        Raises LedgerBroken, and whatever the driver raises when the database is away; then nothing changed.
        """
        await self._look()
        async with self._database.transaction() as connection:
            if not (
                await connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            ).scalar_one():
                return 0
            course = await self._stands(connection)
            if course is None:
                return 0
            count = await self._number(connection, course)
            sealed = await self._sign(connection, course) if count else None
        if sealed is not None:
            self._last, self._size = sealed, course.size
        _sealed.inc(count)
        return count

    async def run(self) -> None:
        """Seal once a second for ever. A database that is away is tried again; a broken ledger is said aloud."""
        failures = 0
        while True:
            try:
                while await self.seal_once() == MOST:
                    pass
            except (SQLAlchemyError, psycopg.Error, OSError, LedgerBroken) as error:
                failures += 1
                if failures % _REPEAT == 1:
                    _log.error("ledger not sealed", error=type(error).__name__, detail=_said(error), failures=failures)
            else:
                if failures:
                    _log.info("ledger sealed again", failures=failures)
                failures = 0
            _failing.set(failures)
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> None:
        """Read every row sealed since the last look, at first all there are, and one piece of a round from the first."""
        while not await self._read.on(self._database):
            pass
        if await self._round.on(self._database):
            self._round = Reading(self.public_key)

    async def _stands(self, connection: AsyncConnection) -> Course | None:
        """Where the ledger stands, once its last checkpoint has proved to be ours and the root over all rows read.

        None when another sealer has sealed rows that were not read yet.
        """
        row = (await connection.execute(_LAST)).one_or_none()
        size, course = row.size if row else 0, Course(self.public_key.name)
        try:
            said = opened(row.note, self.public_key) if row else course.head()
            kept = Frontier.from_bytes(size - row.before, row.frontier) if row else course.frontier
        except (ValueError, UnreadableNote) as error:
            raise LedgerBroken("The last checkpoint cannot be read.") from error
        if said is None:
            raise LedgerBroken("The last checkpoint was not signed with this installation's key.")
        if (said.size, said.root) != (kept.size, kept.root()):
            raise LedgerBroken("The last checkpoint does not say what is kept beside it.")
        if size < self._size or (size == self._size and said != self._last):
            raise LedgerBroken("The record has gone back behind what was signed; was an old copy restored?")
        highest = (await connection.execute(text("SELECT max(seq) FROM ledger_row"))).scalar_one()
        if (-1 if highest is None else highest) != size - 1:
            raise LedgerBroken("The last sealed row is missing, or there are numbers nobody signed.")
        if size > self._read.course.size:
            return None
        if size < self._read.course.size or said != self._read.course.head():
            raise LedgerBroken("The last checkpoint is not the root over the rows that were read.")
        return self._read.course.copy()

    async def _number(self, connection: AsyncConnection, course: Course) -> int:
        """Number the rows not yet sealed, oldest id first, and go the course over them."""
        found = await connection.execute(
            text("SELECT id, body FROM ledger_row WHERE seq IS NULL ORDER BY id LIMIT :most"), {"most": MOST}
        )
        rows = found.all()
        if not rows:
            return 0
        if any(opens(row.body) for row in rows):
            raise LedgerBroken("Somebody has written a row that opens a month.")
        await self._turn(connection, course)
        leaves = [leaf_hash(row.body.encode()) for row in rows]
        seqs = list(range(course.size, course.size + len(rows)))
        for leaf in leaves:
            course.take(None, leaf)
        done = await connection.execute(
            _UPDATE, {"ids": [row.id for row in rows], "seqs": seqs, "leaves": [bytes(leaf) for leaf in leaves]}
        )
        if done.rowcount != len(rows):
            raise LedgerBroken("Rows were numbered by somebody else meanwhile.")
        return len(rows)

    async def _turn(self, connection: AsyncConnection, course: Course) -> None:
        """Open the month it is now, if it is a later one: a clock that went back opens none a second time."""
        now = self._clock.unix()
        log = log_at(self.public_key.name, now, self._offset_s)
        if log <= course.origin:
            return
        row = Opening(log, course.size, course.head() if course.size else None).row(now, self._offset_s)
        name, seq = uuid7(), course.size
        body = body_of(name, row)
        leaf = leaf_hash(body.encode())
        course.take(body, leaf)
        await connection.execute(_OPEN, {"id": name, "at": moment(now), "body": body, "seq": seq, "leaf": leaf})

    async def _sign(self, connection: AsyncConnection, course: Course) -> Checkpoint:
        """Sign the month's tree, read the signature back, and keep both."""
        sealed = course.head()
        note = signed(sealed, self._key)
        if opened(note, self.public_key) != sealed:
            raise LedgerBroken("The signature just made does not verify.")
        values = {"size": course.size, "before": course.before, "at": moment(self._clock.unix()), "root": sealed.root}
        kept = {"frontier": course.frontier.to_bytes(), "key": str(self.public_key), "note": note}
        await connection.execute(_KEEP, values | kept)
        return sealed


def _said(error: Exception) -> str:
    """Our own sentence; a driver's may quote what was being written."""
    return error.detail if isinstance(error, JikimiError) else ""
