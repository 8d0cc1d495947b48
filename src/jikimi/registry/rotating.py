"""Keys of names and numbers made anew. It must never leave a person unfound who was found before.

Every person's file is sealed again under a new key and the old one destroyed; every number is found by a digest under a
new key from then on (:mod:`jikimi.registry.anew`): those of before too, by which no search finds anybody and staff near to
them stay near. What was entered before numbers were kept sealed cannot be found anew, and is said first.
"""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.registry import sealing
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of

_PEOPLE: Final = text("SELECT id, agency, sealed FROM person WHERE sealed IS NOT NULL ORDER BY id")
_PERSON: Final = text("UPDATE person SET sealed = :sealed WHERE id = :id")


async def renew(connection: AsyncConnection) -> int:
    """Seal every file under a new key, in the transaction that finds every number anew; returns how many there were.

    Nobody is entered meanwhile, for that transaction holds entering alone.
    """
    custody = custody_of(connection)
    rows = (await connection.execute(_PEOPLE)).mappings().all()
    for row in rows:
        file = sealing.opened(connection, "person", row)
        custody.renew(Kind.PERSON, row["id"])
        await connection.execute(_PERSON, {"id": row["id"], "sealed": sealing.sealed(connection, "person", file)})
    return len(rows)


async def retire(connection: AsyncConnection) -> None:
    """Destroy the keys of before; call it once :func:`renew` has committed."""
    custody = custody_of(connection)
    for row in await connection.execute(_PEOPLE):
        custody.retire(Kind.PERSON, row.id, int.from_bytes(row.sealed[2:4], "big"))
