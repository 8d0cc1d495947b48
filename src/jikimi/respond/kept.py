"""What a successor needs while the record is away, kept in the log: how far decisions are recorded, whose officers are
under way, every standing plan. It must never say where a place is: it names those that may be told, and hides the rest.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from jikimi.detect.facts import Order, decode
from jikimi.kernel.errors import Unavailable
from jikimi.registry.model import SecretPlace
from jikimi.registry.service import told_places
from jikimi.respond.ended import Barred, by_hand
from jikimi.respond.model import Pick, Plan
from jikimi.respond.standing import Standing
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.stream.client import append
from jikimi.stream.tail import last_values

_log = structlog.get_logger()
_REST_S = 5.0
_PARTS: Final = 32
"""Plans share messages: a unit that becomes free changes hundreds, and each message is a flush."""
_AT_ONCE: Final = 100
_EVERYWHERE_M: Final = 2.1e7
_NOTE: Final = "the plan of before the outage"


class Reached(msgspec.Struct, frozen=True):
    """The last decision recorded, by its sequence, and the pairs whose officers were under way then."""

    seq: int
    running: list[str]


class Stood(msgspec.Struct, frozen=True):
    """A standing plan without its measures, which guarded places of its order are no secret, and whose access to its parties a
    person has ended.
    """

    plan: Plan
    told: list[str]
    ended: list[Barred] = []


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the last responder left: as much as is needed to tell an alert, and to hide what must not be told."""

    seq: int
    running: set[str]
    plans: dict[str, Plan]
    secret: list[SecretPlace]
    ended: list[Barred]


class Kept:
    """The writing side: one responder's knowledge, put where it outlives both that responder and the record."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._written: dict[int, bytes] = {}
        self._told: dict[str, list[str]] = {}
        self._ended: list[Barred] = []
        self._reached: Reached | None = None

    async def reached(self, seq: int, running: Collection[str]) -> None:
        """Say how far the record is. Not waited for: it leaves with the messages that tell what was recorded."""
        now = Reached(seq, sorted(running))
        if now != self._reached:
            self._reached = now
            with suppress(NatsError, OSError):
                await self._client.publish(f"{names.STANDING}.reached", msgspec.json.encode(now))

    async def run(self, standing: Standing, database: Database) -> None:
        """Keep what changed of the plans every few seconds; ends only by cancellation."""
        while True:
            await asyncio.sleep(_REST_S)
            if not standing.roster.known:
                continue  # what is kept is better than what is not known yet
            try:
                async with database.transaction() as connection:
                    self._told = await told_places(connection)
                    self._ended = await by_hand(connection)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("places", error=type(error).__name__)
            if self._reached:  # an incident that has closed since must not look as if somebody were under way
                await self.reached(self._reached.seq, standing.under_way)
            try:
                await self.keep(standing)
            except Unavailable as error:
                _log.warning("standing plans", error=error.detail)

    async def keep(self, standing: Standing) -> None:
        """Write the plans that changed; raises Unavailable while the log is away."""
        parts: dict[int, list[Stood]] = defaultdict(list)
        ended: dict[str, list[Barred]] = defaultdict(list)
        for one in self._ended:
            ended[str(one.matter)].append(one)
        for place, (order, made) in enumerate(sorted(standing.plans.items()), 1):
            stood = Stood(_plain(made), self._told.get(order, []), ended.get(order, []))
            parts[UUID(order).int % _PARTS].append(stood)
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)  # an alert must not wait behind thousands of plans
        for number in range(_PARTS):
            body = msgspec.json.encode(parts[number])
            if self._written.get(number) != body:
                await append(self._client, f"{names.STANDING}.plans.{number}", body)
                self._written[number] = body
            await asyncio.sleep(0)


async def recall(client: Client) -> Recalled | None:
    """What was kept; None where nothing was, or nothing that can be read."""
    try:
        kept = {entry.subject: entry.body for entry in await last_values(client, names.STANDING)}
        reached = msgspec.json.decode(kept.pop(f"{names.STANDING}.reached"), type=Reached)
        stood = [one for body in kept.values() for one in msgspec.json.decode(body, type=list[Stood])]
        secret = await _secret(client, stood)
    except (Unavailable, KeyError, msgspec.MsgspecError) as error:
        _log.debug("nothing kept", error=type(error).__name__)
        return None
    plans = {str(one.plan.card.id): one.plan for one in stood}
    return Recalled(reached.seq, set(reached.running), plans, secret, [each for one in stood for each in one.ended])


async def _secret(client: Client, stood: Sequence[Stood]) -> list[SecretPlace]:
    """Every guarded place that is not known to be none, as the orders themselves have it."""
    told = {place for one in stood for place in one.told}
    unread = {str(one.plan.card.id): one.plan.card.victim for one in stood}
    found = []
    for entry in await last_values(client, names.STATE, [f"{names.ORDER}.>"]):
        order = decode(entry.body)
        if isinstance(order, Order) and order.victim is not None:
            unread.pop(order.order, None)
            found += [
                SecretPlace(UUID(place.id), UUID(order.victim), place.lon, place.lat, place.radius_m, place.polygon,
                            place.margin_m)
                for place in order.places if place.id not in told
            ]  # fmt: skip
    # Of an order that cannot be read nobody knows the places: then she is nowhere to be shown.
    return found + [
        SecretPlace(UUID(order), victim, 0.0, 0.0, _EVERYWHERE_M, None, 0.0)
        for order, victim in unread.items() if victim is not None
    ]  # fmt: skip


def _plain(made: Plan) -> Plan:
    """A plan that changes only when somebody else would be sent."""
    return replace(made, picks=tuple(map(_without_measures, made.picks)), made_at=0.0)


def _without_measures(pick: Pick) -> Pick:
    unit = replace(pick.unit, lon=None, lat=None, position_at=None, own=())
    return replace(pick, unit=unit, distance_m=None, eta_s=None, position_age_s=None, rank=None, note=_NOTE, among=None)
