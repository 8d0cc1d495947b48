"""One person's file, found and opened. It must never tell a person who is not there from one who may not be seen.

Every try is on the register before it is answered; a try at one's own case is told to both agencies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import NotFound, TooMany
from jikimi.registry import ties
from jikimi.registry.identifiers import Mark, Matcher
from jikimi.registry.matching import by_key_in_force
from jikimi.registry.reading import Desk
from jikimi.registry.sealing import Found, article_of, opened
from jikimi.share import register, telling
from jikimi.share.cedar import Statement
from jikimi.share.policy import Action, Data, Rule, require
from jikimi.share.rules import AccessRules

_HOUR_S: Final = 3600.0
_SEARCH: Final = "person_search"
_PERSON: Final = text("SELECT id, agency, label, sealed FROM person WHERE id = :id")
_MARKED: Final = text("SELECT DISTINCT person FROM person_mark WHERE kind = :kind AND digest = :digest AND NOT former")
_SEEN: Final = text("SELECT id, agency, label, sealed FROM person WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")
_COUNT: Final = text("""
SELECT count(*) FROM access_register WHERE account = :account AND what = :what AND subject = '' AND at > :since
""")
_LOCK: Final = text("SELECT id FROM account WHERE id = :account FOR UPDATE")
_ORDERS: Final = text("""
SELECT o.id, version, regime, article, sealed, arrestable, n.offender, n.victim,
  CAST(extract(epoch FROM starts_at) AS float8) AS starts_at, CAST(extract(epoch FROM ends_at) AS float8) AS ends_at,
  CAST(extract(epoch FROM ended_at) AS float8) AS ended_at, radius_m
FROM protective_order o CROSS JOIN LATERAL order_parties(o.id) n
WHERE o.id IN (SELECT orders_naming(:id)) ORDER BY o.starts_at, o.id
""")
_WHY: Final = text("""
SELECT id, kind, data, purpose, article, CAST(extract(epoch FROM starts_at) AS float8) AS starts_at,
  CAST(extract(epoch FROM ends_at) AS float8) AS ends_at, "order", incident, account
FROM access_grant WHERE subject = :id AND agency = current_agency() AND ended_at IS NULL AND starts_at <= current_moment()
  AND (ends_at IS NULL OR ends_at > current_moment()) AND (account IS NULL OR account = current_account())
  AND given_for(kind, purpose) ORDER BY starts_at, id
""")


@dataclass(frozen=True, slots=True)
class Opened:
    """A person's file as one actor may see it, and why they may."""

    person: dict[str, Any]
    orders: list[dict[str, Any]]
    grants: list[dict[str, Any]]
    policy: Statement


async def open_person(desk: Desk, actor: Actor, person: UUID) -> Opened:
    """The file of one person; raises Forbidden, NotFound (also for one who may not be seen, or is one's own case)."""
    rule = require(actor, Action.READ_REGISTRY, Data.PERSON)
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        found = (await connection.execute(_PERSON, {"id": person})).mappings().one_or_none()
        row = _file(connection, found) if found else None
        orders = (await connection.execute(_ORDERS, {"id": person})).mappings().all() if row else []
        told = [_order(connection, each) for each in orders]
        grants = [dict(each) for each in (await connection.execute(_WHY, {"id": person})).mappings()] if row else []
    await _tried(desk, actor, rule, "person", [person], allowed=row is not None)
    if row is None:
        raise NotFound("No person of yours has this id.")
    return Opened(row, told, grants, rule.by)


async def search(
    desk: Desk, actor: Actor, rules: AccessRules, kind: Mark, number: str, matcher: Matcher | None = None
) -> list[dict[str, Any]]:
    """People of that number whom the actor may see; nobody, and somebody who may not be seen, are one answer.

    ``matcher``: instead of the key in force. Raises Forbidden, and TooMany past ``rules.searches_an_hour``.
    """
    rule = require(actor, Action.READ_REGISTRY, Data.PERSON)
    await _count(desk, actor, rule, rules)
    async with desk.service.transaction() as connection:
        digest = (await by_key_in_force(connection, matcher)).of(kind, number)
        meant = [row.person for row in await connection.execute(_MARKED, {"kind": kind, "digest": digest})]
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        found = [_file(connection, row) for row in (await connection.execute(_SEEN, {"ids": meant})).mappings()]
    await _tried(desk, actor, rule, _SEARCH, meant, allowed=bool(found), seen=[row["id"] for row in found])
    return found


def _file(connection: AsyncConnection, row: Found) -> dict[str, Any]:
    """What a reader is shown of a person: never a number that lies beside the label."""
    return {"id": row["id"], "agency": row["agency"], "label": opened(connection, "person", row)["label"]}


def _order(connection: AsyncConnection, row: Found) -> dict[str, Any]:
    """What a reader of a person's file is shown of an order: never when it is suspended, nor why, nor a party one may not know."""
    article = article_of(connection, row["id"], row["article"], row["sealed"])
    return {str(name): value for name, value in row.items() if name != "sealed"} | {"article": article}


async def _count(desk: Desk, actor: Actor, rule: Rule, rules: AccessRules) -> None:
    since = moment(desk.clock.unix() - _HOUR_S)
    async with desk.service.transaction() as connection:
        # One account's searches one after another, or they would pass the count together.
        await connection.execute(_LOCK, {"account": actor.account})
        values = {"account": actor.account, "what": _SEARCH, "since": since}
        if (await connection.execute(_COUNT, values)).scalar_one() < rules.searches_an_hour:
            return
        await register.record(
            connection,
            desk.clock,
            actor,
            rule.action,
            rule.purpose,
            rule.article,
            "search_refused",
            None,
            allowed=False,
        )
    raise TooMany(f"At most {rules.searches_an_hour} searches an hour.", retry_after_s=_HOUR_S / 4)


async def _tried(
    desk: Desk, actor: Actor, rule: Rule, what: str, meant: Sequence[UUID], *, allowed: bool,
    seen: Sequence[UUID] | None = None,
) -> None:  # fmt: skip
    """Put a try on the register, whoever it met, and tell both agencies of one's own case: in the same statements always.

    ``seen``: of whom a search told, where whom else it met is for their keepers alone.
    """
    async with desk.service.transaction() as connection:
        own = await ties.tied(connection, actor.account, meant)
        named, good = "own_case" if own else what, allowed and not own
        if seen is None or own:
            await register.record_each(connection, desk.clock, actor, rule, named, meant, allowed=good)
        else:
            met = [one for one in meant if one not in seen]
            await register.record_unseen(connection, desk.clock, actor, rule, named, met, seen, allowed=good)
        keepers, whose = await ties.keepers(connection, meant), meant[0] if own else None
        await telling.tell(connection, desk.clock.unix(), actor, "own-case", whose, keepers, anybody=own)
