"""What two people's files rest on goes with the last of them, and not before each agency has let go; until then it is said."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from jikimi.detect.pair import pair_id
from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict, Destroyed, Forbidden, NotFound
from jikimi.oversee import destroying, rules
from jikimi.oversee.carrying_out import Carrying
from jikimi.oversee.destroying import Desk
from jikimi.registry.service import secret_places
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import Database
from jikimi.store.due import Due
from tests.integration.respond.conftest import Site, shared_nats, site
from tests.test_registry_world import actor

__all__ = ["shared_nats", "site"]


@dataclass
class Ending:
    """A site with every order over and nothing worn, and those who see to the end of its files."""

    site: Site
    desk: Desk
    custody: Custody
    clerk: Actor
    colleague: Actor
    privacy: Actor
    centre: Actor

    async def asked(self, who: str) -> UUID:
        """The end of somebody's file, asked for and confirmed by what was inquired of."""
        which = await destroying.ask(self.desk, self.clerk, self.site.ids[who], "file_closed")
        await destroying.answer(self.desk, self.colleague, which, confirmed=True)
        return which

    async def decided(self, which: UUID) -> None:
        """Decided, and carried out as far as it goes."""
        await destroying.decide(self.desk, self.privacy, which, carried_out=True)
        await self.run()

    async def run(self) -> None:
        """Every destruction that is due, until none is."""
        work = Carrying(self.site.client, self.site.clock)
        for _ in range(9):
            rows = await self.site.rows("SELECT id, key, body FROM due WHERE kind = 'destroy' ORDER BY seq")
            for row in rows:
                async with self.site.database.transaction() as connection:
                    await work.destroy(
                        connection, Due(row["id"], "destroy", row["key"], self.site.clock.at, 0, row["body"])
                    )
                    await connection.execute(text("DELETE FROM due WHERE id = :id"), {"id": row["id"]})

    async def one(self, which: UUID) -> dict[str, Any]:
        """That destruction as its agency sees it."""
        return next(one for one in await destroying.listed(self.desk, self.clerk) if one["id"] == which)

    def kept(self, *whose: UUID) -> bool:
        """Whether the orders' keys of all of them are there."""
        try:
            for one in whose:
                self.custody.seal(Kind.ORDER, one, b"said")
        except Destroyed:
            return False
        return True


@pytest.fixture
async def ending(site: Site, people: Database, custody: Custody) -> Ending:
    """Every order over, nothing worn."""
    await site.execute("UPDATE protective_order SET ended_at = :now", now=moment(1.0))
    await site.execute("UPDATE carry SET until = :now WHERE until IS NULL", now=moment(site.clock.at))
    desk = Desk(people, site.database, site.clock, rules.load("kr"))
    at: Callable[[str, Role], Actor] = lambda agency, role: actor(site.ids[agency], role)  # noqa: E731
    return Ending(
        site, desk, custody, at("police", Role.REGISTRAR), at("police", Role.REGISTRAR), at("police", Role.REVIEWER),
        at("centre", Role.REGISTRAR),
    )  # fmt: skip


async def test_an_order_goes_with_the_last_of_its_parties_files(ending: Ending) -> None:
    """His end leaves what was said of the order and its places to her, says so, and hers takes both, wherever they lay."""
    site, ids = ending.site, ending.site.ids
    pair = UUID(pair_id(str(ids["he2"]), str(ids["she2"])))
    assert ending.kept(ids["alone"], pair, ids["he2"], ids["she2"])
    await site.execute(
        "UPDATE protective_order SET article = '제9조 EXERCISE 은하수별' WHERE id = :id", id=ids["alone"]
    )
    his = await ending.asked("he2")
    await ending.decided(his)
    assert ending.kept(ids["alone"], pair, ids["she2"])
    assert not ending.kept(ids["he2"])
    row = await ending.one(his)
    assert [(one["order"], one["parties"], one["agencies"]) for one in row["kept"]] == [
        (str(ids["alone"]), [str(ids["she2"])], [])
    ]
    hers = await ending.asked("she2")
    await ending.decided(hers)
    assert not ending.kept(ids["alone"])
    assert not ending.kept(pair)
    for which in (his, hers):
        row = await ending.one(which)
        assert (row["kept"], row["destroyed_at"] is not None) == ([], True)
    assert await site.one('SELECT count(*) FROM place WHERE "order" = :id', id=ids["alone"]) == 0
    assert await site.one("SELECT article FROM protective_order WHERE id = :id", id=ids["alone"]) == ""


async def test_another_agency_of_an_order_is_asked_and_its_no_keeps_the_order_until_its_yes(ending: Ending) -> None:
    """Nobody decides over its head; what it still needs is kept while the file goes, and goes when it lets go of it."""
    ids, site = ending.site.ids, ending.site
    await ending.decided(await ending.asked("he3"))
    hers = await ending.asked("she3")
    with pytest.raises(Conflict, match="not said yet"):
        await destroying.decide(ending.desk, ending.privacy, hers, carried_out=True)
    seen = await destroying.listed(ending.desk, ending.centre)
    assert hers in {one["id"] for one in seen}
    await destroying.answer(ending.desk, ending.centre, hers, confirmed=False)
    await ending.decided(hers)
    assert ending.kept(ids["third"])
    assert [one["agencies"] for one in (await ending.one(hers))["kept"]] == [[str(ids["centre"])]]
    await destroying.answer(ending.desk, ending.centre, hers, confirmed=True)
    await ending.run()
    assert not ending.kept(ids["third"])
    assert (await ending.one(hers))["kept"] == []
    with pytest.raises(Conflict, match="let go"):
        await destroying.answer(ending.desk, ending.centre, hers, confirmed=False)
    assert [row["kind"] for row in await site.ledger() if row["kind"] in {"destruction.needed", "destruction.let_go"}] == [
        "destruction.needed", "destruction.let_go",
    ]  # fmt: skip


async def test_an_agency_that_was_not_asked_neither_sees_nor_answers_it(ending: Ending) -> None:
    """A third agency learns nothing of it."""
    which = await ending.asked("he3")
    stranger = actor(ending.site.ids["others"])
    assert await destroying.listed(ending.desk, stranger) == []
    with pytest.raises(NotFound):
        await destroying.answer(ending.desk, stranger, which, confirmed=True)


async def test_a_yes_to_a_destruction_that_was_dropped_is_none(ending: Ending) -> None:
    """What was let go of for an end that never came is asked for again."""
    which = await ending.asked("he3")
    await destroying.answer(ending.desk, ending.centre, which, confirmed=True)
    await destroying.decide(ending.desk, ending.privacy, which, carried_out=False)
    await ending.decided(await ending.asked("he3"))
    hers = await ending.asked("she3")
    with pytest.raises(Conflict, match="not said yet"):
        await destroying.decide(ending.desk, ending.privacy, hers, carried_out=True)


async def test_whoever_asked_records_no_answer_and_whoever_does_is_kept(ending: Ending) -> None:
    """The answer to an inquiry is another account's to write down, and whose it was stays on the record."""
    which = await destroying.ask(ending.desk, ending.clerk, ending.site.ids["he"], "file_closed")
    with pytest.raises(Forbidden):
        await destroying.answer(ending.desk, ending.clerk, which, confirmed=True)
    await destroying.answer(ending.desk, ending.privacy, which, confirmed=True)
    row = await ending.one(which)
    assert (row["confirmed"], row["confirmed_by"]) == (True, ending.privacy.account)
    with pytest.raises(Exception, match="destruction_other_confirms"):
        await ending.site.execute("UPDATE destruction SET confirmed_by = asked_by WHERE id = :id", id=which)


async def test_a_device_only_they_carried_names_nobody_any_more(ending: Ending) -> None:
    """Her telephone's number is gone and its key revoked; a tag another file rests on goes on."""
    site, ids = ending.site, ending.site.ids
    own, shared = uuid4(), uuid4()
    for device, name in ((own, "356938035643809"), (shared, "tag-77")):
        await site.execute(
            "INSERT INTO device (id, agency, kind, external_id, key_digest, interval_s)"
            " VALUES (:id, :agency, 'phone', :name, ''::bytea, 60)",
            id=device, agency=ids["police"], name=name,
        )  # fmt: skip
    for n, (device, who) in enumerate(((own, "she2"), (shared, "she2"), (shared, "he2"))):
        await site.execute(
            "INSERT INTO carry (id, agency, device, person, since, until, basis)"
            " VALUES (:id, :agency, :device, :who, :since, :until, 'consent')",
            id=uuid4(), agency=ids["police"], device=device, who=ids[who], since=moment(10.0 * n), until=moment(10.0 * n + 5),
        )  # fmt: skip
    await ending.decided(await ending.asked("she2"))
    said = {
        row["id"]: row for row in await site.rows("SELECT id, external_id, revoked_at IS NOT NULL AS off FROM device")
    }
    assert (said[own]["external_id"], said[own]["off"]) == (str(own), True)
    assert (said[shared]["external_id"], said[shared]["off"]) == ("tag-77", False)
    await ending.decided(await ending.asked("he2"))
    said = {row["id"]: row for row in await site.rows("SELECT id, external_id FROM device")}
    assert said[shared]["external_id"] == str(shared)


async def test_his_end_leaves_her_shelter_where_it_is(ending: Ending) -> None:
    """The places of an order that is kept for her are read as before."""
    site = ending.site
    async with site.database.transaction() as connection:
        before = await secret_places(connection)
    his = await ending.asked("he")
    await ending.decided(his)
    async with site.database.transaction() as connection:
        assert await secret_places(connection) == before
    assert await site.one('SELECT count(*) FROM place WHERE "order" = :id', id=site.ids["order"]) == 2
