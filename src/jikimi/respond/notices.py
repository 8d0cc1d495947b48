"""What a room was told outside of any incident while a session lasts, for whoever comes to the desk later. It must never
give an officer a word of it, nor a room another's, nor anybody a word of their own case or of whom they may not know any more.
"""

from typing import Final

from sqlalchemy import text

from jikimi.identity.model import FIELD_ROLES, Actor
from jikimi.identity.service import SESSION_S
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Forbidden
from jikimi.respond import feeds, shown
from jikimi.respond.model import room_feed
from jikimi.respond.schemas import SaidOut
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database

_MOST: Final = 200
_TOLD: Final = text("""
SELECT seq, CAST(extract(epoch FROM at) AS float8) AS at, kind, body, sealed FROM feed_message
WHERE feed = :feed AND incident IS NULL AND at > to_timestamp(:since)
ORDER BY seq DESC LIMIT :most
""")


async def told(people: Database, service: Database, clock: Clock, actor: Actor) -> list[SaidOut]:
    """The newest first, no older than a session can be; raises Forbidden, to officers too."""
    rule = require(actor, Action.READ_INCIDENT)
    if actor.role in FIELD_ROLES:
        raise Forbidden("Notices are a control room's; your own taskings come over your line.")
    asked = {"feed": room_feed(actor.agency), "since": clock.unix() - SESSION_S, "most": _MOST}
    async with people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        rows = (await connection.execute(_TOLD, asked)).all()
        bodies = [feeds.body_of(connection, room_feed(actor.agency), row) for row in rows]
        asks = await shown.reader(connection, actor.agency, bodies)
        found = [
            SaidOut(seq=row.seq, at=row.at, kind=row.kind, body=told)
            for row, body in zip(rows, bodies, strict=True) if (told := asks.told(body)) is not None
        ]  # fmt: skip
    async with service.transaction() as connection:
        await register.record(
            connection, clock, actor, Action.READ_INCIDENT, rule.purpose, rule.article, "notices", None
        )
    return found
