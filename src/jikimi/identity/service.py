"""Signing in and out, and who is asking. It must never tell an unknown, a locked and a mistaken sign-in apart.

Every refusal costs one Argon2 comparison and is given at the same time after the question. Wrong passwords are counted
for each origin the owner is known from, and together for all others: guessing from elsewhere never locks the owner out.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity import cache, passwords, repository
from jikimi.identity.accounts import create_account, first_run
from jikimi.identity.locks import locked_for
from jikimi.identity.model import Actor, Greeter, SignedIn
from jikimi.identity.provider import Vouched
from jikimi.identity.repository import Account, Tried
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Unauthenticated
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows
from jikimi.store.database import Database

__all__ = ["actor_for", "begin", "create_account", "first_run", "open_session", "sign_in", "sign_out"]

SESSION_S: Final = 12 * 3600.0
"""How long a session holds: one shift."""
KNOWN_S: Final = 90 * 86400.0
"""How long an origin is the owner's after a sign-in from there."""
REFUSAL_S: Final = 0.5
"""No refusal is given earlier than this after the question, whatever was or was not looked up and written."""
_REFUSAL: Final = "Name and password do not fit, or the account is locked for a while."
_TOKEN_BYTES: Final = 32
_LONGEST_TOKEN: Final = 128


async def sign_in(database: Database, clock: Clock, name: str, password: str) -> tuple[str, Actor]:
    """A new session's token and its actor; raises Unauthenticated, the same for every reason."""
    signed = await open_session(database, clock, name, password)
    return signed.token, signed.actor


async def open_session(
    database: Database, clock: Clock, name: str, password: str, origin: str | None = None, greet: Greeter | None = None
) -> SignedIn:
    """The same with the time it ends; ``origin`` is the network it is asked from, None where nobody knows.

    What ``greet`` warns of, in the same transaction, comes with the session. One Argon2 comparison and the same statements
    are made whether or not the account exists or is locked.
    """
    loop = asyncio.get_running_loop()
    asked = loop.time()
    account = await _account(database, name)
    right = await passwords.matches(account.secret if account else None, password)
    signed = await _judge(database, clock, account, origin, greet, right=right)
    if signed is None:
        await asyncio.sleep(max(0.0, REFUSAL_S - (loop.time() - asked)))
        raise Unauthenticated(_REFUSAL)
    if account is not None and passwords.outdated(account.secret):
        secret = await passwords.hashed(password)
        async with database.transaction() as connection:
            await repository.renew_secret(connection, account.id, secret)
    return signed


async def actor_for(database: Database, clock: Clock, token: str) -> Actor | None:
    """Who speaks with ``token``; None for nobody. May be ``cache.HELD_S`` behind another process's sign-out."""
    if not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    digest = _digest(token)
    now = clock.unix()
    if (known := cache.of(database).get(digest, now)) is not None:
        return known
    async with database.transaction() as connection:
        actor = await repository.actor_of_session(connection, digest, moment(now))
    if actor is not None:
        cache.of(database).put(digest, actor, now)
    return actor


async def living_sessions(database: Database, clock: Clock, sessions: Collection[UUID]) -> set[UUID]:
    """Those of ``sessions`` that still hold; for whoever keeps many lines open and may ask once for all."""
    async with database.transaction() as connection:
        return await repository.living_sessions(connection, sessions, moment(clock.unix()))


def ended_here(database: Database, session: UUID) -> bool:
    """Whether this process has ended that session; another's end is seen by ``living_sessions``."""
    return cache.of(database).gone(session)


async def sign_out(database: Database, clock: Clock, actor: Actor) -> None:
    """End the actor's session: here at once, in other processes within a second."""
    now = clock.unix()
    async with database.transaction() as connection:
        if await repository.end_session(connection, actor.session, moment(now)):
            await _note(connection, now, "signed_out", actor)
    cache.of(database).drop(actor.session)


async def _account(database: Database, name: str) -> Account | None:
    async with database.transaction() as connection:
        # What is not printable the record cannot hold, so nobody has it; nobody is called nothing either.
        return await repository.account_named(connection, name if name.isprintable() else "")


async def begin(
    connection: AsyncConnection,
    now: float,
    account: Account,
    greet: Greeter | None = None,
    vouched: Vouched | None = None,
) -> SignedIn:
    """A session for an account that has proved itself; ``vouched``: elsewhere, and not by a password."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    actor = Actor(account.id, account.agency, account.role, account.unit, account.name, uuid7())
    expires_at = now + SESSION_S
    await repository.start_session(connection, actor, _digest(token), moment(now), moment(expires_at), vouched)
    await _note(connection, now, "signed_in", actor, **({} if vouched is None else {"method": "oidc"}))
    warnings = () if greet is None else await greet(connection, actor, now)
    return SignedIn(token, actor, expires_at, warnings)


async def _judge(
    database: Database, clock: Clock, account: Account | None, origin: str | None, greet: Greeter | None, *, right: bool
) -> SignedIn | None:
    """Count or forgive, one attempt at a time: guesses made at once cannot pass the count between them."""
    now = clock.unix()
    async with database.transaction() as connection:
        found = await repository.account_named(connection, account.name if account else "", for_update=True)
        current = found or repository.NOBODY
        tried = await repository.tried(connection, current, origin, moment(now - KNOWN_S))
        locked = tried.locked_until is not None and tried.locked_until > moment(now)
        # A password changed since it was compared proves nothing any more.
        if found is None or account is None or locked or not right or current.secret != account.secret:
            await _refused(
                connection, now, current, tried, "nobody" if found is None else "locked" if locked else "wrong"
            )
            return None
        if tried.failures:
            await repository.count_failures(connection, current.id, tried.known, 0, None)
        if origin is not None:
            await repository.know_origin(connection, current.id, origin, moment(now), moment(now - KNOWN_S))
        return await begin(connection, now, current, greet)


async def _refused(connection: AsyncConnection, now: float, account: Account, tried: Tried, why: str) -> None:
    """The same work for every reason; only a wrong password counts, and who does not exist is not written down by name."""
    failures, until = tried.failures, tried.locked_until
    if why == "wrong":
        failures += 1
        shut = locked_for(failures)
        until = moment(now + shut) if shut else None
    await repository.count_failures(connection, account.id, tried.known, failures, until)
    who = {} if account is repository.NOBODY else {"account": account.id, "agency": account.agency}
    await rows.append(connection, now, "sign_in_refused", **who, count=failures, reason_code=why, allowed=False)


async def _note(connection: AsyncConnection, at: float, kind: str, actor: Actor, **more: object) -> UUID:
    return await rows.append(
        connection, at, kind, account=actor.account, agency=actor.agency, role=actor.role, session=actor.session, **more
    )


def _digest(token: str) -> bytes:
    # 256 random bits need no slow hash; what leaks from the record opens no session.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
