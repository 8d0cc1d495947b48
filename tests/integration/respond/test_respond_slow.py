"""A terminal that stops reading: it is cut off in time, costs nobody anything, and its officer's order goes on."""

import asyncio
import secrets
import select
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.integration.respond.test_respond_live import Desk, desk, until

from jikimi.respond import feeds
from jikimi.respond.model import Message, unit_feed

__all__ = ["desk"]
LARGE = "x" * 60_000


@asynccontextmanager
async def deaf(desk: Desk, who: str) -> AsyncIterator[socket.socket]:
    """A terminal that says what opens a line and never reads a byte."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, _, port = desk.url.removeprefix("http://").partition(":")
    made.connect((host, int(port)))
    key = b64encode(secrets.token_bytes(16)).decode()
    made.sendall(
        f"GET /api/live HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\nAuthorization: Bearer {desk.tokens[who]}\r\n\r\n".encode()
    )
    with made:
        yield made


def gone(line: socket.socket) -> bool:
    """Whether the other side has ended the connection, seen without reading."""
    poll = select.poll()
    poll.register(line, select.POLLRDHUP)
    return bool(poll.poll(0))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has no fifteen seconds."""
    monkeypatch.setattr("jikimi.app.common.PING_S", 0.5)
    monkeypatch.setattr("jikimi.app.common.PONG_S", 1.0)
    monkeypatch.setattr("jikimi.app.line.PATIENCE_S", 1.0)


@pytest.mark.parametrize("full", [False, True])
async def test_a_terminal_that_never_reads_is_cut_off_and_its_order_escalates(desk: Desk, full: bool) -> None:  # noqa: FBT001 - a parameter
    """Whether its line is full or merely silent, it ends in time; the order counts as undelivered and others are served."""
    site = desk.site
    room = await desk.terminal("police")
    async with deaf(desk, "p1") as line:
        await asyncio.sleep(0.3)
        assert not gone(line)
        await site.take(site.alert())
        if full:
            feed = unit_feed(site.ids["p1"])
            flood = [Message(feed, site.ids["police"], "page", {"why": "", "text": LARGE}) for _ in range(300)]
            await feeds.publish(site.client, flood)
        await until(lambda: gone(line), 8)
    await until(lambda: [one for one in room.of("message") if one["kind"] == "alert"])
    await site.pass_time(site.responder.response.deliver_s + 0.1)
    pages = [one["body"] for one in await site.feed("police") if one["kind"] == "page"]
    assert "P-1" in {page["callsign"] for page in pages if page["why"] == "undelivered"}
    assert "p2" in {row["ref"] for row in await site.taskings()}, "the next unit was not asked"
    again = await desk.terminal("p1")
    assert [one["kind"] for one in again.of("welcome")[0]["open"]] == ["tasking"]
