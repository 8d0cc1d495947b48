"""Rooms are told what nobody may do in silence, and what only the other agency knows. It must never say more of a person than
an id, nor by what somebody was found, nor anything to a room that may not know of them any more.
"""

from typing import Final
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.registry import matching
from jikimi.respond import feeds
from jikimi.respond.model import Message, room_feed
from jikimi.share import register, telling
from jikimi.store.due import AfterCommit, Due, Handler

SAID: Final = {
    telling.KIND: ("what", "account", "name", "by", "subject", "grant", "until"),
    matching.KIND: ("order", "person", "side", "agency", "by"),
}
"""By kind of row: what of it a page says."""


def handler(client: Client, clock: Clock) -> Handler:
    """Make what runs rows of these kinds: a page, called as the kind is, for each of the row's rooms."""

    async def told(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        now = clock.unix()
        said = {name: due.body[name] for name in SAID[due.kind]}
        messages = [
            Message(room_feed(room), room, "page", {"why": due.kind, "at": now, **said})
            for room in await _rooms(connection, clock, due)
        ]
        await feeds.post(connection, messages, now)

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish

    return told


async def _rooms(connection: AsyncConnection, clock: Clock, due: Due) -> list[UUID]:
    """Who may still be told, in the row's order; whom access has ended to meanwhile is on the register instead."""
    rooms, said = [UUID(room) for room in due.body["rooms"]], due.body
    whom, what = said.get("subject") or said.get("person"), said.get("what", due.kind)
    if whom is None or what in telling.ENDS:
        return rooms
    grant, account = said.get("grant"), said.get("account")
    allowed = await telling.still(connection, UUID(whom), rooms, clock.unix(), grant and UUID(grant))
    # What their own staff did is about them.
    allowed.add(UUID(said["by"]))
    for room in rooms:
        if room not in allowed:
            await register.withheld(connection, clock, room, f"told:{what}", UUID(whom), account and UUID(account))
    return [room for room in rooms if room in allowed]
