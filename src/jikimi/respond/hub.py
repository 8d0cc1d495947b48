"""The desk's live side: numbered messages with resume, and the moving picture.

Authorised when published: it must never send a frame to a session that has ended or of an incident that has closed.
A little longer than others, for everything here stands on one table of seats.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket, WebSocketDisconnect

from jikimi.detect.facts import decode
from jikimi.identity.model import FIELD_ROLES, Actor
from jikimi.identity.service import ended_here, living_sessions
from jikimi.kernel.clock import Clock, pace_of
from jikimi.respond import feeds, grants, shown, withheld
from jikimi.respond.briefing import HERS
from jikimi.respond.glance import Glance
from jikimi.respond.marks import Marks
from jikimi.respond.model import room_feed, unit_feed
from jikimi.respond.own import barred
from jikimi.respond.picture import Picture
from jikimi.respond.rules import ResponseRules
from jikimi.respond.seat import Seat, Word
from jikimi.respond.sockets import heard, part
from jikimi.respond.veil import Veil
from jikimi.respond.watch import Beat, Watch
from jikimi.share.policy import purpose_of
from jikimi.share.withdrawn import Withdrawals
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.stream.client import api
from jikimi.stream.tail import Tail, last_values

_log = structlog.get_logger()
_SWEEP_S = 1.0
_ASK_S = 0.4
_GRANTS_S, _PAUSE_S = 0.8, 0.1
"""Grants are read anew so often at least, and at most."""
_VEIL_S = 2.0
_AWAY = (SQLAlchemyError, OSError, TimeoutError)
_SIGNED_OUT = "signed out"
_MOMENT_S = 1.0
"""So long a word waits for the record to say whether it may leave whole."""
_CLOSED_KEPT = 10_000


class Hub:
    """All seats of one desk process."""

    def __init__(
        self, service: Database, people: Database, client: Client, clock: Clock, future_s: float, rules: ResponseRules,
        *, exercise: bool = False,
    ) -> None:  # fmt: skip
        self.service, self.people, self.client, self.clock = service, people, client, clock
        self.rules, self.glance, self.veil = rules, Glance(rules, clock), Veil()
        self.picture = Picture(future_s, self.veil.hides)
        self.exercise, self.pace = exercise, pace_of(clock) if exercise else None
        self._mark = b'{"exercise":true,' if exercise else b'{"exercise":false,'
        self.marks, self.watch = Marks(service, clock), Watch(time.monotonic)
        self._seats: dict[str, set[Seat]] = defaultdict(set)
        self._followers: dict[str, set[Seat]] = {}
        self._closed: OrderedDict[UUID, None] = OrderedDict()
        """Incidents never open again, so a word of theirs that comes late opens nothing."""
        self._asked = 0
        """Counts the questions put to the record."""
        self.facts_at = 0.0
        self.withdrawals = Withdrawals(clock.unix())
        self._stirred = asyncio.Event()

    async def run(self) -> None:
        """Everything in the background; ends only by cancellation."""
        await self.client.subscribe(f"{names.FEED}.>", cb=self._on_message)
        await self.client.subscribe(f"{names.PULSE}.>", cb=self._on_pulse)
        await self.client.subscribe(names.WAKE, cb=self._on_wake)
        # Nobody is followed before it is known what must not be shown.
        while not await self._veiled():  # noqa: ASYNC110 - a database that is away has no event
            await asyncio.sleep(_ASK_S)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_veil())
            group.create_task(self._follow())
            group.create_task(self._sweep())
            group.create_task(self._keep_grants())
            group.create_task(self._watch_sessions())
            group.create_task(self.marks.run())

    def sessions(self) -> set[UUID]:
        """Whose lines are open here at this moment."""
        return {seat.actor.session for seats in self._seats.values() for seat in seats}

    async def attend(self, socket: WebSocket, actor: Actor, token: str, after: int | None) -> None:
        """Serve one terminal until it leaves; the socket is accepted already."""
        feed = unit_feed(actor.unit) if actor.role in FIELD_ROLES and actor.unit else room_feed(actor.agency)
        seat = Seat(socket, actor, token, feed, since=self.clock.unix())
        # Seated first, read afterwards: nothing falls between.
        self._seats[feed].add(seat)
        try:
            # What it may follow is known before a word of it is said.
            await self._reconcile([seat], unheard=False)
            await self._welcome(seat, after)
            await self._reconcile([seat])
            async with asyncio.TaskGroup() as group:
                listening = group.create_task(self._listen(seat))
                await self._speak(seat)
                listening.cancel()
        except* (WebSocketDisconnect, RuntimeError, OSError):
            pass  # it left; what it missed waits for it under its number
        except* SQLAlchemyError as error:
            _log.warning("seat", error=type(error.exceptions[0]).__name__)
            await part(socket, 1013, "the record is away")
        finally:
            self._seats[feed].discard(seat)
            if not self._seats[feed]:
                del self._seats[feed]
            self._index()

    async def _welcome(self, seat: Seat, after: int | None) -> None:
        async with self.people.transaction(seat.actor.agency, seat.actor.account, purpose_of(seat.actor)) as connection:
            last = await feeds.last(connection, seat.feed)
            if after is None or after > last:
                found, after = await feeds.open_now(connection, seat.feed), last
            else:
                found = []
        await self._known(seat, [(row.kind, row.incident, body) for row, body in found])
        seat.sent = after
        messages = [
            seat.fitting({"type": "message", "feed": r.feed, "seq": r.seq, "at": r.at, "kind": r.kind, "recorded": True,
             "exercise": self.exercise,
             "incident": r.incident, "body": body})
            for r, body in found if r.incident not in seat.barred
        ]  # fmt: skip
        hello = {"type": "welcome", "feed": seat.feed, "seq": last, "after": after, "at": self.clock.unix(),
                 "open": messages}  # fmt: skip
        await self._say(seat, msgspec.json.encode(hello))
        if after < last:
            await self._fill(seat, last)

    async def _fill(self, seat: Seat, upto: int) -> None:
        actor = seat.actor
        while seat.sent < upto:
            async with self.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
                missed = await shown.since(connection, seat.actor.agency, seat.feed, seat.sent)
            if not missed:
                return
            await self._known(seat, [(one.kind, one.incident, one.body) for one in missed])
            for message in missed:
                await self._send(seat, feeds.frame(message), message.seq)

    async def _speak(self, seat: Seat) -> None:
        while seat.over is None:
            seat.stirred.clear()
            while not seat.words.empty():
                word = seat.words.get_nowait()
                if word.seq is None or word.seq > seat.sent:
                    await self._tell(seat, word)
            for frame in seat.pending(self.clock.unix(), self.picture.shows):
                await self._say(seat, frame)
            await seat.stirred.wait()
        if await self._still_there(seat):
            await seat.socket.close(1013, seat.over)

    async def _tell(self, seat: Seat, word: Word) -> None:
        """A word in its turn, or what is missing up to it."""
        if word.frame and (word.seq is None or word.seq == seat.sent + 1):
            if word.numbered:
                await self._judge(seat, word)
            await self._send(seat, word.frame, word.seq)
            return
        try:
            await self._fill(seat, word.seq or 0)
        except SQLAlchemyError as error:
            # The line stays open for what is told while the record is away; the sweep asks again.
            _log.warning("gap", error=type(error).__name__)

    async def _judge(self, seat: Seat, word: Word) -> None:
        """Let the record say whom a word may name; where it does not in time, it is told again whole once it has."""
        said = msgspec.json.decode(word.frame)
        try:
            async with asyncio.timeout(_MOMENT_S):
                await self._known(seat, [(said["kind"], said["incident"], said["body"])])
        except _AWAY as error:
            _log.warning("judge", error=type(error).__name__)
            seat.owe(word)

    async def _known(self, seat: Seat, told: Iterable[tuple[str, object, Any]]) -> None:
        """Before messages (kind, incident, body) leave that name whom the seat does not follow, the record is asked."""
        if any(seat.lacks(*one) for one in told):
            await self._reconcile([seat], unheard=False)

    async def _say(self, seat: Seat, frame: bytes) -> None:
        """The one way out: to no session that has ended, and never without saying whether it is an exercise."""
        if not await self._still_there(seat):
            raise WebSocketDisconnect(4401)
        await seat.socket.send_bytes(self._mark + frame[1:])

    async def _send(self, seat: Seat, frame: bytes, seq: int | None) -> None:
        await self._say(seat, seat.fit(frame))
        if seq is not None:
            seat.sent = seq
            self.marks.sent(seat.feed, seq, self.clock.unix())

    async def _still_there(self, seat: Seat) -> bool:
        """Whether the session still holds, asked at every publication (the answer is at most half a second old)."""
        if seat.over != _SIGNED_OUT and not ended_here(self.service, seat.actor.session):
            return True
        seat.over = _SIGNED_OUT
        await part(seat.socket, 4401, _SIGNED_OUT)
        return False

    async def _veiled(self) -> bool:
        try:
            await self.veil.reload(self.service)
        except _AWAY as error:
            _log.warning("veil", error=type(error).__name__)
            return False
        gone = self.picture.look_again()
        for seat in {seat for subject in gone for seat in self._followers.get(subject, ())}:
            seat.offer(withheld.positions(seat, gone, self.clock.unix()))
        return True

    async def _keep_veil(self) -> None:
        while True:
            await asyncio.sleep(_VEIL_S)
            await self._veiled()

    async def _watch_sessions(self) -> None:
        """Ask for all seats at once, so that a revoked session loses its line within a second."""
        while True:
            await asyncio.sleep(_ASK_S)
            seats = [seat for seats in self._seats.values() for seat in seats]
            if not seats:
                continue
            try:
                living = await living_sessions(self.service, self.clock, {seat.actor.session for seat in seats})
            except _AWAY:
                continue  # the record is away: sessions that were good stay so, or an outage would silence terminals
            for seat in seats:
                if seat.actor.session not in living:
                    seat.over = _SIGNED_OUT
                    seat.stirred.set()

    async def _listen(self, seat: Seat) -> None:
        while True:
            said = await heard(seat.socket)
            if isinstance(said, dict) and said.get("type") == "ack":
                seq = said.get("seq")
                if type(seq) is int and 0 < seq <= seat.sent:
                    self.marks.delivered(seat.feed, seq, self.clock.unix())

    async def _on_message(self, message: Msg) -> None:
        feed = message.subject[len(names.FEED) + 1 :]
        seats = self._seats.get(feed)
        if not seats:
            return
        said = msgspec.json.decode(message.data)
        for seat in seats:
            self._adjust(seat, said)
            seat.offer(Word(message.data, said["seq"]))

    async def _on_pulse(self, message: Msg) -> None:
        self.watch.heard(msgspec.json.decode(message.data, type=Beat))

    def _adjust(self, seat: Seat, said: dict[str, object]) -> None:
        """Open and close grants with the very message that says so."""
        incident, body = said.get("incident"), said["body"]
        if not isinstance(incident, str) or not isinstance(body, dict):
            return
        match said["kind"]:
            # Of an incident it has worked on already only the record says who may be followed, asked before the word leaves.
            case "tasking" | "alert" if UUID(incident) not in self._closed and UUID(incident) not in seat.registered:
                # A room is told of both; of the officers she is shown to whoever goes to her.
                hers = body.get("victim_id") if said["kind"] == "alert" or body.get("toward") == HERS else None
                seat.grant(UUID(incident), body.get("offender_id"), hers)
                self._begin(seat, UUID(incident))
            case "incident_closed":
                self._closed[UUID(incident)] = None
                if len(self._closed) > _CLOSED_KEPT:
                    self._closed.popitem(last=False)
                seat.revoke(UUID(incident))
            case "tasking_state" if seat.actor.unit and body.get("unit") == str(seat.actor.unit):
                if body.get("state") in {"rejected", "cleared", "superseded"}:
                    seat.revoke(UUID(incident))
            case _:
                return
        seat.heard[UUID(incident)] = self._asked
        self._index()

    def _index(self) -> None:
        followers: dict[str, set[Seat]] = defaultdict(set)
        for seats in self._seats.values():
            for seat in seats:
                for subject in seat.subjects():
                    followers[subject].add(seat)
        self._followers = followers

    async def _follow(self) -> None:
        carries = await last_values(self.client, names.STATE, [f"{names.CARRY}.>"])
        for entry in carries:
            self.picture.apply(decode(entry.body))
        info = await api(self.client, f"STREAM.INFO.{names.FACTS}")
        after = int(info["state"]["last_seq"])
        async for batch in Tail(
            self.client, names.FACTS, after, [names.FIXES, f"{names.CARRY}.>", f"{names.FORGET}.>"]
        ).batches():
            for entry in batch:
                for seen in self.picture.apply(decode(entry.body)):
                    for seat in self._followers.get(seen.subject, ()):
                        seat.follow(seen)
            self.facts_at = self.clock.unix()

    async def _sweep(self) -> None:
        """Each second: a beat on every line, how near pairs are, where units are."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = self.clock.unix()
            age = round(now - self.facts_at, 1) if self.facts_at else None
            said = {"type": "beat", "at": now, "facts_age_s": age, "behind": self.watch.behind(), "pace": self.pace}
            beat = Word(msgspec.json.encode(said), None, numbered=False)
            seats = [seat for seats in self._seats.values() for seat in seats]
            for seat in seats:
                seat.offer(beat)
            self.glance.pairs(seats, self.picture, now)
            try:
                await self.glance.units(self.service, seats, self.picture, self.veil, self.clock.unix())
            except _AWAY as error:
                _log.warning("sweep", error=type(error).__name__)

    async def _keep_grants(self) -> None:
        """What a lost hint left behind, and grants as the record has them, within a second of any end."""
        while True:
            self._stirred.clear()
            try:
                await self._reconcile([seat for seats in self._seats.values() for seat in seats], withdrawn=True)
            except _AWAY as error:
                _log.warning("grants", error=type(error).__name__)
            await asyncio.sleep(_PAUSE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRANTS_S - _PAUSE_S):
                    await self._stirred.wait()

    async def _on_wake(self, _: Msg) -> None:
        self._stirred.set()

    async def _reconcile(self, seats: list[Seat], *, unheard: bool = True, withdrawn: bool = False) -> None:
        """Let seats follow whom the record says; ``unheard``: ask for what never came; ``withdrawn``: tell what has ended."""
        if not seats:
            return
        self._asked += 1
        asked, now = self._asked, self.clock.unix()
        async with self.service.transaction() as connection:
            await withheld.sit(connection, seats)
            last = await grants.last_numbers(connection, seats)
            held = await grants.held_by(connection, seats, now)
            ended = (
                await self.withdrawals.look(connection, {seat.actor.agency for seat in seats}, now) if withdrawn else []
            )
            own = await barred(connection, {seat.actor.account for seat in seats})
        for seat in seats:
            known = withheld.before(seat)
            # Of two questions that overlap, the later one is the one to go by.
            if asked > seat.answered:
                seat.answered = asked
                # Whose case is whose own is learnt before anything is said.
                seat.tied, seat.barred = own.get(seat.actor.account, (frozenset(), frozenset()))
                self._regrant(seat, held.get(seat.actor.unit or seat.actor.agency, {}))
            if (forget := withheld.word(seat, known, ended, now)) is not None:
                seat.offer(forget)
            # A number that never came by wire: ask for it.
            if unheard and last.get(seat.feed, 0) > seat.sent and seat.words.empty():
                seat.offer(Word(b"", last[seat.feed] + 1))
        if withdrawn:
            self.withdrawals.told(ended, now)
        self._index()

    def _regrant(self, seat: Seat, held: grants.Held) -> None:
        # What came by wire while we read is newer than what we read: of that incident, and of no other.
        seat.heard = {incident: at for incident, at in seat.heard.items() if at >= seat.answered}
        for incident in set(seat.grants) - set(held) - set(seat.heard):
            seat.revoke(incident)
        for incident, parties in held.items():
            if incident not in self._closed and incident not in seat.heard:
                before = seat.subjects()
                seat.grant(incident, *parties)
                if incident not in seat.registered or not seat.subjects() <= before:
                    self._begin(seat, incident)
        for word in seat.paid():
            seat.offer(word)

    def _begin(self, seat: Seat, incident: UUID) -> None:
        """Put on the register whose positions it is given from now on, and give it those that are known."""
        if incident not in seat.registered:
            seat.registered.add(incident)
            self.marks.followed(seat.actor, incident)
        for subject in seat.subjects() & self.picture.seen.keys():
            seat.follow(self.picture.seen[subject])
