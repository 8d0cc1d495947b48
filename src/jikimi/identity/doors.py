"""Doors of a demonstration: sign-ins that work once, for minutes, without a password. It must never open real data.

They exist in an exercise only, in this process's memory only, and are given to whoever sits at the machine itself or
holds the code that the demonstration printed.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity import repository
from jikimi.identity.model import Actor, Role, SignedIn
from jikimi.identity.service import SESSION_S
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows
from jikimi.store.database import Database

VAULT_KEY: Final = "doors"
HOLDS_S: Final = 600.0
"""A door nobody went through is closed after this."""
RENEWED_S: Final = 120.0
"""A door is replaced when it has less than this left, so that what is on a screen can still be scanned."""
LET_GO_S: Final = 120.0
"""A terminal whose line was lost is still its person's for so long: a phone's screen goes dark."""
PATHS: Final = {
    Role.DISPATCHER: "/console", Role.MONITOR: "/console", Role.POLICE_OFFICER: "/field",
    Role.PROBATION_OFFICER: "/field",
}  # fmt: skip
"""Roles that have a screen, in the order they are shown, and where it is."""
_ACCOUNTS: Final = text("""
SELECT DISTINCT ON (role) role, name FROM account
WHERE role = ANY(CAST(:roles AS text[])) AND disabled_at IS NULL ORDER BY role, id
""")


class DoorGone(NotFound):
    """A door that was used, is too old, or never was: the three look the same."""

    code = "door-gone"
    advice = "Open the page of doors again: it shows a new one."


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: the account it signs in, and until when (seconds of a steady clock)."""

    code: str = field(repr=False)
    role: Role
    name: str
    until: float


@dataclass(slots=True)
class Sitting:
    """A person at a terminal: the account, and when it was last seen to be there (seconds of a steady clock)."""

    name: str
    seen: float


class Doors:
    """The doors of one running demonstration, who sits behind them, and how far its morning is."""

    def __init__(self, key: bytes, host: str) -> None:
        """``key`` is the vault's; ``host`` where the desk listens."""
        self.run_code, self.host = run_code(key), host
        self.morning: float | None = None
        self.ended: float | None = None
        """When the morning's story was over (the exercise's time); None while it waits or goes on."""
        self.used: set[Role] = set()
        self._open: dict[str, Door] = {}
        self._sitting: dict[UUID, Sitting] = {}

    def begin(self, now: float) -> float:
        """The morning begins, once; after its end another one. Returns when."""
        if self.morning is None or self.ended is not None:
            self.morning, self.ended = now, None
        return self.morning

    def seated(self, actor: Actor, now: float) -> None:
        """A person sits at this terminal from now on, by a door or by name: nobody else plays it."""
        self.used.add(actor.role)
        self._sitting[actor.session] = Sitting(actor.name, now)

    def left(self, session: UUID) -> None:
        """A person signed out: the terminal is nobody's."""
        self._sitting.pop(session, None)

    def held(self, lines: Collection[UUID], now: float) -> set[str]:
        """Accounts whose terminal a person has; ``lines`` are the sessions whose line is open at this moment."""
        for session, sitting in list(self._sitting.items()):
            if session in lines:
                sitting.seen = now
            elif now - sitting.seen > LET_GO_S:
                del self._sitting[session]
        return {sitting.name for sitting in self._sitting.values()}

    def current(self, role: Role, name: str, now: float) -> Door:
        """The door of an account that can still be gone through; a new one where there is none."""
        self._open = {code: door for code, door in self._open.items() if door.until > now}
        for door in self._open.values():
            if door.name == name and door.until - now > RENEWED_S:
                return door
        made = Door(secrets.token_urlsafe(16), role, name, now + HOLDS_S)
        self._open[made.code] = made
        return made

    def look(self, code: str, now: float) -> Door:
        """The door of that code, left as it is; raises DoorGone for one that was used, is old, or never was."""
        door = self._open.get(code)
        if door is None or door.until <= now:
            raise DoorGone("This door was used or is too old; open the page of doors again.")
        return door

    def take(self, code: str, now: float) -> Door:
        """Go through: it is gone for everybody else before anything else happens. Raises DoorGone."""
        door = self.look(code, now)
        del self._open[code]
        return door


def run_code(key: bytes) -> str:
    """What stands in the printed address; the same for all processes that share the vault."""
    return base64.b32encode(hmac.new(key, b"run", hashlib.sha256).digest())[:12].decode().lower()


async def accounts(database: Database) -> dict[Role, str]:
    """The first account of every role that has a screen."""
    async with database.transaction() as connection:
        found = {Role(row.role): row.name for row in await connection.execute(_ACCOUNTS, {"roles": list(PATHS)})}
    return {role: found[role] for role in PATHS if role in found}


async def enter(database: Database, clock: Clock, door: Door) -> SignedIn:
    """A session for whoever went through; raises DoorGone when the account is gone."""
    token, now = secrets.token_urlsafe(32), clock.unix()
    async with database.transaction() as connection:
        account = await repository.account_named(connection, door.name)
        if account is None:
            raise DoorGone("Behind this door is nobody any more.")
        actor = Actor(account.id, account.agency, account.role, account.unit, account.name, uuid7())
        digest = hashlib.sha256(token.encode()).digest()
        await repository.start_session(connection, actor, digest, moment(now), moment(now + SESSION_S))
        await rows.append(
            connection, now, "door_opened", account=actor.account, agency=actor.agency, role=actor.role,
            session=actor.session, exercise=True,
        )  # fmt: skip
    return SignedIn(token, actor, now + SESSION_S)
