"""The access register and the times of orders held against the ledger. It must never take a table's word for the ledger's.

Nothing of either is ever deleted, by law neither: ids and times stay when what they speak of is destroyed. So a row of the ledger
that its table does not have, or has otherwise, was changed by somebody who went past the system. What only the tables hold
is not compared: whom a search met without telling its author, answers by which a room confirmed, where a tasking stands now.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy import Row, text

from jikimi.ledger.report import Break
from jikimi.store.database import Database

MOST: Final = 100
"""So many rows are named; that there are more is said."""
_PAGE: Final = 5000
_END: Final = text("SELECT coalesce(max(seq) + 1, 0) FROM ledger_row")
_LOOKS: Final = text("""
SELECT l.seq, r.id IS NULL AS gone FROM (
  SELECT seq, id, CAST(body AS jsonb) AS b FROM ledger_row
  WHERE seq >= :start AND seq < :end AND body LIKE '%"kind":"access"%') l
LEFT JOIN access_register r ON r.id = l.id
WHERE r.id IS NULL OR abs(extract(epoch FROM r.at - CAST(b->>'at' AS timestamptz))) > 0.001
  OR (CAST(r.account AS text), CAST(r.agency AS text), r.purpose, r.article, r.action, r.what, r.subject, r.allowed, r.named)
  IS DISTINCT FROM (coalesce(b->>'account', '00000000-0000-0000-0000-000000000000'), b->>'agency', b->>'purpose',
    coalesce(b->>'article', ''), b->>'action', b->>'what', coalesce(b->>'subject', ''),
    CAST(b->>'allowed' AS boolean), b->>'digest')
ORDER BY l.seq
""")
_LISTS: Final = text("""
SELECT min(l.seq) AS seq FROM access_register r JOIN ledger_row l ON l.id = r.id LEFT JOIN access_named n ON n.digest = r.named
WHERE l.seq IS NOT NULL AND r.named IS NOT NULL AND (n.digest IS NULL OR n.digest IN (
  SELECT digest FROM access_named CROSS JOIN LATERAL (
    SELECT string_agg(uuid_send(i), CAST('' AS bytea) ORDER BY i) AS said FROM unnest(ids) AS i) whom
  WHERE digest IS DISTINCT FROM encode(sha256(said), 'hex')))
GROUP BY r.named ORDER BY 1
""")
# An order is answered once: whatever is reported afterwards was accepted before.
_TIMES: Final = text("""
SELECT l.seq, b->>'kind' = 'tasking.created' AS made, t.id IS NULL AS gone FROM (
  SELECT seq, CAST(body AS jsonb) AS b FROM ledger_row WHERE seq >= :start AND seq < :end
  AND (body LIKE '%"kind":"tasking.created"%' OR body LIKE '%"previous_state":"tasked"%')) l
LEFT JOIN tasking t ON t.id = CAST(b->>'tasking' AS uuid)
WHERE t.id IS NULL OR coalesce(abs(extract(epoch FROM CAST(b->>'at' AS timestamptz)
  - CASE WHEN b->>'kind' = 'tasking.created' THEN t.tasked_at ELSE t.answered_at END)) > 0.001, true)
ORDER BY l.seq
""")
_UNSAID: Final = text("""
SELECT t.id FROM tasking t WHERE t.answered_at IS NOT NULL AND t.id NOT IN (
  SELECT CAST(CAST(body AS jsonb)->>'tasking' AS uuid) FROM ledger_row WHERE body LIKE '%"previous_state":"tasked"%')
ORDER BY t.id
""")


async def differing(database: Database) -> list[Break]:
    """Each row of the ledger that its table does not have or has otherwise, and answers no row is about; at most ``MOST``."""
    found: list[Break] = []
    async for one in _each(database):
        if len(found) == MOST:
            return [*found, Break("More rows than these differ.")]
        found.append(one)
    return found


async def _each(database: Database) -> AsyncIterator[Break]:
    async with database.transaction() as connection:
        end = (await connection.execute(_END)).scalar_one()
    for start in range(0, end, _PAGE):
        page = {"start": start, "end": min(start + _PAGE, end)}
        async with database.transaction() as connection:
            looks = (await connection.execute(_LOOKS, page)).all()
            times = (await connection.execute(_TIMES, page)).all()
        for said in sorted([*map(_look, looks), *map(_time, times)], key=lambda one: one.row or 0):
            yield said
    async with database.transaction() as connection:
        lists = (await connection.execute(_LISTS)).all()
        unsaid = (await connection.execute(_UNSAID)).all()
    for row in lists:
        yield Break(f"Row {row.seq} is a list, and the register has others whom it named.", row.seq, row.seq)
    for row in unsaid:
        yield Break(f"The order {row.id} has a time of its answer, and no row of the ledger is about one.")


def _look(row: Row[Any]) -> Break:
    what = "does not have" if row.gone else "has otherwise"
    return Break(f"Row {row.seq} is a look that the access register {what}.", row.seq, row.seq)


def _time(row: Row[Any]) -> Break:
    what = "order was given" if row.made else "order was answered"
    how = "there is no such order" if row.gone else "the order has another time of it"
    return Break(f"Row {row.seq} says when an {what}, and {how}.", row.seq, row.seq)
