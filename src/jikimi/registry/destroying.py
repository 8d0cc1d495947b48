"""A person's file as the law's end leaves it: ids and dates. It must never blank what still guards somebody, nor what
another's file still rests on.

An order is of two people and of two agencies: it goes with the last of its parties' files to be closed, and not before
each agency with a part in it has let go of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.facts import Forget, Order
from jikimi.detect.pair import pair_id
from jikimi.kernel.clock import moment
from jikimi.registry.events import Change
from jikimi.registry.keys import device_keys
from jikimi.registry.outbox import publish_all_later

_LIVE: Final = text("""
SELECT count(*) FROM protective_order WHERE :person IN (offender, victim) AND ended_at IS NULL
  AND (ends_at IS NULL OR ends_at > :now)
""")
_WORN: Final = text("""
SELECT count(*) FROM carry WHERE person = :person AND basis = ANY(CAST(:bases AS text[])) AND (until IS NULL OR until > :now)
""")
_ORDERS: Final = text("""
UPDATE protective_order SET version = version + 1, article = '', suspensions = '[]', schedule = NULL, sealed = NULL,
  ended_at = coalesce(ended_at, :now)
WHERE id = ANY(CAST(:orders AS uuid[])) AND (ended_at IS NOT NULL OR ends_at <= :now)
RETURNING id, version, offender, victim, CAST(extract(epoch FROM starts_at) AS float8) AS starts_at, radius_m, regime
""")
_LOCK: Final = text("SELECT id FROM person WHERE id = :person FOR UPDATE")
# Both parties, one at a time: of two who are closed at once one is the last.
_LOCK_PARTIES: Final = text("""
SELECT id FROM person WHERE id IN (SELECT party.id FROM protective_order o
  CROSS JOIN LATERAL (VALUES (o.offender), (o.victim)) AS party (id) WHERE :person IN (o.offender, o.victim))
ORDER BY id FOR UPDATE
""")
_NAMED: Final = text("""
SELECT o.id, o.offender, o.victim, o.police_agency, o.monitoring_agency,
  coalesce(o.ended_at <= :now, false) OR coalesce(o.ends_at <= :now, false) AS over,
  array_remove(ARRAY[CASE WHEN a.closed_at IS NOT NULL THEN a.id END, CASE WHEN v.closed_at IS NOT NULL THEN v.id END], NULL)
    AS closed,
  array_remove(ARRAY[CASE WHEN a.closed_at IS NOT NULL OR a.id = :person THEN a.agency END,
    CASE WHEN v.closed_at IS NOT NULL OR v.id = :person THEN v.agency END], NULL) AS keepers
FROM protective_order o JOIN person a ON a.id = o.offender LEFT JOIN person v ON v.id = o.victim
WHERE :person IN (o.offender, o.victim) ORDER BY o.id
""")
_PLACES: Final = text('DELETE FROM place WHERE "order" = ANY(CAST(:orders AS uuid[]))')
_PERSON: Final = text("""
UPDATE person SET label = NULL, sealed = NULL, identifier_digest = NULL, closed_at = coalesce(closed_at, :now)
WHERE id = :person
""")
_MARKS: Final = text("DELETE FROM person_mark WHERE person = :person")
_TIES: Final = text("DELETE FROM staff_tie WHERE person = :person")
# What only those ever carried whose files are closed names nobody any more, and is nobody's device.
_DEVICES: Final = text("""
UPDATE device SET external_id = CAST(id AS text), revoked_at = coalesce(revoked_at, :now)
WHERE id IN (SELECT device FROM carry WHERE person = :person) AND external_id <> CAST(id AS text)
  AND NOT EXISTS (SELECT FROM carry c JOIN person p ON p.id = c.person WHERE c.device = device.id AND p.closed_at IS NULL)
RETURNING id
""")


@dataclass(frozen=True, slots=True)
class Resting:
    """An order that names somebody: whether it is over, whose files of its parties are still open besides theirs, and
    which agencies with a part in it have closed no file of it.
    """

    order: UUID
    offender: UUID
    victim: UUID | None
    over: bool
    parties: tuple[UUID, ...]
    agencies: tuple[UUID, ...]

    @property
    def pair(self) -> UUID:
        """What is said of both without an order lies under this."""
        return UUID(pair_id(str(self.offender), None if self.victim is None else str(self.victim)))


async def stands(connection: AsyncConnection, person: UUID, bases: Collection[str], now: float, *, file: bool) -> bool:
    """Whether something still rests on it: a device worn by one of these laws; with ``file``, an order in force.

    Until the transaction ends nothing can begin to: whatever names a person waits for the lock taken here.
    """
    await connection.execute(_LOCK_PARTIES if file else _LOCK, {"person": person})
    await connection.execute(_LOCK, {"person": person})
    at = {"person": person, "now": moment(now)}
    if bases and (await connection.execute(_WORN, {**at, "bases": list(bases)})).scalar_one():
        return True
    return file and bool((await connection.execute(_LIVE, at)).scalar_one())


async def resting(connection: AsyncConnection, person: UUID, now: float) -> list[Resting]:
    """Every order that names this person, and what rests on it besides their own file."""
    found = []
    for row in await connection.execute(_NAMED, {"person": person, "now": moment(now)}):
        open_still = {row.offender, row.victim} - {None, person, *row.closed}
        agencies = {row.police_agency, row.monitoring_agency} - {None, *row.keepers}
        found.append(
            Resting(row.id, row.offender, row.victim, row.over, tuple(sorted(open_still)), tuple(sorted(agencies)))
        )
    return found


def owners(found: Collection[Resting], free: Collection[UUID]) -> set[UUID]:
    """Under whose keys that lies which was said of these orders: the orders', and of pairs none of whose is kept."""
    kept = {one.pair for one in found if one.order not in free}
    return {*free, *(one.pair for one in found if one.order in free and one.pair not in kept)}


async def blank(connection: AsyncConnection, person: UUID, now: float, *, orders: Collection[UUID], file: bool) -> None:
    """Leave ids and dates of these orders and of a person's file, and have the log remember nothing of where they were."""
    at, changes = {"person": person, "now": moment(now)}, list[Change]()
    if orders:
        rows = (await connection.execute(_ORDERS, {"orders": list(orders), "now": moment(now)})).all()
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
        devices = (await connection.execute(_DEVICES, at)).scalars().all()
        changes += await device_keys(connection, devices, now)
    await publish_all_later(connection, [*changes, Forget(now, str(person))], now)
