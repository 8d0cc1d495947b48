"""The archive on a real PostgreSQL and a real log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from nats.aio.client import Client
from prometheus_client import REGISTRY
from sqlalchemy import text

from jikimi.detect.facts import DeviceEvent, Fix, Fixes, Tick, encode
from jikimi.intake.archive import Archive
from jikimi.intake.points import points
from jikimi.kernel.ids import uuid7
from jikimi.kernel.process import unprivileged
from jikimi.registry.devices import carried
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import Database
from jikimi.store.embedded import Postgres
from jikimi.store.migrations import migrate
from jikimi.stream import names
from jikimi.stream.client import append, connect
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import Entry
from tests.conftest import free_port
from tests.patience import PATIENCE

DAY = 1_800_000_000.0 // 86400 * 86400
DEVICE = str(uuid7())


@pytest.fixture
async def log(nats_server: Nats) -> AsyncIterator[Client]:
    """A connection that may write facts."""
    client = await connect(nats_server.url("operator"), "operator")
    yield client
    await client.close()


@pytest.fixture
async def reading(nats_server: Nats) -> AsyncIterator[Client]:
    """The desk's connection."""
    client = await connect(nats_server.url("desk"), "desk")
    yield client
    await client.close()


@asynccontextmanager
async def running(*archives: Archive) -> AsyncIterator[None]:
    """Archives at work for the length of the block."""
    tasks = [asyncio.create_task(archive.run()) for archive in archives]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def fix(n: int, **changed: Any) -> Fix:
    """A fix told apart by its time."""
    return Fix(**{"device": DEVICE, "t": float(n), "lon": 127.0, "lat": 37.5, "sigma_m": 5.0, **changed})


async def put(client: Client, first: int, last: int, received: float = DAY + 10, each: int = 3) -> None:
    """Fixes ``first`` to ``last``, some to a message."""
    for n in range(first, last, each):
        fixes = [fix(m) for m in range(n, min(n + each, last))]
        await append(client, names.FIXES, encode(Fixes(received, fixes)))


async def rows(database: Database, statement: str = "SELECT t FROM fix ORDER BY t") -> list[Any]:
    """What a statement finds."""
    async with database.transaction() as connection:
        return [row[0] for row in await connection.execute(text(statement))]


async def until_archived(database: Database, upto: int, patience_s: float = 30) -> None:
    """Wait until the archive's place is past ``upto``."""
    async with asyncio.timeout(PATIENCE * patience_s):
        while True:
            with suppress(Exception):
                if await rows(database, f"SELECT 1 FROM cursor WHERE name = 'archive' AND seq >= {upto}"):
                    return
            await asyncio.sleep(0.02)


async def test_every_fix_and_event_is_kept_once_across_a_restart(
    service: Database, log: Client, reading: Client
) -> None:
    """What was archived before a restart is not archived again, and nothing between is missed."""
    await put(log, 0, 30)
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 10)
    await append(log, names.EVENT, encode(DeviceEvent(DAY + 11, DEVICE, DAY, "battery", 15.0)))
    await append(log, names.EVENT, encode(DeviceEvent(DAY + 11, DEVICE, DAY, "heartbeat")))
    await append(log, names.TICK, encode(Tick(DAY)))
    await put(log, 30, 60)
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 23)
    assert await rows(service) == [float(n) for n in range(60)]
    assert await rows(service, "SELECT kind || coalesce(value, '') FROM device_event ORDER BY 1") == [
        "battery15.0", "heartbeat",
    ]  # fmt: skip
    assert len(await rows(service, "SELECT DISTINCT log_seq FROM fix")) == 20


async def test_two_writers_at_once_keep_everything_once(
    service: Database, database_url: str, custody: Custody, log: Client, reading: Client
) -> None:
    """A desk that is replaced while it still runs doubles nothing."""
    other = Database(database_url, "service", custody=custody)
    async with running(Archive(service, reading, carried), Archive(other, reading, carried)):
        for start in range(0, 400, 40):
            await put(log, start, start + 40, each=2)
        await until_archived(service, 200)
    await other.close()
    assert await rows(service) == [float(n) for n in range(400)]


async def test_batches_that_overlap_keep_everything_once(service: Database, reading: Client) -> None:
    """Two writers whose bites begin and end elsewhere write each fact once, in whatever order they come."""
    facts = [Entry(n, names.FIXES, encode(Fixes(DAY, [fix(n)])), 0, n) for n in range(1, 13)]
    first, second = Archive(service, reading, carried), Archive(service, reading, carried)
    async with service.transaction() as connection:
        await connection.execute(text("INSERT INTO cursor VALUES ('archive', 0)"))
    await first._write(facts[:5])
    await second._write(facts[2:9])
    await first._write(facts[5:7])
    await first._write(facts[7:])
    assert await rows(service) == [float(n) for n in range(1, 13)]
    assert await rows(service, "SELECT seq FROM cursor WHERE name = 'archive'") == [12]


async def test_a_batch_over_midnight_goes_into_two_days(service: Database, log: Client, reading: Client) -> None:
    """Each fix lies in the partition of the day it was received on, UTC."""
    await put(log, 0, 3, DAY + 86399.9)
    await put(log, 3, 6, DAY + 86400.1)
    await append(log, names.EVENT, encode(DeviceEvent(DAY + 2 * 86400, DEVICE, DAY, "sos")))
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 3)
    assert await rows(service, "SELECT tableoid::regclass::text FROM fix GROUP BY 1 ORDER BY 1") == [
        "fix_20270115", "fix_20270116",
    ]  # fmt: skip
    assert await rows(service, "SELECT tableoid::regclass::text FROM device_event") == ["device_event_20270117"]


def aside() -> float:
    """How many facts were set aside."""
    return REGISTRY.get_sample_value("jikimi_archive_set_aside_total") or 0.0


@pytest.mark.parametrize(
    "poison",
    [
        b"\xc1 no fact at all",
        encode(DeviceEvent(DAY, DEVICE, DAY, "note", "a\x00b")),
        encode(DeviceEvent(DAY, "no id", DAY, "note")),
        encode(Fixes(DAY, [Fix("no id", 1.0, 1.0, 2.0, 5.0)])),
        encode(Fixes(DAY, [Fix(DEVICE, 1.0, 1.0, 2.0, 5.0, seq=2**63)])),
        encode(Fixes(DAY, [Fix(DEVICE, 1.0, 1.0, 2.0, 1e300)])),
        encode(Fixes(1e18, [Fix(DEVICE, 1.0, 1.0, 2.0, 5.0)])),
    ],
    ids=["no-fact", "nul", "event-device", "fix-device", "big-seq", "big-sigma", "no-day"],
)
async def test_one_fact_that_cannot_be_kept_does_not_stop_the_others(
    service: Database, log: Client, reading: Client, poison: bytes
) -> None:
    """It is set aside and counted, and what stands around it is archived once."""
    before = aside()
    await put(log, 0, 3)
    await append(log, names.EVENT if b"note" in poison else names.FIXES, poison)
    await put(log, 3, 6)
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 3)
    assert await rows(service) == [float(n) for n in range(6)]
    assert aside() == before + 1


async def test_the_smallest_number_a_device_can_send_is_kept_as_zero(
    service: Database, log: Client, reading: Client
) -> None:
    """A speed of 1e-300 m/s is no reason to stop archiving."""
    odd = fix(1, speed_mps=1e-300, course_deg=-1e-300, accuracy_m=1e-300)
    await append(log, names.FIXES, encode(Fixes(DAY, [odd, fix(2)])))
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 1)
    async with service.transaction() as connection:
        kept = await points(connection, UUID(DEVICE), 1, 2)
    assert [(one.speed_mps, one.course_deg, one.accuracy_m) for one in kept] == [(0.0, 0.0, 0.0)]
    assert len(await rows(service)) == 2


async def test_a_database_that_goes_away_is_waited_for(
    workshop: Path, custody: Custody, log: Client, reading: Client
) -> None:
    """The log keeps what waits; when the database is back everything is there once."""
    server = Postgres(workshop / f"away-{uuid4().hex[:6]}", free_port(), uuid4().hex, unprivileged())
    server.start()
    migrate(server.url)
    database = Database(server.url, "service", custody=custody)
    try:
        async with running(Archive(database, reading, carried)):
            await put(log, 0, 30)
            await until_archived(database, 10)
            assert server.process is not None
            server.process.kill()
            server.process.wait()
            await put(log, 30, 60)
            server.start()
            await put(log, 60, 90)
            await until_archived(database, 30)
        assert await rows(database) == [float(n) for n in range(90)]
    finally:
        await database.close()
        server.stop()


def test_people_read_no_positions_out_of_the_archive(database_url: str) -> None:
    """A session for people may read neither the archive nor one day of it, and services may only add."""
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute("SELECT open_day('2027-01-15')")
        admin.execute("SELECT open_day('2027-01-15')")
        for table in ("fix", "device_event", "fix_20270115"):
            admin.execute("SET ROLE jikimi_people")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                admin.execute(f"SELECT * FROM {table}".encode())
            admin.execute("RESET ROLE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute("SET ROLE jikimi_people; SELECT open_day('2027-01-16')")
    assert UUID(DEVICE)


HIM, CENTRE = uuid7(), uuid7()
NOON = DAY + 43200


async def wear(service: Database, basis: str) -> None:
    """He wears the device from noon on, by that law."""
    async with service.transaction() as connection:
        await connection.execute(text("INSERT INTO agency VALUES (:id, 'monitoring', 'EXERCISE')"), {"id": CENTRE})
        await connection.execute(text("INSERT INTO person (id, agency, label) VALUES (:id, :agency, 'EXERCISE')"),
                                 {"id": HIM, "agency": CENTRE})  # fmt: skip
        await connection.execute(
            text("INSERT INTO device VALUES (:id, :agency, 'tag', :name, ''::bytea, 60)"),
            {"id": UUID(DEVICE), "agency": CENTRE, "name": DEVICE},
        )
        await connection.execute(
            text("INSERT INTO carry (id, agency, device, person, since, basis)"
                 " VALUES (:id, :agency, :device, :person, to_timestamp(:since), :basis)"),
            {"id": uuid7(), "agency": CENTRE, "device": UUID(DEVICE), "person": HIM, "since": NOON, "basis": basis},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("basis", "kind"),
    [("supervision", Kind.SUPERVISED), ("provisional", Kind.ORDERED), ("consent", Kind.AGREED)],
)
async def test_a_position_is_readable_only_under_the_key_of_whose_it_was_and_of_the_law_it_was_taken_by(
    service: Database, custody: Custody, log: Client, reading: Client, basis: str, kind: Kind
) -> None:
    """Destroying his key of that law destroys where he was, and neither what came before he wore it nor another law's."""
    await wear(service, basis)
    before, after = fix(int(NOON) - 1, lon=126.5), fix(int(NOON), lon=127.123456789, speed_mps=1.5)
    await append(log, names.FIXES, encode(Fixes(NOON + 1, [before, after])))
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 1)
    async with service.transaction() as connection:
        his = await points(connection, HIM, 0, NOON + 9)
        others = await points(connection, UUID(DEVICE), 0, NOON + 9)
    assert [(one.t, one.lon, one.lat, one.speed_mps, one.course_deg) for one in his] == [
        (NOON, 127.123456789, 37.5, 1.5, None)
    ]
    assert [one.lon for one in others] == [126.5]
    for other in Kind:
        custody.destroy(other, HIM, 1.0) if other is not kind else None
    async with service.transaction() as connection:
        assert await points(connection, HIM, 0, NOON + 9) == his
        custody.destroy(kind, HIM, 1.0)
        assert await points(connection, HIM, 0, NOON + 9) == []


async def test_what_comes_after_her_no_has_no_row(service: Database, log: Client, reading: Client) -> None:
    """Not under her key, nor under the device's; what another law covers is kept as ever, and nothing else stops."""
    await wear(service, "consent")
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE carry SET until = to_timestamp(:t)"), {"t": NOON + 60})
    sent = [fix(int(NOON) + 59), fix(int(NOON) + 60), fix(int(NOON) + 999)]
    await append(log, names.FIXES, encode(Fixes(NOON + 999, sent)))
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 1)
    assert await rows(service) == [NOON + 59]
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE carry SET basis = 'provisional'"))
    await append(log, names.FIXES, encode(Fixes(NOON + 1999, [fix(int(NOON) + 1000)])))
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 2)
    assert await rows(service) == [NOON + 59, NOON + 1000]


async def test_a_position_that_comes_after_the_destruction_is_never_kept(
    service: Database, custody: Custody, log: Client, reading: Client
) -> None:
    """A backlog of a tag whose wearer's data was destroyed leaves no coordinates behind, and stops nothing."""
    await wear(service, "provisional")
    custody.destroy(Kind.ORDERED, HIM, 1.0)
    await append(log, names.FIXES, encode(Fixes(NOON + 1, [fix(int(NOON) + 1), fix(int(NOON) - 1)])))
    async with running(Archive(service, reading, carried)):
        await until_archived(service, 1)
    assert await rows(service, "SELECT sealed IS NULL FROM fix ORDER BY t") == [False, True]
