"""What an order brings with it: nobody and nowhere that its reader may not know of by a grant of its own.

A real desk and a real record; what is read over HTTP is asked of the database too, as people's sessions connect to it.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tests.integration.respond.test_respond_live import CLOCK, Desk, desk, until
from tests.integration.test_match import enter, ids
from tests.security.test_revoked import revoke, working
from tests.test_registry_world import HandClock, actor, world

from jikimi.identity.model import Actor, Role
from jikimi.identity.service import create_account, sign_in
from jikimi.kernel.clock import iso
from jikimi.kernel.ids import uuid7
from jikimi.registry import reading, subjects
from jikimi.registry.regimes import editions
from jikimi.registry.service import import_document, list_orders
from jikimi.share import grants
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import ARTICLES, Data, Purpose
from jikimi.store.database import Database
from jikimi.store.migrations import versions

__all__ = ["desk", "ids"]
WORK: dict[str, Any] = {"kind": "work", "lon": 127.01, "lat": 37.51, "radius_m": 100}
CURFEW: dict[str, Any] = {"kind": "curfew", "lon": 127.05, "lat": 37.55, "radius_m": 60}
COURT = {"lon": 127.06, "lat": 37.56, "radius_m": 100}


async def orders(desk: Desk, who: str) -> list[dict[str, Any]]:
    """The list of orders, as somebody is answered."""
    got = await desk.call(who, "GET", "/api/registry/orders")
    assert got.status_code == 200, got.text
    found: list[dict[str, Any]] = got.json()["orders"]
    return found


async def hers(desk: Desk, who: str) -> dict[str, Any]:
    """The order between him and her among them."""
    (found,) = [one for one in await orders(desk, who) if one["id"] == str(desk.site.ids["order"])]
    return found


async def revoked(desk: Desk, agency: str, whom: str) -> None:
    """A privacy officer ends every grant an agency has on somebody."""
    site = desk.site
    found = await site.rows("SELECT id FROM access_grant WHERE subject = :whom AND agency = :agency AND ended_at IS NULL",
                            whom=site.ids[whom], agency=site.ids[agency])  # fmt: skip
    assert found
    for row in found:
        assert (await desk.call("privacy", "POST", f"/api/access/grants/{row['id']}/end")).status_code == 204


async def test_the_police_of_one_victim_read_nothing_of_the_others_order(
    service: Database, people: Database, ids: dict[str, UUID]
) -> None:
    """Two agencies each hold an order against one wearer: neither is told that there is another, whom it protects or where."""
    first = await enter(service, ids, places=[WORK])
    second = await enter(service, ids, "others")
    desk = reading.Desk(people, service, HandClock())
    for agency, own in (("others", second), ("police", first)):
        for role in (Role.DISPATCHER, Role.REGISTRAR):
            (found,) = await list_orders(desk, actor(ids[agency], role))
            assert (found.id, found.offender, found.victim) == (own.ids["order"], ids["wearer"], own.ids["she"])
        file = await subjects.open_person(desk, actor(ids[agency]), ids["wearer"])
        assert [one["id"] for one in file.orders] == [own.ids["order"]]
    both = await list_orders(desk, actor(ids["centre"]))
    assert {one.victim for one in both} == {first.ids["she"], second.ids["she"]}


async def test_a_glass_broken_on_one_opens_nothing_of_the_other(desk: Desk) -> None:
    """A third agency opens him, then her, in an emergency: each time one subject, and of neither where anything is."""
    site = desk.site
    for whom, other in (("he", "she"), ("she4", "he4")):
        opened = {"subject": str(site.ids[whom]), "reason": "a man with a knife at the station"}
        assert (await desk.call("others", "POST", "/api/registry/people/glass", opened)).status_code == 201
        listed = await desk.call("others", "GET", "/api/registry/orders")
        file = await desk.call("others", "GET", f"/api/registry/people/{site.ids[whom]}")
        assert str(site.ids[whom]) in listed.text
        assert len(file.json()["orders"]) == 1
        assert str(site.ids[other]) not in listed.text + file.text
        assert "127.01" not in listed.text


async def test_a_support_unit_that_may_read_her_order_reads_no_place(desk: Desk) -> None:
    """She is asked with the words that where she is is not told, and says yes to her file and her order: no place comes along."""
    site = desk.site
    async with site.database.transaction() as connection:
        _, password = await create_account(connection, site.ids["helpers"], Role.SUPPORTER, "it-helper", None, None)
    desk.tokens["helper"] = (await sign_in(site.database, CLOCK, "it-helper", password))[0]
    yes = {"person": str(site.ids["she"]), "recipient": str(site.ids["helpers"]), "data": ["person", "order"],
           "until": iso(CLOCK.unix() + 86400)}  # fmt: skip
    assert (await desk.call("clerk", "POST", "/api/consents", yes)).status_code == 201
    (order,) = await orders(desk, "helper")
    assert (order["victim"], order["offender"], order["places"]) == (str(site.ids["she"]), None, [])


async def test_an_order_that_was_agreed_on_brings_no_place(desk: Desk) -> None:
    """What two privacy officers agree on is never a place: the recipient reads the order, and not where she works."""
    site = desk.site
    await site.execute(
        "INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, starts_at, ends_at) VALUES"
        " (:id, 'agreed', :others, :she, '{person,order}', :why, :article, now() - interval '1 min', now() + interval '1 day')",
        id=uuid7(), others=site.ids["others"], she=site.ids["she"], why=Purpose.APPROACH_RESPONSE.value,
        article=ARTICLES[Purpose.APPROACH_RESPONSE],
    )  # fmt: skip
    (order,) = await orders(desk, "others")
    assert (order["victim"], order["offender"], order["places"]) == (str(site.ids["she"]), None, [])


async def test_a_room_that_may_not_know_her_any_more_reads_his_order_without_her(desk: Desk) -> None:
    """A privacy officer ends what the centre may know of her: what it may know of him brings neither her id nor her work."""
    site = desk.site
    before = await hers(desk, "centre")
    assert (before["victim"], [one["kind"] for one in before["places"]]) == (str(site.ids["she"]), ["work"])
    await revoked(desk, "centre", "she")
    assert (await desk.call("centre", "GET", f"/api/registry/people/{site.ids['she']}")).status_code == 404
    after = await hers(desk, "centre")
    assert (after["offender"], after["victim"], after["places"]) == (str(site.ids["he"]), None, [])
    file = await desk.call("centre", "GET", f"/api/registry/people/{site.ids['he']}")
    assert [one["victim"] for one in file.json()["orders"]] == [None]
    assert {one["kind"] for one in (await hers(desk, "police"))["places"]} == {"shelter", "work"}


@pytest.fixture
async def small(service: Database) -> dict[str, UUID]:
    """The small world, with a curfew at his and a day in court, when he is elsewhere."""
    document = world()
    (order,) = document["orders"]
    order["places"].append(CURFEW)
    order["suspensions"] = [
        {"from": "2026-10-05T00:00:00Z", "until": "2026-10-06T00:00:00Z", "reason": "court", **COURT}
    ]
    return (await import_document(service, CLOCK, None, document)).ids


async def ended(service: Database, ids: dict[str, UUID], agency: str, whom: str) -> None:
    """Somebody ended what an agency may know of a party."""
    async with service.transaction() as connection:
        for one in await connection.execute(
            text("SELECT id FROM access_grant WHERE subject = :whom AND agency = :agency"),
            {"whom": ids[whom], "agency": ids[agency]},
        ):
            assert await grants.end(connection, one.id, uuid7(), CLOCK.unix())


async def test_where_he_has_to_be_is_his_and_where_she_is_guarded_hers(
    service: Database, people: Database, small: dict[str, UUID]
) -> None:
    """Without her the centre reads his curfew and where he is in court; without him what guards her, and neither of those."""
    desk, centre = reading.Desk(people, service, CLOCK), actor(small["centre"])

    async def read(who: Actor) -> tuple[UUID | None, UUID | None, set[str], bool]:
        (one,) = await list_orders(desk, who)
        return one.offender, one.victim, {place.kind for place in one.places}, "lon" in one.suspensions[0]

    assert await read(centre) == (small["he"], small["she"], {"work", "curfew"}, True)
    await ended(service, small, "centre", "she")
    assert await read(centre) == (small["he"], None, {"curfew"}, True)
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE access_grant SET ended_at = NULL, ended_by = NULL"))
    await ended(service, small, "centre", "he")
    assert await read(centre) == (None, small["she"], {"work"}, False)
    assert await read(actor(small["police"])) == (small["he"], small["she"], {"work", "curfew", "shelter"}, True)
    await ended(service, small, "centre", "she")
    assert await list_orders(desk, centre) == []


async def test_an_agency_keeps_the_places_it_entered_unless_its_access_was_ended(
    service: Database, people: Database, small: dict[str, UUID]
) -> None:
    """The order over, the police still read what they entered of it; what a privacy officer ended, they read no more."""
    desk, police = reading.Desk(people, service, CLOCK), actor(small["police"])
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE protective_order SET ended_at = now()"))
        await connection.execute(text("UPDATE access_grant SET ended_at = now()"))
    assert {place.kind for place in (await list_orders(desk, police))[0].places} == {"work", "curfew", "shelter"}
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE access_grant SET ended_at = NULL"))
    await ended(service, small, "police", "she")
    assert {place.kind for place in (await list_orders(desk, police))[0].places} == {"curfew"}


async def test_a_room_that_may_not_know_her_any_more_is_not_told_again_who_she_is(desk: Desk) -> None:
    """Her access ended by hand while an incident is open: resumed, open, in the list, the file and the overview no id of hers."""
    site = desk.site
    await working(desk, "centre")
    incident, she = (await site.incident())["id"], str(site.ids["she"])
    await revoke(desk, "centre", "she")
    for who, there in (("centre", False), ("police", True)):
        for after in (0, None):
            line = await desk.terminal(who, after)
            await until(lambda line=line: line.of("message") or line.of("welcome")[0]["open"])  # type: ignore[misc]
            told = [*line.of("message"), *line.of("welcome")[0]["open"]]
            assert (she in str(told)) == there
            assert str(site.ids["he"]) in str(told)
        for path in ("/api/incidents", f"/api/incidents/{incident}", "/api/overview"):
            answer = (await desk.call(who, "GET", path)).text
            assert (she in answer) == there, path
            assert str(site.ids["he"]) in answer, path
    (sight,) = (await desk.call("centre", "GET", "/api/overview")).json()["incidents"]
    assert (sight["victim"], sight["victim_label"]) == (None, "—")


async def test_places_are_read_for_a_purpose_that_reads_places(
    service: Database, people: Database, small: dict[str, UUID]
) -> None:
    """A monitor who names a notice to her reads her order, and no place: no policy lets that purpose read one."""
    desk, monitor = reading.Desk(people, service, CLOCK), actor(small["centre"], Role.MONITOR)
    for purpose, read in ((None, {"work", "curfew"}), (Purpose.COMPLIANCE_CHECK, {"work", "curfew"}),
                          (Purpose.VICTIM_NOTICE, set()), (Purpose.TRIAL, set())):  # fmt: skip
        (one,) = await list_orders(desk, replace(monitor, purpose=purpose))
        assert (one.victim, {place.kind for place in one.places}) == (small["she"], read)


async def test_the_database_denies_beneath_what_an_order_would_bring(
    service: Database, people: Database, small: dict[str, UUID]
) -> None:
    """A people's session of an agency that may know him alone: his order's row, without whom it names or a place of hers."""
    grant = Grant(Kind.GLASS, small["others"], small["he"], (Data.PERSON, Data.ORDER, Data.INCIDENT), Purpose.APPROACH_RESPONSE,
                  CLOCK.unix() - 60, CLOCK.unix() + 600, account=uuid7(), review_by=CLOCK.unix() + 600)  # fmt: skip
    async with service.transaction() as connection:
        await grants.give(connection, [grant])
    for column in ("offender", "victim", "*"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with people.transaction(small["others"], grant.account, grant.purpose) as connection:
                await connection.execute(text(f"SELECT {column} FROM protective_order"))
    asked = {"order": small["order"], "she": small["she"], "he": small["he"]}
    for account, seen in ((grant.account, [(small["order"], small["he"], None, False)]), (uuid7(), [])):
        async with people.transaction(small["others"], account, grant.purpose) as connection:
            found = await connection.execute(
                text("SELECT o.id, n.* FROM protective_order o CROSS JOIN LATERAL order_parties(o.id) n")
            )
            assert [tuple(row) for row in found] == seen
            by_id = await connection.execute(text("SELECT offender, victim FROM order_parties(:order)"), asked)
            assert [tuple(row) for row in by_id] == [row[1:3] for row in seen]
            for name, whose in (("he", [row[0] for row in seen]), ("she", [])):
                naming = await connection.execute(text(f"SELECT * FROM orders_naming(:{name})"), asked)
                assert list(naming.scalars()) == whose
            assert (await connection.execute(text("SELECT count(*) FROM place"))).scalar_one() == 0


def test_every_kind_of_place_where_he_has_to_be_is_known_as_his() -> None:
    """The database knows by name which places are his; what a regime adds to its areas is added there too."""
    (told,) = re.findall(r"what IN \(([^)]+)\)", Path(versions.__file__).with_name("0019_order_alone.sql").read_text())
    his = {kind for edition in editions("kr") for kind in edition.places.areas}
    assert {one.strip(" '") for one in told.split(",")} == his
