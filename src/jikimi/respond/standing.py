"""The standing plan of every live order: whom an alert would send now. It must never hide a gap in cover."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from jikimi.kernel.clock import Clock, moment
from jikimi.kernel.ids import derived
from jikimi.registry.model import OrderCard
from jikimi.respond.model import Plan
from jikimi.respond.picture import Picture
from jikimi.respond.recommend import plan
from jikimi.respond.roster import Roster
from jikimi.respond.rules import ResponseRules
from jikimi.respond.vantage import Vantage, vantage
from jikimi.respond.veil import Veil
from jikimi.store.database import Database

_log = structlog.get_logger()
_KEEP = text("""
INSERT INTO standing_plan (pair, police_agency, monitoring_agency, made_at, body, gaps)
SELECT * FROM unnest(CAST(:pairs AS uuid[]), CAST(:police AS uuid[]), CAST(:monitoring AS uuid[]),
  CAST(:ats AS timestamptz[]), CAST(:bodies AS jsonb[]), CAST(:gaps AS jsonb[]))
ON CONFLICT (pair) DO UPDATE SET police_agency = excluded.police_agency, monitoring_agency = excluded.monitoring_agency,
  made_at = excluded.made_at, body = excluded.body, gaps = excluded.gaps
""")
# Where nobody is left of a kind that was sent, nobody is under way.
_RUNNING = text("""
SELECT pair FROM (SELECT i.pair, bool_or(t.forsaken_at IS NULL) AS going FROM incident i
  JOIN tasking t ON t.incident = i.id AND t.ended_at IS NULL JOIN unit u ON u.id = t.unit
  WHERE i.closed_at IS NULL GROUP BY i.pair, u.kind) AS sent
GROUP BY pair HAVING bool_and(going)
""")
_REST_S = 5.0
_AT_ONCE = 5
_BREATH_S = 0.004
"""Every alert's steps run in between; a plan may be seconds old, an order may not."""


class Standing:
    """Plans by order id, made anew all the time, a few orders at a time so that no alert waits behind them."""

    def __init__(self, roster: Roster, picture: Picture, rules: ResponseRules, veil: Veil) -> None:
        self.roster, self.picture, self.rules, self.veil = roster, picture, rules, veil
        self.plans: dict[str, Plan] = {}
        self._running: set[str] = set()
        self._kept: dict[str, bytes] = {}

    @property
    def under_way(self) -> frozenset[str]:
        """Pairs whose officers were under way when the record was last read or written."""
        return frozenset(self._running)

    def sent(self, pairs: Iterable[str]) -> None:
        """Officers were just sent for these pairs, on the record."""
        self._running.update(pairs)

    def restore(self, plans: dict[str, Plan], running: set[str]) -> None:
        """Take over what another responder last knew."""
        self.plans, self._running = plans, running

    def running(self, pair: str) -> bool:
        """Whether officers were under way for that pair when the record was last read."""
        return pair in self._running

    def refresh(self, order: UUID, now: float) -> Plan | None:
        """Make the plan of one order anew; None when the order is over."""
        card = self.roster.orders.get(order)
        if card is None:
            self.plans.pop(str(order), None)
            return None
        at = self._at(card)
        made = self.plans[str(order)] = at.told(plan(card, self.roster.now(), at.victim, at.offender, now, self.rules))
        return made

    def hides(self, card: OrderCard) -> bool:
        """Whether a party of that order is where nobody may be told, as the picture has them now: plans are seconds old."""
        return self._at(card).hidden

    def _at(self, card: OrderCard) -> Vantage:
        seen = self.picture.seen
        return vantage(self.veil, card, [seen.get(str(card.victim))], [seen.get(str(card.offender))])

    async def run(self, database: Database, clock: Clock) -> None:
        """Refresh everything every few seconds and keep what changed; ends only by cancellation."""
        while True:
            changed: list[Plan] = []
            try:
                await self.roster.reload_orders(database)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("orders", error=type(error).__name__)
            # A plan taken over from another responder is better than one made of nothing.
            orders = {*self.roster.orders, *map(UUID, self.plans)} if self.roster.known else ()
            for place, order in enumerate(orders):
                made = self.refresh(order, clock.unix())
                if made and self._is_news(made):
                    changed.append(made)
                if place % _AT_ONCE == _AT_ONCE - 1:
                    await asyncio.sleep(_BREATH_S)
            try:
                await self._keep(database, changed)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("standing plans", error=type(error).__name__)
                self._kept.clear()
            await asyncio.sleep(_REST_S)

    def _is_news(self, made: Plan) -> bool:
        body = _body(made)
        pair = str(pair_of(made))
        if self._kept.get(pair) == body:
            return False
        self._kept[pair] = body
        return True

    async def _keep(self, database: Database, changed: list[Plan]) -> None:
        async with database.transaction() as connection:
            self._running = {str(pair) for (pair,) in await connection.execute(_RUNNING)}
            by_pair = {pair_of(made): made for made in changed}
            if by_pair:
                await connection.execute(
                    _KEEP,
                    {
                        "pairs": list(by_pair),
                        "police": [made.card.police_agency for made in by_pair.values()],
                        "monitoring": [made.card.monitoring_agency for made in by_pair.values()],
                        "ats": [moment(made.made_at) for made in by_pair.values()],
                        "bodies": [_body(made).decode() for made in by_pair.values()],
                        "gaps": [msgspec.json.encode(made.gaps).decode() for made in by_pair.values()],
                    },
                )


def pair_of(made: Plan) -> UUID:
    """The pair an order is about, as detection names it."""
    return derived("pair", made.card.offender, made.card.victim)


def _body(made: Plan) -> bytes:
    units = [
        {"unit": pick.unit.id, "kind": pick.unit.kind, "toward": pick.toward, "rank": pick.rank, "among": pick.among}
        for pick in made.picks
    ]
    return msgspec.json.encode({"order": made.card.id, "picks": units})
