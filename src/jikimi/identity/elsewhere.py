"""Signing in by an organisation's own provider. It must never make an account, nor find one by a name or an e-mail address.

An errand goes out with a secret that only the browser keeps, and comes back once. What it brings opens the same session
a password does, for the account a registrar recorded for that subject of that issuer.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

from jikimi.identity import repository
from jikimi.identity.model import Greeter, SignedIn
from jikimi.identity.provider import Errand, NobodyHere, NotProven, Provider
from jikimi.identity.service import begin
from jikimi.kernel.clock import Clock, moment
from jikimi.ledger import rows
from jikimi.store.database import Database

ERRAND_S: Final = 600.0
"""How long somebody may take at the provider."""
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Back:
    """What a browser brings back in the address; ``issuer`` None where the provider does not say who it is."""

    state: str
    code: str = field(repr=False)
    issuer: str | None = None


async def go(database: Database, clock: Clock, provider: Provider) -> tuple[Errand, str]:
    """A new errand, and where to send the browser with it; raises ProviderAway."""
    errand = Errand(secrets.token_urlsafe(_SECRET_BYTES))
    address = await provider.address(errand)
    now = clock.unix()
    async with database.transaction() as connection:
        await repository.begin_try(connection, errand.digest, moment(now + ERRAND_S), moment(now))
    return errand, address


async def come_back(
    database: Database, clock: Clock, provider: Provider, errand: Errand, back: Back, greet: Greeter | None = None
) -> SignedIn:
    """The session of whoever came back; raises NotProven, NobodyHere, ProviderAway. Each refusal is on the ledger."""
    try:
        await _use(database, clock, errand, back, provider.issuer)
        subject = await provider.subject(errand, back.code)
    except NotProven as error:
        await _refused(database, clock, error.why)
        raise
    now = clock.unix()
    async with database.transaction() as connection:
        account = await repository.account_of_subject(connection, provider.issuer, subject)
        if account is not None:
            return await begin(connection, now, account, greet, "oidc")
    await _refused(database, clock, "nobody")
    raise NobodyHere("No account here that may be used goes with this sign-in.")


async def _use(database: Database, clock: Clock, errand: Errand, back: Back, issuer: str) -> None:
    """Spend the errand before anything is asked of anybody: what comes twice comes from somebody else."""
    async with database.transaction() as connection:
        if not await repository.use_try(connection, errand.digest, moment(clock.unix())):
            raise NotProven("used")
    if not errand.is_state(back.state):
        raise NotProven("state")
    # Where the provider says who it is, it must be the one that was asked (RFC 9207).
    if back.issuer not in (None, issuer):
        raise NotProven("iss")


async def _refused(database: Database, clock: Clock, why: str) -> None:
    async with database.transaction() as connection:
        await rows.append(connection, clock.unix(), "sign_in_refused", method="oidc", reason_code=why, allowed=False)
