"""What each room and unit is told, numbered without gaps.

It must never number anything outside the transaction that records why it was said, nor leave a body on the record that
its order's key does not seal.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Destroyed
from jikimi.respond.model import Message
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of
from jikimi.stream import names

_log = structlog.get_logger()
# Locked in one order by everybody, so that two transactions never wait for each other in a circle.
_NUMBER = text("""
INSERT INTO feed AS f (id, agency, seq)
SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:agencies AS uuid[]), CAST(:counts AS bigint[])) ORDER BY 1
ON CONFLICT (id) DO UPDATE SET seq = f.seq + excluded.seq
RETURNING id, seq
""")
_WRITE = text("""
INSERT INTO feed_message (feed, seq, agency, at, kind, incident, body, sealed)
SELECT f, s, a, t, k, i, b::jsonb, c FROM unnest(CAST(:feeds AS text[]), CAST(:seqs AS bigint[]), CAST(:agencies AS uuid[]),
  CAST(:ats AS timestamptz[]), CAST(:kinds AS text[]), CAST(:incidents AS uuid[]), CAST(:bodies AS text[]),
  CAST(:sealed AS bytea[])) AS m (f, s, a, t, k, i, b, c)
""")
_AFTER = text("""
SELECT m.feed, m.seq, CAST(extract(epoch FROM m.at) AS float8) AS at, m.kind, m.incident, m.body, m.sealed,
  m.kind = 'tasking' AND NOT EXISTS (SELECT FROM tasking t JOIN incident i ON i.id = t.incident
    WHERE t.id = CAST(m.body->>'tasking' AS uuid) AND t.ended_at IS NULL AND i.closed_at IS NULL) AS over
FROM feed_message m WHERE m.feed = :feed AND m.seq > :after ORDER BY m.seq LIMIT :most
""")
_OPEN = text("""
SELECT m.feed, m.seq, CAST(extract(epoch FROM m.at) AS float8) AS at, m.kind, m.incident, m.body, m.sealed
FROM feed_message m JOIN incident i ON i.id = m.incident
WHERE m.feed = :feed AND i.closed_at IS NULL AND m.kind IN ('tasking', 'alert')
  AND (m.kind <> 'tasking' OR EXISTS (SELECT FROM tasking t WHERE t.id = CAST(m.body->>'tasking' AS uuid) AND t.ended_at IS NULL))
ORDER BY m.seq
""")
_LAST = text("SELECT seq FROM feed WHERE id = :feed")
_FOUND_BY: Final = ("tasking", "agency", "by", "person", "subject", "offender_id", "victim_id")
"""What stays open of a sealed body: ids that statements find it by, and keep it from whoever is tied to them."""
_OVER: Final = dict.fromkeys(("offender", "victim", "distance_m", "time_to_contact_s"))
"""An order that is over is still numbered, and says no more where anybody was."""


async def post(connection: AsyncConnection, messages: Sequence[Message], at: float) -> None:
    """Number and write all messages in two statements; sets ``seq`` and ``at`` on each."""
    await number(connection, messages, at)
    await write(connection, messages)


async def number(connection: AsyncConnection, messages: Sequence[Message], at: float) -> None:
    """Give each message its place in its feed: sets ``seq`` and ``at``. The same transaction must :func:`write` them."""
    if not messages:
        return
    per_feed: dict[str, list[Message]] = {}
    for message in messages:
        per_feed.setdefault(message.feed, []).append(message)
    order = sorted(per_feed)
    numbered = await connection.execute(
        _NUMBER,
        {
            "ids": order,
            "agencies": [per_feed[feed][0].agency for feed in order],
            "counts": [len(per_feed[feed]) for feed in order],
        },
    )
    for feed, last in numbered:
        own = per_feed[feed]
        for place, message in enumerate(own):
            message.seq, message.at = last - len(own) + 1 + place, at


async def write(connection: AsyncConnection, messages: Sequence[Message]) -> None:
    """Put numbered messages on the record."""
    if not messages:
        return
    lying = [_parted(connection, message) for message in messages]
    await connection.execute(
        _WRITE,
        {
            "feeds": [m.feed for m in messages],
            "seqs": [m.seq for m in messages],
            "agencies": [m.agency for m in messages],
            "ats": [moment(m.at) for m in messages],
            "kinds": [m.kind for m in messages],
            "incidents": [m.incident for m in messages],
            "bodies": [msgspec.json.encode(kept).decode() for kept, _ in lying],
            "sealed": [sealed for _, sealed in lying],
        },
    )


def parted(
    connection: AsyncConnection, whose: UUID, feed: str, seq: int, body: dict[str, object]
) -> tuple[dict[str, object], bytes | None]:
    """What stays open of a body and the whole of it sealed; None where the law had its order destroyed."""
    kept: dict[str, object] = {name: body[name] for name in _FOUND_BY if name in body}
    try:
        return kept, custody_of(connection).seal(Kind.ORDER, whose, msgspec.json.encode(body), _about(feed, seq))
    except Destroyed:
        return kept, None


def _parted(connection: AsyncConnection, message: Message) -> tuple[dict[str, object], bytes | None]:
    if message.whose is None or message.seq is None:
        return message.body, None
    return parted(connection, message.whose, message.feed, message.seq, message.body)


def body_of(connection: AsyncConnection, feed: str, row: Any) -> dict[str, Any]:
    """What a row (``seq``, ``body``, ``sealed``) of a feed says; ``destroyed`` where the law had it destroyed."""
    if row.sealed is None:
        said: dict[str, Any] = row.body
        return said
    try:
        told: dict[str, Any] = msgspec.json.decode(custody_of(connection).open(row.sealed, _about(feed, row.seq)))
    except Destroyed:
        return {**row.body, "destroyed": True}
    except ValueError:
        _log.error("a sealed message cannot be read", feed=feed, seq=row.seq)
        return {**row.body, "destroyed": True}
    return told


def _about(feed: str, seq: int) -> bytes:
    return f"{feed}/{seq}".encode()


def frame(message: Message) -> bytes:
    """A message as terminals read it; ``recorded`` false and ``seq`` null while the record is away."""
    return msgspec.json.encode(
        {
            "type": "message",
            "feed": message.feed,
            "seq": message.seq,
            "at": message.at,
            "kind": message.kind,
            "recorded": message.seq is not None,
            "incident": message.incident,
            "body": message.body,
        }
    )


async def publish(client: Client, messages: Sequence[Message]) -> None:
    """Tell whoever is connected, now: call it after the commit. A lost call costs a second: desks look for gaps."""
    try:
        for message in messages:
            await client.publish(f"{names.FEED}.{message.feed}", frame(message))
        # The client gathers writes until the next turn of the loop; these must not wait for one.
        await client.flush(timeout=1) if len(messages) > _FLUSH_ABOVE else None
    except (NatsError, TimeoutError, OSError) as error:
        _log.warning("feeds", error=type(error).__name__, messages=len(messages))


_FLUSH_ABOVE = 64


async def since(connection: AsyncConnection, feed: str, after: int, most: int = 500) -> list[Message]:
    """What a feed said past ``after``, oldest first; the connection's own rights decide what it finds."""
    rows = await connection.execute(_AFTER, {"feed": feed, "after": after, "most": most})
    return [
        Message(r.feed, UUID(int=0), r.kind, body_of(connection, r.feed, r) | (_OVER if r.over else {}), r.incident, r.seq, r.at)
        for r in rows
    ]  # fmt: skip


async def last(connection: AsyncConnection, feed: str) -> int:
    """The last number of a feed, 0 for one that never said anything."""
    return (await connection.execute(_LAST, {"feed": feed})).scalar() or 0


async def open_now(connection: AsyncConnection, feed: str) -> list[tuple[Any, dict[str, Any]]]:
    """Orders and alerts of a feed that are not over (``feed seq at kind incident``), each with its body."""
    rows = (await connection.execute(_OPEN, {"feed": feed})).all()
    return [(row, body_of(connection, feed, row)) for row in rows]
