"""Whose access has ended, as the record has it: revoked, run out, or ended with what it was given for. It must never miss an
end because nobody was told of it: each look goes back further than the last one whose ends were told saw.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
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
LATE_S: Final = 60.0
"""Or much later, where whoever ended it waited for a row; so far back a look goes each ``LATE_EACH_S``."""
LATE_EACH_S: Final = 5.0
_FOUND: Final = """
SELECT id, agency, unit, account, subject, data, kind, purpose,
  CAST(extract(epoch FROM coalesce(ended_at, ends_at)) AS float8) AS at FROM access_grant
WHERE agency = ANY(CAST(:agencies AS uuid[])) AND ended_at > :since
UNION ALL SELECT id, agency, unit, account, subject, data, kind, purpose,
  CAST(extract(epoch FROM ends_at) AS float8) FROM access_grant
WHERE agency = ANY(CAST(:agencies AS uuid[])) AND ended_at IS NULL AND ends_at > :since AND ends_at <= :now
"""
_ENDED: Final = text(_FOUND)
# Of a minute in which very many ended the record tells only whom nobody has been told of.
_NEW: Final = text(f"""
SELECT * FROM ({_FOUND}) e WHERE NOT EXISTS (SELECT FROM unnest(CAST(:told AS uuid[])) t (id) WHERE t.id = e.id)
""")  # noqa: S608 - constants
_BEFORE: Final = text(f"SELECT id FROM ({_FOUND}) e")  # noqa: S608 - constants
_LOST: Final = text("""
SELECT id, what FROM unnest(CAST(:grants AS uuid[]), CAST(:classes AS text[])) AS e (id, what)
WHERE NOT still_known(id, what, CAST(:reader AS uuid), CAST(:unit AS uuid), CAST(:why AS text), :now)
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
    """The one purpose it was given for; None where it may serve others too: an end is judged by the widest it may have served."""
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

    def shown_by(self) -> set[str]:
        """The class that a unit's place tells of whoever the unit goes to, whether its reader could follow them or not."""
        return {*self.data} & {Data.LOCATION}


class Withdrawals:
    """What has ended since it was last told, each end told once. It must never take for told what a look has only found."""

    def __init__(self, now: float) -> None:
        self._seen_to = self._far_at = now
        self._told: dict[UUID, float] = {}

    async def look(self, connection: AsyncConnection, agencies: Collection[UUID], now: float) -> list[Ended]:
        """New ends of these agencies' grants, found again until ``told``; ``now`` in Unix seconds."""
        if self._far(now):
            found = await _ended(connection, agencies, self._seen_to - LATE_S, now, list(self._told))
        else:
            found = await _ended(connection, agencies, self._seen_to - OVERLAP_S, now)
        return [one for one in found if self._told.get(one.id) != one.at]

    def told(self, ended: Collection[Ended], now: float) -> None:
        """What the look of that moment found has been told to whom it concerns."""
        self._told |= {one.id: one.at for one in ended}
        if self._far(now):
            self._far_at = now
            self._told = {one: at for one, at in self._told.items() if at > now - LATE_S - OVERLAP_S}
        self._seen_to = now

    def _far(self, now: float) -> bool:
        return abs(now - self._far_at) >= LATE_EACH_S


async def ended_before(connection: AsyncConnection, agency: UUID, now: float) -> frozenset[UUID]:
    """What of this agency's had ended then, within reach of any look: whoever sits down then is to be told nothing of it."""
    values = {"agencies": [agency], "since": moment(now - LATE_S), "now": moment(now)}
    return frozenset(row.id for row in await connection.execute(_BEFORE, values))


async def lost_since(connection: AsyncConnection, actor: Actor, since: float, now: float) -> list[Ended]:
    """What has ended since then of what this actor held, each with those of its classes they have by nothing else: of those
    they could read by it for what they act for, and where whom it was about is, which others' places show.
    """
    purpose = purpose_of(actor)
    if purpose is None:
        return []
    held = [one for one in await _ended(connection, [actor.agency], since, now) if one.held_by(actor)]
    asked = [(one.id, what) for one in held for what in one.read_by(actor.role, purpose) | one.shown_by()]
    if not asked:
        return []
    whose = {"reader": actor.account, "unit": actor.unit, "why": purpose, "now": moment(now)}
    grants, classes = zip(*asked, strict=True)
    rows = await connection.execute(_LOST, {"grants": list(grants), "classes": list(classes), **whose})
    lost: dict[UUID, list[str]] = {}
    for row in rows:
        lost.setdefault(row.id, []).append(row.what)
    return [replace(one, data=tuple(lost[one.id])) for one in held if one.id in lost]


async def _ended(
    connection: AsyncConnection, agencies: Collection[UUID], since: float, now: float, told: list[UUID] | None = None
) -> list[Ended]:  # fmt: skip
    values = {"agencies": list(agencies), "since": moment(since), "now": moment(now)}
    rows = await connection.execute(_NEW if told else _ENDED, values | ({"told": told} if told else {}))
    return [
        Ended(row.id, row.agency, row.unit, row.account, row.subject, tuple(row.data),
              row.purpose if row.kind in _FOR_ONE else None, row.at)
        for row in rows
    ]  # fmt: skip
