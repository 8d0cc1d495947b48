"""What an open terminal must forget: it is told so, and not left to find out. It must never name anybody to a seat whose
grant it was not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.respond.seat import Seat, Word
from jikimi.share.withdrawn import LATE_S, Ended, ended_before


@dataclass(frozen=True, slots=True)
class Before:
    """What a seat might follow, and whose case was its own, before the record was read anew."""

    followed: frozenset[str]
    tied: frozenset[str]
    barred: frozenset[UUID]


async def sit(connection: AsyncConnection, seats: Iterable[Seat]) -> None:
    """Let those that have just sat down know what had ended before."""
    for seat in seats:
        if not seat.answered:
            seat.past = await ended_before(connection, seat.actor.agency, seat.since)


def before(seat: Seat) -> Before | None:
    """As it is now; None where it was told of nobody yet."""
    return _as_it_is(seat) if seat.answered else None


def _as_it_is(seat: Seat) -> Before:
    return Before(frozenset(seat.subjects()), seat.tied, seat.barred)


def word(seat: Seat, was: Before | None, ended: Iterable[Ended], now: float) -> Word | None:
    """What this seat must forget since then, None where that is nothing.

    ``subjects``: whoever's file is to be read anew; ``positions``: who is not to be shown any more; ``incidents``: what is
    none of theirs any more; ``anew``: whatever is open is to be read anew, without a word of whose it is.
    """
    was = was or _as_it_is(seat)
    lost = was.followed - seat.subjects()
    # Of one's own case nobody is named who was not on the screen already.
    subjects = {str(one.subject) for one in ended if _its_own(one, seat)} - seat.tied | lost
    incidents = (seat.barred - was.barred) & seat.registered
    anew = not seat.tied <= was.tied
    if not (subjects or incidents or anew):
        return None
    return _word(now, subjects, subjects - seat.subjects(), incidents, anew=anew)


def positions(seat: Seat, gone: Iterable[str], now: float) -> Word:
    """Of whom this seat follows: where they were is shown to nobody any more, though who they are may be known."""
    return _word(now, (), seat.subjects().intersection(gone), ())


def _word(
    now: float, subjects: Iterable[str], places: Iterable[str], incidents: Iterable[UUID], *, anew: bool = False
) -> Word:
    said = {
        "type": "withheld", "at": now, "subjects": sorted(subjects), "positions": sorted(places),
        "incidents": sorted(map(str, incidents)), "anew": anew,
    }  # fmt: skip
    return Word(msgspec.json.encode(said), None, numbered=False)


def _its_own(one: Ended, seat: Seat) -> bool:
    """What a whole agency may know is its rooms' and offices'; an officer knew by the unit's grants, or by the own account's.

    What had ended before it sat down was never shown on it.
    """
    late = one.at > seat.since - LATE_S and one.id not in seat.past
    rooms = one.unit is None and one.account is None
    return late and not (seat.actor.unit and rooms) and one.held_by(seat.actor)
