"""Who may know: staff who are parties, glass that is broken, grants that end. Against a real record."""

import asyncio
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from jikimi.identity.model import Actor, Role
from jikimi.kernel.errors import Conflict, Forbidden, NotFound, TooMany
from jikimi.kernel.ids import uuid7
from jikimi.registry import glass, subjects
from jikimi.registry.identifiers import Matcher, dialled
from jikimi.registry.service import Desk, end_order, import_document, list_orders, list_people
from jikimi.share import granting, review, rules, unjudged
from jikimi.store.database import Database
from jikimi.store.due import Loop
from tests.test_registry_world import CLOCK, SINCE, HandClock, actor, world

MATCHER = Matcher(bytes(range(32)))
RULES = rules.load("kr")
NUMBER, HER_TELEPHONE = "900101-1234567", "010-5555-0101"
WHY = "caller says he stands at her door"


@dataclass
class Place:
    """The world with four accounts at the police, one of them the respondent's own, one his brother's."""

    desk: Desk
    ids: dict[str, UUID]
    accounts: dict[str, UUID]

    def at(self, name: str, role: Role = Role.DISPATCHER, agency: str = "police") -> Actor:
        """One of the accounts."""
        return Actor(self.accounts[name], self.ids[agency], role, None, name, uuid7())

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """What the record holds."""
        async with self.desk.service.transaction() as connection:
            return list(await connection.execute(text(statement), values))


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """Three agencies, one order, staff near to its parties and staff who are not."""
    document = world()
    document["people"] = deepcopy(document["people"])
    document["people"][0]["identifier"] = NUMBER
    document["people"][1]["telephones"] = [HER_TELEPHONE]
    document["accounts"] = [
        {"agency": "police", "name": "plain", "role": "dispatcher"},
        {"agency": "police", "name": "himself", "role": "dispatcher", "near": [{"relation": "self", "identifier": NUMBER}]},
        {"agency": "police", "name": "brother", "role": "dispatcher", "near": [{"relation": "kin", "identifier": NUMBER}]},
        {"agency": "centre", "name": "former", "role": "monitor",
         "near": [{"relation": "partner", "telephone": "+82 10 5555 0101"}]},
        {"agency": "others", "name": "elsewhere", "role": "dispatcher"},
        {"agency": "others", "name": "second", "role": "dispatcher"},
        {"agency": "police", "name": "privacy", "role": "reviewer"},
        {"agency": "others", "name": "their-privacy", "role": "reviewer"},
    ]  # fmt: skip
    entered = await import_document(service, CLOCK, None, document, MATCHER)
    accounts = {made.name: made.id for made in entered.accounts}
    return Place(Desk(people, service, CLOCK), entered.ids, accounts)


async def test_the_officer_who_is_the_respondent_sees_nothing_of_it(place: Place) -> None:
    """Neither his own file, nor hers, nor the order: in a list, by id, by her telephone, or by breaking the glass."""
    for name, role, agency in (
        ("himself", Role.DISPATCHER, "police"), ("brother", Role.DISPATCHER, "police"), ("former", Role.MONITOR, "centre"),
    ):  # fmt: skip
        who = place.at(name, role, agency)
        seen = {person.id for person in await list_people(place.desk, who)}
        assert not seen & {place.ids["he"], place.ids["she"]}
        assert await list_orders(place.desk, who) == []
        for whom in ("he", "she"):
            with pytest.raises(NotFound):
                await subjects.open_person(place.desk, who, place.ids[whom])
            with pytest.raises(Forbidden):
                await glass.break_glass(place.desk, who, RULES, place.ids[whom], WHY)
        found = await subjects.search(place.desk, who, RULES, "telephone", HER_TELEPHONE, MATCHER)
        assert found == []
        told = await place.rows(
            "SELECT body FROM due WHERE kind = 'access-told' AND body ->> 'name' = :name", name=name
        )
        assert len(told) == 5
        for row in told:
            assert row.body["what"] == "own-case"
            assert {str(place.ids["police"]), str(place.ids["centre"])} <= set(row.body["rooms"])
        tries = await place.rows(
            "SELECT what, allowed FROM access_register WHERE account = :who AND subject <> ''", who=who.account
        )
        assert [(row.what, row.allowed) for row in tries] == [("own_case", False)] * 5


async def test_others_at_the_same_desk_see_it(place: Place) -> None:
    """What keeps one out keeps nobody else out, and the file says why it may be seen."""
    who = place.at("plain")
    opened = await subjects.open_person(place.desk, who, place.ids["she"])
    assert [order["id"] for order in opened.orders] == [place.ids["order"]]
    assert opened.policy.id == "room-112-response"
    (grant,) = opened.grants
    assert (grant["kind"], grant["order"], grant["purpose"]) == ("standing", place.ids["order"], "APPROACH_RESPONSE")
    (found,) = await subjects.search(place.desk, who, RULES, "telephone", "+82-10-5555-0101", MATCHER)
    assert found["id"] == place.ids["she"]


async def test_a_tie_is_found_whichever_comes_first(place: Place) -> None:
    """Staff entered before their brother's order are kept out of it all the same."""
    clerk = replace(actor(place.ids["police"]), account=place.accounts["plain"])
    later = {
        "people": [{"ref": "new", "label": "case 5", "telephones": [HER_TELEPHONE]}, {"ref": "she2", "label": "case 5b"}],
        "orders": [{"ref": "order2", "regime": "kr", "offender": "new", "victim": "she2", "from": SINCE, "radius_m": 100,
                    "monitoring_agency": str(place.ids["centre"])}],
    }  # fmt: skip
    made = await import_document(place.desk.service, CLOCK, clerk, later, MATCHER)
    former = place.at("former", Role.MONITOR, "centre")
    with pytest.raises(NotFound):
        await subjects.open_person(place.desk, former, made.ids["she2"])
    assert await list_orders(place.desk, former) == []


async def test_the_other_agency_knows_her_until_the_order_ends(place: Place) -> None:
    """An order's grant ends with it: the next read finds nobody, and both agencies' own files stay their own."""
    centre = actor(place.ids["centre"], Role.MONITOR)
    assert {each.id for each in await list_people(place.desk, centre)} == {place.ids["he"], place.ids["she"]}
    clerk = actor(place.ids["police"])
    await end_order(place.desk.service, CLOCK, clerk, place.ids["order"], 1)
    assert await list_people(place.desk, centre) == []
    assert await list_orders(place.desk, centre) == []
    with pytest.raises(NotFound):
        await subjects.open_person(place.desk, centre, place.ids["she"])
    assert len(await list_people(place.desk, clerk)) == 3


async def test_glass_opens_one_person_to_one_account_for_minutes(place: Place) -> None:
    """Another agency's room opens one file: not its neighbour's, not for its colleagues, and not in silence."""
    who = place.at("elsewhere", agency="others")
    with pytest.raises(NotFound):
        await subjects.open_person(place.desk, who, place.ids["he"])
    broken = await glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY)
    assert broken.until == pytest.approx(CLOCK.unix() + 900, abs=5)
    opened = await subjects.open_person(place.desk, who, place.ids["he"])
    assert opened.grants[0]["kind"] == "glass"
    assert [order["id"] for order in opened.orders] == [place.ids["order"]]
    for whom, other in (("she", who), ("he", replace(who, account=place.accounts["plain"]))):
        with pytest.raises(NotFound):
            await subjects.open_person(place.desk, other, place.ids[whom])
    (told,) = await place.rows("SELECT body FROM due WHERE kind = 'access-told'")
    assert set(told.body["rooms"]) == {str(place.ids[name]) for name in ("police", "centre", "others")}
    assert WHY not in str(await place.rows("SELECT body FROM ledger_row"))
    async with place.desk.service.transaction() as connection:
        await connection.execute(
            text("UPDATE access_grant SET ends_at = starts_at + interval '1 ms' WHERE kind = 'glass'")
        )
    with pytest.raises(NotFound):
        await subjects.open_person(place.desk, who, place.ids["he"])


async def test_a_broken_glass_is_judged_by_somebody_else(place: Place) -> None:
    """Refused, it ends at once and its opener is told; judged once, by the agency of either end, never by oneself."""
    who = place.at("elsewhere", agency="others")
    broken = await glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY)
    desk = granting.Desk(place.desk.people, place.desk.service, CLOCK)
    with pytest.raises(Forbidden):
        await granting.judged(desk, who, broken.grant, upheld=True)
    strange = replace(place.at("privacy", Role.REVIEWER), agency=place.ids["centre"])
    with pytest.raises(NotFound):
        await granting.judged(desk, strange, broken.grant, upheld=False)
    privacy = place.at("privacy", Role.REVIEWER)
    (first, *_) = await granting.listed(desk, privacy, standing=True)
    assert (first["id"], first["reason"]) == (broken.grant, WHY)
    with pytest.raises(Conflict):
        await granting.judged(desk, replace(privacy, account=who.account), broken.grant, upheld=True)
    await granting.judged(desk, privacy, broken.grant, upheld=False)
    with pytest.raises(NotFound):
        await subjects.open_person(place.desk, who, place.ids["he"])
    with pytest.raises(Conflict):
        await granting.judged(desk, privacy, broken.grant, upheld=True)
    told = await place.rows("SELECT body FROM due WHERE kind = 'access-told' ORDER BY seq DESC")
    assert told[0].body["what"] == "glass-refused"
    assert set(told[0].body["rooms"]) == {str(place.ids[name]) for name in ("police", "centre", "others")}


async def test_one_account_opens_one_file_once_until_it_is_judged(place: Place) -> None:
    """Refused or not judged yet, the next try is refused and written down; a colleague still can, and so can whoever was
    upheld: no life waits for paper.
    """
    who, privacy = place.at("elsewhere", agency="others"), place.at("privacy", Role.REVIEWER)
    colleague = replace(who, account=place.accounts["second"], name="second")
    desk = granting.Desk(place.desk.people, place.desk.service, CLOCK)
    first = await glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY)
    with pytest.raises(Conflict, match="colleague"):
        await glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY)
    await granting.judged(desk, privacy, first.grant, upheld=False)
    with pytest.raises(Conflict, match="colleague"):
        await glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY)
    await glass.break_glass(place.desk, who, RULES, place.ids["she"], WHY)
    second = await glass.break_glass(place.desk, colleague, RULES, place.ids["he"], WHY)
    await granting.judged(desk, privacy, second.grant, upheld=True)
    await glass.break_glass(place.desk, colleague, RULES, place.ids["he"], WHY)
    tries = await place.rows(
        "SELECT allowed FROM access_register WHERE account = :who AND what = 'glass' ORDER BY id", who=who.account
    )
    assert [row.allowed for row in tries] == [True, False, False, True]


async def test_two_openings_at_once_are_one(place: Place) -> None:
    """Sent twice in the same moment, one of them is refused."""
    who = place.at("elsewhere", agency="others")
    done = await asyncio.gather(
        *(glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY) for _ in range(4)), return_exceptions=True
    )
    assert [type(one) for one in done].count(Conflict) == 3


async def test_an_opening_nobody_judges_in_time_is_refused(place: Place) -> None:
    """Its time runs out by itself: it ends, and the agencies it was told to are told. The clock bars nobody from opening again,
    and what it refused somebody still judges, once.
    """
    who, clock = place.at("elsewhere", agency="others"), HandClock(CLOCK.unix())
    judged, left = [
        await glass.break_glass(Desk(place.desk.people, place.desk.service, clock), who, RULES, place.ids[whom], WHY)
        for whom in ("she", "he")
    ]
    desk, privacy = granting.Desk(place.desk.people, place.desk.service, clock), place.at("privacy", Role.REVIEWER)
    await granting.judged(desk, privacy, judged.grant, upheld=True)
    loop = Loop(place.desk.service, clock, {unjudged.KIND: unjudged.handler(clock)})
    await loop.round()
    assert await place.rows("SELECT FROM access_grant WHERE id = :id AND upheld IS NULL", id=left.grant)
    clock.at += RULES.review_s + 1
    await loop.round()
    rows = await place.rows("SELECT id, upheld, reviewer, ended_at FROM access_grant WHERE kind = 'glass'")
    assert {row.id: row.upheld for row in rows} == {judged.grant: True, left.grant: False}
    (refused,) = [row for row in rows if row.id == left.grant]
    assert (refused.reviewer, refused.ended_at is None) == (None, False)
    told = await place.rows("SELECT body FROM due WHERE kind = 'access-told' ORDER BY seq DESC")
    assert (told[0].body["what"], told[0].body["name"]) == ("glass-unjudged", "elsewhere")
    assert set(told[0].body["rooms"]) == {str(place.ids[name]) for name in ("police", "centre", "others")}
    again = await glass.break_glass(
        Desk(place.desk.people, place.desk.service, clock), who, RULES, place.ids["he"], WHY
    )
    listed = await granting.listed(desk, privacy, standing=True)
    assert {again.grant, left.grant} <= {one["id"] for one in listed}
    await granting.judged(desk, privacy, left.grant, upheld=True)
    with pytest.raises(Conflict):
        await granting.judged(desk, privacy, left.grant, upheld=False)
    assert left.grant not in {one["id"] for one in await granting.listed(desk, privacy, standing=True)}


async def test_an_opening_refused_for_an_earlier_one_is_told_to_both_agencies(place: Place) -> None:
    """While the first waits or after somebody refused it: a colleague and a privacy officer learn that somebody needs them."""
    who, privacy = place.at("elsewhere", agency="others"), place.at("privacy", Role.REVIEWER)
    first = await glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY)
    for tried in (1, 2):
        with pytest.raises(Conflict, match="colleague"):
            await glass.break_glass(place.desk, who, RULES, place.ids["he"], WHY)
        told = await place.rows(
            "SELECT body FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'glass-again' ORDER BY seq"
        )
        assert len(told) == tried
        assert set(told[-1].body["rooms"]) == {str(place.ids[name]) for name in ("police", "centre", "others")}
        assert told[-1].body["grant"] is None
        if tried == 1:
            await granting.judged(
                granting.Desk(place.desk.people, place.desk.service, CLOCK), privacy, first.grant, upheld=False
            )


async def test_a_reviewer_sees_who_looked_and_who_browses(place: Place) -> None:
    """One's own staff and one's own files, nobody else's; reading the register is on the register."""
    who = place.at("elsewhere", agency="others")
    for _ in range(2):
        with pytest.raises(NotFound):
            await subjects.open_person(place.desk, who, place.ids["she"])
    desk = granting.Desk(place.desk.people, place.desk.service, CLOCK)
    privacy = place.at("privacy", Role.REVIEWER)
    found = await review.looks(desk, privacy, subject=place.ids["she"], account=None, before=None, limit=50)
    assert [row["allowed"] for row in found if row["account"] == who.account] == [False] * 2
    assert [row["what"] for row in found if row["account"] == privacy.account] == ["register"]
    shown = await review.unusual(desk, privacy, RULES)
    assert ("refused", who.account) in [(row["kind"], row["account"]) for row in shown]
    plain = place.at("plain")
    async with place.desk.people.transaction(plain.agency, plain.account) as connection:
        assert (await connection.execute(text("SELECT count(*) FROM access_register"))).scalar_one() == 0
    stranger = replace(place.at("their-privacy", Role.REVIEWER, "others"), agency=place.ids["centre"])
    theirs = await review.looks(desk, stranger, subject=place.ids["she"], account=None, before=None, limit=50)
    assert {row["account"] for row in theirs} == {stranger.account}


async def test_many_people_in_an_hour_look_like_browsing(place: Place) -> None:
    """More files than a shift needs are shown, whoever was allowed to open each."""
    who = place.at("plain")
    few = rules.load("kr")
    desk = granting.Desk(place.desk.people, place.desk.service, CLOCK)
    for whom in ("he", "she", "neighbour"):
        await subjects.open_person(place.desk, who, place.ids[whom])
    privacy = place.at("privacy", Role.REVIEWER)
    kinds = {row["kind"] for row in await review.unusual(desk, privacy, few)}
    assert "many-people" not in kinds
    class_of = type(few)
    strict = class_of(few.version, few.effective_from, few.glass_s, few.review_s, few.searches_an_hour, 2, 3, 1.0, 1.0)
    assert ("many-people", 3) in [(row["kind"], row["count"]) for row in await review.unusual(desk, privacy, strict)]


async def test_searches_are_counted_before_they_are_answered(place: Place) -> None:
    """Numbers cannot be tried one after another."""
    few = type(RULES)(RULES.version, RULES.effective_from, 900, 86400, 3, 40, 3, 1.0, 1.0)
    who = place.at("plain")
    for _ in range(3):
        assert await subjects.search(place.desk, who, few, "identifier", "800101-1234567", MATCHER) == []
    with pytest.raises(TooMany):
        await subjects.search(place.desk, who, few, "identifier", NUMBER, MATCHER)


@pytest.mark.parametrize("typed", ["010-1234-5678", "+82 10-1234-5678", "0082 010 1234 5678", "０１０ 1234 5678"])  # noqa: RUF001 - as typed on a Korean keyboard
def test_one_telephone_is_one_number_however_it_was_typed(typed: str) -> None:
    """Dialled at home or from abroad, narrow or wide."""
    assert dialled(typed) == "01012345678"
    assert MATCHER.telephone(typed) == MATCHER.telephone("01012345678")
    assert MATCHER.telephone(typed) != MATCHER.digest("01012345678")
