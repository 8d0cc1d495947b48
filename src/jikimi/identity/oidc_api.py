"""The way to an organisation's own sign-in and back, for browsers, and its word that somebody signed out there. It must never
say in an address who came back, nor to whoever asks to end a session whether there was one.

Two are addresses a browser is sent to, so a refusal leads to our sign-in page with a code; the page has the sentence.
"""

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from jikimi.identity import cookies, elsewhere
from jikimi.identity.doors import PATHS
from jikimi.identity.elsewhere import Back
from jikimi.identity.pace import tries_of
from jikimi.identity.provider import Errand, Provider, ProviderAway
from jikimi.kernel.errors import JikimiError, NotFound, TooLarge, TooMany

router = APIRouter(prefix="/api/sessions/oidc", include_in_schema=False)

COOKIE: Final = "jikimi_errand"
SIGN_IN: Final = "/sign-in"
_ERRANDS: Final = "errands"
_WORDS: Final = "words"
_HOME: Final = "/access"
_LONGEST: Final = 2048
_LONGEST_TOKEN: Final = 16 * 1024


def _provider(request: Request) -> Provider:
    provider: Provider | None = getattr(request.app.state, "provider", None)
    if provider is None:
        raise NotFound("No sign-in of an organisation is set up here.")
    return provider


Elsewhere = Annotated[Provider, Depends(_provider)]


@router.get("")
async def go(request: Request, provider: Elsewhere) -> RedirectResponse:
    """Send the browser to the provider, with an errand in a cookie that only our way back is sent."""
    state = request.app.state
    try:
        _spend(request, _ERRANDS)
        errand, address = await elsewhere.go(state.service, state.clock, provider)
    except ProviderAway as error:
        _give_back(request, _ERRANDS)
        return _refused(error)
    except JikimiError as error:
        return _refused(error)
    answer = _to(address)
    answer.set_cookie(
        COOKIE, errand.secret, max_age=int(elsewhere.ERRAND_S), path=router.prefix, httponly=True,
        secure=cookies.in_clear_never(request), samesite="lax",
    )  # fmt: skip
    return answer


@router.get("/callback")
async def come_back(request: Request, provider: Elsewhere) -> RedirectResponse:
    """Whoever comes back signs in and is led to the own role's page."""
    state, said = request.app.state, request.query_params
    back = Back(said.get("state", ""), said.get("code", "")[:_LONGEST], said.get("iss"))
    errand = Errand(request.cookies.get(COOKIE, ""))
    try:
        signed = await elsewhere.come_back(
            state.service, state.clock, provider, errand, back, getattr(state, "greet", None)
        )
    except JikimiError as error:
        return _refused(error)
    _give_back(request, _ERRANDS)
    answer = _to(PATHS.get(signed.actor.role, _HOME))
    cookies.give(request, answer, signed)
    answer.delete_cookie(COOKIE, path=router.prefix, httponly=True, samesite="lax")
    return answer


@router.post("/back-channel")
async def go_out(request: Request, provider: Elsewhere) -> Response:
    """The provider says that a session of somebody is over there (OpenID Connect Back-Channel Logout 1.0): it is here, too.

    Raises NoSignOut, ProviderAway, TooMany, TooLarge; the answer is the same whether or not there was one.
    """
    state = request.app.state
    _spend(request, _WORDS)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_TOKEN:
            raise TooLarge(f"A logout token takes at most {_LONGEST_TOKEN} bytes.")
    said = parse_qs(body.decode("ascii", "replace")).get("logout_token", [])
    await elsewhere.go_out(state.service, state.clock, provider, said[0] if len(said) == 1 else "")
    _give_back(request, _WORDS)
    return Response(headers={"Cache-Control": "no-store"})


def _spend(request: Request, what: str) -> None:
    state = request.app.state
    if tries_of(state, what).spend(_address(request), state.clock.unix()):
        raise TooMany("Too many tries to sign in from this address.")


def _give_back(request: Request, what: str) -> None:
    state = request.app.state
    tries_of(state, what).give_back(_address(request), state.clock.unix())


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _refused(error: JikimiError) -> RedirectResponse:
    answer = _to(f"{SIGN_IN}?refused={error.code}")
    answer.delete_cookie(COOKIE, path=router.prefix, httponly=True, samesite="lax")
    return answer


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-store"})
