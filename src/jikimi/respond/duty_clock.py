"""What a room is told when a step of duty is not done in its time. It must never go quiet while something has no owner."""

from typing import Final
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.ledger.rows import Row, append_many
from jikimi.respond import feeds, handover
from jikimi.respond.handover import open_of, page
from jikimi.respond.model import Message
from jikimi.staff.rules import DutyRules
from jikimi.staff.service import KIND
from jikimi.store.due import AfterCommit, Due, Handler, put

_SHIFT: Final = text("""
SELECT s.account, s.agency, s.begun_at, a.name FROM shift s JOIN account a ON a.id = s.account
WHERE s.id = :id AND s.ended_at IS NULL AND s.withdrawn_at IS NULL
""")
_HANDOVER: Final = text("""
SELECT h.account, h.agency, a.name FROM handover h JOIN account a ON a.id = h.account WHERE h.id = :id
  AND h.taken_at IS NULL AND h.withdrawn_at IS NULL
""")


def handler(client: Client, clock: Clock, rules: DutyRules) -> Handler:
    """Make what runs rows of kind ``duty-clock``: a shift nobody began or ended, a hand-over nobody took,
    an account that ended.
    """

    async def late(connection: AsyncConnection, due: Due) -> AfterCommit | None:
        what, now = str(due.body["what"]), clock.unix()
        if what == "account-left":
            messages = await handover.left(connection, UUID(due.key), rules, now)
        else:
            messages = await _told(connection, what, UUID(due.key), now)
        if not messages:
            return None
        await feeds.post(connection, messages, now)
        again = rules.handover_s if what == "handover-untaken" else rules.over_s if what == "shift-over" else None
        if again is not None:
            await put(connection, KIND, due.key, now + again, {"what": what})

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish

    return late


async def _told(connection: AsyncConnection, what: str, key: UUID, now: float) -> list[Message]:
    """The page, or none where the step was done meanwhile, or nothing is open any more."""
    statement = _HANDOVER if what == "handover-untaken" else _SHIFT
    row = (await connection.execute(statement, {"id": key})).one_or_none()
    if row is None or (what == "shift-late" and row.begun_at is not None):
        return []
    left = len(await open_of(connection, row.agency, row.account))
    if what != "shift-late" and left == 0:
        return []
    named = {"handover" if what == "handover-untaken" else "shift": key}
    fields = {**named, "account": row.account, "agency": row.agency, "count": left}
    await append_many(connection, [Row(now, "duty.late", {**fields, "why": what})])
    return [page(row.agency, now, what, row.account, row.name, left)]
