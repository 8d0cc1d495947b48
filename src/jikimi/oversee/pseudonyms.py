"""Names that stand in a statement instead of people's own. It must never let two statements be joined by whom they name, nor say
whose a name is to anybody but the agency that made the statement.

A keyed digest under a key of the vault, of the statement and of whom it names: the same within one statement, another in the
next, whoever it is given to. Nothing is kept of it; who asks whose it is is on the register.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.kernel.errors import NotFound
from jikimi.registry.service import label_of
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, require

KEY: Final = "pseudonyms"
"""The secret's name in the vault."""
REGISTER: Final = "statutory_register"
"""What printing a statement is called on the access register; its entry there is the statement's number."""
_NONE: Final = "No statement of your agency names anybody so whom you may know."
_LETTERS, _GROUP = 12, 4
_MADE: Final = text("SELECT FROM access_register WHERE id = :id AND agency = :agency AND allowed AND what = :what")
_ACCOUNTS: Final = text("SELECT id, name, role FROM account")
_PEOPLE: Final = text("SELECT id, label, sealed FROM person")


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes them, by the vault's key."""

    key: bytes = field(repr=False)

    def of(self, statement: UUID, whose: UUID) -> str:
        """What ``whose`` (a person or an account) is called in that statement, as K7QM-2X4R-5T2A."""
        made = hmac.new(self.key, b"statement" + statement.bytes + whose.bytes, hashlib.sha256).digest()
        letters = base64.b32encode(made).decode()[:_LETTERS]
        return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))

    def among(self, statement: UUID, said: str, known: Iterable[UUID]) -> UUID | None:
        """Who of ``known`` is called that there."""
        meant = said.strip().upper()
        return next((one for one in known if hmac.compare_digest(self.of(statement, one), meant)), None)


async def whose(desk: Desk, actor: Actor, names: Pseudonyms, statement: UUID, said: str) -> dict[str, Any]:
    """The person or the colleague whom a statement of one's own agency calls ``said``; raises Forbidden, NotFound."""
    rule = require(actor, Action.READ_REGISTER)
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        asked = {"id": statement, "agency": actor.agency, "what": REGISTER}
        made = (await connection.execute(_MADE, asked)).first() is not None
        people = {row["id"]: row for row in (await connection.execute(_PEOPLE)).mappings()}
        accounts = {row["id"]: dict(row) for row in (await connection.execute(_ACCOUNTS)).mappings()}
        found = await asyncio.to_thread(
            names.among, statement, said.encode("ascii", "replace").decode(), [*people, *accounts]
        )
        person = people.get(found) if made and found else None
        label = None if person is None else label_of(connection, person["id"], person["label"], person["sealed"])
    known = made and found is not None
    async with desk.service.transaction() as connection:
        await register.record(
            connection,
            desk.clock,
            actor,
            rule.action,
            rule.purpose,
            rule.article,
            "pseudonym",
            found if known else None,
            known,
        )
    if not known:
        raise NotFound(_NONE)
    return {
        "person": person and {"id": person["id"], "label": label},
        "account": accounts.get(found) if found else None,
    }
