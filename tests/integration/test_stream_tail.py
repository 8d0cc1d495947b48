"""The log as the roles read it, on a real server."""

import asyncio
import random
import time

from jikimi.stream import names, snapshots
from jikimi.stream.client import append, connect
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import Tail, last_values
from tests.patience import PATIENCE


async def test_a_tail_misses_nothing_and_repeats_nothing_over_a_kill(nats_server: Nats) -> None:
    """A reader sees every message once and in order though the server is killed in between."""
    writer = await connect(nats_server.url("intake"), "intake")
    reader = await connect(nats_server.url("detect"), "detect")
    seen: list[int] = []

    async def read() -> None:
        async for batch in Tail(reader, names.FACTS).batches():
            seen.extend(entry.seq for entry in batch)

    reading = asyncio.create_task(read())
    for _ in range(200):
        await append(writer, names.FIXES, b"x")
    assert nats_server.process is not None
    nats_server.process.kill()
    nats_server.process.wait()
    nats_server.start()
    for _ in range(200):
        await append(writer, names.FIXES, b"y", patience_s=20)
    async with asyncio.timeout(20 * PATIENCE):
        while len(seen) < 400:
            await asyncio.sleep(0.01)
    reading.cancel()
    assert seen == sorted(set(seen))
    assert len(seen) >= 400
    await writer.close()
    await reader.close()


async def test_the_same_message_id_is_stored_once(nats_server: Nats) -> None:
    """A retry after a lost acknowledgement doubles nothing."""
    writer = await connect(nats_server.url("intake"), "intake")
    first = await append(writer, names.TICK, b"t", "tick-1")
    assert await append(writer, names.TICK, b"t", "tick-1") == first
    await writer.close()


async def test_state_keeps_the_last_value_of_each_subject(nats_server: Nats) -> None:
    """The last-value stream holds one message a subject, with the place it has in the facts."""
    writer = await connect(nats_server.url("respond"), "respond")
    await append(writer, f"{names.ORDER}.a", b"1")
    await append(writer, f"{names.ORDER}.a", b"2")
    origin = await append(writer, f"{names.DEVICE}.d", b"3")
    async with asyncio.timeout(5 * PATIENCE):
        while len(values := await last_values(writer, names.STATE)) < 2 or values[-1].body != b"3":
            await asyncio.sleep(0.01)
    assert {entry.subject: entry.body for entry in values} == {f"{names.ORDER}.a": b"2", f"{names.DEVICE}.d": b"3"}
    assert values[-1].origin == origin
    assert await last_values(writer, names.STATE, [f"{names.CARRY}.>"]) == []
    await writer.close()


async def test_a_snapshot_comes_back_whole_or_not_at_all(nats_server: Nats) -> None:
    """A saved state is returned with its sequence, and only to the version that made it."""
    client = await connect(nats_server.url("detect"), "detect")
    assert await snapshots.load(client, "detect-0", "v1") is None
    state = bytes(range(256)) * 40_000
    await snapshots.save(client, "detect-0", 7, "v1", state)
    assert await snapshots.load(client, "detect-0", "v1") == (7, state)
    assert await snapshots.load(client, "detect-0", "v2") is None
    await client.close()


async def test_a_task_that_talks_to_the_log_ends_when_it_is_cancelled(nats_server: Nats) -> None:
    """Whenever the cancellation comes: with the log's answer in the same turn, between two calls, or in one."""
    writer = await connect(nats_server.url("respond"), "respond")
    dice = random.Random(7)

    async def talk() -> None:
        while True:
            await append(writer, f"{names.STANDING}.plans.1", b"[]")
            await writer.flush()
            await asyncio.sleep(5 * PATIENCE)

    for _ in range(300):
        task = asyncio.create_task(talk())
        await asyncio.sleep(dice.random() * 0.003)
        time.sleep(0.001)  # noqa: ASYNC251 - a loop that is held up finds the answer and the cancellation together
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=2 * PATIENCE)
        assert done, "a cancellation was lost"
    await writer.close()
