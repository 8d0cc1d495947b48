"""What a page without a live line asks for: whether anything has ended, and neither what nor of whom."""

from typing import Any
from uuid import UUID

from tests.integration.respond.test_respond_live import Desk, desk
from tests.security.test_revoked import revoke

__all__ = ["desk"]


async def ended(desk: Desk, who: str, since: float | None = None) -> dict[str, Any]:
    """What somebody is answered."""
    answer = await desk.call(who, "GET", "/api/access/ended" + ("" if since is None else f"?since={since}"))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_whoever_has_lost_something_is_told_so_once_and_nobody_else(desk: Desk) -> None:
    """The centre's access to her ends: its room and nobody else hears a mark, the same as long as it is told."""
    site = desk.site
    await site.take(site.alert())
    before = {who: await ended(desk, who) for who in ("centre", "police", "clerk", "privacy")}
    await revoke(desk, "centre", "she")
    said = {who: await ended(desk, who, one["at"]) for who, one in before.items()}
    assert {who: len(one["marks"]) > 0 for who, one in said.items()} == {
        "centre": True, "police": False, "clerk": False, "privacy": False
    }  # fmt: skip
    again = await ended(desk, "centre", said["centre"]["at"])
    assert again["marks"] == said["centre"]["marks"]
    assert (await ended(desk, "centre", again["at"] + 60))["marks"] == []


async def test_a_page_that_slept_reads_everything_anew_and_makes_nobody_search_for_years(desk: Desk) -> None:
    """What ended so long ago is not looked for; a page that asks from then is told so, and each time."""
    now = (await ended(desk, "police"))["at"]
    assert (await ended(desk, "police", now - 60))["marks"] == []
    first, again = await ended(desk, "police", 0), await ended(desk, "police", 0)
    assert len(first["marks"]) == len(again["marks"]) == 1
    assert first["marks"] != again["marks"]


async def test_it_says_neither_what_has_ended_nor_of_whom(desk: Desk) -> None:
    """No id stands in it, another session of the same room has other marks, and it is no look on the register."""
    site = desk.site
    await site.take(site.alert())
    looks = await site.rows("SELECT count(*) AS n FROM access_register")
    await revoke(desk, "centre", "she")
    first = await ended(desk, "centre")
    ids = [str(one.id) for one in await site.rows("SELECT id FROM access_grant UNION SELECT id FROM person")]
    assert ids
    assert not [one for one in ids if one in str(first) or one.replace("-", "") in str(first)]
    assert await site.rows("SELECT count(*) AS n FROM access_register") == looks


async def test_a_case_that_becomes_one_s_own_is_heard_of_and_having_one_is_not(desk: Desk) -> None:
    """Whether there is any cannot be read from it."""
    she = desk.site.ids["she"]
    before = await ended(desk, "police")
    await tie(desk, she)
    after = await ended(desk, "police", before["at"])
    assert after["own"] != before["own"]
    assert len(after["own"]) == len(before["own"])
    assert after["marks"] == []
    assert (await ended(desk, "police", after["at"]))["own"] == after["own"]


async def test_a_time_no_calendar_holds_is_refused(desk: Desk) -> None:
    """And breaks nobody's answer."""
    for since in ("1e300", "nan", "inf", "-1", "x"):
        answer = await desk.call("centre", "GET", f"/api/access/ended?since={since}")
        assert answer.status_code in {400, 422}, since


async def tie(desk: Desk, person: UUID) -> None:
    """It is the police room's own case."""
    await desk.site.execute(
        "INSERT INTO staff_tie (account, person, relation) SELECT id, :person, 'kin' FROM account WHERE name = 'it-police'",
        person=person,
    )
