"""Rosters and training on a real record: planned, begun, lapsed, and never a reason to refuse anybody."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from jikimi.identity import passwords
from jikimi.identity.model import Actor, Role
from jikimi.identity.service import create_account, open_session
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.respond.roster import Roster
from jikimi.staff import repository, roster, rules, service, subjects
from jikimi.staff.greeting import greeter
from jikimi.staff.model import Standing, State, Wanted
from jikimi.store.database import Database
from tests.test_registry_world import HandClock, built

RULES = rules.load("kr")
DAY = 86400.0
HOUR = 3600.0


@dataclass
class Agency:
    """A police agency's staff and whoever plans for them, under a clock set by hand."""

    service: Database
    people: Database
    ids: dict[str, UUID]
    clock: HandClock
    passwords: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, Actor] = field(default_factory=dict)

    async def hire(self, name: str, role: Role, unit: str | None = None, agency: str = "police") -> Actor:
        """A new account."""
        of = self.ids[unit] if unit else None
        async with self.service.transaction() as connection:
            account, password = await create_account(connection, self.ids[agency], role, name, None, of)
        self.passwords[name] = password
        self.accounts[name] = Actor(account, self.ids[agency], role, of, name, uuid7())
        return self.accounts[name]

    async def plan(self, who: str, start: float, end: float, **more: Any) -> UUID:
        """A shift, in hours from now."""
        wanted = Wanted(
            self.accounts[who].account, self.clock.at + start * HOUR, self.clock.at + end * HOUR, **more
        )  # fmt: skip
        async with self.service.transaction() as connection:
            return (await service.plan(connection, self.accounts["clerk"], [wanted], RULES, self.clock.at))[0]

    async def begin(self, who: str, shift: UUID) -> None:
        """As its owner."""
        async with self.service.transaction() as connection:
            await service.begin(connection, self.accounts[who], shift, RULES, self.clock.at)

    async def qualify(self, who: str, start: float, end: float, kind: str = "first-aid", by: str = "clerk") -> UUID:
        """A paper, in days from now."""
        dates = (self.clock.at + start * DAY, self.clock.at + end * DAY)
        async with self.service.transaction() as connection:
            return await service.qualify(
                connection, self.accounts[by], self.accounts[who].account, kind, dates, RULES, self.clock.at
            )

    async def standing(self, who: str) -> Standing:
        """Where somebody stands, as they read it themselves."""
        return await roster.standing(roster.Desk(self.people, self.service, self.clock, RULES), self.accounts[who])

    async def read(self, who: str) -> dict[str, Any]:
        """The roster as somebody sees it."""
        return await roster.read(roster.Desk(self.people, self.service, self.clock, RULES), self.accounts[who])

    async def rows(self, kind: str) -> list[dict[str, Any]]:
        """Ledger rows of a kind."""
        async with self.service.transaction() as connection:
            found = await connection.execute(text("SELECT body FROM ledger_row ORDER BY id"))
            return [row for (body,) in found if (row := msgspec.json.decode(body))["kind"] == kind]

    async def due(self) -> list[str]:
        """What waits on the clock."""
        async with self.service.transaction() as connection:
            found = await connection.execute(
                text("SELECT body->>'what' FROM due WHERE kind = 'duty-clock' ORDER BY at")
            )
            return list(found.scalars())


@pytest.fixture
async def agency(service: Database, people: Database, monkeypatch: pytest.MonkeyPatch) -> Agency:
    """A room, an officer and a registrar."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    made = Agency(service, people, (await built(service)).ids, HandClock())
    await made.hire("clerk", Role.REGISTRAR)
    await made.hire("kim", Role.DISPATCHER)
    await made.hire("lee", Role.DISPATCHER)
    await made.hire("park", Role.POLICE_OFFICER, "patrol")
    await made.hire("other", Role.DISPATCHER, agency="others")
    return made


async def test_a_shift_is_planned_begun_and_ended(agency: Agency) -> None:
    """Each step by whoever may, once, in its time; the clock and the ledger know of each."""
    assert (await agency.standing("kim")).state is State.UNKEPT
    shift = await agency.plan("kim", 1, 9, station=agency.ids["station"], lead=True)
    assert ((await agency.standing("kim")).state, (await agency.standing("lee")).state) == (State.OFF, State.OFF)
    assert await agency.due() == ["shift-late"]
    with pytest.raises(Conflict, match="not the time"):
        await agency.begin("kim", shift)
    with pytest.raises(NotFound):
        await agency.begin("lee", shift)
    agency.clock.at += HOUR + 60
    assert (await agency.standing("kim")).state is State.DUE
    await agency.begin("kim", shift)
    await agency.begin("kim", shift)
    assert (await agency.standing("kim")).state is State.ON
    assert await agency.due() == ["shift-over"]
    (begun,) = await agency.rows("shift.begun")
    assert (begun["late_ms"], begun["shift"]) == (60_000, str(shift))
    async with agency.service.transaction() as connection:
        going = await repository.begun(connection, agency.accounts["kim"].account)
        assert going is not None
        await service.finish(connection, going, agency.clock.at)
    assert (await agency.standing("kim")).state is State.OFF
    assert await agency.due() == []
    with pytest.raises(Conflict, match="ended"):
        await agency.begin("kim", shift)


async def test_nobody_is_in_two_places(agency: Agency) -> None:
    """Shifts of one person do not overlap; one that goes on past its time keeps the next from beginning."""
    first = await agency.plan("kim", 0, 8)
    with pytest.raises(Conflict, match="two shifts"):
        await agency.plan("kim", 7, 9)
    second = await agency.plan("kim", 8, 16)
    await agency.begin("kim", first)
    agency.clock.at += 8 * HOUR
    with pytest.raises(Conflict, match="still going on"):
        await agency.begin("kim", second)
    assert (await agency.standing("kim")).shift.id == first  # type: ignore[union-attr]


async def test_what_cannot_be_planned(agency: Agency) -> None:
    """By somebody who does not plan, for another agency's, for a role without shifts, backwards, past, or for ever."""
    with pytest.raises(Forbidden):
        async with agency.service.transaction() as connection:
            await service.plan(connection, agency.accounts["kim"], [], RULES, agency.clock.at)
    with pytest.raises(NotFound):
        await agency.plan("other", 1, 2)
    with pytest.raises(Malformed, match="no shifts"):
        await agency.plan("clerk", 1, 2)
    with pytest.raises(NotFound, match="station"):
        await agency.plan("kim", 1, 2, station=uuid7())
    for start, end in ((2, 1), (-3, -2), (1, 40)):
        with pytest.raises(Malformed, match="until"):
            await agency.plan("kim", start, end)


async def test_a_shift_is_withdrawn_before_it_begins(agency: Agency) -> None:
    """Then it is on no roster and on no clock; one that has begun is its owner's to end."""
    shift, going = await agency.plan("kim", 1, 2), await agency.plan("lee", 0, 2)
    await agency.begin("lee", going)
    async with agency.service.transaction() as connection:
        await service.withdraw(connection, agency.accounts["clerk"], shift, agency.clock.at)
    with pytest.raises(NotFound):
        await agency.begin("kim", shift)
    with pytest.raises(Conflict, match="has begun"):
        async with agency.service.transaction() as connection:
            await service.withdraw(connection, agency.accounts["clerk"], going, agency.clock.at)
    assert [one["id"] for one in (await agency.read("kim"))["shifts"]] == [going]
    assert len(await agency.rows("shift.withdrawn")) == 1


async def test_training_lapses_and_is_renewed(agency: Agency) -> None:
    """A kind has lapsed when its latest paper has; soon lapsing is said before; a mistaken paper is taken back."""
    await agency.qualify("kim", -400, -1)
    await agency.qualify("kim", -10, 10, "em-monitoring")
    await agency.qualify("kim", 5, 50)
    found = await agency.standing("kim")
    assert (found.lapsed, found.soon) == (("first-aid",), ("em-monitoring",))
    renewed = await agency.qualify("kim", -1, 300)
    assert (await agency.standing("kim")).lapsed == ()
    async with agency.service.transaction() as connection:
        await service.unqualify(connection, agency.accounts["clerk"], renewed, agency.clock.at)
    assert (await agency.standing("kim")).lapsed == ("first-aid",)
    for changed, refusal in (
        ({"kind": "juggling"}, Malformed),
        ({"end": -500}, Malformed),
        ({"who": "other"}, NotFound),
    ):
        with pytest.raises(refusal):
            await agency.qualify(**{"who": "kim", "start": -400, "end": -1, **changed})  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        await agency.qualify("kim", -1, 1, by="kim")
    with pytest.raises(NotFound):
        async with agency.service.transaction() as connection:
            await service.unqualify(connection, agency.accounts["clerk"], renewed, agency.clock.at)


async def test_whoever_is_off_duty_or_out_of_training_is_let_in_and_told(agency: Agency) -> None:
    """The session opens with its warnings, on the ledger and on the register; nothing is refused for it."""
    greet = greeter(agency.clock, RULES)

    async def enter(name: str) -> tuple[str, ...]:
        signed = await open_session(agency.service, agency.clock, name, agency.passwords[name], None, greet)
        return signed.warnings

    assert await enter("kim") == ()
    await agency.plan("lee", 0, 8)
    await agency.qualify("kim", -400, -1)
    assert await enter("kim") == ("off-duty", "competence-lapsed")
    assert await enter("lee") == ()
    assert await enter("clerk") == ()
    (off,), (lapsed,) = await agency.rows("signed_in.off_duty"), await agency.rows("signed_in.competence_lapsed")
    assert off["account"] == lapsed["account"] == str(agency.accounts["kim"].account)
    assert lapsed["code"] == "first-aid"
    async with agency.service.transaction() as connection:
        found = await connection.execute(
            text("SELECT what, allowed FROM access_register WHERE action = 'keep_duty' ORDER BY id")
        )
        assert [tuple(row) for row in found] == [("off_duty", True), ("competence_lapsed", True)]


async def test_the_roster_is_an_agency_s_own(agency: Agency) -> None:
    """Who is on stands before who is next; papers and sign-ins are for whoever plans; another agency sees nothing of it."""
    await agency.plan("kim", -1, 1)
    await agency.begin("lee", await agency.plan("lee", 0, 8))
    await agency.qualify("kim", -400, -1)
    seen = await agency.read("lee")
    assert [(one["name"], one["begun_at"] is not None, one["lapsed"]) for one in seen["shifts"]] == [
        ("lee", True, []), ("kim", False, ["first-aid"])
    ]  # fmt: skip
    assert (seen["staff"], seen["stations"]) == ([], [])
    planner = await agency.read("clerk")
    assert {one["name"] for one in planner["staff"]} == {"clerk", "kim", "lee", "park"}
    assert [len(one["papers"]) for one in planner["staff"] if one["name"] == "kim"] == [1]
    assert [one["name"] for one in planner["stations"]] == ["Hanbit Station"]
    assert (await agency.read("other"))["shifts"] == []
    async with agency.service.transaction() as connection:
        looks = await connection.execute(text("SELECT count(*) FROM access_register WHERE what = 'roster'"))
        assert looks.scalar_one() == 3


async def test_a_unit_s_training_is_that_of_whoever_is_on_duty(agency: Agency) -> None:
    """A unit has lapsed when everybody of it on duty has; with nobody on duty, when everybody of it has."""

    async def lapsed() -> bool:
        async with agency.service.transaction() as connection:
            return agency.ids["patrol"] in await repository.lapsed_units(connection, agency.clock.at)

    assert not await lapsed()
    await agency.qualify("park", -400, -1)
    assert await lapsed()
    await agency.hire("choi", Role.POLICE_OFFICER, "patrol")
    assert not await lapsed()
    await agency.begin("park", await agency.plan("park", 0, 8))
    assert await lapsed()
    await agency.begin("choi", await agency.plan("choi", 0, 8))
    assert not await lapsed()


async def test_the_response_knows_whose_training_has_lapsed(agency: Agency) -> None:
    """What it chooses from says so of the unit, by the exercise's or the machine's time, as soon as it is read anew."""
    units = Roster(agency.clock)
    await units.reload(agency.service)
    assert not units.units[agency.ids["patrol"]].lapsed
    await agency.qualify("park", -400, -1)
    await units.reload(agency.service)
    assert units.units[agency.ids["patrol"]].lapsed


class Their:
    """A provider that is asked nothing."""

    issuer, name = "https://sso.example", "Hanbit"


async def test_only_a_registrar_says_whose_sign_in_an_account_is(agency: Agency) -> None:
    """Of the own agency, one account a subject; taken back it is nobody's. Each is on the register."""
    provider: Any = Their()

    async def record(by: str, whose: str, subject: str | None, where: Any = provider) -> None:
        async with agency.service.transaction() as connection:
            account = agency.accounts[whose].account
            await subjects.record(connection, agency.clock, agency.accounts[by], account, where, subject)

    with pytest.raises(Forbidden):
        await record("kim", "kim", "s-kim")
    with pytest.raises(NotFound):
        await record("clerk", "other", "s-other")
    with pytest.raises(Conflict, match="set up"):
        await record("clerk", "kim", "s-kim", None)
    await record("clerk", "kim", "s-kim")
    with pytest.raises(Conflict, match="another account"):
        await record("clerk", "lee", "s-kim")
    await record("clerk", "kim", "s-kim-2")
    await record("clerk", "lee", "s-kim")
    await record("clerk", "kim", None)
    async with agency.service.transaction() as connection:
        kept = (await connection.execute(text("SELECT subject, account FROM account_subject"))).all()
        looks = await connection.execute(text("SELECT count(*) FROM access_register WHERE what = 'account_subject'"))
        assert looks.scalar_one() == 4
    assert [tuple(row) for row in kept] == [("s-kim", agency.accounts["lee"].account)]
    assert len(await agency.rows("account_subject_recorded")) == 3
    assert len(await agency.rows("account_subject_ended")) == 1
