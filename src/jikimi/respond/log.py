"""What a person writes into an incident's log, and what a room was told of it. It must never reach a terminal in the
field: a line typed in haste may name her place.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger.digests import Digester
from jikimi.ledger.rows import Row, append_many
from jikimi.respond import feeds, shown, statements
from jikimi.respond.model import Message, room_feed
from jikimi.respond.own import refuse_own
from jikimi.respond.schemas import SaidOut
from jikimi.respond.whereabouts import WORDS
from jikimi.share.policy import Action, require

LONGEST: Final = 200
_SAID: Final = text("""
SELECT seq, CAST(extract(epoch FROM at) AS float8) AS at, kind, body, sealed FROM feed_message
WHERE feed = :feed AND incident = :incident ORDER BY seq
""")


async def enter(
    connection: AsyncConnection, actor: Actor, incident: UUID, said: str, digester: Digester, now: float
) -> list[Message]:
    """One line of a room's into an open incident's log; returns what to publish after the commit.

    The other room learns which agency wrote it, not who. Raises Malformed for what is no line, Forbidden, NotFound (also
    for another agency's), Conflict once it is closed.
    """
    require(actor, Action.READ_INCIDENT)
    if actor.role not in (Role.DISPATCHER, Role.MONITOR):
        raise Forbidden("A control room keeps the log.")
    line = said.strip()
    if not line or len(line) > LONGEST or not line.isprintable():
        raise Malformed(f"Write one line of at most {LONGEST} characters.", field="text")
    row = (await connection.execute(statements.INCIDENT, {"id": incident})).one_or_none()
    if row is None or actor.agency not in (row.police_agency, row.monitoring_agency):
        raise NotFound("No incident of your agency has this id.")
    await refuse_own(connection, actor, incident)
    if row.closed_at is not None:
        raise Conflict("It is closed; nothing is written into it any more.")
    entry = uuid7()
    fields = {
        "incident": incident, "account": actor.account, "agency": actor.agency,
        "content_digest": digester.of(entry, line),
    }  # fmt: skip
    await append_many(connection, [Row(now, "incident.logged", fields)])
    messages = [
        Message(room_feed(agency), agency, "log_entry", {
            "entry": str(entry), "agency": str(actor.agency), "name": actor.name if agency == actor.agency else None,
            "text": line, "at": now, "offender_id": row.offender and str(row.offender),
            "victim_id": row.victim and str(row.victim),
        }, incident, whose=row.order or row.victim or row.offender)
        for agency in (row.police_agency, row.monitoring_agency) if agency
    ]  # fmt: skip
    await feeds.post(connection, messages, now)
    return messages


async def told(connection: AsyncConnection, agency: UUID, incident: UUID) -> list[SaidOut]:
    """Everything an agency's room was told of an incident, in its order, as it may know of it now; positions are never part
    of it.
    """
    feed = room_feed(agency)
    rows = (await connection.execute(_SAID, {"feed": feed, "incident": incident})).all()
    bodies = [feeds.body_of(connection, feed, row) for row in rows]
    asks, (hears, keeps) = await shown.reader(connection, agency, bodies), await shown.may_hear(connection, incident)
    ours = str(agency)
    return [
        SaidOut(seq=row.seq, at=row.at, kind=row.kind,
                body=told if hears or (keeps and row.body.get("agency") == ours) else _without_words(row.kind, told))
        for row, body in zip(rows, bodies, strict=True) if (told := asks.told(body)) is not None
    ]  # fmt: skip


def _without_words(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return body | dict.fromkeys([WORDS[kind]]) if kind in WORDS else body
