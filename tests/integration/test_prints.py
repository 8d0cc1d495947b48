"""What is printed: the statutory register, who looked at her file, and the answer to his request for access."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound, Unavailable
from jikimi.oversee import answering_him, forms, sheet, telling_her, using
from jikimi.oversee.pseudonyms import Pseudonyms, whose
from jikimi.oversee.sheet import Said, Sheet, Table
from jikimi.oversee.using import Span
from jikimi.registry import glass, subjects
from jikimi.registry.service import Desk
from jikimi.share import register, rules
from jikimi.share.policy import Action, Purpose
from jikimi.store.database import Database
from tests.integration.oversee_world import HER_TELEPHONE, NUMBER, Place, document, entered
from tests.test_registry_world import SINCE

SEOUL = 9 * 3600
MONTH = 30 * 86400.0
LAW, USAGE = forms.own_data("kr"), forms.usage("kr")
NAMES = Pseudonyms(bytes(range(32)))
_INCIDENT = """
INSERT INTO incident (id, pair, "order", offender, victim, police_agency, monitoring_agency, priority, status, opened_at)
SELECT gen_random_uuid(), gen_random_uuid(), id, offender, victim, police_agency, monitoring_agency, 0, 'Active', now()
FROM protective_order WHERE offender = :he RETURNING id
"""


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """The small world, and a man like him in everything but that nobody is protected from him."""
    made = document()
    he = made["people"][0]
    del he["identifier"]
    made["people"] += [{**he, "ref": "alike"}]
    made["devices"] += [{"ref": "tag2", "agency": "centre", "kind": "tag", "external_id": "tag-2", "interval_s": 60}]
    made["carries"] += [{"device": "tag2", "person": "alike", "since": SINCE}]
    (order,) = made["orders"]
    alone = {name: value for name, value in order.items() if name not in ("victim", "ref", "rings_m")}
    made["orders"] += [alone | {"offender": "alike", "radius_m": 350, "places": [order["places"][0]]}]
    return await entered(service, people, made)


async def looked(place: Place, who: Actor, whom: str, purpose: Purpose, what: str = "person") -> UUID:
    """One row of the register; returns its id, the ledger row's."""
    async with place.service.transaction() as connection:
        return await register.record(
            connection, place.clock, who, Action.READ_REGISTRY, purpose, "an article", what, place.ids[whom]
        )


async def answered(place: Place, whom: str) -> Sheet:
    """The answer to a request for access."""
    return await answering_him.printed(place.desk, place.at("police"), LAW, place.ids[whom], SEOUL)


async def test_his_answer_is_the_same_bytes_whoever_is_protected_from_him(place: Place) -> None:
    """With and without a victim, a secret place, her positions, an incident and everybody who looked because of it."""
    before = (await answered(place, "he")).pdf()
    assert before == (await answered(place, "alike")).pdf()
    assert before.startswith(b"%PDF")
    await place.went("she", [10.0] * 30)
    (incident,) = await place.rows(_INCIDENT, he=place.ids["he"])
    desk = Desk(place.people, place.service, place.clock)
    room, centre = place.at("police", Role.DISPATCHER), place.at("centre", Role.MONITOR)
    for who in (room, centre):
        await subjects.open_person(desk, who, place.ids["he"])
    await glass.break_glass(
        desk, place.at("others", Role.DISPATCHER), rules.load("kr"), place.ids["he"], "she called us"
    )
    for purpose in (Purpose.COMPLIANCE_CHECK, Purpose.VICTIM_NOTICE, Purpose.JOINT_RESPONSE, Purpose.SUPERVISION):
        await looked(place, centre, "he", purpose)
    after = await answered(place, "he")
    assert after.pdf() == before
    for told in ("127.0", "37.5", str(incident.id), str(place.ids["she"]), HER_TELEPHONE):
        assert told not in after.source()


async def test_his_answer_holds_his_own_data_and_who_used_it(service: Database, people: Database) -> None:
    """His name and number, his orders and tag, the months kept, and uses no nearness brings about, by day and agency."""
    place = await entered(service, people)
    await place.went("he", [0.0] * 3)
    await looked(place, place.at("centre", Role.MONITOR), "he", Purpose.TRIAL)
    said = (await answered(place, "he")).source()
    day = sheet.day(place.clock.at, SEOUL)
    for own in (
        "case 1 respondent",
        NUMBER,
        "제9조제1항제2호",
        "Hanbit Monitoring",
        day,
        "재판",
        day[:7],
        "제35조제4항제2호",
    ):
        assert own in said
    with pytest.raises(NotFound):
        await answering_him.printed(place.desk, place.at("others"), LAW, place.ids["he"], SEOUL)
    with pytest.raises(Forbidden):
        await answering_him.printed(place.desk, place.at("police", Role.DISPATCHER), LAW, place.ids["he"], SEOUL)


async def test_she_is_told_who_looked_and_no_name_of_staff(place: Place) -> None:
    """Agency, role, purpose, article and time, refused tries among them; telling her is on the register itself."""
    desk, room = Desk(place.people, place.service, place.clock), place.at("police", Role.DISPATCHER)
    await subjects.open_person(desk, room, place.ids["she"])
    await looked(place, place.at("centre", Role.REVIEWER), "order", Purpose.ACCESS_REVIEW)
    for who in (place.at("police"), place.at("police", Role.REVIEWER)):
        page = (await telling_her.printed(place.desk, who, place.ids["she"], SEOUL, MONTH)).source()
        for said in ("Hanbit Police", "Hanbit Monitoring", "접근 대응", "접근 심사"):
            assert said in page
        assert "reviewer" not in page.replace("privacy officer", "")
        assert str(room.account) not in page
    rows = await place.rows("SELECT what FROM access_register WHERE what = 'looks_told'")
    assert len(rows) == 2
    found = await telling_her.looks(place.desk, place.at("police"), place.ids["she"], SEOUL, MONTH)
    assert set(found[0]) == {"agency", "role", "purpose", "article", "what", "allowed", "at"}
    assert {(one["at"] + SEOUL) % 86400 for one in found} == {0.0}, "told by day: the minute would tell that she called"
    with pytest.raises(Conflict):
        await telling_her.looks(place.desk, place.at("police"), place.ids["he"], SEOUL, MONTH)
    with pytest.raises(NotFound):
        await telling_her.looks(place.desk, place.at("centre"), place.ids["she"], SEOUL, MONTH)


def span(place: Place) -> Span:
    """The last day."""
    return Span(place.clock.at - 86400, place.clock.at + 60)


async def uses(place: Place, form: str, who: Actor) -> list[dict[str, Any]]:
    """A statutory register's entries."""
    return (await using.entries(place.desk, who, USAGE, form, span(place))).entries


async def test_the_statutory_register_holds_only_statutory_uses(service: Database, people: Database) -> None:
    """Form 44-10 holds uses 1, 3 and 5 of what was received under a provisional measure, and no check of compliance; form
    22 what was received by sentence; each entry with its ledger row.
    """
    made = document()
    made["carries"] += [{"device": "tag2", "person": "neighbour", "since": SINCE, "basis": "supervision"}]
    made["devices"] += [{"ref": "tag2", "agency": "centre", "kind": "tag", "external_id": "tag-2", "interval_s": 60}]
    place = await entered(service, people, made)
    who = place.at("centre", Role.REVIEWER)
    rows = {}
    for whom in ("he", "neighbour", "she", "order"):
        for purpose in Purpose:
            rows[whom, purpose] = await looked(place, who, whom, purpose)
    kept = {
        Purpose.INVESTIGATION_COURT, Purpose.INVESTIGATION_EMERGENCY, Purpose.TRIAL, Purpose.EXTENSION_CLAIM,
        Purpose.VIOLATION_OFFENCE, Purpose.VICTIM_NOTICE,
    }  # fmt: skip
    found = await uses(place, "44-10", who)
    assert {one["id"] for one in found} == {rows[whom, purpose] for whom in ("he", "order") for purpose in kept}
    assert {one["person"] for one in found} == {place.ids["he"]}
    found = await uses(place, "22", who)
    assert {one["id"] for one in found} == {rows["neighbour", purpose] for purpose in kept - {Purpose.EXTENSION_CLAIM}}
    assert Purpose.COMPLIANCE_CHECK not in {one["purpose"] for one in found}
    page = (await using.printed(place.desk, who, USAGE, "44-10", span(place), SEOUL, NAMES)).source()
    assert str(rows["he", Purpose.TRIAL]) in page
    assert str(rows["he", Purpose.COMPLIANCE_CHECK]) not in page
    assert "별지 제44호의10서식" in page
    numbers = {one: {use.number for use in USAGE.forms[one].uses.values()} for one in ("44-10", "22")}
    assert numbers == {"44-10": {"1", "3", "4", "5"}, "22": {"1", "3", "4"}}
    assert "제4호 스토킹처벌법 제20조" in page
    sealed = await place.rows("SELECT id FROM ledger_row WHERE id = :id", id=rows["he", Purpose.TRIAL])
    assert len(sealed) == 1


@pytest.mark.parametrize("purpose", sorted(set(USAGE.forms["44-10"].uses) - {"INVESTIGATION_EMERGENCY"}))
async def test_whoever_reads_for_a_use_the_register_holds_stands_on_it(place: Place, purpose: str) -> None:
    """The centre names the use, the file is opened under its policy, and the form prints it; an emergency breaks the glass."""
    desk, reader = Desk(place.people, place.service, place.clock), place.at("centre", Role.MONITOR)
    await subjects.open_person(desk, replace(reader, purpose=purpose), place.ids["he"])
    (found,) = await uses(place, "44-10", place.at("centre", Role.REVIEWER))
    assert (found["purpose"], found["what"]) == (purpose, "person")
    with pytest.raises(Forbidden):
        await subjects.open_person(desk, replace(place.at("police", Role.DISPATCHER), purpose=purpose), place.ids["he"])


async def given(place: Place, who: Actor) -> tuple[UUID, str, list[str]]:
    """A statement as it is given: its number, all of it, and the names that stand in it."""
    page = (await using.printed(place.desk, who, USAGE, "44-10", span(place), SEOUL, NAMES)).source()
    (number,) = re.findall(r"Statement: ([0-9a-f-]{36})", page)
    return UUID(number), page, re.findall(r"\b(?:[A-Z2-7]{4}-){2}[A-Z2-7]{4}\b", page)


async def test_a_statement_names_nobody_and_no_two_can_be_joined(place: Place) -> None:
    """The same wearer and user are the same in one statement, others in the next, and nobody's name or id is in either."""
    centre = place.at("centre", Role.REVIEWER)
    for whom in ("he", "he"):
        await looked(place, centre, whom, Purpose.TRIAL)
    first, page, names = await given(place, centre)
    _, _, others = await given(place, centre)
    assert (len(names), len(set(names)), len(set(others))) == (4, 2, 2)
    assert not set(names) & set(others)
    for known in ("case 1 respondent", centre.name, str(place.ids["he"]), str(centre.account), NUMBER):
        assert known not in page
    assert Pseudonyms(bytes(32)).of(first, place.ids["he"]) not in names


async def test_only_whoever_gave_a_statement_finds_whom_it_names_and_that_is_registered(place: Place) -> None:
    """Its own agency's privacy officer, by its number; not a room, not the other agency, not by a name of another statement."""
    centre = place.at("centre", Role.REVIEWER)
    await looked(place, centre, "he", Purpose.TRIAL)
    number, _, _ = await given(place, centre)
    he, user = (NAMES.of(number, one) for one in (place.ids["he"], centre.account))
    found = await whose(place.desk, centre, NAMES, number, f" {he.lower()} ")
    assert (found["person"], found["account"]) == ({"id": place.ids["he"], "label": "case 1 respondent"}, None)
    found = await whose(place.desk, centre, NAMES, number, user)
    assert (found["person"], found["account"]["name"]) == (None, "centre-reviewer")
    other, _, _ = await given(place, centre)
    police = place.at("police", Role.REVIEWER)
    for who, statement, said in (
        (centre, other, he), (centre, number, "AAAA-AAAA-AAAA"), (centre, place.ids["he"], he), (police, number, he),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await whose(place.desk, who, NAMES, statement, said)
    for role in (Role.MONITOR, Role.REGISTRAR):
        with pytest.raises(Forbidden):
            await whose(place.desk, place.at("centre", role), NAMES, number, he)
    rows = await place.rows("SELECT subject, allowed FROM access_register WHERE what = 'pseudonym' ORDER BY id")
    assert [row.allowed for row in rows] == [True, True, False, False, False, False]
    assert [row.subject for row in rows][:2] == [str(place.ids["he"]), str(centre.account)]


async def test_who_prints_the_statutory_register(place: Place) -> None:
    """A privacy officer, of a form there is, over at most three years; a wearer of another agency's is not on it."""
    centre, others = place.at("centre", Role.REVIEWER), place.at("others", Role.REVIEWER)
    await looked(place, centre, "he", Purpose.TRIAL)
    assert await uses(place, "44-10", others) == []
    with pytest.raises(Forbidden):
        await uses(place, "44-10", place.at("centre", Role.MONITOR))
    with pytest.raises(NotFound):
        await uses(place, "1", centre)
    for wrong in (Span(2.0, 1.0), Span(0.0, using.LONGEST_S + 1)):
        with pytest.raises(Malformed):
            await using.entries(place.desk, centre, USAGE, "22", wrong)


def test_what_was_typed_is_set_as_typed() -> None:
    """Markup of the typesetter, or of anything else, is text like any other: it is set, and neither run nor read."""
    typed = '#panic("run") = *b* $x$ \\ // <script> `r` @a ~ [x] #import "x"'
    made = Sheet(
        Said(typed, typed), [Said(typed, typed), Table(Said(typed, "t"), [Said("h", "h")], [[typed]], Said("", ""))]
    )
    assert made.pdf().startswith(b"%PDF")
    assert made.pdf() == made.pdf()


def test_nothing_is_printed_without_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the fonts were not built it says what to do, instead of a paper of empty boxes."""
    monkeypatch.setattr(sheet, "_FONTS", tmp_path)
    with pytest.raises(Unavailable):
        Sheet(Said("가", "a"), []).pdf()


def test_days_are_those_of_the_installation() -> None:
    """A minute before midnight in Seoul is that day, not the day in Greenwich."""
    at = moment(1_791_000_000.0).replace(hour=15, minute=0, second=0, microsecond=0).timestamp()
    assert sheet.day(at, SEOUL) > sheet.day(at - 60, SEOUL)
