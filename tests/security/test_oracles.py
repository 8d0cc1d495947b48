"""Whether somebody is in the files is learned by nobody in silence: not by their number, a device's, an id or the register."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.security.test_accounts_end import call
from tests.security.test_ladder import DISPATCHER, REGISTRAR, REVIEWER, Door, door, nats

__all__ = ["door", "nats"]

NUMBER, OTHER = "900101-1234567", "860505-1234567"
IMEI = "356938035643809"
IMPORT = "/api/registry/import"


async def entered(door: Door, who: tuple[str, Any] = ("here", REGISTRAR), **document: Any) -> tuple[int, Any]:
    """A document, by a registrar."""
    return await call(door, door.tokens[who], "POST", IMPORT, document)


async def own_told(door: Door) -> int:
    """How often rooms are to be told that somebody tried their own case."""
    asked = "SELECT count(*) FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'own-case'"
    return int(await door.site.one(asked))


@pytest.mark.parametrize("known", [True, False])
async def test_one_s_own_number_is_one_s_own_case_whether_or_not_there_is_a_file(door: Door, *, known: bool) -> None:
    """By a person, by a change, by an order: refused alike, on the register, and told to both agencies."""
    near = [{"relation": "kin", "identifier": NUMBER}]
    _, made = await entered(
        door,
        people=[{"ref": "y", "label": "another"}, *([{"label": "a", "identifier": NUMBER}] if known else [])],
        accounts=[{"name": "tied", "role": "registrar", "near": near}],
    )
    account = made["accounts"][0]
    token = (await call(door, "", "POST", "/api/sessions", {"name": "tied", "password": account["password"]}))[1][
        "token"
    ]
    order = {
        "regime": "kr", "arrestable": False, "offender": "z", "victim_identifier": NUMBER, "radius_m": 100,
        "from": "2026-10-01T00:00:00+09:00",
    }  # fmt: skip
    tries = [
        (IMPORT, {"people": [{"label": "b", "identifier": NUMBER}]}),
        (f"/api/registry/people/{made['ids']['y']}", {"identifier": NUMBER}),
        (IMPORT, {"people": [{"ref": "z", "label": "nobody"}], "orders": [order]}),
    ]
    for n, (path, body) in enumerate(tries):
        status, said = await call(door, token, "POST", path, body)
        assert (status, said["code"]) == (404, "not-found")
        assert await own_told(door) == n + 1
    assert (await call(door, token, "POST", IMPORT, {"people": [{"label": "c", "identifier": OTHER}]}))[0] == 200
    asked = await door.site.rows("SELECT what FROM access_register WHERE account = :a", a=UUID(account["id"]))
    assert sorted(row["what"] for row in asked if row["what"] in {"own_case", "person_match"}) == (
        ["own_case"] * 3 + ["person_match"] * 4
    )  # fmt: skip


async def test_an_id_or_a_device_s_number_of_another_agency_s_is_not_tried_in_silence(door: Door) -> None:
    """Refused in the words of one's own, on the register, and both agencies are told; nobody is told of what is nobody's."""
    mine = {"kind": "tag", "external_id": IMEI, "interval_s": 60}
    _, made = await entered(door, people=[{"ref": "x", "label": "a"}], devices=[mine])
    theirs = ("elsewhere", REGISTRAR)
    own = (await entered(door, devices=[mine | {"kind": "phone"}]))[1]
    assert (await entered(door, theirs, devices=[mine | {"external_id": "356938035643810"}]))[0] == 200
    assert (await entered(door, theirs, people=[{"id": str(uuid4()), "label": "q"}]))[0] == 200
    told = "SELECT body FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'id-tried'"
    assert await door.site.rows(told) == []
    status, said = await entered(door, theirs, devices=[mine | {"kind": "phone"}])
    assert (status, said) == (409, own)
    assert (await entered(door, theirs, people=[{"id": made["ids"]["x"], "label": "q"}]))[0] == 409
    both = {str(door.site.ids["police"]), str(door.site.ids["others"])}
    assert [set(row["body"]["rooms"]) for row in await door.site.rows(told)] == [both, both]
    tried = await door.site.rows("SELECT agency, allowed FROM access_register WHERE what = 'id_tried'")
    assert [(row["agency"], row["allowed"]) for row in tried] == [(door.site.ids["others"], False)] * 2


async def test_the_register_names_nobody_to_those_who_never_heard_of_them(door: Door) -> None:
    """A search by the telephone of another agency's person looks there like one that met nobody; the keeper sees whom it met."""
    telephone = "010-5555-0101"
    _, made = await entered(door, people=[{"ref": "x", "label": "somebody", "telephones": [telephone]}])
    for number in (telephone, "010-9999-9999"):
        status, found = await call(
            door, door.tokens["elsewhere", DISPATCHER], "POST", "/api/registry/people/search", {"telephone": number}
        )
        assert (status, found["people"]) == (200, [])
    reviewer = door.tokens["elsewhere", REVIEWER]
    looks = (await call(door, reviewer, "GET", "/api/access/register"))[1]["looks"]
    assert [look["subject"] for look in looks if look["what"] == "person_search"] == ["", ""]
    meant = f"/api/access/register?subject={made['ids']['x']}"
    assert (await call(door, reviewer, "GET", meant))[1]["looks"] == []
    kept = (await call(door, door.tokens["here", REVIEWER], "GET", meant))[1]["looks"]
    assert "person_search" in [look["what"] for look in kept]
