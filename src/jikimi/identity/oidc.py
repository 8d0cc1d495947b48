"""OpenID Connect: authorization code with PKCE, by Authlib. It must never believe a token of another issuer, for another
client, of another sign-in, out of its time, or signed by a key the issuer does not publish, nor take one kind for another.

Whatever the provider says of a person but the subject (a name, an e-mail address, a role) is passed over.
"""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from jikimi.identity import logout
from jikimi.identity.provider import Errand, NoSignOut, NotProven, Over, ProviderAway, Vouched
from jikimi.kernel.clock import Clock

ALGORITHMS: Final = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures that take a key only the issuer holds; never one made with the client's secret, nor none."""
LEEWAY_S: Final = 60
"""How far two clocks may be apart."""
KEPT_S: Final = 3600.0
"""How long the provider's description of itself is used before it is read again."""
PATIENCE_S: Final = 5.0
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class OpenId:
    """One provider, found by its issuer (OpenID Connect Discovery 1.0)."""

    def __init__(self, issuer: str, client_id: str, secret: str, callback: str, clock: Clock, name: str = "") -> None:
        """``callback`` is our address as registered there; ``clock`` the machine's own, also in an exercise."""
        self.issuer, self.name = issuer, name
        self._client_id, self._secret, self._callback = client_id, secret, callback
        self._clock = clock
        self._said: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    async def address(self, errand: Errand) -> str:
        """Where to send the browser; raises ProviderAway."""
        said = await self._description()
        async with self._client(said) as client:
            address, _ = client.create_authorization_url(
                said["authorization_endpoint"], state=errand.state, code_verifier=errand.verifier, nonce=errand.nonce
            )
        return str(address)

    async def vouched(self, errand: Errand, code: str) -> Vouched:
        """Whom ``code`` stands for; raises ProviderAway, NotProven."""
        said = await self._description()
        token = await self._exchanged(said, errand, code)
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise NotProven("token")
        try:
            claims = self._claims(await self._decoded(said, raw), errand, str(token.get("access_token", "")))
        except ExpiredTokenError:
            raise NotProven("expired") from None
        except ClaimError as error:
            raise NotProven(str(error.claim).split(",")[0]) from None
        except (BadSignatureError, InvalidKeyIdError):
            raise NotProven("signature") from None
        except (JoseError, ValueError, TypeError):
            raise NotProven("token") from None
        subject, sid = claims["sub"], claims.get("sid")
        if not logout.is_name(subject):
            raise NotProven("sub")
        return Vouched(self.issuer, subject, sid if logout.is_name(sid) else None, _proved_at(claims))

    async def over(self, token: str) -> Over:
        """What a logout token ends (OpenID Connect Back-Channel Logout 1.0); raises ProviderAway, NoSignOut."""
        said = await self._description()
        try:
            decoded = await self._decoded(said, token)
        except (BadSignatureError, InvalidKeyIdError):
            raise NoSignOut("signature") from None
        except (JoseError, ValueError, TypeError):
            raise NoSignOut("token") from None
        return logout.over(decoded.header, decoded.claims, self.issuer, self._client_id, self._clock.unix())

    def _claims(self, token: jwt.Token, errand: Errand, access_token: str) -> CodeIDToken:
        options = {
            "iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self._client_id},
            "exp": {"essential": True}, "iat": {"essential": True}, "sub": {"essential": True},
        }  # fmt: skip
        params = {"nonce": errand.nonce, "client_id": self._client_id, "access_token": access_token}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(self._clock.unix()), leeway=LEEWAY_S)
        return claims

    async def _decoded(self, said: dict[str, Any], raw: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        known = self._keys
        if known is not None:
            try:
                return jwt.decode(raw, known, registry=registry)
            except (InvalidKeyIdError, BadSignatureError):
                pass  # keys are changed without a word: read them once more
        self._keys = KeySet.import_key_set({"keys": (await self._read(said["jwks_uri"])).get("keys", [])})
        return jwt.decode(raw, self._keys, registry=registry)

    async def _exchanged(self, said: dict[str, Any], errand: Errand, code: str) -> dict[str, Any]:
        try:
            async with self._client(said) as client:
                token = await client.fetch_token(
                    said["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=errand.verifier
                )
        except OAuthError:
            raise NotProven("code") from None
        except (httpx2.HTTPError, ValueError):
            raise ProviderAway("Your organisation's sign-in does not answer.") from None
        return dict(token)

    async def _description(self) -> dict[str, Any]:
        now = asyncio.get_running_loop().time()
        if self._said is not None and now - self._said[0] < KEPT_S:
            return self._said[1]
        said = await self._read(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != self.issuer or not all(_as_safe(self.issuer, said.get(name)) for name in _ENDPOINTS):
            raise ProviderAway("Your organisation's sign-in does not describe itself as the one that is set up here.")
        self._said = now, said
        return said

    async def _read(self, address: str) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
                answer = await client.get(address)
                answer.raise_for_status()
                said = answer.json()
        except (httpx2.HTTPError, ValueError):
            raise ProviderAway("Your organisation's sign-in does not answer.") from None
        if not isinstance(said, dict):
            raise ProviderAway("Your organisation's sign-in answers something else.")
        return said

    def _client(self, said: dict[str, Any]) -> AsyncOAuth2Client:
        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            self._client_id, self._secret, token_endpoint_auth_method=method, scope="openid",
            redirect_uri=self._callback, code_challenge_method="S256", timeout=PATIENCE_S,
        )  # fmt: skip


def _proved_at(claims: CodeIDToken) -> float:
    said = [claims[name] for name in ("auth_time", "iat") if logout.is_time(claims.get(name))]
    return float(min(said))


def _as_safe(issuer: str, address: object) -> bool:
    """Whether an endpoint is reached as safely as its issuer."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in _LOOPBACK and urlsplit(issuer).scheme == "http"
    )
