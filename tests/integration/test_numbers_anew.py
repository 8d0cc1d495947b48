"""After names were destroyed everybody else is found by a new key, and an older dump tells nobody's number."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.cli.keys import rotated
from jikimi.identity.model import Role
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Unavailable
from jikimi.oversee import finding
from jikimi.registry import anew, matching, ties
from jikimi.registry.amending import PersonChange, amend
from jikimi.registry.identifiers import MATCH_KEY, Mark, Matcher
from jikimi.registry.matching import by_key_in_force
from jikimi.registry.service import blank, import_document
from jikimi.settings import Settings
from jikimi.store.custody import INSTALLATION, Custody, Kind
from jikimi.store.database import Database
from jikimi.store.due import Loop
from jikimi.vault import Vault
from tests.integration.test_keys_rotated import BROTHER, BROTHER_S, TELEPHONE, digests, entered, in_force, relations
from tests.integration.test_match import NUMBER, order
from tests.integration.thief import every_key
from tests.patience import PATIENCE
from tests.test_registry_world import HandClock, actor

HERS, HER_TELEPHONE = "990101-2000001", "010-0000-7777"
SHE: dict[str, object] = {"people": [{"ref": "she", "label": "F-1", "identifier": HERS, "telephones": [HER_TELEPHONE]}]}


@pytest.fixture
async def ids(service: Database) -> dict[str, UUID]:
    """A man, a dispatcher with a brother, and a woman."""
    await finding.settle(service, HandClock().at)
    ids = await entered(service)
    return ids | (await import_document(service, HandClock(), actor(ids["centre"]), SHE)).ids


@pytest.fixture
async def other(database_url: str, data: Path, custody: Custody) -> AsyncIterator[Database]:
    """Another process of the same installation."""
    assert custody, "it is there already"
    database = Database(database_url, "service", custody=Vault(data).custody())
    yield database
    await database.close()


async def destroyed(service: Database, ids: dict[str, UUID], who: str = "he") -> UUID:
    """A destruction of the file of one of them, carried out."""
    which, now = uuid4(), HandClock().at
    async with service.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry, decided_at,"
                " decided_by, carried_out, destroyed_at) VALUES (:id, :agency, :who, 'file_closed', 'x', '{person,order}', now(),"
                " :id, false, now(), :who, true, now())"
            ),
            {"id": which, "agency": ids["police"], "who": ids[who]},
        )
        await blank(connection, ids[who], now, orders=(), file=True)
        await finding.ask(connection, now)
    kept(service).destroy(Kind.PERSON, ids[who], now)
    kept(service).rotate()
    return which


def kept(database: Database) -> Custody:
    """The keys of that process."""
    found = database.engine.sync_engine.get_execution_options()["custody"]
    assert isinstance(found, Custody)
    return found


def loop(database: Database) -> Loop:
    """What the respond role runs, some time later."""
    clock = HandClock()
    clock.at += finding.SOON_S
    return Loop(database, clock, finding.handlers(clock), batch=1, patience_s=finding.PATIENCE_S)


async def made_anew(database: Database) -> None:
    """Both steps."""
    work = loop(database)
    while await work.round() == 0:
        pass


async def found(database: Database, kind: Mark, number: str) -> list[UUID]:
    """Who is found by a number, as a search does."""
    async with database.transaction() as connection:
        digest = (await by_key_in_force(connection)).of(kind, number)
        rows = await connection.execute(
            text("SELECT person FROM person_mark WHERE kind = :kind AND digest = :digest AND NOT former"),
            {"kind": kind, "digest": digest},
        )
        return list(rows.scalars())


async def numbers_at(service: Database, which: UUID) -> object:
    """Since when an older dump tells nothing of theirs."""
    async with service.transaction() as connection:
        return (
            await connection.execute(text("SELECT numbers_at FROM destruction WHERE id = :id"), {"id": which})
        ).scalar_one()


async def test_after_a_destruction_a_digest_of_an_older_dump_matches_nothing(
    service: Database, data: Path, ids: dict[str, UUID]
) -> None:
    """Nobody runs anything: a thief of today's files, with a dump of before, finds neither number by any key in any of them."""
    dump = await digests(service)
    old = in_force(data)
    assert {old.digest(NUMBER), old.telephone(TELEPHONE)} <= dump
    copy = data.parent / f"{data.name}-copy"
    shutil.copytree(data / "custody", copy / "custody")
    which = await destroyed(service, ids)
    assert await numbers_at(service, which) is None
    await made_anew(service)
    assert await numbers_at(service, which) is not None
    assert not dump & await digests(service)
    for key in every_key(data):
        thief = Matcher(key)
        assert thief.digest(NUMBER) not in dump
        assert thief.telephone(TELEPHONE) not in dump
    shutil.copytree(data / "secrets", copy / "secrets")
    with pytest.raises(OSError, match="restore"):
        Vault(copy).custody().secrets(Kind.MATCH, INSTALLATION)


async def test_somebody_of_the_same_numbers_is_matched_with_living_files_afterwards(
    service: Database, ids: dict[str, UUID]
) -> None:
    """The living are found by number and telephone, an order by number finds her file, and a brother stays a brother."""
    await destroyed(service, ids)
    await made_anew(service)
    assert await found(service, "identifier", NUMBER) == []
    assert await found(service, "identifier", HERS) == await found(service, "telephone", HER_TELEPHONE) == [ids["she"]]
    document = order(ids, offender_identifier=NUMBER, victim=None, victim_identifier=HERS)
    await import_document(service, HandClock(), actor(ids["police"]), document | {"people": []})
    async with service.transaction() as connection:
        parties = (await connection.execute(text("SELECT offender, victim FROM protective_order"))).one()
    assert parties.victim == ids["she"]
    assert parties.offender not in (ids["he"], ids["she"])
    await import_document(service, HandClock(), actor(ids["police"], Role.REGISTRAR), BROTHER_S)
    assert await relations(service) == ["kin"]


async def test_another_process_goes_on_finding_and_entering(
    service: Database, other: Database, ids: dict[str, UUID], data: Path
) -> None:
    """One process makes the key anew; another that searched before enters, changes and finds by the new one at once."""
    assert await found(other, "identifier", HERS) == [ids["she"]]
    await destroyed(service, ids)
    await made_anew(service)
    assert await found(other, "identifier", HERS) == [ids["she"]]
    clerk = actor(ids["police"], Role.REGISTRAR)
    brother = (await import_document(other, HandClock(), clerk, BROTHER_S)).ids["brother"]
    await amend(other, HandClock(), clerk, brother, PersonChange.model_validate({"telephones": ["010-0000-8888"]}))
    assert (
        await found(service, "telephone", "010-0000-8888") == await found(service, "identifier", BROTHER) == [brother]
    )
    assert in_force(data).digest(BROTHER) in await digests(service)


class Killed(BaseException):
    """The process ends here."""


STEPS = ("the new key", "some digests", "the commit", "the old key", "the master", "the last word")


@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_between_any_two_steps_leaves_everybody_found(
    service: Database, other: Database, ids: dict[str, UUID], data: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever was done last, every process finds everybody; and when it goes on, the old key is gone."""
    dump, which = await digests(service), await destroyed(service, ids)
    later = {
        "the new key": (anew, "_staff"), "some digests": (ties, "anew"), "the old key": (Custody, "rotate"),
    }  # fmt: skip

    def killed(*_: object) -> None:
        raise Killed

    work = loop(service)
    if step in ("the commit", "the old key", "the master", "the last word"):
        assert await work.round() == 0
    if step == "the master":
        monkeypatch.setattr(Custody, "_forget_before", killed)
    elif step == "the last word":
        monkeypatch.setattr(finding, "moment", killed)
    elif step in later:
        monkeypatch.setattr(*later[step], killed)
    if step != "the commit":
        with pytest.raises(Killed):
            await work.round()
    monkeypatch.undo()
    for database in (service, other):
        assert (
            await found(database, "identifier", HERS)
            == await found(database, "telephone", HER_TELEPHONE)
            == [ids["she"]]
        )
    assert await numbers_at(service, which) is None
    await made_anew(other)
    assert await numbers_at(service, which) is not None
    assert await found(service, "identifier", HERS) == [ids["she"]]
    assert all(Matcher(key).digest(NUMBER) not in dump for key in every_key(data))
    assert not list((data / "secrets").glob("custody-[12].key"))
    clerk = actor(ids["police"], Role.REGISTRAR)
    await import_document(service, HandClock(), clerk, BROTHER_S)
    assert await relations(service) == ["kin"]


async def test_destructions_that_come_together_are_one_renewal(service: Database, ids: dict[str, UUID]) -> None:
    """Two files are closed within seconds: one key is made, and both are covered by it."""
    both = [await destroyed(service, ids), await destroyed(service, ids, "she")]
    async with service.transaction() as connection:
        waiting = await connection.execute(text("SELECT count(*) FROM due WHERE kind = 'numbers-anew'"))
        assert waiting.scalar() == 1
    await made_anew(service)
    assert None not in [await numbers_at(service, one) for one in both]
    assert list(kept(service).secrets(Kind.MATCH, INSTALLATION)) == [2]


async def test_whoever_is_kept_as_a_digest_alone_keeps_the_certificate_waiting(
    service: Database, ids: dict[str, UUID], database_url: str, data: Path
) -> None:
    """Nobody near to a party is lost for it: the key stays, it is not said to be gone, and an hour later it is tried again."""
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE staff_mark SET sealed = NULL"))
    before, which = await digests(service), await destroyed(service, ids)
    await made_anew(service)
    assert await numbers_at(service, which) is None
    assert await digests(service) < before
    assert in_force(data).digest(HERS) in before
    await import_document(service, HandClock(), actor(ids["police"], Role.REGISTRAR), BROTHER_S)
    assert await relations(service) == ["kin"]
    async with service.transaction() as connection:
        await connection.execute(text("DELETE FROM staff_mark"))
    await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
    assert await numbers_at(service, which) is not None


async def test_a_record_put_back_finds_everybody_by_a_key_that_is_kept(
    service: Database, ids: dict[str, UUID], data: Path
) -> None:
    """A dump of before the destruction comes back: until the next start nobody is compared, then the living are found."""
    async with service.transaction() as connection:
        held = [
            (await connection.execute(text(f"SELECT * FROM {table}"))).mappings().all()
            for table in ("person", "person_mark", "cursor")
        ]
    await destroyed(service, ids)
    await made_anew(service)
    async with service.transaction() as connection:
        await connection.execute(text("DELETE FROM person_mark"))
        for row in held[0]:
            values = {"id": row["id"], "sealed": row["sealed"], "digest": row["identifier_digest"]}
            await connection.execute(
                text(
                    "UPDATE person SET sealed = :sealed, identifier_digest = :digest, closed_at = NULL WHERE id = :id"
                ),
                values,
            )
        for row in held[1]:
            await connection.execute(
                text("INSERT INTO person_mark VALUES (:person, :agency, :kind, :digest, :former)"), dict(row)
            )
        (mark,) = [row["seq"] for row in held[2] if row["name"] == MATCH_KEY]
        await connection.execute(
            text("UPDATE cursor SET seq = :mark WHERE name = :name"), {"mark": mark, "name": MATCH_KEY}
        )
    with pytest.raises(Unavailable, match="not kept"):
        await found(service, "identifier", HERS)
    await finding.settle(service, HandClock().at)
    assert await found(service, "identifier", HERS) == [ids["she"]]
    assert await found(service, "identifier", NUMBER) == []
    await made_anew(service)
    assert in_force(data).digest(HERS) in await digests(service)


async def test_an_installation_of_before_goes_on_finding_and_its_vault_holds_the_key_no_more(
    service: Database, database_url: str, data: Path, ids: dict[str, UUID]
) -> None:
    """An earlier edition kept the key among the secrets: it is taken over as it is, and renewed like any other."""
    vault = Vault(data)
    ((generation, key),) = kept(service).secrets(Kind.MATCH, INSTALLATION).items()
    kept(service).retire(Kind.MATCH, INSTALLATION, generation + 1)
    async with service.transaction() as connection:
        await connection.execute(text("DELETE FROM cursor WHERE name = :name"), {"name": MATCH_KEY})
    vault.give(MATCH_KEY, key)
    vault.give(f"{MATCH_KEY}-next", bytes(range(32)))
    later = Database(database_url, "service", custody=vault.handing_over())
    try:
        assert not list((data / "secrets").glob(f"{MATCH_KEY}*"))
        await finding.settle(later, HandClock().at)
        assert await found(later, "identifier", HERS) == [ids["she"]]
        await rotated(Settings.read({"JIKIMI_DATA": str(data)}), database_url)
        assert await found(later, "identifier", HERS) == [ids["she"]]
        assert in_force(data).mark not in {Matcher(key).mark, Matcher(bytes(range(32))).mark}
    finally:
        await later.close()


async def test_nothing_waits_for_it_but_entering_and_searching(
    service: Database, other: Database, ids: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While digests are made, people are read and locked for a measure, and whoever destroys comes back a second later."""
    await destroyed(service, ids)
    reached, go_on = asyncio.Event(), asyncio.Event()
    real = ties.anew

    async def slow(connection: AsyncConnection) -> None:
        await real(connection)
        reached.set()
        await go_on.wait()

    monkeypatch.setattr(ties, "anew", slow)
    working = asyncio.create_task(loop(service).round())
    await asyncio.wait_for(reached.wait(), 10 * PATIENCE)
    searching = asyncio.create_task(found(other, "identifier", HERS))
    async with asyncio.timeout(2 * PATIENCE), other.transaction() as connection:
        assert not await matching.may_enter(connection)
        await connection.execute(text("SELECT * FROM person, person_mark, staff_mark, staff_tie"))
        await connection.execute(text("SELECT id FROM person WHERE id = :id FOR KEY SHARE"), {"id": ids["she"]})
        await connection.execute(
            text("INSERT INTO access_register (id, at, account, agency, action, purpose, article, what, subject, allowed)"
                 " VALUES (:id, :at, :id, :agency, 'x', 'x', 'x', 'x', :she, true)"),
            {"id": uuid4(), "at": moment(1.0), "agency": ids["police"], "she": ids["she"]},
        )  # fmt: skip
    assert not searching.done()
    go_on.set()
    with suppress(asyncio.CancelledError):
        await working
    assert await searching == [ids["she"]]


async def test_while_a_long_document_is_entered_nobody_waits_behind_it(
    service: Database, other: Database, ids: dict[str, UUID]
) -> None:
    """The key is made anew when it is in; until then others search. It is put off a minute long and no longer."""
    which, tries = await destroyed(service, ids), "SELECT body ->> 'tried' FROM due WHERE kind = 'numbers-anew'"
    async with service.transaction() as entering:
        await by_key_in_force(entering)
        async with asyncio.timeout(5 * PATIENCE):
            assert await loop(other).round() == 0
            assert await found(other, "identifier", HERS) == [ids["she"]]
        async with other.transaction() as connection:
            assert (await connection.execute(text(tries))).scalars().all() == ["1"]
            await connection.execute(
                text("UPDATE due SET body = '{\"tried\": 60}', at = to_timestamp(0) WHERE kind = 'numbers-anew'")
            )
        waiting = asyncio.create_task(made_anew(other))
        await asyncio.sleep(0.3)
        assert not waiting.done()
    await waiting
    assert await numbers_at(service, which) is not None
