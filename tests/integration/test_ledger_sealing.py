"""Sealing and exporting on a real database."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer import Typer
from typer.testing import CliRunner

from jikimi.cli import verify as cli
from jikimi.kernel.errors import Conflict
from jikimi.kernel.ids import uuid7
from jikimi.kernel.units import UnixTime
from jikimi.ledger import sealer as sealing
from jikimi.ledger.export import export
from jikimi.ledger.fields import UnfitForLedger
from jikimi.ledger.reading import LedgerBroken
from jikimi.ledger.rows import Row, append, append_many
from jikimi.ledger.sealer import Sealer
from jikimi.ledger.verify import verify
from jikimi.store.database import Database
from tests.ledger_forging import meddle, recompute
from tests.patience import PATIENCE

ORIGIN = "police.example/ledger"
SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)


class Hand:
    """A clock set by hand."""

    at = 1_780_000_000.0

    def unix(self) -> UnixTime:
        """The time it was set to."""
        return UnixTime(self.at)


@pytest.fixture
def sealer(service: Database) -> Sealer:
    return Sealer(service, KEY, ORIGIN, Hand())


@pytest.fixture
async def again(database_url: str) -> AsyncIterator[Sealer]:
    """A second sealer, as a second process would have it."""
    database = Database(database_url, "service")
    yield Sealer(database, KEY, ORIGIN, Hand())
    await database.close()


async def written(database: Database, count: int) -> list[UUID]:
    async with database.transaction() as connection:
        return await append_many(
            connection, [Row(1_780_000_000.0 + number, "tasking", {"count": number}) for number in range(count)]
        )


async def numbers(database: Database) -> list[int | None]:
    async with database.transaction() as connection:
        return list((await connection.execute(text("SELECT seq FROM ledger_row ORDER BY seq NULLS LAST"))).scalars())


async def sizes(database: Database) -> list[int]:
    async with database.transaction() as connection:
        return list((await connection.execute(text("SELECT size FROM checkpoint ORDER BY size"))).scalars())


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Wait for it, and fail when it does not come."""
    async with asyncio.timeout(PATIENCE * seconds):
        while not await true():
            await asyncio.sleep(0.01)


async def test_rows_are_numbered_in_the_order_they_were_made(service: Database, sealer: Sealer, tmp_path: Path) -> None:
    """What is committed gets gap-free numbers after the month's first row, and one checkpoint, and an export verifies."""
    ids = await written(service, 5)
    assert await sealer.seal_once() == 5
    assert await sealer.seal_once() == 0
    assert await numbers(service) == [0, 1, 2, 3, 4, 5]
    await written(service, 2)
    assert await sealer.seal_once() == 2
    assert await sizes(service) == [6, 8]
    path = tmp_path / "ledger.jsonl"
    done = await export(service, path)
    assert done.size == 8
    report = verify(path, key=str(sealer.public_key))
    assert report.ok
    assert (report.size, report.checkpoints, report.origin) == (8, 2, ORIGIN)
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.startswith('{"seq"')]
    assert [row["id"] for row in rows[1:6]] == [str(one) for one in ids]
    assert left_in(tmp_path) == [path]


async def test_nothing_is_written_for_nothing(service: Database, sealer: Sealer) -> None:
    """Without rows there is no statement, no number and no checkpoint."""
    async with service.transaction() as connection:
        assert await append_many(connection, []) == []
    assert await sealer.seal_once() == 0
    assert await sizes(service) == []


async def test_a_row_lives_and_dies_with_its_transaction(service: Database, sealer: Sealer) -> None:
    """A row of a transaction that failed was never there and leaves no gap."""

    async def half() -> None:
        async with service.transaction() as connection:
            await append(connection, 0.0, "tasking", count=1)
            await append(connection, 0.0, "tasking", name="Kim")

    with pytest.raises(UnfitForLedger):
        await half()
    await written(service, 1)
    assert await sealer.seal_once() == 1
    assert await numbers(service) == [0, 1]


async def test_a_transaction_that_commits_late_is_sealed_late(service: Database, sealer: Sealer) -> None:
    """Writers never wait for the sealer, and a row with an older id that commits later gets a later number."""
    async with service.transaction() as connection:
        slow = await append(connection, 0.0, "tasking", count=1)
        await written(service, 2)
        assert await sealer.seal_once() == 2
    assert await sealer.seal_once() == 1
    async with service.transaction() as connection:
        found = await connection.execute(text("SELECT seq FROM ledger_row WHERE id = :id"), {"id": slow})
        assert found.scalar_one() == 3


async def test_two_sealers_at_once_make_one_ledger(
    service: Database, sealer: Sealer, again: Sealer, tmp_path: Path
) -> None:
    """Two processes sealing against each other while rows come in make no gap, no double, nothing unverifiable."""

    async def seal(one: Sealer) -> int:
        count = 0
        for _ in range(40):
            count += await one.seal_once()
            await asyncio.sleep(0)
        return count

    async def write() -> None:
        for _ in range(40):
            await written(service, 3)

    one, two, _ = await asyncio.gather(seal(sealer), seal(again), write())
    rest = await sealer.seal_once()
    assert one + two + rest == 120
    assert await numbers(service) == list(range(121))
    path = tmp_path / "ledger.jsonl"
    await export(service, path)
    assert verify(path).ok


async def test_a_backlog_is_sealed_piece_by_piece(
    service: Database, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is, one transaction seals a bounded part of it and run() goes on at once."""
    monkeypatch.setattr(sealing, "MOST", 4)
    monkeypatch.setattr(sealing, "EVERY_S", 3600.0)
    await written(service, 10)
    running = asyncio.create_task(sealer.run())

    async def sealed() -> bool:
        return await sizes(service) == [5, 9, 11]

    await until(sealed)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_cancelled_sealing_leaves_nothing_half_done(
    service: Database, sealer: Sealer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled at any step, the next sealing starts from where the last finished one ended."""
    await written(service, 50)
    for step in range(1, 9):
        attempt = asyncio.create_task(sealer.seal_once())
        await asyncio.sleep(0.002 * step)
        attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)
        await written(service, 1)
    for where in ("_number", "_sign"):
        reached = asyncio.Event()
        honest = getattr(Sealer, where)

        async def stuck(self: Sealer, *args: object, honest: object = honest, reached: asyncio.Event = reached) -> None:
            await honest(self, *args)  # type: ignore[operator]
            reached.set()
            await asyncio.sleep(3600)

        with monkeypatch.context() as patch:
            patch.setattr(Sealer, where, stuck)
            attempt = asyncio.create_task(sealer.seal_once())
            await reached.wait()
            attempt.cancel()
            await asyncio.gather(attempt, return_exceptions=True)
        await written(service, 1)
    while await sealer.seal_once():
        pass
    assert await numbers(service) == list(range(61))
    path = tmp_path / "ledger.jsonl"
    await export(service, path)
    assert verify(path).ok


PROGRAM = """
import asyncio, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jikimi.kernel.clock import SystemClock
from jikimi.ledger import sealer
from jikimi.ledger.rows import append
from jikimi.store.database import Database
sealer.EVERY_S = 0.0

async def main():
    database = Database(sys.argv[1], "service")
    made = sealer.Sealer(database, Ed25519PrivateKey.from_private_bytes(bytes(range(32))), sys.argv[2], SystemClock())
    async def write():
        while True:
            async with database.transaction() as connection:
                await append(connection, 0.0, "tasking", count=1)
    await asyncio.gather(made.run(), write())

asyncio.run(main())
"""


async def test_a_sealer_killed_at_any_moment_leaves_a_ledger_that_verifies(
    service: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    """A kill -9 in the middle of sealing, again and again, makes no gap, no double and nothing unverifiable."""
    for round_number in range(4):
        before = await sizes(service)
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, database_url, ORIGIN])  # noqa: ASYNC220 - to be shot

        async def grown(before: list[int] = before) -> bool:
            return await sizes(service) != before

        await until(grown, 20)
        await asyncio.sleep(0.013 * round_number)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    async with asyncio.timeout(10 * PATIENCE):
        while None in await numbers(service):
            await sealer.seal_once()
    sealed = await numbers(service)
    assert sealed == list(range(len(sealed)))
    assert sealed
    path = tmp_path / "ledger.jsonl"
    await export(service, path)
    report = verify(path, key=str(sealer.public_key))
    assert report.ok
    assert report.size == len(sealed)


async def test_a_sealer_survives_a_database_that_is_away(
    service: Database, sealer: Sealer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody answers it tries again each second, and goes on when somebody does."""
    monkeypatch.setattr(sealing, "EVERY_S", 0.02)
    await written(service, 1)
    running = asyncio.create_task(sealer.run())
    name = database_url.rpartition("/")[2]
    admin = database_url.rpartition("/")[0] + "/postgres"
    async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as connection:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        await asyncio.sleep(0.5)
        assert not running.done()
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    await written(service, 1)

    async def sealed() -> bool:
        return await numbers(service) == [0, 1, 2]

    await until(sealed)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoint SET note = 'x' WHERE size = 4",
        "UPDATE checkpoint SET frontier = '\\x00' WHERE size = 4",
        "UPDATE checkpoint SET frontier = decode(repeat('00', 32), 'hex') WHERE size = 4",
        "UPDATE checkpoint SET note = replace(note, E'\\n4\\n', E'\\n5\\n') WHERE size = 4",
        "DELETE FROM checkpoint WHERE size = 4",
        "DELETE FROM ledger_row WHERE seq = 3",
        "DELETE FROM ledger_row; DELETE FROM checkpoint",
    ],
)
async def test_a_meddled_record_is_never_signed_over(
    service: Database, sealer: Sealer, database_url: str, statement: str
) -> None:
    """When the record no longer grows out of what was signed, sealing stops aloud until people have looked."""
    await written(service, 2)
    await sealer.seal_once()
    await written(service, 1)
    await sealer.seal_once()
    await meddle(database_url, *statement.split("; "))
    before = await sizes(service)
    await written(service, 1)
    with pytest.raises(LedgerBroken):
        await sealer.seal_once()
    assert await sizes(service) == before


async def test_another_key_does_not_go_on_with_the_ledger(service: Database, sealer: Sealer) -> None:
    """An installation that lost its key says so instead of signing with a new one."""
    await written(service, 1)
    await sealer.seal_once()
    stranger = Sealer(service, Ed25519PrivateKey.from_private_bytes(bytes(32)), ORIGIN, Hand())
    await written(service, 1)
    with pytest.raises(LedgerBroken, match="this installation's key"):
        await stranger.seal_once()


async def test_a_signature_that_does_not_verify_is_not_kept(
    service: Database, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint is verified before it is committed."""
    await written(service, 1)
    monkeypatch.setattr(sealing, "signed", lambda checkpoint, _: f"{checkpoint.text()}\n\u2014 {ORIGIN} AAAAAAA=\n")
    with pytest.raises(LedgerBroken, match="does not verify"):
        await sealer.seal_once()
    assert await numbers(service) == [None]


async def test_rows_numbered_by_somebody_else_stop_the_sealing(
    service: Database, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number given outside the lock is noticed before anything is signed."""
    await written(service, 1)
    monkeypatch.setattr(sealing, "_UPDATE", text("SELECT 1 WHERE :ids IS NULL AND :seqs IS NULL AND :leaves IS NULL"))
    with pytest.raises((LedgerBroken, DBAPIError)):
        await sealer.seal_once()
    assert await sizes(service) == []


async def test_a_broken_ledger_is_said_aloud_and_tried_again(
    service: Database, sealer: Sealer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """run() does not end over a broken ledger; it counts and goes on looking."""
    monkeypatch.setattr(sealing, "EVERY_S", 0.005)
    await written(service, 1)
    await sealer.seal_once()
    await meddle(database_url, "UPDATE checkpoint SET note = 'x'")
    running = asyncio.create_task(sealer.run())

    async def failing() -> bool:
        return bool(sealing._failing._value.get() >= 3)

    await until(failing)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_row SET body = '{}'",
        "UPDATE ledger_row SET at = now() WHERE seq IS NULL",
        "UPDATE ledger_row SET seq = 9, leaf = '' WHERE seq = 0",
        "UPDATE ledger_row SET seq = NULL, leaf = NULL",
        "DELETE FROM ledger_row",
        "TRUNCATE ledger_row",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
        "UPDATE access_register SET allowed = true",
        "DELETE FROM access_register",
    ],
)
async def test_no_service_can_change_what_is_recorded(service: Database, sealer: Sealer, statement: str) -> None:
    """With the services' rights a row, a checkpoint and an access stand as they were written."""
    await written(service, 1)
    await sealer.seal_once()
    await written(service, 1)
    with pytest.raises(DBAPIError):
        async with service.transaction() as connection:
            await connection.execute(text(statement))


async def test_people_see_no_ledger(people: Database) -> None:
    """With people's rights the ledger and sessions cannot be read at all, nor by what an account signs in."""
    for what in (
        "FROM ledger_row",
        "FROM checkpoint",
        "FROM session",
        "secret FROM account",
        "locked_until FROM account",
    ):
        with pytest.raises(DBAPIError):
            async with people.transaction(uuid7()) as connection:
                await connection.execute(text(f"SELECT {what}"))


async def test_an_export_of_nothing_says_so(service: Database, tmp_path: Path) -> None:
    """Before anything is sealed there is nothing to export, and no file is left behind."""
    with pytest.raises(Conflict):
        await export(service, tmp_path / "ledger.jsonl")
    assert not left_in(tmp_path)


async def test_an_export_that_fails_leaves_the_old_file(service: Database, sealer: Sealer, tmp_path: Path) -> None:
    """A file is replaced whole or not at all."""
    path = tmp_path / "ledger.jsonl"
    path.mkdir()
    await written(service, 1)
    await sealer.seal_once()
    with pytest.raises(OSError, match="directory"):
        await export(service, path)
    assert left_in(tmp_path) == [path]


async def test_meddling_in_the_database_is_named_in_the_export(
    service: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    """A superuser's altered and deleted rows are named from the file; a recomputed chain by what was kept."""
    await written(service, 6)
    await sealer.seal_once()
    path, kept = tmp_path / "ledger.jsonl", tmp_path / "kept.jsonl"
    await export(service, kept)
    await meddle(database_url, """UPDATE ledger_row SET body = replace(body, '"count":3', '"count":4') WHERE seq = 4""")
    await export(service, path)
    assert verify(path).breaks[0].sentence == "Row 4 was altered: its text is not what was sealed."
    await recompute(database_url, KEY, ORIGIN)
    await export(service, path)
    assert verify(path, key=str(sealer.public_key)).ok
    assert verify(path, kept).first_row == 4
    await meddle(database_url, "DELETE FROM ledger_row WHERE seq = 2")
    await export(service, path)
    assert verify(path).breaks[0].sentence == "Row 2 is missing."


async def test_a_long_ledger_is_exported_in_pages(
    service: Database, sealer: Sealer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages join without a row or a checkpoint lost between them, whatever their size."""
    for _ in range(5):
        await written(service, 3)
        await sealer.seal_once()
    path = tmp_path / "ledger.jsonl"
    for page in (1, 2, 3, 7, 16, 17):
        monkeypatch.setattr("jikimi.ledger.export._PAGE", page)
        await export(service, path)
        report = verify(path)
        assert report.ok
        assert (report.size, report.checkpoints) == (16, 5)


async def test_the_command_exports_and_prints_the_checkpoint(
    service: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    """`jikimi export ledger PATH` writes what `jikimi verify PATH` takes, and prints what another party should keep."""
    app = Typer()
    app.command("export")(cli.export_command)
    path = str(tmp_path / "ledger.jsonl")
    arguments = [path, "--database", database_url]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert done.exit_code == 1
    assert "Nothing is sealed yet." in done.output
    await written(service, 2)
    await sealer.seal_once()
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert done.exit_code == 0
    (tmp_path / "kept").write_text(done.output.partition("\n\n")[2])
    report = verify(Path(path), tmp_path / "kept")
    assert report.ok
    assert report.anchored_rows == 3
