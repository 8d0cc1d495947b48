"""The doors over HTTP. It must never answer outside an exercise, nor anybody elsewhere without the printed code."""

import asyncio
import hmac
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from jikimi.identity import cookies, doors_page
from jikimi.identity.asking import from_our_page
from jikimi.identity.doors import PATHS, Doors, accounts, enter
from jikimi.identity.model import Role
from jikimi.identity.plain_page import HEADERS
from jikimi.kernel.errors import Forbidden, NotFound

router = APIRouter(prefix="/api/doors", tags=["doors"])
_qr = lru_cache(64)(doors_page.qr)


class DoorOut(BaseModel):
    """One door. ``href`` is ours and works once; ``address`` is the same for another machine, ``qr`` an image of it.

    ``used``: somebody went in once; ``held``: a person has this terminal now, so that nobody else plays it.
    """

    role: Role
    name: str
    name_en: str
    name_ko: str
    href: str
    address: str
    qr: str
    path: str
    expires_in_s: int
    used: bool
    held: bool


class DoorsOut(BaseModel):
    """Every door, when the morning began and when its story was over (Unix seconds of the exercise, or null).

    Null ``morning_at``: it waits for the button. With ``ended_at`` the button begins another. ``loopback``: the addresses
    lead to this machine alone, so that no phone can use them.
    """

    exercise: bool
    morning_at: float | None
    ended_at: float | None
    loopback: bool
    doors: list[DoorOut]


class EnteredOut(BaseModel):
    """Who went through, and the page that role works on. The session is in the cookie."""

    role: Role
    name: str
    path: str
    token: str
    exercise: bool = True


def _doors(request: Request) -> Doors:
    doors: Doors | None = getattr(request.app.state, "doors", None)
    if doors is None or not getattr(request.app.state, "exercise", False):
        raise NotFound("Doors exist in a demonstration only.")
    return doors


Demonstration = Annotated[Doors, Depends(_doors)]


def _shown(request: Request, doors: Demonstration, code: Annotated[str, Query(max_length=64)] = "") -> Doors:
    if not (_knows(code, doors) or _here(request)):
        raise Forbidden(
            "The doors are shown at the machine itself.", advice="Open the address that `jikimi demo` printed."
        )
    return doors


Shown = Annotated[Doors, Depends(_shown)]


def _knows(code: str, doors: Doors) -> bool:
    return hmac.compare_digest(code.encode(), doors.run_code.encode())


def _here(request: Request) -> bool:
    """Whether the question comes from this machine: its address, and the name it was asked under.

    A page elsewhere may make a browser here ask, under another name; a proxy asks for others.
    """
    client = request.client.host if request.client else ""
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    proxied = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    return doors_page.is_loopback(client) and doors_page.is_loopback(asked) and not proxied


@router.get("")
async def doors(request: Request, response: Response, shown: Shown) -> DoorsOut:
    """One door for each role that has a screen. In an exercise only; elsewhere there is nothing here."""
    response.headers["Cache-Control"] = "no-store"
    now, base = asyncio.get_running_loop().time(), _base(request, shown)
    held = shown.held(_lines(request), now)
    found = []
    for role, name in (await accounts(request.app.state.service)).items():
        door = shown.current(role, name, now)
        href = f"/api/doors/{door.code}"
        english, korean = doors_page.NAMES[role]
        found.append(
            DoorOut(
                role=role, name=name, name_en=english, name_ko=korean, href=href, address=base + href,
                qr=_qr(base + href), path=PATHS[role], expires_in_s=int(door.until - now), used=role in shown.used,
                held=name in held,
            )
        )  # fmt: skip
    return DoorsOut(
        exercise=True, morning_at=shown.morning, ended_at=shown.ended,
        loopback=doors_page.is_loopback(urlsplit(base).hostname or ""), doors=found,
    )  # fmt: skip


@router.post("/morning")
async def morning(request: Request, shown: Shown) -> dict[str, float]:
    """The button that starts the morning; pressed twice it is pressed once. After the end it starts another."""
    _ours(request)
    return {"morning_at": shown.begin(request.app.state.clock.unix())}


@router.post("/end", status_code=HTTPStatus.NO_CONTENT)
async def end(request: Request, shown: Shown) -> None:
    """Whoever plays the morning says that its story is over; what was recorded stays to be looked at."""
    _ours(request)
    if shown.morning is not None:
        shown.ended = request.app.state.clock.unix()


@router.get("/{code}", response_class=HTMLResponse, include_in_schema=False)
async def look(request: Request, demonstration: Demonstration, code: str) -> Response:
    """A person's own click goes through; anything else that merely looks gets a page with a button."""
    door = demonstration.look(code, asyncio.get_running_loop().time())
    if _by_hand(request):
        return await _through(request, demonstration, code)
    return HTMLResponse(doors_page.page(door.role), headers=HEADERS)


@router.post("/{code}", status_code=HTTPStatus.CREATED, response_model=EnteredOut)
async def go_through(
    request: Request, response: Response, demonstration: Demonstration, code: str
) -> EnteredOut | Response:
    """Sign in by a door, once; a form's answer leads on to the role's page."""
    _ours(request)
    if "text/html" in request.headers.get("accept", ""):
        return await _through(request, demonstration, code)
    return await _entered(request, response, demonstration, code)


async def _through(request: Request, demonstration: Doors, code: str) -> Response:
    response = Response(status_code=HTTPStatus.SEE_OTHER)
    path = (await _entered(request, response, demonstration, code)).path
    # Whoever came with the printed code finds the doors again when they sign out.
    kept = f"?code={demonstration.run_code}" if _knows(request.query_params.get("code", ""), demonstration) else ""
    response.headers["Location"] = path + kept
    return response


async def _entered(request: Request, response: Response, demonstration: Doors, code: str) -> EnteredOut:
    state = request.app.state
    door = demonstration.take(code, asyncio.get_running_loop().time())
    signed = await enter(state.service, state.clock, door)
    demonstration.seated(signed.actor, asyncio.get_running_loop().time())
    cookies.give(request, response, signed)
    return EnteredOut(role=door.role, name=door.name, path=PATHS[door.role], token=signed.token)


def _lines(request: Request) -> set[UUID]:
    """Sessions whose live line is open."""
    found: set[UUID] = getattr(request.app.state, "lines", set)()
    return found


def _by_hand(request: Request) -> bool:
    """Whether the browser vouches that a person asked for this page, here or from outside any page."""
    said = request.headers
    own: Final = said.get("sec-fetch-site") in {"same-origin", "none"}
    return own and said.get("sec-fetch-user") == "?1" and "purpose" not in said and "sec-purpose" not in said


def _ours(request: Request) -> None:
    if "origin" in request.headers and not from_our_page(request):
        raise Forbidden("The request comes from a page that is not ours.")


def _base(request: Request, shown: Doors) -> str:
    """The address another machine uses: as we were asked, or where we listen if that was by a loopback name."""
    asked = urlsplit(f"//{request.headers.get('host', '')}")
    host = asked.hostname or "127.0.0.1"
    if doors_page.is_loopback(host):
        host = doors_page.reachable(shown.host)
    return f"{request.url.scheme}://{host}" + (f":{asked.port}" if asked.port else "")
