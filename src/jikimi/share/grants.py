"""Who may know what of whom, until when. It must never let a grant outlive the order, the incident or the tasking it was given for.

A grant names its recipient, its subject, the classes of data, the purpose and its article. Reads join on it in the
database itself; what changes here holds for the next read, and open lines are told within a second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.share import said
from jikimi.share.policy import ARTICLES, Data, Purpose


class Kind(StrEnum):
    """How a grant came to be."""

    STANDING = "standing"
    """Armed by an order, ended with it."""
    INCIDENT = "incident"
    """Given to both rooms while an incident is open."""
    TASKING = "tasking"
    """Given to a unit with its tasking, ended with it."""
    GIVEN = "given"
    """Given by a privacy officer to one account for an open incident, ended with it."""
    CONSENT = "consent"
    """What the person said yes to, until their no."""
    AGREED = "agreed"
    """What the privacy officers of two agencies agreed on, for a time; either ends it."""
    GLASS = "glass"
    """Taken in an emergency by one account for one subject, judged afterwards."""


OF_AN_ORDER: Final = (Data.PERSON, Data.ORDER, Data.INCIDENT, Data.LOCATION)
"""What both agencies of an order may know of its parties while it stands."""
OF_AN_INCIDENT: Final = (Data.PERSON, Data.INCIDENT, Data.LOCATION)
"""What a room may know of an incident's parties while it is open, and a unit of those its tasking names."""
# One parameter for all of them: binding a list a column costs more than the rows themselves do.
_INSERT: Final = text("""
INSERT INTO access_grant (id, kind, agency, unit, account, subject, data, purpose, article, "order", incident, approver,
  sealed, starts_at, ends_at, review_by, consent)
SELECT id, kind, agency, unit, account, subject, data, purpose, article, "order", incident, approver, decode(sealed, 'base64'),
  to_timestamp(starts_at), to_timestamp(ends_at), to_timestamp(review_by), consent
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (id uuid, kind text, agency uuid, unit uuid, account uuid,
  subject uuid, data text[], purpose text, article text, "order" uuid, incident uuid, approver uuid, sealed text,
  starts_at float8, ends_at float8, review_by float8, consent uuid)
""")
# What an open incident gave to whoever works it ends with the incident.
_END_ORDERS: Final = text("""
UPDATE access_grant g SET ended_at = :now WHERE g."order" = ANY(CAST(:orders AS uuid[])) AND g.ended_at IS NULL
  AND (g.kind NOT IN ('incident', 'tasking')
    OR NOT EXISTS (SELECT FROM incident i WHERE i.id = g.incident AND i.closed_at IS NULL))
""")
# Moved into the past it is over now: open lines look for what ended since they last looked.
_UNTIL: Final = text("""
UPDATE access_grant SET ends_at = :ends_at, ended_at = CASE WHEN :ends_at <= :now THEN CAST(:now AS timestamptz) END
WHERE "order" = :order AND kind = 'standing' AND ended_at IS NULL
""")
_ARMED: Final = text("""
SELECT agency, subject FROM access_grant WHERE "order" = :order AND kind = 'standing' AND (ended_at IS NULL OR ended_by IS NOT NULL)
""")
_END_ONE: Final = text("""
UPDATE access_grant SET ended_at = :now, ended_by = :by WHERE id = :id AND ended_at IS NULL
RETURNING agency, subject, kind, incident
""")
_END_INCIDENT: Final = text("""
UPDATE access_grant SET ended_at = :now WHERE incident = :incident AND ended_at IS NULL
  AND (CAST(:unit AS uuid) IS NULL OR unit = :unit) AND kind IN ('incident', 'tasking', 'given')
""")
# Her no goes before what others decided for her: whatever that recipient has of her by another's word ends with it.
_END_CONSENT: Final = text("""
UPDATE access_grant g SET ended_at = :now, ended_by = :by FROM consent c WHERE c.id = :consent AND g.ended_at IS NULL
  AND (g.consent = c.id OR g.subject = c.person AND g.agency = c.recipient AND g.kind IN ('given', 'agreed'))
""")


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission to know: whose, what, by whom, until when; times are Unix seconds."""

    kind: Kind
    agency: UUID
    subject: UUID
    data: tuple[Data, ...]
    purpose: Purpose
    starts_at: float
    ends_at: float | None = None
    unit: UUID | None = None
    account: UUID | None = None
    order: UUID | None = None
    incident: UUID | None = None
    approver: UUID | None = None
    reason: str = ""
    review_by: float | None = None
    consent: UUID | None = None
    id: UUID = field(default_factory=uuid7)

    @property
    def article(self) -> str:
        """The law it rests on: its purpose's, never what somebody typed, for the ledger keeps it."""
        return ARTICLES[self.purpose]

    def row(self, connection: AsyncConnection) -> dict[str, Any]:
        """As the table takes it: why it was given lies sealed."""
        why = said.sealed(connection, self.id, [self.subject], self.reason)
        return {
            "id": self.id, "kind": self.kind, "agency": self.agency, "unit": self.unit, "account": self.account,
            "subject": self.subject, "data": self.data, "purpose": self.purpose, "article": self.article,
            "order": self.order, "incident": self.incident, "approver": self.approver, "sealed": why,
            "starts_at": self.starts_at, "ends_at": self.ends_at, "review_by": self.review_by, "consent": self.consent,
        }  # fmt: skip

    def told(self, at: float, by: UUID | None) -> ledger.Row:
        """What the ledger says of it."""
        return ledger.Row(at, "access_granted", {
            "grant": self.id, "code": self.kind, "agency": self.agency, "account": by, "unit": self.unit,
            "subject": self.subject, "purpose": self.purpose, "article": self.article, "order": self.order,
            "incident": self.incident,
        })  # fmt: skip


def standing(
    order: UUID, police: UUID, monitoring: UUID | None, parties: Iterable[UUID | None],
    starts_at: float, ends_at: float | None,
) -> list[Grant]:  # fmt: skip
    """What an order arms: both its agencies may know of its parties, each for its own purpose."""
    sides = [(police, Purpose.APPROACH_RESPONSE), (monitoring, Purpose.SUPERVISION)]
    named = [party for party in parties if party is not None]
    return [
        Grant(Kind.STANDING, agency, party, OF_AN_ORDER, purpose, starts_at, ends_at, order=order)
        for agency, purpose in sides if agency is not None for party in named
    ]  # fmt: skip


def responding(
    incident: UUID,
    order: UUID | None,
    agency: UUID,
    parties: Iterable[UUID | None],
    now: float,
    unit: UUID | None = None,
) -> list[Grant]:
    """What a room (a unit, where one is named) may know of these parties while it works the incident."""
    kind = Kind.INCIDENT if unit is None else Kind.TASKING
    return [
        Grant(
            kind, agency, party, OF_AN_INCIDENT, Purpose.APPROACH_RESPONSE, now, unit=unit, order=order, incident=incident
        )
        for party in parties if party is not None
    ]  # fmt: skip


async def give(connection: AsyncConnection, grants: Sequence[Grant]) -> None:
    """Enter grants, in the caller's transaction."""
    if grants:
        rows = msgspec.json.encode([grant.row(connection) for grant in grants])
        await connection.execute(_INSERT, {"rows": rows.decode()})


async def end_with_orders(connection: AsyncConnection, orders: Sequence[UUID], now: float) -> None:
    """End whatever these orders armed; what an open incident of theirs gave goes on with the incident."""
    if orders:
        await connection.execute(_END_ORDERS, {"orders": list(orders), "now": moment(now)})


async def until(
    connection: AsyncConnection, order: UUID, armed: Sequence[Grant], ends_at: float | None, now: float
) -> None:
    """Let what this order armed hold until its new end (None: without one); ``armed``: what it would arm today.

    What its incident gave goes on with the incident, and what a person ended stays ended.
    """
    values = {"order": order, "ends_at": None if ends_at is None else moment(ends_at), "now": moment(now)}
    await connection.execute(_UNTIL, values)
    if ends_at is None or ends_at > now:
        there = {(row.agency, row.subject) for row in await connection.execute(_ARMED, {"order": order})}
        await give(connection, [grant for grant in armed if (grant.agency, grant.subject) not in there])


async def end_with_incident(connection: AsyncConnection, incident: UUID, now: float, unit: UUID | None = None) -> None:
    """End what was given for an incident; with ``unit`` only what that unit was given with its tasking."""
    await connection.execute(_END_INCIDENT, {"incident": incident, "unit": unit, "now": moment(now)})


async def end_with_consent(connection: AsyncConnection, consent: UUID, by: UUID, now: float) -> None:
    """End whatever a consent let others know, and whatever else its recipient was given of her."""
    await connection.execute(_END_CONSENT, {"consent": consent, "by": by, "now": moment(now)})


async def end(connection: AsyncConnection, grant: UUID, by: UUID, now: float) -> dict[str, Any] | None:
    """Revoke one; returns its agency, subject, kind and incident, or None where none of that id stands."""
    found = (await connection.execute(_END_ONE, {"id": grant, "by": by, "now": moment(now)})).mappings().one_or_none()
    return dict(found) if found is not None else None
