"""What became of each delivery, written together a few times a second. It must never hold up a frame."""

import asyncio
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock
from jikimi.ledger.rows import Row, append_many
from jikimi.respond import statements
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database

_log = structlog.get_logger()
_GATHER_S = 0.05


class Marks:
    """Sent, delivered and followed, kept until the record has them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._sent: list[dict[str, object]] = []
        self._delivered: list[dict[str, object]] = []
        self._followed: list[tuple[Actor, UUID]] = []
        self._stirred = asyncio.Event()

    def sent(self, feed: str, seq: int, at: float) -> None:
        """A frame went out."""
        self._sent.append({"feed": feed, "seq": seq, "at": at})
        self._stirred.set()

    def delivered(self, feed: str, seq: int, at: float) -> None:
        """A terminal confirmed it."""
        self._delivered.append({"feed": feed, "seq": seq, "at": at})
        self._stirred.set()

    def followed(self, actor: Actor, incident: UUID) -> None:
        """Somebody was given the live positions of an incident's parties."""
        self._followed.append((actor, incident))
        self._stirred.set()

    async def run(self) -> None:
        """Write what gathered, for ever; what cannot be written now is written later."""
        while True:
            await self._stirred.wait()
            await asyncio.sleep(_GATHER_S)
            self._stirred.clear()
            sent, delivered, followed = self._sent, self._delivered, self._followed
            self._sent, self._delivered, self._followed = [], [], []
            try:
                await self._write(sent, delivered, followed)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("marks", error=type(error).__name__, waiting=len(sent) + len(delivered))
                self._sent, self._delivered = sent + self._sent, delivered + self._delivered
                self._followed = followed + self._followed
                self._stirred.set()
                await asyncio.sleep(0.2)

    async def _write(
        self, sent: list[dict[str, object]], delivered: list[dict[str, object]], followed: list[tuple[Actor, UUID]]
    ) -> None:
        async with self._database.transaction() as connection:
            if sent:
                await connection.execute(statements.MARK_SENT, sent)
            rows: list[Row] = []
            for mark in delivered:
                for found in await connection.execute(statements.MARK_DELIVERED, mark):
                    at = mark["at"]
                    assert isinstance(at, float)
                    rows.append(Row(at, "delivery.delivered", {"delivery": found.id, "alert": found.alert}))
            await append_many(connection, rows)
            for actor, incident in followed:
                rule = require(actor, Action.FOLLOW_LIVE_POSITIONS)
                await register.record(
                    connection, self._clock, actor, Action.FOLLOW_LIVE_POSITIONS, rule.purpose, rule.article,
                    "live_positions", incident,
                )  # fmt: skip
