"""What rests on more than one file. It must never let an order go that another party's file, or another agency, still needs.

An order goes with the last of its parties' files. An agency with a part in it that closed no file of it is asked, says
itself whether it lets go, and may say so later. What is kept, and for whose sake, stands on the certificate.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict
from jikimi.registry.service import Resting, resting
from jikimi.store.due import Later, put_many

KIND: Final = "destroy"
"""The due row by which keys are destroyed."""
_ASK: Final = text("""
INSERT INTO destruction_yes (destruction, agency, person, asker, orders)
VALUES (:destruction, :agency, :person, :asker, CAST(:orders AS uuid[]))
""")
_MINE: Final = text("SELECT agreed FROM destruction_yes WHERE destruction = :id AND agency = :agency FOR UPDATE")
_SAY: Final = text("""
UPDATE destruction_yes SET agreed = :agreed, at = :now, by = :by WHERE destruction = :id AND agency = :agency
""")
_SAID: Final = text("""
SELECT y.destruction, y.agency, y.orders, y.agreed FROM destruction_yes y JOIN destruction d ON d.id = y.destruction
WHERE y.person = ANY(CAST(:people AS uuid[])) AND d.carried_out IS NOT FALSE
""")
# Whichever event was held: what is evidence is not let go of by another.
_HELD: Final = text("""
SELECT FROM destruction WHERE person = :person AND held_until > :now AND data && CAST(:data AS text[]) LIMIT 1
""")
_WAITING: Final = text("""
SELECT id FROM destruction WHERE destroyed_at IS NOT NULL AND person = ANY(CAST(:people AS uuid[]))
  AND EXISTS (SELECT FROM jsonb_array_elements(kept) AS one WHERE one->>'order' = ANY(CAST(:orders AS text[])))
""")


@dataclass(frozen=True, slots=True)
class Rest:
    """Of one person's orders: all of them, those nothing rests on any more, and what is kept for whose sake."""

    orders: Sequence[Resting]
    free: frozenset[UUID]
    kept: list[dict[str, Any]]
    """By order: the parties whose files are open, and the agencies that have not let go of it."""


def due(destruction: UUID, now: float) -> Later:
    """What carries it out, in a queue of its own: what fails is tried again for as long as it takes."""
    return Later(KIND, str(destruction), now, {}, f"{KIND} {destruction}")


async def ask(connection: AsyncConnection, destruction: UUID, asker: UUID, person: UUID, now: float) -> None:
    """Ask every other agency with a part in this person's orders whether it lets go of them."""
    asked: dict[UUID, list[UUID]] = {}
    for one in await resting(connection, person, now):
        for agency in one.agencies:
            asked.setdefault(agency, []).append(one.order)
    for agency, orders in asked.items():
        values = {"destruction": destruction, "agency": agency, "person": person, "asker": asker, "orders": orders}
        await connection.execute(_ASK, values)


async def is_asked(connection: AsyncConnection, destruction: UUID, agency: UUID) -> bool:
    """Whether that agency is one of those asked."""
    return (await connection.execute(_MINE, {"id": destruction, "agency": agency})).first() is not None


async def say(
    connection: AsyncConnection, destruction: UUID, agency: UUID, by: UUID, now: float, *, agreed: bool
) -> None:
    """Record what an agency that was asked says; a no may become a yes. Raises Conflict once it has let go."""
    values = {"id": destruction, "agency": agency}
    if (await connection.execute(_MINE, values)).scalar_one():
        raise Conflict("Your agency has let go of it already.")
    await connection.execute(_SAY, {**values, "agreed": agreed, "now": moment(now), "by": by})


async def rest(connection: AsyncConnection, person: UUID, now: float) -> Rest:
    """What rests on this person's orders besides their own file, with what agencies have said."""
    found = await resting(connection, person, now)
    said = await _said(connection, found)
    kept = [
        {"order": str(one.order), "parties": [str(each) for each in one.parties], "agencies": [str(each) for each in needed]}
        for one in found
        if (needed := [each for each in one.agencies if not said.get((one.order, each))]) or one.parties or not one.over
    ]  # fmt: skip
    held = {one["order"] for one in kept}
    return Rest(found, frozenset(one.order for one in found if str(one.order) not in held), kept)


async def held(connection: AsyncConnection, person: UUID, data: Collection[str], now: float) -> bool:
    """Whether any of these data of this person is held as evidence, under whichever destruction."""
    asked = {"person": person, "data": sorted(data), "now": moment(now)}
    return (await connection.execute(_HELD, asked)).first() is not None


async def refuse_unheard(connection: AsyncConnection, person: UUID, now: float) -> None:
    """Raise Conflict while an agency alone stands between an order and its end and has not said whether it needs it."""
    found = await resting(connection, person, now)
    said = await _said(connection, found)
    if any(said.get((one.order, each)) is None for one in found if not one.parties for each in one.agencies):
        raise Conflict("Another agency with a part in an order has not said yet whether it lets go of it.")


async def again(connection: AsyncConnection, orders: Sequence[Resting], now: float) -> None:
    """Have looked once more at what earlier destructions of the parties of these orders kept."""
    people = {party for one in orders for party in (one.offender, one.victim) if party is not None}
    named = {"people": list(people), "orders": [str(one.order) for one in orders]}
    rows = (await connection.execute(_WAITING, named)).scalars().all()
    await put_many(connection, [due(row, now) for row in rows])


async def _said(connection: AsyncConnection, orders: Collection[Resting]) -> dict[tuple[UUID, UUID], bool | None]:
    """By order and agency: whether it lets go; None where it was asked and has not said."""
    people = {party for one in orders for party in (one.offender, one.victim) if party is not None}
    found: dict[tuple[UUID, UUID], bool | None] = {}
    for row in await connection.execute(_SAID, {"people": list(people)}):
        for order in row.orders:
            # Asked in two destructions, one yes is a yes.
            found[order, row.agency] = found.get((order, row.agency)) or row.agreed
    return found
