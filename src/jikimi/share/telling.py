"""What both agencies are told at once: a glass broken, one's own case tried. It must never say what was found, nor tell of
somebody whom the agency may not know of any more by the time it is told.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.store.due import Later, put_many

KIND: Final = "access-told"
"""The due row by which rooms are told."""
ENDS: Final = frozenset({
    "revoked", "glass-upheld", "glass-refused", "glass-unjudged", "glass-again", "consent-paused", "consent-withdrawn",
    "agreement-proposed", "agreement-ended",
})  # fmt: skip
"""What is said of an access that is over, or has not begun: whose it was, or is to be, is told all the same."""
_KEEPERS: Final = text("""
SELECT agency FROM person WHERE id = ANY(CAST(:ids AS uuid[]))
UNION SELECT agency FROM access_grant WHERE subject = ANY(CAST(:ids AS uuid[])) AND kind = 'standing' AND ended_at IS NULL
""")
# An agency's own file, or a grant that has not ended: of its own, or the one that the page is about.
_STILL: Final = text("""
SELECT a.id FROM agency a WHERE a.id = ANY(CAST(:rooms AS uuid[])) AND (
  EXISTS (SELECT FROM person p WHERE p.id = :whom AND p.agency = a.id)
  OR EXISTS (SELECT FROM access_grant g WHERE g.subject = :whom AND g.agency = a.id AND g.ended_at IS NULL
    AND (g.ends_at IS NULL OR g.ends_at > :now)
    AND (g.unit IS NULL AND g.account IS NULL OR CAST(:grant AS uuid) IN (g.id, g.consent))))
""")


class Doer(Protocol):
    """Who did it: an actor, or the account of somebody who is not here any more."""

    @property
    def account(self) -> UUID:
        """Whose account it is."""

    @property
    def agency(self) -> UUID:
        """Of which agency."""

    @property
    def name(self) -> str:
        """What the account is called."""


async def tell(
    connection: AsyncConnection, now: float, actor: Doer, what: str, subject: UUID | None, rooms: Iterable[UUID],
    grant: UUID | None = None, until: float | None = None, *, anybody: bool = True, own: bool = True,
) -> None:  # fmt: skip
    """Page ``rooms`` (agencies) once this transaction has committed: who did ``what`` to whom, under which grant.

    The doer's own agency is told too, but for what it must not learn from that (``own`` False).

    Where there is nothing to tell ``anybody`` the same work is done, and nobody told: it must not be seen that there was.
    """
    body = {
        "what": what, "account": str(actor.account), "name": actor.name, "by": str(actor.agency),
        "subject": subject and str(subject), "grant": grant and str(grant), "until": until,
        "rooms": sorted({str(room) for room in rooms} | ({str(actor.agency)} if own else set())),
    }  # fmt: skip
    told = [Later(KIND, str(grant or actor.account), now, body)] if anybody else []
    await put_many(connection, told, always=True)


async def keepers(connection: AsyncConnection, people: Sequence[UUID]) -> list[UUID]:
    """Agencies that keep these people's files or hold an order's grant on them."""
    return [row.agency for row in await connection.execute(_KEEPERS, {"ids": list(people)})]


async def still(
    connection: AsyncConnection, whom: UUID, rooms: Collection[UUID], now: float, grant: UUID | None = None
) -> set[UUID]:
    """Those of ``rooms`` (agencies) that may know of this person now; asked again when a page is sent, not when it was put."""
    asked = {"rooms": list(rooms), "whom": whom, "now": moment(now), "grant": grant}
    return {row.id for row in await connection.execute(_STILL, asked)}
