"""A destruction carried out: keys first, then what named them, then, once the log has passed, the certificate.

It must never stop half way: every step bears repetition, and the next is put down in the transaction of the one before.
"""

import asyncio
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock, moment
from jikimi.ledger import rows as ledger
from jikimi.oversee.rules import KINDS
from jikimi.registry.service import blank, owners, stands
from jikimi.respond.service import works_on
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of
from jikimi.store.due import AfterCommit, Due, Handler, Later, put_many
from jikimi.stream import names
from jikimi.stream.client import api

KIND: Final = "destroy-certify"
"""The due row that looks whether the log has passed."""
LOOK_S: Final = 3600.0
_LOGS: Final = (names.FACTS, names.ALERTS, names.PLANS, names.SNAPSHOTS, names.REJECTS)
_WAIT_S: Final = 60.0
_log = structlog.get_logger()
_ROW: Final = text("""
SELECT id, agency, person, event, article, data, destroyed_at, log, keys, coalesce(held_until > :now, false) AS held
FROM destruction WHERE id = :id FOR UPDATE
""")
_DESTROYED: Final = text("""
UPDATE destruction SET destroyed_at = :now, log = CAST(:log AS jsonb) WHERE id = :id
""")
_COUNTED: Final = text("UPDATE destruction SET keys = :keys WHERE id = :id")
_CERTIFIED: Final = text("UPDATE destruction SET certified_at = :now WHERE id = :id")


class Carrying:
    """Handlers of both kinds of row; ``client`` is asked where the log stands."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock

    async def destroy(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """Destroy the keys, blank what named them, and look an hour later whether the log has passed."""
        row = await self._row(connection, due)
        if row is None or row["destroyed_at"] is not None:
            return None
        now, person, data = self._clock.unix(), row["person"], set(row["data"])
        file = bool(data & {"person", "order"})
        if (
            row["held"]
            or await stands(connection, person, data, now, file=file)
            or (file and await works_on(connection, person))
        ):
            # It was held, or something began to rest on it, since it was decided: it waits, and says so.
            _log.warning("a destruction waits", destruction=str(row["id"]))
            await self._later(connection, due.kind, due.key, now + _WAIT_S)
            return None
        custody, kinds = custody_of(connection), [KINDS[name] for name in sorted(data)]
        orders = await owners(connection, person) if "order" in data else set()
        whose = [(kind, one) for kind in kinds for one in (orders if kind is Kind.ORDER else (person,))]
        if row["keys"] is None:
            # Counted first, on the record: whoever goes on after a failure finds them gone.
            keys = sum(custody.count(kind, one) for kind, one in whose)
            await connection.execute(_COUNTED, {"id": row["id"], "keys": keys})
            await self._later(connection, due.kind, due.key, now)
            return None
        log = {name: int((await api(self._client, f"STREAM.INFO.{name}"))["state"]["last_seq"]) for name in _LOGS}
        await blank(connection, person, now, orders="order" in data, file="person" in data)
        for kind, one in whose:
            custody.destroy(kind, one, now)
        # Copies of the keys made before open nothing from here on. No alert waits while all are wrapped anew.
        await asyncio.to_thread(custody.rotate)
        values = {"id": row["id"], "now": moment(now), "log": msgspec.json.encode(log).decode()}
        await connection.execute(_DESTROYED, values)
        await self._said(connection, now, "destruction.keys", row)
        await self._later(connection, KIND, due.key, now)
        return None

    async def certify(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """Write the certificate when nothing of before is left in any stream of the log; else look again later."""
        row = await self._row(connection, due)
        if row is None or row["log"] is None:
            return None
        now = self._clock.unix()
        for name, last in row["log"].items():
            state = (await api(self._client, f"STREAM.INFO.{name}"))["state"]
            if state["messages"] and int(state["first_seq"]) <= last:
                await self._later(connection, KIND, due.key, now + LOOK_S)
                return None
        await connection.execute(_CERTIFIED, {"id": row["id"], "now": moment(now)})
        await self._said(connection, now, "destruction.certified", row)
        return None

    async def _later(self, connection: AsyncConnection, kind: str, key: str, at: float) -> None:
        # In a queue of its own: what fails is tried again for as long as it takes.
        await put_many(connection, [Later(kind, key, at, {}, f"destruction {key}")])

    async def _row(self, connection: AsyncConnection, due: Due) -> dict[str, Any] | None:
        found = (
            (await connection.execute(_ROW, {"id": UUID(due.key), "now": moment(self._clock.unix())}))
            .mappings()
            .one_or_none()
        )
        return None if found is None else dict(found)

    async def _said(self, connection: AsyncConnection, now: float, kind: str, row: dict[str, Any]) -> None:
        await ledger.append_many(connection, [
            ledger.Row(now, kind, {
                "destruction": row["id"], "person": row["person"], "agency": row["agency"], "code": row["event"],
                "article": row["article"], "what": "+".join(row["data"]), "count": row["keys"],
            })
        ])  # fmt: skip


def handlers(client: Client, clock: Clock) -> dict[str, Handler]:
    """By kind, for the loop that also talks to the log."""
    work = Carrying(client, clock)
    return {"destroy": work.destroy, KIND: work.certify}
