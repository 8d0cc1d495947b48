"""Whose access to somebody a person has ended, while the order or the incident goes on. It must never be given back by what was
planned before, nor keep anybody from being sent: whoever is sent then is told of nobody it may not know.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.respond.model import Message
from jikimi.respond.whereabouts import without_whereabouts
from jikimi.share.grants import Grant
from jikimi.store.database import Database

# What another grant of the same kind stands for again is ended no more.
_BY_HAND: Final = text("""
SELECT DISTINCT g.agency, g.subject, coalesce(g.incident, g."order") AS matter FROM access_grant g
WHERE g.ended_by IS NOT NULL AND g.unit IS NULL AND g.account IS NULL AND g.kind IN ('standing', 'incident')
  AND NOT EXISTS (SELECT FROM access_grant l WHERE l.subject = g.subject AND l.agency = g.agency AND l.kind = g.kind
    AND l."order" IS NOT DISTINCT FROM g."order" AND l.incident IS NOT DISTINCT FROM g.incident AND l.ended_at IS NULL)
  AND (EXISTS (SELECT FROM incident i WHERE i.id = g.incident AND i.closed_at IS NULL)
    OR EXISTS (SELECT FROM protective_order o WHERE o.id = g."order" AND g.incident IS NULL AND o.ended_at IS NULL))
""")
_PARTIES: Final = ("offender_id", "victim_id")


class Barred(NamedTuple):
    """An agency that may not know of a person any more in a matter: an order, or an incident."""

    agency: UUID
    subject: UUID
    matter: UUID


async def by_hand(connection: AsyncConnection) -> list[Barred]:
    """Everything that was ended so and goes on."""
    return [Barred(*row) for row in await connection.execute(_BY_HAND)]


class Ended:
    """In memory, read anew at every hint and every second."""

    def __init__(self) -> None:
        self._of: frozenset[Barred] = frozenset()

    async def reload(self, database: Database) -> None:
        """Read it anew."""
        async with database.transaction() as connection:
            self.restore(await by_hand(connection))

    def restore(self, found: Iterable[Barred]) -> None:
        """These and no others."""
        self._of = frozenset(found)

    def parted(self, grants: Sequence[Grant]) -> tuple[list[Grant], list[Grant]]:
        """Grants that may be given, and those that would give back what a person ended."""
        barred = [grant for grant in grants if self._bars(grant.agency, grant.subject, grant.order, grant.incident)]
        return [grant for grant in grants if grant not in barred] if barred else list(grants), barred

    def cover(self, messages: Iterable[Message]) -> None:
        """Take out of each message whom its reader may not know of any more, and what shows where they are.

        Their ids too: a line would let its seat follow whom a message names.
        """
        if not self._of:
            return
        for message in messages:
            named = {name: str(message.body[name]) for name in _PARTIES if message.body.get(name)}
            matters = (message.whose, message.incident)
            hidden = [name for name, one in named.items() if self._bars(message.agency, UUID(one), *matters)]
            if hidden:
                followed = [one for name, one in named.items() if name not in hidden]
                message.body = without_whereabouts(message.body, followed) | dict.fromkeys(hidden)

    def _bars(self, agency: UUID, subject: UUID, *matters: UUID | None) -> bool:
        return any(Barred(agency, subject, matter) in self._of for matter in matters if matter)
