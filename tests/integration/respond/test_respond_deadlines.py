"""What happens when somebody does not do their step in time."""

from uuid import UUID, uuid4

import pytest
from tests.integration.respond.conftest import Site

from jikimi.kernel.ids import uuid7
from jikimi.respond import service, statements
from jikimi.respond.deadlines import Deadlines
from jikimi.store.due import Due


async def acknowledge(site: Site, ref: str) -> None:
    """The unit's terminal confirms receipt of everything."""
    await site.execute(
        "UPDATE delivery SET state = 'delivered', delivered_at = to_timestamp(:now) WHERE feed = :feed",
        now=site.clock.at, feed=f"unit:{site.ids[ref]}",
    )  # fmt: skip


async def own(site: Site) -> None:
    """Both rooms have taken the incident."""
    incident = (await site.incident())["id"]
    for room in ("police", "centre"):
        async with site.database.transaction() as connection:
            await service.take_incident(connection, site.room(room), incident, site.clock.at)


async def test_an_order_that_reaches_no_terminal_goes_to_the_next_unit(site: Site) -> None:
    """After 10 s without receipt both rooms are paged and the next unit is asked too; the first stays asked."""
    await site.take(site.alert())
    await own(site)
    await acknowledge(site, "m2")
    await site.pass_time(9.9)
    assert len(await site.taskings()) == 2
    await site.pass_time(0.2)
    assert [(t["ref"], t["state"]) for t in await site.taskings("police")] == [("p1", "tasked"), ("p2", "tasked")]
    assert len(await site.taskings("probation")) == 1
    for room in ("police", "centre"):
        assert (await site.kinds(room)).count("undelivered") == 1
    page = next(one["body"] for one in await site.feed("police") if one["kind"] == "page")
    assert (page["callsign"], page["unit"]) == ("P-1", str(site.ids["p1"]))
    assert "tasking.escalated" in [row["kind"] for row in await site.ledger()]


async def test_an_order_nobody_accepts_goes_on_until_the_most_there_may_be(site: Site) -> None:
    """Received and not accepted for 30 s: the next unit; with every unit asked, the room is told once."""
    await site.take(site.alert())
    await own(site)
    for _ in range(40):
        for ref in ("p1", "p2", "p3", "m1", "m2"):
            await acknowledge(site, ref)
        await site.pass_time(5)
    assert {t["ref"] for t in await site.taskings("police")} == {"p1", "p2", "p3"}
    assert {t["ref"] for t in await site.taskings("probation")} == {"m1", "m2"}
    assert "undelivered" not in await site.kinds("police")
    pages = await site.kinds("police")
    assert pages.count("unaccepted") == 5
    assert pages.count("no-unit") == 1
    assert (await site.kinds("centre")).count("no-unit") == 1


async def test_no_more_units_are_asked_than_the_rules_allow(site: Site) -> None:
    """With many units free, escalation ends at the edition's number."""
    for n in range(6):
        await site.execute(
            "INSERT INTO unit (id, agency, kind, callsign, status) VALUES (:id, :agency, 'police', :sign, 'available')",
            id=uuid7(), agency=site.ids["police"], sign=f"P-9{n}",
        )  # fmt: skip
        site.ids[f"p9{n}"] = await site.one("SELECT id FROM unit WHERE callsign = :sign", sign=f"P-9{n}")
    await site.take(site.alert(order="alone"))
    await site.pass_time(600)
    assert len(await site.taskings()) == site.responder.response.most_taskings


async def test_acceptance_ends_the_chase(site: Site) -> None:
    """Who accepted is not chased: no page, no further unit, no deadline left but the rooms'."""
    await site.take(site.alert())
    for ref in ("p1", "m2"):
        await site.answer(ref, "accepted")
    assert {row["kind"] for row in await site.due()} == {"unowned"}
    await own(site)
    await site.pass_time(300)
    assert len(await site.taskings()) == 2
    assert [kind for kind in await site.kinds("police") if kind in {"undelivered", "unaccepted", "unowned"}] == []
    assert await site.due() == []


async def test_one_of_several_who_accepts_is_enough(site: Site) -> None:
    """When the second unit has accepted, the first one's silence is paged and asks no third."""
    await site.take(site.alert(order="alone"))
    await site.pass_time(10.1)
    await site.answer("p2", "accepted")
    await site.pass_time(60)
    assert {t["ref"] for t in await site.taskings()} == {"p1", "p2"}
    assert "unaccepted" in await site.kinds("police")


async def test_an_incident_no_room_takes_is_paged_until_one_does(site: Site) -> None:
    """Every 60 s the room's shift lead is paged with a growing step, each room for itself."""
    await site.take(site.alert())
    for ref in ("p1", "m2"):
        await site.answer(ref, "accepted")
    incident = (await site.incident())["id"]
    await site.do(lambda c: service.take_incident(c, site.room("centre"), incident, site.clock.at))
    await site.pass_time(190)
    assert [one["body"]["step"] for one in await site.feed("police") if one["kind"] == "page"] == [1, 2, 3]
    assert "unowned" not in await site.kinds("centre")
    await site.do(lambda c: service.take_incident(c, site.room("police"), incident, site.clock.at))
    await site.pass_time(190)
    assert (await site.kinds("police")).count("unowned") == 3
    assert await site.due() == []


async def test_deadlines_of_a_closed_incident_do_nothing(site: Site) -> None:
    """A deadline that was running while the incident closed finds nothing left to do."""
    await site.take(site.alert())
    rows = await site.due()
    tasking = await site.tasking("p1")
    await site.close(outcome="apprehended")
    before = await site.counts()
    handlers = Deadlines(site.responder).handlers()
    extra = [("replan", {"alert": "", "kind": "police"}), ("operator-undecided", {"alert": ""})]
    due = [(row["kind"], row["key"], row["body"]) for row in rows]
    due += [(kind, str((await site.incident())["id"]), body) for kind, body in extra]
    due += [(kind, str(tasking), {}) for kind in ("undelivered", "unaccepted")]
    for kind, key, body in due:
        async with site.database.transaction() as connection:
            assert await handlers[kind](connection, Due(uuid7(), kind, key, 0.0, 0, body)) is None
    assert await site.counts() == before


@pytest.mark.parametrize("kind", ["undelivered", "unaccepted", "unowned", "operator-undecided", "replan"])
async def test_a_deadline_about_nothing_does_nothing(site: Site, kind: str) -> None:
    """A key nobody knows is no error: what it was about is gone."""
    body = {"room": str(uuid4()), "step": 1, "alert": str(uuid4()), "kind": "police"}
    async with site.database.transaction() as connection:
        row = Due(uuid7(), kind, str(uuid4()), 0.0, 0, body)
        assert await Deadlines(site.responder).handlers()[kind](connection, row) is None


async def test_replanning_asks_nobody_for_what_is_under_way_or_gone(site: Site) -> None:
    """With a unit of the kind under way, without its order, alert or agency, nobody is asked."""
    await site.take(site.alert(), site.alert(order="alone"))
    handler = Deadlines(site.responder).replan
    incident, alone = (await site.incident())["id"], (await site.incident("alone"))["id"]

    async def replan(which: UUID, kind: str, alert: str) -> None:
        async with site.database.transaction() as connection:
            after = await handler(
                connection, Due(uuid7(), "replan", str(which), 0.0, 0, {"alert": alert, "kind": kind})
            )
        if after:
            await after()

    before = await site.counts()
    await replan(incident, "police", site.alert().alert)
    await replan(alone, "probation", site.alert(order="alone").alert)
    await site.answer("p1", "rejected", "busy")
    await replan(incident, "police", str(uuid4()))
    assert (await site.counts())["tasking"] == before["tasking"]


async def test_a_delivery_that_vanished_is_not_chased(site: Site) -> None:
    """A tasking without a delivery row has nothing to wait for."""
    await site.take(site.alert())
    tasking = await site.tasking("p1")
    async with site.database.transaction() as connection:
        which = {"tasking": tasking, "alert": UUID(site.alert().alert)}
        assert (await connection.execute(statements.DELIVERY_OF, which)).one()
    await site.execute("UPDATE delivery SET tasking = NULL")
    await site.pass_time(10.1)
    assert len(await site.taskings()) == 2
