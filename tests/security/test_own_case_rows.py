"""One's own case beneath every route: no table that people read tells whoever is tied to it anything of it."""

import json
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from tests.integration.oversee_world import HER_TELEPHONE, MATCHER, document
from tests.test_registry_world import CLOCK

from jikimi.identity.model import Actor, Role
from jikimi.registry.service import Desk as Reading
from jikimi.registry.service import import_document, list_units, locate
from jikimi.share import register, review
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, require
from jikimi.store.database import Database

OF_A_CASE = ("person", "offender", "victim", "subject", "incident", "incidents", "order", "pair", "alert", "device")
BY_ANOTHER = {
    "tasking": "seen where its incident is",
    "handover": "seen where every incident and order it names is",
    "place": "seen where its order is",
    "delivery": "seen where its alert is",
}
"""Tables whose policy does not ask itself, and which policy it leaves that to."""
_READ = """
SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND has_any_column_privilege('jikimi_people', c.oid, 'SELECT') AND (a.attname = ANY(%s) OR c.relname = ANY(%s))
"""
_POLICIES = """
SELECT tablename, string_agg(qual, ' ') FROM pg_policies WHERE 'jikimi_people' = ANY(roles) GROUP BY tablename
"""
_ASKED = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"


def test_every_table_of_a_case_asks_whose_own_it_is(database_url: str) -> None:
    """Whatever people may read of a person, an order or an incident is kept from whoever is tied to it."""
    with psycopg.connect(database_url) as connection:
        read = {name for (name,) in connection.execute(_READ, (list(OF_A_CASE), list(OF_A_CASE)))}
        policies = {str(name): str(asks) for name, asks in connection.execute(_POLICIES)}
        asked = {name for (name,) in connection.execute(_ASKED)}
    assert {"person", "carry", "device", "access_register", "feed_message", "standing_plan", "alert"} <= read <= asked
    assert {name for name in read if "tied" not in policies.get(name, "")} == set(BY_ANOTHER)


@pytest.fixture
async def world(service: Database) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Two reviewers of the police, one of them her former partner; by name the ids and the accounts."""
    made = document()
    made["accounts"] += [
        {"agency": "police", "name": "looks", "role": "reviewer"},
        {"agency": "police", "name": "her-former", "role": "reviewer",
         "near": [{"relation": "partner", "telephone": HER_TELEPHONE}]},
    ]  # fmt: skip
    entered = await import_document(service, CLOCK, None, made, MATCHER)
    return entered.ids, {account.name: account.id for account in entered.accounts}


async def test_what_a_room_was_told_outside_of_any_incident_is_kept_from_whoever_it_names(
    service: Database, people: Database, world: tuple[dict[str, UUID], dict[str, UUID]]
) -> None:
    """By him or by her, sealed or not; of a sealed row that says not whom it names, whoever is tied to anybody reads nothing."""
    ids, accounts = world
    rows = [
        ("alert", {"offender_id": str(ids["he"]), "victim_id": None}, True), ("alert", {"victim_id": str(ids["she"])}, True),
        ("alert", {"offender_id": str(ids["he"])}, False), ("alert", {}, True), ("tasking", {}, False),
        ("alert", {"offender_id": str(uuid4()), "victim_id": None}, True), ("alert", {"offender_id": None}, False),
        ("page", {"why": "no-unit"}, False),
    ]  # fmt: skip
    async with service.transaction() as connection:
        await connection.execute(text("INSERT INTO feed (id, agency, seq) VALUES ('room:y', :police, 9)"), ids)
        for seq, (kind, body, sealed) in enumerate(rows):
            await connection.execute(
                text("INSERT INTO feed_message (feed, seq, agency, at, kind, body, sealed) VALUES ('room:y', :seq, :police, now(),"
                     " :kind, CAST(:body AS jsonb), :sealed)"),
                {"seq": seq, "police": ids["police"], "kind": kind, "body": json.dumps(body), "sealed": b"x" if sealed else None},
            )  # fmt: skip
    for who, expected in (("looks", list(range(len(rows)))), ("her-former", [5, 6, 7])):
        async with people.transaction(ids["police"], accounts[who]) as connection:
            found = await connection.execute(text("SELECT seq FROM feed_message WHERE feed = 'room:y' ORDER BY seq"))
            assert [row.seq for row in found] == expected, who


async def test_where_a_unit_is_that_works_on_the_own_case_is_not_read(
    service: Database, people: Database, world: tuple[dict[str, UUID], dict[str, UUID]]
) -> None:
    """In the list of units and in what is nearest to a point, while it is under way: to her former partner, to nobody else."""
    ids, accounts = world
    unit, incident = uuid4(), uuid4()
    case = {"id": incident, "order": ids["order"], "he": ids["he"], "she": ids["she"], "police": ids["police"],
            "other": uuid4(), "unit": unit}  # fmt: skip
    async with service.transaction() as connection:
        for statement in (
            (
                'INSERT INTO incident (id, pair, "order", offender, victim, police_agency, priority, status, opened_at)'
                " VALUES (:id, :other, :order, :he, :she, :police, 0, 'Active', now())"
            ),
            (
                "INSERT INTO unit (id, agency, kind, callsign, status, lon, lat, sigma_m, position_at)"
                " VALUES (:unit, :police, 'police', 'P-77', 'available', 127.0, 37.5, 5, now())"
            ),
            (
                "INSERT INTO alert (id, incident, code, pair, police_agency, at, decided_at, recorded_at, grade, state)"
                " VALUES (:other, :id, 'A02', :other, :police, now(), now(), now(), 'live', 'open')"
            ),
            (
                "INSERT INTO tasking (id, incident, alert, unit, agency, police_agency, toward, state, reasons, tasked_at)"
                " VALUES (:id, :id, :other, :unit, :police, :police, 'victim', 'tasked', '{}', now())"
            ),
        ):
            await connection.execute(text(statement), case)
    desk = Reading(people, service, CLOCK)

    async def shown(name: str) -> tuple[float | None, float | None]:
        who = Actor(accounts[name], ids["police"], Role.DISPATCHER, None, name, uuid4())
        (one,) = [one for one in await list_units(desk, who) if one.id == unit]
        (near,) = [one for one in (await locate(desk, who, 127.0, 37.5))["units"] if one["callsign"] == "P-77"]
        assert (one.lat, one.sigma_m, one.position_at) == (None, None, None) or one.lon is not None
        return one.lon, near["distance_m"]

    assert await shown("looks") == (127.0, 0.0)
    assert await shown("her-former") == (None, None)
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE tasking SET ended_at = now() WHERE id = :id"), case)
    assert await shown("her-former") == (127.0, 0.0)


async def test_a_reviewer_does_not_see_who_looked_at_the_own_case(
    service: Database, people: Database, world: tuple[dict[str, UUID], dict[str, UUID]]
) -> None:
    """Looks at her, at the order and at an incident of hers are read by another reviewer, and not by her former partner."""
    ids, accounts = world
    incident, police = uuid4(), ids["police"]
    looker = Actor(accounts["looks"], police, Role.REVIEWER, None, "looks", uuid4())
    former = Actor(accounts["her-former"], police, Role.REVIEWER, None, "her-former", uuid4())
    rule, looked = require(looker, Action.READ_REGISTER), [ids["she"], ids["order"], incident]
    case = {
        "id": incident,
        "order": ids["order"],
        "he": ids["he"],
        "she": ids["she"],
        "police": police,
        "other": uuid4(),
    }
    async with service.transaction() as connection:
        await connection.execute(
            text('INSERT INTO incident (id, pair, "order", offender, victim, police_agency, priority, status, opened_at)'
                 " VALUES (:id, :other, :order, :he, :she, :police, 0, 'Active', now())"), case)  # fmt: skip
        await connection.execute(
            text("INSERT INTO standing_plan (pair, police_agency, made_at, body, gaps) VALUES (:other, :police, now(),"
                 " jsonb_build_object('order', CAST(:order AS text)), '[]')"), case)  # fmt: skip
        await connection.execute(
            text("INSERT INTO alert (id, code, pair, police_agency, at, decided_at, recorded_at, grade, state)"
                 " VALUES (:id, 'A02', :other, :police, now(), now(), now(), 'live', 'open')"), case)  # fmt: skip
        await connection.execute(text("INSERT INTO feed (id, agency, seq) VALUES ('room:x', :police, 2)"), case)
        await connection.execute(
            text("INSERT INTO feed_message (feed, seq, agency, at, kind, body) VALUES ('room:x', 1, :police, now(), 'x',"
                 " jsonb_build_object('person', CAST(:she AS text)))"), case)  # fmt: skip
        for whom in looked:
            await register.record(
                connection, CLOCK, looker, rule.action, rule.purpose, rule.article, "incident", whom
            )  # fmt: skip
    desk, seen = Desk(people, service, CLOCK), set(map(str, looked))
    for who, expected in ((looker, seen), (former, set())):
        found = await review.looks(desk, who, subject=None, account=None, before=None, limit=500)
        assert {row["subject"] for row in found} & seen == expected
        async with people.transaction(who.agency, who.account) as connection:
            for table in ("carry", "device", "standing_plan", "alert", "feed_message"):
                there = (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
                assert bool(there) == (who is looker), table
