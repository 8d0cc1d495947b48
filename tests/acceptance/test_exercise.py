"""An exercise has its own clock and its own database, and says so in every word."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets

from tests.acceptance.running import Jikimi
from tests.acceptance.test_spine import approach
from tests.acceptance.town import enter
from tests.patience import PATIENCE

T0 = "2026-10-05T06:00:00+09:00"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of its own, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="jikimi-exercise-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def frames(jikimi: Jikimi, token: str, found: list[dict[str, object]]) -> None:
    """Everything a terminal is told."""
    where = jikimi.url.replace("http", "ws") + "/api/live"
    async with websockets.connect(where, additional_headers={"Authorization": f"Bearer {token}"}) as line:
        async for text in line:
            found.append(json.loads(text))  # noqa: PERF401 - others read the list meanwhile


async def test_every_word_of_an_exercise_says_so_and_real_data_never_meets_it(folder: Path) -> None:
    """No frame lacks the mark, the clock is the exercise's, and neither database can be started as the other."""
    exercise = Jikimi(folder)
    await asyncio.to_thread(exercise.start, "--exercise-clock", f"{T0}x2")
    try:
        town = await asyncio.to_thread(enter, exercise, "2026-10-01T00:00:00+09:00", "2026-10-05T06:00:01+09:00")
        found: list[dict[str, object]] = []
        listening = asyncio.create_task(frames(exercise, town.tokens["police-officer"], found))
        await asyncio.sleep(1.5)
        beats = [frame["at"] for frame in found if frame["type"] == "beat"]
        t = float(beats[-1]) if beats else 0.0  # type: ignore[arg-type]
        assert 1791147600 <= t < 1791147600 + 3600, "the clock is not the exercise's"
        await approach(exercise, town, 0, t)
        async with asyncio.timeout(10 * PATIENCE):
            while not any(frame["type"] == "message" for frame in found):
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        listening.cancel()
        assert {frame["type"] for frame in found} >= {"welcome", "message", "beat", "target"}
        assert all(frame["exercise"] is True for frame in found)
        assert {frame["pace"] for frame in found if frame["type"] == "beat"} == {2.0}
        assert exercise.call("GET", "/api/site")[1]["pace"] == 2.0
    finally:
        await asyncio.to_thread(exercise.stop)
    with pytest.raises(AssertionError, match="holds an exercise"):
        Jikimi(folder).start()


def test_an_exercise_is_refused_beside_real_devices(folder: Path) -> None:
    """Once a device is enrolled for real, no exercise runs on that database."""
    real = Jikimi(folder)
    real.start()
    try:
        enter(real)
    finally:
        real.stop()
    time.sleep(0.2)
    with pytest.raises(AssertionError, match="Real devices are enrolled"):
        Jikimi(folder).start("--exercise-clock", T0)
