"""What both agencies are told at once: a glass broken, one's own case tried. It must never say what was found."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.store.due import Later, put_many

KIND: Final = "access-told"
"""The due row by which rooms are told."""


async def tell(
    connection: AsyncConnection, now: float, actor: Actor, what: str, subject: UUID | None, rooms: Iterable[UUID],
    grant: UUID | None = None, until: float | None = None, *, anybody: bool = True,
) -> None:  # fmt: skip
    """Page ``rooms`` (agencies) once this transaction has committed: who did ``what`` to whom, under which grant.

    Where there is nothing to tell ``anybody`` the same work is done, and nobody told: it must not be seen that there was.
    """
    body = {
        "what": what, "account": str(actor.account), "name": actor.name, "by": str(actor.agency),
        "subject": subject and str(subject), "grant": grant and str(grant), "until": until,
        "rooms": sorted({str(room) for room in rooms} | {str(actor.agency)}),
    }  # fmt: skip
    told = [Later(KIND, str(grant or actor.account), now, body)] if anybody else []
    await put_many(connection, told, always=True)
