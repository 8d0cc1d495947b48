"""How much anybody may send to the desk before it knows who they are. It must never hold what it will not use: the same
process holds every officer's line.
"""

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jikimi.identity.asking import signed_in
from jikimi.kernel.errors import JikimiError, TooLarge

MOST_BYTES = 256 * 1024
MOST_REGISTRY_BYTES = 64 * 1024 * 1024
"""Documents and boundaries, from somebody who is signed in."""


class BodyLimit:
    """Refuses a larger body by what is announced, and stops reading one that is larger than announced."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        length = int(announced) if announced.isdecimal() and len(announced) < 20 else MOST_REGISTRY_BYTES + 1
        try:
            most = await self._most(request, length)
            if length > most:
                raise TooLarge(f"At most {most} bytes.")
        except JikimiError as error:
            await _refuse(send, error)
            return
        left = most

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge(f"At most {most} bytes.")
            return message

        await self.app(scope, bounded, send)

    async def _most(self, request: Request, length: int) -> int:
        if length > MOST_REGISTRY_BYTES:
            raise TooLarge(f"At most {MOST_REGISTRY_BYTES} bytes.")
        # Of untold length it gets no more than the least; who has more to say says how much.
        if length <= MOST_BYTES or not request.url.path.startswith("/api/registry/"):
            return MOST_BYTES
        await signed_in(request)
        return MOST_REGISTRY_BYTES


async def _refuse(send: Send, error: JikimiError) -> None:
    body = msgspec.json.encode(error.problem())
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode()),
               (b"connection", b"close")]  # fmt: skip
    await send({"type": "http.response.start", "status": int(error.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
