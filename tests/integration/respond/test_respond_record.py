"""From a decision to an incident with its taskings: once, whole, and with reasons."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.integration.respond.conftest import SECRET, Site, responder_of, set_standby
from tests.patience import PATIENCE

from jikimi.detect.decisions import Cleared, Moved
from jikimi.kernel.errors import Conflict, NotFound
from jikimi.kernel.ids import derived, uuid7
from jikimi.registry.service import secret_places
from jikimi.respond import backup
from jikimi.respond import service as respond
from jikimi.respond.record import delivery_id, tasking_id
from jikimi.stream import names
from jikimi.stream.tail import Entry


async def test_a_breach_sends_two_officers_each_with_reasons(site: Site) -> None:
    """One incident, the nearest police unit to her and the nearest probation unit to him, both rooms told."""
    await site.take(site.alert())
    incident = await site.incident()
    assert (incident["status"], incident["priority"], incident["dispatch_code"]) == ("Active", 0, 0)
    assert [(t["ref"], t["toward"], t["state"]) for t in sorted(await site.taskings(), key=lambda t: t["ref"])] == [
        ("m2", "offender", "tasked"), ("p1", "victim", "tasked"),
    ]  # fmt: skip
    for tasking in await site.taskings():
        reasons = tasking["reasons"]
        assert reasons["rule"] == "nearest available unit"
        assert reasons["rank"] == 1
        assert reasons["distance_m"] > 0
        assert reasons["eta_s"] > 0
        assert reasons["unit_position_age_s"] > 0
        assert reasons["note"] == "position is old"
    for room in ("police", "centre"):
        (notice,) = await site.feed(room)
        assert {one["callsign"] for one in notice["body"]["sent"]} == {"P-1", "M-2"}
        assert (notice["body"]["offender_age_s"], notice["body"]["victim_age_s"]) == (1.0, 4.0)
        assert notice["incident"] == incident["id"]
    assert await site.feed("others") == []
    deliveries = await site.rows("SELECT recipient, state, tasking, seq FROM delivery")
    assert len(deliveries) == 4
    assert {row["state"] for row in deliveries} == {"queued"}
    assert {row["seq"] for row in deliveries} == {1}


async def test_an_order_tells_its_officer_what_to_do_and_how_sure_it_is(site: Site) -> None:
    """The order names its alert, its target, both parties with the age of what is known, and "possible, not proof"."""
    alert = site.alert()
    await site.take(alert)
    (said,) = await site.feed("p1")
    body = said["body"]
    assert said["kind"] == "tasking"
    assert (body["alert"], body["code"], body["toward"]) == (alert.alert, "A02", "victim")
    assert body["tasking"] == str(tasking_id(alert, site.ids["p1"]))
    assert body["delivery"] == str(delivery_id(alert, f"unit:{site.ids['p1']}"))
    assert body["possible_not_proof"] is True
    assert body["offender"]["age_s"] == 2.0
    assert body["victim"]["age_s"] == 5.0
    assert body["distance_m"] == 80.0
    assert body["order"]["arrestable"] is True
    assert body["accept_by"] == site.clock.at + 30
    assert body["instruction"]["en"].startswith("To the victim")
    (other,) = await site.feed("m2")
    assert other["body"]["toward"] == "offender"
    assert set(other["body"]) == set(body), "an order has the same keys on every way"


async def test_the_same_alert_again_changes_nothing(site: Site) -> None:
    """Twice in a batch, again alone and again after others, no table has one row more."""
    first, second = site.alert(), site.alert("A06", "third")
    await site.take(first, first, second)
    before = await site.counts()
    await site.take(first)
    await site.take(second, first, second)
    assert await site.counts() == before
    assert before["incident"] == 2
    assert before["alert"] == 2
    assert before["tasking"] == 4


async def test_a_batch_read_again_from_an_older_place_changes_nothing(site: Site) -> None:
    """A responder that starts behind its cursor records nothing twice, and the cursor never goes back."""
    entries = site.entries(site.alert("A08"), site.alert("A06"), site.alert("A02"), site.alert("A02", "third"))
    await site.responder.take(entries)
    before = await site.counts()
    again = responder_of(site.database, site.client, site.clock)
    await again.roster.reload(site.database)
    await again.take(entries[:2])
    await again.take(entries[1:])
    assert await site.counts() == before
    assert await site.one("SELECT seq FROM cursor WHERE name = 'alerts'") == 4


async def test_the_same_alert_after_its_incident_closed_opens_no_other(site: Site) -> None:
    """What was recorded before stays where it is, whatever became of it."""
    alert = site.alert()
    await site.take(alert)
    await site.close(outcome="apprehended")
    before = await site.counts()
    await site.take(alert)
    assert await site.counts() == before


async def test_a_later_alert_joins_the_open_incident_and_only_raises_it(site: Site) -> None:
    """Code and priority rise with a worse alert and never fall with a milder one; nobody is sent twice."""
    await site.take(site.alert("A06"))
    incident = await site.incident()
    assert (incident["priority"], incident["dispatch_code"]) == (1, 1)
    await site.take(site.alert("A02"))
    raised = await site.incident()
    assert (raised["id"], raised["priority"], raised["dispatch_code"]) == (incident["id"], 0, 0)
    await site.take(site.alert("A08"), site.alert("A06", n=1))
    assert dict(await site.incident()) == dict(raised)
    assert await site.one("SELECT count(*) FROM alert WHERE incident = :id", id=incident["id"]) == 4
    assert len(await site.taskings()) == 2
    assert await site.kinds("police") == ["alert"] * 4


async def test_pairs_have_incidents_of_their_own_and_no_unit_is_sent_twice(site: Site) -> None:
    """Two pairs in one batch get two incidents and four different units."""
    await site.take(site.alert(), site.alert(order="third"))
    assert await site.one("SELECT count(*) FROM incident") == 2
    assert sorted(t["ref"] for t in await site.taskings()) == ["m1", "m2", "p1", "p2"]


async def test_without_a_free_unit_the_gap_is_said_once_and_filled_later(site: Site) -> None:
    """Shortfall in the notice and on the ledger, one page however long it lasts, and the first free unit is sent."""
    await site.execute("UPDATE unit SET status = 'off' WHERE kind = 'probation'")
    await site.take(site.alert())
    (notice,) = await site.feed("centre")
    assert notice["body"]["shortfalls"] == [{"kind": "probation", "reason": "none of 2 units is available"}]
    assert [row["kind"] for row in await site.ledger()].count("dispatch.shortfall") == 1
    await site.answer("p1", "accepted")
    for room in ("police", "centre"):
        await take_room(site, room)
    await site.pass_time(31)
    assert (await site.kinds("centre")).count("no-unit") == 1
    assert await site.taskings("probation") == []
    await site.execute("UPDATE unit SET status = 'available' WHERE callsign = 'M-1'")
    await site.pass_time(6)
    assert [t["ref"] for t in await site.taskings("probation")] == ["m1"]
    assert (await site.kinds("m1")) == ["tasking"]
    await site.answer("m1", "accepted")
    await site.pass_time(120)
    assert len(await site.taskings("probation")) == 1
    assert await site.due() == []


async def take_room(site: Site, room: str, order: str = "order") -> None:
    """Let a room take the order's incident."""
    incident = (await site.incident(order))["id"]
    await site.do(lambda c: respond.take_incident(c, site.room(room), incident, site.clock.at))


async def test_an_order_without_a_monitoring_agency_is_the_polices_alone(site: Site) -> None:
    """Police only: one tasking, one room, no shortfall for a side that does not exist."""
    await site.take(site.alert(order="alone"))
    assert [t["ref"] for t in await site.taskings()] == ["p1"]
    assert await site.feed("centre") == []
    (notice,) = await site.feed("police")
    assert notice["body"]["shortfalls"] == []
    await site.pass_time(200)
    assert {t["kind"] for t in await site.taskings()} == {"police"}


async def test_an_alert_about_ourselves_goes_to_every_room(site: Site) -> None:
    """A25 concerns no pair: police and monitoring rooms are told, nobody is sent, no incident opens."""
    about_us = site.alert("A25", order="order", n=3)
    await site.take(
        msgspec.structs.replace(about_us, order="", pair="", offender=None, victim=None, offender_id="", victim_id=None)
    )
    for room in ("police", "centre", "others"):
        (notice,) = await site.feed(room)
        assert (notice["body"]["code"], notice["incident"], notice["body"]["order"]) == ("A25", None, None)
    assert await site.feed("helpers") == []
    assert await site.incident() is None
    assert await site.taskings() == []


async def test_an_order_nobody_entered_stops_nothing_and_names_nobody(site: Site) -> None:
    """Recorded and told without the parties, because nobody knows whose they are; the next alert goes on."""
    strange = site.alert(n=9, order="order")
    strange = msgspec.structs.replace(strange, order=str(derived("nobody's order")))
    await site.take(strange, site.alert(order="third"))
    assert await site.one("SELECT incident IS NULL FROM alert WHERE id = :id", id=UUID(strange.alert))
    (notice,) = await site.feed("others")
    said = msgspec.json.encode(notice["body"]).decode()
    for secret in (strange.pair, strange.offender_id, str(strange.victim_id)):
        assert secret not in said
    assert len(await site.taskings()) == 2


@pytest.mark.parametrize("grade", ["evidence", "retrospective"])
async def test_what_is_not_live_never_sends_anybody(site: Site, grade: str) -> None:
    """An alert about the past is recorded and told, opens nothing and dispatches nobody, also into an open incident."""
    await site.take(site.alert(grade=grade))
    assert await site.incident() is None
    assert await site.taskings() == []
    assert await site.kinds("police") == ["alert"]
    (notice,) = await site.feed("police")
    assert notice["body"]["possible_not_proof"] is (grade != "evidence")
    await site.execute("UPDATE unit SET status = 'off'")
    await site.take(site.alert("A06"))
    await site.execute("UPDATE unit SET status = 'available'")
    await site.execute("DELETE FROM due")
    await site.take(site.alert("A02", n=1, grade=grade))
    assert await site.taskings() == []
    assert await site.due() == []


async def test_a_watch_is_told_and_opens_nothing(site: Site) -> None:
    """A08 reaches the rooms without incident, tasking or deadline."""
    await site.take(site.alert("A08"))
    assert await site.incident() is None
    assert await site.due() == []
    assert await site.kinds("centre") == ["alert"]


async def test_unknown_positions_wait_a_minute_for_a_person_and_then_go_ahead(site: Site) -> None:
    """A11 opens an incident and proposes; undecided after 60 s both officers are sent."""
    await site.take(site.alert("A11"))
    assert (await site.incident())["priority"] == 1
    for room in ("police", "centre"):
        await take_room(site, room)
    await site.pass_time(59)
    assert await site.taskings() == []
    await site.pass_time(2)
    assert sorted(t["ref"] for t in await site.taskings()) == ["m2", "p1"]


async def test_a_proposal_for_a_closed_incident_is_dropped(site: Site) -> None:
    """A person who closed it within the minute has decided."""
    await site.take(site.alert("A11"))
    await site.clear(site.alert("A11"))
    await site.close()
    await site.pass_time(120)
    assert await site.taskings() == []


async def test_a_decision_may_say_that_it_is_worse_than_its_code(site: Site) -> None:
    """Priority, 112 code and dispatch given as reasons rule over the catalogue, never downward in priority."""
    await site.take(site.alert("A12", reason={"priority": "P1", "code_112": 1}))
    incident = await site.incident()
    assert (incident["priority"], incident["dispatch_code"]) == (1, 1)
    await site.take(site.alert("A12", "third", reason={"priority": "P4", "dispatch": "police", "code_112": None}))
    incident = await site.incident("third")
    assert incident["priority"] == 3
    assert [t["kind"] for t in await site.taskings()] == ["police"]


async def test_a_milder_code_without_a_number_leaves_the_incidents_alone(site: Site) -> None:
    """An alert without a 112 code may raise the priority and gives no code."""
    await site.take(site.alert("A12", reason={"dispatch": "police", "code_112": None}))
    assert (await site.incident())["dispatch_code"] == 3
    await site.take(site.alert("A08", reason={"priority": "P1"}))
    incident = await site.incident()
    assert (incident["priority"], incident["dispatch_code"]) == (1, 3)


async def test_an_ended_episode_is_noted_and_closes_nothing(site: Site) -> None:
    """A clear marks its alert once and leaves the incident and its officers as they are."""
    alert = site.alert()
    await site.take(alert, Moved(alert.pair, alert.order, "BREACH", 0, 0, None, None))
    await site.clear(alert)
    cleared = await site.one("SELECT cleared_at FROM alert")
    assert cleared is not None
    site.clock.at += 60
    await site.clear(alert)
    assert await site.one("SELECT cleared_at FROM alert") == cleared
    assert (await site.incident())["closed_at"] is None
    assert all(t["ended_at"] is None for t in await site.taskings())
    await site.take(Cleared(str(derived("nobody")), "A02", alert.order, 0, 0))


POISON: list[Any] = [
    b"\xc1", b"", {"code": "A99"}, {"pair": "no id"}, {"alert": "no id"}, {"at": 1e300}, {"order": "no id"},
    {"state": "a\x00b"}, {"grade": "live 한"},
]  # fmt: skip


@pytest.mark.parametrize("poison", POISON, ids=range(len(POISON)))
async def test_a_decision_that_cannot_be_recorded_is_set_aside(site: Site, poison: Any) -> None:
    """It is named on the ledger by its place in the log; those before and behind it are recorded once."""
    bad = poison if isinstance(poison, bytes) else msgspec.structs.replace(site.alert("A06", "fourth"), **poison)
    await site.take(site.alert(), bad, site.alert(order="third"))
    assert await site.one("SELECT count(*) FROM incident") == 2
    assert len(await site.taskings()) == 4
    aside = [row for row in await site.ledger() if row["kind"] == "decision.set_aside"]
    assert [row["log_seq"] for row in aside] == [2]
    assert await site.one("SELECT seq FROM cursor WHERE name = 'alerts'") == 3
    await site.take(bad)
    assert await site.one("SELECT seq FROM cursor WHERE name = 'alerts'") == 4


async def test_what_another_writer_did_at_the_same_moment_sets_nothing_aside(site: Site) -> None:
    """An incident of the pair that is committed between our look and our write is joined, not stumbled over."""
    alert, other = site.alert(n=1), site.alert(n=2)
    rival = responder_of(site.database, site.client, site.clock)
    await rival.roster.reload(site.database)
    await asyncio.gather(*(
        one.take([Entry(n, names.DECISION, body, 0, n)])
        for n, (one, body) in enumerate(
            [(site.responder, site.entries(alert)[0].body), (rival, site.entries(other)[0].body)], 1)
    ))  # fmt: skip
    assert await site.one("SELECT count(*) FROM incident") == 1
    assert await site.one("SELECT count(*) FROM alert") == 2
    assert "decision.set_aside" not in [row["kind"] for row in await site.ledger()]


async def test_a_record_that_may_only_be_read_is_waited_for(site: Site, database_url: str) -> None:
    """While the database is a standby nothing is set aside; when it may be written again the alert is recorded."""
    set_standby(database_url, on=True)
    taking = asyncio.create_task(site.responder.take(site.entries(site.alert())))
    await asyncio.sleep(0.5)
    assert not taking.done()
    set_standby(database_url, on=False)
    async with asyncio.timeout(20 * PATIENCE):
        await taking
    assert len(await site.taskings()) == 2
    assert "decision.set_aside" not in [row["kind"] for row in await site.ledger()]


async def test_no_message_ever_says_where_a_secret_place_is(site: Site) -> None:
    """A breach at a shelter is told by the shelter's id alone, in every message, delivery, plan and ledger row; whoever goes
    to him is not told even that.
    """
    place = await site.one("SELECT id FROM place WHERE secret")
    async with site.database.transaction() as connection:
        assert [place.lon for place in await secret_places(connection)] == [SECRET[0]]
    await site.take(site.alert(place=str(place), victim=None, distance_m=40.0))
    ((hers,), (his,)) = await site.feed("p1"), await site.feed("m2")
    assert (hers["body"]["place"], his["body"]["place"]) == (str(place), None)
    for table in ("feed_message", "alert", "tasking", "delivery", "ledger_row", "due", "incident", "standing_plan"):
        for row in await site.rows(f"SELECT * FROM {table}"):
            text_of = str(dict(row))
            assert "127.777" not in text_of
            assert "37.888" not in text_of


async def test_the_ledger_holds_what_happened_and_no_facts(site: Site) -> None:
    """Opening, alert and both taskings are on it, by ids and keyed digests, without position or callsign."""
    await site.take(site.alert())
    rows = [row for row in await site.ledger() if "." in row["kind"]]
    kinds = sorted(row["kind"] for row in rows)
    assert kinds == ["alert.recorded", "incident.opened", "tasking.created", "tasking.created"]
    said = msgspec.json.encode(rows).decode()
    for secret in ("127.0", "37.5", "P-1", "제9조"):
        assert secret not in said
    assert all(len(row["reasons_digest"]) == 64 for row in rows if row["kind"] == "tasking.created")


async def test_an_incident_belongs_to_the_station_on_whose_ground_she_is(site: Site) -> None:
    """With boundaries loaded, the incident names the station; off every boundary it names none."""
    await site.take(site.alert())
    assert (await site.incident())["station"] is None
    station, square = uuid7(), [[126.9, 37.4], [127.1, 37.4], [127.1, 37.6], [126.9, 37.6], [126.9, 37.4]]
    await site.execute("INSERT INTO station VALUES (:id, :agency, 'Hanbit')", id=station, agency=site.ids["police"])
    await site.execute(
        "INSERT INTO jurisdiction VALUES (gen_random_uuid(), :agency, :station, 'Hanbit', 'drawn', '2026-01-01',"
        " CAST(:boundary AS jsonb), 126.9, 37.4, 127.1, 37.6)",
        agency=site.ids["police"], station=station,
        boundary=msgspec.json.encode({"type": "Polygon", "coordinates": [square]}).decode(),
    )  # fmt: skip
    await site.responder.roster.reload_orders(site.database)
    await site.take(site.alert(order="third"))
    assert (await site.incident("third"))["station"] == station


async def test_a_call_for_help_needs_no_order(site: Site) -> None:
    """Somebody whom no order protects presses SOS: the police who know her are told and sent, and no other agency."""
    her = site.ids["she"]
    await site.execute("UPDATE protective_order SET ended_at = now()")
    call = msgspec.structs.replace(
        site.alert("A01"), order="", pair="", offender=None, offender_id="", victim_id=str(her), distance_m=None
    )
    await site.take(call, call)
    assert [t["ref"] for t in await site.taskings()] == ["p1"]
    assert await site.one("SELECT count(*) FROM incident WHERE victim = :her AND offender IS NULL", her=her) == 1
    assert await site.feed("others") == []
    await site.answer("p1", "rejected", "far away")
    await site.pass_time(0)
    assert [t["ref"] for t in await site.taskings()] == ["p1", "p2"]
    again = msgspec.structs.replace(call, alert=str(derived("again")))
    await site.take(again)
    assert await site.one("SELECT count(*) FROM incident") == 1


async def test_an_officer_who_needs_help_pages_both_rooms(site: Site) -> None:
    """Every press pages again; another unit's tasking and a closed incident page nobody."""
    await site.take(site.alert())
    tasking = await site.tasking("p1")

    async def ask(ref: str) -> None:
        await site.do(lambda c: backup.ask(c, site.officer(ref), tasking, site.clock.at))

    for _ in range(2):
        await ask("p1")
    assert (await site.kinds("police")).count("help") == (await site.kinds("centre")).count("help") == 2
    with pytest.raises(NotFound):
        await ask("p2")
    await site.close(outcome="apprehended")
    with pytest.raises(Conflict):
        await ask("p1")
    assert (await site.kinds("police")).count("help") == 2
