"""Connections to NATS, and the streams' set-up. It must never go on with a server too old to keep its promises."""

import asyncio
import json
import re
from typing import Any

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from jikimi.kernel.errors import Misconfigured, Unavailable
from jikimi.stream import names
from jikimi.stream.heeding import HeedingClient

OLDEST = (2, 11)
"""2.9 and 2.10 silently ignore parts of a stream's configuration."""

_log = structlog.get_logger()


async def connect(url: str, role: str, patience_s: float = 30) -> Client:
    """Connected and checked, retried for ``patience_s`` and afterwards for ever; raises Misconfigured."""
    last: list[Exception] = []

    async def complain(error: Exception) -> None:
        # A refusal says more than the broken connection that follows it.
        if not (last and "Authorization" in str(last[0])):
            last[:] = [error]
        _log.warning("nats", role=role, error=type(error).__name__, detail=str(error)[:200])

    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        try:
            client = HeedingClient()
            # The library's own first attempt would go on for ever.
            async with asyncio.timeout(max(1.0, deadline - asyncio.get_running_loop().time())):
                await client.connect(
                    url,
                    name=f"jikimi-{role}",
                    inbox_prefix=names.inbox(role).encode(),
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.1,  # type: ignore[arg-type]  # annotated int, slept as it is
                    connect_timeout=2,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    pending_size=32 * 1024 * 1024,
                    allow_reconnect=True,
                    error_cb=complain,
                )
        except (OSError, NatsError, TimeoutError) as error:
            if asyncio.get_running_loop().time() > deadline:
                why = str(last[0]) if last else type(error).__name__
                raise Misconfigured(f"No NATS server lets us in ({why[:100]}).") from error
            await asyncio.sleep(0.1)
        else:
            break
    try:
        check_version(str(client.connected_server_version))
    except Misconfigured:
        await client.close()
        raise
    return client


def check_version(version: str) -> None:
    """Raises Misconfigured, naming the version, below 2.11."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST:
        raise Misconfigured(f"This NATS server is {version}; Jikimi needs 2.11 or newer, which keeps what it is told.")


async def api(
    client: Client, subject: str, body: dict[str, object] | None = None, timeout_s: float = 5
) -> dict[str, Any]:
    """One JetStream API call; raises Unavailable with the server's words when it refuses."""
    try:
        answer = await client.request(
            f"$JS.API.{subject}", json.dumps(body).encode() if body else b"", timeout=timeout_s
        )
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"NATS does not answer ({type(error).__name__}).") from error
    reply: dict[str, Any] = json.loads(answer.data)
    if "error" in reply:
        raise Unavailable(f"NATS refused: {reply['error'].get('description')}", err_code=reply["error"].get("err_code"))
    return reply


async def set_up(client: Client) -> None:
    """Create every stream, or bring it to today's configuration."""
    existing = await api(client, "STREAM.NAMES")
    present = set(existing.get("streams") or [])
    for stream in names.streams():
        verb = "UPDATE" if stream["name"] in present else "CREATE"
        await api(client, f"STREAM.{verb}.{stream['name']}", stream)


async def append(
    client: Client, subject: str, body: bytes, message_id: str | None = None, patience_s: float = 5
) -> int:
    """Append to the stream that owns ``subject`` and return its sequence once it is on disk.

    Retried under the same id, which the server knows for two minutes, so that a lost acknowledgement doubles nothing.
    Raises Unavailable when ``patience_s`` has passed.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    headers = {"Nats-Msg-Id": message_id} if message_id else None
    while True:
        try:
            answer = await client.request(subject, body, timeout=min(1.0, patience_s), headers=headers)
            reply = json.loads(answer.data)
            if "error" not in reply:
                return int(reply["seq"])
            reason = str(reply["error"].get("description"))
        except (NatsError, TimeoutError, OSError) as error:
            reason = type(error).__name__
        if loop.time() > deadline:
            raise Unavailable(f"The log does not answer ({reason}).")
        await asyncio.sleep(0.05)
