"""The log, two ways: append one fact durably and have a reader hold it. For the first decision record.

Run: ``.venv/bin/python bench/log.py``. Prints one JSON object; both servers are started here and run with every flush on.
"""

import asyncio
import json
import socket
import tempfile
import time
from pathlib import Path

import psycopg

from jikimi.kernel.process import unprivileged
from jikimi.store.embedded import Postgres
from jikimi.stream import names
from jikimi.stream.client import append, connect, set_up
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import Tail

ROUNDS, BODY = 1000, b"x" * 400
PIPELINE = 64


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def at(times: list[float], share: float) -> float:
    return round(sorted(times)[int(share * len(times))] * 1000, 3)


async def jetstream(server: Nats) -> dict[str, float]:
    client = await connect(server.url("operator"), "operator")
    await set_up(client)
    held = asyncio.Queue[float]()

    async def read() -> None:
        async for batch in Tail(client, names.FACTS).batches():
            for _ in batch:
                held.put_nowait(time.perf_counter())

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.3)
    waits = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        await append(client, names.FIXES, BODY)
        waits.append(await held.get() - start)
    start = time.perf_counter()
    for _ in range(ROUNDS // PIPELINE):
        await asyncio.gather(*(append(client, names.FIXES, BODY) for _ in range(PIPELINE)))
    rate = (ROUNDS // PIPELINE) * PIPELINE / (time.perf_counter() - start)
    reading.cancel()
    await client.close()
    return {"p50_ms": at(waits, 0.5), "p99_ms": at(waits, 0.99), "appends_per_s": round(rate)}


async def postgres(server: Postgres) -> dict[str, float]:
    writer = await psycopg.AsyncConnection.connect(server.url, autocommit=True)
    reader = await psycopg.AsyncConnection.connect(server.url, autocommit=True)
    await writer.execute("CREATE TABLE log (seq bigserial PRIMARY KEY, body bytea)")
    await reader.execute("LISTEN log")
    held = asyncio.Queue[float]()

    second = await psycopg.AsyncConnection.connect(server.url, autocommit=True)

    async def follow() -> None:
        last = 0
        async for _ in reader.notifies():
            cursor = await second.execute("SELECT seq, body FROM log WHERE seq > %s ORDER BY seq", (last,))
            for row in await cursor.fetchall():
                last = row[0]
                held.put_nowait(time.perf_counter())

    reading = asyncio.create_task(follow())
    await asyncio.sleep(0.3)
    waits = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        async with writer.transaction():
            await writer.execute("INSERT INTO log (body) VALUES (%s)", (BODY,))
            await writer.execute("NOTIFY log")
        waits.append(await held.get() - start)
    reading.cancel()
    pool = [await psycopg.AsyncConnection.connect(server.url, autocommit=True) for _ in range(16)]

    async def many(connection: psycopg.AsyncConnection[object], count: int) -> None:
        for _ in range(count):
            async with connection.transaction():
                await connection.execute("INSERT INTO log (body) VALUES (%s)", (BODY,))
                await connection.execute("NOTIFY log")

    start = time.perf_counter()
    await asyncio.gather(*(many(connection, ROUNDS // 16) for connection in pool))
    rate = (ROUNDS // 16) * 16 / (time.perf_counter() - start)
    for connection in (*pool, writer, reader, second):
        await connection.close()
    return {"p50_ms": at(waits, 0.5), "p99_ms": at(waits, 0.99), "appends_per_s": round(rate)}


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="jikimi-bench-log-"))
    folder.chmod(0o711)
    roles = ("operator", "intake", "detect", "respond", "desk")
    nats = Nats(folder / "nats", port(), {role: role * 4 for role in roles}, unprivileged())
    database = Postgres(folder / "postgres", port(), "bench" * 8, unprivileged())
    nats.start()
    database.start()
    try:
        print(json.dumps({"jetstream": asyncio.run(jetstream(nats)), "postgresql": asyncio.run(postgres(database))}))
    finally:
        nats.stop()
        database.stop()


if __name__ == "__main__":
    main()
