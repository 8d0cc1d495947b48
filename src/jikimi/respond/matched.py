"""Both rooms are told that an order names somebody of the other agency's. It must never say by what he was found."""

from uuid import UUID

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.respond import feeds
from jikimi.respond.model import Message, room_feed
from jikimi.store.due import AfterCommit, Due, Handler


def handler(client: Client, clock: Clock) -> Handler:
    """Make what runs rows of kind ``order-matched``: a page for each of the order's rooms."""

    async def matched(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        now = clock.unix()
        said = {name: due.body[name] for name in ("order", "person", "side", "agency", "by")}
        messages = [
            Message(room_feed(room), room, "page", {"why": "order-matched", "at": now, **said})
            for room in map(UUID, due.body["rooms"])
        ]
        await feeds.post(connection, messages, now)

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish

    return matched
