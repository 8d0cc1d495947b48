"""Who has taken a change of a person: whom it was told, who has read the file since. It must never say what it was, nor whom it
was told to anybody but whoever keeps the file.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.kernel.errors import NotFound
from jikimi.registry import ties
from jikimi.registry.reading import Desk
from jikimi.share import register, telling
from jikimi.share.policy import Action, Data, require
from jikimi.stream import names

MOST: Final = 50
_NONE: Final = "No person of your own files has this id."
_KEEPER: Final = text("SELECT agency FROM person WHERE id = :person")
_CHANGES: Final = text("""
SELECT c.id, CAST(extract(epoch FROM c.at) AS float8) AS at, c.agency, c.by, c.what,
  (SELECT a.name FROM account a WHERE a.id = c.by AND a.agency = :mine) AS name,
  CASE WHEN NOT 'address' = ANY (c.what) THEN 'none' WHEN EXISTS (SELECT FROM due d JOIN protective_order o
    ON d.body->>'subject' = CAST(:orders AS text) || o.id WHERE d.kind = 'publish' AND o.victim = :person)
    THEN 'waiting' ELSE 'taken' END AS log
FROM person_change c WHERE c.person = :person ORDER BY c.at DESC, c.id DESC LIMIT :most
""")
_HOLDERS: Final = text("""
SELECT c.id, r.room AS agency,
  EXISTS (SELECT FROM due d WHERE d.kind = :kind AND d.body->>'subject' = :whom AND d.body->'rooms' ? r.room::text
    AND d.body->>'what' = ANY (SELECT 'changed-' || w FROM unnest(c.what) w)) AS waiting,
  EXISTS (SELECT FROM access_register x WHERE x.subject = :whom AND x.agency = r.room AND x.at >= c.at AND x.action = 'told'
    AND x.what = ANY (SELECT 'told:changed-' || w FROM unnest(c.what) w)) AS withheld,
  (SELECT CAST(extract(epoch FROM min(x.at)) AS float8) FROM access_register x WHERE x.subject = :whom
    AND x.agency = r.room AND x.allowed AND x.what = 'person' AND x.at >= c.at) AS read_at
FROM person_change c CROSS JOIN LATERAL unnest(c.rooms) AS r (room)
WHERE c.id = ANY(CAST(:ids AS uuid[])) ORDER BY c.id, r.room
""")


async def changes(desk: Desk, actor: Actor, person: UUID) -> list[dict[str, Any]]:
    """What of one's own file changed, the newest first, and how far each holder is; raises Forbidden, NotFound.

    A holder's ``state``: ``waiting`` (not told yet), ``withheld`` (it might not know of the person any more), ``told``, or
    ``read`` at ``read_at``. ``log``: whether detection, which reads an order's places, has a new address.
    """
    rule = require(actor, Action.REGISTER, Data.PERSON)
    async with desk.service.transaction() as connection:
        if (await connection.execute(_KEEPER, {"person": person})).scalar() != actor.agency:
            raise NotFound(_NONE)
        await ties.refuse_own(connection, actor, [person], _NONE)
        asked = {"person": person, "mine": actor.agency, "orders": f"{names.ORDER}.", "most": MOST}
        found = [dict(row) for row in (await connection.execute(_CHANGES, asked)).mappings()]
        whose = {"ids": [row["id"] for row in found], "whom": str(person), "kind": telling.KIND}
        holders = (await connection.execute(_HOLDERS, whose)).all()
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "person_changes", person
        )
    for row in found:
        row["holders"] = [
            {"agency": one.agency, "state": _state(one), "read_at": one.read_at}
            for one in holders
            if one.id == row["id"]
        ]
    return found


def _state(holder: Any) -> str:
    if holder.waiting:
        return "waiting"
    if holder.read_at is not None:
        return "read"
    return "withheld" if holder.withheld else "told"
