"""Serves the built screens from the package. It must never serve a file outside its folder, nor let a page load
anything from elsewhere but a map style the installation itself names.
"""

import secrets
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES: Final = ("/", "/sign-in", "/console", "/field", "/access", "/roster", "/consent")
TILES: Final = "map/korea.pmtiles"
_NONCE: Final = "__NONCE__"
_UNBUILT: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Jikimi</title>"
    "<p>The screens are not built here. Run <code>make screens</code> in the source tree, or install the wheel, which "
    "carries them. The API works without them.</p>"
    "<p lang=ko>화면이 아직 만들어지지 않았습니다. <code>make screens</code>를 실행하십시오.</p></html>"
)


def built() -> Path:
    """Where the built files are, if they are."""
    return Path(__file__).parent / "built"


def screens(app: FastAPI) -> None:
    """Add the pages, their files and the headers that keep them to themselves."""
    for path in PAGES:
        app.add_api_route(path, _page, methods=["GET"], include_in_schema=False)
    app.mount("/assets", _Files(built() / "assets", "public, max-age=31536000, immutable"))
    app.mount("/map", _Files(built() / "map", "public, max-age=3600"))
    app.add_middleware(_Guarded)


async def _page(request: Request) -> Response:
    index = built() / "index.html"
    if not index.is_file():
        return HTMLResponse(_UNBUILT, 503, headers={"Cache-Control": "no-store"})
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy(nonce, getattr(request.app.state, "map_style", None)),
    }
    return HTMLResponse(index.read_text("utf-8").replace(_NONCE, nonce), headers=headers)


def policy(nonce: str, map_style: str | None = None) -> str:
    """What a page of ours may do: load from here, and from the host of a map style of yours."""
    style = urlsplit(map_style or "")
    maps = f" {style.scheme}://{style.netloc}" if style.netloc else ""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; font-src 'self'; img-src 'self' data: blob:{maps}; "
        f"connect-src 'self'{maps}; worker-src 'self'; manifest-src 'self'"
    )


class _Files:
    """Static files with one caching rule; a folder that is not there answers 404, not an error."""

    def __init__(self, folder: Path, caching: str) -> None:
        self._files, self._caching = StaticFiles(directory=folder, check_dir=False), caching

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                message["headers"] = [*message["headers"], (b"cache-control", self._caching.encode())]
            await send(message)

        await self._files(scope, receive, told)


class _Guarded:
    """Headers every answer has."""

    _ALWAYS: Final = (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"geolocation=(self), camera=(), microphone=()"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                more = list(self._ALWAYS)
                if scope["path"].startswith("/api/") and b"cache-control" not in names:
                    more.append((b"cache-control", b"no-store"))
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, told)
