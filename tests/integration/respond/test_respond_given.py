"""What a privacy officer alone may let another agency know: one account, one person, while an incident is open."""

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.integration.respond.conftest import Site
from tests.integration.respond.test_respond_live import until
from tests.test_registry_world import CLOCK, actor

from jikimi.identity.model import Actor, Role
from jikimi.identity.service import create_account
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.registry import subjects
from jikimi.registry.service import Desk
from jikimi.respond import service
from jikimi.respond.model import Message
from jikimi.share import granting, rules
from jikimi.share.granting import Wanted
from jikimi.share.policy import Data, Purpose
from jikimi.store.database import Database

RULES = rules.load("kr")
WHY = "their patrol is nearer to her"


@dataclass
class Asked:
    """An open incident, the privacy officer of the room that keeps her file, and an account elsewhere."""

    site: Site
    desk: Desk
    privacy: Actor
    who: Actor
    wanted: Wanted

    async def give(self, **changed: object) -> UUID:
        """Give what is wanted, but for what is changed."""
        desk = granting.Desk(self.desk.people, self.desk.service, CLOCK)
        return await granting.given(desk, self.privacy, RULES, replace(self.wanted, **changed))  # type: ignore[arg-type]

    async def reads(self) -> bool:
        """Whether that account opens her file."""
        try:
            await subjects.open_person(self.desk, self.who, self.site.ids["she"])
        except NotFound:
            return False
        return True


@pytest.fixture
async def asked(site: Site, people: Database) -> Asked:
    """Nothing is given yet."""
    async with site.database.transaction() as connection:
        account, _ = await create_account(connection, site.ids["others"], Role.DISPATCHER, "elsewhere", None, None)
    await site.take(site.alert())
    who = Actor(account, site.ids["others"], Role.DISPATCHER, None, "elsewhere", uuid7())
    wanted = Wanted(
        site.ids["others"], account, site.ids["she"], (await site.incident())["id"], (Data.PERSON,),
        Purpose.APPROACH_RESPONSE, CLOCK.unix() + 3600, WHY,
    )  # fmt: skip
    return Asked(site, Desk(people, site.database, CLOCK), actor(site.ids["police"], Role.REVIEWER), who, wanted)


async def test_a_given_grant_holds_until_it_is_ended(asked: Asked) -> None:
    """A privacy officer lets another agency's account know one person; ended, the next read finds nobody."""
    grant = await asked.give()
    assert await asked.reads()
    desk = granting.Desk(asked.desk.people, asked.desk.service, CLOCK)
    await granting.ended(desk, asked.privacy, grant)
    assert not await asked.reads()
    with pytest.raises(Conflict):
        await granting.ended(desk, asked.privacy, grant)


async def test_what_one_side_gave_ends_with_the_incident(asked: Asked) -> None:
    """Nothing of it outlives what it was given for."""
    await asked.give()
    for unit in ("p1", "m2"):
        for step in ("accepted", "on_scene"):
            await asked.site.answer(unit, step)
    await asked.site.close(outcome="apprehended")
    assert not await asked.reads()


async def waiting(site: Site) -> int:
    """How many wait for what somebody else holds."""
    return int(await site.one("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))


async def test_what_is_given_while_the_room_closes_ends_with_the_incident(asked: Asked, database_url: str) -> None:
    """The gift is under way and not committed: the room waits for it, and it is over when the incident is."""
    with psycopg.connect(database_url) as held:
        held.execute("LOCK TABLE access_register IN SHARE MODE")
        giving = asyncio.create_task(asked.give())
        await until(lambda: waiting(asked.site))
        closing = asyncio.create_task(asked.site.close(outcome="apprehended"))
        while not closing.done() and await waiting(asked.site) < 2:
            await asyncio.sleep(0.01)
        assert not closing.done()
    await giving
    await closing
    assert await asked.site.rows("SELECT FROM access_grant WHERE kind = 'given' AND ended_at IS NULL") == []
    assert not await asked.reads()


async def test_nothing_is_given_for_an_incident_that_is_being_closed(asked: Asked) -> None:
    """The closing is under way and not committed: whoever gives meanwhile waits for it, and finds no open incident."""
    given: list[asyncio.Task[UUID]] = []

    async def close(connection: AsyncConnection) -> list[Message]:
        said = service.Closing("real_approach", "both_on_scene", "apprehended")
        closed = await service.close(
            connection, asked.site.room("police"), asked.wanted.incident, said, asked.site.clock.at
        )
        given.append(asyncio.create_task(asked.give()))
        await until(lambda: waiting(asked.site))
        return closed

    await asked.site.arrive(asked.wanted.incident)
    await asked.site.do(close)
    with pytest.raises(NotFound):
        await given[0]
    assert await asked.site.rows("SELECT FROM access_grant WHERE kind = 'given'") == []


async def test_one_side_alone_shares_nothing_else(asked: Asked) -> None:
    """Not where she is, not the order, not for support, not for ever, to no whole agency, in no matter that is over."""
    now = CLOCK.unix()
    for wrong in (
        {"data": (Data.PERSON, Data.LOCATION)}, {"data": (Data.ORDER,)}, {"data": ()}, {"purpose": Purpose.SUPPORT},
        {"ends_at": now + RULES.agreed_longest_s + 60}, {"ends_at": 253402343999.0}, {"ends_at": now - 1},
    ):  # fmt: skip
        with pytest.raises(Malformed):
            await asked.give(**wrong)
    for strange in (
        {"agency": uuid4()}, {"agency": asked.site.ids["helpers"]}, {"account": uuid4()}, {"incident": uuid4()},
        {"account": asked.privacy.account}, {"subject": uuid4()}, {"subject": asked.site.ids["she4"]},
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await asked.give(**strange)
    asked.privacy = replace(asked.privacy, agency=asked.site.ids["others"])
    with pytest.raises(NotFound):
        await asked.give()
    asked.privacy = actor(asked.site.ids["police"], Role.DISPATCHER)
    with pytest.raises(Forbidden):
        await asked.give()
    assert not await asked.reads()
