"""A person's name or number changed by whoever keeps the file. It must never say a value to anybody, nor free staff of a tie.

Every agency that holds a grant on the person is told at once that it changed and is to be read anew. A number of before
finds nobody any more, and whoever is near to the person by it stays near: a new number is often meant to be rid of somebody.
"""

from typing import Any, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.errors import Conflict, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows as ledger
from jikimi.registry import sealing, ties
from jikimi.registry.fields import Identifier, Model, Telephone, Text
from jikimi.registry.identifiers import Matcher
from jikimi.registry.matching import People, ask_for, by_key_in_force
from jikimi.registry.tried import refuse_own_numbers
from jikimi.share import register, telling
from jikimi.share.policy import Action, Data, require
from jikimi.store.database import Database

_NONE: Final = "No person of your own files has this id."
_LOCKED: Final = text("""
SELECT id, agency, label, identifier_digest, sealed FROM person WHERE id = :id AND agency = :agency FOR UPDATE
""")
_UPDATE: Final = text("UPDATE person SET label = NULL, sealed = :sealed, identifier_digest = :digest WHERE id = :id")
_FORMER: Final = text("""
UPDATE person_mark SET former = NOT digest = ANY(CAST(:digests AS bytea[])) WHERE person = :person AND kind = :kind
""")
_HOLDERS: Final = text("""
SELECT DISTINCT agency FROM access_grant WHERE subject = :person AND ended_at IS NULL AND starts_at <= :now
  AND (ends_at IS NULL OR ends_at > :now)
""")


_KEEP: Final = text("""
INSERT INTO person_change (id, person, agency, at, by, what, rooms)
VALUES (:id, :person, :agency, :now, :by, CAST(:what AS text[]), CAST(:rooms AS uuid[]))
""")


class PersonChange(Model):
    """What is new of a person; what is left out stays."""

    label: Text | None = None
    identifier: Identifier | None = Field(default=None, repr=False)
    telephones: list[Telephone] | None = Field(default=None, max_length=8, repr=False)


async def amend(
    database: Database, clock: Clock, actor: Actor, person: UUID, change: PersonChange, matcher: Matcher | None = None
) -> list[str]:
    """Change one's own file of a person; returns what changed, by name. ``matcher``: instead of the key in force.

    Raises Forbidden, NotFound (another's file, or one's own case: also where the new number is), TooMany, Malformed (nothing
    was named), Conflict (the number is another person's of the agency).
    """
    rule = require(actor, Action.REGISTER, Data.PERSON)
    given = {name: value for name, value in change.model_dump().items() if value is not None}
    if not given:
        raise Malformed("Name what is new: label, identifier or telephones.", field="label")
    now = clock.unix()
    if "identifier" in given:
        await ask_for(database, clock, actor, rule, 1)
    async with database.transaction() as connection:
        matcher = await by_key_in_force(connection, matcher)
        found = (await connection.execute(_LOCKED, {"id": person, "agency": actor.agency})).mappings().one_or_none()
        if found is None:
            raise NotFound(_NONE)
        await ties.refuse_own(connection, actor, [person], _NONE)
        if "identifier" in given:
            await refuse_own_numbers(connection, actor, [matcher.digest(given["identifier"])], _NONE)
        row = sealing.opened(connection, "person", found)
        changed = [name for name, value in given.items() if row.get(name) != value]
        row["former"] = _former(row, given)
        row |= given
        await _write(connection, row, changed, matcher)
        if changed:
            entry = {"account": actor.account, "agency": actor.agency, "person": person, "what": "+".join(changed)}
            await ledger.append(connection, now, "person_changed", **entry)
            await tell(connection, now, actor, person, changed)
        await register.record(
            connection, clock, actor, rule.action, rule.purpose, rule.article, "person_changed", person
        )
    return changed


async def tell(connection: AsyncConnection, now: float, actor: Actor, person: UUID, changed: list[str]) -> None:
    """Page every agency that holds a grant on the person: it changed, and is to be read anew. Who was to be told is kept."""
    holders = [row.agency for row in await connection.execute(_HOLDERS, {"person": person, "now": moment(now)})]
    kept = {
        "id": uuid7(), "person": person, "agency": actor.agency, "now": moment(now), "by": actor.account, "what": changed,
        "rooms": sorted({*holders, actor.agency}),
    }  # fmt: skip
    await connection.execute(_KEEP, kept)
    for name in changed:
        await telling.tell(connection, now, actor, f"changed-{name}", person, holders)


def _former(row: dict[str, Any], given: dict[str, Any]) -> list[list[str]]:
    """By what the person was named before: kind and number, so that keys made anew leave nobody near to them unseen."""
    before = [["identifier", row["identifier"]]] if row.get("identifier") else []
    before += [["telephone", each] for each in row.get("telephones") or ()]
    now = {**row, **given}
    current = [["identifier", now.get("identifier")], *(["telephone", each] for each in now.get("telephones") or ())]
    kept = [*(row.get("former") or []), *before]
    return [one for at, one in enumerate(kept) if one not in current and one not in kept[:at]]


async def _write(connection: AsyncConnection, row: dict[str, Any], changed: list[str], matcher: Matcher) -> None:
    person, digest = row["id"], row["identifier_digest"]
    if "identifier" in changed:
        digest = matcher.digest(row["identifier"])
    values = {"id": person, "digest": digest, "sealed": sealing.sealed(connection, "person", row)}
    try:
        async with connection.begin_nested():
            await connection.execute(_UPDATE, values)
    except IntegrityError:
        raise Conflict("Another person of your files has this number; they may be the same person.") from None
    people = People(matcher)
    identifier = row["identifier"] if "identifier" in changed else None
    telephones = row["telephones"] if "telephones" in changed else []
    marks = people.marks(person, row["agency"], identifier, telephones)
    await ties.tie(connection, marks, [], orders=False)
    for kind, name in (("identifier", "identifier"), ("telephone", "telephones")):
        if name in changed:
            digests = [mark.digest for mark in marks if mark.kind == kind]
            await connection.execute(_FORMER, {"person": person, "kind": kind, "digests": digests})
