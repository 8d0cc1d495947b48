"""What was opened in an emergency is judged by somebody else: another person, not another account of the same."""

from uuid import UUID

import pytest
from sqlalchemy import text
from tests.integration.oversee_world import Place, document, entered

from jikimi.identity.model import Role
from jikimi.kernel.errors import Conflict
from jikimi.registry import glass
from jikimi.registry.service import Desk
from jikimi.share import granting, rules
from jikimi.store.database import Database

OPENER, JUDGE, CLERK, BETWEEN = "others-dispatcher", "others-reviewer", "others-registrar", "others-between"


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """The small world, with a room, a registrar and one account more at the agency that opens."""
    made = document()
    made["accounts"] += [
        {"agency": "others", "name": OPENER, "role": "dispatcher"},
        {"agency": "others", "name": CLERK, "role": "registrar"},
        {"agency": "others", "name": BETWEEN, "role": "registrar"},
    ]
    return await entered(service, people, made)


async def made_by(place: Place, *pairs: tuple[str, str]) -> None:
    """Say of accounts which made them."""
    async with place.service.transaction() as connection:
        for account, maker in pairs:
            values = {"id": place.accounts[account], "by": place.accounts[maker]}
            await connection.execute(text("UPDATE account SET made_by = :by WHERE id = :id"), values)


async def opened(place: Place) -> UUID:
    """A room opens the neighbour's file in an emergency."""
    desk, who = Desk(place.people, place.service, place.clock), place.at("others", Role.DISPATCHER)
    return (await glass.break_glass(desk, who, rules.load("kr"), place.ids["neighbour"], "she cries for help")).grant


@pytest.mark.parametrize(
    "line",
    [
        [(OPENER, JUDGE)],
        [(JUDGE, OPENER)],
        [(OPENER, BETWEEN), (BETWEEN, JUDGE)],
        [(JUDGE, BETWEEN), (BETWEEN, OPENER)],
    ],
)
async def test_nobody_judges_by_an_account_that_made_or_was_made_by_the_opener_s(
    place: Place, line: list[tuple[str, str]]
) -> None:
    """Refused in the words of one's own, on the register, and still to be judged, which the keeper's privacy officer does."""
    grant = await opened(place)
    own = granting.judged(place.desk, place.at("others", Role.REVIEWER), grant, upheld=True)
    await made_by(place, *line)
    with pytest.raises(Conflict) as refused:
        await own
    async with place.service.transaction() as connection:
        await connection.execute(text("UPDATE account SET made_by = NULL"))
        whose = {"id": grant, "account": place.accounts[JUDGE]}
        await connection.execute(text("UPDATE access_grant SET account = :account WHERE id = :id"), whose)
    with pytest.raises(Conflict) as of_one_s_own:
        await granting.judged(place.desk, place.at("others", Role.REVIEWER), grant, upheld=True)
    assert refused.value.problem() == of_one_s_own.value.problem()
    asked = "SELECT account, allowed FROM access_register WHERE what = 'grant_review' ORDER BY id"
    assert [tuple(row) for row in await place.rows(asked)] == [(place.accounts[JUDGE], False)] * 2
    await granting.judged(place.desk, place.at("police", Role.REVIEWER), grant, upheld=False)


async def test_a_registrar_who_makes_every_account_makes_nobody_of_them_one_person(place: Place) -> None:
    """One account made the room's and the privacy officer's: they judge each other all the same."""
    await made_by(place, (OPENER, CLERK), (JUDGE, CLERK))
    await granting.judged(place.desk, place.at("others", Role.REVIEWER), await opened(place), upheld=True)
    (row,) = await place.rows("SELECT upheld, reviewer FROM access_grant WHERE kind = 'glass'")
    assert (row.upheld, row.reviewer) == (True, place.accounts[JUDGE])
