"""Asking over HTTP with as little as a client needs: kept connections, JSON both ways. It must never hide a refusal."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from jikimi.kernel.errors import JikimiError, Malformed

_PATIENCE_S = 20.0


class Refused(JikimiError):
    """The other side said no, in its own words."""

    code = "refused"


class Address:
    """One HTTP address and the connections to it; a request waits for a free one when all are busy."""

    def __init__(self, url: str, lines: int = 32) -> None:
        """``url`` like http://127.0.0.1:8340; raises Malformed for another."""
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme != "http" or not parts.hostname:
            raise Malformed("A simulation speaks plain HTTP: http://HOST:PORT.", field="url")
        self.url, self.host, self.port = url.rstrip("/"), parts.hostname, parts.port or 80
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._turns = asyncio.Semaphore(lines)

    async def ask(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """The answer's JSON (None for none); raises Refused with the other side's sentence, OSError when it is away."""
        status, answer = await self.exchange(method, path, body, token)
        if status >= _REFUSALS:
            said = answer if isinstance(answer, dict) else {}
            raise Refused(f"{method} {path}: {status} {said.get('detail', '')}".strip())
        return answer

    async def exchange(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """Status and JSON."""
        text = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Length: {len(text)}\r\n"
        head += f"Authorization: Bearer {token}\r\n" if token else ""
        head += "Content-Type: application/json\r\n\r\n"
        async with self._turns, asyncio.timeout(_PATIENCE_S):
            for again in (True, False):
                kept = bool(self._free)
                line = self._free.pop() if kept else await asyncio.open_connection(self.host, self.port)
                try:
                    status, answer = await _one(line, head.encode() + text)
                except (OSError, EOFError) as error:
                    line[1].close()
                    # Kept connections may all have been closed meanwhile; a fresh one tells the truth.
                    await self.close()
                    if again and kept:
                        continue
                    raise ConnectionError(self.url) from error
                self._free.append(line)
                return status, answer
        raise ConnectionError(self.url)

    async def close(self) -> None:
        """Close every kept connection."""
        while self._free:
            self._free.pop()[1].close()


_REFUSALS = 400


async def _one(line: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> tuple[int, Any]:
    reader, writer = line
    writer.write(request)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for field in head.split(b"\r\n")[1:]:
        if field[:15].lower() == b"content-length:":
            length = int(field[15:])
    body = await reader.readexactly(length) if length else b""
    return int(head[9:12]), json.loads(body) if body[:1] in {b"{", b"["} else None
