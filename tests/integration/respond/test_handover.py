"""Handing over: what is open keeps a name until another stands in its place."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from tests.integration.respond.conftest import Site

from jikimi.identity import passwords
from jikimi.identity.model import Actor, Role
from jikimi.identity.service import create_account
from jikimi.kernel.errors import Conflict, Forbidden, NotFound, OwnCase
from jikimi.kernel.ids import uuid7
from jikimi.ledger.digests import Digester
from jikimi.respond import handover, service
from jikimi.respond.duty_clock import handler
from jikimi.respond.handover import NamesDiffer, Open, StillOpen
from jikimi.respond.overview import overview
from jikimi.respond.responder import Responder
from jikimi.staff import accounts, repository, rules
from jikimi.staff import service as duty
from jikimi.staff.model import Wanted
from jikimi.store.database import Database
from jikimi.store.due import Due

RULES = rules.load("kr")
HOUR = 3600.0


@dataclass
class Room:
    """A 112 room with people in it."""

    site: Site
    people: Database
    clerk: Actor

    async def hire(self, name: str, role: Role = Role.DISPATCHER, unit: str | None = None) -> Actor:
        """A new account of the police."""
        of, agency = self.site.ids[unit] if unit else None, self.site.ids["police"]
        async with self.site.database.transaction() as connection:
            account, _ = await create_account(connection, agency, role, name, None, of)
        return Actor(account, agency, role, of, name, uuid7())

    async def on(self, who: Actor) -> UUID:
        """Begin a shift of eight hours."""
        now = self.site.clock.at
        async with self.site.database.transaction() as connection:
            (shift,) = await duty.plan(connection, self.clerk, [Wanted(who.account, now, now + 8 * HOUR)], RULES, now)
            await duty.begin(connection, who, shift, RULES, now)
        return shift

    async def take_incident(self, who: Actor, incident: UUID) -> None:
        """As the room's."""
        await self.site.do(lambda c: service.take_incident(c, who, incident, self.site.clock.at))

    async def open_of(self, who: Actor) -> Open:
        """What is open in somebody's name."""
        async with self.site.database.transaction() as connection:
            return await handover.open_of(connection, who.agency, who.account)

    async def give(self, who: Actor, shift: UUID, named: Open, note: str = "") -> UUID:
        """Leave it."""
        async with self.site.database.transaction() as connection:
            made, _ = await handover.give(
                connection, who, shift, named, note, Digester(bytes(32)), RULES, self.site.clock.at
            )
        return made

    async def take(self, who: Actor, which: UUID) -> tuple[int, bool]:
        """Take it."""
        async with self.site.database.transaction() as connection:
            count, present, _ = await handover.take(connection, who, which, RULES, self.site.clock.at)
        return count, present

    async def end(self, who: Actor, shift: UUID) -> None:
        """Go."""
        async with self.site.database.transaction() as connection:
            await handover.end(connection, who, shift, self.site.clock.at)

    async def working(self, who: Actor) -> bool:
        """Whether a shift of theirs goes on."""
        async with self.site.database.transaction() as connection:
            return await repository.begun(connection, who.account) is not None

    async def owner(self, who: Actor) -> tuple[str | None, bool]:
        """Whose the first incident is in somebody's queue, and whether they are leaving."""
        responder: Responder = self.site.responder
        seen = await overview(
            self.people, self.site.database, self.site.clock, who, responder.response, f"room:{who.agency}"
        )  # fmt: skip
        (owner,) = seen.incidents[0].owners
        return owner.name, owner.leaving is not None

    async def pass_time(self, seconds: float) -> None:
        """Let the clock of duty go on, each row at its time."""
        end, run = self.site.clock.at + seconds, handler(self.site.client, self.site.clock, RULES)
        while True:
            async with self.site.database.transaction() as connection:
                found = (await connection.execute(text(
                    "SELECT id, kind, key, CAST(extract(epoch FROM at) AS float8) AS at, attempts, body, queue FROM due"
                    " WHERE kind = 'duty-clock' AND at <= to_timestamp(:end) ORDER BY at LIMIT 1"
                ), {"end": end})).one_or_none()  # fmt: skip
                if found is None:
                    break
                self.site.clock.at = max(self.site.clock.at, found.at)
                await run(connection, Due(*found))
                await connection.execute(text("DELETE FROM due WHERE id = :id"), {"id": found.id})
        self.site.clock.at = end

    async def pages(self) -> list[tuple[str, int]]:
        """What the room was told of duty."""
        told = [m["body"] for m in await self.site.feed("police") if m["kind"] == "page"]
        return [(body["why"], body["count"]) for body in told if body["why"].startswith(("handover", "shift"))]


@pytest.fixture
async def room(site: Site, people: Database, monkeypatch: pytest.MonkeyPatch) -> Room:
    """With an incident open."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    await site.take(site.alert())
    clerk = Actor(uuid7(), site.ids["police"], Role.REGISTRAR, None, "clerk", uuid7())
    return Room(site, people, clerk)


async def test_what_is_open_stays_the_leaver_s_until_somebody_takes_it(room: Room) -> None:
    """Named, said to be leaving, then taken: never for a moment without a name; then the leaver's shift is over."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    shift = await room.on(kim)
    await room.on(lee)
    incident = (await room.site.incident())["id"]
    await room.take_incident(kim, incident)
    with pytest.raises(StillOpen):
        await room.end(kim, shift)
    named = await room.open_of(kim)
    assert named == Open(frozenset({incident}), frozenset())
    note = "he was seen near the station at nine"
    which = await room.give(kim, shift, named, note)
    assert await room.owner(lee) == ("kim", True)
    assert await room.working(kim)
    assert await room.take(lee, which) == (1, True)
    assert await room.owner(lee) == ("lee", False)
    assert not await room.working(kim)
    assert (len(await room.open_of(kim)), len(await room.open_of(lee))) == (0, 1)
    ledger = [
        row["kind"]
        for row in await room.site.ledger()
        if row["kind"].startswith(("handover", "incident.handed", "shift"))
    ]
    assert ledger[-5:] == ["handover.given", "handover.named", "handover.taken", "incident.handed_over", "shift.ended"]
    said = [row for row in await room.site.ledger() if row["kind"] == "handover.given"]
    assert "nine" not in str(said)
    (kept,) = await room.site.rows("SELECT sealed FROM handover WHERE id = :id", id=which)
    assert Digester(bytes(32)).agrees(said[0]["content_digest"], which, bytes(kept["sealed"]))
    assert not Digester(bytes(32)).agrees(said[0]["content_digest"], which, note), "or it could be tried for ever"
    taken = [m["body"] for m in await room.site.feed("centre") if m["kind"] == "incident_taken"]
    assert [(body["by"], body.get("from")) for body in taken] == [
        (str(kim.account), None), (str(lee.account), str(kim.account))
    ]  # fmt: skip


async def test_whoever_presses_take_afterwards_does_not_take_it_from_its_new_owner(room: Room) -> None:
    """The first to take it owned it, then the last it was handed to; a second press changes nothing."""
    kim, lee, choi = [await room.hire(name) for name in ("kim", "lee", "choi")]
    incident = (await room.site.incident())["id"]
    await room.take_incident(kim, incident)
    await room.take_incident(choi, incident)
    assert await room.owner(kim) == ("kim", False)
    await room.take(lee, await room.give(kim, await room.on(kim), await room.open_of(kim)))
    await room.take_incident(choi, incident)
    assert await room.owner(kim) == ("lee", False)
    await room.take(choi, await room.give(lee, await room.on(lee), await room.open_of(lee)))
    assert await room.owner(kim) == ("choi", False)


async def test_all_of_it_is_named_or_nothing_is_left(room: Room) -> None:
    """Too little, too much or nothing at all is refused; one hand-over waits at a time; nothing open ends by itself."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    shift = await room.on(kim)
    with pytest.raises(Conflict, match="Nothing is open"):
        await room.give(kim, shift, Open(frozenset(), frozenset()))
    await room.take_incident(kim, (await room.site.incident())["id"])
    for named in (Open(frozenset(), frozenset()), Open(frozenset({uuid7()}), frozenset())):
        with pytest.raises(NamesDiffer):
            await room.give(kim, shift, named)
    with pytest.raises(NotFound):
        await room.give(lee, shift, await room.open_of(kim))
    await room.give(kim, shift, await room.open_of(kim))
    with pytest.raises(Conflict, match="already"):
        await room.give(kim, shift, await room.open_of(kim))
    free = await room.on(lee)
    await room.end(lee, free)
    assert not await room.working(lee)
    with pytest.raises(Conflict, match="not going on"):
        await room.end(lee, free)


async def test_whoever_is_off_duty_takes_it_all_the_same(room: Room) -> None:
    """A name off the roster is better than none: it is taken, said and recorded."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    await room.take_incident(kim, (await room.site.incident())["id"])
    which = await room.give(kim, await room.on(kim), await room.open_of(kim))
    assert await room.take(lee, which) == (1, False)
    assert [row["account"] for row in await room.site.ledger() if row["kind"] == "handover.taken_off_duty"] == [
        str(lee.account)
    ]
    with pytest.raises(Conflict, match="taken it already"):
        await room.take(await room.hire("choi"), which)


async def test_who_may_not_take_it(room: Room) -> None:
    """Not the leaver, not another role, not another agency, and not whoever is tied to a party."""
    kim, officer, tied = (
        await room.hire("kim"),
        await room.hire("p", Role.POLICE_OFFICER, "p1"),
        await room.hire("tied"),
    )
    await room.take_incident(kim, (await room.site.incident())["id"])
    which = await room.give(kim, await room.on(kim), await room.open_of(kim))
    for who, refusal in ((kim, Forbidden), (officer, Forbidden), (room.site.room("centre"), NotFound)):
        with pytest.raises(refusal):
            await room.take(who, which)
    await room.site.execute(
        "INSERT INTO staff_tie (account, person, relation) VALUES (:account, :person, 'kin')",
        account=tied.account, person=room.site.ids["he"],
    )  # fmt: skip
    with pytest.raises(OwnCase):
        await room.take(tied, which)
    async with room.people.transaction(tied.agency, tied.account) as connection:
        assert (await connection.execute(text("SELECT count(*) FROM handover"))).scalar_one() == 0
    assert await room.owner(kim) == ("kim", True)


async def test_what_was_closed_meanwhile_is_not_handed_on(room: Room) -> None:
    """The rest is; and of nothing the shift still ends."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    await room.take_incident(kim, (await room.site.incident())["id"])
    which = await room.give(kim, await room.on(kim), await room.open_of(kim))
    await room.site.close(outcome="apprehended")
    assert await room.take(lee, which) == (0, False)
    assert not await room.working(kim)


async def test_whoever_stays_withdraws_it(room: Room) -> None:
    """Then it is theirs as before, nobody is called any more, and it can be handed over again; a taken one stays taken."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    await room.take_incident(kim, (await room.site.incident())["id"])
    shift = await room.on(kim)

    async def withdraw(who: Actor, which: UUID) -> None:
        async with room.site.database.transaction() as connection:
            await handover.withdraw(connection, who, which, room.site.clock.at)

    which = await room.give(kim, shift, await room.open_of(kim))
    with pytest.raises(NotFound):
        await withdraw(lee, which)
    await withdraw(kim, which)
    assert await room.owner(lee) == ("kim", False)
    with pytest.raises(Conflict, match="stays"):
        await room.take(lee, which)
    await room.pass_time(RULES.handover_s * 2)
    assert await room.pages() == [("handover", 1), ("handover-withdrawn", 1)]
    again = await room.give(kim, shift, await room.open_of(kim))
    await room.take(lee, again)
    with pytest.raises(Conflict, match="taken it already"):
        await withdraw(kim, again)


async def test_two_who_take_at_once_are_one(room: Room) -> None:
    """Whoever is second is told that a colleague has it."""
    kim, lee, choi = [await room.hire(name) for name in ("kim", "lee", "choi")]
    await room.take_incident(kim, (await room.site.incident())["id"])
    which = await room.give(kim, await room.on(kim), await room.open_of(kim))
    done = await asyncio.gather(room.take(lee, which), room.take(choi, which), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "tuple"]


async def test_an_officer_leaves_taskings_to_the_own_unit(room: Room) -> None:
    """They are the unit's while a colleague of it is on duty; else they are named, and one of the unit takes them."""
    kim, lee = await room.hire("kim", Role.POLICE_OFFICER, "p1"), await room.hire("lee", Role.POLICE_OFFICER, "p1")
    stranger = await room.hire("choi", Role.POLICE_OFFICER, "p2")
    tasking = await room.site.tasking("p1")
    shift = await room.on(kim)
    assert await room.open_of(kim) == Open(frozenset(), frozenset({tasking}))
    which = await room.give(kim, shift, await room.open_of(kim))
    with pytest.raises(Forbidden, match="same unit"):
        await room.take(stranger, which)
    assert await room.take(lee, which) == (1, False)
    await room.on(lee)
    assert not await room.working(kim)
    again = await room.on(kim)
    assert len(await room.open_of(kim)) == 0
    await room.end(kim, again)


async def test_what_nobody_takes_is_said_again_and_again(room: Room) -> None:
    """To the room, until somebody takes it; then the clock is silent."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    await room.take_incident(kim, (await room.site.incident())["id"])
    which = await room.give(kim, await room.on(kim), await room.open_of(kim))
    await room.pass_time(RULES.handover_s * 2 + 1)
    assert await room.pages() == [("handover", 1), ("handover-untaken", 1), ("handover-untaken", 1)]
    await room.take(lee, which)
    await room.pass_time(RULES.handover_s * 2)
    assert len(await room.pages()) == 3
    assert len([row for row in await room.site.ledger() if row["kind"] == "duty.late"]) == 2


async def test_a_shift_nobody_begins_or_ends_is_said(room: Room) -> None:
    """Once when nobody came; for as long as it lasts when somebody's time is over and something is open in their name."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    now = room.site.clock.at
    async with room.site.database.transaction() as connection:
        await duty.plan(connection, room.clerk, [Wanted(lee.account, now, now + HOUR)], RULES, now)
    shift = await room.on(kim)
    await room.pass_time(RULES.late_s + 1)
    assert await room.pages() == [("shift-late", 0)]
    await room.take_incident(kim, (await room.site.incident())["id"])
    await room.pass_time(8 * HOUR + RULES.over_s * 2)
    assert await room.pages() == [("shift-late", 0), ("shift-over", 1), ("shift-over", 1)]
    await room.take(lee, await room.give(kim, shift, await room.open_of(kim)))
    await room.pass_time(RULES.over_s * 2)
    assert [why for why, _ in await room.pages()].count("shift-over") == 2


async def gone(room: Room, who: Actor) -> None:
    """Their account ends by the operator's command."""
    async with room.site.database.transaction() as connection:
        await accounts.end_named(connection, room.site.clock, who.name)


@pytest.mark.parametrize("shift", [False, True])
async def test_what_an_ended_account_left_open_is_called_for_until_somebody_takes_it(
    room: Room, *, shift: bool
) -> None:
    """On shift or not: the queue says that its owner is leaving, the room is paged at once and again, and a colleague takes it."""
    kim, lee = await room.hire("kim"), await room.hire("lee")
    if shift:
        await room.on(kim)
    await room.take_incident(kim, await room.site.one("SELECT id FROM incident"))
    await gone(room, kim)
    await room.pass_time(RULES.handover_s + 1)
    assert await room.owner(lee) == ("kim", True)
    told = [m["body"] for m in await room.site.feed("police") if m["kind"] == "page"]
    assert [(body["why"], body["count"]) for body in told if body["name"] == "kim"] == [
        ("account-left", 1), ("handover-untaken", 1)
    ]  # fmt: skip
    waiting = await room.site.one("SELECT id FROM handover WHERE taken_at IS NULL")
    assert (await room.take(lee, waiting))[0] == 1
    assert await room.owner(lee) == ("lee", False)
    assert not await room.working(kim)


async def test_what_was_handed_over_before_the_account_ended_is_handed_over_once(room: Room) -> None:
    """What waits to be taken waits on; an account that is back before anybody looked has left nothing."""
    kim = await room.hire("kim")
    shift = await room.on(kim)
    await room.take_incident(kim, await room.site.one("SELECT id FROM incident"))
    await room.give(kim, shift, await room.open_of(kim))
    await gone(room, kim)
    await room.pass_time(1)
    assert await room.site.one("SELECT count(*) FROM handover") == 1
    assert [m["body"]["why"] for m in await room.site.feed("police") if m["kind"] == "page"][-1] == "account-left"
    park = await room.hire("park")
    await gone(room, park)
    async with room.site.database.transaction() as connection:
        await accounts.restore_named(connection, room.site.clock, "park")
    await room.pass_time(1)
    told = [m["body"] for m in await room.site.feed("police") if m["kind"] == "page"]
    assert [body for body in told if body["name"] == "park"] == []


async def test_the_shift_of_an_ended_account_is_over_and_a_planned_one_is_missed(room: Room) -> None:
    """Nobody is on duty by an account that is over, and the room hears when such a shift should begin."""
    kim, now = await room.hire("kim"), room.site.clock.at
    await room.on(kim)
    async with room.site.database.transaction() as connection:
        later = [Wanted(kim.account, now + 9 * HOUR, now + 10 * HOUR)]
        await duty.plan(connection, room.clerk, later, RULES, now)
    await gone(room, kim)
    await gone(room, await room.hire("lee"))
    await room.pass_time(1)
    assert not await room.working(kim)
    await room.pass_time(9 * HOUR + RULES.late_s)
    assert await room.pages() == [("shift-late", 0)]
