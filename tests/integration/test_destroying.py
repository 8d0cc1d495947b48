"""A destruction touches nothing that still protects, and counts what it destroyed whatever happens meanwhile."""

from uuid import uuid4

import pytest

from jikimi.detect.facts import Forget, encode
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Destroyed, Unavailable
from jikimi.oversee import finding
from jikimi.oversee.carrying_out import Carrying
from jikimi.oversee.forgetting import LOGS, passed, positions
from jikimi.registry.service import alone, blank
from jikimi.store.custody import Custody, Kind
from jikimi.store.due import Due, Loop
from jikimi.stream import names
from jikimi.stream.client import append, connect
from jikimi.stream.embedded import Nats
from jikimi.stream.snapshots import save, saved
from tests.integration.respond.conftest import Site, shared_nats, site

__all__ = ["shared_nats", "site"]


async def test_an_order_in_force_is_never_ended_by_it(site: Site) -> None:
    """Of two orders of a man only the one that is over loses its places and goes on as ids and dates."""
    await site.execute(
        "UPDATE protective_order SET ended_at = :now WHERE id = :id", now=moment(1.0), id=site.ids["third"]
    )
    before = await site.one("SELECT version FROM protective_order WHERE id = :id", id=site.ids["order"])
    async with site.database.transaction() as connection:
        await blank(
            connection, site.ids["he"], site.clock.at, orders=[site.ids["order"], site.ids["third"]], file=False
        )
    row = (
        await site.rows("SELECT version, ended_at, sealed FROM protective_order WHERE id = :id", id=site.ids["order"])
    )[0]
    assert (row["version"], row["ended_at"], row["sealed"] is None) == (before, None, False)
    assert await site.one('SELECT count(*) > 0 FROM place WHERE "order" = :id', id=site.ids["order"])


class Away:
    """A log that does not answer."""

    async def request(self, *_: object, **__: object) -> object:
        raise Unavailable("The log is away.")


async def test_the_keys_are_counted_before_they_are_gone(site: Site, custody: Custody) -> None:
    """While the log is away nothing is destroyed; what is counted stays counted when it is tried again."""
    which, he = uuid4(), site.ids["he"]
    await site.execute("UPDATE protective_order SET ended_at = :now WHERE ended_at IS NULL", now=moment(1.0))
    await site.execute("UPDATE carry SET until = :now WHERE until IS NULL", now=moment(site.clock.at))
    await site.execute(
        "INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry, decided_at, decided_by,"
        " carried_out) VALUES (:id, :agency, :he, 'file_closed', 'x', '{person,order}', now(), :id, false, now(), :he, true)",
        id=which, agency=site.ids["police"], he=he,
    )  # fmt: skip
    due = Due(uuid4(), "destroy", str(which), site.clock.at, 0, {})
    away = Carrying(Away(), site.clock)  # type: ignore[arg-type] # a log that is away is a port to the outside

    async def run(work: Carrying) -> None:
        async with site.database.transaction() as connection:
            await work.destroy(connection, due)

    await run(away)
    counted = await site.one("SELECT keys FROM destruction")
    assert counted >= 2
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever a log that is away raises
        await run(away)
    assert custody.seal(Kind.PERSON, he, b"still kept")
    await run(Carrying(site.client, site.clock))
    with pytest.raises(Destroyed):
        custody.seal(Kind.PERSON, he, b"gone")
    assert await site.one("SELECT keys FROM destruction") == counted
    assert await site.one("SELECT count(*) FROM due WHERE kind = 'destroy-certify' AND queue IS NOT NULL") == 1


async def test_the_certificate_waits_for_every_detector_to_have_forgotten(site: Site, shared_nats: Nats) -> None:
    """A state saved before the word was read may hold him: the log's places are taken after the last such state."""
    he, which = site.ids["he"], uuid4()
    work = Carrying(site.client, site.clock)
    detector = await connect(shared_nats.url("operator"), "operator")
    who = f"detect-{which.hex[:8]}"  # the log is shared with other tests
    await site.execute(
        "INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry, decided_at, decided_by,"
        " carried_out, destroyed_at, log) VALUES (:id, :agency, :he, 'acquitted', 'x', '{provisional}', now(), :id, false,"
        " now(), :he, true, now(), '{}')",
        id=which, agency=site.ids["police"], he=he,
    )  # fmt: skip
    due = Due(uuid4(), "destroy-certify", str(which), site.clock.at, 0, {})

    async def looked() -> dict[str, int]:
        async with site.database.transaction() as connection:
            await work.certify(connection, due)
        found = await site.rows("SELECT forgot_at, certified_at, log FROM destruction")
        assert found[0]["certified_at"] is None
        return {} if found[0]["forgot_at"] is None else found[0]["log"]

    async with site.database.transaction() as connection:
        await blank(connection, he, site.clock.at, orders=(), file=False)
    await save(detector, who, 0, "code", b"he was here")
    assert await looked() == {}, "the word is still on its way"
    await site.execute("DELETE FROM due WHERE kind = 'publish'")
    told = await append(detector, f"{names.FORGET}.{he}", encode(Forget(site.clock.at, str(he))))
    assert await looked() == {}, "a state of before is the newest"
    await save(detector, who, 0, "code", b"he was here, saved late")
    assert await looked() == {}
    late = (await positions(site.client))[names.SNAPSHOTS]
    for name in await saved(site.client):
        await save(detector, name, told, "code", b"nobody was here")
    log = await looked()
    assert log[names.SNAPSHOTS] > late
    assert await passed(site.client, log) is False
    await detector.close()


async def test_the_certificate_waits_until_an_older_dump_tells_no_number(site: Site) -> None:
    """The log has passed, and still it is not given before everybody else is found by a key made since."""
    he, which = site.ids["he"], uuid4()
    work, due = Carrying(site.client, site.clock), Due(uuid4(), "destroy-certify", str(which), site.clock.at, 0, {})
    log = "{" + ", ".join(f'"{name}": -1' for name in LOGS) + "}"
    await site.execute(
        "INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry, decided_at, decided_by,"
        " carried_out, destroyed_at, forgot_at, log) VALUES (:id, :agency, :he, 'file_closed', 'x', '{person}', now(), :id, false,"
        " now(), :he, true, now(), now(), CAST(:log AS jsonb))",
        id=which, agency=site.ids["police"], he=he, log=log,
    )  # fmt: skip

    async def certified() -> bool:
        async with site.database.transaction() as connection:
            await work.certify(connection, due)
        return bool(await site.one("SELECT certified_at IS NOT NULL FROM destruction"))

    assert not await certified()
    assert not await certified()
    assert await site.one("SELECT count(*) FROM due WHERE kind = 'numbers-anew'") == 1
    site.clock.at += finding.SOON_S
    renewing = Loop(site.database, site.clock, finding.handlers(site.clock), batch=1)
    while await renewing.round() == 0:
        pass
    assert await certified()


async def test_whoever_destroys_waits_for_no_digest(site: Site) -> None:
    """While numbers are made anew a destruction is put off by a second, and what else that loop tells goes on."""
    which = uuid4()
    due = Due(uuid4(), "destroy", str(which), site.clock.at, 0, {"counted": True})
    async with site.database.transaction() as renewing:
        await alone(renewing)
        async with site.database.transaction() as connection:
            await Carrying(site.client, site.clock).destroy(connection, due)
    row = (await site.rows("SELECT body, extract(epoch FROM at) - :now AS later FROM due WHERE key = :key",
                           key=str(which), now=site.clock.at))[0]  # fmt: skip
    assert row["body"] == {"counted": True}
    assert 0 < row["later"] <= 1
