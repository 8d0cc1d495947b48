"""An order was lowered while an incident of its pair is open: both rooms are told. It must never close anything, nor lower
what is under way.
"""

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.kernel.ids import derived
from jikimi.ledger.rows import Row, append_many
from jikimi.respond import feeds, statements
from jikimi.respond.model import Message, room_feed
from jikimi.store.due import AfterCommit, Due, Handler


def handler(client: Client, clock: Clock) -> Handler:
    """Make what runs rows of kind ``order-lowered``: a page in the open incident's log for each of its rooms."""

    async def lowered(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        now, said = clock.unix(), due.body
        pair = derived("pair", said["offender"], said["victim"])
        incident = (await connection.execute(statements.OPEN_INCIDENT, {"pair": pair})).one_or_none()
        if incident is None:
            return None
        fields = {"incident": incident.id, "order": said["order"], "agency": said["by"], "why": "+".join(said["what"])}
        await append_many(connection, [Row(now, "incident.order_lowered", fields)])
        body = {"why": "order-lowered", "at": now, "order": said["order"], "what": said["what"], "agency": said["by"]}
        messages = [
            Message(room_feed(room), room, "page", body, incident.id)
            for room in (incident.police_agency, incident.monitoring_agency) if room
        ]  # fmt: skip
        await feeds.post(connection, messages, now)

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish

    return lowered
