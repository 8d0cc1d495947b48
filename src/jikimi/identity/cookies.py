"""The session's cookie, for browsers. It must never be readable by a script, nor travel with another site's question."""

from starlette.requests import Request
from starlette.responses import Response

from jikimi.identity.asking import COOKIE
from jikimi.identity.model import SignedIn
from jikimi.identity.service import SESSION_S


def in_clear_never(request: Request) -> bool:
    """Whether a cookie must be kept from unencrypted ways: browsers come by TLS, to us or to what stands before us."""
    return request.url.scheme == "https" or getattr(request.app.state, "behind_tls", False)


def give(request: Request, response: Response, signed: SignedIn) -> None:
    """Put the new session into the answer; nobody on the way keeps it."""
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE, signed.token, max_age=int(SESSION_S), path="/", secure=in_clear_never(request), httponly=True,
        samesite="strict",
    )  # fmt: skip


def take_back(response: Response) -> None:
    """Let the browser forget it."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
