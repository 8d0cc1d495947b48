"""A tasking of a unit in which nobody is left is nobody's, and somebody else is asked until somebody is under way."""

import pytest
from tests.integration.respond.conftest import Site
from tests.integration.respond.test_handover import HOUR, Room, gone, room

from jikimi.identity.model import Actor, Role
from jikimi.respond import handover, repository, standing

__all__ = ["room"]


async def chase(room: Room, seconds: float) -> None:
    """Let the deadlines of the incident run, and nothing else."""
    await room.site.execute("DELETE FROM due WHERE kind NOT IN ('replan', 'undelivered', 'unaccepted')")
    await room.site.pass_time(seconds)


async def ends(room: Room, who: Actor) -> None:
    """Their account ends, and whoever is asked for it is asked."""
    await gone(room, who)
    await room.pass_time(1)
    await chase(room, 1)


async def police(site: Site) -> dict[str, str]:
    """Which units of the police were asked, and what they answered."""
    return {row["ref"]: row["state"] for row in await site.taskings("police")}


async def forsaken(site: Site) -> list[str]:
    """Units whose tasking counts as under way no more."""
    return sorted(row["ref"] for row in await site.taskings("police") if row["forsaken_at"] is not None)


async def under_way(site: Site) -> int:
    """How many pairs count as having officers under way, as the standing plans read it."""
    return len(await site.rows(standing._RUNNING.text))


@pytest.fixture
async def park(room: Room) -> Actor:
    """The only officer of the nearest unit."""
    return await room.hire("park", Role.POLICE_OFFICER, "p1")


@pytest.mark.parametrize("said", [[], ["accepted"], ["accepted", "en_route"]])
async def test_the_tasking_of_a_unit_with_nobody_left_goes_to_the_next(
    room: Room, park: Actor, said: list[str]
) -> None:
    """Whatever was answered. It stays asked, for one officer too many harms nobody, and both rooms see what it is."""
    for state in said:
        await room.site.answer("p1", state)
    await ends(room, park)
    assert await police(room.site) == {"p1": (said or ["tasked"])[-1], "p2": "tasked"}
    for name in ("police", "centre"):
        (page,) = [m["body"] for m in await room.site.feed(name) if m["body"].get("why") == "forsaken"]
        assert (page["callsign"], page["tasking"]) == ("P-1", str(await room.site.tasking("p1")))
        seen = await repository.incident(
            room.people, room.site.database, room.site.clock, room.site.room(name), (await room.site.incident())["id"]
        )
        assert [t.callsign for t in seen.taskings if t.forsaken_at is not None] == ["P-1"]
    assert "tasking.forsaken" in [row["kind"] for row in await room.site.ledger()]


@pytest.mark.parametrize("said", [[], ["accepted"]])
async def test_the_one_asked_in_its_place_who_rejects_is_not_the_last(room: Room, park: Actor, said: list[str]) -> None:
    """The tasking of nobody stands in no further unit's way."""
    for state in said:
        await room.site.answer("p1", state)
    await ends(room, park)
    await room.site.answer("p2", "rejected", "no")
    await chase(room, 1)
    assert (await police(room.site))["p3"] == "tasked"


async def test_the_one_asked_in_its_place_who_is_silent_is_not_the_last(room: Room, park: Actor) -> None:
    """Nor does it count as somebody who has accepted."""
    await room.site.answer("p1", "accepted")
    await ends(room, park)
    await chase(room, 60)
    assert (await police(room.site))["p3"] == "tasked"


async def test_one_who_was_silent_before_is_not_waited_for(room: Room, park: Actor) -> None:
    """Whose time to accept has passed while another was under way is not under way for them."""
    await room.site.execute("UPDATE unit SET status = 'off' WHERE callsign = 'P-3'")
    await chase(room, 10.1)
    assert await police(room.site) == {"p1": "tasked", "p2": "tasked"}
    await room.site.answer("p1", "accepted")
    await chase(room, 60)
    await room.site.execute("UPDATE unit SET status = 'available' WHERE callsign = 'P-3'")
    await ends(room, park)
    assert (await police(room.site))["p3"] == "tasked"


async def test_when_the_account_of_the_next_ends_too_the_third_is_asked(room: Room, park: Actor) -> None:
    """However many of them are nobody's."""
    choi = await room.hire("choi", Role.POLICE_OFFICER, "p2")
    await room.site.answer("p1", "accepted")
    await ends(room, park)
    await room.site.answer("p2", "accepted")
    await ends(room, choi)
    assert await police(room.site) == {"p1": "accepted", "p2": "accepted", "p3": "tasked"}
    assert await forsaken(room.site) == ["p1", "p2"]


async def test_a_colleague_at_home_sees_nothing_through(room: Room, park: Actor) -> None:
    """Where there is a roster, whoever is not on it now is nobody; nor is one whose shift should long have ended."""
    lee = await room.hire("lee", Role.POLICE_OFFICER, "p1")
    await room.on(lee)
    room.site.clock.at += 9 * HOUR
    await room.on(park)
    await room.site.answer("p1", "accepted")
    await ends(room, park)
    assert await forsaken(room.site) == ["p1"]
    assert (await police(room.site))["p2"] == "tasked"


@pytest.mark.parametrize("roster", [True, False])
async def test_a_colleague_who_is_there_sees_it_through(room: Room, park: Actor, *, roster: bool) -> None:
    """On duty, or of an agency that keeps no roster: nobody else is asked."""
    lee = await room.hire("lee", Role.POLICE_OFFICER, "p1")
    if roster:
        await room.on(lee)
    await room.site.answer("p1", "accepted")
    await ends(room, park)
    assert await forsaken(room.site) == []
    assert await police(room.site) == {"p1": "accepted"}


@pytest.mark.parametrize("act", ["take", "en_route", "accepted"])
async def test_it_is_somebody_s_again_once_one_of_the_unit_takes_it(room: Room, park: Actor, act: str) -> None:
    """By the hand-over or by an answer, even the one given before; then whoever was asked meanwhile may reject."""
    lee = await room.hire("lee", Role.POLICE_OFFICER, "p1")
    await room.on(park)
    await room.site.answer("p1", "accepted")
    await ends(room, park)
    assert await forsaken(room.site) == ["p1"]
    if act == "take":
        await room.take(lee, await room.site.one("SELECT id FROM handover WHERE taken_at IS NULL"))
    else:
        await room.site.answer("p1", act)
    assert await forsaken(room.site) == []
    await room.site.answer("p2", "rejected", "no")
    await chase(room, 60)
    assert "p3" not in await police(room.site)


async def test_an_account_that_is_back_takes_back_what_it_had_left(room: Room, park: Actor) -> None:
    """By withdrawing its hand-over."""
    await room.site.answer("p1", "accepted")
    await ends(room, park)
    await room.site.execute("UPDATE account SET disabled_at = NULL WHERE id = :id", id=park.account)
    which = await room.site.one("SELECT id FROM handover")
    async with room.site.database.transaction() as connection:
        await handover.withdraw(connection, park, which, room.site.clock.at)
    assert await forsaken(room.site) == []


async def test_a_further_alert_sends_somebody_where_nobody_is_left(room: Room, park: Actor) -> None:
    """Neither the record nor the plans for an outage take such a tasking for somebody on the way, whoever else is."""
    await room.site.answer("p1", "accepted")
    await room.site.answer("m2", "accepted")
    assert await under_way(room.site) == 1
    await gone(room, park)
    await room.pass_time(1)
    assert await under_way(room.site) == 0
    await room.site.take(room.site.alert("A03", n=1))
    assert (await police(room.site))["p2"] == "tasked"
    assert len(await room.site.taskings("probation")) == 1
    assert await under_way(room.site) == 1
    await chase(room, 1)
    assert "p3" not in await police(room.site)
