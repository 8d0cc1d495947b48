"""Accounts that end, or come back, and word of those made. It must never let one appear or go with both agencies untold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.ending import end_account
from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Conflict, NotFound
from jikimi.ledger.rows import append
from jikimi.share import register, telling
from jikimi.share.policy import Action, Data, may, require
from jikimi.staff import leaving
from jikimi.staff.rules import DutyRules
from jikimi.staff.service import KIND
from jikimi.store.due import put

DECIDING: Final = frozenset({Role.REGISTRAR, Role.REVIEWER})
"""Roles that rules for two people count on."""
_ACCOUNT: Final = text("SELECT role, disabled_at FROM account WHERE id = :id AND agency = :agency FOR UPDATE")
_RESTORE: Final = text("""
UPDATE account SET disabled_at = NULL, ended_by = NULL WHERE name = :name AND disabled_at IS NOT NULL RETURNING id, agency, role
""")
_NAMED: Final = text("SELECT id, agency, role FROM account WHERE name = :name AND disabled_at IS NULL FOR UPDATE")
# Whom an agency shares orders with.
_PARTNERS: Final = text("""
SELECT DISTINCT b.agency FROM access_grant a JOIN access_grant b ON b."order" = a."order" AND b.ended_at IS NULL
WHERE a.agency = :agency AND a.kind = 'standing' AND a.ended_at IS NULL AND b.kind = 'standing'
""")


@dataclass(frozen=True, slots=True)
class _Operator:
    """The installation's operator, who has no account, as whoever did something to an agency's."""

    agency: UUID
    account: UUID = register.NOBODY
    name: str = ""


async def told_of_made(
    connection: AsyncConnection, clock: Clock, actor: Actor, made: Collection[tuple[UUID, Role, bool]]
) -> None:
    """Put accounts somebody made (id, role, whether their owner can be matched to parties) on the register.

    Both agencies are paged where one of them may decide, or belongs to somebody nobody can match.
    """
    if not made:
        return
    rule = require(actor, Action.REGISTER, Data.ACCOUNT)
    for account, _, _ in made:
        await register.record(
            connection, clock, actor, rule.action, rule.purpose, rule.article, "account_made", account
        )
    whats = ["account-made"] if any(role in DECIDING for _, role, _ in made) else []
    whats += ["account-unmatched"] if not all(matched for _, _, matched in made) else []
    await _tell(connection, clock.unix(), actor, actor.agency, whats)


async def told_of_bound(connection: AsyncConnection, now: float, actor: Actor, role: Role) -> None:
    """Page both agencies that somebody said how an account signs in elsewhere, where it may decide."""
    await _tell(connection, now, actor, actor.agency, ["account-bound"] if role in DECIDING else [])


async def end(
    connection: AsyncConnection, clock: Clock, actor: Actor, account: UUID, rules: DutyRules
) -> list[UUID]:  # fmt: skip
    """End a colleague's account and all its sessions, which are returned; a registrar does, or a privacy officer.

    Once more changes nothing. Raises Forbidden, NotFound, Conflict for one's own and where leaving.py says why. What is open
    in its owner's name goes on as at any shift's end.
    """
    if may(actor, Action.REGISTER, Data.ACCOUNT):
        rule = require(actor, Action.REGISTER, Data.ACCOUNT)
    else:
        rule = require(actor, Action.END_ACCESS)
    if account == actor.account:
        raise Conflict("Somebody else ends your account.")
    await leaving.one_at_a_time(connection, actor.agency)
    found = (await connection.execute(_ACCOUNT, {"id": account, "agency": actor.agency})).one_or_none()
    if found is None:
        raise NotFound("No account of your agency has this id.")
    if found.disabled_at is not None:
        return []
    now = clock.unix()
    await leaving.check(connection, actor, account, Role(found.role), rules, now)
    sessions = await end_account(connection, now, account, actor.account)
    await append(
        connection, now, "account_ended", account=actor.account, subject=account, agency=actor.agency, role=found.role
    )
    await register.record(connection, clock, actor, rule.action, rule.purpose, rule.article, "account_ended", account)
    await _tell(connection, now, actor, actor.agency, ["account-ended"])
    await _left(connection, now, account)
    return sessions


async def end_named(connection: AsyncConnection, clock: Clock, name: str) -> None:
    """The same for the installation's operator, by the name it signs in with; raises NotFound, also where it is over."""
    found = (await connection.execute(_NAMED, {"name": name})).one_or_none()
    if found is None:
        raise NotFound("No account has this name, or it is over.")
    now = clock.unix()
    await end_account(connection, now, found.id, None)
    await append(connection, now, "account_ended", account=None, subject=found.id, agency=found.agency, role=found.role)
    await _told_of_operator(connection, clock, found.agency, found.id, "account-ended")
    await _left(connection, now, found.id)


async def restore_named(connection: AsyncConnection, clock: Clock, name: str) -> None:
    """Let somebody sign in by an account that was ended, for the operator; raises NotFound, also where it is not over.

    Its sessions and its sign-in elsewhere do not come back.
    """
    found = (await connection.execute(_RESTORE, {"name": name})).one_or_none()
    if found is None:
        raise NotFound("No account that was ended has this name.")
    values = {"account": None, "subject": found.id, "agency": found.agency, "role": found.role}
    await append(connection, clock.unix(), "account_restored", **values)
    await _told_of_operator(connection, clock, found.agency, found.id, "account-restored")


async def _told_of_operator(connection: AsyncConnection, clock: Clock, agency: UUID, account: UUID, what: str) -> None:
    """As of anybody else's act: the register of the account's agency, and both rooms."""
    await register.by_operator(connection, clock, agency, what.replace("-", "_"), account)
    await _tell(connection, clock.unix(), _Operator(agency), agency, [what])


async def _left(connection: AsyncConnection, now: float, account: UUID) -> None:
    """Let the room see at once what is open in the name of an account that is over."""
    await put(connection, KIND, str(account), now, {"what": "account-left"})


async def _tell(
    connection: AsyncConnection, now: float, actor: telling.Doer, agency: UUID, whats: Sequence[str]
) -> None:
    if not whats:
        return
    rooms = [row.agency for row in await connection.execute(_PARTNERS, {"agency": agency})]
    for what in whats:
        await telling.tell(connection, now, actor, what, None, rooms)
