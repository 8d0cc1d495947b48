"""A name, a number or an address changed by whoever keeps the file: who is told, who is found, and who stays kept out."""

import pytest
from sqlalchemy import text

from jikimi.identity.model import Actor, Role
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.registry import moving, sealing, subjects, taken
from jikimi.registry.amending import PersonChange, amend
from jikimi.registry.moving import PlaceMove
from jikimi.registry.schemas import OrderChange
from jikimi.registry.service import Desk, change_order
from jikimi.respond import told as pages
from jikimi.share import consent, rules, telling, words
from jikimi.share.consent import Yes
from jikimi.share.policy import Data
from jikimi.store.database import Database
from jikimi.store.due import Loop
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats
from tests.integration.oversee_world import HER_TELEPHONE, MATCHER, NEW_TELEPHONE, NUMBER, Place, entered

RULES, WORDS = rules.load("kr"), words.load("kr")


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """Her file at the police, the other agency's grant on it, and a former partner who is staff there."""
    return await entered(service, people)


async def change(place: Place, who: Actor, person: str, **new: object) -> list[str]:
    """Change a file."""
    said = PersonChange.model_validate(new)
    return await amend(place.service, place.clock, who, place.ids[person], said, MATCHER)


async def found(place: Place, telephone: str) -> list[object]:
    """Whom a search by telephone finds."""
    desk, room = Desk(place.people, place.service, place.clock), place.at("police", Role.DISPATCHER)
    rows = await subjects.search(desk, room, RULES, "telephone", telephone, MATCHER)
    return [row["id"] for row in rows]


async def told(place: Place) -> list[tuple[str, set[str]]]:
    """What rooms are paged, and which."""
    rows = await place.rows("SELECT body FROM due WHERE kind = 'access-told' ORDER BY seq")
    for row in rows:
        assert NEW_TELEPHONE not in str(row.body)
        assert row.body["subject"] == str(place.ids["she"])
    return [(row.body["what"], set(row.body["rooms"])) for row in rows]


async def posted(place: Place, nats: Nats) -> dict[str, list[str]]:
    """Run what waits; what each agency's room was paged."""
    client = await connect(nats.url("respond"), "respond")
    await Loop(place.service, place.clock, {telling.KIND: pages.handler(client, place.clock)}).round()
    await client.close()
    names = {str(place.ids[ref]): ref for ref in ("police", "centre", "city")}
    rows = await place.rows("SELECT agency, body FROM feed_message ORDER BY seq")
    return {ref: [row.body["what"] for row in rows if str(row.agency) == one] for one, ref in names.items()}


@pytest.mark.parametrize("how", ["order", "revoked", "ran out"])
async def test_who_may_not_know_her_any_more_when_it_is_sent_is_not_told(
    place: Place, nats_server: Nats, how: str
) -> None:
    """Between the change and its page access may end, by whatever; the page is dropped and the refusal is on the register."""
    await change(place, place.at("police"), "she", telephones=[NEW_TELEPHONE])
    ended = {
        "order": "ended_at = now()",
        "revoked": "ended_at = now(), ended_by = agency",
        "ran out": "ends_at = now()",
    }
    place.clock.at += 60
    async with place.service.transaction() as connection:
        await connection.execute(
            text(f"UPDATE access_grant SET {ended[how]} WHERE agency = :centre"),
            {"centre": place.ids["centre"]},
        )
    assert await posted(place, nats_server) == {"police": ["changed-telephones"], "centre": [], "city": []}
    (row,) = await place.rows("SELECT agency, subject, what, allowed FROM access_register WHERE action = 'told'")
    assert row == (place.ids["centre"], str(place.ids["she"]), "told:changed-telephones", False)
    assert [one for one in await place.rows("SELECT body FROM ledger_row") if '"told:changed-telephones"' in one.body]


async def test_a_yes_taken_back_before_it_was_told_is_told_as_over(place: Place, nats_server: Nats) -> None:
    """The unit never hears that it was given, and hears that it ended: it may hold what it has read meanwhile."""
    clerk, until = place.at("police"), place.clock.at + 86400
    given = await consent.given(
        place.desk, clerk, WORDS, Yes(place.ids["she"], place.ids["city"], (Data.PERSON,), until, "ko")
    )
    await consent.changed(place.desk, clerk, given, 1, consent.WITHDRAWN, None)
    assert (await posted(place, nats_server))["city"] == ["consent-withdrawn"]


async def test_who_keeps_the_file_sees_whom_a_change_reached_and_who_has_read_it(
    place: Place, nats_server: Nats
) -> None:
    """Each holder waits, is told, has read, or is not told any more; a new address reaches detection by the log. No value."""
    clerk, room = place.at("police"), place.at("centre", Role.MONITOR)
    desk = Desk(place.people, place.service, place.clock)

    async def states() -> list[tuple[list[str], list[str], str]]:
        found = await taken.changes(desk, clerk, place.ids["she"])
        assert NEW_TELEPHONE not in str(found)
        by = {place.ids[ref]: ref for ref in ("police", "centre")}
        return [(one["what"], sorted(f"{by[each['agency']]} {each['state']}" for each in one["holders"]), one["log"])
                for one in found]  # fmt: skip

    assert await states() == []
    await change(place, clerk, "she", telephones=[NEW_TELEPHONE])
    assert await states() == [(["telephones"], ["centre waiting", "police waiting"], "none")]
    await posted(place, nats_server)
    assert await states() == [(["telephones"], ["centre told", "police told"], "none")]
    place.clock.at += 1
    await subjects.open_person(desk, room, place.ids["she"])
    assert await states() == [(["telephones"], ["centre read", "police told"], "none")]
    place.clock.at += 1
    await change_order(place.service, place.clock, clerk, place.ids["order"], OrderChange.model_validate(
        {"version": 1, "places": [{"kind": "home", "lon": 127.2, "lat": 37.6, "radius_m": 100}]}))  # fmt: skip
    assert (await states())[0] == (["address"], ["centre waiting", "police waiting"], "waiting")
    async with place.service.transaction() as connection:
        await connection.execute(text("UPDATE access_grant SET ended_at = now()"))
        await connection.execute(text("DELETE FROM due WHERE kind = 'publish'"))
    await posted(place, nats_server)
    assert (await states())[0] == (["address"], ["centre withheld", "police told"], "taken")
    for who in (room, place.at("police", Role.DISPATCHER), place.at("police", Role.REVIEWER)):
        with pytest.raises(Forbidden):
            await taken.changes(desk, who, place.ids["she"])
    with pytest.raises(NotFound):
        await taken.changes(desk, place.at("others"), place.ids["she"])
    assert await place.rows("SELECT FROM access_register WHERE what = 'person_changes' AND allowed")


async def test_a_new_number_or_name_is_told_to_whoever_may_know_her_and_never_said(place: Place) -> None:
    """Every agency with a grant is paged that it changed; the value is in no page, no ledger row and no column."""
    clerk = place.at("police")
    both = {str(place.ids["police"]), str(place.ids["centre"])}
    assert await change(place, clerk, "she", telephones=[NEW_TELEPHONE], label="case 1, renamed") == [
        "label", "telephones"
    ]  # fmt: skip
    assert await told(place) == [("changed-label", both), ("changed-telephones", both)]
    desk, monitor = Desk(place.people, place.service, place.clock), place.at("centre", Role.MONITOR)
    assert (await subjects.open_person(desk, monitor, place.ids["she"])).person["label"] == "case 1, renamed"
    for row in await place.rows("SELECT * FROM person UNION ALL SELECT * FROM person WHERE false"):
        assert NEW_TELEPHONE not in str(row)
        assert "renamed" not in str(row)
    assert not [row for row in await place.rows("SELECT body FROM ledger_row") if "renamed" in row.body]
    assert await change(place, clerk, "she", telephones=[NEW_TELEPHONE]) == []
    assert len(await told(place)) == 2


async def test_searches_follow_her_new_number_and_ties_stay(place: Place) -> None:
    """The new number finds her, the old one nobody; her former partner at the other agency is kept out as before."""
    clerk, former = place.at("police"), Actor(
        place.accounts["former"], place.ids["centre"], Role.MONITOR, None, "former", uuid7()
    )  # fmt: skip
    assert await found(place, HER_TELEPHONE) == [place.ids["she"]]
    await change(place, clerk, "she", telephones=[NEW_TELEPHONE])
    assert await found(place, HER_TELEPHONE) == []
    assert await found(place, NEW_TELEPHONE) == [place.ids["she"]]
    with pytest.raises(NotFound):
        await subjects.open_person(Desk(place.people, place.service, place.clock), former, place.ids["she"])
    await change(place, clerk, "she", telephones=[HER_TELEPHONE])
    assert await found(place, HER_TELEPHONE) == [place.ids["she"]]


async def test_staff_near_to_her_by_the_new_number_are_found(place: Place) -> None:
    """A tie is found anew with each number: somebody else's number she now shares keeps their partner out."""
    clerk = place.at("police")
    former = Actor(place.accounts["former"], place.ids["centre"], Role.MONITOR, None, "former", uuid7())
    await change(place, clerk, "neighbour", telephones=[HER_TELEPHONE])
    ties = await place.rows("SELECT person FROM staff_tie WHERE account = :who", who=former.account)
    assert place.ids["neighbour"] in {row.person for row in ties}


async def test_a_new_address_is_told_and_its_place_is_not(place: Place) -> None:
    """A change of the order's places pages whoever may know her; a change of anything else does not."""
    clerk, order = place.at("police"), place.ids["order"]
    await change_order(
        place.service, place.clock, clerk, order, OrderChange.model_validate({"version": 1, "radius_m": 150})
    )
    assert await told(place) == []
    moved = {"version": 2, "places": [{"kind": "home", "lon": 127.03, "lat": 37.53, "radius_m": 120}]}
    await change_order(place.service, place.clock, clerk, order, OrderChange.model_validate(moved))
    ((what, rooms),) = await told(place)
    assert (what, rooms) == ("changed-address", {str(place.ids["police"]), str(place.ids["centre"])})


async def test_whose_file_it_is_changes_it(place: Place) -> None:
    """Another agency's registrar finds nobody; a number that is another person's is refused; nothing is no change."""
    with pytest.raises(NotFound):
        await change(place, place.at("centre"), "she", label="ours now")
    with pytest.raises(Conflict):
        await change(place, place.at("police"), "she", identifier=NUMBER)
    with pytest.raises(Malformed):
        await change(place, place.at("police"), "she")
    assert await change(place, place.at("police"), "she", identifier="850505-2345678") == ["identifier"]


async def where(place: Place) -> dict[str, tuple[object, ...]]:
    """Where the order's places lie, by kind and whose they are."""
    async with place.service.transaction() as connection:
        found = (await connection.execute(text("SELECT * FROM place"))).mappings()
        rows = [sealing.opened(connection, "place", row) for row in found]
    return {row["kind"]: (row["id"], row["lon"], row["lat"], row["radius_m"], row["secret"]) for row in rows}


@pytest.mark.parametrize("kind", ["home", "shelter"])
async def test_one_place_moves_and_the_others_stay_where_and_when_they_were(place: Place, kind: str) -> None:
    """The old one ends and a new one begins; hours and areas of the others stay; who may know her is told, and not where."""
    clerk, order, desk = place.at("police"), place.ids["order"], Desk(place.people, place.service, place.clock)
    area = [[[127.0, 37.0], [127.1, 37.0], [127.1, 37.1], [127.0, 37.0]]]
    hours = {"weekly": [{"days": ["mon"], "from": "08:00", "until": "15:00"}], "holidays": []}
    span = {"from": "2026-10-20T18:00:00+09:00", "until": "2026-10-21T08:00:00+09:00", "reason": "hospital"}
    entries = [
        {"kind": "home", "lon": 127.03, "lat": 37.53, "radius_m": 120},
        {"kind": "shelter", "secret": True, "lon": 127.04, "lat": 37.54, "radius_m": 80, "exceptions": [span]},
        {"kind": "school", "polygon": area, "margin_m": 20, "hours": hours, "exceptions": [span]},
        {"kind": "work", "lon": 127.05, "lat": 37.55, "radius_m": 100, "schedule": [span]},
    ]
    await change_order(
        place.service, place.clock, clerk, order, OrderChange.model_validate({"version": 1, "places": entries})
    )
    before, whole = await where(place), await place.rows("SELECT body FROM ledger_row")
    found = {one["kind"]: one for one in await moving.guarded(desk, clerk, place.ids["she"])}
    assert set(found) == {"home", "shelter", "school", "work"}
    assert not {"lon", "lat", "radius_m", "polygon"} & found["home"].keys(), "what they are, never where"
    there = PlaceMove(lon=127.0903127, lat=37.5903127)
    assert await moving.move(
        place.service, place.clock, clerk, place.ids["she"], found[kind]["id"], there
    ) == (order, 3)  # fmt: skip
    after = await where(place)
    assert {each: after[each] for each in after if each != kind} == {
        each: before[each] for each in before if each != kind
    }
    assert after[kind][0] != before[kind][0]
    assert after[kind][1:] == (127.0903127, 37.5903127, *before[kind][3:])
    async with place.service.transaction() as connection:
        found_one = (await connection.execute(text("SELECT * FROM place WHERE kind = 'school'"))).mappings().one()
        school = sealing.opened(connection, "place", found_one)
    assert (school["hours"], school["exceptions"][0]["reason"], school["margin_m"]) == (hours, "hospital", 20)
    assert [what for what, _ in await told(place)] == ["changed-address", "changed-address"]
    assert (await told(place))[-1][1] == {str(place.ids["police"]), str(place.ids["centre"])}
    rows = await place.rows(
        "SELECT body FROM ledger_row UNION ALL SELECT CAST(body AS text) FROM due WHERE kind = 'access-told'"
    )
    assert len(rows) > len(whole)
    assert not [row for row in rows if "0903127" in str(row.body)]
    with pytest.raises(NotFound):
        await moving.move(place.service, place.clock, clerk, place.ids["she"], found[kind]["id"], there)


async def test_who_does_not_keep_the_file_moves_no_place_and_an_area_needs_a_width(place: Place) -> None:
    """Another agency's registrar finds nobody; a place of the order's that is no home of hers is none; no size is guessed."""
    clerk, order, desk = place.at("police"), place.ids["order"], Desk(place.people, place.service, place.clock)
    area = [[[127.0, 37.0], [127.1, 37.0], [127.1, 37.1], [127.0, 37.0]]]
    entries = [{"kind": "school", "polygon": area}, {"kind": "park", "lon": 127.0, "lat": 37.5, "radius_m": 50}]
    await change_order(
        place.service, place.clock, clerk, order, OrderChange.model_validate({"version": 1, "places": entries})
    )
    (school,) = await moving.guarded(desk, clerk, place.ids["she"])
    there, whom = PlaceMove(lon=127.09, lat=37.59), place.ids["she"]
    with pytest.raises(NotFound):
        await moving.guarded(desk, place.at("centre"), whom)
    with pytest.raises(NotFound):
        await moving.move(place.service, place.clock, place.at("centre"), whom, school["id"], there)
    with pytest.raises(Malformed):
        await moving.move(place.service, place.clock, clerk, whom, school["id"], there)
    wide = PlaceMove(lon=127.09, lat=37.59, radius_m=60.0)
    assert (await moving.move(place.service, place.clock, clerk, whom, school["id"], wide))[1] == 3
