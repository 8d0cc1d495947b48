"""Takes decisions off the log and makes them official, for ever. It must never pass one by.

While the record is away, the last standing plan is told over open connections, marked *not yet recorded*, under the
final delivery ids, and kept in the log, so that the record will hold just what was told.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect import decisions
from jikimi.detect.decisions import Alert, Cleared, Decision
from jikimi.detect.rules import Rules
from jikimi.kernel.clock import Clock
from jikimi.ledger.digests import Digester
from jikimi.ledger.rows import append
from jikimi.registry.service import order_card
from jikimi.respond import feeds, statements
from jikimi.respond.model import Message, Plan
from jikimi.respond.picture import Picture
from jikimi.respond.recommend import plan, whereabouts
from jikimi.respond.record import SENDS, Writing, dispatch_of, order_message, record_alert
from jikimi.respond.roster import Roster
from jikimi.respond.rules import ResponseRules
from jikimi.respond.standing import Standing
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.stream.client import append as to_log
from jikimi.stream.tail import Entry, Tail, last_values

_log = structlog.get_logger()
_AWAY = (OperationalError, InterfaceError, OSError, TimeoutError)
_RETRY_S = 0.1
_MOST = 16


class Responder:
    """One site's response. ``rules`` is the detection catalogue in force, replaced when the log says so."""

    def __init__(
        self, database: Database, client: Client, clock: Clock, digester: Digester, rules: Rules,
        response: ResponseRules, roster: Roster, picture: Picture,
    ) -> None:  # fmt: skip
        self.database, self.client, self.clock, self.digester = database, client, clock, digester
        self.rules, self.response, self.roster, self.picture = rules, response, roster, picture
        self.standing = Standing(roster, picture, response)
        self._told: dict[str, list[UUID]] = {}

    async def run(self) -> None:
        """Ends only by cancellation."""
        await self._remember_told()
        while True:
            try:
                async with self.database.transaction() as connection:
                    after = (await connection.execute(statements.CURSOR)).scalar() or 0
                break
            except _AWAY:
                await asyncio.sleep(_RETRY_S)
        async for batch in Tail(self.client, names.ALERTS, after, batch=_MOST).batches():
            await self.take(batch)

    async def take(self, batch: Sequence[Entry]) -> None:
        """Record a batch and tell everyone concerned; returns only when that is done."""
        found = [(entry.seq, decisions.decode(entry.body)) for entry in batch]
        while True:
            try:
                messages = await self._record(found)
                break
            except DBAPIError as error:
                if not (isinstance(error, _AWAY) or error.connection_invalidated):
                    messages = await self._one_by_one(found, error)
                    break
                await self._while_away(found)
            except _AWAY:
                await self._while_away(found)
            except Exception as error:  # noqa: BLE001 - a poison decision must not stop the others
                messages = await self._one_by_one(found, error)
                break
        await feeds.publish(self.client, messages)

    async def _record(self, found: Sequence[tuple[int, Decision]]) -> list[Message]:
        now = self.clock.unix()
        writing = Writing(now, self.digester, self.response)
        try:
            async with self.database.transaction() as connection:
                for _, decision in found:
                    match decision:
                        case Alert():
                            made = await self._plan(connection, decision, now)
                            entry = self.rules.alerts[decision.code]
                            sent = await record_alert(connection, decision, entry, made, writing)
                            # Two alerts of one batch must not send the same unit.
                            self.roster.promise(sent)
                        case Cleared():
                            await connection.execute(
                                statements.CLEAR_ALERT, {"id": UUID(decision.alert), "at": decision.decided_at}
                            )
                        case _:
                            pass
                messages = await writing.write(connection)
                await connection.execute(statements.MOVE_CURSOR, {"seq": found[-1][0]})
        finally:
            self.roster.written([row["unit"] for row in writing.taskings])
        for _, decision in found:
            if isinstance(decision, Alert):
                self.roster.written(self._told.pop(decision.alert, ()))
        return messages

    async def _plan(self, connection: AsyncConnection, alert: Alert, now: float) -> Plan | None:
        if not alert.order:
            return None
        card = await order_card(connection, UUID(alert.order))
        if card is None:
            return None
        told = self._told.get(alert.alert)
        if told is not None:
            # These units hold the order already, whatever became of them since.
            units = [replace(unit, available=True) for unit in self.roster.units.values() if unit.id in told]
            return plan(card, units, None, None, now, self.response)
        victim = whereabouts(alert.victim) or self.picture.where(card.victim)
        offender = whereabouts(alert.offender) or self.picture.where(card.offender)
        made = plan(card, self.roster.free(), victim, offender, now, self.response)
        ground = self.roster.jurisdiction(victim or offender)
        return replace(made, station=ground.station, jurisdiction=ground.name) if ground else made

    async def _while_away(self, found: Sequence[tuple[int, Decision]]) -> None:
        """Tell what cannot be recorded yet, once, and let a moment pass."""
        for _, decision in found:
            if isinstance(decision, Alert) and decision.alert not in self._told:
                await self._tell_unrecorded(decision)
        await asyncio.sleep(_RETRY_S)

    async def _tell_unrecorded(self, alert: Alert) -> None:
        entry = self.rules.alerts[alert.code]
        standing = self.standing.plans.get(alert.order)
        if standing is None or alert.grade != "live" or dispatch_of(alert, entry) not in SENDS:
            self._told[alert.alert] = []
            return
        if self.standing.running(alert.pair):
            return  # both are under way already; the room sees it when the record is back
        now = self.clock.unix()
        units = [pick.unit.id for pick in standing.picks]
        # First kept, then said: whoever replaces us must record these units and no others.
        await to_log(self.client, f"{names.PLAN}.{alert.alert}", msgspec.json.encode(units), alert.alert)
        self._told[alert.alert] = units
        self.roster.promise(units)
        incident = UUID(int=0)
        messages = [
            order_message(alert, entry, incident, standing.card, pick, now, self.response) for pick in standing.picks
        ]
        for message in messages:
            message.incident = None
        await feeds.publish(self.client, messages)
        _log.warning("told before it is recorded", alert=alert.alert, code=alert.code, units=len(units))

    async def _remember_told(self) -> None:
        for entry in await last_values(self.client, names.PLANS):
            self._told[entry.subject.rpartition(".")[2]] = msgspec.json.decode(entry.body, type=list[UUID])

    async def _one_by_one(self, found: Sequence[tuple[int, Decision]], error: Exception) -> list[Message]:
        """Record each alone; set aside the one that cannot be, on the record, and go on."""
        if len(found) > 1:
            return [message for one in found for message in await self._alone(one)]
        seq, decision = found[0]
        _log.error("set aside", error=type(error).__name__, seq=seq, decision=type(decision).__name__)
        async with self.database.transaction() as connection:
            alert = decision.alert if isinstance(decision, Alert | Cleared) else None
            await append(
                connection, self.clock.unix(), "decision.set_aside", alert=alert, log_seq=seq, why=type(error).__name__
            )
            await connection.execute(statements.MOVE_CURSOR, {"seq": seq})
        return []

    async def _alone(self, one: tuple[int, Decision]) -> list[Message]:
        while True:
            try:
                return await self._record([one])
            except _AWAY:
                await self._while_away([one])
            except Exception as error:  # noqa: BLE001 - the same as above, for one
                return await self._one_by_one([one], error)
