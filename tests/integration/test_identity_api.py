"""Signing in over HTTP, and who may speak with a cookie."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocket

from jikimi.identity import passwords
from jikimi.identity.accounts import first_run
from jikimi.identity.api import Credentials, actor_of_websocket, router
from jikimi.identity.asking import token_of
from jikimi.identity.model import SignIn
from jikimi.kernel.errors import JikimiError, Misconfigured
from jikimi.kernel.units import UnixTime
from jikimi.settings import Settings
from jikimi.store.database import Database

HOST = "jikimi.example"


class Hand:
    """A clock set by hand."""

    at = 1_780_000_000.0

    def unix(self) -> UnixTime:
        """The time it was set to."""
        return UnixTime(self.at)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that costs a test nothing, and refusals that do not wait."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr("jikimi.identity.service.REFUSAL_S", 0.0)
    passwords._nobody.cache_clear()


@pytest.fixture
def app(service: Database, people: Database) -> FastAPI:
    """The routes alone."""
    made = FastAPI()
    made.include_router(router)
    made.state.service, made.state.people, made.state.clock = service, people, Hand()

    async def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, JikimiError)
        return JSONResponse(error.problem(), error.status)

    made.add_exception_handler(JikimiError, problem)
    return made


@pytest.fixture
async def monitor(service: Database) -> SignIn:
    """One account of a first run."""
    async with service.transaction() as connection:
        return next(made for made in await first_run(connection) if made.name == "monitor")


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without cookies of its own."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}") as made:
        yield made


async def signed(client: httpx.AsyncClient, who: SignIn, **more: Any) -> httpx.Response:
    return await client.post("/api/sessions", json={"name": who.name, "password": who.password}, **more)


async def test_signing_in_answers_with_a_token_and_a_guarded_cookie(client: httpx.AsyncClient, monitor: SignIn) -> None:
    """The cookie is out of scripts' reach, stays on our site, and the token opens /api/me."""
    answer = await signed(client, monitor)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "secure" not in cookie.lower()
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["expires_at"] == "2026-05-29T08:26:40.000Z"
    assert body["actor"]["role"] == "monitor"
    client.cookies.clear()
    me = await client.get("/api/me", headers={"authorization": f"Bearer {body['token']}"})
    assert me.json() == body["actor"]


async def test_over_https_the_cookie_never_travels_in_clear(client: httpx.AsyncClient, monitor: SignIn) -> None:
    """Where the connection is encrypted the cookie is marked Secure."""
    client.base_url = httpx.URL(f"https://{HOST}")
    assert "Secure" in (await signed(client, monitor)).headers["set-cookie"]


async def test_behind_a_proxy_that_speaks_tls_the_cookie_never_travels_in_clear(
    app: FastAPI, client: httpx.AsyncClient, monitor: SignIn
) -> None:
    """What reaches us unencrypted from the proxy is answered with a cookie marked Secure all the same."""
    app.state.behind_tls = Settings.read({"JIKIMI_BEHIND_TLS": "1"}).behind_tls
    assert "Secure" in (await signed(client, monitor)).headers["set-cookie"]
    with pytest.raises(Misconfigured, match="JIKIMI_BEHIND_TLS"):
        Settings.read({"JIKIMI_BEHIND_TLS": "yes"})


async def test_a_cookie_reads_but_changes_nothing_for_another_page(client: httpx.AsyncClient, monitor: SignIn) -> None:
    """With the cookie alone a change needs an Origin equal to the Host; reading does not."""
    await signed(client, monitor)
    assert (await client.get("/api/me")).status_code == 200
    for origin in [None, "null", "https://evil.example", f"https://{HOST}.evil.example", "https://[", f"ftp://{HOST}"]:
        refused = await client.delete("/api/sessions/current", headers={"origin": origin} if origin else {})
        assert refused.status_code == 403
        assert refused.json()["advice"]
    assert (await client.get("/api/me")).status_code == 200
    done = await client.delete("/api/sessions/current", headers={"origin": f"https://{HOST}"})
    assert done.status_code == 204
    assert 'jikimi_session=""' in done.headers["set-cookie"]
    assert (await client.get("/api/me")).status_code == 401


async def test_a_bearer_token_needs_no_origin(client: httpx.AsyncClient, monitor: SignIn) -> None:
    """No browser sends a Bearer token by itself, so programs need no Origin."""
    token = (await signed(client, monitor)).json()["token"]
    client.cookies.clear()
    header = {"authorization": f"Bearer {token}"}
    assert (await client.delete("/api/sessions/current", headers=header)).status_code == 204
    assert (await client.get("/api/me", headers=header)).status_code == 401


async def test_a_wrong_header_is_not_mended_by_a_cookie(client: httpx.AsyncClient, monitor: SignIn) -> None:
    """Who sends a header is judged by the header."""
    await signed(client, monitor)
    for header in ["Bearer nonsense", "Basic eDp5", "Bearer", ""]:
        assert (await client.get("/api/me", headers={"authorization": header})).status_code == 401


async def test_anonymous_is_told_to_sign_in(client: httpx.AsyncClient) -> None:
    """Without a token there is a precise refusal and no session."""
    answer = await client.get("/api/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"name": 1, "password": "secret-of-mine"}', 400),
        (b'{"name": "x"}', 400),
        (b'{"name": "x", "password": "secret-of-mine", "role": "registrar"}', 400),
        (b'{"name": "\xff", "password": "secret-of-mine"}', 400),
        (b'{"name": "x", "password": "' + b"secret-of-mine" * 1000 + b'"}', 413),
        (b'{"name": "x", "password": "secret-of-mine"}', 401),
        (b'{"name": "x\\u0000", "password": "secret-of-mine"}', 401),
    ],
)
async def test_what_cannot_be_a_sign_in_is_refused_precisely(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    """Malformed, oversized and wrong sign-ins get their own refusal, and no password comes back."""
    answer = await client.post("/api/sessions", content=body)
    assert answer.status_code == status
    assert "secret-of-mine" not in answer.text


async def test_credentials_never_print_themselves() -> None:
    """A log line with the credentials in it shows neither name nor password."""
    assert "hunter" not in repr(Credentials("hunter", "hunter2"))


async def test_another_page_cannot_sign_somebody_in(client: httpx.AsyncClient, monitor: SignIn) -> None:
    """A foreign page cannot put its own session into a browser."""
    assert (await signed(client, monitor, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await signed(client, monitor, headers={"origin": f"http://{HOST}"})).status_code == 201


async def test_an_address_that_guesses_is_slowed_and_one_that_succeeds_is_not(
    app: FastAPI, client: httpx.AsyncClient, monitor: SignIn
) -> None:
    """Twenty refusals use up an address's tries, which come back one every six seconds; successes cost nothing."""
    for _ in range(25):
        assert (await signed(client, monitor)).status_code == 201
    wrong = {"name": "nobody", "password": "x"}
    statuses = [(await client.post("/api/sessions", json=wrong)).status_code for _ in range(21)]
    assert statuses == [401] * 20 + [429]
    refused = await signed(client, monitor)
    assert refused.json()["retry_after_s"] == 6
    app.state.clock.at += 6
    assert (await signed(client, monitor)).status_code == 201


def websocket(app: FastAPI, **headers: str) -> WebSocket:
    async def nothing(*_: Any) -> Any:
        raise AssertionError

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "websocket", "app": app, "path": "/", "query_string": b"token=x", "headers": raw}
    return WebSocket(scope, nothing, nothing)


async def test_a_websocket_opens_for_the_same_tokens(app: FastAPI, client: httpx.AsyncClient, monitor: SignIn) -> None:
    """A WebSocket takes a Bearer token, or the cookie from our own page, and nothing else."""
    token = (await signed(client, monitor)).json()["token"]
    cookie = f"jikimi_session={token}"
    for headers in [
        {"host": HOST, "authorization": f"Bearer {token}"},
        {"host": HOST, "cookie": cookie, "origin": f"http://{HOST}"},
    ]:
        actor = await actor_of_websocket(websocket(app, **headers))
        assert actor is not None
        assert actor.name == "monitor"
    for headers in [
        {"host": HOST},
        {"host": HOST, "cookie": cookie},
        {"host": HOST, "cookie": cookie, "origin": "https://evil.example"},
        {"cookie": cookie, "origin": "http://"},
        {"host": HOST, "authorization": "Bearer x", "cookie": cookie, "origin": f"http://{HOST}"},
    ]:
        assert await actor_of_websocket(websocket(app, **headers)) is None
    assert token_of(websocket(app, cookie=cookie)) == token
    assert token_of(websocket(app)) == ""


async def test_the_description_of_signing_in_names_its_body(app: FastAPI) -> None:
    """Types made from the OpenAPI description know what signing in takes."""
    described = json.loads(json.dumps(app.openapi()))["paths"]["/api/sessions"]["post"]["requestBody"]
    assert described["content"]["application/json"]["schema"]["required"] == ["name", "password"]
