"""Signing in by an organisation's own provider, and out. It must never make an account, nor find one by a name or an e-mail
address, nor end a session that this provider did not vouch for.

An errand goes out with a secret that only the browser keeps, and comes back once. What it brings opens the same session
a password does, for the account a registrar recorded for that subject of that issuer.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

from jikimi.identity import cache, repository
from jikimi.identity.model import Actor, Greeter, SignedIn
from jikimi.identity.provider import Errand, NobodyHere, NoSignOut, NotProven, Over, Provider
from jikimi.identity.service import begin
from jikimi.kernel.clock import Clock, moment
from jikimi.ledger import rows
from jikimi.store.database import Database

ERRAND_S: Final = 600.0
"""How long somebody may take at the provider."""
REMEMBERED_S: Final = 3600.0
"""How long a logout token is known again; it is listened to for minutes."""
METHOD: Final = "oidc"
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
        begun = await _use(database, clock, errand, back, provider.issuer)
        asked = clock.unix()
        vouched = await provider.vouched(errand, back.code)
    except NotProven as error:
        await _refused(database, clock, error.why)
        raise
    now = clock.unix()
    async with database.transaction() as connection:
        await repository.alone(connection, saying=False)
        over = await repository.said_over(connection, vouched, begun, asked)
        account = await repository.account_of_subject(connection, vouched.issuer, vouched.subject)
        if account is not None and not over:
            return await begin(connection, now, account, greet, vouched)
    if over:
        await _refused(database, clock, "over")
        raise NotProven("over")
    await _refused(database, clock, "nobody")
    raise NobodyHere("No account here that may be used goes with this sign-in.")


async def go_out(database: Database, clock: Clock, provider: Provider, token: str) -> int:
    """End what a logout token says is over, here at once and elsewhere within a second; returns how many sessions it were.

    Raises NoSignOut (also for one that was said before), ProviderAway. Each refusal is on the ledger.
    """
    try:
        ended = await _end(database, clock.unix(), await provider.over(token))
    except NoSignOut as error:
        await _refused(database, clock, error.why, "sign_out_refused")
        raise
    for actor in ended:
        cache.of(database).drop(actor.session)
    return len(ended)


async def _end(database: Database, now: float, over: Over) -> list[Actor]:
    word = hashlib.sha256(f"{over.issuer}\n{over.word}".encode("utf-8", "surrogatepass")).digest()
    async with database.transaction() as connection:
        await repository.alone(connection, saying=True)
        if not await repository.first_said(connection, word, moment(now + REMEMBERED_S), moment(now), over):
            raise NoSignOut("used")
        ended = await repository.end_vouched(connection, over.issuer, over.subject, over.sid, moment(now))
        await rows.append_many(connection, [
            rows.Row(now, "signed_out", {
                "account": actor.account, "agency": actor.agency, "role": actor.role, "session": actor.session,
                "method": METHOD,
            })
            for actor in ended
        ])  # fmt: skip
    return ended


async def _use(database: Database, clock: Clock, errand: Errand, back: Back, issuer: str) -> float:
    """Spend the errand before anything is asked of anybody: what comes twice comes from somebody else; when it had begun."""
    async with database.transaction() as connection:
        expires = await repository.use_try(connection, errand.digest, moment(clock.unix()))
    if expires is None:
        raise NotProven("used")
    if not errand.is_state(back.state):
        raise NotProven("state")
    # Where the provider says who it is, it must be the one that was asked (RFC 9207).
    if back.issuer not in (None, issuer):
        raise NotProven("iss")
    return expires.timestamp() - ERRAND_S


async def _refused(database: Database, clock: Clock, why: str, kind: str = "sign_in_refused") -> None:
    async with database.transaction() as connection:
        await rows.append(connection, clock.unix(), kind, method=METHOD, reason_code=why, allowed=False)
