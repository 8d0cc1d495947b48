"""Numbers and ids by which somebody tries whether anybody is there. It must never leave such a try unseen, nor answer it.

One's own number, or that of somebody near to one, is one's own case whether or not there is a file: the answer tells nothing.
An id or a device's number that another agency's file holds is entered as any other would be, for it is the author's own there:
nothing of the other file is touched, and whoever keeps that file is told.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import OwnCase
from jikimi.registry.references import References
from jikimi.registry.tables import Row
from jikimi.registry.ties import keepers
from jikimi.share import register, telling
from jikimi.share.policy import Rule

_NEAR: Final = text("""
SELECT t.person FROM staff_tie t JOIN person_mark m ON m.person = t.person
WHERE t.account = :account AND m.digest = ANY(CAST(:digests AS bytea[])) LIMIT 1
""")
_MINE: Final = text("""
SELECT FROM staff_mark WHERE account = :account AND digest = ANY(CAST(:digests AS bytea[])) LIMIT 1
""")
# One statement whatever was named and whoever has it.
_MET: Final = text("""
SELECT d.agency, (SELECT c.person FROM carry c WHERE c.device = d.id ORDER BY c.since DESC LIMIT 1) AS whom
FROM device d WHERE (d.external_id = ANY(CAST(:externals AS text[])) OR d.id = ANY(CAST(:ids AS uuid[]))) AND d.agency <> :agency
UNION SELECT p.agency, p.id FROM person p WHERE p.id = ANY(CAST(:ids AS uuid[])) AND p.agency <> :agency
UNION SELECT s.agency, NULL FROM protective_order o CROSS JOIN LATERAL (VALUES (o.police_agency), (o.monitoring_agency)) s (agency)
WHERE o.id = ANY(CAST(:ids AS uuid[])) AND s.agency IS NOT NULL AND :agency NOT IN (o.police_agency, s.agency)
  AND o.monitoring_agency IS DISTINCT FROM :agency
""")


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


async def entered(
    connection: AsyncConnection, clock: Clock, actor: Actor, rule: Rule, what: str, references: References,
    new: Mapping[str, Sequence[Row]],
) -> None:  # fmt: skip
    """Write down that a document was entered (``what``), and page whoever keeps a file that it named as if it were its own.

    One ledger row and one entry that the author's agency reads, whoever was met, in the same statements; in the caller's
    transaction.
    """
    ids = {row["id"] for rows in new.values() for row in rows}
    asked = {
        "externals": [row["external_id"] for row in new.get("device", [])], "agency": actor.agency,
        "ids": [given for given, called in references.named.items() if called in ids],
    }  # fmt: skip
    met = (await connection.execute(_MET, asked)).all()
    whom = sorted({row.whom for row in met if row.whom is not None})
    await register.record_unseen(connection, clock, actor, rule, what, whom)
    rooms = {row.agency for row in met}
    await telling.tell(connection, clock.unix(), actor, "id-tried", None, rooms, anybody=bool(rooms), own=False)
