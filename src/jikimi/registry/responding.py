"""What the response must know of an order, read fresh or for all live orders.

It must never hand out a place, except to the veil that hides it.
"""

import asyncio
from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.registry.model import OrderCard, SecretPlace
from jikimi.registry.sealing import Found, article_of, opened

_AT_ONCE: Final = 100
_IN_FORCE = text("""
SELECT id, police_agency, monitoring_agency, offender, victim, regime, article, arrestable, sealed FROM protective_order
WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > now())
""")
_ONE = text("""
SELECT id, police_agency, monitoring_agency, offender, victim, regime, article, arrestable, sealed FROM protective_order
WHERE id = :id
""")

_PERSON = text("""
SELECT p.id, coalesce((SELECT id FROM agency WHERE id = p.agency AND kind = 'police'),
  (SELECT min(id::text)::uuid FROM agency WHERE kind = 'police')) AS police FROM person p WHERE p.id = :id
""")

# Whichever order it was entered with: she may live there still when that one is over. An incident of an order that is over goes
# on by its grants.
_SECRET = text("""
SELECT p.id, o.victim, p.lon, p.lat, p.radius_m, p.polygon, p.margin_m, p.sealed, p.agency
FROM place p JOIN protective_order o ON o.id = p."order"
WHERE p.secret AND o.victim IS NOT NULL
  AND (CAST(:victims AS uuid[]) IS NULL OR o.victim = ANY(CAST(:victims AS uuid[])))
  AND (EXISTS (SELECT FROM protective_order l WHERE l.victim = o.victim AND l.ended_at IS NULL)
  OR EXISTS (SELECT FROM access_grant g WHERE g.subject = o.victim AND g.ended_at IS NULL AND g."order" IS NOT NULL))
""")

_TOLD = text("""
SELECT CAST(p."order" AS text) AS "order", string_agg(CAST(p.id AS text), ' ' ORDER BY p.id) AS ids
FROM place p JOIN protective_order o ON o.id = p."order" WHERE NOT p.secret AND o.ended_at IS NULL GROUP BY 1
""")


async def secret_places(connection: AsyncConnection, victims: Collection[UUID] | None = None) -> list[SecretPlace]:
    """Every secret place of whoever any order protects (only of ``victims``, where they are named), whichever it was entered
    with; for what keeps them from being told.
    """
    asked = {"victims": None if victims is None else list(victims)}
    places = (opened(connection, "place", row) for row in (await connection.execute(_SECRET, asked)).mappings())
    names = ("id", "victim", "lon", "lat", "radius_m", "polygon", "margin_m", "agency")
    return [SecretPlace(*(row[name] for name in names)) for row in places]


async def told_places(connection: AsyncConnection) -> dict[str, list[str]]:
    """By order, the ids of those guarded places of living orders that are no secret."""
    return {row.order: row.ids.split() for row in await connection.execute(_TOLD)}


async def orders_in_force(connection: AsyncConnection) -> list[OrderCard]:
    """Every order that has neither ended nor run out; for services, which keep them in memory."""
    cards = []
    for place, row in enumerate((await connection.execute(_IN_FORCE)).mappings(), 1):
        cards.append(_card(connection, row))
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)  # an alert must not wait behind thousands of orders
    return cards


async def order_card(connection: AsyncConnection, order: UUID) -> OrderCard | None:
    """Return an order as it stands in the record now, ended or not; None for one nobody entered."""
    row = (await connection.execute(_ONE, {"id": order})).mappings().one_or_none()
    return _card(connection, row) if row else None


async def card_of_person(connection: AsyncConnection, person: UUID) -> OrderCard | None:
    """Whose police answer a person whom no order names: the agency that entered them, else any; None for nobody."""
    row = (await connection.execute(_PERSON, {"id": person})).one_or_none()
    if row is None or row.police is None:
        return None
    return OrderCard(None, row.police, None, None, row.id, "", "", None)


def _card(connection: AsyncConnection, row: Found) -> OrderCard:
    article = article_of(connection, row["id"], row["article"], row["sealed"])
    return OrderCard(**{name: row[name] for name in row if name != "sealed"} | {"article": article})
