"""Signing in elsewhere, as a port: what an organisation's own provider is asked and may answer.

It must never be believed for more than two things: that whoever comes back with this code is its subject of that name, and
that a session of that subject is over there.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from jikimi.kernel.errors import Malformed, Unauthenticated, Unavailable


class ProviderAway(Unavailable):
    """The provider does not answer, or not as one does. Passwords go on working."""

    code = "provider-away"
    advice = "Sign in with your name and password here, and tell whoever keeps this installation."


class NotProven(Unauthenticated):
    """What came back proves nothing: begin again. ``why`` is a code for the ledger, and no part of the answer."""

    code, status = "sign-in-refused", HTTPStatus.UNAUTHORIZED
    advice = "Begin the sign-in again from our own page, or use your name and password."

    def __init__(self, why: str) -> None:
        super().__init__("The sign-in at your organisation could not be confirmed.")
        self.why = why


class NobodyHere(Unauthenticated):
    """The provider vouches for somebody who has no account here that may be used."""

    code, status = "no-account", HTTPStatus.UNAUTHORIZED
    advice = "Ask your agency's registrar to record your organisation's sign-in with your account."


class NoSignOut(Malformed):
    """What asks to end sessions proves nothing. ``why`` is a code for the ledger, and no part of the answer."""

    code = "sign-out-refused"
    advice = "Send a logout token of the provider that is set up here, once (OpenID Connect Back-Channel Logout 1.0)."

    def __init__(self, why: str) -> None:
        super().__init__("This logout token ends nothing.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a provider vouches for, and which session of theirs it is there; ``sid`` None where it does not say.

    ``at``: when they proved themselves there, or when it was said, where it does not say that (Unix seconds).
    """

    issuer: str
    subject: str
    sid: str | None = None
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Over:
    """What a provider says is over: a session of that name, or every one of a subject. ``word`` names the saying itself.

    ``at``: when it was said (Unix seconds).
    """

    issuer: str
    subject: str | None
    sid: str | None
    word: str = field(repr=False)
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Errand:
    """One sign-in under way. Everything is derived from ``secret``, which only the browser that began it holds."""

    secret: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """What we keep of it, so that it can be used once."""
        return hashlib.sha256(self.secret.encode("utf-8", "surrogatepass")).digest()

    @property
    def state(self) -> str:
        """Comes back with the code (RFC 6749, 10.12)."""
        return self._derived(b"state")

    @property
    def nonce(self) -> str:
        """Comes back inside the token (OpenID Connect Core, 3.1.2.1)."""
        return self._derived(b"nonce")

    @property
    def verifier(self) -> str:
        """Goes with the code (RFC 7636)."""
        return self._derived(b"verifier")

    def is_state(self, state: str) -> bool:
        """Whether ``state`` is this errand's."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))

    def _derived(self, what: bytes) -> str:
        made = hmac.new(self.secret.encode("utf-8", "surrogatepass"), what, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


class Provider(Protocol):
    """An organisation's own sign-in."""

    @property
    def issuer(self) -> str:
        """Its address, by which a subject is told apart from another provider's of the same name."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    async def address(self, errand: Errand) -> str:
        """Where to send the browser; raises ProviderAway."""
        ...

    async def vouched(self, errand: Errand, code: str) -> Vouched:
        """Whom ``code`` stands for; raises ProviderAway, NotProven."""
        ...

    async def over(self, token: str) -> Over:
        """What a logout token ends; raises ProviderAway, NoSignOut."""
        ...
