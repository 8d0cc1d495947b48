"""A read is for its purpose: what a grant lets somebody know serves what it was given for and what the law counts to that."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.integration.oversee_world import Place, document, entered

from jikimi.identity.model import FIELD_ROLES, Actor, Role
from jikimi.kernel.errors import NotFound
from jikimi.kernel.ids import uuid7
from jikimi.registry import glass, subjects
from jikimi.registry.service import Desk, list_people
from jikimi.respond.overview import overview
from jikimi.respond.rules import load
from jikimi.share import grants, rules
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import Action, Data, Purpose, rule_for
from jikimi.store.database import Database

P = Purpose
SOURCE: Final = Path(__file__).parents[2] / "src" / "jikimi"
EVERYTHING: Final = (Data.PERSON, Data.ORDER, Data.INCIDENT, Data.LOCATION)
RESPONSE: Final = {P.APPROACH_RESPONSE}
SERVES: Final[dict[tuple[str, Kind, Purpose], set[Purpose]]] = {
    ("police", Kind.STANDING, P.APPROACH_RESPONSE): {P.APPROACH_RESPONSE, P.SUPERVISION, P.ACCESS_REVIEW},
    ("centre", Kind.STANDING, P.SUPERVISION): {
        P.SUPERVISION, P.APPROACH_RESPONSE, P.VICTIM_NOTICE, P.COMPLIANCE_CHECK, P.INVESTIGATION_COURT, P.TRIAL,
        P.EXTENSION_CLAIM, P.VIOLATION_OFFENCE, P.ACCESS_REVIEW,
    },
    ("police", Kind.INCIDENT, P.APPROACH_RESPONSE): {P.APPROACH_RESPONSE, P.ACCESS_REVIEW},
    ("centre", Kind.INCIDENT, P.APPROACH_RESPONSE): {P.APPROACH_RESPONSE, P.SUPERVISION, P.ACCESS_REVIEW},
    ("police", Kind.TASKING, P.APPROACH_RESPONSE): RESPONSE,
    ("centre", Kind.TASKING, P.APPROACH_RESPONSE): RESPONSE,
    ("police", Kind.GLASS, P.INVESTIGATION_EMERGENCY): {P.INVESTIGATION_EMERGENCY, P.APPROACH_RESPONSE},
    ("centre", Kind.GLASS, P.INVESTIGATION_EMERGENCY): {P.INVESTIGATION_EMERGENCY, P.SUPERVISION},
    ("police", Kind.GIVEN, P.JOINT_RESPONSE): {P.JOINT_RESPONSE},
    ("centre", Kind.AGREED, P.TRIAL): {P.TRIAL},
    ("city", Kind.CONSENT, P.SUPPORT): {P.SUPPORT},
    # What is given for a purpose that another kind would serve more with serves no more by it.
    ("centre", Kind.AGREED, P.SUPERVISION): {P.SUPERVISION},
    ("centre", Kind.STANDING, P.APPROACH_RESPONSE): RESPONSE,
    ("police", Kind.STANDING, P.SUPERVISION): {P.SUPERVISION},
}  # fmt: skip
SIDES: Final = {
    Role.DISPATCHER: "police", Role.POLICE_OFFICER: "police", Role.MONITOR: "centre", Role.PROBATION_OFFICER: "centre",
}  # fmt: skip


@pytest.fixture
async def place(service: Database, people: Database) -> Place:
    """The small world, with two officers and two rooms whose accounts the database knows."""
    made = document()
    made["accounts"] += [
        {"agency": "police", "name": "police-police_officer", "role": "police_officer", "unit": "patrol"},
        {"agency": "centre", "name": "centre-probation_officer", "role": "probation_officer", "unit": "team"},
        {"agency": "police", "name": "police-dispatcher", "role": "dispatcher"},
        {"agency": "others", "name": "others-dispatcher", "role": "dispatcher"},
        {"agency": "centre", "name": "centre-monitor", "role": "monitor"},
    ]  # fmt: skip
    return await entered(service, people, made)


def desk(place: Place) -> Desk:
    """What reading takes."""
    return Desk(place.people, place.service, place.clock)


async def holder(place: Place, agency: str, kind: Kind, purpose: Purpose, subject: UUID) -> UUID | None:
    """Let an agency know somebody; returns the account that reads by it."""
    role = Role.POLICE_OFFICER if agency == "police" else Role.PROBATION_OFFICER
    account, now = place.accounts.get(f"{agency}-{role}"), place.clock.at
    own = kind in (Kind.GLASS, Kind.GIVEN)
    grant = Grant(
        kind, place.ids[agency], subject, (Data.PERSON,) if own or kind in (Kind.CONSENT, Kind.AGREED) else EVERYTHING,
        purpose, now - 60, now + 600, account=account if own else None,
        unit=place.ids["patrol" if agency == "police" else "team"] if kind is Kind.TASKING else None,
        review_by=now + 600 if kind is Kind.GLASS else None,
    )  # fmt: skip
    async with place.service.transaction() as connection:
        await grants.give(connection, [grant])
    return account


@pytest.mark.parametrize(("agency", "kind", "purpose"), SERVES)
async def test_every_kind_of_grant_serves_its_uses_and_no_other(
    place: Place, agency: str, kind: Kind, purpose: Purpose
) -> None:
    """Asked of the database itself, under every purpose there is and under none: a word nobody knows is none."""
    foreign = place.ids["foreign"]
    account = await holder(place, agency, kind, purpose, foreign)
    seen = set()
    for asked in (*P, None, "anything", ""):
        async with place.people.transaction(place.ids[agency], account, asked) as connection:
            found = await connection.execute(text("SELECT count(*) FROM person WHERE id = :id"), {"id": foreign})
            if found.scalar_one():
                seen.add(asked)
    assert seen == SERVES[agency, kind, purpose]


async def test_what_a_grant_serves_names_its_article_and_is_somebody_s_to_do(place: Place) -> None:
    """No use stands there without its law, nor one that no policy lets anybody of that side act for."""
    rows = await place.rows("SELECT kind, side, purpose, serves, article FROM grant_serves")
    assert rows
    for row in rows:
        assert row.article.endswith("조") or row.article[-1].isdigit()
        assert {row.purpose, row.serves} <= set(P)
        who = [role for role in Role if SIDES.get(role, "police") == {"monitoring": "centre"}.get(row.side, row.side)]
        anybody = [*who, Role.REGISTRAR, Role.REVIEWER]
        acting = [replace(somebody(role), purpose=row.serves) for role in anybody]
        assert any(rule_for(one, action) or rule_for(one, action, Data.PERSON) for one in acting for action in Action)


def somebody(role: Role) -> Actor:
    """Of that role, anywhere."""
    return Actor(uuid7(), uuid7(), role, uuid7() if role in FIELD_ROLES else None, "somebody", uuid7())


async def test_nobody_opens_a_live_line_for_a_purpose_their_grants_do_not_serve(place: Place) -> None:
    """Positions come by the grants of an incident or a tasking: for every purpose a line is opened for, they serve it."""
    served = {
        (row.kind, row.side, row.serves) for row in await place.rows("SELECT kind, side, serves FROM grant_serves")
    }
    opened = 0
    for role in Role:
        for purpose in P:
            if rule_for(replace(somebody(role), purpose=purpose), Action.FOLLOW_LIVE_POSITIONS, Data.LOCATION) is None:
                continue
            opened += 1
            kind = "tasking" if role in FIELD_ROLES else "incident"
            side = "police" if SIDES[role] == "police" else "monitoring"
            assert purpose is P.APPROACH_RESPONSE or (kind, side, purpose) in served
    assert opened == 5


async def tried(place: Place, who: Actor, whom: UUID) -> tuple[bool, list[tuple[str, bool]]]:
    """Whether they see a file by id, which must be what they see by list; and what the register says of it."""
    try:
        await subjects.open_person(desk(place), who, whom)
        seen = True
    except NotFound:
        seen = False
    assert seen == (whom in {one.id for one in await list_people(desk(place), who)})
    asked = "SELECT purpose, allowed FROM access_register WHERE subject = :whom AND account = :who AND what = 'person' ORDER BY id"
    rows = await place.rows(asked, whom=str(whom), who=who.account)
    return seen, [(row.purpose, row.allowed) for row in rows]


@pytest.mark.parametrize(
    ("kind", "agency", "role", "usual", "wrong"),
    [
        (Kind.STANDING, "police", Role.DISPATCHER, None, "JOINT_RESPONSE"),
        (Kind.INCIDENT, "police", Role.DISPATCHER, None, "JOINT_RESPONSE"),
        (Kind.INCIDENT, "centre", Role.MONITOR, None, "TRIAL"),
        (Kind.INCIDENT, "centre", Role.MONITOR, None, "EXTENSION_CLAIM"),
        (Kind.STANDING, "centre", Role.MONITOR, "TRIAL", None),
    ],
)
async def test_another_purpose_than_the_grant_s_finds_nobody_and_is_on_the_register(
    place: Place, kind: Kind, agency: str, role: Role, usual: str | None, wrong: str | None
) -> None:
    """A room reads with its usual purpose as ever; with one its role may act for and the grant does not serve, nothing."""
    armed = P.SUPERVISION if (agency, kind) == ("centre", Kind.STANDING) else P.APPROACH_RESPONSE
    await holder(place, agency, kind, armed, place.ids["foreign"])
    who = place.at(agency, role)
    seen, looks = await tried(place, replace(who, purpose=usual), place.ids["foreign"])
    assert seen
    assert [allowed for _, allowed in looks] == [True]
    if wrong is None:
        return
    seen, looks = await tried(place, replace(who, purpose=wrong), place.ids["foreign"])
    assert not seen
    assert looks[1:] == [(wrong, False)]


@pytest.mark.parametrize(
    ("agency", "role", "wrong"),
    [("others", Role.DISPATCHER, "JOINT_RESPONSE"), ("centre", Role.MONITOR, "TRIAL"), ("centre", Role.MONITOR, "VICTIM_NOTICE")],
)  # fmt: skip
async def test_what_was_opened_in_an_emergency_is_read_for_that_alone(
    place: Place, agency: str, role: Role, wrong: str
) -> None:
    """Whoever broke the glass reads as they were reading then; another purpose they may act for shows nothing by it."""
    who, whom = place.at(agency, role), place.ids["neighbour"]
    await glass.break_glass(desk(place), who, rules.load("kr"), whom, "somebody calls for help")
    assert (await tried(place, who, whom))[0]
    seen, looks = await tried(place, replace(who, purpose=wrong), whom)
    assert not seen
    assert looks[1:] == [(wrong, False)]


async def test_a_room_that_reads_for_a_joint_response_is_told_no_name(place: Place) -> None:
    """It sees that there is an incident, as the policy says; whose it is comes with the purpose the incident is worked for."""
    incident = {
        "id": uuid7(), "police": place.ids["others"], "centre": place.ids["centre"], "order": place.ids["order"],
        "he": place.ids["he"], "she": place.ids["she"],
    }  # fmt: skip
    async with place.service.transaction() as connection:
        made = """
        INSERT INTO incident (id, pair, "order", offender, victim, police_agency, monitoring_agency, priority, dispatch_code,
          status, opened_at)
        VALUES (:id, :id, :order, :he, :she, :police, :centre, 0, 0, 'Dispatched', now())
        """
        await connection.execute(text(made), incident)
        room = grants.responding(incident["id"], None, place.ids["others"], [place.ids["he"], place.ids["she"]], 0.0)
        await grants.give(connection, room)
    who = place.at("others", Role.DISPATCHER)

    async def names(purpose: str | None) -> list[Any]:
        asked = (place.people, place.service, place.clock, replace(who, purpose=purpose), load("kr"), "none")
        return [(one.offender_label, one.victim_label) for one in (await overview(*asked)).incidents]

    ((his, hers),) = await names(None)
    assert (his, hers) != ("—", "—")
    assert await names("JOINT_RESPONSE") == [("—", "—")]


def unnamed(tree: ast.AST) -> list[int]:
    """Lines on which people's rows are read and no purpose is named."""
    return [
        node.lineno for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "transaction"
        and isinstance(node.func.value, ast.Name | ast.Attribute) and "people" in ast.unparse(node.func.value)
        and len(node.args) < 3
    ]  # fmt: skip


def test_every_read_of_people_s_names_what_it_is_for() -> None:
    """One that forgets it would find nothing by a grant, and nobody would know why."""
    forgot = [str(path) for path in SOURCE.rglob("*.py") if unnamed(ast.parse(path.read_text("utf-8")))]
    assert forgot == []
    assert unnamed(ast.parse("async def f(desk):\n  async with desk.people.transaction(1, 2) as c:\n    pass")) == [2]
