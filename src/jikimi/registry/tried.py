"""Numbers and ids by which somebody tries whether anybody is there. It must never leave such a try unseen, whatever it found.

One's own number, or that of somebody near to one, is one's own case whether or not there is a file: the answer tells nothing.
An id or a device's number that another agency's file holds is refused as one's own would be, and both agencies are told.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Conflict, OwnCase
from jikimi.registry.references import LISTS
from jikimi.registry.schemas import Document
from jikimi.registry.ties import keepers
from jikimi.share import register, telling
from jikimi.share.policy import Rule
from jikimi.store.database import Database

_WHAT: Final = "id_tried"
_NEAR: Final = text("""
SELECT t.person FROM staff_tie t JOIN person_mark m ON m.person = t.person
WHERE t.account = :account AND m.digest = ANY(CAST(:digests AS bytea[])) LIMIT 1
""")
_MINE: Final = text("""
SELECT FROM staff_mark WHERE account = :account AND digest = ANY(CAST(:digests AS bytea[])) LIMIT 1
""")
_DEVICE: Final = text("""
SELECT d.agency, coalesce((SELECT c.person FROM carry c WHERE c.device = d.id ORDER BY c.since DESC LIMIT 1), d.id) AS whom
FROM device d WHERE (d.external_id = :external OR d.id = :id) AND d.agency <> :agency LIMIT 1
""")
_PERSON: Final = text("SELECT agency, id AS whom FROM person WHERE id = :id AND agency <> :agency")


async def refuse_own_numbers(
    connection: AsyncConnection, actor: Actor, digests: Sequence[bytes], detail: str
) -> None:  # fmt: skip
    """Raise OwnCase, which reads as NotFound with ``detail``, where a number is the actor's own or of anybody near to them."""
    asked = {"account": actor.account, "digests": list(digests)}
    if not digests:
        return
    person = (await connection.execute(_NEAR, asked)).scalar()
    if person is not None:
        raise OwnCase(detail, person, await keepers(connection, [person]))
    if (await connection.execute(_MINE, asked)).first() is not None:
        raise OwnCase(detail, actor.account, [actor.agency])


async def told_of_try(
    database: Database, clock: Clock, actor: Actor, rule: Rule, document: Document, refused: Conflict
) -> None:  # fmt: skip
    """Write down, and tell both agencies, that what ``refused`` names is another agency's; nothing where it is not."""
    named, index = refused.extra.get("list"), refused.extra.get("index")
    if named not in ("people", "devices") or not isinstance(index, int):
        return
    async with database.transaction() as connection:
        held = await _held(connection, actor.agency, document, str(named), index)
        if held is None:
            return
        agency, whom = held
        await register.record(
            connection, clock, actor, rule.action, rule.purpose, rule.article, _WHAT, whom, allowed=False
        )
        await telling.tell(connection, clock.unix(), actor, "id-tried", None, [agency])


async def _held(
    connection: AsyncConnection, own: UUID, document: Document, named: str, index: int
) -> tuple[UUID, UUID] | None:  # fmt: skip
    """Which other agency holds what this entry wanted, and whom it is about."""
    if LISTS[named] == "device":
        device = document.devices[index]
        asked = {"external": device.external_id, "id": device.id, "agency": own}
        row = (await connection.execute(_DEVICE, asked)).one_or_none()
    else:
        row = (await connection.execute(_PERSON, {"id": document.people[index].id, "agency": own})).one_or_none()
    return None if row is None else (row.agency, row.whom)
