"""Whose account goes with which sign-in elsewhere. It must never be anybody's own to say, nor taken from an e-mail address."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.ending import end_sessions
from jikimi.identity.model import Actor
from jikimi.identity.provider import Provider
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict
from jikimi.ledger.rows import append
from jikimi.share import register
from jikimi.share.policy import Action, Data, require
from jikimi.staff import statements
from jikimi.staff.accounts import told_of_bound
from jikimi.staff.service import colleague


async def record(
    connection: AsyncConnection,
    clock: Clock,
    actor: Actor,
    account: UUID,
    provider: Provider | None,
    subject: str | None,
) -> list[UUID]:
    """Let an account of the own agency sign in as ``subject`` of the provider; None: no longer.

    Sessions this provider opened for it by another name end; they are returned, to be forgotten once it is committed. Both
    agencies are paged where the account may decide: whoever records the subject could be its owner.
    Raises Forbidden, NotFound, Conflict where none is set up, or the subject is another account's.
    """
    rule = require(actor, Action.REGISTER, Data.ACCOUNT)
    role = await colleague(connection, actor, account)
    if provider is None:
        raise Conflict("No sign-in of an organisation is set up here.")
    now, issuer = clock.unix(), provider.issuer
    await connection.execute(statements.FORGET, {"issuer": issuer, "account": account})
    if subject is not None:
        values = {"issuer": issuer, "subject": subject, "account": account, "agency": actor.agency}
        try:
            async with connection.begin_nested():
                await connection.execute(statements.RECORD, values | {"by": actor.account, "now": moment(now)})
        except IntegrityError:
            raise Conflict("That sign-in goes with another account.") from None
    ended = await end_sessions(connection, now, account, issuer, subject)
    kind = "account_subject_ended" if subject is None else "account_subject_recorded"
    await append(connection, now, kind, account=actor.account, subject=account, agency=actor.agency)
    await register.record(
        connection, clock, actor, rule.action, rule.purpose, rule.article, "account_subject", account
    )  # fmt: skip
    if subject is not None:
        await told_of_bound(connection, now, actor, role)
    return ended
