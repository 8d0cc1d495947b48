"""Each second, what rooms see moving: how near each open pair is, where units are. It must never tell a seat of an
incident it holds no grant of, nor a room of another agency's units.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import Clock
from jikimi.respond import overview
from jikimi.respond.nearness import Follower
from jikimi.respond.overview import Sight
from jikimi.respond.picture import Picture
from jikimi.respond.rules import ResponseRules
from jikimi.respond.seat import Grant, Seat
from jikimi.respond.veil import Veil
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database


class Glance:
    """What the hub says to rooms between messages."""

    def __init__(self, rules: ResponseRules, clock: Clock) -> None:
        self._rules, self._clock = rules, clock
        self._followers: dict[Grant, Follower] = {}

    async def units(
        self, service: Database, seats: Sequence[Seat], picture: Picture, veil: Veil, now: float
    ) -> None:  # fmt: skip
        """Queue one `units` frame for every room that listens."""
        rooms = [seat for seat in seats if seat.actor.unit is None]
        if not rooms:
            return
        agencies = {seat.actor.agency for seat in rooms}
        async with service.transaction() as connection:
            for seat in rooms:
                await self._register(connection, seat)
            units = await overview.units_of(connection, agencies, picture, veil, self._rules, now)
        boards = {agency: _Board(units[agency], now) for agency in agencies}
        for seat in rooms:
            seat.show(boards[seat.actor.agency].told)

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


_HIDDEN = dict.fromkeys(("lon", "lat", "sigma_m", "age_s", "incident", "toward", "state", "distance_m", "eta_s"))
"""Left out of a unit that works on the reader's own case."""


class _Board:
    """One agency's units at one moment, written for each seat as it leaves."""

    def __init__(self, units: list[Sight], now: float) -> None:
        self._units, self._now = units, now
        self._whole: bytes | None = None

    def told(self, seat: Seat) -> bytes:
        """The frame for this seat, by what it may follow now."""
        shown = [_open_to(seat, unit) for unit in self._units]
        if any(one is not unit.told for one, unit in zip(shown, self._units, strict=True)):
            return self._frame([one for one in shown if one is not None])
        if self._whole is None:
            self._whole = self._frame([unit.told for unit in self._units])
        return self._whole

    def _frame(self, units: list[dict[str, object]]) -> bytes:
        return msgspec.json.encode({"type": "units", "at": self._now, "units": units})


def _open_to(seat: Seat, unit: Sight) -> dict[str, object] | None:
    """A unit as a seat may see it: of one that works on this account's own case only that it is there, another agency's not even
    that (it is told of for that case alone), and none as a ring around somebody this seat may not follow, nor beside them.
    """
    if unit.told["incident"] in seat.barred:
        return unit.told | _HIDDEN if unit.told["agency"] == seat.actor.agency else None
    return unit.told if all(seat.follows(incident, whom) for incident, whom in unit.goes) else unit.nowhere()
