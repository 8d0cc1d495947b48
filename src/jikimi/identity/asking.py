"""Who is asking, for every HTTP route and WebSocket. It must never take a token from an address line: those are logged.

A token comes in ``Authorization: Bearer`` (RFC 6750) or in the session cookie. A browser sends the cookie for any page
that asks it to, so with it the Origin must be our own Host (RFC 6454) wherever something could change.
"""

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from jikimi.identity import service
from jikimi.identity.model import Actor
from jikimi.kernel.errors import Forbidden, Unauthenticated

COOKIE: Final = "jikimi_session"
PURPOSE: Final = "Jikimi-Purpose"
_LONGEST_PURPOSE: Final = 64
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN: Final = "The request comes from a page that is not ours."


async def signed_in(request: Request) -> Actor:
    """The dependency of every route for people; raises Unauthenticated, or Forbidden for another site's page.

    The header ``Jikimi-Purpose`` names what is asked for; without it the role's usual purpose holds.
    """
    token, by_cookie = _token(request)
    if by_cookie and request.method not in _SAFE and not from_our_page(request):
        raise Forbidden(_FOREIGN, advice="Open Jikimi itself and do it there.")
    actor = await _actor(request, token)
    if actor is None:
        raise Unauthenticated("Nobody is signed in with this request.")
    purpose = request.headers.get(PURPOSE)
    if purpose is not None:
        actor = replace(actor, purpose=purpose[:_LONGEST_PURPOSE])
    request.state.actor = actor
    return actor


async def actor_of_websocket(websocket: WebSocket) -> Actor | None:
    """The same for a WebSocket's opening request; None means: close it."""
    token, by_cookie = _token(websocket)
    if by_cookie and not from_our_page(websocket):
        return None
    return await _actor(websocket, token)


def token_of(connection: HTTPConnection) -> str:
    """The token it came with, for whoever must ask again later whether it still holds; empty without one."""
    return _token(connection)[0]


def from_our_page(connection: HTTPConnection) -> bool:
    """Whether Origin names the Host that was asked."""
    try:
        origin = urlsplit(connection.headers.get("origin", ""))
    except ValueError:
        return False
    host = connection.headers.get("host", "")
    return origin.scheme in {"http", "https"} and bool(host) and origin.netloc.lower() == host.lower()


def _token(connection: HTTPConnection) -> tuple[str, bool]:
    """The token and whether it came by cookie; a header, even a wrong one, is never overruled by the cookie."""
    header = connection.headers.get("authorization")
    if header is None:
        cookie = connection.cookies.get(COOKIE, "")
        return cookie, bool(cookie)
    scheme, _, token = header.partition(" ")
    return (token.strip() if scheme.lower() == "bearer" else ""), False


async def _actor(connection: HTTPConnection, token: str) -> Actor | None:
    state = connection.app.state
    return await service.actor_for(state.service, state.clock, token) if token else None
