"""Whose access has ended, as the record has it: revoked, run out, or ended with what it was given for. It must never miss an
end because nobody was told of it: each look goes back further than the one before it saw.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import moment

OVERLAP_S: Final = 5.0
"""An end is written down by the clock of whoever ended it, and committed a moment later."""
_ENDED: Final = text("""
SELECT id, agency, unit, account, subject FROM access_grant
WHERE agency = ANY(CAST(:agencies AS uuid[])) AND ended_at > :since
UNION ALL SELECT id, agency, unit, account, subject FROM access_grant
WHERE agency = ANY(CAST(:agencies AS uuid[])) AND ended_at IS NULL AND ends_at > :since AND ends_at <= :now
""")


@dataclass(frozen=True, slots=True)
class Ended:
    """A grant that holds no longer."""

    id: UUID
    agency: UUID
    unit: UUID | None
    account: UUID | None
    subject: UUID

    def held_by(self, actor: Actor) -> bool:
        """Whether it was this actor's too."""
        return self.agency == actor.agency and self.unit in (None, actor.unit) and self.account in (None, actor.account)


class Withdrawals:
    """What has ended since it was last asked, each end told once."""

    def __init__(self, now: float) -> None:
        self._seen_to = now
        self._told: dict[UUID, float] = {}

    async def look(self, connection: AsyncConnection, agencies: Collection[UUID], now: float) -> list[Ended]:
        """New ends of these agencies' grants; ``now`` in Unix seconds."""
        found = await _ended(connection, agencies, self._seen_to - OVERLAP_S, now)
        new = [one for one in found if one.id not in self._told]
        self._seen_to = now
        self._told |= {one.id: now for one in new}
        self._told = {one: at for one, at in self._told.items() if at > now - 2 * OVERLAP_S}
        return new


async def ended_since(connection: AsyncConnection, actor: Actor, since: float, now: float) -> bool:
    """Whether anything this actor held has ended since then."""
    return any(one.held_by(actor) for one in await _ended(connection, [actor.agency], since, now))


async def _ended(
    connection: AsyncConnection, agencies: Collection[UUID], since: float, now: float
) -> list[Ended]:  # fmt: skip
    rows = await connection.execute(_ENDED, {"agencies": list(agencies), "since": moment(since), "now": moment(now)})
    return [Ended(*row) for row in rows]
