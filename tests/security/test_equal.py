"""What is another's and what is not there look the same: status, head, body, and the work that was done for it.

Work is the statements made, counted and compared; a clock would measure this machine. Every route of the ladder that names
somebody or something is asked, so that a new one is held to it too.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event
from tests.security.test_ladder import REGISTRAR, RUNGS, Door, Rung, door, nats

from jikimi.identity.model import Role
from jikimi.store.database import Database

__all__ = ["door", "nats"]
KEPT = {"others", "helpers"}
"""Agencies, which everybody knows."""


@pytest.fixture
async def work(service: Database, people: Database) -> AsyncIterator[list[str]]:
    """Every statement made from now on, without its values."""
    made: list[str] = []

    def heard(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "token_digest" not in statement:  # who asks is remembered for a second, whatever is asked
            made.append(re.sub(r"\s+", " ", statement)[:300])

    for database in (service, people):
        event.listen(database.engine.sync_engine, "before_cursor_execute", heard)
    yield made
    for database in (service, people):
        event.remove(database.engine.sync_engine, "before_cursor_execute", heard)


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All of an answer."""
    return answer.status_code, sorted(answer.headers.items()), answer.content


@contextmanager
def nothing_there(door: Door) -> Iterator[None]:
    """Ids of nobody and nothing in the place of the real ones."""
    real = door.ids
    door.ids = {name: one if name in KEPT else uuid4() for name, one in real.items()}
    yield
    door.ids = real


def names_somebody(path: str, rung: Rung) -> bool:
    """Whether it asks for somebody or something by an id."""
    return "{" in path + str(rung.body).replace("{others}", "").replace("{helpers}", "").replace("{'", "")


SECRET = [(method, path, rung) for method, path, rung in RUNGS if names_somebody(path, rung)]
OWN_UNIT = {
    "/api/units/{unit}/position": "says whose unit it is to whoever has one",
    "/api/units/{unit}/status": "the same",
}


async def asked(door: Door, work: list[str], token: str, how: tuple[str, str, Any]) -> tuple[Any, list[str]]:
    """The answer, and the work for it."""
    work.clear()
    answer = await door.knock(token, *how)
    assert answer.status_code != 401, how
    return told(answer), list(work)


@pytest.mark.parametrize(("method", "path", "rung"), SECRET, ids=[f"{method} {path}" for method, path, _ in SECRET])
async def test_another_s_is_answered_as_what_is_not_there(
    door: Door, work: list[str], method: str, path: str, rung: Rung
) -> None:
    """To another agency's people, byte for byte and statement for statement."""
    for role in sorted(rung.roles, key=list(Role).index):
        token = door.tokens.get(("elsewhere", role))
        if token is None or path in OWN_UNIT:
            continue
        theirs = await asked(door, work, token, (method, path, rung.body))
        if theirs[0][0] not in {403, 404}:
            continue
        with nothing_there(door):
            nothing = await asked(door, work, token, (method, path, rung.body))
        assert theirs == nothing, (path, role)


async def test_a_search_for_somebody_else_s_person_finds_nobody(door: Door, work: list[str]) -> None:
    """By identifier and by telephone: a number nobody has, one that another agency's person has, and one that two have."""
    token, mine = door.tokens["elsewhere", REGISTRAR], door.tokens["here", REGISTRAR]
    number, twice, telephone = "900101-1234567", "900101-2234567", "010-5555-0101"
    for who, people in (
        (mine, [{"label": "a", "identifier": number, "telephones": [telephone]}, {"label": "b", "identifier": twice}]),
        (door.tokens["here", Role.REGISTRAR], [{"label": "c", "telephones": ["010-5555-0102"]}]),
    ):
        done = await door.client.post(
            "/api/registry/import", json={"people": people}, headers={"Authorization": f"Bearer {who}"}
        )
        assert done.status_code == 200, done.text
    await door.site.execute(
        "INSERT INTO person_mark (person, agency, kind, digest) SELECT :he, agency, kind, digest FROM person_mark p"
        " WHERE kind = 'identifier' AND p.person <> :he ON CONFLICT DO NOTHING", he=door.site.ids["he"],
    )  # fmt: skip
    path, seen = "/api/registry/people/search", []
    for body in (
        {"identifier": number}, {"identifier": "850505-1234567"}, {"identifier": twice},
        {"telephone": telephone}, {"telephone": "010-9999-9999"},
    ):  # fmt: skip
        seen.append(await asked(door, work, token, ("POST", path, body)))
        assert seen[-1][0][0] == 200
    assert all(one == seen[0] for one in seen)
    assert seen[0][0][2] == b'{"people":[]}'


async def test_a_search_for_one_s_own_case_finds_nobody_either(door: Door, work: list[str]) -> None:
    """Whoever looks for the number of their own is told by nothing that it was noticed."""
    token, path = door.tokens["here", REGISTRAR], "/api/registry/people/search"
    for label, number in (("a", "900101-1234567"),):
        await door.client.post(
            "/api/registry/import", json={"people": [{"label": label, "identifier": number}]},
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
    await door.site.execute(
        "INSERT INTO staff_tie (account, person, relation) SELECT a.id, m.person, 'kin' FROM account a, person_mark m"
        " WHERE a.name = 'police-registrar'"
    )
    own = await asked(door, work, token, ("POST", path, {"identifier": "900101-1234567"}))
    nobody = await asked(door, work, token, ("POST", path, {"identifier": "850505-1234567"}))
    assert own == nobody
    person = {"person": await door.site.one("SELECT person FROM person_mark LIMIT 1")}
    door.ids |= person
    mine = await asked(door, work, token, ("GET", "/api/registry/people/{person}", None))
    with nothing_there(door):
        assert await asked(door, work, token, ("GET", "/api/registry/people/{person}", None)) == mine
    assert (
        await door.site.one("SELECT count(*) FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'own-case'") == 2
    )


async def test_a_name_nobody_has_and_a_wrong_password_look_the_same(
    door: Door, work: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer, the same comparison, the same statements: before an account is locked, and when it is."""
    monkeypatch.setattr("jikimi.identity.service.REFUSAL_S", 0.0)
    seen = []
    for name in ("police-registrar", "nobody-at-all", "police-registrar", *["centre-monitor"] * 12):
        work.clear()
        answer = await door.client.post("/api/sessions", json={"name": name, "password": "wrong"})
        assert answer.status_code == 401
        seen.append((told(answer), list(work)))
    assert all(one == seen[0] for one in seen)
