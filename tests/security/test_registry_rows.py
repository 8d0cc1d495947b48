"""Which rows an agency sees, asked of the database itself as people's sessions connect to it."""

from dataclasses import asdict
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tests.test_registry_world import CLOCK, actor, built

from jikimi.identity.model import Role
from jikimi.kernel.errors import Forbidden
from jikimi.registry.service import Desk, list_orders, list_people, list_units
from jikimi.store.database import Database


@pytest.fixture
async def ids(service: Database) -> dict[str, UUID]:
    """The world, by ref."""
    return (await built(service)).ids


@pytest.fixture
def desk(service: Database, people: Database) -> Desk:
    """What reading takes."""
    return Desk(people, service, CLOCK)


async def test_people_are_known_to_their_agency_and_to_the_other_side_of_an_order(
    desk: Desk, ids: dict[str, UUID]
) -> None:
    """The monitoring agency knows the two parties of its order, and none of the police's other people."""
    refs = {value: key for key, value in ids.items()}

    async def seen(agency: str) -> set[str]:
        return {refs[one.id] for one in await list_people(desk, actor(ids[agency]))}

    assert await seen("police") == {"he", "she", "neighbour"}
    assert await seen("centre") == {"he", "she"}
    assert await seen("others") == {"foreign"}


async def test_orders_are_known_to_both_agencies_and_to_nobody_else(desk: Desk, ids: dict[str, UUID]) -> None:
    """Both agencies of an order see the same order, a third sees none."""
    police, centre = [(await list_orders(desk, actor(ids[agency])))[0] for agency in ("police", "centre")]
    assert {**asdict(police), "places": ()} == {**asdict(centre), "places": ()}
    assert await list_orders(desk, actor(ids["others"])) == []


async def test_a_secret_place_is_its_agencys_alone_and_nowhere_even_there(desk: Desk, ids: dict[str, UUID]) -> None:
    """The other agency does not learn that there is a secret place; its own reads that it is, and not where."""
    police = (await list_orders(desk, actor(ids["police"])))[0]
    centre = (await list_orders(desk, actor(ids["centre"])))[0]
    assert [place.kind for place in centre.places] == ["work"]
    secret = next(place for place in police.places if place.secret)
    assert (secret.lon, secret.lat, secret.radius_m, secret.polygon) == (None, None, None, None)
    assert next(place for place in police.places if not place.secret).lon == 127.01


async def test_units_are_their_agencys_until_they_work_together(desk: Desk, ids: dict[str, UUID]) -> None:
    """Without a common incident no agency sees another's units."""
    for agency, callsign in (("police", "P-1"), ("centre", "M-1"), ("others", "X-1")):
        assert [unit.callsign for unit in await list_units(desk, actor(ids[agency]))] == [callsign]


async def test_a_session_without_an_agency_sees_nothing(people: Database, ids: dict[str, UUID]) -> None:
    """A forgotten agency is no agency: not one row of any table."""
    assert ids
    async with people.transaction() as connection:
        for table in ("agency", "station", "unit", "person", "carry", "protective_order", "place", "jurisdiction"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT key_digest FROM device", "SELECT * FROM due", "SELECT * FROM account", "SELECT * FROM staff_mark",
            "SELECT * FROM staff_tie", "SELECT * FROM person_mark", "DELETE FROM access_register",
        "UPDATE unit SET status = 'off'", "UPDATE protective_order SET radius_m = 1", "DELETE FROM place",
        "INSERT INTO person VALUES (gen_random_uuid(), gen_random_uuid(), 'x')", "TRUNCATE carry",
    ],
)  # fmt: skip
async def test_peoples_sessions_read_and_nothing_else(people: Database, ids: dict[str, UUID], statement: str) -> None:
    """Keys, the outbox and accounts cannot be read, and nothing can be written, by a session for people."""
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with people.transaction(ids["police"]) as connection:
            await connection.execute(text(statement))


async def test_every_look_is_on_the_register_before_it_happens(desk: Desk, ids: dict[str, UUID]) -> None:
    """Each list read leaves a row with account, action and article; an officer's try leaves no rows to see."""
    reader = actor(ids["police"], Role.DISPATCHER)
    await list_people(desk, reader)
    await list_orders(desk, reader)
    await list_units(desk, reader)
    async with desk.service.transaction() as connection:
        rows = (
            await connection.execute(text("SELECT account, action, what FROM access_register ORDER BY at, id"))
        ).all()
    assert [tuple(row) for row in rows] == [
        (reader.account, "read_registry", what) for what in ("people", "orders", "units")
    ]
    for look in (list_people, list_orders, list_units):
        with pytest.raises(Forbidden):
            await look(desk, actor(ids["police"], Role.POLICE_OFFICER, ids["patrol"]))
