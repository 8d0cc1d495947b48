"""A long answer that somebody reads slowly: it arrives whole while they may have it, and ends within a second when not."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import uuid4

import pytest
from sqlalchemy.exc import SQLAlchemyError
from tests.integration.respond.test_respond_live import Desk, desk, shut, until

from jikimi.share import grants

__all__ = ["desk"]
MANY = 900
LABEL = "wearer-0123456789-" * 10
SIP = 2048


class Reader:
    """A client that takes a long list in sips."""

    def __init__(self, desk: Desk, who: str = "clerk", path: str = "/api/registry/people") -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SIP)
        self.socket.setblocking(False)
        self.port = int(desk.url.rsplit(":", 1)[1])
        self.asked = f"GET {path} HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer {desk.tokens[who]}\r\nConnection: close\r\n\r\n"
        self.had = bytearray()

    async def begin(self) -> None:
        """Ask, and take the first of it."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        await loop.sock_sendall(self.socket, self.asked.encode())
        await self.sip()

    async def sip(self) -> bool:
        """A little more; False at the end."""
        piece = b""
        with suppress(ConnectionError):
            piece = await asyncio.get_running_loop().sock_recv(self.socket, SIP)
        self.had += piece
        return bool(piece)

    async def rest(self) -> int:
        """Everything that still comes; returns how much."""
        before = len(self.had)
        while await self.sip():
            pass
        self.socket.close()
        return len(self.had) - before

    def whole(self) -> bool:
        """Whether all arrived that was announced."""
        head, _, body = bytes(self.had).partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        assert length > 192 * 1024
        return len(body) == length


@pytest.fixture
async def crowded(desk: Desk) -> Desk:
    """A desk whose registrar keeps a long list."""
    people = {"people": [{"label": f"{LABEL}{n}"} for n in range(MANY)]}
    assert (await desk.call("clerk", "POST", "/api/registry/import", people)).status_code == 200
    return desk


async def signed_out(desk: Desk) -> None:
    """They sign out elsewhere."""
    assert (await desk.call("clerk", "DELETE", "/api/sessions/current")).status_code == 204


async def ended_elsewhere(desk: Desk) -> None:
    """Another process ends the session."""
    await desk.site.execute(
        "UPDATE session SET ended_at = now() WHERE account = (SELECT id FROM account WHERE name = 'it-clerk')"
    )


async def disabled(desk: Desk) -> None:
    """The account is shut."""
    await desk.site.execute("UPDATE account SET disabled_at = now() WHERE name = 'it-clerk'")


async def revoked(desk: Desk) -> None:
    """One of the grants the list rests on ends."""
    row = (await desk.site.rows(
        "SELECT id FROM access_grant WHERE agency = :police AND unit IS NULL AND ended_at IS NULL", police=desk.site.ids["police"]
    ))[0]  # fmt: skip
    async with desk.site.database.transaction() as connection:
        assert await grants.end(connection, row["id"], uuid4(), time.time())


async def tied(desk: Desk) -> None:
    """Somebody on the list turns out to be kin."""
    await desk.site.execute(
        "INSERT INTO staff_tie (account, person, relation) SELECT id, :she, 'kin' FROM account WHERE name = 'it-clerk'",
        she=desk.site.ids["she"],
    )


@pytest.mark.parametrize("end", [signed_out, ended_elsewhere, disabled, revoked, tied])
async def test_a_long_answer_ends_when_it_may_not_arrive_any_more(
    crowded: Desk, end: Callable[[Desk], Awaitable[None]]
) -> None:
    """Not a byte after one second but what lay with the reader already; and that it was cut is on the register."""
    reader, other = Reader(crowded), Reader(crowded, "police", "/api/registry/orders")
    await reader.begin()
    await asyncio.sleep(0.5)
    await end(crowded)
    await asyncio.sleep(1.0)
    assert await reader.rest() < 64 * 1024
    assert not reader.whole()
    tries = await crowded.site.rows("SELECT what, allowed FROM access_register WHERE action = 'try'")
    assert [(row["what"], row["allowed"]) for row in tries] == [("list_people", False)]
    await other.begin()
    await other.rest()
    assert b"200 OK" in other.had[:20]


async def test_a_slow_reader_gets_all_of_it(crowded: Desk, database_url: str) -> None:
    """However slowly, while others come and go, and while the record is away."""
    reader = Reader(crowded)
    await reader.begin()
    assert (await crowded.call("police", "DELETE", "/api/sessions/current")).status_code == 204
    await asyncio.sleep(0.7)
    shut(database_url, allow=False)
    await asyncio.sleep(0.7)
    await reader.rest()
    shut(database_url, allow=True)
    assert reader.whole()
    await until(lambda: _answers(crowded))
    await until(lambda: _untried(crowded))


async def _untried(desk: Desk) -> bool:
    with suppress(SQLAlchemyError):
        return await desk.site.rows("SELECT FROM access_register WHERE action = 'try'") == []
    return False


async def _answers(desk: Desk) -> bool:
    return (await desk.call("clerk", "GET", "/api/me")).status_code == 200


async def test_one_connection_asks_again_after_a_long_answer(crowded: Desk) -> None:
    """A kept connection goes on: the end of an answer is the end of watching it."""
    first = await crowded.call("clerk", "GET", "/api/registry/people")
    assert len(first.content) > 192 * 1024
    assert len(first.json()["people"]) > MANY
    assert (await crowded.call("clerk", "GET", "/api/me")).status_code == 200
