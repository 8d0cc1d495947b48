"""Months on a real database: opened by the sealer, chained, exported, witnessed; and what was sealed before there were any."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from jikimi.cli.main import app
from jikimi.ledger.checkpoint import Checkpoint, signed
from jikimi.ledger.export import export, export_growth
from jikimi.ledger.fields import UnfitForLedger
from jikimi.ledger.merkle import Frontier, leaf_hash
from jikimi.ledger.note import public_key
from jikimi.ledger.reading import LedgerBroken
from jikimi.ledger.rows import Row, append, body_of
from jikimi.ledger.sealer import Sealer
from jikimi.ledger.verify import verify
from jikimi.ledger.witness import NotWitnessed, new_key, witness
from jikimi.store import migrations
from jikimi.store.database import Database
from jikimi.store.embedded import Postgres
from tests.integration.test_ledger_sealing import KEY, ORIGIN, Hand, numbers, sizes, written
from tests.ledger_forging import meddle, recompute
from tests.unit.test_ledger_verifier import verdict

SEOUL_S = 32_400
NEW_YEAR_IN_SEOUL = 1_798_729_200.0
DAY = 86_400.0


@pytest.fixture
def hand() -> Hand:
    """A clock a moment before the new year in Seoul."""
    clock = Hand()
    clock.at = NEW_YEAR_IN_SEOUL - 1
    return clock


@pytest.fixture
def sealer(service: Database, hand: Hand) -> Sealer:
    return Sealer(service, KEY, ORIGIN, hand, SEOUL_S)


async def three_months(service: Database, sealer: Sealer, hand: Hand) -> None:
    """December, January and March; nothing happened in February."""
    for days in (0.0, 5.0, 70.0):
        hand.at = NEW_YEAR_IN_SEOUL - 1 + days * DAY
        for _ in range(2):
            await written(service, 2)
            assert await sealer.seal_once() == 2


def logs(path: Path) -> list[tuple[str, int, int]]:
    report = verify(path)
    assert report.ok, report.breaks
    return [(month.log, month.first, month.rows) for month in report.months]


async def test_a_month_ends_at_the_site_s_own_midnight(
    service: Database, sealer: Sealer, hand: Hand, tmp_path: Path
) -> None:
    """What is sealed after midnight is the new month's, however early it was written; a month without rows has no log."""
    await three_months(service, sealer, hand)
    assert await numbers(service) == list(range(15))
    path = tmp_path / "ledger.jsonl"
    await export(service, path)
    assert logs(path) == [(f"{ORIGIN}/2026-12", 0, 5), (f"{ORIGIN}/2027-01", 5, 5), (f"{ORIGIN}/2027-03", 10, 5)]
    assert verdict(path)[0] == 0
    opening = json.loads(path.read_text().splitlines()[8])["body"]
    said = json.loads(opening)
    assert (said["kind"], said["starts_at"], said["rows_before"]) == ("month.opened", "2026-12-31T15:00:00Z", 5)


async def test_a_clock_that_goes_back_opens_no_month_again(service: Database, sealer: Sealer, hand: Hand) -> None:
    """One log has one history: rows sealed while the clock is behind stay in the later month."""
    hand.at = NEW_YEAR_IN_SEOUL
    await written(service, 1)
    await sealer.seal_once()
    hand.at = NEW_YEAR_IN_SEOUL - 10
    await written(service, 1)
    assert await sealer.seal_once() == 1
    assert await sizes(service) == [2, 3]
    assert await sealer.seal_once() == 0


async def test_a_new_month_is_not_opened_for_nothing(service: Database, sealer: Sealer, hand: Hand) -> None:
    """A month begins with the first row to be sealed in it."""
    await written(service, 1)
    await sealer.seal_once()
    hand.at += 40 * DAY
    assert await sealer.seal_once() == 0
    assert await numbers(service) == [0, 1]


async def test_sealers_at_once_open_a_month_once(
    service: Database, database_url: str, hand: Hand, tmp_path: Path
) -> None:
    """Two processes over the turn of a month make one first row, and a restarted one goes on in the same month."""
    other = Database(database_url, "service")
    one, two = Sealer(service, KEY, ORIGIN, hand, SEOUL_S), Sealer(other, KEY, ORIGIN, hand, SEOUL_S)
    for _ in range(12):
        await written(service, 2)
        await asyncio.gather(one.seal_once(), two.seal_once())
        hand.at += 0.25
    await Sealer(service, KEY, ORIGIN, hand, SEOUL_S).seal_once()
    await other.close()
    path = tmp_path / "ledger.jsonl"
    await export(service, path)
    assert [log for log, _, _ in logs(path)] == [f"{ORIGIN}/2026-12", f"{ORIGIN}/2027-01"]
    assert len(await numbers(service)) == 26


async def test_only_the_sealer_opens_a_month(service: Database, sealer: Sealer) -> None:
    """No writer puts such a row on the record, and one that came by another way is not sealed."""
    with pytest.raises(UnfitForLedger, match="Only the sealer"):
        async with service.transaction() as connection:
            await append(connection, 0.0, "month.opened", log=f"{ORIGIN}/2031-01", rows_before=0)
    body = body_of(UUID(int=1), Row(0.0, "month.opened", {"log": f"{ORIGIN}/2031-01", "rows_before": 0}))
    async with service.transaction() as connection:
        await connection.execute(
            text("INSERT INTO ledger_row (id, at, body) VALUES (:id, now(), :body)"), {"id": UUID(int=1), "body": body}
        )
    with pytest.raises(LedgerBroken, match="Somebody has written a row that opens a month"):
        await sealer.seal_once()


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (
            ["DELETE FROM ledger_row WHERE seq BETWEEN 5 AND 9", "DELETE FROM checkpoint WHERE before = 5"],
            "Row 5 is missing",
        ),
        (
            [
                "DELETE FROM ledger_row WHERE seq BETWEEN 5 AND 9",
                "DELETE FROM checkpoint WHERE before = 5",
                "UPDATE ledger_row SET seq = seq - 5 WHERE seq > 9",
                "UPDATE checkpoint SET size = size - 5, before = 5 WHERE before = 10",
            ],
            "Row 5 opens police.example/ledger/2027-03 after 10 rows to police.example/ledger/2027-01",
        ),
        (["DELETE FROM checkpoint WHERE size = 5"], "Rows 3 to 4 are under no checkpoint, and row 5 opens a month"),
        (
            ["UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 5) WHERE size = 10"],
            "Rows 8 to 9 are not",
        ),
    ],
)
async def test_a_month_gone_from_the_table_is_never_signed_over(
    service: Database, sealer: Sealer, hand: Hand, database_url: str, statements: list[str], sentence: str
) -> None:
    """A sealer that starts reads all months; one taken out, or cut loose from the next, is named and nothing is sealed."""
    await three_months(service, sealer, hand)
    await meddle(database_url, *statements)
    await written(service, 1)
    with pytest.raises(LedgerBroken, match=sentence):
        await Sealer(service, KEY, ORIGIN, hand, SEOUL_S).seal_once()


async def test_every_size_a_witness_may_know_leads_to_the_last(
    service: Database, sealer: Sealer, hand: Hand, tmp_path: Path
) -> None:
    """Wherever in whichever month a witness stopped, the proof goes on from there to the last checkpoint."""
    key, offered, path = tmp_path / "key", tmp_path / "offered", tmp_path / "ledger.jsonl"
    public = new_key(key, "justice.example/witness")
    memory = {0: f"{sealer.public_key}\n"}

    async def sees(since: int) -> str:
        last = tmp_path / "last"
        last.write_text(memory[since])
        offered.write_text(str(await export_growth(service, since)))
        assert "tasking" not in offered.read_text()
        note = witness(last, offered, key, hand)
        memory[(await sizes(service))[-1]] = last.read_text()
        return note

    for days in (0.0, 0.0, 5.0, 5.0, 70.0, 70.0):
        hand.at = NEW_YEAR_IN_SEOUL - 1 + days * DAY
        await written(service, 2)
        await sealer.seal_once()
        await sees(max(memory))
    assert sorted(memory) == [0, 3, 5, 8, 10, 13, 15]
    await export(service, path)
    for size in sorted(memory):
        kept = tmp_path / "kept"
        kept.write_text(await sees(size))
        report = verify(path, kept, None, [str(public)])
        assert (report.ok, report.witnesses[0].rows, report.anchored_rows) == (True, 15, 15)
        code, said = verdict(path, "--checkpoint", kept, "--witness", str(public))
        assert (code, "The first 15 were witnessed" in said) == (0, True)


async def test_a_month_rewritten_with_the_site_s_own_key_is_not_witnessed(
    service: Database, sealer: Sealer, hand: Hand, database_url: str, tmp_path: Path
) -> None:
    """Whoever rewrites a closed month writes all months after it, and a witness of any of them refuses."""
    key, offered, last = tmp_path / "key", tmp_path / "offered", tmp_path / "last"
    new_key(key, "justice.example/witness")
    last.write_text(f"{sealer.public_key}\n")
    await three_months(service, sealer, hand)
    offered.write_text(str(await export_growth(service, 0)))
    witness(last, offered, key, hand)
    await meddle(database_url, """UPDATE ledger_row SET body = replace(body, '"count":1', '"count":9') WHERE seq = 2""")
    await recompute(database_url, KEY, ORIGIN)
    await written(service, 1)
    assert await Sealer(service, KEY, ORIGIN, hand, SEOUL_S).seal_once() == 1
    offered.write_text(str(await export_growth(service, 15)))
    with pytest.raises(NotWitnessed, match="does not grow out of the 5 rows"):
        witness(last, offered, key, hand)


async def test_a_copy_of_hashes_tells_no_row_and_finds_one(
    service: Database, sealer: Sealer, hand: Hand, database_url: str, tmp_path: Path
) -> None:
    """`jikimi export ledger PATH --hashes` gives another party no row's text, and enough to name any row changed."""
    await three_months(service, sealer, hand)
    kept, path = tmp_path / "hashes.jsonl", tmp_path / "ledger.jsonl"
    arguments = ["export", "ledger", str(kept), "--hashes", "--database", database_url]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert (done.exit_code, "tasking" in kept.read_text()) == (0, False)
    assert not verify(kept).ok
    assert "row 1's hash and not the row" in verify(kept).breaks[0].sentence
    assert verdict(kept)[0] == 1
    await export(service, path)
    assert verify(path, kept).anchored_rows == 15
    await meddle(database_url, """UPDATE ledger_row SET body = replace(body, '"count":1', '"count":9') WHERE seq = 7""")
    await recompute(database_url, KEY, ORIGIN)
    await export(service, path)
    assert verify(path, key=str(sealer.public_key)).ok
    assert "Row 7 is another one than in the copy you hold." in [one.sentence for one in verify(path, kept).breaks]
    assert "Row 7 is another one than in the copy you hold." in verdict(path, "--checkpoint", kept)[1]


@pytest.fixture
def from_before(postgres: Postgres) -> Iterator[str]:
    """A database as it was before there were months, with five rows sealed in it."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    url = postgres.url.rsplit("/", 1)[0] + "/" + name
    upgraded(url, "0002")
    with psycopg.connect(url) as connection:
        frontier, public = Frontier(), str(public_key(ORIGIN, KEY))
        for seq in range(5):
            body = body_of(UUID(int=seq + 1), Row(1_780_000_000.0 + seq, "tasking", {"count": seq}))
            leaf = leaf_hash(body.encode())
            frontier.append(leaf)
            connection.execute(
                "INSERT INTO ledger_row VALUES (%s, to_timestamp(%s), %s, %s, %s)",
                [UUID(int=seq + 1), 1_780_000_000 + seq, body, seq, leaf],
            )
            if seq in {1, 4}:
                said = Checkpoint(ORIGIN, frontier.size, frontier.root())
                connection.execute(
                    "INSERT INTO checkpoint (size, at, root, frontier, key, note) VALUES (%s, now(), %s, %s, %s, %s)",
                    [said.size, said.root, frontier.to_bytes(), public, signed(said, KEY)],
                )
    yield url
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def upgraded(url: str, revision: str) -> None:
    """Bring a database to that revision and no further."""
    config, script = migrations._script()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with (
        engine.connect() as connection,
        connection.begin(),
        EnvironmentContext(config, script, fn=lambda rev, _: script._upgrade_revs(revision, rev)) as environment,
    ):
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
    engine.dispose()


async def test_what_was_sealed_before_there_were_months_goes_on(from_before: str, hand: Hand, tmp_path: Path) -> None:
    """A record brought to this version keeps its signatures, goes on in months, and its old witness follows."""
    key, offered, last, path = (tmp_path / name for name in ("key", "offered", "last", "ledger.jsonl"))
    new_key(key, "justice.example/witness")
    last.write_text(f"{public_key(ORIGIN, KEY)}\n")
    migrations.migrate(from_before)
    service = Database(from_before, "service")
    try:
        offered.write_text(str(await export_growth(service, 0)))
        kept = witness(last, offered, key, hand)
        assert kept.startswith(f"{ORIGIN}\n5\n")
        sealer = Sealer(service, KEY, ORIGIN, hand, SEOUL_S)
        await written(service, 2)
        assert await sealer.seal_once() == 2
        await export(service, path)
        assert logs(path) == [(ORIGIN, 0, 5), (f"{ORIGIN}/2026-12", 5, 3)]
        assert verdict(path)[0] == 0
        (tmp_path / "kept").write_text(kept)
        assert verify(path, tmp_path / "kept").anchored_rows == 5
        offered.write_text(str(await export_growth(service, 5)))
        assert witness(last, offered, key, hand).startswith(f"{ORIGIN}/2026-12\n3\n")
        assert await Sealer(service, KEY, ORIGIN, hand, SEOUL_S).seal_once() == 0
    finally:
        await service.close()
