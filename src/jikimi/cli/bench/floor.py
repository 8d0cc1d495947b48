"""The least this path could cost here: the same hops with nothing in them, on an idle installation."""

import asyncio
import json
import time
from uuid import uuid4

import psycopg
from nats.aio.msg import Msg

from jikimi.cli.bench.installation import Installation
from jikimi.stream.client import append, connect
from jikimi.stream.tail import Tail
from jikimi.vault import Vault

_ROUNDS = 200


def floor_ms(installation: Installation) -> float:
    """Median ms of: an HTTP answer, two fsynced appends each read by a consumer, a commit of three rows, one publish."""
    return asyncio.run(_floor(installation))


async def _floor(installation: Installation) -> float:
    password = Vault(installation.data).password("nats-operator")
    port = (installation.data / "ports.json").read_text()
    client = await connect(f"nats://operator:{password}@127.0.0.1:{json.loads(port)['nats']}", "operator")
    database = await psycopg.AsyncConnection.connect(installation.database_url)
    await database.execute("CREATE TEMPORARY TABLE floor (id uuid PRIMARY KEY, body text)")
    await database.commit()
    said: asyncio.Queue[bytes] = asyncio.Queue()
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    # A subject no role reads, so that nothing of this reaches detection.
    async def hear(message: Msg) -> None:
        await heard.put(message.data)

    await client.subscribe("floor.said", cb=hear)
    seq = await append(client, "rejects.floor", b"first")
    reading = asyncio.create_task(_read(Tail(client, "rejects", seq, ["rejects.floor"]), said))
    reader, writer = await asyncio.open_connection("127.0.0.1", installation.intake_port)
    times = []
    try:
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"}")
            for _ in range(2):
                await append(client, "rejects.floor", b"x" * 200)
                await said.get()
            await database.cursor().executemany(
                "INSERT INTO floor VALUES (%s, %s)", [(uuid4(), "x" * 200) for _ in range(3)]
            )
            await database.commit()
            await client.publish("floor.said", b"x")
            await heard.get()
            times.append((time.perf_counter() - start) * 1000)
    finally:
        reading.cancel()
        writer.close()
        await database.close()
        await client.close()
    return sorted(times)[len(times) // 2]


async def _read(tail: Tail, said: asyncio.Queue[bytes]) -> None:
    async for batch in tail.batches():
        for entry in batch:
            await said.put(entry.body)
