"""What was kept, as whoever asks now may read it. It must never show what a grant let somebody know who holds none any more:
each body is asked anew for whom it names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.respond import feeds
from jikimi.respond.model import Message
from jikimi.respond.whereabouts import PARTIES, without_whereabouts
from jikimi.share import telling

_NAMES: Final = ("person", "subject")
"""Where a page names somebody."""
# The file of one's own, or a grant of anybody's in the agency, lets a room know that there is such a person.
_MAY: Final = text("""
SELECT CAST(p.id AS text) AS id, tied(p.id) AS own, granted(p.id, 'location') AS followed,
  EXISTS (SELECT FROM person f WHERE f.id = p.id) OR EXISTS (SELECT FROM access_grant g WHERE g.subject = p.id
    AND g.agency = current_agency() AND g.ended_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > current_moment())) AS known
FROM unnest(CAST(:people AS uuid[])) AS p (id)
""")
_MOST: Final = 500
KEPT: Final = """
EXISTS (SELECT FROM incident k WHERE k.id = {incident} AND k.closed_at IS NOT NULL AND NOT EXISTS (
  SELECT FROM access_grant e WHERE e.subject IN (k.offender, k.victim) AND e.agency = current_agency()
    AND e.ended_by IS NOT NULL AND e.unit IS NULL AND e.account IS NULL AND (e.incident = k.id OR e."order" = k."order")))
"""
"""Whether an agency reads what it wrote itself of an incident: of what is over, unless a person ended its access."""
_MAY_HEAR: Final = text(f"SELECT may_hear(:incident), {KEPT.format(incident=':incident')}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Of the people that some bodies name: whose case is the reader's own, whom their agency knows, whom it may follow."""

    agency: UUID
    own: frozenset[str]
    known: frozenset[str]
    followed: frozenset[str]

    def told(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a body says to them; None where it is nothing."""
        if self.own & _named(body):
            return None
        pages = {str(body[name]) for name in _NAMES if body.get(name)}
        # Of an access that is over whose it was is told all the same, and what one's own staff did is about them.
        about_us = str(body.get("what")) in telling.ENDS or body.get("by") == str(self.agency)
        if not about_us and not pages <= self.known:
            return None
        return without_whereabouts(body, self.followed)


async def reader(connection: AsyncConnection, agency: UUID, bodies: Iterable[Mapping[str, Any]]) -> Reader:
    """Who asks, by the rights of ``connection`` (people's), as to everybody whom these name."""
    people = sorted({one for body in bodies for one in _named(body)})
    rows = (await connection.execute(_MAY, {"people": people})).all() if people else []
    own, known, followed = (frozenset(row.id for row in rows if row[place]) for place in (1, 3, 2))
    return Reader(agency, own, known, followed)


async def may_hear(connection: AsyncConnection, incident: UUID) -> tuple[bool, bool]:
    """Whether what people wrote of an incident is for whoever asks: of anybody's, of their own agency's."""
    anybodys, own = (await connection.execute(_MAY_HEAR, {"incident": incident})).one()
    return anybodys, anybodys or own


async def since(connection: AsyncConnection, agency: UUID, feed: str, after: int) -> list[Message]:
    """What a feed said past ``after``, its next numbers in order: of what belongs to no incident as whoever asks may read it now,
    of what is none of theirs the number alone, so that none seems missing.
    """
    last = await feeds.last(connection, feed)
    found = await feeds.since(connection, feed, after, _MOST)
    asks = await reader(connection, agency, [one.body for one in found if one.incident is None])
    there = {one.seq: one if one.incident else _fitting(asks, one) for one in found}
    upto = found[-1].seq or after if len(found) == _MOST else max([last, *(one.seq or 0 for one in found)])
    at, told = (found[0].at if found else 0.0), []
    for seq in range(after + 1, upto + 1):
        one = there.get(seq) or Message(feed, agency, "withheld", {}, None, seq, at)
        at = one.at
        told.append(one)
    return told


def _fitting(asks: Reader, message: Message) -> Message:
    told = asks.told(message.body)
    return replace(message, kind="withheld", body={}) if told is None else replace(message, body=told)


def _named(body: Mapping[str, Any]) -> set[str]:
    return {str(body[name]) for name in (*_NAMES, *PARTIES) if body.get(name)}
