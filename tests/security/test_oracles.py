"""Whether somebody is in the files is learned by nobody in silence: not by their number, a device's, an id or the register."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.security.test_accounts_end import call
from tests.security.test_equal import work
from tests.security.test_ladder import DISPATCHER, REGISTRAR, REVIEWER, Door, door, nats

from jikimi.intake.devices import Devices
from jikimi.registry.keys import device_keys

__all__ = ["door", "nats", "work"]

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


def unlike(said: Any) -> Any:
    """An answer without what is new in every answer: ids, keys and what the asker chose."""
    return {
        "ids": len(said["ids"]), "created": said["created"], "accounts": said["accounts"],
        "devices": [{**one, "id": len(one["id"]), "key": len(one["key"]), "external_id": ""} for one in said["devices"]],
    }  # fmt: skip


async def test_an_id_or_a_device_s_number_of_another_agency_s_is_answered_like_one_that_is_nobody_s(
    door: Door, work: list[str]
) -> None:
    """By person, order and device: one form, the same statements, nothing of the other file touched, and its keeper is told."""
    mine = {"kind": "tag", "external_id": IMEI, "interval_s": 60}
    home = {"kind": "home", "lon": 127, "lat": 37.5, "radius_m": 100}
    order = {
        "ref": "o", "regime": "kr", "arrestable": False, "offender": "x", "radius_m": 100,
        "from": "2026-10-01T00:00:00+09:00", "places": [home],
    }  # fmt: skip
    _, made = await entered(door, people=[{"ref": "x", "label": "a"}], devices=[mine], orders=[order])
    theirs = ("elsewhere", REGISTRAR)
    place = str(await door.site.one('SELECT id FROM place WHERE "order" = :o', o=UUID(made["ids"]["o"])))

    def document(external: str, person: str, which: str, where: str) -> dict[str, Any]:
        named = {**order, "id": which, "offender": person, "places": [home | {"id": where}]}
        return {
            "people": [{"id": person, "label": "q"}],
            "devices": [mine | {"external_id": external}],
            "orders": [named],
        }

    before = await door.site.rows("SELECT * FROM person WHERE agency = :here", here=door.site.ids["police"])
    answers, did = [], []
    for tried in (
        ("356938035643810", str(uuid4()), str(uuid4()), str(uuid4())), (IMEI, made["ids"]["x"], made["ids"]["o"], place),
        ("356938035643811", str(uuid4()), str(uuid4()), str(uuid4())),
    ):  # fmt: skip
        await call(door, door.tokens[theirs], "GET", "/api/me", None)  # who asks is known by now
        work.clear()
        status, said = await entered(door, theirs, **document(*tried))
        answers.append((status, unlike(said)))
        did.append(list(work))
        assert set(tried[1:]) <= set(said["ids"])
        assert not set(tried) & set(said["ids"].values())
    assert answers[0] == answers[1] == answers[2]
    assert did[0] == did[1] == did[2]
    after = await door.site.rows("SELECT * FROM person WHERE agency = :here", here=door.site.ids["police"])
    assert [dict(row) for row in before] == [dict(row) for row in after]
    told = await door.site.rows("SELECT body FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'id-tried'")
    assert [row["body"]["rooms"] for row in told] == [[str(door.site.ids["police"])]]
    met = "SELECT subject FROM access_register WHERE what = 'registry_import' AND agency = :there AND subject <> ''"
    looked = await door.site.rows(met, there=door.site.ids["others"])
    assert [row["subject"] for row in looked] == [made["ids"]["x"]]


async def test_what_a_registrar_calls_their_own_is_theirs_under_that_id_ever_after(door: Door) -> None:
    """Entered again it is passed over, changed it is refused, and later documents name it by the id its author chose."""
    called, theirs = str(uuid4()), ("elsewhere", REGISTRAR)
    person = {"id": called, "label": "q"}
    (_, first), (_, again) = [await entered(door, theirs, people=[person]) for _ in range(2)]
    assert (first["created"], again["created"]) == ({"people": 1}, {"people": 0})
    assert first["ids"] == again["ids"]
    assert (await entered(door, theirs, people=[person | {"label": "r"}]))[0] == 409
    assert (await entered(door, theirs, people=[{"id": first["ids"][called], "label": "q"}]))[1]["created"] == {
        "people": 0
    }
    device = {"ref": "d", "kind": "tag", "external_id": "t-7", "interval_s": 60}
    carry = {"device": "d", "person": called, "since": "2026-10-01T00:00:00+09:00"}
    assert (await entered(door, theirs, devices=[device], carries=[carry]))[0] == 200
    assert (await entered(door, devices=[device], carries=[carry]))[0] == 400


async def test_a_place_s_id_of_another_agency_s_changes_an_order_like_any_other(door: Door) -> None:
    """Whoever puts another agency's place into an order of their own has a place of their own, and learns nothing."""
    place = {"kind": "home", "lon": 127, "lat": 37.5, "radius_m": 100}
    order = {
        "ref": "o", "regime": "kr", "arrestable": False, "offender": "x", "radius_m": 100, "places": [place],
        "from": "2026-10-01T00:00:00+09:00",
    }  # fmt: skip
    people = [{"ref": "x", "label": "a"}]
    _, made = await entered(door, people=people, orders=[order])
    theirs = str(await door.site.one('SELECT id FROM place WHERE "order" = :o', o=UUID(made["ids"]["o"])))
    _, mine = await entered(door, ("elsewhere", REGISTRAR), people=people, orders=[order])
    token, path = door.tokens["elsewhere", REGISTRAR], f"/api/registry/orders/{mine['ids']['o']}"
    for version, named in enumerate((theirs, str(uuid4()), theirs), 1):
        change = {"version": version, "places": [place | {"id": named}]}
        status, said = await call(door, token, "POST", path, change)
        assert (status, said["version"]) == (200, version + 1)
        kept = await door.site.one('SELECT id FROM place WHERE "order" = :o', o=UUID(mine["ids"]["o"]))
        assert str(kept) not in (theirs, named)
    assert str(await door.site.one('SELECT id FROM place WHERE "order" = :o', o=UUID(made["ids"]["o"]))) == theirs


async def test_a_device_s_number_that_two_agencies_enter_is_two_devices(door: Door) -> None:
    """What it sends belongs to the device whose key came with it: nobody captures or silences another's by its number."""
    mine = {"kind": "tag", "external_id": IMEI, "interval_s": 60}
    _, first = await entered(door, devices=[mine])
    _, second = await entered(door, ("elsewhere", REGISTRAR), devices=[mine])
    async with door.app.state.service.transaction() as connection:
        known = await device_keys(connection, None, 0.0)
    for order in (known, known[::-1]):
        devices = Devices()
        for one in (*order, *order):
            devices.learn(one)
        for made in (first, second):
            ((id_, key),) = [(one["id"], one["key"]) for one in made["devices"]]
            found = devices.authenticate(IMEI, key)
            assert found is not None
            assert found.device == id_
        gone = next(one for one in known if one.device == second["devices"][0]["id"])
        devices.learn(msgspec.structs.replace(gone, revoked=True))
        assert devices.authenticate(IMEI, second["devices"][0]["key"]) is None
        assert devices.authenticate(IMEI, first["devices"][0]["key"]) is not None
    assert (await entered(door, devices=[mine]))[0] == 409


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
