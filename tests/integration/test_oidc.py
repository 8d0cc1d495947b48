"""Signing in by an organisation's own provider, over a real conversation with one on loopback."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import text

from jikimi.app.desk import application
from jikimi.app.provider import provider_of
from jikimi.identity import passwords
from jikimi.identity.accounts import create_account, first_run
from jikimi.identity.model import Role
from jikimi.identity.oidc import OpenId
from jikimi.identity.provider import Errand, Vouched
from jikimi.kernel.clock import SystemClock
from jikimi.kernel.errors import Misconfigured
from jikimi.kernel.units import UnixTime
from jikimi.registry.service import import_document
from jikimi.settings import Settings
from jikimi.store.database import Database
from jikimi.vault import Vault
from tests.openid import CLIENT, SECRET, OpenIdProvider, openid_provider

US = "http://desk.example"
CALLBACK = f"{US}/api/sessions/oidc/callback"
OUT, BACK, OVER = "/api/sessions/oidc", "/api/sessions/oidc/callback", "/api/sessions/oidc/back-channel"


class Ahead:
    """The machine's clock, some seconds on."""

    by = 0.0

    def unix(self) -> UnixTime:
        """Now, and that much more."""
        return UnixTime(SystemClock().unix() + self.by)


@dataclass
class Sites:
    """Us, them, and a browser between."""

    app: FastAPI
    them: OpenIdProvider
    browser: httpx.AsyncClient
    service: Database
    clock: Ahead

    async def sent(self) -> str:
        """Leave for the provider; returns the address it is asked at."""
        answer = await self.browser.get(OUT)
        assert answer.status_code == 303
        return answer.headers["location"]

    async def vouched(self, address: str) -> str:
        """The provider sends the browser back; returns the address it is sent to."""
        async with httpx.AsyncClient() as there:
            return (await there.get(address)).headers["location"]

    async def signed_in(self) -> httpx.Response:
        """All the way."""
        return await self.browser.get(await self.vouched(await self.sent()))

    async def rows(self, kind: str) -> list[dict[str, object]]:
        """Ledger rows of a kind."""
        async with self.service.transaction() as connection:
            found = await connection.execute(text("SELECT body FROM ledger_row ORDER BY id"))
            return [row for (body,) in found if (row := msgspec.json.decode(body))["kind"] == kind]


@pytest.fixture(scope="module")
def them() -> Iterator[OpenIdProvider]:
    """One provider for all."""
    with openid_provider() as running:
        yield running


async def known(service: Database, them: OpenIdProvider, name: str, subject: str) -> UUID:
    """A registrar has recorded this subject with that account."""
    async with service.transaction() as connection:
        row = (await connection.execute(text("SELECT id, agency FROM account WHERE name = :n"), {"n": name})).one()
        await connection.execute(
            text("INSERT INTO account_subject VALUES (:issuer, :subject, :account, :agency, :by, now())"),
            {"issuer": them.issuer, "subject": subject, "account": row.id, "agency": row.agency, "by": uuid4()},
        )
    return UUID(str(row.id))


@pytest.fixture
async def sites(service: Database, them: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sites]:
    """A desk that knows the provider, and one account of it."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    them.subject, them.lies, them.unsigned, them.foreign = "s-1", {}, False, False
    them.forged = None
    async with service.transaction() as connection:
        await first_run(connection)
    await known(service, them, "monitor", "s-1")
    clock = Ahead()
    app = application()
    app.state.service, app.state.clock = service, clock
    app.state.provider = OpenId(them.issuer, CLIENT, SECRET, CALLBACK, SystemClock(), "Hanbit")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=US) as browser:
        yield Sites(app, them, browser, service, clock)


def why(answer: httpx.Response) -> str:
    """The code our sign-in page is given."""
    assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, "/sign-in")
    assert "jikimi_session" not in answer.headers["set-cookie"]
    return parse_qs(urlsplit(answer.headers["location"]).query)["refused"][0]


async def test_the_provider_s_subject_opens_the_session_of_its_account(sites: Sites) -> None:
    """It is the session a password opens: the same cookie, the same ledger row, ended by signing out."""
    answer = await sites.signed_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    cookies = answer.headers.get_list("set-cookie")
    session = next(one for one in cookies if one.startswith("jikimi_session="))
    assert "HttpOnly" in session
    assert "samesite=strict" in session.lower()
    assert answer.headers["cache-control"] == "no-store"
    assert (await sites.browser.get("/api/me")).json()["name"] == "monitor"
    (row,) = await sites.rows("signed_in")
    assert row["method"] == "oidc"
    gone = await sites.browser.delete("/api/sessions/current", headers={"origin": US})
    assert gone.status_code == 204
    assert (await sites.browser.get("/api/me")).status_code == 401


async def test_behind_a_proxy_that_speaks_tls_the_errand_never_travels_in_clear(sites: Sites) -> None:
    """What reaches us unencrypted from the proxy is answered with a cookie marked Secure all the same."""
    sites.browser.base_url = httpx.URL(US.replace("https://", "http://"))
    assert "secure" not in (await sites.browser.get(OUT)).headers["set-cookie"].lower()
    sites.app.state.behind_tls = True
    assert "; secure" in (await sites.browser.get(OUT)).headers["set-cookie"].lower()


async def test_what_goes_out_is_bound_to_this_browser_and_this_errand(sites: Sites) -> None:
    """PKCE, a state and a nonce go out; the secret they are made from stays in a cookie of ten minutes for one path."""
    answer = await sites.browser.get(OUT)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert (asked["response_type"], asked["scope"], asked["redirect_uri"]) == ("code", "openid", CALLBACK)
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = answer.headers["set-cookie"]
    assert f"Path={OUT}" in cookie
    assert "Max-Age=600" in cookie
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    secret = sites.browser.cookies["jikimi_errand"]
    assert secret not in answer.headers["location"]
    async with sites.service.transaction() as connection:
        kept = (await connection.execute(text("SELECT digest FROM sign_in_try"))).scalars().all()
    assert len(kept) == 1
    assert secret.encode() not in bytes(kept[0])


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"nonce": "another"}, "nonce"), ({"nonce": None}, "nonce"), ({"aud": "another"}, "aud"),
        ({"aud": [CLIENT, "another"]}, "azp"), ({"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
        ({"iss": "https://elsewhere.example"}, "iss"), ({"exp": 1_700_000_000}, "expired"), ({"exp": None}, "exp"),
        ({"sub": ""}, "sub"), ({"sub": None}, "sub"), ({"sub": "s" * 300}, "sub"), ({"nbf": 4_000_000_000}, "nbf"),
    ],
)  # fmt: skip
async def test_a_token_that_is_not_ours_opens_nothing(sites: Sites, lie: dict[str, object], code: str) -> None:
    """Another sign-in's nonce, another's audience, another issuer, one out of its time: refused alike, told apart on the
    ledger only.
    """
    sites.them.lies = lie
    assert why(await sites.signed_in()) == "sign-in-refused"
    (row,) = await sites.rows("sign_in_refused")
    assert (row["reason_code"], row["allowed"], row["method"]) == (code, False, "oidc")
    assert (await sites.browser.get("/api/me")).status_code == 401


async def test_a_token_nobody_signed_opens_nothing(sites: Sites) -> None:
    """Neither without a signature, nor with a key the issuer never published under a number it did."""
    sites.them.unsigned = True
    assert why(await sites.signed_in()) == "sign-in-refused"
    sites.them.unsigned, sites.them.foreign = False, True
    assert why(await sites.signed_in()) == "sign-in-refused"
    assert [row["reason_code"] for row in await sites.rows("sign_in_refused")] == ["token", "signature"]


async def test_a_state_is_used_once_and_by_the_browser_that_began(sites: Sites) -> None:
    """Replayed, of another browser, of another errand, or too old: the code is not even shown to the provider."""
    address = await sites.vouched(await sites.sent())
    errand = sites.browser.cookies["jikimi_errand"]
    assert (await sites.browser.get(address)).headers["location"] == "/console"
    sites.browser.cookies.clear()
    replayed = {"cookie": f"jikimi_errand={errand}"}
    assert why(await sites.browser.get(address, headers=replayed)) == "sign-in-refused"
    assert why(await sites.browser.get(await sites.vouched(await sites.sent()), headers={"cookie": "jikimi_errand=x"}))
    sites.browser.cookies.clear()
    other = await sites.vouched(await sites.sent())
    sites.browser.cookies.clear()
    await sites.sent()
    assert why(await sites.browser.get(other)) == "sign-in-refused"
    late = await sites.vouched(await sites.sent())
    sites.clock.by = 601.0
    before = set(sites.them.codes)
    assert why(await sites.browser.get(late)) == "sign-in-refused"
    assert set(sites.them.codes) == before
    assert [row["reason_code"] for row in await sites.rows("sign_in_refused")] == ["used", "used", "state", "used"]


async def test_a_code_that_was_taken_on_the_way_opens_nothing(sites: Sites) -> None:
    """A code of somebody else's errand lacks our verifier, and another provider's answer names itself."""
    stolen = parse_qs(urlsplit(await sites.vouched(await sites.sent())).query)["code"][0]
    state = parse_qs(urlsplit(await sites.sent()).query)["state"][0]
    assert why(await sites.browser.get(f"{BACK}?code={stolen}&state={state}")) == "sign-in-refused"
    state = parse_qs(urlsplit(await sites.sent()).query)["state"][0]
    mixed = f"{BACK}?code=x&state={state}&iss=https%3A%2F%2Felsewhere.example"
    assert why(await sites.browser.get(mixed)) == "sign-in-refused"
    assert [row["reason_code"] for row in await sites.rows("sign_in_refused")] == ["code", "iss"]


async def test_nobody_gets_an_account_by_coming_from_there(sites: Sites) -> None:
    """An unknown subject, an e-mail address that is an account's, and a disabled account's own subject: the same answer."""
    sites.them.subject = "s-unknown"
    assert why(await sites.signed_in()) == "no-account"
    sites.them.subject = "monitor"
    assert why(await sites.signed_in()) == "no-account"
    sites.them.subject = "s-1"
    async with sites.service.transaction() as connection:
        await connection.execute(text("UPDATE account SET disabled_at = now() WHERE name = 'monitor'"))
        accounts = (await connection.execute(text("SELECT count(*) FROM account"))).scalar_one()
    assert why(await sites.signed_in()) == "no-account"
    assert accounts == 8
    assert [row["reason_code"] for row in await sites.rows("sign_in_refused")] == ["nobody"] * 3


async def test_one_s_own_case_is_one_s_own_however_one_signs_in(sites: Sites, people: Database) -> None:
    """A tie is the account's: whoever comes from the provider finds nobody where a colleague would find a file."""
    sites.app.state.people, sites.app.state.regime = people, "kr"

    async def wake() -> None:
        """Nobody sleeps here."""

    sites.app.state.wake = wake
    async with sites.service.transaction() as connection:
        agency = str((await connection.execute(text("SELECT agency FROM account WHERE name = 'monitor'"))).scalar_one())
    entered = {"people": [{"ref": ref, "agency": agency, "label": ref} for ref in ("brother", "stranger")]}
    ids = (await import_document(sites.service, SystemClock(), None, entered)).ids
    async with sites.service.transaction() as connection:
        await connection.execute(
            text("INSERT INTO staff_tie SELECT id, :person, 'kin' FROM account WHERE name = 'monitor'"),
            {"person": ids["brother"]},
        )
    await sites.signed_in()
    assert (await sites.browser.get(f"/api/registry/people/{ids['stranger']}")).status_code == 200
    assert (await sites.browser.get(f"/api/registry/people/{ids['brother']}")).status_code == 404


async def test_an_account_disabled_afterwards_is_out_within_a_second(sites: Sites) -> None:
    """The session is the desk's own: what the provider still believes does not matter."""
    await sites.signed_in()
    async with sites.service.transaction() as connection:
        await connection.execute(text("UPDATE account SET disabled_at = now() WHERE name = 'monitor'"))
    sites.clock.by = 1.1
    assert (await sites.browser.get("/api/me")).status_code == 401


async def said(sites: Sites, token: str) -> int:
    """The provider's own word to us, with no cookie of anybody."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sites.app), base_url=US) as provider:
        answer = await provider.post(OVER, data={"logout_token": token})
    assert answer.headers["cache-control"] == "no-store"
    assert not answer.content or answer.json()["code"] == "sign-out-refused"
    return answer.status_code


async def here(sites: Sites) -> bool:
    """Whether the browser is still signed in."""
    return (await sites.browser.get("/api/me")).status_code == 200


@pytest.mark.parametrize("by", ["sub", "sid", "both", "sid we were not told"])
async def test_whoever_signed_out_there_is_out_here_at_once(sites: Sites, by: str) -> None:
    """By session or by subject; a second browser's other session stays where a session was named, and a password's always."""
    sites.them.lies = {} if by == "sid we were not told" else {"sid": "one"}
    await sites.signed_in()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sites.app), base_url=US) as other:
        sites.them.lies = {"sid": "two"}
        await other.get(await sites.vouched((await other.get(OUT)).headers["location"]))
        async with sites.service.transaction() as connection:
            secret = await passwords.hashed("a long enough password")
            await connection.execute(text("UPDATE account SET secret = :s WHERE name = 'monitor'"), {"s": secret})
        named = {"name": "monitor", "password": "a long enough password"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(sites.app), base_url=US) as third:
            by_password = (await third.post("/api/sessions", json=named)).json()["token"]
        token = sites.them.over(sub=None if by == "sid" else "s-1", sid=None if by == "sub" else "one")
        assert await said(sites, token) == 200
        assert not await here(sites)
        assert (await other.get("/api/me")).status_code == (401 if by == "sub" else 200)
        headers = {"authorization": f"Bearer {by_password}"}
        assert (await other.get("/api/me", headers=headers)).status_code == 200
    rows = await sites.rows("signed_out")
    assert [row["method"] for row in rows] == ["oidc"] * (2 if by == "sub" else 1)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"iss": "https://elsewhere.example"}, "iss"), ({"iss": None}, "iss"), ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"), ({"iat": None}, "iat"), ({"iat": 1_700_000_000}, "iat"), ({"iat": 4_000_000_000}, "iat"),
        ({"iat": True}, "iat"), ({"exp": 1_700_000_000}, "exp"), ({"exp": "soon"}, "exp"), ({"events": None}, "events"),
        ({"events": {"http://schemas.openid.net/event/other": {}}}, "events"), ({"events": ["x"]}, "events"),
        ({"nonce": "n"}, "nonce"), ({"jti": None}, "jti"), ({"jti": ""}, "jti"), ({"sub": None}, "sid"),
        ({"sub": 7}, "sub"), ({"sub": "s" * 300}, "sub"), ({"sid": ["one"]}, "sid"),
    ],
)  # fmt: skip
async def test_what_is_no_logout_token_of_ours_ends_nothing(sites: Sites, lie: dict[str, object], code: str) -> None:
    """Another issuer's, another client's, out of its time, without its event, or made to sign somebody in: refused alike."""
    await sites.signed_in()
    assert await said(sites, sites.them.over(**lie)) == 400
    assert await here(sites)
    (row,) = await sites.rows("sign_out_refused")
    assert (row["reason_code"], row["allowed"], row["method"]) == (code, False, "oidc")


async def test_a_logout_token_nobody_signed_or_said_before_ends_nothing(sites: Sites) -> None:
    """Unsigned, signed with a key never published, an ID token, nothing at all, or the same once more, by another session."""
    await sites.signed_in()
    sites.them.unsigned = True
    assert await said(sites, sites.them.over()) == 400
    sites.them.unsigned, sites.them.foreign = False, True
    assert await said(sites, sites.them.over()) == 400
    sites.them.foreign = False
    assert await said(sites, sites.them.signed({"nonce": "n"})) == 400
    assert await said(sites, "") == 400
    assert await here(sites)
    once = sites.them.over(jti="once")
    assert await said(sites, once) == 200
    await sites.signed_in()
    assert [await said(sites, token) for token in (once, sites.them.over(jti="once"))] == [400, 400]
    assert await here(sites)
    assert await said(sites, sites.them.over()) == 200
    assert not await here(sites)
    codes = [row["reason_code"] for row in await sites.rows("sign_out_refused")]
    assert codes == ["token", "signature", "events", "token", "used", "used"]


async def test_nobody_learns_from_a_sign_out_who_was_here(sites: Sites) -> None:
    """A subject nobody here has and one who is signed in are answered alike; a stranger may try so often and no more."""
    await sites.signed_in()
    answers = [await said(sites, sites.them.over(sub=whose)) for whose in ("s-nobody", "s-1")]
    assert answers == [200, 200]
    refused = [await said(sites, "made-up") for _ in range(20)]
    assert set(refused) == {400}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sites.app), base_url=US) as stranger:
        assert (await stranger.post(OVER, data={"logout_token": "made-up"})).status_code == 429
        big = await stranger.post(OVER, content=b"logout_token=" + b"x" * 20_000)
        assert big.status_code in {413, 429}


async def test_keys_may_change_between_two_sign_ins(sites: Sites) -> None:
    """A new key is read when it is met; what the old one signs from then on opens nothing."""
    assert (await sites.signed_in()).headers["location"] == "/console"
    old = sites.them.keys
    sites.them.rotate()
    assert (await sites.signed_in()).headers["location"] == "/console"
    published, sites.them.keys = sites.them.keys, old + sites.them.keys
    signed = await sites.vouched(await sites.sent())
    code = parse_qs(urlsplit(signed).query)["code"][0]
    assert code in sites.them.codes
    sites.them.forged = sites.them.signed(sites.them.codes[code])
    sites.them.keys = published
    assert why(await sites.browser.get(signed)) == "sign-in-refused"


async def test_while_the_provider_is_away_passwords_go_on(sites: Sites) -> None:
    """Its absence is said with what to do, on the way out and on the way back, and nothing else stops."""
    away = OpenId("http://127.0.0.1:9", CLIENT, SECRET, CALLBACK, SystemClock())
    there = await sites.vouched(await sites.sent())
    sites.app.state.provider = away
    assert why(await sites.browser.get(there)) == "provider-away"
    assert why(await sites.browser.get(OUT)) == "provider-away"
    answer = await sites.browser.post("/api/sessions", json={"name": "nobody", "password": "x"})
    assert answer.status_code == 401


async def test_a_provider_that_calls_itself_something_else_is_not_believed(sites: Sites) -> None:
    """The issuer must be the one that was set up, to the letter."""
    sites.app.state.provider = OpenId(f"{sites.them.issuer}/", CLIENT, SECRET, CALLBACK, SystemClock())
    assert why(await sites.browser.get(OUT)) == "provider-away"


async def test_whoever_tries_again_and_again_waits(sites: Sites) -> None:
    """An address has as many tries as for passwords, and of its own; those that succeed cost nothing."""
    for _ in range(25):
        assert (await sites.signed_in()).headers["location"] == "/console"
    for _ in range(20):
        await sites.sent()
    assert why(await sites.browser.get(OUT)) == "too-many"


async def test_where_none_is_set_up_there_is_nothing(sites: Sites) -> None:
    """Off unless somebody says issuer, client, callback and secret; no page then offers it."""
    assert (await sites.browser.get("/api/site")).json()["provider"] == "Hanbit"
    sites.app.state.provider = None
    assert (await sites.browser.get("/api/site")).json()["provider"] is None
    for path in (OUT, BACK):
        assert (await sites.browser.get(path)).status_code == 404
    assert (await sites.browser.post(OVER, data={"logout_token": "x"})).status_code == 404


def test_what_is_said_of_a_provider_is_whole_and_safe(tmp_path: object) -> None:
    """A part of it, an address in clear, a secret that is missing, open or empty: never a default in its place."""
    whole = {
        "JIKIMI_OIDC_ISSUER": "https://sso.example.go.kr", "JIKIMI_OIDC_CLIENT": "jikimi", "JIKIMI_OIDC_CALLBACK": CALLBACK,
    }  # fmt: skip
    whole["JIKIMI_OIDC_CALLBACK"] = f"https://desk.example{BACK}"
    assert Settings.read({}).oidc is None
    for name in whole:
        with pytest.raises(Misconfigured, match=name):
            Settings.read({key: value for key, value in whole.items() if key != name})
    for name in ("JIKIMI_OIDC_ISSUER", "JIKIMI_OIDC_CALLBACK"):
        with pytest.raises(Misconfigured, match=name):
            Settings.read({**whole, name: "http://sso.example.go.kr"})
    settings = Settings.read({**whole, "JIKIMI_DATA": str(tmp_path)})
    assert settings.oidc is not None
    assert Settings.read(settings.oidc.environment()).oidc == settings.oidc
    vault = Vault(settings.data)
    assert provider_of(settings, vault) is None
    secret = vault.folder / "oidc-client.secret"
    vault.folder.mkdir(mode=0o700)
    secret.write_text("\n")
    secret.chmod(0o644)
    assert provider_of(settings, vault) is None
    secret.chmod(0o600)
    assert provider_of(settings, vault) is None
    secret.write_text("theirs\n")
    made = provider_of(settings, vault)
    assert made is not None
    assert (made.issuer, made.name) == ("https://sso.example.go.kr", "sso.example.go.kr")
    assert "theirs" not in repr(settings)


@pytest.mark.parametrize("by", ["both", "sub", "sid"])
async def test_a_sign_out_that_crosses_a_sign_in_is_not_lost(sites: Sites, by: str) -> None:
    """Heard after the provider vouched and before the session begins, it opens none; the next sign-in opens one."""
    sites.them.lies = {"sid": "one"}
    asked = sites.app.state.provider
    answers: list[int] = []

    class Crossing:
        """The same provider, whose word that it is over comes while we take in who it is."""

        issuer, address, over = asked.issuer, asked.address, asked.over

        async def vouched(self, errand: Errand, code: str) -> Vouched:
            vouched: Vouched = await asked.vouched(errand, code)
            lies = {"sub": None if by == "sid" else "s-1", "sid": None if by == "sub" else "one"}
            answers.append(await said(sites, sites.them.over(**lies)))
            return vouched

    sites.app.state.provider = Crossing()
    assert why(await sites.signed_in()) == "sign-in-refused"
    assert (answers, await here(sites)) == ([200], False)
    assert (await sites.rows("sign_in_refused"))[-1]["reason_code"] == "over"
    sites.app.state.provider = asked
    await sites.signed_in()
    assert await here(sites)


async def test_a_word_for_a_session_we_were_never_told_ends_nobody_s(sites: Sites) -> None:
    """A number alone that we never heard says of nobody here that they are out, and keeps nobody from coming in."""
    await sites.signed_in()
    assert await said(sites, sites.them.over(sub=None, sid="unheard")) == 200
    assert await here(sites)
    sites.them.lies = {"auth_time": int(time.time()) - 3600}
    assert (await sites.signed_in()).headers["location"] == "/console"


async def test_whoever_is_sent_out_after_the_word_comes_in(sites: Sites) -> None:
    """Their sign-in there may be older than the word: what they bring was made for an errand that began after it."""
    sites.them.lies = {"auth_time": int(time.time()) - 3600}
    before = await sites.vouched(await sites.sent())
    assert await said(sites, sites.them.over(sub="s-1")) == 200
    assert why(await sites.browser.get(before)) == "sign-in-refused"
    assert (await sites.signed_in()).headers["location"] == "/console"
    assert await here(sites)


async def test_a_provider_that_is_away_takes_nobody_s_tries_at_a_password(sites: Sites) -> None:
    """However often the button is pressed, or strangers send words, the password opens at the first try."""
    async with sites.service.transaction() as connection:
        agency = (await connection.execute(text("SELECT agency FROM account WHERE name = 'monitor'"))).scalar_one()
        _, password = await create_account(connection, agency, Role.MONITOR, "night", None, None)
    sites.app.state.provider = OpenId("http://127.0.0.1:9", "us", "theirs", CALLBACK, SystemClock())
    for _ in range(25):
        assert why(await sites.browser.get(OUT)) == "provider-away"
        await sites.browser.post(OVER, data={"logout_token": "no"})
    told = await sites.browser.post("/api/sessions", json={"name": "night", "password": password})
    assert told.status_code == 201
