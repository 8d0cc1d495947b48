"""Rooms are told of access that nobody may do in silence. It must never say more of the person than an id."""

from uuid import UUID

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.respond import feeds
from jikimi.respond.model import Message, room_feed
from jikimi.store.due import AfterCommit, Due, Handler


def handler(client: Client, clock: Clock) -> Handler:
    """Make what runs rows of kind ``access-told``: a page for each room."""

    async def told(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        now = clock.unix()
        said = {name: due.body[name] for name in ("what", "account", "name", "by", "subject", "grant", "until")}
        messages = [
            Message(room_feed(room), room, "page", {"why": "access-told", "at": now, **said})
            for room in map(UUID, due.body["rooms"])
        ]
        await feeds.post(connection, messages, now)

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish

    return told
