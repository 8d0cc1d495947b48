"""What the desk answers when it refuses: problem+json to programs, a page to whoever opened the address in a browser.

It must never say more than the failure does: texts of a library, a query or a body stay inside.
"""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from jikimi.app.tries import READS, registered
from jikimi.kernel.errors import (
    Forbidden,
    JikimiError,
    Malformed,
    NotFound,
    OwnCase,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from jikimi.screens.refusals import for_a_person, refusal

_log = structlog.get_logger()


def refusing(app: FastAPI) -> None:
    """Let every failure of a route become an answer."""
    app.add_exception_handler(JikimiError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DBAPIError, _on_database)
    app.add_exception_handler(PoolTimeout, _on_pool)
    app.add_exception_handler(Exception, _on_bug)


def problem(request: Request, error: JikimiError) -> Response:
    """An application/problem+json answer, or the page that says the same to a person."""
    if for_a_person(request):
        answer: Response = refusal(request, error.code, int(error.status))
    else:
        answer = JSONResponse(error.problem(), int(error.status), media_type="application/problem+json")
    # A bug's answer is made outside of everything that would say so.
    answer.headers.setdefault("Cache-Control", "no-store")
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.extra.get("retry_after_s") or 1)
    if isinstance(error, Unauthenticated):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="jikimi"'
    return answer


async def _on_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, JikimiError)
    if isinstance(error, OwnCase):
        await registered(request, error)
    elif isinstance(error, Forbidden) or (isinstance(error, NotFound) and request.method not in READS):
        await registered(request)
    return problem(request, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return problem(request, Malformed(f"{field}: {first['msg']}", field=field))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem(request, NotFound("There is nothing at this address."))
    if for_a_person(request):
        return refusal(request, "", error.status_code)
    body = {"type": "about:blank", "title": HTTPStatus(error.status_code).phrase, "status": error.status_code}
    return JSONResponse(body, error.status_code, headers=error.headers, media_type="application/problem+json")


async def _on_database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    _log.warning("database", error=type(error.orig).__name__)
    return problem(request, Unavailable("The record does not answer; nothing was changed."))


async def _on_pool(request: Request, error: Exception) -> Response:
    _log.warning("database", error=type(error).__name__)
    return problem(request, Unavailable("The record does not answer; nothing was changed."))


async def _on_bug(request: Request, error: Exception) -> Response:
    _log.error("unexpected", error=type(error).__name__)
    return problem(request, JikimiError())
