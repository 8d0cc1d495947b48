"""A connection to NATS whose calls end when they are cancelled. It must never let a cancellation pass unheard.

The client waits with ``asyncio.wait_for``, which on Python 3.11 answers instead of ending when the answer and the
cancellation come in one turn of the loop (cpython gh-86296), and it drops a cancellation while it waits for room to send.
A task whose only cancellation is lost goes on for ever, and so does whoever waits for its end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from nats.aio.client import Client

P = ParamSpec("P")
T = TypeVar("T")


def heeding(call: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """``call``, ending with CancelledError whenever its task was cancelled meanwhile, whatever it answers or raises."""

    @wraps(call)
    async def heeded(*args: P.args, **kwargs: P.kwargs) -> T:
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        try:
            answer = await call(*args, **kwargs)
        except Exception:
            _raise_if_cancelled(task, before)
            raise
        _raise_if_cancelled(task, before)
        return answer

    return heeded


def _raise_if_cancelled(task: "asyncio.Task[Any] | None", before: int) -> None:
    if task and task.cancelling() > before:
        raise asyncio.CancelledError


class HeedingClient(Client):
    """The library's client, with every call that waits made to heed."""

    connect = heeding(Client.connect)
    request = heeding(Client.request)
    publish = heeding(Client.publish)
    subscribe = heeding(Client.subscribe)
    flush = heeding(Client.flush)
