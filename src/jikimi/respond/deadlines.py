"""What happens when somebody does not do their step in time. It must never let a tasking rest with nobody."""

from typing import Any
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy import Row as Found
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.ledger.rows import Row, append_many
from jikimi.respond import feeds, statements
from jikimi.respond.cards import card_for
from jikimi.respond.facts import recorded
from jikimi.respond.model import ENDED, Message, Plan, TaskingState, room_feed
from jikimi.respond.recommend import rank, unbiased
from jikimi.respond.record import Writing, task
from jikimi.respond.responder import Responder
from jikimi.respond.vantage import vantage
from jikimi.respond.veil import blurred
from jikimi.store.due import AfterCommit, Due, Handler, Later, put, put_many


class Deadlines:
    """Handlers for the response's kinds of due row."""

    def __init__(self, responder: Responder) -> None:
        self.responder = responder

    def handlers(self) -> dict[str, Handler]:
        """By kind, for the loop."""
        return {
            "undelivered": self.undelivered,
            "unaccepted": self.unaccepted,
            "unowned": self.unowned,
            "operator-undecided": self.undecided,
            "replan": self.replan,
        }

    async def undelivered(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """No terminal confirmed receipt: the next unit is asked too, and the rooms are paged."""
        row = await self._tasking(connection, due)
        if row is None:
            return None
        which = {"tasking": row.id, "alert": UUID(due.body["alert"]) if "alert" in due.body else row.alert}
        delivery = (await connection.execute(statements.DELIVERY_OF, which)).one_or_none()
        if delivery is None or delivery.delivered_at is not None:
            return None
        return await self._escalate(connection, row, "undelivered")

    async def unaccepted(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """Nobody accepted in time: the next unit is asked too, and the supervisor is paged."""
        row = await self._tasking(connection, due)
        if row is None or row.state != TaskingState.TASKED:
            return None
        return await self._escalate(connection, row, "unaccepted")

    async def unowned(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """No room took the incident: its shift lead is paged, again and again, until somebody does."""
        incident = (await connection.execute(statements.INCIDENT, {"id": UUID(due.key)})).one_or_none()
        room = UUID(due.body["room"])
        if incident is None or incident.closed_at is not None:
            return None
        taken = await connection.execute(statements.OWN_INCIDENT, {"incident": incident.id, "room": room_feed(room)})
        if taken.scalar():
            return None
        step = int(due.body["step"])
        now = self.responder.clock.unix()
        messages = [_page(room, incident.id, now, "unowned", {"step": step})]
        await feeds.post(connection, messages, now)
        await append_many(
            connection,
            [Row(now, "incident.unowned", {"incident": incident.id, "agency": room, "step": str(min(step, 999))})],
        )
        wait = self.responder.response.own_s
        await put(connection, "unowned", due.key, now + wait, {"room": str(room), "step": step + 1})
        return self._publishing(messages)

    async def undecided(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """A proposal nobody decided is carried out."""
        incident = (await connection.execute(statements.INCIDENT, {"id": UUID(due.key)})).one_or_none()
        if incident is None or incident.closed_at is not None:
            return None
        now = self.responder.clock.unix()
        await put_many(connection, [
            Later("replan", due.key, now, {"alert": due.body["alert"], "kind": kind}) for kind in ("police", "probation")
        ])  # fmt: skip
        return None

    async def replan(self, connection: AsyncConnection, due: Due) -> AfterCommit | None:
        """Ask the next unit of a kind for an incident that has none under way; try again while there is none."""
        incident = (await connection.execute(statements.INCIDENT, {"id": UUID(due.key)})).one_or_none()
        if incident is None or incident.closed_at is not None:
            return None
        asked = await connection.execute(statements.OPEN_TASKINGS, {"incident": incident.id})
        if any(row.kind == due.body["kind"] and self._under_way(row) for row in asked):
            return None
        messages = await self._next(
            connection, incident.id, due.body["alert"], due.body["kind"], paged=due.body.get("paged", False)
        )
        return self._publishing(messages)

    def _under_way(self, row: Found[Any]) -> bool:
        """Whether somebody is, or has yet to answer in time: whoever let that pass is waited for no longer."""
        late = row.tasked_at + self.responder.response.accept_s <= self.responder.clock.unix()
        return row.forsaken_at is None and not (row.state == TaskingState.TASKED and late)

    async def _tasking(self, connection: AsyncConnection, due: Due) -> Found[Any] | None:
        await connection.execute(statements.LOCK_INCIDENT_OF, {"tasking": UUID(due.key)})
        row = (await connection.execute(statements.TASKING, {"id": UUID(due.key)})).one_or_none()
        if row is None or row.ended_at is not None or row.closed_at is not None or TaskingState(row.state) in ENDED:
            return None
        return row

    async def _escalate(self, connection: AsyncConnection, row: Found[Any], why: str) -> AfterCommit | None:
        now = self.responder.clock.unix()
        fields = {"tasking": row.id, "incident": row.incident, "unit": row.unit, "why": why}
        await append_many(connection, [Row(now, "tasking.escalated", fields)])
        body = {"tasking": str(row.id), "unit": str(row.unit), "callsign": row.callsign}
        rooms = [room for room in (row.police_agency, row.monitoring_agency) if room]
        messages = [_page(room, row.incident, now, why, body) for room in rooms]
        await feeds.post(connection, messages, now)
        others = list(await connection.execute(statements.OPEN_TASKINGS, {"incident": row.incident}))
        same = [other for other in others if other.kind == row.kind and other.forsaken_at is None]
        # The first stays asked: a terminal may come back, and one officer too many harms nobody.
        if (
            all(other.state == TaskingState.TASKED for other in same)
            and len(same) < self.responder.response.most_taskings
        ):
            messages += await self._next(connection, row.incident, str(row.alert), row.kind)
        return self._publishing(messages)

    async def _next(
        self, connection: AsyncConnection, incident: UUID, alert_id: str, kind: str,
        *, paged: bool = False,
    ) -> list[Message]:  # fmt: skip
        responder = self.responder
        now = responder.clock.unix()
        alert = await recorded(connection, UUID(alert_id))
        card = await card_for(connection, alert) if alert else None
        if card is None or alert is None:
            return []
        agency = card.police_agency if kind == "police" else card.monitoring_agency
        if agency is None:
            return []
        asked = {unit for (unit,) in await connection.execute(statements.ASKED_UNITS, {"incident": incident})}
        toward = "victim" if kind == "police" else "offender"
        seen = responder.picture.seen
        at = vantage(
            responder.veil,
            card,
            [seen.get(str(card.victim)), alert.victim],
            [seen.get(str(card.offender)), alert.offender],
        )
        where = (at.victim or at.offender) if kind == "police" else at.offender
        units = unbiased(card, responder.roster.now())
        ranked = rank(kind, agency, toward, where, units, now, responder.response, asked)
        writing = Writing(now, responder.digester, responder.response, veil=responder.veil, ended=responder.ended)
        if ranked:
            responder.roster.promise([ranked[0].unit.id])
            told, pick = responder.veil.over(alert), ranked[0]
            if told is not alert or at.hidden:
                pick = blurred(Plan(card, (pick,), (), now)).picks[0]
            task(told, responder.rules.alerts[alert.code], incident, card, pick, writing)
        else:
            # Looked for again and again, said once: a page every few seconds would be noise.
            again = {"alert": alert_id, "kind": kind, "paged": True}
            writing.later.append(Later("replan", str(incident), now + responder.response.replan_s, again))
            if not paged:
                writing.messages.append(_page(agency, incident, now, "no-unit", {"kind": kind}))
        messages = await writing.write(connection)
        responder.roster.written([row["unit"] for row in writing.taskings])
        return messages

    def _publishing(self, messages: list[Message]) -> AfterCommit:
        client: Client = self.responder.client

        async def publish() -> None:
            await feeds.publish(client, messages)

        return publish


def _page(room: UUID, incident: UUID, now: float, why: str, body: dict[str, object]) -> Message:
    return Message(room_feed(room), room, "page", {"why": why, "at": now, **body}, incident)
