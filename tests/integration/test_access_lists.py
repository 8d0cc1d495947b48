"""Lists are looks at everybody they name: told to her, counted for the rate, found by a reviewer, printed where law asks."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from jikimi.identity.model import Actor, Role
from jikimi.kernel.ids import uuid7
from jikimi.oversee import answering_him, forms, telling_her, using
from jikimi.registry import subjects
from jikimi.registry.service import Desk, list_orders, list_people
from jikimi.respond.repository import incidents
from jikimi.share import review, rules
from jikimi.share.policy import Purpose
from jikimi.share.register import digest_of
from jikimi.store.database import Database
from tests.integration.oversee_world import Place, document, entered

SEOUL, MONTH = 9 * 3600, 30 * 86400.0
RULES = rules.load("kr")
_INCIDENT = """
INSERT INTO incident (id, pair, "order", offender, victim, police_agency, monitoring_agency, priority, status, opened_at)
SELECT gen_random_uuid(), gen_random_uuid(), id, offender, victim, police_agency, monitoring_agency, 0, 'Active', now()
FROM protective_order RETURNING id
"""
_CLOSED = """
UPDATE incident SET status = 'Closed', closed_at = to_timestamp(:at), cause = 'a', response = 'b', outcome = 'c' RETURNING id
"""


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """The small world."""
    return await entered(service, people)


def reading(place: Place) -> Desk:
    """What lists are read by."""
    return Desk(place.people, place.service, place.clock)


def known(place: Place, name: str, agency: str, role: Role) -> Actor:
    """Somebody of an account the database knows."""
    return Actor(place.accounts[name], place.ids[agency], role, None, name, uuid7())


async def told(place: Place) -> list[tuple[str, str]]:
    """What she is told of her looks, but that she was told."""
    found = await telling_her.looks(place.desk, place.at("police"), place.ids["she"], SEOUL, MONTH)
    return sorted((one["agency"], one["what"]) for one in found if one["what"] != "looks_told")


async def found(place: Place, who: Actor, whom: str) -> set[tuple[UUID, str]]:
    """Who looked at somebody, as a reviewer finds it."""
    rows = await review.looks(place.desk, who, subject=place.ids[whom], account=None, before=None, limit=100)
    return {(row["account"], row["what"]) for row in rows if row["what"] not in ("register", "looks_told")}


async def count(place: Place, table: str) -> int:
    """Rows of a table."""
    ((rows,),) = await place.rows(f"SELECT count(*) FROM {table}")
    return int(rows)


async def test_whoever_read_her_in_a_list_is_told_to_her(place: Place) -> None:
    """The list of people and the list of orders, by both agencies, and no list that she was not in."""
    assert await told(place) == []
    await list_people(reading(place), place.at("others"))
    await list_orders(reading(place), place.at("others"))
    assert await told(place) == []
    await list_people(reading(place), place.at("police"))
    await list_orders(reading(place), place.at("centre", Role.MONITOR))
    assert await told(place) == [("Hanbit Monitoring", "orders"), ("Hanbit Police", "people")]


async def test_a_page_that_asks_again_and_again_floods_nothing_and_leaves_out_nobody(place: Place) -> None:
    """Each asking is on the register, whom they named is kept once, she is told of one look a day, and whoever comes is named."""
    clerk = place.at("police")
    for _ in range(20):
        await list_people(reading(place), clerk)
    rows = await place.rows("SELECT named FROM access_register WHERE what = 'people'")
    assert len(rows) == 20
    assert (len({row.named for row in rows}), await count(place, "access_named")) == (1, 1)
    assert await told(place) == [("Hanbit Police", "people")]
    new = uuid7()
    await place.rows(
        "INSERT INTO person (id, agency, label) VALUES (:id, :agency, '') RETURNING id", id=new, agency=clerk.agency
    )
    listed = await list_people(reading(place), clerk)
    named = {one for row in await place.rows("SELECT ids FROM access_named") for one in row.ids}
    assert new in named
    assert named == {one.id for one in listed}


async def test_the_ledger_holds_the_digest_of_whom_a_list_named(place: Place) -> None:
    """One row of each under one id, whom it named beside the register's only: neither is changed without the other."""
    seen = await list_people(reading(place), place.at("police"))
    ((entry, digest),) = await place.rows("SELECT id, named FROM access_register WHERE what = 'people'")
    ((body,),) = await place.rows("SELECT body FROM ledger_row WHERE id = :id", id=entry)
    assert json.loads(body)["digest"] == digest == digest_of(sorted(one.id for one in seen))
    assert not any(str(one.id) in body for one in seen)


async def test_a_list_that_names_nobody_is_a_look_at_nobody(place: Place) -> None:
    """It is on the register and names nothing."""
    await list_orders(reading(place), place.at("others"))
    ((named, subject),) = await place.rows("SELECT named, subject FROM access_register WHERE what = 'orders'")
    assert (named, subject, await count(place, "access_named")) == (None, "", 0)


async def test_paging_through_the_files_is_browsing(place: Place) -> None:
    """People seen in pages are counted once each with those seen one by one; orders and incidents are no people."""
    clerk, privacy = place.at("police"), place.at("police", Role.REVIEWER)
    few = replace_limit(2)
    await list_orders(reading(place), clerk)
    assert "many-people" not in {row["kind"] for row in await review.unusual(place.desk, privacy, few)}
    after = UUID(int=0)
    while page := await list_people(reading(place), clerk, after, 1):
        after = page[0].id
    await subjects.open_person(reading(place), clerk, place.ids["she"])
    shown = [row for row in await review.unusual(place.desk, privacy, few) if row["kind"] == "many-people"]
    assert [(row["account"], row["count"]) for row in shown] == [(clerk.account, 3)]
    assert await review.unusual(place.desk, place.at("others", Role.REVIEWER), few) == []


def replace_limit(subjects_an_hour: int) -> rules.AccessRules:
    """The rules with another number of people an hour."""
    edition: dict[str, Any] = {name: getattr(RULES, name) for name in RULES.__struct_fields__}
    return rules.AccessRules(**{**edition, "subjects_an_hour": subjects_an_hour})


async def test_a_reviewer_finds_lists_by_whom_they_named(place: Place) -> None:
    """Those of the own staff, and of another agency's staff that named an own file; nobody else's, nor in the own case."""
    clerk, monitor, stranger = place.at("police"), place.at("centre", Role.MONITOR), place.at("others")
    await list_people(reading(place), clerk)
    await list_orders(reading(place), monitor)
    await list_people(reading(place), stranger)
    police, centre = place.at("police", Role.REVIEWER), place.at("centre", Role.REVIEWER)
    both = {(clerk.account, "people"), (monitor.account, "orders")}
    assert await found(place, police, "she") == both
    assert await found(place, centre, "she") == {(monitor.account, "orders")}
    assert await found(place, police, "neighbour") == {(clerk.account, "people")}
    assert await found(place, police, "foreign") == set()
    assert await found(place, place.at("others", Role.REVIEWER), "she") == set()
    tie = "INSERT INTO staff_tie (account, person, relation) VALUES (:who, :whom, 'kin') RETURNING account"
    await place.rows(tie, who=police.account, whom=place.ids["she"])
    assert await found(place, police, "she") == set()
    rows = await review.looks(place.desk, police, subject=None, account=monitor.account, before=None, limit=100)
    assert rows == []


async def test_people_s_sessions_read_nothing_of_whom_lists_named(place: Place) -> None:
    """Only a reviewer is answered, and by the functions made for it."""
    await list_people(reading(place), place.at("police"))
    room = place.at("police", Role.DISPATCHER)
    async with place.people.transaction(room.agency, room.account, "APPROACH_RESPONSE") as connection:
        asked = text("SELECT lists_naming(CAST(:whom AS text))")
        assert (await connection.execute(asked, {"whom": str(place.ids["she"])})).all() == []
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute(text("SELECT ids FROM access_named"))


async def test_a_list_of_incidents_is_told_her_when_looks_at_them_are(place: Place) -> None:
    """Not while it is open nor for a month after: the paper would tell that she called."""
    await place.rows(_INCIDENT)
    room = place.at("police", Role.DISPATCHER)
    assert len(await incidents(place.people, place.service, place.clock, room)) == 1
    assert await told(place) == []
    await place.rows(_CLOSED, at=place.clock.at - MONTH / 2)
    assert await told(place) == []
    await place.rows(_CLOSED, at=place.clock.at - 2 * MONTH)
    assert await told(place) == [("Hanbit Police", "incidents")]


async def test_a_list_read_for_a_statutory_use_is_on_the_register_of_uses(service: Database, people: Database) -> None:
    """One entry for each wearer it named, and in his own answer; the usual purpose's is on neither."""
    made = document()
    made["orders"] += [{**{name: said for name, said in made["orders"][0].items() if name not in ("ref", "victim", "rings_m")},
                        "offender": "neighbour", "places": made["orders"][0]["places"][:1]}]  # fmt: skip
    made["devices"] += [{"ref": "tag2", "agency": "centre", "kind": "tag", "external_id": "tag-2", "interval_s": 60}]
    made["carries"] += [{"device": "tag2", "person": "neighbour", "since": made["carries"][0]["since"]}]
    place = await entered(service, people, made)
    monitor, privacy = place.at("centre", Role.MONITOR), place.at("centre", Role.REVIEWER)
    await list_people(reading(place), monitor)
    await list_people(reading(place), replace(monitor, purpose=Purpose.TRIAL.value))
    span = using.Span(place.clock.at - 86400, place.clock.at + 60)
    drawn = await using.entries(place.desk, privacy, forms.usage("kr"), "44-10", span)
    entries = [(one["person"], one["what"], one["purpose"]) for one in drawn.entries]
    assert sorted(entries) == sorted((place.ids[whom], "people", "TRIAL") for whom in ("he", "neighbour"))
    own = await answering_him.printed(place.desk, place.at("police"), forms.own_data("kr"), place.ids["he"], SEOUL)
    assert "재판" in own.source()
