"""Long answers, looked at while they leave. It must never go on sending to whoever's session has ended since the answer
was begun, or whose access to somebody it names, or may show by where a unit is, however slowly they read; nor cut what
tells of nobody they have lost.
"""

import asyncio
import re
from collections.abc import Awaitable
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jikimi.app.connection import EXTENSION
from jikimi.app.tries import registered
from jikimi.identity.asking import token_of
from jikimi.identity.model import Actor
from jikimi.identity.service import actor_for
from jikimi.registry.service import ties_of
from jikimi.share.policy import Data, purpose_of
from jikimi.share.withdrawn import Ended, lost_since

PIECE: Final = 64 * 1024
"""A shorter answer is out at once."""
LOOK_S: Final = 0.3
_BEFORE_S: Final = 1.0
"""What ended so shortly before may have been read as if it held."""
_JSON: Final = b"application/json"
_UNIT: Final = b'"callsign":'
_PLACE: Final = re.compile(rb'"lat":-?\d')
_log = structlog.get_logger()


class Leaving:
    """Sends an API's long answer piece by piece, and cuts it when it may not arrive any more."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            scope.setdefault("state", {})
            send = _Answer(scope, send).send
        await self.app(scope, receive, send)


class _Answer:
    def __init__(self, scope: Scope, send: Send) -> None:
        self._request, self._onward = Request(scope), send
        self._begun = scope["app"].state.clock.unix() if EXTENSION in scope.get("extensions", {}) else 0.0
        self._connection: Any = scope.get("extensions", {}).get(EXTENSION)
        self._looked = 0.0
        self._tied: set[UUID] | None = None
        self._over = False
        self._said: bytes | None = None
        """All of it, where that is known and can be read; what it says of whom cannot be told of anything else."""
        self._plain = False

    async def send(self, message: Message) -> None:
        body = message.get("body", b"")
        more = bool(message.get("more_body"))
        if message["type"] == "http.response.start":
            self._plain = _JSON in [value for name, value in message["headers"] if name.lower() == b"content-type"]
        if message["type"] != "http.response.body" or not self._watched(len(body), more=more):
            await self._onward(message)
            return
        self._said = body if self._plain and not more and not self._looked else None
        for start in range(0, len(body), PIECE):
            if self._over:
                return
            await self._while_it_holds(
                self._onward({**message, "body": body[start : start + PIECE], "more_body": True})
            )
        if not more:
            await self._while_it_holds(self._arrived())
            await self._onward({**message, "body": b"", "more_body": False})

    def _watched(self, length: int, *, more: bool) -> bool:
        return self._connection is not None and (length > PIECE or more or self._looked > 0)

    async def _arrived(self) -> None:
        while self._connection.unsent() > 0:  # noqa: ASYNC110 - nobody tells when the peer has it
            await asyncio.sleep(LOOK_S / 10)

    async def _while_it_holds(self, sending: Awaitable[None]) -> None:
        step = asyncio.ensure_future(sending)
        loop = asyncio.get_running_loop()
        while not step.done():
            if loop.time() - self._looked >= LOOK_S:
                self._looked = loop.time()
                if not self._over:
                    await self._look()
            await asyncio.wait({step}, timeout=LOOK_S)
        step.result()

    async def _look(self) -> None:
        state, actor = self._request.app.state, getattr(self._request.state, "actor", None)
        if not isinstance(actor, Actor):
            return
        now = state.clock.unix()
        try:
            if await actor_for(state.service, state.clock, token_of(self._request)) is None:
                await self._cut()
                return
            async with state.service.transaction() as connection:
                tied = (await ties_of(connection, [actor.account])).get(actor.account, set())
                lost = await lost_since(connection, actor, self._begun - _BEFORE_S, now)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("leaving", error=type(error).__name__)
            return  # while the record is away nothing ends
        before, self._tied = self._tied, tied
        named = [one for one in lost if self._names(actor, one) or self._shows(one)]
        if before is not None and not tied <= before:
            await self._cut()
        elif named:
            # Whoever asked when it had ended already is given what is left when they ask again, and has tried nothing.
            await self._cut(tried=any(one.at > self._begun for one in named))

    def _names(self, actor: Actor, one: Ended) -> bool:
        said, purpose = str(one.subject), purpose_of(actor)
        if purpose is None or not one.read_by(actor.role, purpose):
            return False
        return self._said is None or said.encode() in self._said or said in self._request.url.path

    def _shows(self, one: Ended) -> bool:
        """Whether it says where a unit is: one beside whom they lost is told without a word of whom it stands beside."""
        said = self._said or b""
        return Data.LOCATION in one.data and _UNIT in said and _PLACE.search(said) is not None

    async def _cut(self, *, tried: bool = True) -> None:
        self._over = True
        self._connection.cut()
        if tried:
            await registered(self._request)
