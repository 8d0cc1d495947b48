"""The doors of a demonstration: once, for minutes, in an exercise, and only for who may see them."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import text

from jikimi.app.desk import application
from jikimi.identity import doors as rooms
from jikimi.identity import passwords
from jikimi.identity.accounts import first_run
from jikimi.identity.doors import Doors, run_code
from jikimi.identity.doors_page import is_loopback, qr, reachable
from jikimi.store.database import Database
from tests.test_registry_world import HandClock

KEY = bytes(range(32))
ROLES = ["dispatcher", "monitor", "police_officer", "probation_officer"]
BY_HAND = {"sec-fetch-site": "same-origin", "sec-fetch-user": "?1", "sec-fetch-mode": "navigate"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that costs a test nothing."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobody.cache_clear()


@pytest.fixture
async def app(service: Database, people: Database) -> FastAPI:
    """A desk of an exercise, first run included."""
    made = application()
    async with service.transaction() as connection:
        made.state.passwords = {one.name: one.password for one in await first_run(connection)}
    made.state.service, made.state.people, made.state.clock = service, people, HandClock()
    made.state.exercise, made.state.doors = True, Doors(KEY, "127.0.0.1")
    return made


def at(app: FastAPI, host: str = "127.0.0.1:8340", client: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client somewhere, asking under some name."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 4711)), base_url=f"http://{host}"
    )


@pytest.fixture
async def here(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client on the machine itself."""
    async with at(app) as client:
        yield client


async def doors(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """What is shown."""
    answer = await client.get("/api/doors")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert said["exercise"] is True
    return list(said["doors"])


async def test_every_role_with_a_screen_has_a_door(here: httpx.AsyncClient) -> None:
    """Four doors in order, each with its page, an address of ours and an image of it."""
    shown = await doors(here)
    assert [one["role"] for one in shown] == ROLES
    for one in shown:
        assert one["href"].startswith("/api/doors/")
        assert one["address"] == "http://127.0.0.1:8340" + one["href"]
        kind, _, image = one["qr"].partition(",")
        assert kind == "data:image/svg+xml;base64"
        assert b"<svg" in base64.b64decode(image)
        assert one["path"] in {"/console", "/field"}
        assert 0 < one["expires_in_s"] <= 600


async def test_a_door_signs_in_once(app: FastAPI, here: httpx.AsyncClient, service: Database) -> None:
    """The first gets a session by cookie and token, the second nothing; it is on the ledger as an exercise's."""
    door = (await doors(here))[2]
    entered = await here.post(door["href"])
    assert entered.status_code == 201
    assert (entered.json()["role"], entered.json()["path"]) == ("police_officer", "/field")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    me = await here.get("/api/me")
    assert me.json()["name"] == "police-officer"
    async with at(app) as another:
        assert (await another.post(door["href"])).status_code == 404
        bearer = {"Authorization": f"Bearer {entered.json()['token']}"}
        assert (await another.get("/api/me", headers=bearer)).status_code == 200
    async with service.transaction() as connection:
        found = await connection.execute(text("SELECT body FROM ledger_row WHERE body LIKE '%door_opened%'"))
        (row,) = found.scalars()
        assert '"exercise":true' in row
    fresh = (await doors(here))[2]
    assert fresh["href"] != door["href"]
    assert fresh["used"]


async def test_who_signs_in_by_name_at_a_screen_has_the_terminal(app: FastAPI, here: httpx.AsyncClient) -> None:
    """A person's browser counts as somebody at that role's terminal; a program that plays the part does not."""
    said = {"name": "police-officer", "password": app.state.passwords["police-officer"]}
    for headers, used in (({}, False), ({"origin": "http://127.0.0.1:8340"}, True)):
        assert (await here.post("/api/sessions", json=said, headers=headers)).status_code == 201
        assert [one["used"] for one in await doors(here)] == [False, False, used, False]


async def test_a_terminal_is_a_persons_until_it_is_let_go(app: FastAPI, here: httpx.AsyncClient) -> None:
    """Held from going in until signing out, over a line that drops for a moment, but not over one that stays away."""
    lines: set[UUID] = set()
    app.state.lines = lambda: lines
    clock = asyncio.get_running_loop().time()

    async def held() -> list[str]:
        return [one["name"] for one in await doors(here) if one["held"]]

    assert await held() == []
    entered = (await here.post((await doors(here))[2]["href"])).json()
    assert await held() == ["police-officer"]
    (session,) = app.state.doors._sitting
    for later, open_now, expected in (
        (100, set(), True),
        (200, {session}, True),
        (310, set(), True),
        (330, set(), False),
    ):
        lines = open_now
        assert (app.state.doors.held(lines, clock + later) == {"police-officer"}) == expected, later
    async with at(app) as another:
        again = (await another.post((await doors(here))[2]["href"])).json()
        assert await held() == ["police-officer"]
        bearer = {"Authorization": f"Bearer {again['token']}"}
        assert (await another.delete("/api/sessions/current", headers=bearer)).status_code == 204
    assert await held() == []
    assert [one["used"] for one in await doors(here)] == [False, False, True, False]
    assert entered["role"] == "police_officer"


async def test_two_at_once_are_one(app: FastAPI, here: httpx.AsyncClient) -> None:
    """However many go through in the same moment, one gets in."""
    href = (await doors(here))[0]["href"]
    async with at(app) as another:
        answers = await asyncio.gather(*(client.post(href) for client in (here, another) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201] + [404] * 9


async def test_a_door_stands_for_minutes(
    app: FastAPI, here: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same door is shown until shortly before its end, and nobody goes through an old one."""
    first = (await doors(here))[1]["href"]
    assert (await doors(here))[1]["href"] == first
    monkeypatch.setattr(rooms, "RENEWED_S", rooms.HOLDS_S + 1)
    assert (await doors(here))[1]["href"] != first
    code = first.rsplit("/", 1)[1]
    late = asyncio.get_running_loop().time() + rooms.HOLDS_S + 1
    with pytest.raises(Exception, match="too old"):
        app.state.doors.take(code, late)


async def test_looking_uses_nothing_up(here: httpx.AsyncClient) -> None:
    """A scanner that fetches the address gets a page that says EXERCISE; the page's button goes through."""
    href = (await doors(here))[3]["href"]
    for _ in range(3):
        page = await here.get(href, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "EXERCISE" in page.text
        assert "set-cookie" not in page.headers
    sent = await here.post(href, headers={"accept": "text/html,*/*", "origin": "http://127.0.0.1:8340"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/field")
    assert "jikimi_session" in sent.headers["set-cookie"]


async def test_a_click_goes_straight_through(here: httpx.AsyncClient) -> None:
    """What the browser vouches for as a person's own click needs no second one; another site's and a prefetch do."""
    href = (await doors(here))[0]["href"]
    for foreign in (
        {**BY_HAND, "sec-fetch-site": "cross-site"},
        {**BY_HAND, "sec-purpose": "prefetch"},
        {"sec-fetch-site": "none"},
    ):
        assert (await here.get(href, headers=foreign)).status_code == 200
    sent = await here.get(href, headers=BY_HAND)
    assert (sent.status_code, sent.headers["location"]) == (303, "/console")


async def test_the_printed_code_goes_with_whoever_brought_it(here: httpx.AsyncClient) -> None:
    """It stands in the address beyond the door, so that signing out leads back to the doors; a made-up one does not."""
    for code, kept in ((run_code(KEY), f"?code={run_code(KEY)}"), ("wrong", ""), ("", "")):
        href = (await doors(here))[0]["href"]
        sent = await here.get(f"{href}?code={code}", headers=BY_HAND)
        assert sent.headers["location"] == f"/console{kept}"


async def test_another_sites_page_opens_no_door(here: httpx.AsyncClient) -> None:
    """A foreign origin is refused, and the door still stands."""
    href = (await doors(here))[0]["href"]
    assert (await here.post(href, headers={"origin": "http://elsewhere.example"})).status_code == 403
    assert (await here.post(href)).status_code == 201


@pytest.mark.parametrize(
    ("host", "client", "headers"),
    [
        ("192.0.2.7:8340", "192.0.2.9", {}),
        ("elsewhere.example", "127.0.0.1", {}),
        ("127.0.0.1:8340", "192.0.2.9", {}),
        ("127.0.0.1:8340", "127.0.0.1", {"x-forwarded-for": "192.0.2.9"}),
    ],
)
async def test_elsewhere_the_printed_code_is_needed(
    app: FastAPI, host: str, client: str, headers: dict[str, str]
) -> None:
    """From another machine, under another name or behind a proxy nothing is shown without the code, all with it."""
    async with at(app, host, client) as asker:
        assert (await asker.get("/api/doors", headers=headers)).status_code == 403
        assert (await asker.get("/api/doors?code=wrong", headers=headers)).status_code == 403
        assert (await asker.post("/api/doors/morning", headers=headers)).status_code == 403
        shown = await asker.get(f"/api/doors?code={run_code(KEY)}", headers=headers)
        assert [one["role"] for one in shown.json()["doors"]] == ROLES


@pytest.mark.parametrize("path", ["/api/doors", "/api/doors/abc"])
async def test_a_real_installation_has_no_doors(app: FastAPI, here: httpx.AsyncClient, path: str) -> None:
    """Outside an exercise there is nothing at these addresses, however one asks."""
    app.state.exercise = False
    code = run_code(KEY)
    for answer in (
        await here.get(f"{path}?code={code}"),
        await here.post(f"{path.removesuffix('/abc')}/abc?code={code}"),
        await here.post(f"/api/doors/morning?code={code}"),
    ):
        assert answer.status_code == 404


async def test_the_morning_begins_once(app: FastAPI, here: httpx.AsyncClient) -> None:
    """The button's first press counts, and everybody who looks sees when that was."""
    assert (await here.get("/api/doors")).json()["morning_at"] is None
    first = (await here.post("/api/doors/morning")).json()["morning_at"]
    app.state.clock.at += 60
    assert (await here.post("/api/doors/morning")).json()["morning_at"] == first
    assert (await here.get("/api/doors")).json()["morning_at"] == first
    assert (await here.post("/api/doors/morning", headers={"origin": "http://elsewhere.example"})).status_code == 403


async def test_a_morning_ends_and_another_begins(app: FastAPI, here: httpx.AsyncClient) -> None:
    """Its end is told with its time to everybody who looks; the button then begins another, once."""
    assert (await here.post("/api/doors/end")).status_code == 204
    assert (await here.get("/api/doors")).json()["ended_at"] is None, "what never began cannot end"
    first = (await here.post("/api/doors/morning")).json()["morning_at"]
    app.state.clock.at += 300
    assert (await here.post("/api/doors/end", headers={"origin": "http://elsewhere.example"})).status_code == 403
    assert (await here.post("/api/doors/end")).status_code == 204
    shown = (await here.get("/api/doors")).json()
    assert (shown["morning_at"], shown["ended_at"]) == (first, first + 300)
    assert (await here.get("/api/site")).json()["over"] is True, "a screen without doors must learn it too"
    app.state.clock.at += 60
    again = (await here.post("/api/doors/morning")).json()["morning_at"]
    assert again == first + 360
    shown = (await here.get("/api/doors")).json()
    assert (shown["morning_at"], shown["ended_at"]) == (again, None)
    assert (await here.get("/api/site")).json()["over"] is False


@pytest.mark.parametrize(
    ("host", "asked", "loopback"),
    [
        ("127.0.0.1", "127.0.0.1:8340", True),
        ("192.0.2.4", "127.0.0.1:8340", False),
        ("192.0.2.4", "192.0.2.4:8340", False),
    ],
)
async def test_whether_a_phone_can_use_the_codes_is_told(app: FastAPI, host: str, asked: str, loopback: bool) -> None:  # noqa: FBT001 - a parameter
    """Where the desk listens on this machine alone the page is told so; elsewhere the codes name where it listens."""
    app.state.doors = Doors(KEY, host)
    async with at(app, asked) as client:
        shown = (await client.get(f"/api/doors?code={run_code(KEY)}")).json()
    assert shown["loopback"] is loopback
    assert {one["address"].split("/")[2] for one in shown["doors"]} == {f"{host}:8340"}


def test_what_another_machine_can_reach() -> None:
    """Only what listens everywhere has an address elsewhere; a code of one run fits no other."""
    assert reachable("127.0.0.1") == "127.0.0.1"
    assert reachable("192.0.2.4") == "192.0.2.4"
    everywhere = ".".join("0000")
    assert reachable(everywhere) != everywhere
    assert [is_loopback(name) for name in ("localhost", "::1", "127.0.0.3", "10.0.0.1", "x")] == [True] * 3 + [
        False
    ] * 2
    assert run_code(KEY) != run_code(bytes(32))
    assert qr("http://127.0.0.1:8340/api/doors/x").startswith("data:image/svg+xml;base64,")
