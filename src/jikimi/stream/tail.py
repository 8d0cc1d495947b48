"""Reads a stream in order, from a sequence, for ever. It must never skip a message or pass one twice.

An ephemeral consumer without acknowledgements: where we are is the caller's own record (a snapshot, a cursor in the
same transaction), and a dead server or a gap is answered by a new consumer from there.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from jikimi.kernel.errors import JikimiError
from jikimi.stream.client import api

_log = structlog.get_logger()
_SILENCE_S = 1.5
_LOOK_S = 0.1
_HEARTBEAT_NS = 500_000_000
_EXPIRES_NS = 30_000_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: its sequence in the stream read, its subject, its bytes and how many wait behind it.

    ``origin`` is the sequence in the stream it was sourced from, else its own.
    """

    seq: int
    subject: str
    body: bytes
    pending: int
    origin: int


class Tail:
    """Iterate ``batches()``; ``after`` is always the sequence of the last entry handed out."""

    def __init__(
        self, client: Client, stream: str, after: int = 0, subjects: list[str] | None = None, batch: int = 512
    ) -> None:
        """Read ``stream`` past sequence ``after``, only ``subjects`` if given; at most ``batch`` entries a time."""
        self.client, self.stream, self.after, self.subjects, self.batch = client, stream, after, subjects, batch
        self._arrived: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._expected = 1
        self._broken = False
        self._outstanding = 0
        self._last_word = 0.0
        self._generation = ""

    async def batches(self) -> AsyncIterator[list[Entry]]:
        """Lists of entries in order, each as soon as there is anything; ends only by cancellation."""
        while True:
            try:
                async for batch in self._consume():
                    yield batch
            except (NatsError, TimeoutError, OSError, JikimiError) as error:
                _log.info("tail", stream=self.stream, after=self.after, error=type(error).__name__)
                await asyncio.sleep(0.1)

    async def _consume(self) -> AsyncIterator[list[Entry]]:
        self._generation = uuid4().hex
        self._arrived.clear()
        self._expected, self._outstanding, self._broken = 1, 0, False
        inbox = self.client.new_inbox()
        subscription = await self.client.subscribe(inbox, cb=self._on_message)
        name = f"tail-{self._generation}"
        try:
            await api(self.client, f"CONSUMER.CREATE.{self.stream}.{name}", self._config(name))
            loop = asyncio.get_running_loop()
            self._last_word = loop.time()
            reconnects = self.client.stats["reconnects"]
            while not self._broken and self.client.stats["reconnects"] == reconnects:
                if self._outstanding < self.batch // 2:
                    await self._ask(name, inbox)
                if not self._arrived:
                    self._wake.clear()
                    try:
                        async with asyncio.timeout(_LOOK_S):  # wait_for may swallow a cancellation
                            await self._wake.wait()
                    except TimeoutError:
                        if loop.time() - self._last_word > _SILENCE_S:
                            return
                    continue
                batch = [self._arrived.popleft() for _ in range(min(self.batch, len(self._arrived)))]
                self.after = batch[-1].seq
                yield batch
        finally:
            try:
                await subscription.unsubscribe()
            except NatsError:
                _log.debug("tail", stream=self.stream, note="was already disconnected")

    def _config(self, name: str) -> dict[str, object]:
        config: dict[str, object] = {
            "name": name, "deliver_policy": "by_start_sequence", "opt_start_seq": self.after + 1, "ack_policy": "none",
            "replay_policy": "instant", "mem_storage": True, "num_replicas": 1, "inactive_threshold": 60_000_000_000,
        }  # fmt: skip
        if self.subjects:
            config["filter_subjects"] = self.subjects
        return {"stream_name": self.stream, "config": config}

    async def _ask(self, name: str, inbox: str) -> None:
        body = f'{{"batch":{self.batch},"expires":{_EXPIRES_NS},"idle_heartbeat":{_HEARTBEAT_NS}}}'
        await self.client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{name}", body.encode(), reply=inbox)
        self._outstanding += self.batch

    async def _on_message(self, message: Msg) -> None:
        self._last_word = asyncio.get_running_loop().time()
        headers = message.headers
        if not message.reply and headers and "Status" in headers:
            self._on_status(headers["Status"], headers.get("Nats-Pending-Messages"))
            return
        # $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>
        parts = message.reply.split(".")
        if self._generation not in parts[-6]:
            return
        if int(parts[-3]) != self._expected:
            self._broken = True
        else:
            self._expected += 1
            self._outstanding -= 1
            seq = int(parts[-4])
            source = headers.get("Nats-Stream-Source") if headers else None
            origin = int(source.split(" ")[1]) if source else seq
            self._arrived.append(Entry(seq, message.subject, message.data, int(parts[-1]), origin))
        self._wake.set()

    def _on_status(self, status: str, undelivered: str | None) -> None:
        if status == "100":
            return
        if status == "408":
            self._outstanding = max(0, self._outstanding - int(undelivered or self.batch))
        else:
            self._broken = True
        self._wake.set()


async def last_values(client: Client, stream: str, subjects: list[str] | None = None) -> list[Entry]:
    """All that a last-value stream holds now, oldest first; empty when it holds nothing."""
    info = await api(client, f"STREAM.INFO.{stream}")
    last = int(info["state"]["last_seq"])
    if not info["state"]["messages"]:
        return []
    found: list[Entry] = []
    tail = Tail(client, stream, 0, subjects)
    # A filter may leave nothing to wait for, so what is left is read off the entries themselves.
    count = await _matching(client, stream, subjects)
    if count == 0:
        return []
    async for batch in tail.batches():
        found += batch
        if batch[-1].pending == 0 or batch[-1].seq >= last:
            return found
    return found


async def _matching(client: Client, stream: str, subjects: list[str] | None) -> int:
    if subjects is None:
        return 1
    total = 0
    for subject in subjects:
        info = await api(client, f"STREAM.INFO.{stream}", {"subjects_filter": subject})
        total += sum((info["state"].get("subjects") or {}).values())
    return total
