"""An emergency opening that nobody judged in time. It must never pass for upheld: it ends, and both agencies are told.

Nobody has said that it was wrong: somebody still judges it, and its account may open that file again.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock, moment
from jikimi.ledger import rows as ledger
from jikimi.share import telling
from jikimi.share.grants import Grant
from jikimi.store.due import Due, Handler, put

KIND: Final = "glass-unjudged"
"""The due row by which an opening's time to be judged runs out."""
_REFUSE: Final = text("""
UPDATE access_grant g SET reviewed_at = :now, upheld = false, ended_at = coalesce(g.ended_at, :now) FROM account a
WHERE g.id = :id AND g.reviewed_at IS NULL AND a.id = g.account RETURNING g.subject, g.agency, g.account, a.name
""")


@dataclass(frozen=True, slots=True)
class _Opener:
    account: UUID
    agency: UUID
    name: str


async def begin(connection: AsyncConnection, grant: Grant) -> None:
    """Let the time run in which this opening is to be judged."""
    assert grant.review_by is not None
    await put(connection, KIND, str(grant.id), grant.review_by, {})


def handler(clock: Clock) -> Handler:
    """Make what runs rows of this kind: nothing where the opening was judged."""

    async def refuse(connection: AsyncConnection, due: Due) -> None:
        grant, now = UUID(due.key), clock.unix()
        row = (await connection.execute(_REFUSE, {"id": grant, "now": moment(now)})).one_or_none()
        if row is None:
            return
        await ledger.append(
            connection, now, "access_refused", grant=grant, agency=row.agency, account=None, subject=row.subject
        )
        rooms = await telling.keepers(connection, [row.subject])
        opener = _Opener(row.account, row.agency, row.name)
        await telling.tell(connection, now, opener, KIND, row.subject, rooms, grant)

    return refuse
