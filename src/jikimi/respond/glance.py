"""Each second, what rooms see moving: how near each open pair is, where units are. It must never tell a seat of an
incident it holds no grant of, nor a room of another agency's units.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.respond import overview
from jikimi.respond.nearness import Follower
from jikimi.respond.picture import Picture
from jikimi.respond.rules import ResponseRules
from jikimi.respond.seat import Grant, Seat, Word
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database


class Glance:
    """What the hub says to rooms between messages."""

    def __init__(self, rules: ResponseRules, clock: Clock) -> None:
        self._rules, self._clock = rules, clock
        self._followers: dict[Grant, Follower] = {}

    async def units(self, service: Database, seats: Sequence[Seat], picture: Picture, now: float) -> None:
        """Queue one `units` frame for every room that listens."""
        rooms = [seat for seat in seats if seat.actor.unit is None]
        if not rooms:
            return
        agencies = {seat.actor.agency for seat in rooms}
        async with service.transaction() as connection:
            for seat in rooms:
                await self._register(connection, seat)
            units = await overview.units_of(connection, agencies, picture, self._rules, now)
        for agency in agencies:
            word, led = _word(units[agency], now), [unit for unit in units[agency] if unit["distance_m"] is not None]
            for seat in rooms:
                if seat.actor.agency == agency:
                    plain = not seat.barred and all(_follows(seat, unit) for unit in led)
                    seat.offer(word if plain else _word(_open_to(seat, units[agency]), now))

    async def _register(self, connection: AsyncConnection, seat: Seat) -> None:
        if not seat.glancing:
            rule = require(seat.actor, Action.FOLLOW_LIVE_POSITIONS)
            await register.record(
                connection, self._clock, seat.actor, Action.FOLLOW_LIVE_POSITIONS, rule.purpose, rule.article,
                "unit_positions", None,
            )  # fmt: skip
            seat.glancing = True

    def pairs(self, seats: Sequence[Seat], picture: Picture, now: float) -> None:
        """Queue a `pair` frame per granted incident; needs no record, so it goes on while that is away."""
        rooms = [seat for seat in seats if seat.actor.unit is None]
        grants = {grant for seat in rooms for grant in seat.grants.values()}
        self._followers = {grant: self._followers.get(grant, Follower()) for grant in grants}
        near = {}
        for grant, follower in self._followers.items():
            his, hers = picture.seen.get(grant.offender or ""), picture.seen.get(grant.victim or "")
            near[grant] = follower.look(his, hers, now)
        for seat in rooms:
            for grant in seat.grants.values():
                seat.measure(grant.incident, near[grant])


def _word(units: list[dict[str, object]], now: float) -> Word:
    return Word(msgspec.json.encode({"type": "units", "at": now, "units": units}), None, numbered=False)


_HIDDEN = dict.fromkeys(("lon", "lat", "sigma_m", "age_s", "incident", "toward", "state", "distance_m", "eta_s"))


_UNMEASURED = dict.fromkeys(("distance_m", "eta_s"))


def _open_to(seat: Seat, units: list[dict[str, object]]) -> list[dict[str, object]]:
    """Units; of those that work on this account's own case only that they are there, another agency's not even that (it is
    told of for that case alone), and none as a ring around somebody this seat may not follow.
    """
    return [
        unit | _HIDDEN if unit["incident"] in seat.barred else unit if _follows(seat, unit) else unit | _UNMEASURED
        for unit in units if unit["incident"] not in seat.barred or unit["agency"] == seat.actor.agency
    ]  # fmt: skip


def _follows(seat: Seat, unit: dict[str, object]) -> bool:
    """Whether the seat may follow whomever the unit goes to."""
    grant = seat.grants.get(unit["incident"]) if isinstance(unit["incident"], UUID) else None
    return grant is not None and (grant.victim if unit["toward"] == "victim" else grant.offender) is not None
