"""What two agencies agree to share: both say yes, for a time, each sees the same, and either ends it."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from jikimi.identity.model import Actor, Role
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.oversee import agreeing
from jikimi.oversee.agreeing import Desk, Proposal
from jikimi.registry import subjects
from jikimi.registry.service import Desk as Reading
from jikimi.registry.service import list_people
from jikimi.share import granting, rules
from jikimi.share.policy import ARTICLES, Data, Purpose
from jikimi.store.database import Database
from tests.integration.oversee_world import Place, entered

RULES = rules.load("kr")
ARTICLE = "개인정보 보호법 제18조제2항제7호"


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """The police and another police agency that no order gives anything."""
    return await entered(service, people)


def at(place: Place) -> Desk:
    """The desk of agreements."""
    return Desk(place.people, place.service, place.clock, RULES)


def wanted(place: Place, **changed: object) -> Proposal:
    """Of the neighbour, whose file the police keep, to the other police agency, for a joint response."""
    made = Proposal(
        place.ids["others"], place.ids["neighbour"], (Data.PERSON,), Purpose.JOINT_RESPONSE, ARTICLE,
        place.clock.at + 86400, "the court asked for it in writing",
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


async def seen(place: Place, who: Actor) -> set[object]:
    """Whom a room of that agency sees for a joint response."""
    reading = Reading(place.people, place.service, place.clock)
    return {one.id for one in await list_people(reading, replace(who, purpose="JOINT_RESPONSE"))}


async def test_sharing_needs_both_sides_yes_and_either_ends_it(place: Place) -> None:
    """One yes opens nothing; two open what was named; each side sees the same of it, looks too; one no ends it at once."""
    ours, theirs = place.at("police", Role.REVIEWER), place.at("others", Role.REVIEWER)
    room = place.at("others", Role.DISPATCHER)
    made = await agreeing.propose(at(place), ours, wanted(place))
    assert place.ids["neighbour"] not in await seen(place, room)
    with pytest.raises(Conflict):
        await agreeing.agree(at(place), ours, made)
    with pytest.raises(NotFound):
        await agreeing.agree(at(place), place.at("centre", Role.REVIEWER), made)
    await agreeing.agree(at(place), theirs, made)
    assert place.ids["neighbour"] in await seen(place, room)
    joint = replace(room, purpose="JOINT_RESPONSE")
    opened = await subjects.open_person(
        Reading(place.people, place.service, place.clock), joint, place.ids["neighbour"]
    )
    (grant,) = opened.grants
    assert (grant["id"], grant["kind"], grant["article"], grant["purpose"]) == (
        made,
        "agreed",
        ARTICLES[Purpose.JOINT_RESPONSE],
        "JOINT_RESPONSE",
    )
    (mine,), (its,) = [await agreeing.listed(at(place), who) for who in (ours, theirs)]
    assert mine == its
    assert mine["article"] == ARTICLE, "what was named is read by both sides, and nobody else"
    assert (mine["recipient"], mine["looks"]) == (place.ids["others"], 2), "the file, and the list before it"
    await agreeing.end(at(place), ours, made)
    assert place.ids["neighbour"] not in await seen(place, room)
    (over,) = await agreeing.listed(at(place), theirs)
    assert over["ended_agency"] == place.ids["police"]
    with pytest.raises(Conflict):
        await agreeing.agree(at(place), theirs, made)
    told = await place.rows("SELECT body FROM due WHERE kind = 'access-told' ORDER BY seq")
    assert [row.body["what"] for row in told] == ["agreement-proposed", "agreed", "agreement-ended"]
    assert all(set(row.body["rooms"]) == {str(place.ids[one]) for one in ("police", "others")} for row in told)


async def test_what_was_agreed_for_one_purpose_is_read_for_no_other(place: Place) -> None:
    """By list, by id and by what its opening shows; the register of uses holds the use that was made."""
    ours, theirs = place.at("police", Role.REVIEWER), place.at("others", Role.REVIEWER)
    room, reading = place.at("others", Role.DISPATCHER), Reading(place.people, place.service, place.clock)
    await agreeing.agree(at(place), theirs, await agreeing.propose(at(place), ours, wanted(place)))
    for purpose in (None, "APPROACH_RESPONSE", "TRIAL"):
        other = replace(room, purpose=purpose)
        with pytest.raises(Forbidden if purpose == "TRIAL" else NotFound):
            await subjects.open_person(reading, other, place.ids["neighbour"])
    assert place.ids["neighbour"] not in {one.id for one in await list_people(reading, room)}
    await subjects.open_person(reading, replace(room, purpose="JOINT_RESPONSE"), place.ids["neighbour"])
    looked = await place.rows(
        "SELECT purpose, allowed FROM access_register WHERE subject = :whom AND what = 'person' ORDER BY id",
        whom=str(place.ids["neighbour"]),
    )
    assert [(row.purpose, row.allowed) for row in looked if row.allowed] == [("JOINT_RESPONSE", True)]
    async with place.people.transaction(room.agency, room.account) as connection:
        seen_by_nobody = text("SELECT count(*) FROM person WHERE id = :id")
        assert (await connection.execute(seen_by_nobody, {"id": place.ids["neighbour"]})).scalar_one() == 0


async def test_whoever_wants_to_know_may_propose_too(place: Place) -> None:
    """The other side asks, the keeper says yes; the grant is the asker's; ending the grant ends the agreement."""
    ours, theirs = place.at("police", Role.REVIEWER), place.at("others", Role.REVIEWER)
    made = await agreeing.propose(at(place), theirs, wanted(place, other=place.ids["police"]))
    await agreeing.agree(at(place), ours, made)
    assert place.ids["neighbour"] in await seen(place, place.at("others", Role.DISPATCHER))
    await granting.ended(place.desk, theirs, made)
    assert place.ids["neighbour"] not in await seen(place, place.at("others", Role.DISPATCHER))
    (over,) = await agreeing.listed(at(place), ours)
    assert over["ended_at"] is not None


async def test_what_cannot_be_agreed_on(place: Place) -> None:
    """Not where somebody is, not for longer than the law's data says, not with oneself or a support unit, not by others."""
    ours, now = place.at("police", Role.REVIEWER), place.clock.at
    for wrong in (
        wanted(place, data=(Data.LOCATION,)), wanted(place, data=(Data.PERSON, Data.PLACE)), wanted(place, data=()),
        wanted(place, ends_at=now + RULES.agreed_longest_s + 1), wanted(place, ends_at=now - 1),
        wanted(place, other=place.ids["police"]), wanted(place, other=place.ids["city"]),
        wanted(place, purpose=Purpose.SUPPORT),
    ):  # fmt: skip
        with pytest.raises(Malformed):
            await agreeing.propose(at(place), ours, wrong)
    for role in (Role.REGISTRAR, Role.DISPATCHER, Role.SUPPORTER):
        with pytest.raises(Forbidden):
            await agreeing.propose(at(place), place.at("police", role), wanted(place))


async def test_what_was_proposed_before_to_a_support_unit_binds_nobody(place: Place) -> None:
    """Its own yes and the keeper's do not make hers."""
    made = await agreeing.propose(at(place), place.at("police", Role.REVIEWER), wanted(place))
    async with place.service.transaction() as connection:
        moved = "UPDATE agreement SET other = :city, recipient = :city WHERE id = :id"
        await connection.execute(text(moved), {"city": place.ids["city"], "id": made})
    with pytest.raises(Malformed):
        await agreeing.agree(at(place), place.at("city", Role.REVIEWER), made)


async def test_proposing_asks_nobody_whether_a_file_is_there(place: Place) -> None:
    """A proposal about somebody who is in neither file is answered like any other, and nobody can say yes to it."""
    theirs, ours = place.at("others", Role.REVIEWER), place.at("police", Role.REVIEWER)
    nobody = wanted(place, other=place.ids["police"], subject=place.ids["order"])
    made = await agreeing.propose(at(place), theirs, nobody)
    with pytest.raises(NotFound):
        await agreeing.agree(at(place), ours, made)


async def test_an_agreement_whose_time_has_passed_binds_nobody(place: Place) -> None:
    """A yes that comes too late opens nothing; what was open closes by itself."""
    ours, theirs = place.at("police", Role.REVIEWER), place.at("others", Role.REVIEWER)
    soon = wanted(place, ends_at=place.clock.at + 60)
    first, second = [await agreeing.propose(at(place), ours, soon) for _ in range(2)]
    await agreeing.agree(at(place), theirs, first)
    place.clock.at += 61
    with pytest.raises(Conflict):
        await agreeing.agree(at(place), theirs, second)
    (grant,) = await place.rows("SELECT ends_at < to_timestamp(:now) AS over FROM access_grant WHERE id = :id",
                                now=place.clock.at, id=first)  # fmt: skip
    assert grant.over
