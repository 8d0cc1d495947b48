"""An alert becomes official: incident, taskings, deliveries, deadlines, ledger rows and messages in one transaction.

It must never do half of that, and doing it again must change nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.decisions import Alert
from jikimi.detect.rules import Entry
from jikimi.kernel.ids import derived
from jikimi.ledger.digests import Digester
from jikimi.ledger.rows import Row, append_many
from jikimi.registry.model import OrderCard
from jikimi.respond import ended, feeds, statements
from jikimi.respond.briefing import HERS, code_112_of, notice, reasons_told, tasking_order
from jikimi.respond.cards import subject_of
from jikimi.respond.ended import Ended
from jikimi.respond.facts import reasons_of, sealed, sealed_for
from jikimi.respond.model import Message, Pick, Plan, Shortfall, Unit, room_feed, unit_feed
from jikimi.respond.rules import ResponseRules
from jikimi.respond.veil import Veil, blurred
from jikimi.share import grants
from jikimi.share.grants import Grant
from jikimi.store.database import together
from jikimi.store.due import Later, put_many

SENDS = frozenset({"yes", "police", "probation"})
"""Words of the catalogue that send somebody without a person in between."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An incident's 112 code before and now."""

    before: int | None
    now: int


@dataclass(frozen=True, slots=True)
class Belongs:
    """Which incident an alert belongs to, whether it opened it, and whether it raised its code."""

    incident: UUID | None = None
    opened: bool = False
    raised: Raised | None = None


@dataclass(slots=True)
class Writing:
    """What one alert adds to the record, gathered before it is written in few statements."""

    now: float
    digester: Digester
    rules: ResponseRules
    messages: list[Message] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    deliveries: list[dict[str, object]] = field(default_factory=list)
    taskings: list[dict[str, Any]] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    veil: Veil = field(default_factory=Veil)
    ended: Ended = field(default_factory=Ended)
    _put: int = 0

    def say(self, kind: str, **fields: object) -> None:
        """Put a row on the ledger."""
        self.ledger.append(Row(self.now, kind, fields))

    async def write(self, connection: AsyncConnection, cursor: int | None = None) -> list[Message]:
        """Everything gathered, in as many statements as there are tables; returns the messages, numbered.

        ``cursor``: how far in the log of alerts the record is with it.
        """
        allowed, withheld = self.ended.parted(self.grants)
        for grant in withheld:
            self.say(
                "access.withheld", agency=grant.agency, unit=grant.unit, subject=grant.subject, incident=grant.incident
            )
        self.ended.cover(self.messages)
        await feeds.number(connection, self.messages, self.now)
        for message in self.messages:
            if message.delivery:
                self.deliveries.append({
                    "id": message.delivery, "alert": message.extra["alert"],
                    "agency": message.agency, "tasking": message.extra.get("tasking"), "feed": message.feed,
                    "seq": message.seq, "now": self.now,
                })  # fmt: skip
        async with together(connection):
            await self._put_taskings(connection)
            await ended.give(connection, allowed)
            await feeds.write(connection, self.messages)
            if self.deliveries:
                await connection.execute(statements.NEW_DELIVERIES, {"rows": _rows(self.deliveries)})
            await put_many(connection, self.later)
            await append_many(connection, self.ledger)
            if cursor is not None:
                await connection.execute(statements.MOVE_CURSOR, {"seq": cursor})
        return self.messages

    async def put_taskings_of(self, connection: AsyncConnection, incident: UUID | None) -> None:
        """Write those an earlier alert of the batch made for that incident, so that this one finds who is under way."""
        if any(row["incident"] == incident for row in self.taskings[self._put :]):
            await self._put_taskings(connection)

    async def _put_taskings(self, connection: AsyncConnection) -> None:
        if rows := self.taskings[self._put :]:
            # How far a car is from her says where she is, once two of them are known.
            sealed = [sealed_for(connection, row["id"], row["whose"], row["plain"]) for row in rows]
            written = [{**row, "sealed": one} for row, one in zip(rows, sealed, strict=True)]
            await connection.execute(
                statements.NEW_TASKINGS, {"rows": _rows(_without(row, "whose", "plain") for row in written)}
            )
            self._put = len(self.taskings)


def _rows(rows: Iterable[dict[str, Any]]) -> str:
    return msgspec.json.encode(list(rows)).decode()


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


async def record_alert(
    connection: AsyncConnection, alert: Alert, entry: Entry, plan: Plan | None, writing: Writing
) -> list[UUID]:
    """Add one alert to ``writing`` unless it was recorded before; returns the units sent. The caller writes and commits.

    ``plan`` is whom it would send; None for an alert about ourselves or about an order nobody knows.
    """
    told = writing.veil.over(alert)
    if plan and told is not alert:
        plan = blurred(plan)
    priority = priority_of(alert, entry)
    card = plan.card if plan else None
    to = await _incident(connection, alert, entry, priority, plan, writing)
    incident = to.incident
    await writing.put_taskings_of(connection, incident)
    facts = msgspec.json.encode(alert)
    digest, opening = writing.digester.commit(facts)
    fresh = (
        await connection.execute(
            statements.NEW_ALERT,
            {
                "id": UUID(alert.alert), "incident": incident, "code": alert.code,
                "pair": UUID(alert.pair) if alert.pair else None,
                "police": card.police_agency if card else None, "monitoring": card.monitoring_agency if card else None,
                "at": alert.at, "decided_at": alert.decided_at, "now": writing.now, "grade": alert.grade,
                "state": alert.state, "sealed": sealed(connection, alert, card, opening, facts),
            },
        )
    ).scalar()  # fmt: skip
    if fresh is None:
        return []
    writing.say(
        "alert.recorded", alert=alert.alert, code=alert.code, incident=incident, grade=alert.grade, priority=priority,
        pair=alert.pair or None, facts_digest=digest,
    )  # fmt: skip
    if card is None:
        await _tell_everyone(connection, told, entry, writing)
        return []
    sent: list[Pick] = []
    gaps: Sequence[Shortfall] = ()
    if incident and to.raised and alert.grade == "live":
        await _raise_orders(connection, told, entry, incident, card, to.raised, writing)
    if incident and alert.grade == "live" and plan is not None:
        if dispatch_of(alert, entry) in SENDS:
            # Nobody can be under way to what was opened a statement ago.
            running = set() if to.opened else await _running(connection, incident)
            sent, gaps = _send(told, entry, incident, plan, running, writing)
        elif dispatch_of(alert, entry).startswith("operator"):
            writing.later.append(
                Later(
                    "operator-undecided", str(incident), writing.now + writing.rules.operator_s, {"alert": alert.alert}
                )
            )
    tell_rooms(told, entry, priority, incident, card, sent, gaps, writing)
    return [pick.unit.id for pick in sent]


def priority_of(alert: Alert, entry: Entry) -> int:
    """0 to 4: the catalogue's, or higher where the decision says why."""
    said = alert.reason.get("priority")
    own = int(entry.priority[1])
    return min(own, int(said[1])) if isinstance(said, str) and said[1:].isdigit() else own


def dispatch_of(alert: Alert, entry: Entry) -> str:
    """The catalogue's word for who is sent, or the decision's own where it is stronger."""
    said = alert.reason.get("dispatch")
    return said if isinstance(said, str) and said else entry.dispatch


async def _incident(
    connection: AsyncConnection, alert: Alert, entry: Entry, priority: int, plan: Plan | None, writing: Writing
) -> Belongs:
    """The incident an alert belongs to, opened where it is worth one."""
    card = plan.card if plan else None
    pair = subject_of(alert)
    if card is None or pair is None:
        return Belongs()
    open_one = (await connection.execute(statements.OPEN_INCIDENT, {"pair": pair})).one_or_none()
    code = code_112_of(alert, entry)
    if open_one:
        before = open_one.dispatch_code
        raised = Raised(before, code) if code is not None and (before is None or code < before) else None
        if raised or priority < open_one.priority:
            await connection.execute(
                statements.RAISE_INCIDENT,
                {"id": open_one.id, "priority": priority, "code": code},
            )
        return Belongs(UUID(str(open_one.id)), raised=raised)
    worth_opening = alert.grade == "live" and (priority <= 1 or dispatch_of(alert, entry) in SENDS)
    if not worth_opening:
        return Belongs()
    incident = derived("incident", alert.alert)
    opened = await connection.execute(
        statements.NEW_INCIDENT,
        {
            "id": incident, "alert": UUID(alert.alert), "pair": pair, "order": card.id, "offender": card.offender,
            "victim": card.victim, "police": card.police_agency, "monitoring": card.monitoring_agency,
            "priority": priority, "code": code, "now": writing.now, "station": plan.station if plan else None,
        },
    )  # fmt: skip
    if opened.scalar() is None:
        return Belongs()
    writing.say(
        "incident.opened", incident=incident, alert=alert.alert, pair=pair, priority=priority, dispatch_code=code
    )
    for room in filter(None, (card.police_agency, card.monitoring_agency)):
        parties = (card.offender, card.victim)
        writing.grants += grants.responding(incident, card.id, room, parties, writing.now)
        writing.later.append(
            Later("unowned", str(incident), writing.now + writing.rules.own_s, {"room": str(room), "step": 1})
        )
    return Belongs(incident, opened=True)


async def _running(connection: AsyncConnection, incident: UUID) -> set[str]:
    """Kinds of the units under way."""
    open_ones = await connection.execute(statements.OPEN_TASKINGS, {"incident": incident})
    return {row.kind for row in open_ones if row.forsaken_at is None}


def _send(
    alert: Alert, entry: Entry, incident: UUID, plan: Plan, running: set[str], writing: Writing
) -> tuple[list[Pick], Sequence[Shortfall]]:
    wanted = {"police", "probation"} if dispatch_of(alert, entry) == "yes" else {dispatch_of(alert, entry)}
    sent = [pick for pick in plan.picks if pick.unit.kind in wanted - running]
    for pick in sent:
        task(alert, entry, incident, plan.card, pick, writing)
    gaps = [gap for gap in plan.gaps if gap.kind in wanted - running]
    for gap in gaps:
        writing.later.append(
            Later(
                "replan", str(incident), writing.now + writing.rules.replan_s, {"alert": alert.alert, "kind": gap.kind}
            )
        )
        writing.say("dispatch.shortfall", incident=incident, alert=alert.alert, why=gap.kind)
    return sent, gaps


def task(alert: Alert, entry: Entry, incident: UUID, card: OrderCard, pick: Pick, writing: Writing) -> None:
    """Add one tasking with its delivery, its deadlines, its ledger row and its message."""
    # Sorted, so that what the record gives back is again what was committed to.
    unit, reasons = pick.unit, msgspec.json.encode(pick.reasons(), order="sorted")
    digest, opening = writing.digester.commit(reasons)
    tasking, delivery = tasking_id(alert, unit.id), delivery_id(alert, unit_feed(unit.id))
    writing.taskings.append({
        "id": tasking, "incident": incident, "alert": UUID(alert.alert), "unit": unit.id, "agency": unit.agency,
        "police": card.police_agency, "monitoring": card.monitoring_agency, "toward": pick.toward,
        "whose": card.whose, "plain": opening + reasons, "now": writing.now,
    })  # fmt: skip
    parties = (card.offender, card.victim if pick.toward == HERS else None)
    writing.grants += grants.responding(incident, card.id, unit.agency, parties, writing.now, unit.id)
    writing.messages.append(order_message(alert, entry, incident, card, pick, writing.now, writing.rules))
    for kind, after in (("undelivered", writing.rules.deliver_s), ("unaccepted", writing.rules.accept_s)):
        writing.later.append(Later(kind, str(tasking), writing.now + after, {}))
    writing.say(
        "tasking.created", tasking=tasking, incident=incident, alert=alert.alert, unit=unit.id, toward=pick.toward,
        delivery=delivery, reasons_digest=digest,
    )  # fmt: skip


async def _raise_orders(
    connection: AsyncConnection, alert: Alert, entry: Entry, incident: UUID, card: OrderCard, raised: Raised,
    writing: Writing,
) -> None:  # fmt: skip
    """Tell whoever is under way that it has become worse: the same tasking, in a delivery of its own."""
    for row in list(await connection.execute(statements.OPEN_TASKINGS, {"incident": incident})):
        unit = Unit(row.unit, row.agency, row.kind, row.callsign, available=False, lon=None, lat=None, position_at=None)
        pick = Pick(unit, row.toward, None, None, None, None)
        message = order_message(alert, entry, incident, card, pick, writing.now, writing.rules)
        message.body |= {
            "tasking": str(row.id), "reasons": reasons_told(row.toward, reasons_of(connection, row)),
            "raised": {"from": raised.before, "to": raised.now},
            "accept_by": row.tasked_at + writing.rules.accept_s,
        }  # fmt: skip
        message.extra["tasking"] = row.id
        writing.messages.append(message)
        writing.later.append(
            Later("undelivered", str(row.id), writing.now + writing.rules.deliver_s, {"alert": alert.alert})
        )
        writing.say(
            "tasking.raised", tasking=row.id, incident=incident, alert=alert.alert, unit=unit.id,
            delivery=message.delivery, dispatch_code=raised.now,
        )  # fmt: skip


def tasking_id(alert: Alert, unit: UUID) -> UUID:
    """The same for the same alert and unit, however often it is made."""
    return derived("tasking", alert.alert, unit)


def delivery_id(alert: Alert, recipient: str) -> UUID:
    """The same for the same alert and recipient, recorded or not yet."""
    return derived("delivery", alert.alert, recipient)


def order_message(
    alert: Alert, entry: Entry, incident: UUID | None, card: OrderCard, pick: Pick, now: float, rules: ResponseRules
) -> Message:
    """The dispatch order as the unit's terminal gets it."""
    unit = pick.unit
    tasking, feed = tasking_id(alert, unit.id), unit_feed(unit.id)
    delivery = delivery_id(alert, feed)
    body = tasking_order(alert, entry, card, pick, now, rules) | {"tasking": str(tasking), "delivery": str(delivery)}
    extra: dict[str, object] = {"alert": UUID(alert.alert), "tasking": tasking}
    return Message(feed, unit.agency, "tasking", body, incident, None, now, delivery, extra, card.whose)


def tell_rooms(
    alert: Alert, entry: Entry, priority: int, incident: UUID | None, card: OrderCard, sent: Sequence[Pick],
    gaps: Sequence[Shortfall], writing: Writing,
) -> None:  # fmt: skip
    """Add a notice for each room of the order, with its delivery."""
    for agency in filter(None, (card.police_agency, card.monitoring_agency)):
        feed = room_feed(agency)
        body = notice(alert, entry, priority, card, sent, gaps) | {"delivery": str(delivery_id(alert, feed))}
        writing.messages.append(
            Message(feed, agency, "alert", body, incident, None, writing.now, delivery_id(alert, feed),
                    {"alert": UUID(alert.alert)}, card.whose)
        )  # fmt: skip


async def _tell_everyone(connection: AsyncConnection, alert: Alert, entry: Entry, writing: Writing) -> None:
    """An alert about ourselves goes to every room; so does one whose order nobody knows, without a word about whom."""
    for (agency,) in await connection.execute(statements.AGENCIES):
        feed = room_feed(agency)
        delivery = delivery_id(alert, feed)
        if alert.order:
            kind, body = (
                "page",
                dict[str, object](
                    {"why": "unknown-order", "alert": alert.alert, "code": alert.code, "at": writing.now}
                ),
            )
        else:
            kind, body = "alert", notice(alert, entry, priority_of(alert, entry), None, (), ())
        extra: dict[str, object] = {"alert": UUID(alert.alert)}
        told = body | {"delivery": str(delivery)}
        writing.messages.append(Message(feed, agency, kind, told, None, None, writing.now, delivery, extra))
