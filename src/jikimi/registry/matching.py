"""Orders that name a party by identifier. It must never answer whether somebody is known, only enter an order.

A match is an order that stands, a ledger row and a page in both rooms; asking is on the register before it is
answered, whatever becomes of the document, and an account asks so many times an hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import TooMany, Unavailable
from jikimi.kernel.ids import uuid7
from jikimi.ledger.rows import Row as LedgerRow
from jikimi.registry.identifiers import MATCH_KEY, Matcher
from jikimi.registry.schemas import Document
from jikimi.registry.tables import Row
from jikimi.registry.ties import Marked, Relation
from jikimi.share import register
from jikimi.share.policy import Action, Rule
from jikimi.store.database import Database, custody_of
from jikimi.store.due import Later

ENTERING: Final = 0x6A696B6904
"""One number of ours among PostgreSQL's advisory locks."""
KIND: Final = "order-matched"
"""The due row by which both rooms are told."""
MOST_AN_HOUR: Final = 60
"""Parties one account may name by identifier in an hour."""
SIDES: Final = ("offender", "victim")
_HOUR_S: Final = 3600.0
_WHAT: Final = "person_match"
_LABELS: Final = {"offender": "respondent, entered by identifier", "victim": "protected, entered by identifier"}
_FIRST: Final = {"offender": "monitoring", "victim": "police"}
# Held by whoever enters; whoever makes the key anew holds it alone.
_ENTERING: Final = text("SELECT pg_advisory_xact_lock_shared(:lock)")
_ALONE: Final = text("SELECT pg_advisory_xact_lock(:lock)")
_AT_ONCE: Final = text("SELECT pg_try_advisory_xact_lock(:lock)")
_MAY_ENTER: Final = text("SELECT pg_try_advisory_xact_lock_shared(:lock)")
_START_AGAIN: Final = "Start the system again: it finds everybody anew."
_MARK: Final = text("SELECT seq FROM cursor WHERE name = :name")
_LOCK: Final = text("SELECT id FROM account WHERE id = :account FOR UPDATE")
_ASKED: Final = text("""
SELECT count(*) FROM access_register WHERE account = :account AND what = :what AND allowed AND at > :since
""")
_KNOWN: Final = text(
    "SELECT id, agency, identifier_digest FROM person WHERE identifier_digest = ANY(CAST(:digests AS bytea[]))"
)


@dataclass(frozen=True, slots=True)
class Match:
    """An order's party found in a file that is not its author's."""

    order: UUID
    side: str
    person: UUID
    agency: UUID
    """Whose file it is."""
    by: UUID
    """Who entered the order."""
    rooms: tuple[UUID, ...]


@dataclass(slots=True)
class People:
    """Who is known by which digest, while one document is read."""

    matcher: Matcher | None
    known: dict[bytes, list[Row]] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)

    def digest(self, identifier: str | None) -> bytes | None:
        """The digest of an identifier, None for none; raises Unavailable without a key."""
        return None if identifier is None else self._key().digest(identifier)

    def marks(
        self, whose: UUID, agency: UUID, identifier: str | None, telephones: Iterable[str], relation: Relation = "self"
    ) -> list[Marked]:
        """What names a person, as keyed digests; raises Unavailable without a key."""
        found = (
            []
            if identifier is None
            else [Marked(whose, agency, "identifier", self._key().digest(identifier), relation, identifier)]
        )
        return found + [
            Marked(whose, agency, "telephone", self._key().telephone(each), relation, each) for each in telephones
        ]

    def _key(self) -> Matcher:
        if self.matcher is None:
            raise Unavailable("This process holds no key to compare people by; name them by id.")
        return self.matcher

    def learn(self, row: Row) -> None:
        """Take a person the document itself enters."""
        if row["identifier_digest"] is not None:
            self.known.setdefault(row["identifier_digest"], []).append(row)

    def party(
        self, order: UUID, side: str, identifier: str, by: UUID, agencies: dict[str, UUID | None]
    ) -> tuple[UUID, Row | None]:
        """Who is meant, and the row of a person nobody had: entered by ``by``, the order's author.

        With a file in both agencies the offender is whoever the monitoring agency monitors, the victim whoever the
        police protect.
        """
        digest = self.digest(identifier)
        assert digest is not None
        named = [agency for agency in agencies.values() if agency is not None]
        found = [row for row in self.known.get(digest, []) if row["agency"] in named]
        first = agencies.get(_FIRST[side])
        if not found:
            person = uuid7()
            row: Row = {
                "id": person,
                "agency": by,
                "label": _LABELS[side],
                "identifier_digest": digest,
                "identifier": identifier,
            }
            self.learn(row)
            return person, row
        chosen = min(found, key=lambda row: row["agency"] != first)
        if chosen["agency"] != by:
            self.matches.append(Match(order, side, chosen["id"], chosen["agency"], by, tuple(dict.fromkeys(named))))
        identifier_of: UUID = chosen["id"]
        return identifier_of, None


async def by_key_in_force(connection: AsyncConnection, given: Matcher | None = None) -> Matcher:
    """By the key the record's digests are made with, until this transaction ends, or by the one ``given``; call it first in one.

    Compare in the same transaction: whoever makes the keys anew, in this process or another, waits for its end. Raises
    Unavailable where that key is not kept: a record of another time was put back, and no role was started since.
    """
    await connection.execute(_ENTERING, {"lock": ENTERING})
    if given is not None:
        return given
    kept, mark = Matcher.kept(custody_of(connection)), await mark_in_force(connection)
    found = kept[0] if mark is None else next((one for one in kept if one.mark == mark), None)
    if found is None:
        raise Unavailable("The key this record finds people by is not kept any more.", advice=_START_AGAIN)
    return found


async def alone(connection: AsyncConnection) -> None:
    """Whoever enters or searches waits for this transaction's end, and goes on by the key in force then."""
    await connection.execute(_ALONE, {"lock": ENTERING})


async def alone_at_once(connection: AsyncConnection) -> bool:
    """The same at once where nobody enters or searches, else False: whoever waits alone keeps all others waiting behind."""
    return bool((await connection.execute(_AT_ONCE, {"lock": ENTERING})).scalar_one())


async def mark_in_force(connection: AsyncConnection) -> int | None:
    """The mark of the key the record's digests are made with; None before it was ever put down."""
    found: int | None = (await connection.execute(_MARK, {"name": MATCH_KEY})).scalar_one_or_none()
    return found


async def may_enter(connection: AsyncConnection) -> bool:
    """The same hold on the digests for whoever must not wait for it: False while the keys are made anew."""
    return bool((await connection.execute(_MAY_ENTER, {"lock": ENTERING})).scalar_one())


async def ask(database: Database, clock: Clock, actor: Actor, rule: Rule, document: Document) -> None:
    """Put every party named by identifier on the register, and once that people are entered by number; raises TooMany.

    In a transaction of its own: what was asked stays asked when the document is refused, or refusals would make asking free.
    """
    entered = any(person.identifier is not None for person in document.people)
    await ask_for(database, clock, actor, rule, len(list(named(document))) + entered)


async def ask_for(database: Database, clock: Clock, actor: Actor, rule: Rule, asked: int) -> None:
    """Put so many comparisons on the register, in a transaction of its own; raises TooMany past ``MOST_AN_HOUR``."""
    if not asked:
        return
    since = moment(clock.unix() - _HOUR_S)
    async with database.transaction() as connection:
        # One account's documents one after another, or they would pass the count together.
        await connection.execute(_LOCK, {"account": actor.account})
        values = {"account": actor.account, "what": _WHAT, "since": since}
        before = (await connection.execute(_ASKED, values)).scalar_one()
        allowed = before + asked <= MOST_AN_HOUR
        for _ in range(asked if allowed else 1):
            await register.record(
                connection, clock, actor, Action.REGISTER, rule.purpose, rule.article, _WHAT, None, allowed
            )
    if not allowed:
        raise TooMany(f"At most {MOST_AN_HOUR} parties an hour by identifier.", retry_after_s=_HOUR_S / 4)


def named(document: Document) -> Iterable[str]:
    """Every identifier an order names a party by."""
    for order in document.orders:
        yield from (one for one in (order.offender_identifier, order.victim_identifier) if one is not None)


async def load(connection: AsyncConnection, document: Document, matcher: Matcher | None) -> People:
    """Look up whoever the document's orders may mean, in one query."""
    people = People(matcher)
    digests = {people.digest(identifier) for identifier in named(document)}
    if digests:
        for row in (await connection.execute(_KNOWN, {"digests": list(digests)})).mappings():
            people.learn({**row, "identifier_digest": bytes(row["identifier_digest"])})
    return people


def pages(matches: Iterable[Match], now: float) -> list[Later]:
    """What tells both rooms, once the transaction has committed."""
    return [
        Later(KIND, str(one.order), now, {
            "order": str(one.order), "person": str(one.person), "side": one.side, "agency": str(one.agency),
            "by": str(one.by), "rooms": [str(room) for room in one.rooms],
        })
        for one in matches
    ]  # fmt: skip


def ledger_rows(matches: Iterable[Match], actor: Actor | None, now: float) -> list[LedgerRow]:
    """What the ledger says of it: ids, never a number."""
    return [
        LedgerRow(now, "person_matched", {
            "account": actor.account if actor else None, "order": one.order, "person": one.person, "role": one.side,
            "agency": one.by, "other_agency": one.agency,
        })
        for one in matches
    ]  # fmt: skip
