"""The simulation's connections to a desk that closes what is idle."""

import asyncio
from contextlib import suppress

import pytest

from jikimi.simulate.live.http import Address


class Desk:
    """Answers on every connection; hangs up on all of them when told to, as an idle desk does."""

    def __init__(self) -> None:
        self.lines: list[asyncio.StreamWriter] = []
        self.made = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.made += 1
        self.lines.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(0.05)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def hang_up(self) -> None:
        """Close every connection."""
        while self.lines:
            self.lines.pop().close()


async def test_connections_that_were_all_closed_meanwhile_are_followed_by_a_fresh_one() -> None:
    """After a pause every kept connection is gone: the next question is answered all the same."""
    desk = Desk()
    server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
    line = Address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        await asyncio.gather(*(line.ask("GET", "/") for _ in range(3)))
        assert desk.made == 3
        desk.hang_up()
        await asyncio.sleep(0.1)
        assert await line.ask("GET", "/") == {}
        assert desk.made == 4
        await line.close()
        desk.hang_up()


async def test_a_desk_that_hangs_up_on_everybody_is_away() -> None:
    """An answer that never comes is told as the other side being away, which whoever asks knows how to wait for."""

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    line = Address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        with pytest.raises(ConnectionError):
            await line.ask("GET", "/")
