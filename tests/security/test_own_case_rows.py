"""One's own case beneath every route: no table that people read tells whoever is tied to it anything of it."""

from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from tests.integration.oversee_world import HER_TELEPHONE, MATCHER, document
from tests.test_registry_world import CLOCK

from jikimi.identity.model import Actor, Role
from jikimi.registry.service import import_document
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
