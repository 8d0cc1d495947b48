"""Whose access to somebody a person has ended, while the order or the incident goes on. It must never be given back by what was
planned before, nor keep anybody from being sent: whoever is sent then is told of nobody it may not know.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.respond.model import Message
from jikimi.respond.whereabouts import PARTIES, without_whereabouts
from jikimi.share import grants
from jikimi.share.grants import Grant
from jikimi.store.database import Database

# What another grant of the same kind stands for again is ended no more, also once that one has ended with its order. An order
# that is over goes on in its open incident.
_BY_HAND: Final = text("""
SELECT DISTINCT g.agency, g.subject, coalesce(g.incident, g."order") AS matter FROM access_grant g
WHERE g.ended_by IS NOT NULL AND g.unit IS NULL AND g.account IS NULL AND g.kind IN ('standing', 'incident')
  AND NOT EXISTS (SELECT FROM access_grant l WHERE l.subject = g.subject AND l.agency = g.agency AND l.kind = g.kind
    AND l."order" IS NOT DISTINCT FROM g."order" AND l.incident IS NOT DISTINCT FROM g.incident
    AND (l.ended_at IS NULL OR l.ended_by IS NULL AND l.starts_at >= g.ended_at))
  AND (EXISTS (SELECT FROM incident i WHERE i.closed_at IS NULL
      AND (i.id = g.incident OR g.incident IS NULL AND i."order" = g."order"))
    OR EXISTS (SELECT FROM protective_order o WHERE o.id = g."order" AND g.incident IS NULL AND o.ended_at IS NULL))
""")
# What is known in memory may be a second old. Asked in the transaction that gives them, of those it gave: what a person ended
# meanwhile was never given.
_NOT_AGAIN: Final = text("""
UPDATE access_grant g SET ended_at = g.starts_at, ended_by = h.ended_by FROM access_grant h
WHERE g.id = ANY(CAST(:given AS uuid[])) AND g.ended_at IS NULL AND h.subject = g.subject AND h.agency = g.agency
  AND h.ended_by IS NOT NULL AND h.unit IS NULL AND h.account IS NULL AND h.kind IN ('standing', 'incident')
  AND coalesce(h.incident, h."order") IN (g.incident, g."order")
  AND NOT EXISTS (SELECT FROM access_grant l WHERE l.subject = h.subject AND l.agency = h.agency AND l.kind = h.kind
    AND l."order" IS NOT DISTINCT FROM h."order" AND l.incident IS NOT DISTINCT FROM h.incident AND l.ended_at IS NULL
    AND l.id <> ALL(CAST(:given AS uuid[])))
""")
# An end that was not committed yet when they were given: what was given within that second or after it, and nobody has allowed
# anew since. What was given before, to a unit under way, is ended by itself.
_GIVEN_MEANWHILE: Final = text("""
UPDATE access_grant g SET ended_at = clock_timestamp(), ended_by = h.ended_by FROM access_grant h
WHERE g.incident IS NOT NULL AND g.ended_at IS NULL AND g.kind IN ('incident', 'tasking')
  AND h.subject = g.subject AND h.agency = g.agency AND h.ended_by IS NOT NULL AND h.unit IS NULL AND h.account IS NULL
  AND h.kind IN ('standing', 'incident') AND coalesce(h.incident, h."order") IN (g.incident, g."order")
  AND g.starts_at > h.ended_at - interval '1 second'
  AND NOT EXISTS (SELECT FROM access_grant l WHERE l.subject = h.subject AND l.agency = h.agency AND l.kind = h.kind
    AND l."order" IS NOT DISTINCT FROM h."order" AND l.incident IS NOT DISTINCT FROM h.incident
    AND (l.ended_at IS NULL OR l.starts_at > h.ended_at))
""")


class Barred(NamedTuple):
    """An agency that may not know of a person any more in a matter: an order, or an incident."""

    agency: UUID
    subject: UUID
    matter: UUID


async def by_hand(connection: AsyncConnection) -> list[Barred]:
    """Everything that was ended so and goes on."""
    return [Barred(*row) for row in await connection.execute(_BY_HAND)]


async def give(connection: AsyncConnection, allowed: Sequence[Grant]) -> None:
    """Enter grants of an incident, but for those that a person has ended by now; asks for no row."""
    await grants.give(connection, allowed)
    if allowed:
        await connection.execute(_NOT_AGAIN, {"given": [grant.id for grant in allowed]})


class Ended:
    """In memory, read anew at every hint and every second."""

    def __init__(self) -> None:
        self._of: frozenset[Barred] = frozenset()

    async def reload(self, database: Database) -> None:
        """Read it anew, and end what an alert gave while it was being ended."""
        async with database.transaction() as connection:
            found = await by_hand(connection)
            self.restore(found)
            if found:
                await connection.execute(_GIVEN_MEANWHILE)

    def restore(self, found: Iterable[Barred]) -> None:
        """These and no others."""
        self._of = frozenset(found)

    def parted(self, wanted: Sequence[Grant]) -> tuple[list[Grant], list[Grant]]:
        """Grants that may be given, and those that would give back what a person ended."""
        barred = [grant for grant in wanted if self._bars(grant.agency, grant.subject, grant.order, grant.incident)]
        return [grant for grant in wanted if grant not in barred] if barred else list(wanted), barred

    def cover(self, messages: Iterable[Message]) -> None:
        """Take out of each message whom its reader may not know of any more, and what shows where they are.

        Their ids too: a line would let its seat follow whom a message names.
        """
        if not self._of:
            return
        for message in messages:
            named = {name: str(message.body[name]) for name in PARTIES if message.body.get(name)}
            matters = (message.whose, message.incident)
            hidden = [name for name, one in named.items() if self._bars(message.agency, UUID(one), *matters)]
            if hidden:
                followed = [one for name, one in named.items() if name not in hidden]
                message.body = without_whereabouts(message.body, followed)

    def _bars(self, agency: UUID, subject: UUID, *matters: UUID | None) -> bool:
        return any(Barred(agency, subject, matter) in self._of for matter in matters if matter)
