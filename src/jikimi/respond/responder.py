"""Takes decisions off the log and makes them official, for ever. It must never pass one by.

While the record is away, the last standing plan is told over open connections, marked *not yet recorded*, under the
final delivery ids, and kept in the log, so that the record will hold just what was told.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect import decisions
from jikimi.detect.decisions import Alert, Cleared, Decision
from jikimi.detect.rules import Rules
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Unavailable
from jikimi.ledger.digests import Digester
from jikimi.ledger.rows import append
from jikimi.respond import feeds, statements
from jikimi.respond.cards import card_for
from jikimi.respond.ended import Ended
from jikimi.respond.kept import Kept, recall
from jikimi.respond.model import Message, Pick, Plan
from jikimi.respond.picture import Picture
from jikimi.respond.recommend import plan
from jikimi.respond.record import (
    SENDS,
    Writing,
    dispatch_of,
    order_message,
    priority_of,
    record_alert,
    tell_rooms,
)
from jikimi.respond.roster import Roster
from jikimi.respond.rules import ResponseRules
from jikimi.respond.standing import Standing
from jikimi.respond.vantage import vantage
from jikimi.respond.veil import Veil, blurred
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.stream.client import append as to_log
from jikimi.stream.tail import Entry, Tail, last_values

_log = structlog.get_logger()
# A record that may only be read (a standby) is as away as one that does not answer.
_AWAY = (OperationalError, InterfaceError, InternalError, NoConnection, OSError, TimeoutError)
_RETRY_S = 0.1
_MOST = 16
_MOST_WAITING = 5000
_PATIENCE_S = 1.5
"""A transaction takes milliseconds; one that takes this long has met a record that has stalled."""
_TRIES = 3
"""Before a decision is set aside: what another writer did at the same moment is over by then."""


class Responder:
    """One site's response. ``rules`` is the detection catalogue in force, replaced when the log says so."""

    def __init__(
        self, database: Database, client: Client, clock: Clock, digester: Digester, rules: Rules,
        response: ResponseRules, roster: Roster, picture: Picture,
    ) -> None:  # fmt: skip
        self.database, self.client, self.clock, self.digester = database, client, clock, digester
        self.rules, self.response, self.roster, self.picture = rules, response, roster, picture
        self.veil, self.ended = Veil(), Ended()
        self.standing = Standing(roster, picture, response, self.veil)
        self.kept = Kept(client)
        self._waiting: deque[Entry] = deque()
        self._arrived = asyncio.Event()
        self._told: dict[str, list[UUID]] = {}
        self._writing: Writing | None = None
        self._sent_unrecorded: set[str] = set()
        """Pairs whose officers were told in this outage: a second alert of theirs sends nobody else."""

    async def run(self) -> None:
        """Ends only by cancellation."""
        await self._remember_told()
        after = await self._begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read(after))
            group.create_task(self._work())
            group.create_task(self.kept.run(self.standing, self.database))

    async def reload(self) -> None:
        """Read anew what must not be told, and only then whom to send: without units nobody is told anything."""
        await self.veil.reload(self.database)
        await self.ended.reload(self.database)
        await self.roster.reload(self.database)

    async def _begin(self) -> int:
        """How far the record is: as it says itself or, while it is away, as a predecessor kept it in the log."""
        while True:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    async with self.database.transaction() as connection:
                        after: int = (await connection.execute(statements.CURSOR)).scalar() or 0
                    await self.reload()
            except _AWAY:
                found = await recall(self.client)
                if found is not None:
                    self.standing.restore(found.plans, found.running)
                    self.veil.restore(found.secret)
                    self.ended.restore(found.ended)
                    _log.warning("the record is away: going on from what was kept", plans=len(found.plans))
                    return found.seq
                await asyncio.sleep(_RETRY_S)
            else:
                await self.kept.reached(after, self.standing.under_way)
                return after

    async def _read(self, after: int) -> None:
        """Reading goes on while the record is away, or only the first alerts of an outage would be told."""
        async for batch in Tail(self.client, names.ALERTS, after, batch=_MOST).batches():
            self._waiting.extend(batch)
            self._arrived.set()
            while len(self._waiting) > _MOST_WAITING:  # noqa: ASYNC110 - only an outage of hours gets here
                await asyncio.sleep(_RETRY_S)

    async def _work(self) -> None:
        while True:
            self._arrived.clear()
            if not self._waiting:
                await self._arrived.wait()
            await self.take([self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))])

    async def take(self, batch: Sequence[Entry]) -> None:
        """Record a batch and tell everyone concerned; returns only when that is done."""
        found: list[tuple[int, Decision]] = []
        messages: list[Message] = []
        for entry in batch:
            try:
                found.append((entry.seq, decisions.decode(entry.body)))
            except (msgspec.MsgspecError, ValueError) as error:
                # In its place: the cursor must not pass what stands before it.
                messages += await self._settle(found) if found else []
                found = []
                await self._set_aside(entry.seq, None, error)
        messages += await self._settle(found) if found else []
        await feeds.publish(self.client, messages)
        await self.kept.reached(batch[-1].seq, self.standing.under_way)

    async def _settle(self, found: Sequence[tuple[int, Decision]]) -> list[Message]:
        """Record what was found, all at once or, where that cannot be, each alone and the unfit set aside."""
        tries = 0
        while True:
            try:
                return await self._patiently(found)
            except Exception as error:  # noqa: BLE001 - a poison decision must not stop the others
                if _is_away(error):
                    await self._while_away(found)
                    continue
                unfit = error
            # Units chosen in vain are free again, and the nearest must be found once more.
            await self._reload()
            if len(found) > 1:
                return [message for one in found for message in await self._settle([one])]
            tries += 1
            if tries == _TRIES:
                await self._set_aside(*found[0], unfit)
                return []
            await asyncio.sleep(_RETRY_S)

    async def _patiently(self, found: Sequence[tuple[int, Decision]]) -> list[Message]:
        """A record that neither answers nor fails is away too. What it was asked stays asked: it may yet be done."""
        asked = asyncio.ensure_future(self._record(found))
        try:
            while not (await asyncio.wait({asked}, timeout=_PATIENCE_S))[0]:
                await self._tell_all(found)
            return asked.result()
        finally:
            asked.cancel()

    async def _record(self, found: Sequence[tuple[int, Decision]]) -> list[Message]:
        if not self.roster.read:  # whoever is chosen must not be chosen from an empty roster
            await self.roster.reload(self.database)
        now = self.clock.unix()
        writing = self._writing = Writing(now, self.digester, self.response, veil=self.veil, ended=self.ended)
        under_way: list[str] = []
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
                            under_way += [decision.pair] if sent else []
                        case Cleared():
                            await connection.execute(
                                statements.CLEAR_ALERT, {"id": UUID(decision.alert), "at": decision.decided_at}
                            )
                        case _:
                            pass
                messages = await writing.write(connection, cursor=found[-1][0])
        finally:
            self.roster.written([row["unit"] for row in writing.taskings])
        self.standing.sent(under_way)
        for _, decision in found:
            if isinstance(decision, Alert):
                self.roster.written(self._told.pop(decision.alert, ()))
                self._sent_unrecorded.discard(decision.pair)
        return messages

    async def _plan(self, connection: AsyncConnection, alert: Alert, now: float) -> Plan | None:
        card = await card_for(connection, alert)
        if card is None:
            return None
        seen = self.picture.seen
        at = vantage(
            self.veil, card, [alert.victim, seen.get(str(card.victim))], [alert.offender, seen.get(str(card.offender))]
        )
        told = self._told.get(alert.alert)
        if told:
            # These units hold the order already, whatever became of them since.
            units = [replace(unit, available=unit.id in told, own=()) for unit in self.roster.units.values()]
            return at.told(plan(card, units, at.victim, at.offender, now, self.response))
        made = plan(card, self.roster.now(), at.victim, at.offender, now, self.response)
        ground = self.roster.jurisdiction(at.victim or at.offender)
        return at.told(replace(made, station=ground.station, jurisdiction=ground.name) if ground else made)

    async def _while_away(self, found: Sequence[tuple[int, Decision]]) -> None:
        """Tell what cannot be recorded yet and let a moment pass."""
        self._writing = None  # undone: what it had chosen is chosen no more
        await self._tell_all(found)
        await asyncio.sleep(_RETRY_S)
        await self._reload()

    async def _tell_all(self, found: Sequence[tuple[int, Decision]]) -> None:
        """Tell what is not recorded yet, what waits behind it included, each once."""
        for decision in [*(one for _, one in found), *self._behind()]:
            if not isinstance(decision, Alert):
                continue
            if self._told.get(decision.alert):
                self._sent_unrecorded.add(decision.pair)  # perhaps by a predecessor
            if decision.alert not in self._told:
                try:
                    await self._tell_unrecorded(decision)
                except Unavailable:
                    # The log is away too: nobody may be sent whom no record would know of. Once it is back.
                    self._told.pop(decision.alert, None)

    def _behind(self) -> list[Decision]:
        behind = []
        for entry in self._waiting:
            with suppress(msgspec.MsgspecError, ValueError):  # set aside when its turn comes
                behind.append(decisions.decode(entry.body))
        return behind

    async def _reload(self) -> None:
        with suppress(*_AWAY):
            async with asyncio.timeout(_PATIENCE_S):
                await self.roster.reload(self.database)

    async def _tell_unrecorded(self, alert: Alert) -> None:
        chosen = self._chosen(alert)
        if chosen:
            # A stalled transaction has chosen already, and may yet be committed: these units and no others.
            await self._keep_told(alert, [message.unit for message in chosen if message.unit])
            await feeds.publish(self.client, chosen)
            return
        entry, standing = self.rules.alerts.get(alert.code), self.standing.plans.get(alert.order)
        self._told[alert.alert] = []
        if entry is None or standing is None or alert.grade != "live":
            return
        writing = Writing(self.clock.unix(), self.digester, self.response, veil=self.veil, ended=self.ended)
        picks: tuple[Pick, ...] = ()
        told = self.veil.over(alert)
        if told is not alert or self.standing.hides(standing.card):
            standing = blurred(standing)
        # Where both are under way already, the rooms alone have something to learn.
        under_way = self.standing.running(alert.pair) or alert.pair in self._sent_unrecorded
        if dispatch_of(alert, entry) in SENDS and not under_way:
            picks = standing.picks
            units = [pick.unit.id for pick in picks]
            await self._keep_told(alert, units)
            self.roster.promise(units)
            writing.messages += [
                order_message(told, entry, None, standing.card, pick, writing.now, self.response) for pick in picks
            ]
        tell_rooms(told, entry, priority_of(alert, entry), None, standing.card, picks, standing.gaps, writing)
        self.ended.cover(writing.messages)
        await feeds.publish(self.client, writing.messages)
        _log.warning("told before it is recorded", alert=alert.alert, code=alert.code, units=len(picks))

    def _chosen(self, alert: Alert) -> list[Message]:
        """What a transaction that has not ended would say of this alert, as not recorded."""
        messages = self._writing.messages if self._writing else []
        self.ended.cover(messages)
        return [replace(message, seq=None) for message in messages if message.extra.get("alert") == UUID(alert.alert)]

    async def _keep_told(self, alert: Alert, units: list[UUID]) -> None:
        """First kept, then said: whoever replaces us must record these units and no others."""
        await to_log(self.client, f"{names.PLAN}.{alert.alert}", msgspec.json.encode(units), alert.alert)
        self._told[alert.alert] = units
        self._sent_unrecorded.add(alert.pair)

    async def _remember_told(self) -> None:
        for entry in await last_values(self.client, names.PLANS):
            with suppress(msgspec.MsgspecError):  # an unreadable one must not keep the others from being read
                self._told[entry.subject.rpartition(".")[2]] = msgspec.json.decode(entry.body, type=list[UUID])

    async def _set_aside(self, seq: int, decision: Decision | None, error: Exception) -> None:
        """On the record, with its place in the log, which keeps it for three days; then go on."""
        _log.error("set aside", error=type(error).__name__, seq=seq, decision=type(decision).__name__)
        alert = _uuid(decision.alert) if isinstance(decision, Alert | Cleared) else None
        why = type(error).__name__
        while True:
            try:
                async with self.database.transaction() as connection:
                    await append(connection, self.clock.unix(), "decision.set_aside", alert=alert, log_seq=seq, why=why)
                    await connection.execute(statements.MOVE_CURSOR, {"seq": seq})
            except _AWAY:
                await asyncio.sleep(_RETRY_S)
            else:
                return


def _is_away(error: Exception) -> bool:
    return isinstance(error, _AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
