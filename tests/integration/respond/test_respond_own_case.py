"""A unit that would be told nothing, because it is its officers' own case, is not sent: the next one is, at once."""

import time
from uuid import UUID, uuid4

import pytest
from tests.integration.respond.conftest import Site

from jikimi.kernel.ids import uuid7
from jikimi.respond.kept import Kept
from jikimi.stream import names
from jikimi.stream.tail import last_values


async def officer(site: Site, unit: str, *, of: str | None = None, here: bool = False) -> UUID:
    """An officer of a unit, tied to one of the people or to nobody, at a terminal or not."""
    account = uuid7()
    await site.execute(
        "INSERT INTO account (id, agency, name, role, unit, secret) VALUES (:id, :agency, :name, 'police_officer', :unit, '')",
        id=account, agency=site.ids["police"], name=uuid4().hex, unit=site.ids[unit],
    )  # fmt: skip
    if of is not None:
        await site.execute("INSERT INTO staff_tie (account, person, relation) VALUES (:account, :person, 'kin')",
                           account=account, person=site.ids[of])  # fmt: skip
    if here:
        await site.execute(
            "INSERT INTO session (id, account, agency, token_digest, started_at, expires_at)"
            " VALUES (:id, :account, :agency, :digest, to_timestamp(:now), to_timestamp(:now + 3600))",
            id=uuid7(), account=account, agency=site.ids["police"], digest=uuid4().bytes, now=time.time(),
        )  # fmt: skip
    return account


async def sent(site: Site, order: str = "order") -> str:
    """Which police unit an alert of that order sends first."""
    await site.take(site.alert(order=order))
    return str((await site.taskings("police"))[-1]["ref"])


async def planned(site: Site) -> list[str]:
    """Which police unit the standing plan of the order would send."""
    await site.responder.roster.reload(site.database)
    plan = site.responder.standing.refresh(site.ids["order"], site.clock.at)
    assert plan
    return [pick.unit.callsign for pick in plan.picks if pick.unit.kind == "police"]


@pytest.mark.parametrize("party", ["she", "he"])
async def test_a_unit_whose_only_officer_is_tied_to_a_party_is_passed_over_at_once(site: Site, party: str) -> None:
    """Kin of his or of hers: the next unit is in the standing plan and gets the first order, and nobody else does."""
    await officer(site, "p1", of=party)
    assert await planned(site) == ["P-2"]
    assert await sent(site) == "p2"
    assert len(await site.taskings("police")) == 1


async def test_what_is_kept_for_a_successor_says_nothing_of_ties(site: Site) -> None:
    """Plans lie in the log while the record is away: whom they would send, never whose kin that is."""
    await officer(site, "p1", of="he3")
    assert await planned(site) == ["P-1"]
    await Kept(site.client).keep(site.responder.standing)
    bodies = str([entry.body for entry in await last_values(site.client, names.STANDING)])
    assert "P-1" in bodies
    assert str(site.ids["he3"]) not in bodies


async def test_it_is_sent_to_everybody_elses_case(site: Site) -> None:
    """The tie is to these people and no others."""
    await officer(site, "p1", of="she")
    assert await sent(site, "third") == "p1"


async def test_a_unit_with_somebody_who_may_be_told_is_sent(site: Site) -> None:
    """One of two officers without a tie is enough, and a unit nobody has an account of is sent as ever."""
    assert await planned(site) == ["P-1"]
    await officer(site, "p1", of="she")
    await officer(site, "p1")
    assert await sent(site) == "p1"


async def test_of_two_officers_the_one_at_the_terminal_counts(site: Site) -> None:
    """Whoever is signed in would be told: where that is only the one who must not be, another unit goes."""
    await officer(site, "p1", of="she", here=True)
    await officer(site, "p1")
    assert await sent(site) == "p2"


async def test_nor_is_it_asked_after_the_others(site: Site) -> None:
    """When the next one refuses, the one after it is asked, and when nobody is left the room learns that."""
    await officer(site, "p1", of="he")
    assert await sent(site) == "p2"
    await site.answer("p2", "rejected", "busy")
    await site.pass_time(1)
    assert [one["ref"] for one in await site.taskings("police")] == ["p2", "p3"]
    await site.answer("p3", "rejected", "busy")
    await site.pass_time(1)
    assert [one["ref"] for one in await site.taskings("police")] == ["p2", "p3"]
    assert [row["body"]["paged"] for row in await site.due("replan")] == [True]
