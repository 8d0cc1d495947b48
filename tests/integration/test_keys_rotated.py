"""Keys made anew: everybody is found as before, by nothing that was on disk before."""

import asyncio
import shutil
from copy import deepcopy
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.cli import keys
from jikimi.cli.keys import rotated
from jikimi.identity.model import Role
from jikimi.kernel.errors import Conflict
from jikimi.registry.amending import PersonChange, amend
from jikimi.registry.identifiers import Matcher
from jikimi.registry.model import Imported
from jikimi.registry.rotating import renew
from jikimi.registry.service import blank, import_document, label_of
from jikimi.settings import Settings
from jikimi.store.database import Database
from jikimi.vault import Vault
from tests.integration.test_match import NUMBER, SITES, TYPED_ELSEWHERE
from tests.integration.thief import every_key
from tests.patience import PATIENCE
from tests.test_registry_world import HandClock, actor

TELEPHONE, BROTHER = "010-0000-4242", "020202-3999999"


async def entered(service: Database) -> dict[str, UUID]:
    """A man with a number and a telephone, and a dispatcher whose brother is not yet anybody's party."""
    clock = HandClock()
    sites = (await import_document(service, clock, None, deepcopy(SITES))).ids
    document = {
        "people": [{"ref": "he", "label": "M-17", "identifier": NUMBER, "telephones": [TELEPHONE]}],
        "accounts": [{"name": "desk", "role": "dispatcher", "near": [{"identifier": BROTHER, "relation": "kin"}]}],
    }
    made = await import_document(service, clock, actor(sites["police"], Role.REGISTRAR), document)
    return sites | made.ids


def in_force(data: Path) -> Matcher:
    """The one key the installation keeps."""
    (kept,) = Matcher.kept(Vault(data).custody())
    return kept


async def digests(service: Database) -> set[bytes]:
    """Every digest by which anybody is found."""
    async with service.transaction() as connection:
        found = await connection.execute(
            text("SELECT digest FROM person_mark UNION SELECT digest FROM staff_mark"
                 " UNION SELECT identifier_digest FROM person WHERE identifier_digest IS NOT NULL")
        )  # fmt: skip
        return {bytes(row.digest) for row in found}


async def test_everybody_is_found_as_before_and_old_copies_open_nothing(
    service: Database, database_url: str, data: Path
) -> None:
    """After rotation no digest is what it was, the man is found by number and telephone, and yesterday's keys are worth nothing."""
    ids, before = await entered(service), await digests(service)
    copy = data.parent / f"{data.name}-copy"
    shutil.copytree(data / "custody", copy)
    async with service.transaction() as connection:
        old = (
            await connection.execute(text("SELECT sealed FROM person WHERE id = :id"), {"id": ids["he"]})
        ).scalar_one()
    done = await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    assert (done["people"], done["numbers"]) == (1, 3)
    after = await digests(service)
    assert len(after) == len(before) == 3
    assert not before & after
    matcher = in_force(data)
    assert {matcher.digest(TYPED_ELSEWHERE), matcher.telephone(TELEPHONE)} <= after
    later = Database(database_url, "service", custody=Vault(data).custody())
    async with later.transaction() as connection:
        row = (await connection.execute(text("SELECT id, label, sealed FROM person"))).one()
        assert label_of(connection, *row) == "M-17"
    await later.close()
    with pytest.raises(OSError, match="restore"):
        Vault(data).custody(copy).open(bytes(old), b"person" + ids["he"].bytes)


async def test_a_tie_that_comes_after_the_rotation_is_found(service: Database, database_url: str, data: Path) -> None:
    """The dispatcher's brother becomes a party afterwards: it is the dispatcher's own case all the same."""
    ids = await entered(service)
    await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    later = Database(database_url, "service", custody=Vault(data).custody())
    brother = {"people": [{"ref": "brother", "label": "M-18", "identifier": BROTHER}]}
    await import_document(later, HandClock(), actor(ids["police"], Role.REGISTRAR), brother)
    async with later.transaction() as connection:
        assert (await connection.execute(text("SELECT relation FROM staff_tie"))).scalars().all() == ["kin"]
    await later.close()


async def test_after_rotation_a_digest_of_an_older_dump_matches_nothing(
    service: Database, database_url: str, data: Path
) -> None:
    """By no secret that lies in the vault afterwards does the right number find who stood in a dump of before."""
    ids, dump = await entered(service), await digests(service)
    assert in_force(data).digest(NUMBER) in dump
    async with service.transaction() as connection:
        await blank(connection, ids["he"], HandClock().at, orders=(), file=True)
    await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    for key in every_key(data):
        assert Matcher(key).digest(NUMBER) not in dump


async def relations(service: Database) -> list[str]:
    """How staff are tied to anybody."""
    async with service.transaction() as connection:
        return list((await connection.execute(text("SELECT relation FROM staff_tie"))).scalars())


BROTHER_S: dict[str, object] = {"people": [{"ref": "brother", "label": "M-18", "identifier": BROTHER}]}


async def test_a_crash_before_the_old_key_is_gone_leaves_nobody_unfound(
    service: Database, database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the commit: whoever is entered then is found, and still when it is done again."""
    ids = await entered(service)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(keys, "retire", killed)
    with pytest.raises(KeyboardInterrupt):
        await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    monkeypatch.undo()
    clerk = actor(ids["police"], Role.REGISTRAR)
    made = await import_document(service, HandClock(), clerk, BROTHER_S)
    assert await relations(service) == ["kin"]
    twice = {"people": [{"label": "twice", "identifier": NUMBER}]}
    with pytest.raises(Conflict):
        await import_document(service, HandClock(), clerk, twice)
    await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    mark = in_force(data).digest(BROTHER)
    async with service.transaction() as connection:
        found = await connection.execute(text("SELECT person FROM person_mark WHERE digest = :mark"), {"mark": mark})
        assert found.scalars().all() == [made.ids["brother"]]
        assert (await connection.execute(text("SELECT count(*) FROM due WHERE kind = 'numbers-gone'"))).scalar() == 0


async def test_whoever_is_entered_meanwhile_is_found_afterwards(
    service: Database, database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that began with the old key waits for the rotation, and is made by the new one."""
    ids, real = await entered(service), renew
    waiting = list[asyncio.Task[Imported]]()

    async def slow(connection: AsyncConnection) -> int:
        done = await real(connection)
        clerk = actor(ids["police"], Role.REGISTRAR)
        waiting.append(asyncio.ensure_future(import_document(service, HandClock(), clerk, BROTHER_S)))
        await asyncio.sleep(0.3)
        assert not waiting[0].done()
        return done

    monkeypatch.setattr(keys, "renew", slow)
    await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    await asyncio.wait_for(waiting[0], 10 * PATIENCE)
    assert await relations(service) == ["kin"]
    assert in_force(data).digest(BROTHER) in await digests(service)


async def test_a_tie_that_was_missed_is_found_by_a_rotation(service: Database, database_url: str, data: Path) -> None:
    """What an earlier rotation let slip is found anew among everybody."""
    ids = await entered(service)
    await import_document(service, HandClock(), actor(ids["police"], Role.REGISTRAR), BROTHER_S)
    async with service.transaction() as connection:
        await connection.execute(text("DELETE FROM staff_tie"))
    await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    assert await relations(service) == ["kin"]


async def test_a_number_of_before_is_still_known_after_a_rotation(
    service: Database, database_url: str, data: Path
) -> None:
    """No search finds him by it, before or after; whoever comes to the staff and is near to him by it is kept out of his case."""
    ids = await entered(service)
    clerk = actor(ids["police"], Role.REGISTRAR)
    for said in ({"telephones": ["010-0000-5555"]}, {"telephones": ["010-0000-6666"], "identifier": "010101-3111111"}):
        await amend(service, HandClock(), clerk, ids["he"], PersonChange.model_validate(said))
    done = await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    assert done["lost"] == 0
    matcher = in_force(data)
    later = Database(database_url, "service", custody=Vault(data).custody())
    async with later.transaction() as connection:
        rows = await connection.execute(text("SELECT digest, former FROM person_mark"))
        marks = {bytes(row.digest): row.former for row in rows}
    assert marks == {
        matcher.telephone("010-0000-6666"): False, matcher.digest("010101-3111111"): False,
        matcher.telephone(TELEPHONE): True, matcher.telephone("010-0000-5555"): True, matcher.digest(NUMBER): True,
    }  # fmt: skip
    near = [{"telephone": TELEPHONE, "relation": "partner"}]
    partner = {"accounts": [{"name": "new", "role": "dispatcher", "near": near}]}
    await import_document(later, HandClock(), clerk, partner)
    async with later.transaction() as connection:
        assert (await connection.execute(text("SELECT relation FROM staff_tie"))).scalars().all() == ["partner"]
    await later.close()


async def test_who_could_not_be_found_anew_is_said_and_nothing_is_changed(
    service: Database, database_url: str, data: Path
) -> None:
    """A number of before, of which only the digest is kept, stops the rotation with a sentence."""
    await entered(service)
    before, key = await digests(service), in_force(data).mark
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute("UPDATE staff_mark SET sealed = NULL")
    with pytest.raises(Conflict, match="1 entries"):
        await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    assert await digests(service) == before
    assert in_force(data).mark == key
