"""Whose case an incident is. It must never let staff act in their own, nor tell them that it is there."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.registry import service as registry

_PARTIES = text("SELECT offender, victim FROM incident WHERE id = :id")
_BARRED = text("""
SELECT id FROM incident WHERE offender = ANY(CAST(:people AS uuid[])) OR victim = ANY(CAST(:people AS uuid[]))
""")


async def refuse_own(connection: AsyncConnection, actor: Actor, incident: UUID) -> None:
    """Raise OwnCase, which reads as another agency's, where a party makes it the actor's own."""
    row = (await connection.execute(_PARTIES, {"id": incident})).one_or_none()
    if row is not None:
        await registry.refuse_own(
            connection, actor, (row.offender, row.victim), "No incident of your agency has this id."
        )


async def barred(
    connection: AsyncConnection, accounts: Collection[UUID]
) -> dict[UUID, tuple[frozenset[str], frozenset[UUID]]]:
    """By account: the people and the incidents nothing is told of; accounts with none are left out."""
    found = {}
    for account, people in (await registry.ties_of(connection, accounts)).items():
        incidents = frozenset(row.id for row in await connection.execute(_BARRED, {"people": list(people)}))
        found[account] = (frozenset(map(str, people)), incidents)
    return found
