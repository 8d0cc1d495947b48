"""Whose access has ended, as the record has it: revoked, run out, or ended with what it was given for. It must never miss an
end because nobody was told of it: each look goes back further than the one before it saw.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import moment
from jikimi.share import cedar
from jikimi.share.grants import Kind
from jikimi.share.policy import ABOUT, Action, Data, Purpose, purpose_of

OVERLAP_S: Final = 5.0
"""An end is written down by the clock of whoever ended it, and committed a moment later."""
_ENDED: Final = text("""
SELECT id, agency, unit, account, subject, data, kind, purpose,
  CAST(extract(epoch FROM coalesce(ended_at, ends_at)) AS float8) AS at FROM access_grant
WHERE agency = ANY(CAST(:agencies AS uuid[])) AND ended_at > :since
UNION ALL SELECT id, agency, unit, account, subject, data, kind, purpose,
  CAST(extract(epoch FROM ends_at) AS float8) FROM access_grant
WHERE agency = ANY(CAST(:agencies AS uuid[])) AND ended_at IS NULL AND ends_at > :since AND ends_at <= :now
""")
_LOST: Final = text("""
SELECT DISTINCT id FROM unnest(CAST(:grants AS uuid[]), CAST(:classes AS text[])) AS e (id, what)
WHERE NOT still_known(id, what, CAST(:reader AS uuid), CAST(:unit AS uuid), CAST(:why AS text))
""")
_FOR_ONE: Final = frozenset({Kind.GIVEN, Kind.AGREED, Kind.CONSENT})
"""What somebody gave for a purpose is read for that alone."""
_READING: Final = (Action.READ_REGISTRY, Action.READ_INCIDENT, Action.FOLLOW_LIVE_POSITIONS)


@dataclass(frozen=True, slots=True)
class Ended:
    """A grant that holds no longer."""

    id: UUID
    agency: UUID
    unit: UUID | None
    account: UUID | None
    subject: UUID
    data: tuple[str, ...]
    purpose: str | None
    """The one purpose it was given for; None where it was read for any that a policy permits."""
    at: float

    def held_by(self, actor: Actor) -> bool:
        """Whether it was this actor's too: given to them, and of what some policy lets their role read."""
        given = (
            self.agency == actor.agency and self.unit in (None, actor.unit) and self.account in (None, actor.account)
        )
        return given and any(self.read_by(actor.role, purpose) for purpose in Purpose)

    def read_by(self, role: Role, purpose: Purpose) -> set[str]:
        """The classes of data this role could read by it for a purpose."""
        if self.purpose not in (None, purpose):
            return set()
        return {
            data for data in self.data for action in _READING
            if Data(data) in ABOUT[action] and cedar.ask(role, action, data, purpose).allowed
        }  # fmt: skip


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


async def ended_before(connection: AsyncConnection, agency: UUID, now: float) -> frozenset[UUID]:
    """What of this agency's had ended then, within reach of a look: whoever sits down then is to be told nothing of it."""
    return frozenset(one.id for one in await _ended(connection, [agency], now - OVERLAP_S, now))


async def lost_since(connection: AsyncConnection, actor: Actor, since: float, now: float) -> list[Ended]:
    """What has ended since then of what this actor held, could read by it for what they act for, and can by nothing else."""
    purpose = purpose_of(actor)
    if purpose is None:
        return []
    held = [one for one in await _ended(connection, [actor.agency], since, now) if one.held_by(actor)]
    asked = [(one.id, what) for one in held for what in one.read_by(actor.role, purpose)]
    if not asked:
        return []
    whose = {"reader": actor.account, "unit": actor.unit, "why": purpose}
    grants, classes = zip(*asked, strict=True)
    rows = await connection.execute(_LOST, {"grants": list(grants), "classes": list(classes), **whose})
    lost = {row.id for row in rows}
    return [one for one in held if one.id in lost]


async def _ended(
    connection: AsyncConnection, agencies: Collection[UUID], since: float, now: float
) -> list[Ended]:  # fmt: skip
    rows = await connection.execute(_ENDED, {"agencies": list(agencies), "since": moment(since), "now": moment(now)})
    return [
        Ended(row.id, row.agency, row.unit, row.account, row.subject, tuple(row.data),
              row.purpose if row.kind in _FOR_ONE else None, row.at)
        for row in rows
    ]  # fmt: skip
