"""Staff who are parties. It must never say by what somebody was found, nor leave a tie unseen because it came later.

Staff and parties are compared by keyed digests of what names one person. A tie to a party is a tie to the other party of
the same order too: whoever is the respondent's brother reads nothing of her.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.errors import OwnCase
from jikimi.registry.identifiers import Mark
from jikimi.share import telling
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of

Relation = Literal["self", "partner", "kin"]

_PEOPLE: Final = text("""
INSERT INTO person_mark (person, agency, kind, digest) SELECT * FROM unnest(CAST(:whose AS uuid[]),
  CAST(:agencies AS uuid[]), CAST(:kinds AS text[]), CAST(:digests AS bytea[])) ON CONFLICT DO NOTHING
""")
_STAFF: Final = text("""
INSERT INTO staff_mark (account, agency, relation, kind, digest, sealed) SELECT * FROM unnest(CAST(:whose AS uuid[]),
  CAST(:agencies AS uuid[]), CAST(:relations AS text[]), CAST(:kinds AS text[]), CAST(:digests AS bytea[]),
  CAST(:sealed AS bytea[]))
ON CONFLICT DO NOTHING
""")
_DIRECT: Final = text("""
INSERT INTO staff_tie (account, person, relation)
SELECT DISTINCT ON (s.account, p.person) s.account, p.person, s.relation
FROM staff_mark s JOIN person_mark p ON p.kind = s.kind AND p.digest = s.digest
WHERE :everybody OR s.account = ANY(CAST(:accounts AS uuid[])) OR p.person = ANY(CAST(:people AS uuid[]))
ORDER BY s.account, p.person, s.relation DESC
ON CONFLICT DO NOTHING
""")
_OTHER_PARTY: Final = text("""
INSERT INTO staff_tie (account, person, relation)
SELECT DISTINCT t.account, party.person, 'party'
FROM staff_tie t JOIN protective_order o ON t.person IN (o.offender, o.victim)
CROSS JOIN LATERAL (VALUES (o.offender), (o.victim)) AS party (person)
WHERE t.relation <> 'party' AND party.person IS NOT NULL
ON CONFLICT DO NOTHING
""")
_TIED: Final = text("SELECT relation FROM staff_tie WHERE account = :account AND person = ANY(CAST(:people AS uuid[]))")
_OF: Final = text("SELECT account, person FROM staff_tie WHERE account = ANY(CAST(:accounts AS uuid[]))")
# Whoever is signed in is who would be told; of a unit with nobody at its terminals everybody who could be.
_OF_UNITS: Final = text("""
SELECT a.unit, array_agg(t.person) FILTER (WHERE t.person IS NOT NULL) AS people,
  EXISTS (SELECT FROM session s WHERE s.account = a.id AND s.ended_at IS NULL AND s.expires_at > to_timestamp(:now)) AS here
FROM account a LEFT JOIN staff_tie t ON t.account = a.id
WHERE a.disabled_at IS NULL AND a.unit IN (SELECT b.unit FROM staff_tie c JOIN account b ON b.id = c.account)
GROUP BY a.unit, a.id
""")


@dataclass(frozen=True, slots=True)
class Marked:
    """What names a person: ``whose`` it is (a party or an account), its keyed digest, and for staff what relation."""

    whose: UUID
    agency: UUID
    kind: Mark
    digest: bytes
    relation: Relation = "self"
    number: str = field(default="", repr=False)
    """What it is the digest of; kept sealed, so that the digests can be made anew under another key."""


def _columns(marks: Sequence[Marked]) -> dict[str, list[object]]:
    return {
        "whose": [mark.whose for mark in marks],
        "agencies": [mark.agency for mark in marks],
        "relations": [mark.relation for mark in marks],
        "kinds": [mark.kind for mark in marks],
        "digests": [mark.digest for mark in marks],
    }


async def tie(
    connection: AsyncConnection, people: Sequence[Marked], staff: Sequence[Marked], *, orders: bool
) -> None:  # fmt: skip
    """Enter new marks and find whose case is whose own; ``orders``: new orders came with them."""
    given = _columns(people)
    given.pop("relations")
    if people:
        await connection.execute(_PEOPLE, given)
    if staff:
        seal = custody_of(connection).seal
        numbers = [seal(Kind.PERSON, mark.whose, mark.number.encode(), b"staff" + mark.digest) for mark in staff]
        await connection.execute(_STAFF, {**_columns(staff), "sealed": numbers})
    if people or staff:
        whom = {"accounts": list({mark.whose for mark in staff}), "people": list({mark.whose for mark in people})}
        await connection.execute(_DIRECT, {"everybody": False, **whom})
    if people or staff or orders:
        await connection.execute(_OTHER_PARTY)


async def anew(connection: AsyncConnection) -> None:
    """Find among all marks whose case is whose own, wherever a tie was missed; none that is there goes."""
    await connection.execute(_DIRECT, {"everybody": True, "accounts": [], "people": []})
    await connection.execute(_OTHER_PARTY)


async def tied(connection: AsyncConnection, account: UUID, people: Sequence[UUID | None]) -> bool:
    """Whether any of these people makes it this account's own case."""
    named = [person for person in people if person is not None]
    return (await connection.execute(_TIED, {"account": account, "people": named})).first() is not None


async def refuse_own(connection: AsyncConnection, actor: Actor, people: Sequence[UUID | None], detail: str) -> None:
    """Raise OwnCase, which reads as NotFound with ``detail``, where any of these makes it the actor's own case."""
    named = [person for person in people if person is not None]
    if named and await tied(connection, actor.account, named):
        raise OwnCase(detail, named[0], await keepers(connection, named))


async def keepers(connection: AsyncConnection, people: Sequence[UUID]) -> list[UUID]:
    """Agencies that keep these people's files or hold an order's grant on them."""
    return await telling.keepers(connection, people)


async def ties_of(connection: AsyncConnection, accounts: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """By account: the people whose case is its own; accounts without any are left out."""
    found: dict[UUID, set[UUID]] = {}
    for row in await connection.execute(_OF, {"accounts": list(accounts)}):
        found.setdefault(row.account, set()).add(row.person)
    return found


async def ties_of_units(connection: AsyncConnection, now: float) -> dict[UUID, tuple[frozenset[UUID], ...]]:
    """By unit: for each of those who would be told, whose case is their own; units where somebody has none are left out."""
    crews: dict[UUID, list[Any]] = {}
    for row in await connection.execute(_OF_UNITS, {"now": now}):
        crews.setdefault(row.unit, []).append(row)
    told = {unit: [one for one in crew if one.here] or crew for unit, crew in crews.items()}
    return {
        unit: tuple(frozenset(one.people) for one in crew)
        for unit, crew in told.items()
        if all(one.people for one in crew)
    }
