"""A destruction carried out: keys first, then what named them, then, once the log has passed and by no key that is kept
anybody is found in a dump of before, the certificate.

It must never stop half way: every step bears repetition, and the next is put down in the transaction of the one before. An
order that another's file or another agency still rests on is kept and said so, and taken when that goes.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock, moment
from jikimi.ledger import rows as ledger
from jikimi.oversee import finding, forgetting, letting_go
from jikimi.oversee.letting_go import Rest
from jikimi.oversee.rules import KINDS
from jikimi.registry.service import blank, may_enter, owners, stands
from jikimi.respond.service import works_on
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of
from jikimi.store.due import AfterCommit, Due, Handler, Later, put_many

KIND: Final = "destroy-certify"
"""The due row that looks whether the log has passed."""
LOOK_S: Final = 3600.0
_WAIT_S: Final = 60.0
_SHORTLY_S: Final = 1.0
_log = structlog.get_logger()
_ROW: Final = text("""
SELECT id, agency, person, event, article, data, destroyed_at, log, keys, kept, forgot_at, numbers_at, certified_at
FROM destruction WHERE id = :id FOR UPDATE
""")
_DESTROYED: Final = text("""
UPDATE destruction SET destroyed_at = coalesce(destroyed_at, :now), kept = CAST(:kept AS jsonb), log = CAST(:log AS jsonb),
  forgot_at = NULL, certified_at = NULL
WHERE id = :id
""")
_KEPT: Final = text("UPDATE destruction SET kept = CAST(:kept AS jsonb) WHERE id = :id")
_COUNTED: Final = text("UPDATE destruction SET keys = coalesce(keys, 0) + :keys WHERE id = :id")
_FORGOT: Final = text("UPDATE destruction SET forgot_at = :now, log = CAST(:log AS jsonb) WHERE id = :id")
_LOG: Final = text("UPDATE destruction SET log = CAST(:log AS jsonb) WHERE id = :id")
_CERTIFIED: Final = text("UPDATE destruction SET certified_at = :now WHERE id = :id")
_NOTHING: Final = Rest((), frozenset(), [])


class Carrying:
    """Handlers of both kinds of row; ``client`` is asked where the log stands."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock

    async def destroy(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """Destroy the keys, blank what named them, and look an hour later whether the log has passed.

        Of one that was carried out before: what was kept then and rests on nobody now.
        """
        if not await may_enter(connection):
            # Numbers are made anew at this moment: those behind in this loop must not wait for that.
            await self._later(connection, due.kind, due.key, self._clock.unix() + _SHORTLY_S, due.body)
            return None
        row = await self._row(connection, due)
        first = row is not None and row["destroyed_at"] is None
        if row is None or not (first or row["kept"]):
            return None
        now, person, data = self._clock.unix(), row["person"], set(row["data"])
        file = bool(data & {"person", "order"})
        if (
            await stands(connection, person, data if first else (), now, file=file)
            or await letting_go.held(connection, person, data if first else {"order"}, now)
            or await works_on(connection, person)
        ):
            # It was held, or something began to rest on it, since it was decided: it waits, and says so.
            _log.warning("a destruction waits", destruction=str(row["id"]))
            await self._later(connection, due.kind, due.key, now + _WAIT_S)
            return None
        rest = await letting_go.rest(connection, person, now) if "order" in data else _NOTHING
        whose = _owners(row, rest, first=first)
        if not whose:
            await connection.execute(_KEPT, {"id": row["id"], "kept": _json(rest.kept)})
            return None
        custody = custody_of(connection)
        if row["keys"] is None if first else not due.body:
            # Counted first, on the record: whoever goes on after a failure finds them gone.
            keys = sum(custody.count(kind, one) for kind, one in whose)
            await connection.execute(_COUNTED, {"id": row["id"], "keys": keys})
            await self._later(connection, due.kind, due.key, now, {"counted": True})
            return None
        log = await forgetting.positions(self._client)
        await blank(connection, person, now, orders=rest.free, file=first and "person" in data)
        for kind, one in whose:
            custody.destroy(kind, one, now)
        # Copies of the keys made before open nothing from here on. No alert waits while all are wrapped anew.
        await asyncio.to_thread(custody.rotate)
        values = {"id": row["id"], "now": moment(now), "kept": _json(rest.kept), "log": _json(log)}
        await connection.execute(_DESTROYED, values)
        await letting_go.again(connection, [one for one in rest.orders if one.order in rest.free], now)
        if first and "person" in data:
            await finding.ask(connection, now)
        await self._said(connection, now, "destruction.keys", row)
        await self._later(connection, KIND, due.key, now)
        return None

    async def certify(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """Write the certificate when nothing of before is left in any stream of the log, nor a key by which an older dump
        tells their number; else look again later.

        What is before is counted from when every detector's saved state had forgotten: until then one may hold them.
        """
        row = await self._row(connection, due)
        if row is None or row["log"] is None or row["certified_at"] is not None:
            return None
        now, log = self._clock.unix(), row["log"]
        if row["forgot_at"] is None:
            if not await forgetting.done(connection, self._client, row["person"], log):
                await connection.execute(_LOG, {"id": row["id"], "log": _json(log)})
                await self._later(connection, KIND, due.key, now + _WAIT_S)
                return None
            log = await forgetting.positions(self._client)
            await connection.execute(_FORGOT, {"id": row["id"], "now": moment(now), "log": _json(log)})
        if not await forgetting.passed(self._client, log):
            await self._later(connection, KIND, due.key, now + LOOK_S)
            return None
        if "person" in row["data"] and row["numbers_at"] is None:
            await finding.ask(connection, now)
            await self._later(connection, KIND, due.key, now + finding.SOON_S)
            return None
        await connection.execute(_CERTIFIED, {"id": row["id"], "now": moment(now)})
        await self._said(connection, now, "destruction.certified", row)
        return None

    async def _later(
        self, connection: AsyncConnection, kind: str, key: str, at: float, body: Mapping[str, Any] | None = None
    ) -> None:
        # In a queue of its own: what fails is tried again for as long as it takes.
        await put_many(connection, [Later(kind, key, at, body or {}, f"{kind} {key}")])

    async def _row(self, connection: AsyncConnection, due: Due) -> dict[str, Any] | None:
        found = (await connection.execute(_ROW, {"id": UUID(due.key)})).mappings().one_or_none()
        return None if found is None else dict(found)

    async def _said(self, connection: AsyncConnection, now: float, kind: str, row: dict[str, Any]) -> None:
        by = {
            "destruction": row["id"], "person": row["person"], "agency": row["agency"], "code": row["event"],
            "article": row["article"],
        }  # fmt: skip
        rows = [ledger.Row(now, kind, by | {"what": "+".join(row["data"]), "count": row["keys"]})]
        for one in row["kept"] if kind == "destruction.certified" else ():
            order = by | {"order": UUID(one["order"])}
            rows += [ledger.Row(now, "destruction.kept", order | {"subject": UUID(party)}) for party in one["parties"]]
            rows += [
                ledger.Row(now, "destruction.kept", order | {"other_agency": UUID(each)}) for each in one["agencies"]
            ]
        await ledger.append_many(connection, rows)


def _owners(row: dict[str, Any], rest: Rest, *, first: bool) -> list[tuple[Kind, UUID]]:
    """Kinds of keys and whose are to be destroyed now."""
    kept = {one["order"] for one in row["kept"]}
    fresh = frozenset(one for one in rest.free if first or str(one) in kept)
    found = [(KINDS[name], row["person"]) for name in sorted(row["data"])] if first else []
    return found + [(Kind.ORDER, one) for one in sorted(owners(rest.orders, rest.free))] if fresh or first else []


def _json(said: object) -> str:
    return msgspec.json.encode(said).decode()


def handlers(client: Client, clock: Clock) -> dict[str, Handler]:
    """By kind, for the loop that also talks to the log."""
    work = Carrying(client, clock)
    return {letting_go.KIND: work.destroy, KIND: work.certify}
