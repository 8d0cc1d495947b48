"""The register of who asked for what. It must never be changed, nor hold more than ids and codes.

Kept because every use of received data is recorded with its user, purpose and article (전자장치부착법 시행령 14조,
23조의17②) and every access to personal data is logged (개인정보 보호법 29조).
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows
from jikimi.ledger.fields import Value, fit
from jikimi.share.policy import Action, Purpose, Rule, purpose_of

NOBODY: Final = UUID(int=0)
"""Whose an entry is that no account made."""
_TRY, _TOLD, _OPERATOR, _UNKNOWN = "try", "told", "operator", "UNKNOWN"
_INSERT = text(
    "INSERT INTO access_register (id, at, account, agency, purpose, article, action, what, subject, allowed) "
    "VALUES (:id, :at, :account, :agency, :purpose, :article, :action, :what, :subject, :allowed)"
)
# One statement for any number: how many were meant is not to be seen by the work.
_INSERT_EACH = text(
    "INSERT INTO access_register (id, at, account, agency, purpose, article, action, what, subject, allowed) "
    "SELECT id, :at, :account, :agency, :purpose, :article, :action, :what, subject, :allowed "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:subjects AS text[])) AS looked (id, subject)"
)
# Once for every set of ids, whoever reads it and however often: a page that asks again adds nothing here.
_NAME = text("""
INSERT INTO access_named (digest, ids, keepers)
SELECT :digest, CAST(:ids AS uuid[]), ARRAY(SELECT DISTINCT p.agency FROM person p WHERE p.id = ANY(CAST(:ids AS uuid[])))
WHERE NOT EXISTS (SELECT FROM access_named WHERE digest = :digest) ON CONFLICT DO NOTHING
""")
_INSERT_LIST = text(
    "INSERT INTO access_register (id, at, account, agency, purpose, article, action, what, subject, allowed, named) "
    "VALUES (:id, :at, :account, :agency, :purpose, :article, :action, :what, '', true, :named)"
)


async def record(
    connection: AsyncConnection,
    clock: Clock,
    actor: Actor,
    action: Action,
    purpose: Purpose,
    article: str,
    what: str,
    subject: UUID | str | None,
    allowed: bool = True,  # noqa: FBT001 - the last word of a sentence that reads the same everywhere
) -> UUID:
    """Write one access into the register and on the ledger, in the caller's transaction; returns its id.

    ``what``: a code of what was asked for ("incident", "live_positions"); ``subject``: whom or what it concerns by
    id, None for a list or search. Raises UnfitForLedger for anything else, before anything is written.
    """
    now = clock.unix()
    whom = fit("subject", subject)
    entry = await rows.append(
        connection, now, "access", account=actor.account, agency=actor.agency, session=actor.session, action=action,
        purpose=purpose, article=article, what=what, subject=whom, allowed=allowed,
    )  # fmt: skip
    await connection.execute(
        _INSERT,
        {
            "id": entry, "at": moment(now), "account": actor.account, "agency": actor.agency, "purpose": purpose.value,
            "article": article, "action": action.value, "what": what, "subject": whom or "", "allowed": allowed,
        },
    )  # fmt: skip
    return entry


async def record_list(
    connection: AsyncConnection, clock: Clock, actor: Actor, rule: Rule, what: str, named: Iterable[UUID]
) -> UUID:  # fmt: skip
    """The same for a list, in one entry, with whom or what it named beside it: nobody who is in a list is seen unregistered.

    To be written when what will be told is known and before it is told. The ledger has the digest of what was named
    (:func:`digest_of`), so that neither can be changed without the other.
    """
    now, ids = clock.unix(), sorted(set(named))
    digest = digest_of(ids) if ids else None
    entry = await rows.append(
        connection, now, "access", account=actor.account, agency=actor.agency, session=actor.session, action=rule.action,
        purpose=rule.purpose, article=rule.article, what=what, subject=None, allowed=True,
        **({"digest": digest} if digest else {}),
    )  # fmt: skip
    if digest:
        await connection.execute(_NAME, {"digest": digest, "ids": ids})
    await connection.execute(
        _INSERT_LIST,
        {
            "id": entry, "at": moment(now), "account": actor.account, "agency": actor.agency, "named": digest,
            "purpose": rule.purpose.value, "article": rule.article, "action": rule.action.value, "what": what,
        },
    )  # fmt: skip
    return entry


def digest_of(ids: Sequence[UUID]) -> str:
    """SHA-256 over ascending ids, as the ledger and the register have it."""
    return hashlib.sha256(b"".join(one.bytes for one in ids)).hexdigest()


async def record_each(
    connection: AsyncConnection, clock: Clock, actor: Actor, rule: Rule, what: str, subjects: Sequence[UUID], *, allowed: bool,
) -> None:  # fmt: skip
    """The same for one look that met several people, or nobody, in the same two statements whoever it met."""
    whom = [fit("subject", subject) for subject in subjects] or [None]
    await _each(connection, clock, actor, rule, what, whom, (), allowed=allowed)


async def record_unseen(
    connection: AsyncConnection, clock: Clock, actor: Actor, rule: Rule, what: str, met: Sequence[UUID],
    seen: Sequence[UUID] = (), *, allowed: bool = True,
) -> None:  # fmt: skip
    """The same for what is not to be told whom it met: one row of the ledger and one entry, naming nobody, whoever it met.

    ``seen``: of whom the doer was told, each then with a row and an entry too. Beside them stands an entry for each of those
    ``met``, for their keepers: in the same statement, and not on the ledger, which an auditor of the doer's agency reads as
    well. Whoever reads the register for that agency must leave those out.
    """
    whom = [None, *(fit("subject", one) for one in seen)]
    await _each(connection, clock, actor, rule, what, whom, met, allowed=allowed)


async def _each(
    connection: AsyncConnection, clock: Clock, actor: Actor, rule: Rule, what: str, whom: Sequence[Value],
    beside: Sequence[UUID], *, allowed: bool,
) -> None:  # fmt: skip
    """A row of the ledger and an entry for each of ``whom``, and an entry alone for each of ``beside``."""
    now = clock.unix()
    entries = await rows.append_many(connection, [
        rows.Row(now, "access", {
            "account": actor.account, "agency": actor.agency, "session": actor.session, "action": rule.action,
            "purpose": rule.purpose, "article": rule.article, "what": what, "subject": one, "allowed": allowed,
        })
        for one in whom
    ])  # fmt: skip
    values = {
        "at": moment(now), "account": actor.account, "agency": actor.agency, "purpose": rule.purpose.value,
        "article": rule.article, "action": rule.action.value, "what": what, "allowed": allowed,
        "ids": [*entries, *(uuid7() for _ in beside)],
        "subjects": [*(one or "" for one in whom), *(str(one) for one in beside)],
    }  # fmt: skip
    await connection.execute(_INSERT_EACH, values)


async def withheld(
    connection: AsyncConnection, clock: Clock, agency: UUID, what: str, subject: UUID, account: UUID | None
) -> None:
    """Write that ``agency`` was not told ``what`` of somebody, because by then it might not know; ``account``: who caused it."""
    now = clock.unix()
    entry = await rows.append(
        connection, now, "access", account=account, agency=agency, action=_TOLD, purpose=_UNKNOWN, what=what,
        subject=subject, allowed=False,
    )  # fmt: skip
    await connection.execute(
        _INSERT,
        {
            "id": entry, "at": moment(now), "account": account or NOBODY, "agency": agency, "purpose": _UNKNOWN,
            "article": "", "action": _TOLD, "what": what, "subject": str(subject), "allowed": False,
        },
    )  # fmt: skip


async def by_operator(connection: AsyncConnection, clock: Clock, agency: UUID, what: str, subject: UUID) -> None:
    """Write what the installation's operator did by command to something of ``agency``'s, for its privacy officers."""
    now = clock.unix()
    entry = await rows.append(
        connection, now, "access", agency=agency, action=_OPERATOR, purpose=_UNKNOWN, what=what, subject=subject,
        allowed=True,
    )  # fmt: skip
    await connection.execute(
        _INSERT,
        {
            "id": entry, "at": moment(now), "account": NOBODY, "agency": agency, "purpose": _UNKNOWN, "article": "",
            "action": _OPERATOR, "what": what, "subject": str(subject), "allowed": True,
        },
    )  # fmt: skip


async def refused(connection: AsyncConnection, clock: Clock, actor: Actor, what: str, subject: UUID | None) -> None:
    """Write a try that no permission covered; ``what``: the code of what was asked for."""
    now, purpose = clock.unix(), purpose_of(actor)
    named = _UNKNOWN if purpose is None else purpose.value
    entry = await rows.append(
        connection, now, "access", account=actor.account, agency=actor.agency, session=actor.session, action=_TRY,
        purpose=named, what=what, subject=subject, allowed=False,
    )  # fmt: skip
    await connection.execute(
        _INSERT,
        {
            "id": entry, "at": moment(now), "account": actor.account, "agency": actor.agency, "purpose": named,
            "article": "", "action": _TRY, "what": what, "subject": str(subject or ""), "allowed": False,
        },
    )  # fmt: skip
