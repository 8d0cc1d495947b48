"""Accounts and their sessions ended by others. It must never leave a session that speaks for an account that is over."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity import cache
from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import moment
from jikimi.ledger import rows
from jikimi.store.database import Database

_DISABLE: Final = text(
    "UPDATE account SET disabled_at = :now, ended_by = :by WHERE id = :account AND disabled_at IS NULL"
)
_FORGET: Final = text("DELETE FROM account_subject WHERE account = :account")
_END: Final = text("""
UPDATE session SET ended_at = :now FROM account WHERE account.id = session.account AND session.account = :account
  AND ended_at IS NULL AND (CAST(:issuer AS text) IS NULL OR (issuer = :issuer AND subject IS DISTINCT FROM :subject))
RETURNING account.id AS account, account.agency, account.role, account.unit, account.name, session.id AS session
""")


async def end_account(connection: AsyncConnection, now: float, account: UUID, by: UUID | None) -> list[UUID]:
    """Let nobody sign in by this account any more and end its sessions; returns them, to be forgotten once it is committed.

    ``by`` None is the installation's operator. An account that is over stays over; what it did stays on the record.
    """
    await connection.execute(_DISABLE, {"account": account, "now": moment(now), "by": by})
    await connection.execute(_FORGET, {"account": account})
    return await end_sessions(connection, now, account)


async def end_sessions(
    connection: AsyncConnection, now: float, account: UUID, issuer: str | None = None, subject: str | None = None
) -> list[UUID]:
    """End an account's sessions: all, or those ``issuer`` vouched for by another name than ``subject``; returns them."""
    values = {"account": account, "now": moment(now), "issuer": issuer, "subject": subject}
    ended = [Actor(**{**row, "role": Role(row["role"])}) for row in (await connection.execute(_END, values)).mappings()]
    await rows.append_many(connection, [
        rows.Row(now, "signed_out", {
            "account": actor.account, "agency": actor.agency, "role": actor.role, "session": actor.session,
            "method": "ended",
        })
        for actor in ended
    ])  # fmt: skip
    return [actor.session for actor in ended]


def forget(database: Database, sessions: Iterable[UUID]) -> None:
    """Close open lines of sessions that have ended, in this process at once; others see it within a second."""
    for session in sessions:
        cache.of(database).drop(session)
