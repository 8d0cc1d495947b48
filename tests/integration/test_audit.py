"""The ledger verified for an auditor: what another party kept shows what this installation's key alone cannot."""

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.identity.model import Role
from jikimi.kernel.errors import Conflict, Forbidden, Malformed
from jikimi.ledger.rows import append
from jikimi.ledger.sealer import Sealer
from jikimi.oversee import auditing, naming
from jikimi.store.database import Database
from tests.integration.oversee_world import Place, entered

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """The small world."""
    return await entered(service, people)


async def seal(place: Place) -> None:
    """One checkpoint over what is there."""
    await Sealer(place.service, KEY, "police.example/ledger", place.clock).seal_once()


async def test_an_auditor_verifies_the_ledger_against_what_another_party_kept(place: Place, database_url: str) -> None:
    """Unanchored it says so; anchored it counts the rows vouched for; a row altered beneath is named."""
    who = place.at("police", Role.REVIEWER)
    with pytest.raises(Conflict):
        await auditing.verified(place.desk, who, None, [])
    await seal(place)
    kept = (await auditing.stands(place.desk, who))["checkpoint"]
    assert kept["size"] > 0
    async with place.service.transaction() as connection:
        await append(connection, place.clock.at, "excess", agency=place.ids["police"])
    await seal(place)
    alone = await auditing.verified(place.desk, who, None, [])
    assert (alone.ok, alone.anchored_rows) == (True, None)
    anchored = await auditing.verified(place.desk, who, kept["note"], [])
    assert (anchored.ok, anchored.anchored_rows) == (True, kept["size"])
    with psycopg.connect(database_url, autocommit=True) as superuser:
        superuser.execute("ALTER TABLE ledger_row DISABLE TRIGGER ledger_stands")
        change = "UPDATE ledger_row SET body = replace(body, 'access', 'excess') WHERE seq = %s"
        superuser.execute(change, [kept["size"]])
    broken = await auditing.verified(place.desk, who, kept["note"], [])
    assert (broken.ok, broken.first_row) == (False, kept["size"])
    with pytest.raises(Malformed):
        await auditing.verified(place.desk, who, None, ["no key of a witness"])
    with pytest.raises(Forbidden):
        await auditing.verified(place.desk, place.at("police", Role.DISPATCHER), None, [])


async def test_a_reviewer_reads_names_of_whom_they_may_know(place: Place) -> None:
    """One's own staff and one's own files by name, others left out; that names were read is on the register."""
    who = place.at("police", Role.REVIEWER)
    accounts = [place.accounts["police-reviewer"], place.accounts["former"]]
    people = [place.ids["she"], place.ids["foreign"]]
    found = await naming.names(place.desk, who, accounts, people)
    assert [one["name"] for one in found["accounts"]] == ["police-reviewer"]
    assert [one["label"] for one in found["people"]] == ["case 1 protected"]
    rows = await place.rows("SELECT subject FROM access_register WHERE what = 'name'")
    assert [row.subject for row in rows] == [""]
    assert {one["name"] for one in await naming.agencies(place.desk, who)} >= {"Hanbit Police", "Hanbit Support"}
    with pytest.raises(Forbidden):
        await naming.names(place.desk, place.at("police", Role.DISPATCHER), [], [])
