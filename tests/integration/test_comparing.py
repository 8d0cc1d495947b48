"""The tables held against the ledger: what a superuser takes out of them, or writes into them, is named."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from jikimi.cli import doctor
from jikimi.identity.model import Actor, Role
from jikimi.kernel.ids import uuid7
from jikimi.ledger.sealer import Sealer
from jikimi.oversee import auditing, comparing
from jikimi.registry.service import Desk, list_people
from jikimi.settings import Settings
from jikimi.share import granting, register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database
from jikimi.vault import Vault
from tests.integration.respond.conftest import Site, shared_nats, site
from tests.ledger_forging import meddle
from tests.test_registry_world import CLOCK

__all__ = ["shared_nats", "site"]


async def told(service: Database) -> list[str]:
    """What differs, in sentences without their numbers."""
    found = await comparing.differing(service)
    return ["".join(letter for letter in one.sentence if not letter.isdigit()) for one in found]


@pytest.fixture
async def sealer(site: Site, service: Database, people: Database, tmp_path: Path) -> Sealer:
    """A look at him, a list of everybody, an alert and its answer: all of it sealed."""
    monitor = Actor(uuid7(), site.ids["centre"], Role.MONITOR, None, "monitor", uuid7())
    rule = require(monitor, Action.READ_REGISTRY)
    async with service.transaction() as connection:
        await register.record(
            connection, site.clock, monitor, rule.action, rule.purpose, rule.article, "person", site.ids["he"]
        )
        await register.refused(connection, site.clock, monitor, "incident", None)
        await register.withheld(connection, site.clock, site.ids["centre"], "order", site.ids["she"], None)
        await register.by_operator(connection, site.clock, site.ids["centre"], "account_ended", uuid7())
        await register.record_unseen(connection, site.clock, monitor, rule, "person_search", [site.ids["she"]])
    await list_people(Desk(people, service, site.clock), monitor)
    await site.take(site.alert())
    for state in ("accepted", "en_route", "on_scene"):
        site.clock.at += 1.25
        await site.answer((await site.taskings("police"))[0]["ref"], state)
    made = Sealer(service, Vault(tmp_path).signing_key("ledger-seal"), "jikimi/0123456789abcdef", site.clock, 32400)
    await made.seal_once()
    return made


CHANGES = {
    "a look taken out": (
        "DELETE FROM access_register WHERE what = 'person'", "Row  is a look that the access register does not have."),
    "a look made another's": (
        "UPDATE access_register SET account = gen_random_uuid() WHERE what = 'person'",
        "Row  is a look that the access register has otherwise."),
    "a look made another day's": (
        "UPDATE access_register SET at = at - interval '1 day' WHERE what = 'person'",
        "Row  is a look that the access register has otherwise."),
    "a list that no longer names": (
        "UPDATE access_register SET named = NULL WHERE what = 'people'", "Row  is a look that the access register has otherwise."),
    "one taken out of a list": (
        "UPDATE access_named SET ids = ids[2:]", "Row  is a list, and the register has others whom it named."),
    "a list's names taken out": (
        "DELETE FROM access_named", "Row  is a list, and the register has others whom it named."),
    "an answer made earlier": (
        "UPDATE tasking SET answered_at = answered_at - interval '530 seconds'",
        "Row  says when an order was answered, and the order has another time of it."),
    "an answer taken out": (
        "UPDATE tasking SET answered_at = NULL WHERE answered_at IS NOT NULL",
        "Row  says when an order was answered, and the order has another time of it."),
    "an order made later": (
        "UPDATE tasking SET tasked_at = tasked_at + interval '60 seconds' WHERE answered_at IS NOT NULL",
        "Row  says when an order was given, and the order has another time of it."),
}  # fmt: skip


@pytest.mark.parametrize("change", sorted(CHANGES))
async def test_what_was_changed_beside_the_ledger_is_named(
    site: Site, service: Database, people: Database, sealer: Sealer, database_url: str, change: str
) -> None:
    """The ledger is left whole and verifies; the auditor's check names its row and what the table says instead."""
    desk = granting.Desk(people, service, site.clock)
    auditor = Actor(uuid7(), site.ids["police"], Role.REGISTRAR, None, "clerk", uuid7())
    assert await comparing.differing(service) == []
    assert (await auditing.verified(desk, auditor, None, [])).ok
    await sealer.seal_once()
    statement, said = CHANGES[change]
    await meddle(database_url, statement)
    assert await told(service) == [said]
    report = await auditing.verified(desk, auditor, None, [])
    assert (report.ok, len(report.breaks)) == (False, 1)
    seq = report.first_row
    (body,) = [row.body for row in await site.rows("SELECT body FROM ledger_row WHERE seq = :seq", seq=seq)]
    assert str(seq) in report.breaks[0].sentence
    assert ('"kind":"access"' in body) == ("look" in said or "list" in said)


@pytest.mark.usefixtures("site", "sealer")
async def test_an_answer_that_nobody_gave_is_named(service: Database, database_url: str) -> None:
    """An order with a time of its answer, about which no row of the ledger is."""
    assert await comparing.differing(service) == []
    await meddle(database_url, "UPDATE tasking SET answered_at = tasked_at WHERE answered_at IS NULL")
    assert await told(service)
    assert all("no row of the ledger is about one" in one for one in await told(service))


@pytest.mark.usefixtures("site", "sealer")
async def test_the_doctor_holds_the_register_against_the_ledger(database_url: str) -> None:
    """By the command too, without anybody's sign-in: as the ledger says, or the rows by number."""
    settings = replace(Settings.read({}), database_url=database_url)
    whole = await asyncio.to_thread(doctor._register, settings)
    assert (whole.ok, whole.said) == (True, "as the ledger says")
    await meddle(database_url, "DELETE FROM access_register WHERE what = 'person'")
    broken = await asyncio.to_thread(doctor._register, settings)
    assert broken.ok is False
    assert broken.said.startswith("Row ")


@pytest.mark.usefixtures("site", "sealer")
async def test_the_doctor_answers_though_there_is_too_much_to_compare(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a moment, and says that it has not seen everything: neither well nor broken."""
    monkeypatch.setattr(doctor, "_LOOK_S", 0.0)
    settings = replace(Settings.read({}), database_url=database_url)
    found = await asyncio.to_thread(doctor._register, settings)
    assert found.ok is None
    assert "auditor" in found.said


async def test_no_more_rows_are_named_than_can_be_read(service: Database, database_url: str, sealer: Sealer) -> None:
    """A hundred, and that there are more."""
    await sealer.seal_once()
    actor = Actor(uuid7(), uuid7(), Role.MONITOR, None, "monitor", uuid7())
    rule = require(actor, Action.READ_REGISTRY)
    async with service.transaction() as connection:
        await register.record_each(
            connection, CLOCK, actor, rule, "person", [uuid7() for _ in range(120)], allowed=True
        )
    await sealer.seal_once()
    await meddle(database_url, "DELETE FROM access_register")
    found = await comparing.differing(service)
    assert len(found) == comparing.MOST + 1
    assert found[-1].sentence == "More rows than these differ."
