"""Hers by consent are kept three days, and the day of an incident until the law ends it."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Destroyed
from jikimi.oversee import rolling, rules
from jikimi.oversee.rolling import DAY_S
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import Database
from jikimi.store.due import Due
from tests.test_registry_world import HandClock

HER, CALM = uuid4(), uuid4()


async def incident(service: Database, since: float, until: float | None) -> None:
    """One of hers, open for that long."""
    async with service.transaction() as connection:
        police = uuid4()
        await connection.execute(text("INSERT INTO agency VALUES (:id, 'police', 'P')"), {"id": police})
        await connection.execute(
            text("INSERT INTO incident (id, pair, victim, police_agency, priority, status, opened_at, closed_at, cause, response,"
                 " outcome) VALUES (:id, :id, :her, :police, 1, :status, :since, :until, :code, :code, :code)"),
            {"id": uuid4(), "her": HER, "police": police, "since": moment(since), "until": until and moment(until),
             "status": "Closed" if until else "Active", "code": "x" if until else None},
        )  # fmt: skip


@pytest.mark.parametrize("closed", [True, False])
async def test_days_go_by_themselves_and_the_day_of_an_incident_stays(
    service: Database,
    custody: Custody,
    closed: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Eight days of two women: of the calm one the last are left, of the other the day of her incident too."""
    clock = HandClock()
    run, began = rolling.handler(clock, rules.load("kr")), clock.at
    await incident(service, began + 1.5 * DAY_S, began + 1.6 * DAY_S if closed else None)
    said: dict[UUID, list[bytes]] = {HER: [], CALM: []}
    for day in range(8):
        clock.at = began + day * DAY_S
        async with service.transaction() as connection:
            await run(connection, Due(uuid4(), rolling.KIND, "positions", clock.at, 0, {}))
        for whose, sealed in said.items():
            sealed.append(custody.seal(Kind.AGREED, whose, b"here"))

    def left(whose: UUID) -> list[int]:
        found = []
        for day, sealed in enumerate(said[whose]):
            try:
                custody.open(sealed)
                found.append(day)
            except Destroyed:
                continue
        return found

    assert left(CALM) == [4, 5, 6, 7]
    assert left(HER) == ([1, 4, 5, 6, 7] if closed else [1, 2, 3, 4, 5, 6, 7])
    async with service.transaction() as connection:
        rows = (await connection.execute(text("SELECT count(*) FROM due WHERE kind = 'roll'"))).scalar_one()
        assert rows == 8
        assert (await connection.execute(text("SELECT body FROM ledger_row"))).all()


async def test_it_is_begun_once(service: Database) -> None:
    """However often a responder starts, one row waits."""
    for _ in range(3):
        await rolling.begin(service, 1.0)
    async with service.transaction() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM due WHERE kind = 'roll'"))).scalar_one() == 1


async def test_what_is_held_as_evidence_is_not_rolled_over(service: Database, custody: Custody) -> None:
    """While a destruction of hers is held, no day of hers goes by itself; afterwards they do."""
    clock = HandClock()
    run, began, police = rolling.handler(clock, rules.load("kr")), clock.at, uuid4()
    async with service.transaction() as connection:
        await connection.execute(text("INSERT INTO agency VALUES (:id, 'police', 'P')"), {"id": police})
        await connection.execute(text("INSERT INTO person (id, agency) VALUES (:id, :p)"), {"id": HER, "p": police})
        await connection.execute(
            text("INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry, held_until)"
                 " VALUES (:id, :p, :her, 'consent_withdrawn', 'x', '{consent}', now(), :id, false, :until)"),
            {"id": uuid4(), "p": police, "her": HER, "until": moment(began + 6.5 * DAY_S)},
        )  # fmt: skip
    sealed = []
    for day in range(9):
        clock.at = began + day * DAY_S
        async with service.transaction() as connection:
            await run(connection, Due(uuid4(), rolling.KIND, "positions", clock.at, 0, {}))
        sealed.append(custody.seal(Kind.AGREED, HER, b"here"))
        if day == 6:
            assert [custody.open(one) for one in sealed] == [b"here"] * 7
    with pytest.raises(Destroyed):
        custody.open(sealed[0])
