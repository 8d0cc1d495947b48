"""A load generator's HTTP and WebSocket lines: as little work as a client can do, so that it measures the server."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import websockets


class HttpLine(asyncio.Protocol):
    """One kept-alive connection. A request sent while another is out waits for its turn, and that wait counts."""

    def __init__(self) -> None:
        self._out: deque[asyncio.Future[int] | None] = deque()
        self._waiting: deque[tuple[bytes, asyncio.Future[int] | None]] = deque()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self.answered = 0
        self.failed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits, waits in vain."""
        del exc
        for future in (*self._out, *(future for _, future in self._waiting)):
            self.failed += 1
            if future and not future.done():
                future.set_result(0)
        self._out.clear()
        self._waiting.clear()
        self._transport = None

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return self._transport is not None

    def send(self, request: bytes, future: asyncio.Future[int] | None = None) -> None:
        """Send a whole request; ``future`` gets the status."""
        if self._out:
            self._waiting.append((request, future))
        elif self._transport is not None:
            self._out.append(future)
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read answers: a head, and as many bytes as it announces."""
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            length = 0
            for line in head.split(b"\r\n")[1:]:
                if line[:15].lower() == b"content-length:":
                    length = int(line[15:])
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._done(int(head[9:12]))

    def _done(self, status: int) -> None:
        future = self._out.popleft()
        self.answered += 1
        if status not in (200, 201, 204):
            self.failed += 1
        if future and not future.done():
            future.set_result(status)
        if self._waiting and self._transport:
            request, future = self._waiting.popleft()
            self._out.append(future)
            self._transport.write(request)


async def http_lines(port: int, count: int) -> list[HttpLine]:
    """``count`` connections to a loopback port."""
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(HttpLine, "127.0.0.1", port))[1] for _ in range(count)]


def request(method: str, path: str, body: bytes, key: str) -> bytes:
    """A request as bytes."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def fix_request(device: str, key: str, t: float, lon: float, lat: float) -> bytes:
    """One fix, as a device posts it."""
    body = f'{{"device":"{device}","t":{t:.3f},"lon":{lon:.7f},"lat":{lat:.7f},"accuracy_m":8,"source":"gnss"}}'
    return request("POST", "/v1/fixes", body.encode(), key)


def closing(incident: str, tasking: str, officer: str, room: str) -> list[bytes]:
    """What ends an incident: an officer accepts and is on scene, the room closes; ``officer`` and ``room`` are tokens."""
    said = [b'{"state":"accepted"}', b'{"state":"on_scene"}']
    close = b'{"cause":"real_approach","response":"both_on_scene","outcome":"apprehended"}'
    return [
        *(request("POST", f"/api/taskings/{tasking}/answer", body, officer) for body in said),
        request("POST", f"/api/incidents/{incident}/close", close, room),
    ]


async def terminal(port: int, token: str, heard: Callable[[dict[str, Any], float], None]) -> None:
    """An officer's terminal: confirms every message, calls ``heard(message, when)``; reconnects and resumes for ever."""
    last: int | None = None
    while True:
        where = f"ws://127.0.0.1:{port}/api/live" + (f"?after={last}" if last is not None else "")
        try:
            async with websockets.connect(where, additional_headers={"Authorization": f"Bearer {token}"}) as line:
                async for text in line:
                    when = time.time()
                    said = json.loads(text)
                    messages = (
                        said["open"] if said["type"] == "welcome" else [said] if said["type"] == "message" else []
                    )
                    if said["type"] == "welcome":
                        last = max(said["after"], last or 0)
                    for message in messages:
                        heard(message, when)
                        if message["seq"] is not None:
                            last = max(last or 0, message["seq"])
                            await line.send(f'{{"type":"ack","seq":{message["seq"]}}}')
        except (OSError, websockets.WebSocketException):
            await asyncio.sleep(0.05)
