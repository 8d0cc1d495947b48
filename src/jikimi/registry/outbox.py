"""From a committed change to the log: a ``due`` row in the change's own transaction, appended afterwards.

It must never let a later version of a subject reach the log before an earlier one: the log's last-value stream keeps
what came last. Rows of one queue therefore run one after another. What a crash doubles is the same message under the
same id, and readers keep the highest version.
"""

import base64
from collections.abc import Iterable
from typing import Final

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.facts import Carry, Fact
from jikimi.intake.devices import DeviceKey
from jikimi.registry import events
from jikimi.registry.events import Change
from jikimi.store.due import AfterCommit, Due, Handler, Later, put_many
from jikimi.stream.client import append

KIND: Final = "publish"
PATIENCE_S: Final = 1.0
"""Longest wait for the log's acknowledgement before the row is left for later."""


async def publish_later(connection: AsyncConnection, subject: str, fact: Fact | DeviceKey, at: float) -> None:
    """Append ``fact`` to the log at ``subject`` once this transaction has committed; ``at`` is now, Unix seconds."""
    await put_many(connection, [_row(subject, fact, at, subject)])


async def publish_all_later(connection: AsyncConnection, changes: Iterable[Change], at: float) -> None:
    """Append many changes, each at its own subject, in their order where they touch one thing."""
    await put_many(connection, [_row(events.subject(change), change, at, _queue(change)) for change in changes])


def handler(client: Client) -> Handler:
    """Make what runs rows of kind ``publish``; raises Unavailable while the log does not answer."""

    async def publish(_: AsyncConnection, row: Due) -> AfterCommit | None:
        body = base64.b64decode(row.body["payload"])
        await append(client, row.body["subject"], body, message_id=str(row.id), patience_s=PATIENCE_S)
        return None

    return publish


def _queue(change: Change) -> str:
    # The end of one carry and the beginning of the next are two subjects and one device.
    return f"carry of {change.device}" if isinstance(change, Carry) else events.subject(change)


def _row(subject: str, fact: Fact | DeviceKey, at: float, queue: str) -> Later:
    payload = base64.b64encode(events.encode(fact)).decode()
    return Later(KIND, subject, at, {"subject": subject, "payload": payload}, queue)
