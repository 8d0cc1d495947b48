"""An officer needs help. It must never wait for anything, nor move the officer's own tasking."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.errors import Conflict, NotFound
from jikimi.ledger.rows import Row, append_many
from jikimi.respond import feeds, statements
from jikimi.respond.model import Message, room_feed
from jikimi.share.policy import Action, require


async def ask(connection: AsyncConnection, actor: Actor, tasking: UUID, now: float) -> list[Message]:
    """Page the rooms of the tasking's incident; returns what to publish after the commit. Every press pages again.

    Raises NotFound (also for another unit's), Conflict when the incident is closed.
    """
    require(actor, Action.ANSWER_TASKING)
    row = (await connection.execute(statements.TASKING, {"id": tasking})).one_or_none()
    if row is None or row.unit != actor.unit:
        raise NotFound("No tasking of your unit has this id.")
    if row.closed_at is not None:
        raise Conflict("The incident is closed; call the room.")
    fields = {"tasking": tasking, "incident": row.incident, "unit": row.unit, "account": actor.account}
    await append_many(connection, [Row(now, "tasking.help", fields)])
    body: dict[str, object] = {
        "why": "help", "at": now, "tasking": str(tasking), "unit": str(row.unit), "callsign": row.callsign,
        "toward": row.toward,
    }  # fmt: skip
    rooms = [room for room in (row.police_agency, row.monitoring_agency) if room]
    messages = [Message(room_feed(room), room, "page", body, row.incident) for room in rooms]
    await feeds.post(connection, messages, now)
    return messages
