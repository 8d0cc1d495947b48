"""A browser is told in words what happened and what to do next; a program gets the problem it always got."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from jikimi.app.desk import application
from jikimi.identity.doors import Doors
from jikimi.kernel.errors import TooMany

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def app() -> FastAPI:
    """An exercise's desk, and routes that fail in ways no request can be made to."""
    made = application()
    made.state.exercise, made.state.doors = True, Doors(bytes(32), "127.0.0.1")

    def failing(error: Exception) -> Any:
        async def fail() -> None:
            raise error

        return fail

    made.add_api_route("/fails/bug", failing(RuntimeError("127.0 secret")))
    made.add_api_route("/fails/away", failing(OperationalError("SELECT secret", {}, Exception())))
    made.add_api_route("/fails/pace", failing(TooMany(retry_after_s=7)))
    return made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks it."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asking:
        yield asking


@pytest.mark.parametrize(
    ("method", "path", "status", "korean", "english", "link"),
    [
        ("GET", "/api/doors/used", 404, "출입문 화면을 다시", "Open the page of doors again", "/"),
        ("POST", "/api/doors/used", 404, "출입문 화면을 다시", "Open the page of doors again", "/"),
        ("GET", "/nowhere", 404, "첫 화면에서 다시", "begin again at the first page", "/"),
        ("GET", "/assets/gone.js", 404, "첫 화면에서 다시", "begin again at the first page", "/"),
        ("GET", "/api/me", 401, "다시 로그인", "Sign in again", "/sign-in"),
        ("GET", "/api/incidents", 401, "다시 로그인", "Sign in again", "/sign-in"),
        ("GET", "/api/doors", 403, "다른 역할로", "Sign in with another role", "/sign-in"),
        ("POST", "/console", 405, "앞 화면으로", "Go back", "/"),
        ("GET", "/api/live", 404, "첫 화면에서 다시", "begin again at the first page", "/"),
        ("GET", "/fails/bug", 500, "관리자에게", "tell whoever runs", "/"),
        ("GET", "/fails/away", 503, "바뀐 것은 없습니다", "nothing was changed", "/"),
        ("GET", "/fails/pace", 429, "잠시 기다린", "Wait a moment", "/"),
    ],
)
async def test_a_person_is_told_what_to_do_next(
    client: httpx.AsyncClient, method: str, path: str, status: int, korean: str, english: str, link: str
) -> None:
    """The same status, a plain page in both languages that loads nothing, EXERCISE burnt in, and one way on."""
    answer = await client.request(method, path, headers=BROWSER | {"x-forwarded-for": "192.0.2.9"})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "훈련 · EXERCISE" in answer.text
    assert korean in answer.text
    assert english in answer.text
    assert f'href="{link}"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    for kept in ("{", "secret", "<script", path):
        assert kept not in answer.text.split("</style>")[1]


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/api/doors/used", 404, "door-gone"), ("/nowhere", 404, "not-found"), ("/api/me", 401, "unauthenticated")],
)
async def test_a_program_gets_its_problem(
    client: httpx.AsyncClient, accept: str, path: str, status: int, code: str
) -> None:
    """Whatever does not ask for a page is answered as the reference says."""
    answer = await client.get(path, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


async def test_where_people_are_real_no_page_speaks_of_an_exercise(app: FastAPI, client: httpx.AsyncClient) -> None:
    """Outside an exercise the pages are the same without the mark, and there are no doors to speak of."""
    app.state.exercise = False
    for path in ("/nowhere", "/api/me", "/api/doors/used"):
        text = (await client.get(path, headers=BROWSER)).text
        assert "EXERCISE" not in text
        assert "doors" not in text


async def test_what_a_refusal_carries_in_its_head_is_kept(client: httpx.AsyncClient) -> None:
    """How long to wait, and how to sign in, for a page as for a program."""
    for headers in (BROWSER, {}):
        assert (await client.get("/fails/pace", headers=headers)).headers["retry-after"] == "7"
        assert "Bearer" in (await client.get("/api/me", headers=headers)).headers["www-authenticate"]
