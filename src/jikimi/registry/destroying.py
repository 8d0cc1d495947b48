"""A person's file as the law's end leaves it: ids and dates. It must never blank what still guards somebody."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.facts import Forget, Order
from jikimi.detect.pair import pair_id
from jikimi.kernel.clock import moment
from jikimi.registry.events import Change
from jikimi.registry.outbox import publish_all_later

_LIVE: Final = text("""
SELECT count(*) FROM protective_order WHERE :person IN (offender, victim) AND ended_at IS NULL
  AND (ends_at IS NULL OR ends_at > :now)
""")
_WORN: Final = text("""
SELECT count(*) FROM carry WHERE person = :person AND basis = ANY(CAST(:bases AS text[])) AND (until IS NULL OR until > :now)
""")
_ORDERS: Final = text("""
UPDATE protective_order SET version = version + 1, suspensions = '[]', sealed = NULL, ended_at = coalesce(ended_at, :now)
WHERE :person IN (offender, victim) AND (ended_at IS NOT NULL OR ends_at <= :now)
RETURNING id, version, offender, victim, CAST(extract(epoch FROM starts_at) AS float8) AS starts_at, radius_m, regime
""")
_LOCK: Final = text("SELECT id FROM person WHERE id = :person FOR UPDATE")
_NAMED: Final = text("SELECT id, offender, victim FROM protective_order WHERE :person IN (offender, victim)")
_PLACES: Final = text('DELETE FROM place WHERE "order" = ANY(CAST(:orders AS uuid[]))')
_PERSON: Final = text("UPDATE person SET label = NULL, sealed = NULL, identifier_digest = NULL WHERE id = :person")
_MARKS: Final = text("DELETE FROM person_mark WHERE person = :person")
_TIES: Final = text("DELETE FROM staff_tie WHERE person = :person")


async def stands(connection: AsyncConnection, person: UUID, bases: Collection[str], now: float, *, file: bool) -> bool:
    """Whether something still rests on it: a device worn by one of these laws; with ``file``, an order in force.

    Until the transaction ends nothing can begin to: whatever names a person waits for the lock taken here.
    """
    await connection.execute(_LOCK, {"person": person})
    at = {"person": person, "now": moment(now)}
    if bases and (await connection.execute(_WORN, {**at, "bases": list(bases)})).scalar_one():
        return True
    return file and bool((await connection.execute(_LIVE, at)).scalar_one())


async def owners(connection: AsyncConnection, person: UUID) -> set[UUID]:
    """Under whose keys that which was said of this person's orders lies: the orders', their pairs', the person's own."""
    found = {person}
    for row in await connection.execute(_NAMED, {"person": person}):
        victim = None if row.victim is None else str(row.victim)
        found |= {row.id, UUID(pair_id(str(row.offender), victim))}
    return found


async def blank(connection: AsyncConnection, person: UUID, now: float, *, orders: bool, file: bool) -> None:
    """Leave ids and dates of a person's orders and file, and have the log remember nothing of where they were."""
    at, changes = {"person": person}, list[Change]()
    if orders:
        rows = (await connection.execute(_ORDERS, {**at, "now": moment(now)})).all()
        await connection.execute(_PLACES, {"orders": [row.id for row in rows]})
        # Over the last word of each order, which said where its places are.
        changes += [
            Order(now, str(row.id), row.version, str(row.offender), row.victim and str(row.victim), row.starts_at, None,
                  row.radius_m, row.regime, ended=True)
            for row in rows
        ]  # fmt: skip
    if file:
        for statement in (_PERSON, _MARKS, _TIES):
            await connection.execute(statement, at)
    await publish_all_later(connection, [*changes, Forget(now, str(person))], now)
