"""A small OpenID Connect provider on loopback, for tests: it vouches for whom it is told to, and lies where it is told to.

It speaks the protocol over HTTP like any other, so that what is tested is our side of a real conversation.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.conftest import free_port

CLIENT, SECRET = "jikimi", "a-secret-of-both"


@dataclass
class OpenIdProvider:
    """``subject`` is who signs in; ``lies`` are claims put in the place of the true ones."""

    port: int = field(default_factory=free_port)
    subject: str = "s-1"
    lies: dict[str, Any] = field(default_factory=dict)
    keys: list[RSAKey] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    unsigned: bool = False
    foreign: bool = False
    forged: str | None = None

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def rotate(self) -> None:
        """A new key, and the old one published no more."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)}, private=True)]

    async def describe(self, _: Request) -> Response:
        return JSONResponse({
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"], "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        })  # fmt: skip

    async def authorize(self, request: Request) -> Response:
        """Nobody is asked anything: the person is signed in there already."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        if asked["client_id"] != CLIENT or asked["code_challenge_method"] != "S256":
            return Response("no", 400)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        said = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(said.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(said.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or request.headers.get("authorization") != f"Basic {known}"
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or said.get("redirect_uri") != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "x", "token_type": "Bearer", "id_token": self.forged or self.signed(asked)}
        )

    async def published(self, _: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    def signed(self, asked: dict[str, str]) -> str:
        """A token for what was asked, with the lies in it."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "email": "monitor@example.org", **self.lies,
        }  # fmt: skip
        return self.sealed(claims)

    def over(self, **lies: Any) -> str:
        """A logout token of its own session of the subject, with the lies in it."""
        now = int(time.time())
        event: dict[str, dict[str, str]] = {"http://schemas.openid.net/event/backchannel-logout": {}}
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": secrets.token_hex(8), "events": event,
            "sub": self.subject, "sid": None, **lies,
        }  # fmt: skip
        return self.sealed(claims, typ="logout+jwt")

    def sealed(self, claims: dict[str, Any], typ: str = "JWT") -> str:
        """Signed, or not as it should be."""
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.unsigned:
            return "eyJhbGciOiJub25lIn0." + base64.urlsafe_b64encode(str(claims).encode()).decode().rstrip("=") + "."
        key = self.keys[0]
        if self.foreign:
            key = RSAKey.generate_key(2048, {"kid": key.kid or ""}, private=True)
        return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": typ}, claims, key)


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """One at work in a thread of its own."""
    made = OpenIdProvider()
    made.rotate()
    app = Starlette(routes=[
        Route("/.well-known/openid-configuration", made.describe), Route("/authorize", made.authorize),
        Route("/token", made.token, methods=["POST"]), Route("/keys", made.published),
    ])  # fmt: skip
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=made.port, log_config=None, lifespan="off"))
    running = threading.Thread(target=server.run)
    running.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield made
    finally:
        server.should_exit = True
        running.join()
