"""How the registry's routes refuse what they cannot read. It must never take a body whose length is not told."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from jikimi.kernel.errors import Malformed, TooLarge
from jikimi.registry.fields import refusal

MOST_BYTES: Final = 64 * 1024 * 1024
"""One request's body; a province's boundaries are about a third of it."""


class PreciseRoute(APIRoute):
    """A route whose refusals name list, index and field, and whose answers nobody keeps."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's own."""
        handle = super().get_route_handler()

        async def precise(request: Request) -> Response:
            check_length(request)
            try:
                response = await handle(request)
            except RequestValidationError as error:
                raise _named(error) from None
            except HTTPException as error:
                if error.status_code != HTTPStatus.BAD_REQUEST:
                    raise
                raise Malformed("The body cannot be read as JSON.") from None
            response.headers["Cache-Control"] = "no-store"
            return response

        return precise


def check_length(request: Request) -> None:
    """Raise TooLarge for a body past ``MOST_BYTES``, Malformed for one of untold length."""
    if "transfer-encoding" in request.headers:
        raise Malformed("Say how long the body is (Content-Length).")
    if int(request.headers.get("content-length", "0")) > MOST_BYTES:
        raise TooLarge(f"A body takes at most {MOST_BYTES} bytes.")


def _named(error: RequestValidationError) -> Malformed:
    errors = error.errors()
    if errors[0]["type"] == "json_invalid":
        return Malformed("The body cannot be read as JSON.")
    return refusal(errors)
