"""Signing in and out over HTTP. It must never repeat a password, in an answer or in a log."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from jikimi.identity import cookies, service
from jikimi.identity.asking import actor_of_websocket, from_our_page, signed_in
from jikimi.identity.doors import Doors
from jikimi.identity.model import Actor
from jikimi.identity.pace import network, tries_of
from jikimi.identity.schemas import ActorOut, SessionOut
from jikimi.kernel.errors import Forbidden, Malformed, TooLarge, TooMany

__all__ = ["SignedInActor", "actor_of_websocket", "router", "signed_in"]

SignedInActor = Annotated[Actor, Depends(signed_in)]
"""A route's parameter of this type is the ladder's first rung."""

router = APIRouter(prefix="/api", tags=["identity"])

_MOST_BYTES: Final = 8192


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What signing in takes."""

    name: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(…)"


_decoder = msgspec.json.Decoder(Credentials)
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["name", "password"],
                    "additionalProperties": False,
                    "properties": {
                        "name": {"type": "string"},
                        "password": {"type": "string", "format": "password"},
                    },
                }
            }
        },
    }
}


@router.post("/sessions", status_code=HTTPStatus.CREATED, openapi_extra=_BODY)
async def sign_in(request: Request, response: Response) -> SessionOut:
    """A new session by name and password; its token in the answer and, for browsers, in a cookie.

    Raises Unauthenticated (one answer for every reason), TooMany, Malformed, TooLarge, Forbidden.
    """
    if "origin" in request.headers and not from_our_page(request):
        raise Forbidden("The request comes from a page that is not ours.")
    state, address = request.app.state, request.client.host if request.client else ""
    tries = tries_of(state)
    if wait_s := tries.spend(address, state.clock.unix()):
        raise TooMany("Too many tries to sign in from this address.", retry_after_s=round(wait_s + 0.5))
    credentials = await _credentials(request)
    origin = network(address) if address else None
    greet = getattr(state, "greet", None)
    signed = await service.open_session(
        state.service, state.clock, credentials.name, credentials.password, origin, greet
    )
    tries.give_back(address, state.clock.unix())
    cookies.give(request, response, signed)
    doors: Doors | None = getattr(state, "doors", None)
    if doors is not None and "origin" in request.headers:
        doors.seated(signed.actor, asyncio.get_running_loop().time())
    return SessionOut.of(signed)


@router.delete("/sessions/current", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(request: Request, response: Response, actor: SignedInActor) -> None:
    """End the session that asks."""
    await service.sign_out(request.app.state.service, request.app.state.clock, actor)
    doors: Doors | None = getattr(request.app.state, "doors", None)
    if doors is not None:
        doors.left(actor.session)
    cookies.take_back(response)


@router.get("/me")
async def me(actor: SignedInActor, response: Response) -> ActorOut:
    """Who is signed in."""
    response.headers["Cache-Control"] = "no-store"
    return ActorOut.of(actor)


async def _credentials(request: Request) -> Credentials:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise TooLarge(f"Name and password take at most {_MOST_BYTES} bytes.")
    try:
        return _decoder.decode(bytes(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The decoder's own sentence may quote what was sent.
        raise Malformed('Send {"name": "...", "password": "..."} as JSON, and nothing else.') from None
