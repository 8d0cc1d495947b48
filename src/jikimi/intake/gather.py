"""One flush to disk for many fixes. It must never let a waiter go before its fix is on disk.

A disk needs a millisecond or so for a flush however much is in it, so what arrives within a few milliseconds travels
in one message.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from jikimi.detect.facts import Fix, Fixes, encode
from jikimi.kernel.clock import Clock

Append = Callable[[bytes, str], Awaitable[int]]


class Gatherer:
    """Gathers fixes for ``window_s`` or until ``limit`` of them wait, appends them as one fact, then answers all."""

    def __init__(self, append: Append, clock: Clock, window_s: float = 0.003, limit: int = 512) -> None:
        """``append(body, message id)`` returns once the log has it on disk, or raises Unavailable."""
        self._append, self._clock, self._window_s, self._limit = append, clock, window_s, limit
        self._fixes: list[Fix] = []
        self._done: asyncio.Future[int] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._flushes: set[asyncio.Task[None]] = set()

    async def put(self, fixes: list[Fix]) -> int:
        """The log sequence that holds these fixes, once it is on disk; raises Unavailable and then holds nothing."""
        if self._done is None:
            loop = asyncio.get_running_loop()
            self._done = loop.create_future()
            self._timer = loop.call_later(self._window_s, self._flush)
        self._fixes += fixes
        done = self._done
        if len(self._fixes) >= self._limit:
            self._flush()
        # One waiter's disconnection must not cancel the flush that the others wait for.
        return await asyncio.shield(done)

    def _flush(self) -> None:
        if self._done is None or self._timer is None:
            return
        self._timer.cancel()
        fixes, done = self._fixes, self._done
        self._fixes, self._done, self._timer = [], None, None
        task = asyncio.get_running_loop().create_task(self._store(fixes, done))
        self._flushes.add(task)
        task.add_done_callback(self._flushes.discard)

    async def _store(self, fixes: list[Fix], done: asyncio.Future[int]) -> None:
        try:
            seq = await self._append(encode(Fixes(self._clock.unix(), fixes)), uuid4().hex)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            done.set_exception(error)
            done.exception()  # read once, so that a waiter who left is no warning
        else:
            done.set_result(seq)
