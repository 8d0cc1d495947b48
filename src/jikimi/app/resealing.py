"""What was written before data lay sealed, sealed now, once. It must never lose a row: each is sealed and emptied at once.

A few thousand rows a transaction, so that it can be stopped at any time and goes on at the next start.
"""

from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.decisions import Alert
from jikimi.detect.facts import Fix
from jikimi.intake import points
from jikimi.kernel.errors import Destroyed
from jikimi.oversee import agreeing
from jikimi.registry import sealing
from jikimi.registry.devices import carried
from jikimi.respond import facts, feeds
from jikimi.share import said
from jikimi.share.policy import ARTICLES
from jikimi.store.database import Database, custody_of

Step = Callable[[AsyncConnection], Awaitable[int]]
"""Seals so many rows; returns how many there were."""
_BATCH: Final = 2000
_log = structlog.get_logger()
_EDITION: Final = 3
"""What is to lie sealed; of an installation sealed by an earlier edition only what came later is."""
_DONE: Final = text("SELECT seq FROM cursor WHERE name = 'sealed'")
_MARK: Final = text("""
INSERT INTO cursor (name, seq) VALUES ('sealed', :edition) ON CONFLICT (name) DO UPDATE SET seq = greatest(cursor.seq, excluded.seq)
""")
_ROWS: Final = {
    "person": ("label IS NOT NULL", "label = NULL"),
    "place": (
        "sealed IS NULL",
        ", ".join(f"{name} = NULL" for name in (*sealing.SHAPE, *sealing.TIMES)),
    ),
    "protective_order": ("suspensions <> '[]'", "suspensions = '[]', schedule = NULL"),
}
"""Of the registry: which rows lie open, and what empties them."""
_ALERTS: Final = text("""
SELECT a.id, a.body, a.opening, coalesce(i."order", i.victim, i.offender, a.pair) AS whose
FROM alert a LEFT JOIN incident i ON i.id = a.incident WHERE a.body IS NOT NULL LIMIT :most
""")
_ALERT: Final = text("UPDATE alert SET sealed = :sealed, body = NULL, opening = NULL WHERE id = :id")
_TASKINGS: Final = text("""
SELECT t.id, t.reasons, t.opening, coalesce(i."order", i.victim, i.offender) AS whose
FROM tasking t JOIN incident i ON i.id = t.incident WHERE t.sealed IS NULL AND t.reasons <> '{}' LIMIT :most
""")
_TASKING: Final = text("UPDATE tasking SET sealed = :sealed, reasons = '{}', opening = NULL WHERE id = :id")
_MESSAGES: Final = text("""
SELECT m.feed, m.seq, m.body, coalesce(i."order", i.victim, i.offender, CAST(m.body->'order'->>'id' AS uuid),
  CAST(m.body->>'victim_id' AS uuid), CAST(m.body->>'offender_id' AS uuid)) AS whose
FROM feed_message m LEFT JOIN incident i ON i.id = m.incident
WHERE m.sealed IS NULL AND m.kind IN ('tasking', 'alert', 'log_entry', 'tasking_state')
  AND coalesce(m.incident::text, m.body->'order'->>'id', m.body->>'victim_id', m.body->>'offender_id') IS NOT NULL LIMIT :most
""")
_MESSAGE: Final = text("""
UPDATE feed_message SET sealed = :sealed, body = CAST(:body AS jsonb) WHERE feed = :feed AND seq = :seq
""")
_REST: Final = {
    "place": (
        " OR ".join(f"{name} IS NOT NULL" for name in sealing.TIMES),
        ", ".join(f"{name} = NULL" for name in sealing.TIMES),
    ),
    "protective_order": ("schedule IS NOT NULL OR article <> ''", "article = '', schedule = NULL, suspensions = '[]'"),
}
"""Of rows that an earlier edition sealed in part: which lie open, and what empties them."""
_SPOKEN_OF: Final = """coalesce((SELECT array_agg(DISTINCT coalesce(i."order", i.victim, i.offender, i.pair)) FROM incident i
  WHERE i.id = ANY(t.incidents) OR i.id IN (SELECT a.incident FROM tasking a WHERE a.id = ANY(t.taskings))), '{}')"""
_WORDS: Final = {
    "access_grant": ("reason", "''", "ARRAY[t.subject]"), "agreement": ("reason", "''", "ARRAY[t.subject]"),
    "destruction": ("held_article", "NULL", "ARRAY[t.person]"), "handover": ("note", "''", _SPOKEN_OF),
}  # fmt: skip
"""By table: the words somebody wrote, what stands in their place, and whom they may speak of."""
# The words of a report lie sealed in what the rooms were told of it.
_REPORTS: Final = [
    text(f"UPDATE {table} SET reason = NULL WHERE id IN (SELECT id FROM {table} WHERE reason IS NOT NULL LIMIT :most)")  # noqa: S608
    for table in ("tasking", "delivery")
]
# What was typed as an article: sealed beside, and the purpose's own where it lies open.
_OWN: Final = "coalesce(CAST(:articles AS jsonb)->>purpose, '')"
_ARTICLES: Final = {"articles": msgspec.json.encode({each.value: own for each, own in ARTICLES.items()}).decode()}
_AGREED: Final = text(
    f"SELECT id, subject, article, {_OWN} AS own FROM agreement WHERE named IS NULL AND article <> {_OWN} LIMIT :most"  # noqa: S608
)
_NAMED: Final = text("UPDATE agreement SET named = :named, article = :own WHERE id = :id")
_GRANTED: Final = text(f"""
UPDATE access_grant SET article = {_OWN}
WHERE id IN (SELECT id FROM access_grant WHERE kind = 'agreed' AND article <> {_OWN} LIMIT :most)
""")  # noqa: S608 - constants above
_FIXES: Final = text("""
SELECT CAST(ctid AS text) AS at, CAST(tableoid AS bigint) AS part, device, t AS since, lon, lat, sigma_m, speed_mps, course_deg,
  accuracy_m FROM fix WHERE lon IS NOT NULL LIMIT :most
""")
_FIX: Final = text("""
UPDATE fix SET whose = x.w, sealed = x.s, lon = NULL, lat = NULL, sigma_m = NULL, speed_mps = NULL, course_deg = NULL,
  accuracy_m = NULL
FROM unnest(CAST(:at AS text[]), CAST(:part AS bigint[]), CAST(:w AS uuid[]), CAST(:s AS bytea[])) AS x (at, part, w, s)
WHERE fix.ctid = x.at::tid AND fix.tableoid = x.part::oid
""")


async def reseal(database: Database) -> int:
    """Seal whatever still lies open; returns how many rows there were. Once there are none, it never looks again."""
    async with database.transaction() as connection:
        edition = (await connection.execute(_DONE)).scalar() or 0
    first: list[Step] = [*map(_registry, _ROWS), _alerts, _taskings, _messages, _fixes]
    second: list[Step] = [_rest("place"), *map(_words, _WORDS), *map(_reports, _REPORTS)]
    third: list[Step] = [_rest("protective_order"), _agreed, _granted]
    count = 0
    for step in chain.from_iterable((first, second, third)[edition:]):
        while True:
            async with database.transaction() as connection:
                done = await step(connection)
            count += done
            if done < _BATCH:
                break
    if edition < _EDITION:
        async with database.transaction() as connection:
            await connection.execute(_MARK, {"edition": _EDITION})
    if count:
        _log.warning("sealed what lay open; VACUUM FULL removes what the files still hold of it", rows=count)
    return count


def _registry(table: str) -> Step:
    lies_open, emptied = _ROWS[table]
    found = text(f"SELECT * FROM {table} WHERE {lies_open} LIMIT :most")  # noqa: S608 - constants above
    update = text(f"UPDATE {table} SET sealed = :sealed, {emptied} WHERE id = :id")  # noqa: S608 - the same

    async def step(connection: AsyncConnection) -> int:
        rows = (await connection.execute(found, {"most": _BATCH})).mappings().all()
        for row in rows:
            plain: dict[str, Any] = {str(name): value for name, value in row.items()}
            sealed = sealing.sealed(connection, table, plain)
            await connection.execute(update, {"id": row["id"], "sealed": sealed})
        return len(rows)

    return step


def _rest(table: str) -> Step:
    lies_open, emptied = _REST[table]
    found = text(f"SELECT * FROM {table} WHERE {lies_open} LIMIT :most")  # noqa: S608 - constants above
    update = text(f"UPDATE {table} SET sealed = :sealed, {emptied} WHERE id = :id")  # noqa: S608 - the same

    async def step(connection: AsyncConnection) -> int:
        rows = (await connection.execute(found, {"most": _BATCH})).mappings().all()
        for row in rows:
            try:
                sealed = sealing.sealed(connection, table, sealing.opened(connection, table, row))
            except Destroyed:
                sealed = None
            await connection.execute(update, {"id": row["id"], "sealed": sealed})
        return len(rows)

    return step


def _words(table: str) -> Step:
    column, emptied, whose = _WORDS[table]
    found = text(
        f"SELECT t.id, t.{column} AS words, {whose} AS whose FROM {table} t"  # noqa: S608 - constants above
        f" WHERE t.sealed IS NULL AND coalesce(t.{column}, '') <> '' LIMIT :most"
    )
    update = text(f"UPDATE {table} SET sealed = :sealed, {column} = {emptied} WHERE id = :id")  # noqa: S608 - the same

    async def step(connection: AsyncConnection) -> int:
        rows = (await connection.execute(found, {"most": _BATCH})).all()
        for row in rows:
            await connection.execute(
                update, {"id": row.id, "sealed": said.sealed(connection, row.id, row.whose, row.words)}
            )
        return len(rows)

    return step


def _reports(statement: TextClause) -> Step:
    async def step(connection: AsyncConnection) -> int:
        return (await connection.execute(statement, {"most": _BATCH})).rowcount

    return step


async def _agreed(connection: AsyncConnection) -> int:
    rows = (await connection.execute(_AGREED, {"most": _BATCH} | _ARTICLES)).all()
    for row in rows:
        named = said.sealed(connection, agreeing.apart(row.id), [row.subject], row.article)
        await connection.execute(_NAMED, {"id": row.id, "named": named, "own": row.own})
    return len(rows)


async def _granted(connection: AsyncConnection) -> int:
    return (await connection.execute(_GRANTED, {"most": _BATCH} | _ARTICLES)).rowcount


async def _alerts(connection: AsyncConnection) -> int:
    rows = (await connection.execute(_ALERTS, {"most": _BATCH})).mappings().all()
    for row in rows:
        body = msgspec.json.encode(msgspec.convert(row["body"], Alert))
        opening = bytes(row["opening"] or bytes(facts.OPENING))
        sealed = facts.sealed_for(connection, row["id"], row["whose"], opening + body)
        await connection.execute(_ALERT, {"id": row["id"], "sealed": sealed})
    return len(rows)


async def _taskings(connection: AsyncConnection) -> int:
    rows = (await connection.execute(_TASKINGS, {"most": _BATCH})).mappings().all()
    for row in rows:
        plain = bytes(row["opening"] or bytes(facts.OPENING)) + msgspec.json.encode(row["reasons"], order="sorted")
        sealed = facts.sealed_for(connection, row["id"], row["whose"], plain)
        await connection.execute(_TASKING, {"id": row["id"], "sealed": sealed})
    return len(rows)


async def _messages(connection: AsyncConnection) -> int:
    rows = (await connection.execute(_MESSAGES, {"most": _BATCH})).mappings().all()
    for row in rows:
        kept, sealed = feeds.parted(connection, row["whose"], row["feed"], row["seq"], row["body"])
        values = {"feed": row["feed"], "seq": row["seq"], "body": msgspec.json.encode(kept).decode(), "sealed": sealed}
        await connection.execute(_MESSAGE, values)
    return len(rows)


async def _fixes(connection: AsyncConnection) -> int:
    rows = (await connection.execute(_FIXES, {"most": _BATCH})).mappings().all()
    devices = await carried(connection, list({row["device"] for row in rows}))
    owners = [points.owner(row["device"], row["since"], devices) for row in rows]
    custody = custody_of(connection)
    values: dict[str, list[Any]] = {
        "at": [row["at"] for row in rows], "part": [row["part"] for row in rows], "w": [own.whose for own in owners],
        "s": [points.sealed(custody, own, _fix(row)) for own, row in zip(owners, rows, strict=True)],
    }  # fmt: skip
    if rows:
        await connection.execute(_FIX, values)
    return len(rows)


def _fix(row: RowMapping) -> Fix:
    return Fix(
        str(row["device"]), row["since"], row["lon"], row["lat"], row["sigma_m"], speed_mps=row["speed_mps"],
        course_deg=row["course_deg"], accuracy_m=row["accuracy_m"],
    )  # fmt: skip
