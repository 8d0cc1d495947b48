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
    grant: UUID | None = None, until: float | None = None,
) -> None:  # fmt: skip
    """Page ``rooms`` (agencies) once this transaction has committed: who did ``what`` to whom, under which grant."""
    body = {
        "what": what, "account": str(actor.account), "name": actor.name, "by": str(actor.agency),
        "subject": subject and str(subject), "grant": grant and str(grant), "until": until,
        "rooms": sorted({str(room) for room in rooms} | {str(actor.agency)}),
    }  # fmt: skip
    await put_many(connection, [Later(KIND, str(grant or actor.account), now, body)])
