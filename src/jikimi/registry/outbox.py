"""From a committed change to the log: a ``due`` row in the change's own transaction, appended afterwards.

It must never let a later version of a subject reach the log before an earlier one: the log's last-value stream keeps
what came last. Rows of one queue therefore run one after another. What a crash doubles is the same message under the
same id, and readers keep the highest version.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.facts import Carry, Fact, Order
from jikimi.intake.devices import DeviceKey
from jikimi.kernel.errors import Destroyed
from jikimi.kernel.ids import uuid7
from jikimi.registry import events
from jikimi.registry.events import Change
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of
from jikimi.store.due import AfterCommit, Due, Handler, Later, put_many
from jikimi.stream.client import append

KIND: Final = "publish"
PATIENCE_S: Final = 1.0
"""Longest wait for the log's acknowledgement before the row is left for later."""


async def publish_later(connection: AsyncConnection, subject: str, fact: Fact | DeviceKey, at: float) -> None:
    """Append ``fact`` to the log at ``subject`` once this transaction has committed; ``at`` is now, Unix seconds."""
    await put_many(connection, [_row(connection, subject, fact, at, subject)])


async def publish_all_later(connection: AsyncConnection, changes: Iterable[Change], at: float) -> None:
    """Append many changes, each at its own subject, in their order where they touch one thing."""
    await put_many(connection, [
        _row(connection, events.subject(change), change, at, _queue(change)) for change in changes
    ])  # fmt: skip


def handler(client: Client) -> Handler:
    """Make what runs rows of kind ``publish``; raises Unavailable while the log does not answer."""

    async def publish(connection: AsyncConnection, row: Due) -> AfterCommit | None:
        body = payload(connection, row.id, row.body)
        if body is None:
            return None
        await append(client, row.body["subject"], body, message_id=str(row.id), patience_s=PATIENCE_S)
        return None

    return publish


def payload(connection: AsyncConnection, row: UUID, body: Mapping[str, Any]) -> bytes | None:
    """What a row is to append; None where the law had it destroyed meanwhile."""
    waiting = base64.b64decode(body["payload"])
    if not body.get("sealed"):
        return waiting
    try:
        return custody_of(connection).open(waiting, row.bytes)
    except Destroyed:
        return None


def _queue(change: Change) -> str:
    # The end of one carry and the beginning of the next are two subjects and one device.
    return f"carry of {change.device}" if isinstance(change, Carry) else events.subject(change)


def _row(connection: AsyncConnection, subject: str, fact: Fact | DeviceKey, at: float, queue: str) -> Later:
    later, body = uuid7(), events.encode(fact)
    says_where = isinstance(fact, Order) and bool(fact.places or fact.suspensions or fact.schedule)
    if isinstance(fact, Order) and says_where:
        body = custody_of(connection).seal(Kind.ORDER, UUID(fact.order), body, later.bytes)
    payload = base64.b64encode(body).decode()
    return Later(KIND, subject, at, {"subject": subject, "payload": payload, "sealed": says_where}, queue, later)
