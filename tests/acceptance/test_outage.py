"""From outside: the record and the responder gone at once, and officers sent all the same."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from jikimi.kernel.process import unprivileged
from jikimi.store.embedded import Postgres
from tests.acceptance.running import Jikimi, until
from tests.acceptance.test_spine import approach, officers
from tests.acceptance.town import enter
from tests.conftest import free_port

_KEPT_S = 12.0
"""Two rounds of keeping the standing plans."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of its own, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="jikimi-outage-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def record(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that no supervisor starts again."""
    server = Postgres(folder / "record", free_port(), uuid4().hex, unprivileged())
    server.start()
    yield server
    server.stop()


async def test_a_responder_that_starts_without_the_record_still_sends_two_officers(
    folder: Path, record: Postgres
) -> None:
    """Both open lines hold the order once, marked as not recorded; the record has it once when it is back."""
    jikimi = Jikimi(folder, extra={"JIKIMI_DATABASE_URL": record.url})
    await asyncio.to_thread(jikimi.start)
    try:
        town = await asyncio.to_thread(enter, jikimi)
        async with officers(jikimi, town) as both:
            await asyncio.sleep(_KEPT_S)
            await asyncio.to_thread(record.stop)
            before = jikimi.pids()["respond"]
            os.kill(before, signal.SIGKILL)
            await until(lambda: jikimi.pids().get("respond", before) != before)
            await approach(jikimi, town, 0)
            await until(lambda: all(one.orders() for one in both), 20)
            await asyncio.sleep(2)
            for one in both:
                (order,) = one.orders()
                assert not order["recorded"]
            await asyncio.to_thread(record.start)
            await until(lambda: all(len(one.orders()) == 2 for one in both), 30)
            for one in both:
                first, second = one.orders()
                assert second["recorded"]
                assert second["body"]["delivery"] == first["body"]["delivery"]
        with psycopg.connect(record.url) as connection:
            count = connection.execute("SELECT count(*), count(DISTINCT incident) FROM tasking").fetchone()
        assert count == (2, 1)
    finally:
        await asyncio.to_thread(jikimi.stop)
