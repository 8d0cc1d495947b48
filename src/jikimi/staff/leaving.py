"""When an account is not ended over the desk. It must never let one hand take an agency's room away from it.

The installation's operator is asked none of this: `jikimi accounts end` and `restore` are the way out and back.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.accounts import one_hand
from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict
from jikimi.staff.rules import DutyRules

_HOUR_S: Final = 3600.0
# Two who end the last two at once would each find the other's.
_ONE_AT_A_TIME: Final = text("SELECT FROM agency WHERE id = :agency FOR NO KEY UPDATE")
_LINE: Final = """
WITH RECURSIVE up (id) AS (
  VALUES (CAST(:actor AS uuid))
  UNION SELECT a.made_by FROM up JOIN account a ON a.id = up.id WHERE a.made_by IS NOT NULL)
"""
_MADE_ME: Final = text(f"{_LINE} SELECT EXISTS (SELECT FROM up WHERE id = :account)")  # noqa: S608 - our words
# Those of everybody whom this hand made too: a puppet has no hour of its own.
_ENDED: Final = text(f"""{_LINE}
, kin (id) AS (SELECT id FROM up UNION SELECT a.id FROM kin JOIN account a ON a.made_by = kin.id)
SELECT count(*) FROM account WHERE ended_by IN (SELECT id FROM kin) AND disabled_at > :since
""")  # noqa: S608 - the same
# Those who have worked first: mostly there is one, and nobody's maker is asked for.
_OTHERS: Final = text("""
SELECT a.id, EXISTS (SELECT FROM session s WHERE s.account = a.id AND s.started_at < :before) AS proven FROM account a
WHERE a.agency = :agency AND a.role = :role AND a.disabled_at IS NULL AND a.id <> :account ORDER BY proven DESC, a.id
""")
_NEEDED: Final = text("""
SELECT EXISTS (SELECT FROM shift WHERE account = :account AND begun_at IS NOT NULL AND ended_at IS NULL)
  AND EXISTS (SELECT FROM incident WHERE :agency IN (police_agency, monitoring_agency) AND closed_at IS NULL)
""")


async def one_at_a_time(connection: AsyncConnection, agency: UUID) -> None:
    """Let accounts of an agency end one after another, until this transaction is over."""
    await connection.execute(_ONE_AT_A_TIME, {"agency": agency})


async def check(
    connection: AsyncConnection, actor: Actor, account: UUID, role: Role, rules: DutyRules, now: float
) -> None:
    """Raise Conflict where this colleague's living account stays, with what to do instead."""
    asked: dict[str, object] = {"actor": actor.account, "account": account, "agency": actor.agency, "role": role.value}
    asked["since"] = moment(now - _HOUR_S)
    if await _so(connection, _MADE_ME, asked):
        raise Conflict("This account made yours. A privacy officer, or another registrar, ends it.")
    if not await _another(connection, actor, asked | {"before": moment(now - rules.proven_s)}):
        raise Conflict(
            "It is your agency's last account of its role that could take over. Others are of your own hand and new: wait until"
            " their owners have worked for a day, or let the operator end it: jikimi accounts end."
        )
    if actor.role is not Role.REVIEWER and await _so(connection, _NEEDED, asked):
        raise Conflict(
            "Its owner is on shift and an incident is open. Let them hand over first, or ask a privacy officer."
        )
    if (await connection.execute(_ENDED, asked)).scalar_one() >= rules.ends_an_hour:
        raise Conflict(
            f"You, and accounts of one hand with yours, end {rules.ends_an_hour} accounts an hour. Wait, or ask somebody else."
        )


async def _another(connection: AsyncConnection, actor: Actor, asked: Mapping[str, object]) -> bool:
    """Whether somebody could take over: signed in long enough ago, or surely not the same hand as whoever ends the account."""
    for other in (await connection.execute(_OTHERS, asked)).all():
        if other.proven or not await one_hand(connection, actor.account, other.id):
            return True
    return False


async def _so(connection: AsyncConnection, question: TextClause, asked: Mapping[str, object]) -> bool:
    return bool((await connection.execute(question, asked)).scalar_one())
