"""From a committed change to the log: real PostgreSQL, real NATS."""

import asyncio
from contextlib import suppress
from uuid import UUID

from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.facts import Carry, Order, decode
from jikimi.intake.devices import decode as decode_device
from jikimi.registry import outbox as registry_outbox
from jikimi.registry.outbox import KIND, publish_later
from jikimi.registry.schemas import CarryMove, OrderChange
from jikimi.registry.service import change_order, end_order, import_document, move_carry, revoke_device
from jikimi.store.database import Database
from jikimi.store.due import Due, Loop
from jikimi.stream import names
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import Entry, last_values
from tests.patience import PATIENCE
from tests.test_registry_world import CLOCK, actor, built, world


async def outbox(service: Database) -> list[tuple[str, bytes]]:
    """What waits to be published: subject and bytes, as put."""
    async with service.transaction() as connection:
        found = await connection.execute(text("SELECT id, body FROM due WHERE kind = 'publish' ORDER BY seq"))
        return [(body["subject"], registry_outbox.payload(connection, row, body) or b"") for row, body in found]


async def published(service: Database, client: Client, loops: int = 1) -> None:
    """Run publishing loops until nothing waits."""
    tasks = [
        asyncio.create_task(Loop(service, CLOCK, {KIND: registry_outbox.handler(client)}).run()) for _ in range(loops)
    ]
    async with asyncio.timeout(30 * PATIENCE):
        while await outbox(service):
            await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def log(client: Client, subject: str) -> list[Entry]:
    return await last_values(client, names.FACTS, [subject])


async def state(client: Client, subject: str, seq: int) -> list[Entry]:
    """The last-value stream, once it has followed the log to ``seq``."""
    async with asyncio.timeout(20 * PATIENCE):
        while not (found := await last_values(client, names.STATE, [subject])) or found[-1].origin < seq:
            await asyncio.sleep(0.05)
    return found


async def test_versions_of_an_order_reach_the_log_in_their_order(service: Database, nats_server: Nats) -> None:
    """Twenty changes, three competing loops: the log has versions 1 to 22 in order, and the last value is the last."""
    client = await connect(nats_server.url("respond"), "respond")
    ids = (await built(service)).ids
    registrar = actor(ids["police"])
    for version in range(1, 21):
        change = OrderChange.model_validate({"version": version, "radius_m": 100 + version})
        assert await change_order(service, CLOCK, registrar, ids["order"], change) == version + 1
    assert await end_order(service, CLOCK, registrar, ids["order"], 21) == 22
    await published(service, client, loops=3)
    subject = f"{names.ORDER}.{ids['order']}"
    entries = await log(client, subject)
    orders = [fact for entry in entries if isinstance(fact := decode(entry.body), Order)]
    assert [order.version for order in orders] == list(range(1, 23))
    assert [order.radius_m for order in orders[:3]] == [100.0, 101.0, 102.0]
    assert [order.ended for order in orders] == [False] * 21 + [True]
    last = decode((await state(client, subject, entries[-1].seq))[-1].body)
    assert isinstance(last, Order)
    assert last.version == 22
    await client.close()


async def test_a_crash_between_the_log_and_the_commit_doubles_nothing(service: Database, nats_server: Nats) -> None:
    """A row that was appended but whose transaction died is appended again under the same id: one message."""
    client = await connect(nats_server.url("respond"), "respond")
    ids = (await built(service)).ids
    handle = registry_outbox.handler(client)

    async def dies(connection: AsyncConnection, row: Due) -> None:
        await handle(connection, row)
        raise asyncio.CancelledError

    with suppress(asyncio.CancelledError):
        await Loop(service, CLOCK, {KIND: dies}).round()
    await published(service, client)
    assert len(await log(client, f"{names.CHANGE}.>")) == 5
    assert len(await log(client, f"{names.ORDER}.{ids['order']}")) == 1
    await client.close()


async def test_an_outage_of_the_log_loses_nothing_and_reorders_nothing(service: Database, nats_server: Nats) -> None:
    """Changes made while the log is away are there, in order, when it is back, without an attempt held against them."""
    client = await connect(nats_server.url("respond"), "respond")
    ids = (await built(service)).ids
    registrar = actor(ids["centre"])
    assert nats_server.process is not None
    nats_server.process.kill()
    nats_server.process.wait()
    for version in range(1, 4):
        change = OrderChange.model_validate({"version": version, "monitored": version % 2 == 0})
        await change_order(service, CLOCK, registrar, ids["order"], change)
    publishing = asyncio.create_task(published(service, client))
    await asyncio.sleep(2)
    async with service.transaction() as connection:
        assert (await connection.execute(text("SELECT max(attempts) FROM due"))).scalar_one() == 0
    nats_server.start()
    await publishing
    entries = await log(client, f"{names.ORDER}.{ids['order']}")
    assert [decode(entry.body).version for entry in entries] == [1, 2, 3, 4]  # type: ignore[union-attr]
    await client.close()


async def test_handing_a_device_over_ends_before_it_begins(service: Database, nats_server: Nats) -> None:
    """The end of one carry is in the log before the beginning of the next, so no fix is two people's."""
    client = await connect(nats_server.url("respond"), "respond")
    ids = (await built(service)).ids
    move = CarryMove.model_validate(
        {"device": str(ids["tag"]), "person": str(ids["she"]), "since": "2026-10-02T00:00:00+09:00"}
    )
    ended, begun = await move_carry(service, CLOCK, actor(ids["centre"]), move)
    assert ended == ids["worn"]
    await published(service, client, loops=2)
    told = [fact for entry in await log(client, f"{names.CARRY}.>") if isinstance(fact := decode(entry.body), Carry)]
    tag = [one for one in told if one.device == str(ids["tag"])]
    assert [(one.carry, one.until is None) for one in tag] == [
        (str(ended), True),
        (str(ended), False),
        (str(begun), True),
    ]
    assert tag[1].until == tag[2].since
    await client.close()


async def test_a_revoked_device_is_told_to_the_gateways_once(service: Database, nats_server: Nats) -> None:
    """Revoking publishes the device as revoked; revoking again publishes nothing."""
    client = await connect(nats_server.url("respond"), "respond")
    ids = (await built(service)).ids
    registrar = actor(ids["centre"])
    await revoke_device(service, CLOCK, registrar, ids["tag"])
    await revoke_device(service, CLOCK, registrar, ids["tag"])
    await published(service, client)
    told = [decode_device(entry.body) for entry in await log(client, f"{names.DEVICE}.{ids['tag']}")]
    assert [device.revoked for device in told] == [False, True]
    await client.close()


async def test_what_was_rolled_back_is_never_published(service: Database) -> None:
    """A change whose transaction failed leaves nothing in the outbox."""
    ids: dict[str, UUID] = (await built(service)).ids
    before = await outbox(service)
    fact = decode(next(body for subject, body in before if ".order." in subject))
    with suppress(RuntimeError):
        async with service.transaction() as connection:
            await publish_later(connection, f"{names.ORDER}.{ids['order']}", fact, CLOCK.unix())
            raise RuntimeError
    assert await outbox(service) == before


async def test_thousands_of_changes_are_published_in_seconds(service: Database, nats_server: Nats) -> None:
    """A large import is in the log within seconds: every acknowledgement waits for the disk."""
    client = await connect(nats_server.url("respond"), "respond")
    devices = [
        {"agency": "centre", "kind": "tag", "external_id": f"t{n}", "interval_s": 60} for n in range(1000)
    ]  # fmt: skip
    await import_document(service, CLOCK, None, world(devices=devices, carries=[], orders=[]))
    start = asyncio.get_running_loop().time()
    await published(service, client)
    assert asyncio.get_running_loop().time() - start < 15
    entries = await log(client, f"{names.DEVICE}.>")
    assert len(await state(client, f"{names.DEVICE}.>", entries[-1].seq)) == len(entries) == 1000
    await client.close()
