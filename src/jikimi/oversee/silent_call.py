"""A word said under duress becomes a call for help on the log, as her device's own would. It must never show it was made,
nor be heard by a room that may not know of her any more, nor by nobody.
"""

from typing import Final
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.events import DURESS
from jikimi.detect.facts import DeviceEvent, FixFlag, encode
from jikimi.kernel.clock import Clock
from jikimi.oversee.calling import still_hers
from jikimi.registry.service import speaks_for
from jikimi.respond import feeds
from jikimi.respond.model import Message, room_feed
from jikimi.store.due import AfterCommit, Due, Handler
from jikimi.stream import names
from jikimi.stream.client import append

KIND: Final = "silent-call"
"""The due row by which it reaches the log."""
PATIENCE_S: Final = 1.0
_ROOMS: Final = text("SELECT person, agency, rooms FROM withdrawal WHERE id = :id")


def handler(client: Client, clock: Clock) -> Handler:
    """Make what runs rows of kind ``silent-call``; raises Unavailable while the log does not answer.

    Where no device of hers is left to speak for her, her rooms are paged instead: those that may still know of her.
    """

    async def call(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        person = UUID(due.body["person"])
        device = await speaks_for(connection, person, due.at)
        if device is None:
            return await _page(connection, due)
        event = DeviceEvent(clock.unix(), str(device), due.at, DURESS, None, int(FixFlag.PROVEN))
        await append(client, names.EVENT, encode(event), message_id=str(due.id), patience_s=PATIENCE_S)
        return None

    async def _page(connection: AsyncConnection, due: Due) -> AfterCommit:
        now = clock.unix()
        asked = (await connection.execute(_ROOMS, {"id": UUID(due.key)})).one()
        # Whoever is not told is on no register of this: it would show that she called.
        rooms = await still_hers(connection, asked.person, asked.agency, asked.rooms, now)
        body: dict[str, object] = {"why": "duress", "at": now, "person": due.body["person"]}
        messages = [Message(room_feed(room), room, "page", body) for room in rooms]
        await feeds.post(connection, messages, now)

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish

    return call
