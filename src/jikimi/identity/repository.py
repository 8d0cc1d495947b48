"""Accounts and sessions in the record. It must never return a secret to anything but the comparison of passwords."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.identity.provider import Over, Vouched

_SAYING: Final = 0x6A696B6905
"""One number of ours among PostgreSQL's advisory locks."""
_ACCOUNT = "id, agency, name, role, unit, secret, failures, locked_until"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that is not disabled, as sign-in needs it."""

    id: UUID
    agency: UUID
    name: str
    role: Role
    unit: UUID | None
    secret: str
    failures: int
    locked_until: datetime | None

    @staticmethod
    def of(row: RowMapping) -> "Account":
        """From a row of the table."""
        return Account(**{**row, "role": Role(row["role"])})


NOBODY: Final = Account(UUID(int=0), UUID(int=0), "", Role.REGISTRAR, None, "", 0, None)
"""Stands in for an account nobody has, so that looking for one takes the same steps."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Wrong passwords in a row and until when that locks; ``known`` names the origin they were counted for alone."""

    failures: int
    locked_until: datetime | None
    known: str | None = None


async def account_named(connection: AsyncConnection, name: str, *, for_update: bool = False) -> Account | None:
    """The living account of that name; with ``for_update`` nobody else counts its failures meanwhile."""
    statement = f"SELECT {_ACCOUNT} FROM account WHERE name = :name AND disabled_at IS NULL"  # noqa: S608 - our columns
    found = await connection.execute(text(statement + (" FOR UPDATE" if for_update else "")), {"name": name})
    row = found.mappings().one_or_none()
    return Account.of(row) if row is not None else None


async def account_of_subject(connection: AsyncConnection, issuer: str, subject: str) -> Account | None:
    """The living account that a registrar recorded for this subject of this issuer; it stays so until the transaction ends."""
    columns = ", ".join(f"account.{name}" for name in _ACCOUNT.split(", "))
    found = await connection.execute(
        text(
            f"SELECT {columns} FROM account JOIN account_subject s ON s.account = account.id "  # noqa: S608 - our columns
            "WHERE s.issuer = :issuer AND s.subject = :subject AND account.disabled_at IS NULL FOR SHARE OF s"
        ),
        {"issuer": issuer, "subject": subject},
    )
    row = found.mappings().one_or_none()
    return Account.of(row) if row is not None else None


async def begin_try(connection: AsyncConnection, digest: bytes, expires: datetime, now: datetime) -> None:
    """A sign-in went elsewhere; those that never came back are forgotten."""
    await connection.execute(text("DELETE FROM sign_in_try WHERE expires_at <= :now"), {"now": now})
    await connection.execute(
        text("INSERT INTO sign_in_try (digest, expires_at) VALUES (:digest, :expires)"),
        {"digest": digest, "expires": expires},
    )


async def use_try(connection: AsyncConnection, digest: bytes, now: datetime) -> datetime | None:
    """It came back: until when it had time, once, and never for one that is too old."""
    used = await connection.execute(
        text("DELETE FROM sign_in_try WHERE digest = :digest AND expires_at > :now RETURNING expires_at"),
        {"digest": digest, "now": now},
    )
    expires: datetime | None = used.scalar_one_or_none()
    return expires


async def alone(connection: AsyncConnection, *, saying: bool) -> None:
    """Until the transaction ends: who says that a session is over waits for whoever is on the way in, and they for it."""
    shared = "" if saying else "_shared"
    await connection.execute(text(f"SELECT pg_advisory_xact_lock{shared}(:lock)"), {"lock": _SAYING})


async def first_said(
    connection: AsyncConnection, digest: bytes, expires: datetime, now: datetime, over: Over
) -> bool:  # fmt: skip
    """Whether this word was never said before; it, and what it says is over, is remembered until ``expires``."""
    await connection.execute(text("DELETE FROM sign_out_word WHERE expires_at <= :now"), {"now": now})
    said = await connection.execute(
        text(
            "INSERT INTO sign_out_word (digest, expires_at, issuer, subject, sid, said_at, heard_at) "
            "VALUES (:digest, :expires, :issuer, :subject, :sid, :said, :heard) ON CONFLICT DO NOTHING"
        ),
        {
            "digest": digest, "expires": expires, "issuer": over.issuer, "subject": over.subject, "sid": over.sid,
            "said": over.at, "heard": now.timestamp(),
        },
    )  # fmt: skip
    return said.rowcount == 1


async def said_over(connection: AsyncConnection, vouched: Vouched, begun: float, asked: float) -> bool:
    """Whether the provider has said meanwhile that this session of theirs is over; ``asked``: when we asked whose it is.

    A word heard before the errand had ``begun`` says nothing of it: what it brings the provider signed afterwards.
    A time there has whole seconds: in one second what was asked before the word was heard is over.
    """
    found = await connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM sign_out_word WHERE issuer = :issuer "
            "AND (subject IS NULL OR subject = :subject) "
            "AND (sid IS NULL OR sid = :sid OR (subject IS NOT NULL AND CAST(:sid AS text) IS NULL)) "
            "AND heard_at >= :begun "
            "AND (said_at > :at OR (said_at >= floor(CAST(:at AS float8)) AND heard_at >= :asked)))"
        ),
        {
            "issuer": vouched.issuer, "subject": vouched.subject, "sid": vouched.sid, "at": vouched.at, "begun": begun,
            "asked": asked,
        },
    )  # fmt: skip
    return bool(found.scalar_one())


async def end_vouched(
    connection: AsyncConnection, issuer: str, subject: str | None, sid: str | None, at: datetime
) -> list[Actor]:
    """End what ``issuer`` vouched for: that session of its own, or every one of that subject; who was signed in by them.

    A session whose number there nobody told us ends with its subject, and never by a number alone: that is somebody else's.
    """
    ended = await connection.execute(
        text(
            "UPDATE session SET ended_at = :at FROM account WHERE account.id = session.account AND issuer = :issuer "
            "AND ended_at IS NULL AND (CAST(:subject AS text) IS NULL OR session.subject = :subject) "
            "AND (CAST(:sid AS text) IS NULL OR sid = :sid OR (CAST(:subject AS text) IS NOT NULL AND sid IS NULL)) "
            "RETURNING account.id AS account, account.agency, account.role, account.unit, account.name, "
            "session.id AS session"
        ),
        {"issuer": issuer, "subject": subject, "sid": sid, "at": at},
    )
    return [Actor(**{**row, "role": Role(row["role"])}) for row in ended.mappings()]


async def tried(connection: AsyncConnection, account: Account, origin: str | None, since: datetime) -> Tried:
    """The wrong passwords that count for who asks from ``origin``: its own where the owner was there after ``since``."""
    found = await connection.execute(
        text(
            "SELECT failures, locked_until FROM account_origin "
            "WHERE account = :account AND origin = :origin AND known_at > :since"
        ),
        {"account": account.id, "origin": origin, "since": since},
    )
    row = found.one_or_none()
    return (
        Tried(account.failures, account.locked_until) if row is None else Tried(row.failures, row.locked_until, origin)
    )


async def count_failures(
    connection: AsyncConnection, account: UUID, known: str | None, failures: int, locked_until: datetime | None
) -> None:
    """Write how many wrong passwords in a row there were, and until when it is locked: for a known origin, or else."""
    table = "account SET failures = :failures, locked_until = :until WHERE id = :account"
    if known is not None:
        table = "account_origin SET failures = :failures, locked_until = :until WHERE account = :account AND origin = :known"
    await connection.execute(
        text(f"UPDATE {table}"),
        {"failures": failures, "until": locked_until, "account": account, "known": known},
    )


async def know_origin(connection: AsyncConnection, account: UUID, origin: str, at: datetime, since: datetime) -> None:
    """The owner was there; where the owner was not ``since`` is forgotten."""
    await connection.execute(
        text(
            "INSERT INTO account_origin (account, origin, known_at) VALUES (:account, :origin, :at) "
            "ON CONFLICT (account, origin) DO UPDATE SET known_at = excluded.known_at, failures = 0, locked_until = NULL"
        ),
        {"account": account, "origin": origin, "at": at},
    )
    await connection.execute(
        text("DELETE FROM account_origin WHERE account = :account AND known_at <= :since"),
        {"account": account, "since": since},
    )


async def renew_secret(connection: AsyncConnection, account: UUID, secret: str) -> None:
    """Replace the stored hash."""
    await connection.execute(
        text("UPDATE account SET secret = :secret WHERE id = :account"), {"secret": secret, "account": account}
    )


async def insert_account(
    connection: AsyncConnection, account: UUID, agency: UUID, name: str, role: Role, unit: UUID | None, secret: str,
    by: UUID | None,
) -> None:  # fmt: skip
    """A new account, and which account made it."""
    await connection.execute(
        text(
            "INSERT INTO account (id, agency, name, role, unit, secret, made_by) "
            "VALUES (:account, :agency, :name, :role, :unit, :secret, :by)"
        ),
        {"account": account, "agency": agency, "name": name, "role": role.value, "unit": unit, "secret": secret,
         "by": by},
    )  # fmt: skip


async def start_session(
    connection: AsyncConnection, actor: Actor, digest: bytes, started: datetime, expires: datetime,
    vouched: Vouched | None = None,
) -> None:  # fmt: skip
    """A new session; of its token only the digest, and who ``vouched`` where it was opened elsewhere."""
    await connection.execute(
        text(
            "INSERT INTO session (id, account, agency, token_digest, started_at, expires_at, issuer, subject, sid) "
            "VALUES (:session, :account, :agency, :digest, :started, :expires, :issuer, :subject, :sid)"
        ),
        {
            "session": actor.session,
            "account": actor.account,
            "agency": actor.agency,
            "digest": digest,
            "started": started,
            "expires": expires,
            "issuer": vouched and vouched.issuer,
            "subject": vouched and vouched.subject,
            "sid": vouched and vouched.sid,
        },
    )


async def actor_of_session(connection: AsyncConnection, digest: bytes, now: datetime) -> Actor | None:
    """Who speaks with the token of that digest at ``now``; None when nobody does any more."""
    found = await connection.execute(
        text(
            "SELECT account.id AS account, account.agency, account.role, account.unit, account.name, "
            "session.id AS session FROM session JOIN account ON account.id = session.account "
            "WHERE token_digest = :digest AND ended_at IS NULL AND expires_at > :now "
            "AND disabled_at IS NULL"
        ),
        {"digest": digest, "now": now},
    )
    row = found.mappings().one_or_none()
    return Actor(**{**row, "role": Role(row["role"])}) if row is not None else None


async def living_sessions(connection: AsyncConnection, sessions: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of ``sessions`` with which somebody still speaks at ``now``; one query for any number."""
    found = await connection.execute(
        text(
            "SELECT session.id FROM session JOIN account ON account.id = session.account "
            "WHERE session.id = ANY(:sessions) AND ended_at IS NULL AND expires_at > :now AND disabled_at IS NULL"
        ),
        {"sessions": list(sessions), "now": now},
    )
    return {row.id for row in found}


async def end_session(connection: AsyncConnection, session: UUID, at: datetime) -> bool:
    """End it; False when it had ended already."""
    ended = await connection.execute(
        text("UPDATE session SET ended_at = :at WHERE id = :session AND ended_at IS NULL"),
        {"at": at, "session": session},
    )
    return ended.rowcount == 1
