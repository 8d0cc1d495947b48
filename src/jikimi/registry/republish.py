"""The registry told to the log anew, for a log that has forgotten it. It must never leave an order unguarded that is in
force, nor a key in force that was revoked.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.registry.events import Change
from jikimi.registry.keys import device_keys
from jikimi.registry.outbox import publish_all_later
from jikimi.registry.publishing import carry_fact, order_fact
from jikimi.registry.sealing import opened

_CARRIES = text("SELECT c.*, d.interval_s FROM carry c JOIN device d ON d.id = c.device ORDER BY c.since, c.id")
_ORDERS = text("SELECT * FROM protective_order ORDER BY id")
_PLACES = text('SELECT * FROM place WHERE "order" = :order ORDER BY id')


async def republish(connection: AsyncConnection, now: float) -> int:
    """Put everything that is registered into the outbox; returns how many things there were."""
    changes: list[Change] = [*await device_keys(connection, None, now)]
    carries = (await connection.execute(_CARRIES)).mappings().all()
    changes += [carry_fact(dict(row), row["interval_s"], now) for row in carries]
    for order in (await connection.execute(_ORDERS)).mappings().all():
        places = (await connection.execute(_PLACES, {"order": order["id"]})).mappings().all()
        shapes = [opened(connection, "place", place) for place in places]
        changes.append(order_fact(opened(connection, "protective_order", order), shapes, now))
    await publish_all_later(connection, changes, now)
    return len(changes)
