"""What ids on a privacy officer's page are called. It must never name whom the database would not show to the asker."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.registry.service import label_of
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, purpose_of, require

MOST: Final = 500
"""Ids named at once, of each kind."""
_AGENCIES: Final = text("SELECT id, kind, name FROM agency ORDER BY kind, name, id")
_ACCOUNTS: Final = text("SELECT id, name, role FROM account WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")
_PEOPLE: Final = text("SELECT id, label, sealed FROM person WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")


async def agencies(desk: Desk, actor: Actor) -> list[dict[str, Any]]:
    """Every agency there is: their names are public knowledge."""
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        return [dict(row) for row in (await connection.execute(_AGENCIES)).mappings()]


async def names(
    desk: Desk, actor: Actor, accounts: Collection[UUID], people: Collection[UUID]
) -> dict[str, list[dict[str, Any]]]:
    """Names of one's own staff and of people one may know; others are left out. Raises Forbidden."""
    rule = require(actor, Action.REVIEW_ACCESS)
    async with desk.service.transaction() as connection:
        await register.record(connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "name", None)
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        staff = [dict(row) for row in (await connection.execute(_ACCOUNTS, {"ids": list(accounts)})).mappings()]
        found = [
            {"id": row["id"], "label": label_of(connection, row["id"], row["label"], row["sealed"])}
            for row in (await connection.execute(_PEOPLE, {"ids": list(people)})).mappings()
        ]
    return {"accounts": staff, "people": found}
