"""The register of accesses, and what one agency sees of another, on a real database."""

import json
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.kernel.ids import uuid7
from jikimi.kernel.units import UnixTime
from jikimi.ledger.fields import UnfitForLedger
from jikimi.share.policy import Action, require
from jikimi.share.register import record
from jikimi.store.database import Database


class Hand:
    """A clock set by hand."""

    def unix(self) -> UnixTime:
        """One moment."""
        return UnixTime(1_780_000_000.25)


MONITOR = Actor(uuid7(), uuid7(), Role.MONITOR, None, "monitor", uuid7())


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("subject", [uuid7(), str(uuid7()), None], ids=["id", "text", "nobody"])
async def test_an_access_is_in_the_register_and_on_the_ledger(
    service: Database,
    subject: UUID | str | None,
    allowed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Who, when, for what, under which article, about whom and with what answer stand in both, under one id."""
    rule = require(MONITOR, Action.FOLLOW_LIVE_POSITIONS)
    async with service.transaction() as connection:
        entry = await record(
            connection, Hand(), MONITOR, rule.action, rule.purpose, rule.article, "live_positions", subject, allowed
        )
    async with service.transaction() as connection:
        row = (await connection.execute(text("SELECT * FROM access_register"))).mappings().one()
        body = json.loads((await connection.execute(text("SELECT body FROM ledger_row"))).scalar_one())
    assert row["id"] == entry
    assert row["at"].timestamp() == 1_780_000_000.25
    assert (row["account"], row["agency"], row["allowed"]) == (MONITOR.account, MONITOR.agency, allowed)
    assert (row["purpose"], row["article"]) == ("SUPERVISION", "전자장치 부착 등에 관한 법률 제16조")
    assert (row["action"], row["what"], row["subject"]) == (rule.action.value, "live_positions", str(subject or ""))
    assert body == {
        "id": str(entry),
        "at": "2026-05-28T20:26:40.250000Z",
        "kind": "access",
        "account": str(MONITOR.account),
        "agency": str(MONITOR.agency),
        "session": str(MONITOR.session),
        "action": "follow_live_positions",
        "purpose": "SUPERVISION",
        "article": "전자장치 부착 등에 관한 법률 제16조",
        "what": "live_positions",
        "subject": str(subject) if subject else None,
        "allowed": allowed,
    }


@pytest.mark.parametrize(("what", "subject"), [("search for Kim Jihoon", None), ("incident", "Kim Jihoon")])
async def test_words_about_a_person_do_not_get_into_the_register(
    service: Database, what: str, subject: str | None
) -> None:
    """A search's words or a name instead of an id is refused before anything is written."""
    rule = require(MONITOR, Action.READ_INCIDENT)
    with pytest.raises(UnfitForLedger):
        async with service.transaction() as connection:
            await record(connection, Hand(), MONITOR, rule.action, rule.purpose, rule.article, what, subject)
    async with service.transaction() as connection:
        for table in ("access_register", "ledger_row"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0


async def one_of_each(connection: AsyncConnection, agency: UUID, other: UUID) -> None:
    """An agency with a person, a device, an order of its own, and everything that hangs on an incident."""
    ids = {
        name: uuid7()
        for name in ("offender", "victim", "device", "carry", "order", "place", "unit", "incident", "alert")
    }
    given = ids | {"agency": agency, "other": other, "new": uuid7(), "more": uuid7(), "name": str(agency)}
    for statement in (
        "INSERT INTO agency VALUES (:agency, 'police', 'A')",
        "INSERT INTO person VALUES (:offender, :agency, 'o'), (:victim, :agency, 'v')",
        "INSERT INTO device VALUES (:device, :agency, 'tag', :name, '', 60)",
        "INSERT INTO carry VALUES (:carry, :agency, :device, :offender, now())",
        (
            "INSERT INTO protective_order (id, police_agency, regime, offender, victim, starts_at, radius_m) "
            "VALUES (:order, :agency, 'x', :offender, :victim, now(), 100)"
        ),
        (
            'INSERT INTO place (id, "order", agency, kind, lon, lat, radius_m) '
            "VALUES (:place, :order, :agency, 'home', 127, 37, 100)"
        ),
        "INSERT INTO unit (id, agency, kind, callsign) VALUES (:unit, :agency, 'police', 'P')",
        (
            "INSERT INTO incident (id, pair, police_agency, priority, status, opened_at) "
            "VALUES (:incident, :new, :agency, 1, 'Open', now())"
        ),
        (
            "INSERT INTO alert (id, incident, code, police_agency, at, decided_at, recorded_at, grade, state, body) "
            "VALUES (:alert, :incident, 'A01', :agency, now(), now(), now(), 'live', 'x', '{}')"
        ),
        (
            "INSERT INTO tasking (id, incident, alert, unit, agency, police_agency, toward, state, reasons, tasked_at) "
            "VALUES (:new, :incident, :alert, :unit, :agency, :agency, 'victim', 'sent', '[]', now())"
        ),
        "INSERT INTO feed VALUES (:name, :agency, 1)",
        "INSERT INTO feed_message VALUES (:name, 1, :agency, now(), 'x', NULL, '{}')",
        (
            "INSERT INTO delivery (id, alert, recipient, agency, channel, state, queued_at) "
            "VALUES (:new, :alert, :name, :agency, 'x', 'x', now())"
        ),
        (
            "INSERT INTO standing_plan "
            "VALUES (:new, :agency, NULL, now(), jsonb_build_object('order', CAST(:order AS uuid)), '[]')"
        ),
        (
            'INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, "order", starts_at) '
            "VALUES (:new, 'standing', :agency, :victim, '{order}', 'x', 'x', :order, now() - interval '1 minute')"
        ),
    ):
        await connection.execute(text(statement), given)


OWN = {
    "person": "agency",
    "device": "agency",
    "carry": "agency",
    "protective_order": "police_agency",
    "place": "agency",
    "unit": "agency",
    "incident": "police_agency",
    "alert": "police_agency",
    "tasking": "agency",
    "feed": "agency",
    "feed_message": "agency",
    "delivery": "agency",
    "standing_plan": "police_agency",
}


async def test_a_person_of_one_agency_sees_no_row_of_another(service: Database, people: Database) -> None:
    """Whatever statement a person's request comes to, the database shows it its own agency's rows and no other's."""
    one, other = uuid7(), uuid7()
    async with service.transaction() as connection:
        await one_of_each(connection, one, other)
        await one_of_each(connection, other, one)
    for agency in (one, other):
        async with people.transaction(agency) as connection:
            for table, column in OWN.items():
                seen = (await connection.execute(text(f"SELECT DISTINCT {column} FROM {table}"))).scalars().all()
                assert seen == [agency], table
    async with people.transaction() as connection:
        for table in OWN:
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0, table
