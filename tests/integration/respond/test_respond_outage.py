"""The record away: officers are told from the standing plan, and the record ends up with exactly what was told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import pytest
from nats.aio.client import Client
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from tests.conftest import free_port
from tests.integration.respond.conftest import HERE, SECRET, Site, responder_of, site_of
from tests.patience import PATIENCE

from jikimi.detect import decisions
from jikimi.detect.decisions import Alert, Known
from jikimi.detect.facts import Carry, Fix, Fixes, encode
from jikimi.kernel.process import unprivileged
from jikimi.registry.model import SecretPlace
from jikimi.registry.publishing import order_fact
from jikimi.registry.sealing import opened
from jikimi.registry.service import told_places
from jikimi.respond.kept import recall
from jikimi.respond.record import delivery_id, tasking_id
from jikimi.respond.responder import Responder
from jikimi.respond.standing import Standing, pair_of
from jikimi.respond.veil import Veil
from jikimi.store.custody import Custody
from jikimi.store.database import Database
from jikimi.store.embedded import Postgres
from jikimi.store.migrations import migrate
from jikimi.stream import names
from jikimi.stream.client import append, connect
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import last_values


@pytest.fixture(scope="module")
def mortal(workshop: Path) -> Any:
    """A PostgreSQL of this module's own, which may be killed."""
    server = Postgres(workshop / f"mortal-{uuid4().hex[:6]}", free_port(), uuid4().hex, unprivileged())
    server.start()
    yield server
    server.stop()


def kill(server: Postgres) -> None:
    """The hard way, with every connection: one may outlive its server by a statement."""
    assert server.process is not None
    family = psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    server.process.wait()
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert not psutil.wait_procs(family, timeout=10 * PATIENCE)[1]


@pytest.fixture
async def away(mortal: Postgres, nats_server: Nats, custody: Custody) -> AsyncIterator[Site]:
    """A site whose record can be taken away."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(mortal.url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    url = mortal.url.rsplit("/", 1)[0] + "/" + name
    migrate(url)
    database = Database(url, "service", custody=custody)
    client = await connect(nats_server.url("respond"), "respond")
    yield await site_of(database, client)
    await client.close()
    await database.close()


async def raise_alert(nats: Client, alert: Alert) -> None:
    """Put a decision on the log, as detection does."""
    await append(nats, names.DECISION, decisions.encode(alert), alert.alert)


@asynccontextmanager
async def running(responder: Responder, *, standing: bool = False) -> AsyncIterator[None]:
    """The responder at work, with or without its standing plans being made."""
    tasks = [asyncio.create_task(responder.run())]
    if standing:
        tasks.append(asyncio.create_task(responder.standing.run(responder.database, responder.clock)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(condition: Any, patience_s: float = 30) -> None:
    """Wait for something to hold, asking a database that may be away."""
    async with asyncio.timeout(PATIENCE * patience_s):
        while True:
            with suppress(Exception):
                found = condition()
                if await found if asyncio.iscoroutine(found) else found:
                    return
            await asyncio.sleep(0.02)


def plan_everything(site: Site, responder: Responder | None = None) -> None:
    """Make every standing plan now, with the order's parties seen where its alerts have them."""
    made = responder or site.responder
    for ref, east in (("he", 0.001), ("she", 0.0)):
        carry = Carry(0.0, f"carry-{ref}", ref, str(site.ids[ref]), 0.0)
        made.picture.apply(carry)
        made.picture.apply(Fixes(site.clock.at, [Fix(ref, site.clock.at, HERE[0] + east, HERE[1], 5.0)]))
    for order in made.roster.orders:
        made.standing.refresh(order, site.clock.at)


@pytest.fixture
async def detect(nats_server: Nats) -> AsyncIterator[Client]:
    """Detection's connection."""
    client = await connect(nats_server.url("detect"), "detect")
    yield client
    await client.close()


async def test_while_the_record_is_away_officers_hold_their_orders(
    away: Site, mortal: Postgres, detect: Client
) -> None:
    """The plan's units are told at once, marked as not recorded, and later exactly they are recorded, once."""
    site = away
    await site.listen()
    plan_everything(site)
    alert = site.alert()
    async with running(site.responder):
        await asyncio.sleep(0.2)
        kill(mortal)
        await raise_alert(detect, alert)
        await until(lambda: site.told("p1") and site.told("m2") and site.told("police") and site.told("centre"))
        for ref in ("p1", "m2"):
            (order,) = site.told(ref)
            assert (order["recorded"], order["seq"], order["incident"]) == (False, None, None)
            assert order["body"]["tasking"] == str(tasking_id(alert, site.ids[ref]))
            assert order["body"]["delivery"] == str(delivery_id(alert, f"unit:{site.ids[ref]}"))
        assert site.told("police")[0]["body"]["sent"]
        await asyncio.sleep(0.5)
        assert len(site.told("p1")) == 1  # once, however long it lasts
        assert site.told("others") == site.told("p2") == []
        mortal.start()
        await until(lambda: len(site.told("p1")) == 2 and len(site.told("police")) == 2)
    first, second = site.told("p1")
    assert second["recorded"] is True
    assert second["body"]["delivery"] == first["body"]["delivery"]
    assert sorted(t["ref"] for t in await site.taskings()) == ["m2", "p1"]
    assert {str(t["id"]) for t in await site.taskings()} == {
        site.told(ref)[0]["body"]["tasking"] for ref in ("p1", "m2")
    }  # fmt: skip
    recorded = {str(row["id"]) for row in await site.rows("SELECT id FROM delivery")}
    assert recorded == {one["body"]["delivery"] for one in site.heard}
    assert site.responder.roster._promised.keys() <= {site.ids["p1"], site.ids["m2"]}
    before = await site.counts()
    await site.take(alert)
    assert await site.counts() == before


async def test_two_alerts_of_one_pair_send_one_pair_of_officers(away: Site, mortal: Postgres, detect: Client) -> None:
    """While the record is away a worse alert of the same pair tells the rooms and sends nobody else."""
    site = away
    await site.listen()
    plan_everything(site)
    async with running(site.responder):
        await asyncio.sleep(0.2)
        kill(mortal)
        await raise_alert(detect, site.alert("A06"))
        await until(lambda: site.told("p1"))
        plan_everything(site)  # the next best units stand by now
        await raise_alert(detect, site.alert("A02"))
        await raise_alert(detect, site.alert("A02", "third"))
        await until(lambda: len(site.told("police")) == 3 and site.told("p2"))
        mortal.start()
        await until(lambda: site.one("SELECT count(*) = 3 FROM alert"))
    assert sorted(t["ref"] for t in await site.taskings()) == ["m1", "m2", "p1", "p2"]
    told = {one["body"]["tasking"] for one in site.heard if one["kind"] == "tasking" and not one["recorded"]}
    assert told == {str(t["id"]) for t in await site.taskings()}
    assert (await site.incident())["priority"] == 0


async def test_a_successor_records_just_whom_its_predecessor_told(
    away: Site, mortal: Postgres, detect: Client, nats_server: Nats
) -> None:
    """The responder dies after telling; the next one records those units though others are nearer by then."""
    site = away
    await site.listen()
    plan_everything(site)
    alert = site.alert()
    async with running(site.responder):
        await asyncio.sleep(0.2)
        kill(mortal)
        await raise_alert(detect, alert)
        await until(lambda: site.told("p1") and site.told("m2"))
    mortal.start()
    await until(lambda: site.one("UPDATE unit SET lon = 128 WHERE callsign = 'P-1' RETURNING true"))
    await site.execute("UPDATE unit SET lon = 128 WHERE callsign = 'M-2'")
    await site.execute("UPDATE unit SET status = 'busy' WHERE callsign = 'P-1'")
    client = await connect(nats_server.url("respond"), "respond")
    successor = responder_of(site.database, client, site.clock)
    async with running(successor):
        await until(lambda: site.one("SELECT count(*) = 2 FROM tasking"))
    assert sorted(t["ref"] for t in await site.taskings()) == ["m2", "p1"]
    recorded = {str(row["id"]) for row in await site.rows("SELECT id FROM delivery WHERE tasking IS NOT NULL")}
    assert recorded == {site.told(ref)[0]["body"]["delivery"] for ref in ("p1", "m2")}
    await client.close()


async def test_a_responder_that_starts_while_the_record_is_away_waits_for_it(
    away: Site, mortal: Postgres, detect: Client
) -> None:
    """It chooses from the units the record then has, not from an empty roster."""
    site = away
    alert = site.alert()
    kill(mortal)
    fresh = responder_of(site.database, site.client, site.clock)
    async with running(fresh):
        await raise_alert(detect, alert)
        await asyncio.sleep(0.5)
        mortal.start()
        await until(lambda: site.one("SELECT count(*) = 2 FROM tasking"))
    assert await site.one("SELECT count(*) FROM ledger_row WHERE body LIKE '%shortfall%'") == 0


async def test_what_has_no_plan_or_sends_nobody_waits_for_the_record(
    away: Site, mortal: Postgres, detect: Client
) -> None:
    """Without a standing plan, for a past event, a strange code or a mere watch no officer is told; all is recorded."""
    site = away
    await site.listen()
    plan_everything(site)
    site.responder.standing.plans.pop(str(site.ids["fourth"]))
    async with running(site.responder):
        await asyncio.sleep(0.2)
        kill(mortal)
        await raise_alert(detect, site.alert(order="fourth"))
        await raise_alert(detect, site.alert("A02", grade="retrospective"))
        await raise_alert(detect, site.alert("A99"))
        await raise_alert(detect, site.alert("A08", "third"))
        await until(lambda: site.told("centre"))
        await asyncio.sleep(0.3)
        assert [one["kind"] for one in site.heard] == ["alert", "alert"]
        assert {one["body"]["code"] for one in site.heard} == {"A08"}
        mortal.start()
        await until(lambda: site.one("SELECT count(*) = 3 FROM alert"))
    # With no plan told, the units are chosen when the record is back, and both are there.
    assert sorted(t["kind"] for t in await site.taskings()) == ["police", "probation"]


async def test_with_officers_under_way_nobody_else_is_sent(away: Site, mortal: Postgres, detect: Client) -> None:
    """A pair whose incident had officers when the record was last read is told to the rooms alone."""
    site = away
    await site.take(site.alert("A06"))
    await site.listen()
    plan_everything(site)
    await site.responder.standing._keep(site.database, [])
    assert site.responder.standing.running(site.alert().pair)
    await site.execute("UPDATE cursor SET seq = 0 WHERE name = 'alerts'")
    async with running(site.responder):
        await asyncio.sleep(0.2)
        kill(mortal)
        await raise_alert(detect, site.alert("A08", "third"))
        await raise_alert(detect, site.alert("A02"))
        await until(lambda: len(site.told("police")) == 2)
        assert not [one for one in site.heard if one["kind"] == "tasking"]
        mortal.start()
        await until(lambda: site.one("SELECT count(*) = 3 FROM alert"))
    assert len(await site.taskings()) == 2


async def test_with_the_log_away_too_nobody_is_sent_off_the_record(
    away: Site, mortal: Postgres, nats_server: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not even the plan can be kept nobody is told; when the log is back, they are."""
    site = away
    await site.listen()
    plan_everything(site)

    async def briefly(client: Client, subject: str, body: bytes, message_id: str) -> int:
        return await append(client, subject, body, message_id, patience_s=0.3)

    monkeypatch.setattr("jikimi.respond.responder.to_log", briefly)
    kill(mortal)
    nats_server.stop()
    taking = asyncio.create_task(site.responder.take(site.entries(site.alert())))
    await asyncio.sleep(1)
    assert site.heard == []
    assert not taking.done()
    nats_server.start()
    await until(lambda: site.told("p1"))
    mortal.start()
    async with asyncio.timeout(30 * PATIENCE):
        await taking
    assert sorted(t["ref"] for t in await site.taskings()) == ["m2", "p1"]


async def test_standing_plans_show_every_gap_in_cover(away: Site, mortal: Postgres) -> None:
    """Each live order has a plan in the record with its gaps; it follows the units, its agencies and the order's end."""
    site = away
    order = site.ids["order"]

    async def kept() -> Any:
        return {row["pair"]: row for row in await site.rows("SELECT * FROM standing_plan")}

    pair = pair_of(site.responder.standing.refresh(order, site.clock.at))  # type: ignore[arg-type]
    standing = site.responder.standing = Standing(
        site.responder.roster, site.responder.picture, site.responder.response, site.responder.veil
    )
    task = asyncio.create_task(standing.run(site.database, site.clock))
    try:
        await until(lambda: _has(kept, pair, lambda row: row["gaps"] == [] and len(row["body"]["picks"]) == 2))
        made = (await kept())[pair]["made_at"]
        assert not standing._is_news(standing.plans[str(order)])  # kept once, not every few seconds
        await site.execute("UPDATE unit SET status = 'off' WHERE kind = 'probation'")
        await site.execute(
            "UPDATE protective_order SET police_agency = :a WHERE id = :id", a=site.ids["others"], id=order
        )
        await site.responder.roster.reload(site.database)
        await site.responder.roster.reload_orders(site.database)
        site.clock.at += 60
        changed = standing.refresh(order, site.clock.at)
        assert changed is not None
        assert standing._is_news(changed)
        kill(mortal)
        with pytest.raises(DBAPIError):
            await standing._keep(site.database, [changed])
        mortal.start()
        await standing._keep(site.database, [changed])
        row = (await kept())[pair]
        assert row["made_at"] > made
        assert [gap["kind"] for gap in row["gaps"]] == ["probation"]
        assert row["police_agency"] == site.ids["others"]
        await site.execute("UPDATE protective_order SET ended_at = now() WHERE id = :id", id=order)
        await site.responder.roster.reload_orders(site.database)
        assert standing.refresh(order, site.clock.at) is None
        assert str(order) not in standing.plans
        assert not task.done()
    finally:
        task.cancel()


async def _has(kept: Any, pair: Any, good: Any) -> bool:
    found = await kept()
    return pair in found and good(found[pair])


async def test_standing_plans_are_made_on_while_the_record_is_away(
    away: Site, mortal: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round goes on over an outage, and what could not be kept is kept when the record is back."""
    site = away
    monkeypatch.setattr("jikimi.respond.standing._REST_S", 0.05)
    task = asyncio.create_task(site.responder.standing.run(site.database, site.clock))
    try:
        await until(lambda: site.one("SELECT count(*) = 4 FROM standing_plan"))
        kill(mortal)
        for unit in site.responder.roster.units:
            site.responder.roster.promise([unit])
        await asyncio.sleep(0.5)
        assert all(plan.picks == () for plan in site.responder.standing.plans.values())
        mortal.start()
        await until(lambda: site.one("SELECT bool_and(jsonb_array_length(gaps) > 0) FROM standing_plan"))
        assert not task.done()
    finally:
        task.cancel()


async def test_standing_plans_are_made_on_when_there_is_no_connection_to_spare(
    away: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stalled record keeps busy is waited for in vain, and asked for again in the next round."""
    site = away
    monkeypatch.setattr("jikimi.respond.standing._REST_S", 0.05)
    monkeypatch.setattr("jikimi.respond.kept._REST_S", 0.05)
    pool = site.database.engine.sync_engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    async with AsyncExitStack() as busy:
        with suppress(NoConnection):
            while True:
                await busy.enter_async_context(site.database.transaction())
        tasks = [
            asyncio.create_task(site.responder.standing.run(site.database, site.clock)),
            asyncio.create_task(site.responder.kept.run(site.responder.standing, site.database)),
        ]
        await asyncio.sleep(0.5)
        assert not any(task.done() for task in tasks)
    try:
        await until(lambda: site.one("SELECT count(*) = 4 FROM standing_plan"))
    finally:
        for task in tasks:
            task.cancel()


async def test_plans_told_are_kept_in_the_log(away: Site, mortal: Postgres) -> None:
    """Before anybody is told, the log holds who will be."""
    site = away
    plan_everything(site)
    kill(mortal)
    taking = asyncio.create_task(site.responder.take(site.entries(site.alert())))
    await until(lambda: _kept(site))
    mortal.start()
    async with asyncio.timeout(30 * PATIENCE):
        await taking
    (entry,) = await last_values(site.client, names.PLANS)
    assert entry.subject == f"plans.{site.alert().alert}"


async def _kept(site: Site) -> bool:
    return len(await last_values(site.client, names.PLANS)) == 1


async def keep_everything(site: Site) -> None:
    """What the responder keeps every few seconds, kept now."""
    plan_everything(site)
    site.responder.kept._told = await _told_places(site)
    await site.responder.kept.keep(site.responder.standing)


async def _told_places(site: Site) -> dict[str, list[str]]:
    async with site.database.transaction() as connection:
        return await told_places(connection)


async def enter_into_the_log(site: Site, nats: Nats) -> None:
    """The orders with their places, as the outbox puts them there."""
    client = await connect(nats.url("respond"), "respond")
    for row in await site.rows("SELECT * FROM protective_order"):
        kept = await site.rows('SELECT * FROM place WHERE "order" = :id', id=row["id"])
        async with site.database.transaction() as connection:
            shapes = [opened(connection, "place", place) for place in kept]
            fact = order_fact(opened(connection, "protective_order", row), shapes, site.clock.at)
        await append(client, f"{names.ORDER}.{row['id']}", encode(fact))
    await until(lambda: _stands(client, 4))  # the last-value stream follows a moment later
    await client.close()


async def _stands(client: Client, count: int) -> bool:
    return len(await last_values(client, names.STATE, [f"{names.ORDER}.>"])) == count


async def test_a_successor_tells_what_its_predecessor_kept(
    away: Site, mortal: Postgres, detect: Client, nats_server: Nats
) -> None:
    """Both the record and the responder are gone: the next one tells the last plan's units, once, and records them once."""
    site = away
    await enter_into_the_log(site, nats_server)
    await raise_alert(detect, old := site.alert(order="third"))
    async with running(site.responder):
        await until(lambda: site.one("SELECT count(*) = 2 FROM tasking"))
        await site.responder.roster.reload(site.database)
        await keep_everything(site)
    await site.listen()
    kill(mortal)
    client = await connect(nats_server.url("respond"), "respond")
    successor = responder_of(site.database, client, site.clock)
    new = site.alert()
    async with running(successor, standing=True):
        await raise_alert(detect, new)
        await until(lambda: site.told("p2") and site.told("m1") and site.told("police"))
        await asyncio.sleep(0.5)
        for ref in ("p2", "m1"):
            (order,) = site.told(ref)
            assert (order["recorded"], order["seq"]) == (False, None)
            assert order["body"]["tasking"] == str(tasking_id(new, site.ids[ref]))
            assert order["body"]["offender"] is not None
            assert (order["body"]["victim"] is not None) == (ref == "p2")
        assert {one["body"]["alert"] for one in site.heard} == {new.alert}, "what was recorded was told again"
        # Officers are under way for the other pair, as the predecessor knew: its next alert tells the rooms alone.
        await raise_alert(detect, site.alert("A06", "third"))
        await until(lambda: len(site.told("police")) == 2)
        assert site.told("p1") == []
        mortal.start()
        await until(lambda: site.one("SELECT count(*) = 4 FROM tasking"))
        await until(lambda: len(site.told("p2")) == 2 and len(site.told("m1")) == 2)
        await until(lambda: successor.roster.known)
    assert site.told("p2")[1]["body"]["delivery"] == site.told("p2")[0]["body"]["delivery"]
    assert sorted(t["ref"] for t in await site.taskings()) == ["m1", "m2", "p1", "p2"]
    assert await site.one("SELECT count(*) FROM alert WHERE id IN (:a, :b)", a=old.alert, b=new.alert) == 2
    await client.close()


async def test_what_was_kept_shows_no_shelter(away: Site, mortal: Postgres, detect: Client, nats_server: Nats) -> None:
    """A successor that never saw the record says nothing from which her shelter could be found, nor does what was kept."""
    site = away
    await enter_into_the_log(site, nats_server)
    client = await connect(nats_server.url("respond"), "respond")
    async with running(site.responder):
        await keep_everything(site)
        await until(lambda: _all_kept(client, 4))
    await site.listen()
    kill(mortal)
    lon, lat = SECRET
    hers = Known(str(site.ids["she"]), site.clock.at - 5, lon, lat, 5.0, 4.0)
    async with running(responder_of(site.database, client, site.clock)):
        await raise_alert(detect, site.alert(victim=hers))
        await until(lambda: site.told("p1") and site.told("m2") and site.told("centre"))
    said = str(site.heard) + str([entry.body for entry in await last_values(client, names.STANDING)])
    assert str(lon) not in said
    assert str(lat) not in said
    body = site.told("p1")[0]["body"]
    assert (body["victim"], body["distance_m"]) == (None, None)
    mortal.start()
    await client.close()


async def test_what_cannot_be_read_or_is_not_there_waits_for_the_record(away: Site, nats_server: Nats) -> None:
    """With nothing kept, or something nobody can read, a successor has nothing to go on from."""
    client = await connect(nats_server.url("respond"), "respond")
    assert await recall(client) is None
    await append(client, f"{names.STANDING}.reached", b"{")
    assert await recall(client) is None
    await away.responder.kept.reached(7, {"pair"})
    await away.client.flush()
    await until(lambda: _recalled(client, 7, {"pair"}))
    await client.close()


async def _recalled(client: Client, seq: int, running: set[str]) -> bool:
    found = await recall(client)
    return found is not None and (found.seq, found.running, found.plans) == (seq, running, {})


async def test_plans_are_kept_where_the_next_responder_finds_them(
    away: Site, nats_server: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every few seconds, with the pairs whose incident has closed left out; a log that is away is tried again."""
    site = away
    monkeypatch.setattr("jikimi.respond.kept._REST_S", 0.05)
    monkeypatch.setattr("jikimi.respond.standing._REST_S", 0.05)
    client = await connect(nats_server.url("respond"), "respond")
    async with running(site.responder, standing=True):
        await until(lambda: _all_kept(client, 4))
        await site.take(site.alert())
        await until(lambda: _under_way(client, 1))
        await site.execute("UPDATE tasking SET ended_at = now()")
        await until(lambda: _under_way(client, 0))
        nats_server.stop()
        await site.execute("UPDATE protective_order SET ended_at = now() WHERE id = :id", id=site.ids["fourth"])
        await asyncio.sleep(0.3)
        nats_server.start()
        await until(lambda: _all_kept(client, 3))
    await client.close()


async def _all_kept(client: Client, count: int) -> bool:
    found = await recall(client)
    return found is not None and len(found.plans) == count


async def _under_way(client: Client, count: int) -> bool:
    found = await recall(client)
    return found is not None and len(found.running) == count


async def test_an_order_nobody_can_read_shows_nobody(away: Site, nats_server: Nats) -> None:
    """Where the log does not say yet what places an order guards, its victim is nowhere to be shown."""
    site = away
    client = await connect(nats_server.url("respond"), "respond")
    await site.responder.kept.reached(1, ())
    await keep_everything(site)
    await until(lambda: _all_kept(client, 4))
    for shown in (False, True):
        if shown:
            await enter_into_the_log(site, nats_server)
        found = await recall(client)
        assert found is not None
        veil = Veil()
        veil.restore(found.secret)
        assert (veil.over(site.alert()).victim is not None) == shown
    await client.close()


def test_a_secret_place_whose_shape_nobody_can_read_may_be_anywhere() -> None:
    """Where only that there is a shelter is known, she is shown nowhere; nobody else is hidden by it."""
    veil, her = Veil(), uuid4()
    veil.restore([SecretPlace(uuid4(), her, None, None, None, None, 0.0)])
    assert veil.hides(str(her), 127.0, 37.5, 5.0)
    assert not veil.hides(str(uuid4()), 127.0, 37.5, 5.0)
