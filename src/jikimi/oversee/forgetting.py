"""Whether the log, and what detectors save of it, has let go of a person. It must never say so of a state it has not seen pass.

A detector saves what it knows every minute. Until it has read that somebody is to be forgotten, what it saves may hold them:
only when every saved state is from after that word are the streams' places taken that must have aged out.
"""

from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.stream import names
from jikimi.stream.client import api
from jikimi.stream.snapshots import saved

LOGS: Final = (names.FACTS, names.ALERTS, names.PLANS, names.SNAPSHOTS, names.REJECTS)
_TOLD: Final = "told"
"""Where ``facts`` stood when the word was in it, among the places of the streams."""
_UNTOLD: Final = text("SELECT EXISTS (SELECT FROM due WHERE kind = 'publish' AND queue = :subject)")


async def positions(client: Client) -> dict[str, int]:
    """By stream: its last sequence now."""
    return {name: int((await _state(client, name))["last_seq"]) for name in LOGS}


async def done(connection: AsyncConnection, client: Client, person: UUID, log: dict[str, int]) -> bool:
    """Whether every detector's saved state is from after the word that this person is to be forgotten.

    Sets ``told`` in ``log`` once that word has left the outbox; it is to be handed in again.
    """
    if _TOLD not in log:
        if (await connection.execute(_UNTOLD, {"subject": f"{names.FORGET}.{person}"})).scalar_one():
            return False
        log[_TOLD] = int((await _state(client, names.FACTS))["last_seq"])
    return all(seq >= log[_TOLD] for seq in (await saved(client)).values())


async def passed(client: Client, log: dict[str, int]) -> bool:
    """Whether nothing of before these places is left in any stream."""
    for name in LOGS:
        state = await _state(client, name)
        if state["messages"] and int(state["first_seq"]) <= log[name]:
            return False
    return True


async def _state(client: Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api(client, f"STREAM.INFO.{name}"))["state"]
    return found
