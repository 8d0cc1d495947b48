"""An incident that becomes worse while officers are under way: they are told, and once."""

from tests.integration.respond.conftest import Site

from jikimi.respond import repository
from jikimi.store.database import Database


async def test_who_is_under_way_is_told_that_it_has_become_worse(site: Site) -> None:
    """A stronger 112 code comes to both as a new delivery of the same tasking, with the code before and now, once."""
    await site.take(site.alert("A06"))
    await site.answer("p1", "accepted")
    first = {ref: (await site.feed(ref))[0]["body"] for ref in ("p1", "m2")}
    worse = site.alert("A02")
    await site.take(worse)
    await site.take(worse)
    for ref in ("p1", "m2"):
        tasking = [one["body"] for one in await site.feed(ref) if one["kind"] == "tasking"]
        assert [one.get("raised") for one in tasking] == [None, {"from": 1, "to": 0}]
        assert (tasking[1]["code"], tasking[1]["code_112"], tasking[1]["alert"]) == ("A02", 0, worse.alert)
        for same in ("tasking", "toward", "reasons", "accept_by"):
            assert tasking[1][same] == first[ref][same]
        assert tasking[1]["delivery"] != tasking[0]["delivery"]
    assert len(await site.taskings()) == 2
    raised = [row["tasking"] for row in await site.ledger() if row["kind"] == "tasking.raised"]
    assert sorted(raised) == sorted(first[ref]["tasking"] for ref in ("p1", "m2"))
    # The order itself stays as it was answered; what raised it waits for its own confirmation.
    assert {(row["alert"], row["state"]) for row in await site.rows(
        "SELECT alert::text, state FROM delivery WHERE recipient = :p", p=f"unit:{site.ids['p1']}")
    } == {(site.alert("A06").alert, "accepted"), (worse.alert, "queued")}  # fmt: skip
    await site.answer("p1", "en_route")
    assert await site.one("SELECT count(*) FROM delivery WHERE state = 'queued' AND recipient LIKE 'unit%'") == 3
    await site.take(site.alert("A05"))
    assert len([one for one in await site.feed("m2") if one["kind"] == "tasking"]) == 2, "no worse, no order"


async def test_a_raise_nobody_received_pages_the_rooms(site: Site) -> None:
    """The officer is under way and does not confirm the stronger order: both rooms are paged, nobody else is sent."""
    await site.take(site.alert("A06"))
    for ref in ("p1", "m2"):
        await site.answer(ref, "accepted")
    await site.take(site.alert("A02"))
    await site.pass_time(site.responder.response.deliver_s + 1)
    assert (await site.kinds("police")).count("undelivered") == (await site.kinds("centre")).count("undelivered") == 2
    assert len(await site.taskings()) == 2


async def test_an_officer_of_an_incident_has_each_tasking_once(site: Site, people: Database) -> None:
    """However often it was raised, a tasking is one line of the incident, with the delivery of the order itself."""
    await site.take(site.alert("A06"))
    await site.answer("p1", "accepted")
    await site.take(site.alert("A02"))
    incident = (await site.incident())["id"]
    whole = await repository.incident(people, site.database, site.clock, site.room("police"), incident)
    assert {one.callsign: one.delivery_state for one in whole.taskings} == {"P-1": "accepted", "M-2": "queued"}
    assert len(whole.taskings) == 2


async def test_two_alerts_of_a_pair_in_one_batch_send_two_officers(site: Site) -> None:
    """The second finds whom the first has sent, and raises their order."""
    await site.take(site.alert("A06"), site.alert("A02"))
    assert sorted(t["ref"] for t in await site.taskings()) == ["m2", "p1"]
    assert [one["body"]["code"] for one in await site.feed("p1")] == ["A06", "A02"]


async def test_orders_and_notices_print_the_code_the_decision_says(site: Site) -> None:
    """A stronger 112 code than the catalogue's stands in what officers and rooms read."""
    await site.take(site.alert("A18", reason={"code_112": 0}))
    assert (await site.feed("p1"))[0]["body"]["code_112"] == 0
    assert (await site.feed("police"))[0]["body"]["code_112"] == 0
