"""A room is told to call somebody back, by id, again and again until it has. It must never say why she is called, nor name her
to a room that may not know of her any more, nor leave her to nobody.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.respond import feeds
from jikimi.respond.model import Message, room_feed
from jikimi.share import register, telling
from jikimi.share.words import CallBack
from jikimi.store.due import AfterCommit, Due, Handler, put

KIND: Final = "call-back"
"""The due row by which a room is told."""
_WAITING: Final = text("""
SELECT person, agency, rooms, CAST(extract(epoch FROM call_by) AS float8) AS call_by FROM withdrawal
WHERE id = :id AND answered_at IS NULL
""")


async def still_hers(
    connection: AsyncConnection, person: UUID, keeper: UUID, rooms: Sequence[UUID], now: float
) -> list[UUID]:
    """Who of the rooms (agencies) chosen when she asked may know of her now; where none may, the agency that keeps her file."""
    allowed = await telling.still(connection, person, rooms, now)
    return [room for room in rooms if room in allowed] or [keeper]


def handler(client: Client, clock: Clock, limits: CallBack) -> Handler:
    """Make what runs rows of kind ``call-back``: a page for each room with the deadline, and the next one."""

    async def told(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        row = (await connection.execute(_WAITING, {"id": UUID(due.key)})).one_or_none()
        if row is None:
            return None
        now = clock.unix()
        why = "call-back" if now < row.call_by else "call-back-late"
        body: dict[str, object] = {
            "why": why, "at": now, "person": str(row.person), "by": str(row.agency), "until": row.call_by, "call": due.key,
        }  # fmt: skip
        rooms = await still_hers(connection, row.person, row.agency, row.rooms, now)
        for room in sorted(set(row.rooms) - set(rooms)):
            await register.withheld(connection, clock, room, f"told:{KIND}", row.person, None)
        messages = [Message(room_feed(room), room, "page", body) for room in rooms]
        await feeds.post(connection, messages, now)
        await put(connection, KIND, due.key, row.call_by if now < row.call_by else now + limits.again_s, {})

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish

    return told
