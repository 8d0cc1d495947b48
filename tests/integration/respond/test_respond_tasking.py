"""What officers and rooms may do to a tasking and an incident, and who may not."""

import asyncio
import random
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from tests.integration.respond.conftest import Site

from jikimi.identity.model import Actor
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.respond import feeds, service, statements
from jikimi.respond.model import CAUSES, HOLDS, OUTCOMES, RESPONSES, Message, TaskingState, unit_feed

PATH = {
    "tasked": [], "accepted": ["accepted"], "en_route": ["accepted", "en_route"],
    "on_scene": ["accepted", "en_route", "on_scene"], "cleared": ["accepted", "on_scene", "cleared"],
    "rejected": ["rejected"],
}  # fmt: skip
LEGAL = {
    ("tasked", "accepted"), ("tasked", "rejected"), ("accepted", "en_route"), ("accepted", "on_scene"),
    ("accepted", "rejected"), ("en_route", "on_scene"), ("en_route", "rejected"), ("on_scene", "cleared"),
}  # fmt: skip
REPORTS = ["accepted", "rejected", "en_route", "on_scene", "cleared"]


@pytest.mark.parametrize("before", PATH)
async def test_every_step_follows_the_one_before(site: Site, before: str) -> None:
    """From each state exactly the legal reports pass, the same again changes nothing, all others are a Conflict."""
    for order, report in zip(
        ("order", "third", "fourth", "alone"), ["accepted", "rejected", "en_route", "on_scene"], strict=True
    ):
        await _try(site, order, before, report)
        await site.execute("UPDATE tasking SET ended_at = to_timestamp(:now), state = 'superseded'", now=site.clock.at)
    await site.execute(
        "UPDATE incident SET status = 'Closed', closed_at = opened_at, cause = '', response = '', outcome = ''"
    )
    await _try(site, "order", before, "cleared", n=1)


async def _try(site: Site, order: str, before: str, report: str, n: int = 0) -> None:
    await site.take(site.alert(order=order, n=n))
    ref = (await site.taskings("police"))[-1]["ref"]
    for step in PATH[before]:
        await site.answer(ref, step, "busy" if step == "rejected" else None)
    counts = await site.counts()
    if report == before:
        assert await site.answer(ref, report, "busy") == []
        assert await site.counts() == counts
    elif (before, report) in LEGAL:
        assert len(await site.answer(ref, report, "busy")) == (2 if order == "alone" else 3)
        tasking = await site.rows("SELECT * FROM tasking WHERE id = :id", id=await site.tasking(ref))
        assert tasking[0]["state"] == report
        assert (tasking[0]["ended_at"] is not None) == (report in {"rejected", "cleared"})
    else:
        with pytest.raises(Conflict) as refused:
            await site.answer(ref, report, "busy")
        assert refused.value.extra["state"] == before
        assert await site.counts() == counts
    if before != "tasked" or report in {"accepted", "rejected"}:
        # Whoever has answered is not chased, and whoever has rejected is replaced.
        assert {row["kind"] for row in await site.due() if row["key"] == str(await site.tasking(ref))} == set()


async def test_an_officer_answers_for_the_own_unit_only(site: Site) -> None:
    """Another unit's tasking, one of the same agency included, and one that is none, look the same: NotFound."""
    await site.take(site.alert())
    mine = await site.tasking("p1")
    for ref in ("p2", "m1", "x1"):
        with pytest.raises(NotFound):
            await site.answer(ref, "accepted", tasking=mine)
    with pytest.raises(NotFound):
        await site.answer("p1", "accepted", tasking=uuid4())
    for actor in (site.room("police"), site.room("centre")):
        async with site.database.transaction() as connection:
            with pytest.raises(Forbidden):
                await service.answer(connection, actor, mine, TaskingState.ACCEPTED, None, 0.0)
    assert (await site.taskings("police"))[0]["state"] == "tasked"


@pytest.mark.parametrize("reason", [None, "", "   ", "x" * 501, "a\x00b"])
async def test_a_rejection_gives_its_reason(site: Site, reason: str | None) -> None:
    """No reason, blanks, a novel or bytes no record can hold are Malformed, naming the field; nothing changes."""
    await site.take(site.alert())
    before = await site.counts()
    with pytest.raises(Malformed) as refused:
        await site.answer("p1", "rejected", reason)
    assert refused.value.extra["field"] == "reason"
    assert await site.counts() == before
    assert (await site.taskings("police"))[0]["state"] == "tasked"


async def test_a_rejection_asks_the_next_unit_at_once(site: Site) -> None:
    """The next nearest of the same kind is tasked with the same alert, and nobody is asked twice."""
    await site.take(site.alert())
    for ref, following in (("p1", "p2"), ("p2", "p3")):
        await site.answer(ref, "rejected", "at another call")
        await site.pass_time(0)
        newest = (await site.taskings("police"))[-1]
        assert (newest["ref"], newest["state"]) == (following, "tasked")
    assert (await site.taskings("police"))[-1]["reasons"]["rule"] == "available unit without a position"
    await site.answer("p3", "rejected", "broken down")
    await site.pass_time(60)
    assert sorted(t["ref"] for t in await site.taskings("police")) == ["p1", "p2", "p3"]
    assert (await site.kinds("police")).count("no-unit") == 1


async def test_a_rejection_is_kept_with_its_words(site: Site) -> None:
    """The reason lies sealed in what the rooms and the unit are told; no row and no ledger has it in words."""
    await site.take(site.alert())
    await site.answer("p1", "rejected", "도로 통제")
    tasking = (await site.taskings("police"))[0]
    assert (tasking["state"], tasking["reason"]) == ("rejected", None)
    delivery = (await site.rows("SELECT * FROM delivery WHERE tasking = :id", id=tasking["id"]))[0]
    assert (delivery["state"], delivery["reason"]) == ("rejected", None)
    for room in ("police", "centre", "p1"):
        assert (await site.feed(room))[-1]["body"]["reason"] == "도로 통제"
    assert "도로" not in str(await site.ledger())


async def test_an_incident_shows_the_furthest_step_anybody_took(site: Site) -> None:
    """Its status only goes forward, whichever officer reports."""
    await site.take(site.alert())
    seen = []
    for ref, state in (
        ("p1", "accepted"),
        ("p1", "en_route"),
        ("m2", "accepted"),
        ("p1", "on_scene"),
        ("m2", "en_route"),
    ):
        await site.answer(ref, state)
        seen.append((await site.incident())["status"])
    assert seen == [
        "ResourcesAssigned", "ResourcesEnroute", "ResourcesEnroute", "ResourcesOnscene", "ResourcesOnscene",
    ]  # fmt: skip
    await site.answer("p1", "cleared")
    assert (await site.incident())["status"] == "ResourcesOnscene"
    assert [row["kind"] for row in await site.ledger()][-1] == "tasking.cleared"


async def test_an_answer_counts_as_receipt(site: Site) -> None:
    """Who accepts has received: the delivery says so though the confirmation was lost."""
    await site.take(site.alert())
    await site.answer("p1", "accepted")
    (row,) = await site.rows("SELECT * FROM delivery WHERE tasking = :id", id=await site.tasking("p1"))
    assert row["state"] == "accepted"
    assert row["sent_at"] is not None
    assert row["delivered_at"] is not None


# rooms --------------------------------------------------------------------------------------------------------


async def take(site: Site, actor: Actor, incident: UUID) -> list[Message]:
    """A room takes an incident."""
    made: list[Message] = await site.do(lambda c: service.take_incident(c, actor, incident, site.clock.at))
    return made


async def test_a_room_takes_what_is_its_own(site: Site) -> None:
    """Both rooms of the order may, their deliveries say so; officers may not, a third agency finds nothing."""
    await site.take(site.alert())
    incident = (await site.incident())["id"]
    for room in ("police", "centre"):
        assert len(await take(site, site.room(room), incident)) == 2
    states = await site.rows("SELECT state FROM delivery WHERE recipient LIKE 'room:%'")
    assert {row["state"] for row in states} == {"accepted"}
    with pytest.raises(NotFound):
        await take(site, site.room("others"), incident)
    with pytest.raises(NotFound):
        await take(site, site.room("police"), uuid4())
    for ref in ("p1", "m2", "x1"):
        with pytest.raises(Forbidden):
            await take(site, site.officer(ref), incident)


async def test_only_the_police_room_of_the_incident_closes_it(site: Site) -> None:
    """The monitoring room and officers are Forbidden, another agency finds nothing, an unknown id neither."""
    await site.take(site.alert())
    incident = (await site.incident())["id"]
    for by, error in (("centre", Forbidden), ("others", NotFound)):
        with pytest.raises(error):
            await site.close(by, "apprehended")
    closing = service.Closing("real_approach", "both_on_scene", "apprehended")
    with pytest.raises(Forbidden):
        await site.do(lambda c: service.close(c, site.officer("p1"), incident, closing, site.clock.at))
    with pytest.raises(NotFound):
        await site.close(outcome="apprehended", incident=uuid7())
    assert (await site.incident())["closed_at"] is None


async def test_an_answer_and_a_receipt_do_not_wait_for_each_other_in_a_circle(site: Site) -> None:
    """An officer who accepts while the receipt of the same order is being written is not refused."""
    await site.take(site.alert())
    mark = {"feed": unit_feed(site.ids["p1"]), "seq": 1, "at": site.clock.at}
    async with site.database.transaction() as connection:
        await connection.execute(statements.MARK_SENT, mark)
        answering = asyncio.create_task(site.answer("p1", "accepted"))
        await asyncio.sleep(0.3)
        assert (await connection.execute(statements.MARK_DELIVERED, mark)).all()
    assert await answering
    assert {t["ref"]: t["state"] for t in await site.taskings()} == {"p1": "accepted", "m2": "tasked"}


@pytest.mark.parametrize("name", ["cause", "response", "outcome"])
@pytest.mark.parametrize("value", ["", "closed", "Apprehended", " unknown"])
async def test_a_closing_says_cause_response_and_outcome(site: Site, name: str, value: str) -> None:
    """Each from its closed list, or it is Malformed, naming the field."""
    await site.take(site.alert("A06"))
    said = {"cause": CAUSES[0], "response": RESPONSES[0], "outcome": OUTCOMES[0], name: value}
    with pytest.raises(Malformed) as refused:
        await site.close("police", said["outcome"], cause=said["cause"], response=said["response"])
    assert refused.value.extra["field"] == name
    assert (await site.incident())["closed_at"] is None


@pytest.mark.parametrize("code", service.URGENT)
async def test_closing_never_silences_what_goes_on(site: Site, code: str) -> None:
    """While an urgent alert holds, only an outcome that puts somebody between them closes; after its end any does."""
    await site.take(site.alert(code))
    for outcome in ("moved_on_warned", "false_alarm", "left_before_arrival", "no_contact"):
        with pytest.raises(service.StillGoingOn, match=code):
            await site.close(outcome=outcome)
    assert (await site.incident())["closed_at"] is None
    await site.clear(site.alert(code))
    await site.close(outcome="left_before_arrival")
    assert (await site.incident())["status"] == "Closed"


@pytest.mark.parametrize("outcome", sorted(HOLDS))
async def test_nobody_is_apprehended_by_nobody(site: Site, outcome: str) -> None:
    """An outcome that takes an officer on scene is refused until one has reported it, and says what to do."""
    await site.take(site.alert())
    room, incident = site.room("police"), (await site.incident())["id"]
    closing = service.Closing("real_approach", "police_on_scene", outcome)
    for step in ("accepted", "en_route"):
        await site.answer("p1", step)
        with pytest.raises(service.NobodyCame, match="on scene") as refused:
            await site.do(lambda c: service.close(c, room, incident, closing, site.clock.at))
        assert "another outcome" in refused.value.advice
    await site.clear(site.alert())
    with pytest.raises(service.NobodyCame):
        await site.do(lambda c: service.close(c, room, incident, closing, site.clock.at))
    await site.answer("p1", "on_scene")
    await site.answer("p1", "cleared")
    await site.do(lambda c: service.close(c, room, incident, closing, site.clock.at))
    assert (await site.incident())["outcome"] == outcome


async def test_a_refused_closing_is_on_the_ledger(site: Site) -> None:
    """Who tried to close what went on is on the record."""
    await site.take(site.alert())
    room, incident = site.room("police"), (await site.incident())["id"]
    async with site.database.transaction() as connection:
        await service.refuse(connection, room, incident, site.clock.at)
    row = (await site.ledger())[-1]
    assert (row["kind"], row["account"]) == ("incident.close_refused", str(room.account))


@pytest.mark.parametrize("outcome", ["apprehended", "victim_safe_with_officer"])
async def test_with_somebody_between_them_it_closes_though_it_holds(site: Site, outcome: str) -> None:
    """Closing ends every tasking and deadline, tells officers without codes and rooms with them, once."""
    await site.take(site.alert())
    await site.answer("p1", "accepted")
    await site.close(outcome=outcome)
    incident = await site.incident()
    assert (incident["status"], incident["outcome"]) == ("Closed", outcome)
    assert {t["ref"]: t["state"] for t in await site.taskings()} == {"p1": "cleared", "m2": "superseded"}
    assert await site.due() == []
    for ref in ("p1", "m2"):
        assert set((await site.feed(ref))[-1]["body"]) == {"incident", "at"}
    assert (await site.feed("centre"))[-1]["body"]["outcome"] == outcome
    with pytest.raises(Conflict, match="closed already"):
        await site.close(outcome=outcome)
    with pytest.raises(Conflict):
        await site.answer("p1", "on_scene")
    await site.pass_time(600)
    assert len(await site.taskings()) == 2


async def test_after_closing_a_new_alert_opens_a_new_incident(site: Site) -> None:
    """A closed incident takes nothing more, and the pair is not left without one."""
    await site.take(site.alert())
    first = await site.incident()
    await site.close(outcome="apprehended")
    site.clock.at += 60
    await site.take(site.alert(n=1))
    second = await site.incident()
    assert second["id"] != first["id"]
    assert second["closed_at"] is None
    assert len(await site.taskings()) == 4


# together -----------------------------------------------------------------------------------------------------


async def test_twenty_transactions_at_once_number_a_feed_without_a_gap(site: Site) -> None:
    """However they interleave, and though some are undone, each feed counts 1, 2, 3 ... and waits in no circle."""
    rooms, rng = ["police", "centre", "others"], random.Random(1)

    async def say(number: int) -> None:
        chosen = rng.sample(rooms, k=rng.randint(1, 3)) * rng.randint(1, 2)
        messages = [Message(f"room:{site.ids[room]}", site.ids[room], "note", {"n": number}) for room in chosen]
        async with site.database.transaction() as connection:
            await asyncio.sleep(rng.random() / 50)
            await feeds.post(connection, messages, site.clock.at)
            if number % 5 == 0:
                raise Conflict("undone")

    for _ in range(5):
        await asyncio.gather(*(say(n) for n in range(20)), return_exceptions=True)
    for room in rooms:
        said = await site.feed(room)
        assert [one["seq"] for one in said] == list(range(1, len(said) + 1))
        assert not any(one["body"]["n"] % 5 == 0 for one in said)
        async with site.database.transaction() as connection:
            assert await feeds.last(connection, f"room:{site.ids[room]}") == len(said)
            half = await feeds.since(connection, f"room:{site.ids[room]}", 3, most=4)
            assert [one.seq for one in half] == [4, 5, 6, 7]
            assert await feeds.last(connection, "room:nobody") == 0


async def test_answers_closings_deadlines_and_alerts_never_wait_in_a_circle(site: Site) -> None:
    """Officers, rooms, deadlines and the responder at once: nothing deadlocks, and every incident ends whole."""
    trouble: list[BaseException] = []

    async def attempt(act: object) -> None:
        try:
            with suppress(Conflict, NotFound, Malformed):
                await act  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            trouble.append(error)

    for n in range(12):
        await site.take(site.alert(n=n), site.alert(order="third", n=n))
        incidents = [(await site.incident(order))["id"] for order in ("order", "third")]
        refs = [t["ref"] for t in await site.taskings() if t["ended_at"] is None]
        assert len(refs) == 4  # nobody is left under way for what was closed
        await asyncio.gather(
            attempt(site.responder.take(site.entries(site.alert("A06", n=n), site.alert("A06", "third", n=n)))),
            *(attempt(site.answer(ref, "accepted")) for ref in refs),
            *(attempt(site.answer(ref, "rejected", "busy")) for ref in refs[:2]),
            *(attempt(take(site, site.room(room), one)) for room in ("police", "centre") for one in incidents),
            attempt(site.pass_time(11)),
            *(attempt(site.close(outcome="apprehended", incident=one)) for one in incidents),
        )
        # An alert that came after the closing opened an incident of its own, perhaps with nobody left to send.
        await site.execute("UPDATE alert SET cleared_at = now() WHERE cleared_at IS NULL")
        for row in await site.rows("SELECT id FROM incident WHERE closed_at IS NULL"):
            await site.close(incident=row["id"])
    assert trouble == []
    assert await site.one("SELECT count(*) FROM incident WHERE closed_at IS NULL") == 0
    assert await site.one("SELECT count(*) FROM tasking WHERE ended_at IS NULL") == 0
