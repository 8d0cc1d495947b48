"""Whether somebody is in the files is learned by nobody in silence: not by their number, a device's, an id or the register."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.security.test_accounts_end import call
from tests.security.test_equal import work
from tests.security.test_ladder import CLOCK, DISPATCHER, REGISTRAR, REVIEWER, Door, door, nats

from jikimi.identity.accounts import create_account
from jikimi.identity.service import sign_in
from jikimi.intake.devices import Devices
from jikimi.registry.keys import device_keys
from jikimi.registry.service import import_document

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


async def by_the_centre(door: Door) -> tuple[str, Any]:
    """A registrar of the agency that monitors, signed in."""
    service = door.app.state.service
    async with service.transaction() as connection:
        _, password = await create_account(connection, door.site.ids["centre"], REGISTRAR, "centre-reg", None, None)
    door.tokens["centre", REGISTRAR] = (await sign_in(service, CLOCK, "centre-reg", password))[0]
    return "centre", REGISTRAR


def decided(door: Door, **more: Any) -> dict[str, Any]:
    """What both sides have from the court: two people and an order, by its ids."""
    he, she = str(uuid4()), str(uuid4())
    order = {
        "id": str(uuid4()), "regime": "kr", "arrestable": False, "radius_m": 100, "offender": he, "victim": she,
        "police_agency": str(door.site.ids["police"]), "monitoring_agency": str(door.site.ids["centre"]),
        "from": "2026-10-01T00:00:00+09:00", **more,
    }  # fmt: skip
    people = [{"id": he, "label": "a", "identifier": NUMBER}, {"ref": "she", "id": she, "label": "b"}]
    return {"people": people, "orders": [order]}


@pytest.mark.parametrize("turned", [False, True])
async def test_what_both_sides_of_an_order_enter_by_the_same_ids_is_entered_once(door: Door, *, turned: bool) -> None:
    """Whoever comes second is told that it is there already, and ending it leaves no twin and no grant of one."""
    document = decided(door)
    sides = [("here", REGISTRAR), await by_the_centre(door)]
    first, second = sides[::-1] if turned else sides
    _, made = await entered(door, first, **document)
    assert made["created"] == {"people": 2, "orders": 1}
    for one in (second, first, second):
        status, said = await entered(door, one, **document)
        assert (status, said["created"], said["ids"]) == (200, {"people": 0, "orders": 0}, made["ids"])
    (order,) = document["orders"]
    status, said = await entered(door, second, orders=[order])
    assert (status, said["created"]) == (200, {"orders": 0})
    assert (await entered(door, second, orders=[order | {"radius_m": 200}]))[0] == 409
    # Where the other side guards is not told by trying places.
    home = {"kind": "home", "lon": 127, "lat": 37.5, "radius_m": 100}
    guarded = decided(door, places=[home])
    guarded["people"] = [{**one, "identifier": None} for one in guarded["people"]]
    assert (await entered(door, first, **guarded))[0] == 200
    bare = {**guarded["orders"][0], "places": []}
    assert (await entered(door, second, people=guarded["people"], orders=[bare]))[1]["created"] == {
        "people": 0, "orders": 0,
    }  # fmt: skip
    answers = [
        await entered(door, second, people=guarded["people"], orders=[bare | {"places": tried}])
        for tried in ([home], [home | {"lon": 128}], [home, home], [home | {"id": str(uuid4())}])
    ]
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 409
    he, she = document["people"]
    assert (await entered(door, second, people=[he, she | {"label": "c"}], orders=[order]))[0] == 409
    # What the file says of a number is not told by trying numbers, nor is one added to it.
    marks = "SELECT count(*) FROM person_mark WHERE person = :p"
    before = await door.site.one(marks, p=UUID(made["ids"][he["id"]]))
    for other in (he | {"identifier": OTHER}, {"id": he["id"], "label": "a"}, he):
        status, said = await entered(door, second, people=[other, she], orders=[order])
        assert (status, said["created"]) == (200, {"people": 0, "orders": 0})
    assert await door.site.one(marks, p=UUID(made["ids"][he["id"]])) == before
    path = f"/api/registry/orders/{made['ids'][order['id']]}/end"
    assert (await call(door, door.tokens[second], "POST", path, {"version": 1}))[0] == 200
    left = "SELECT count(*) FROM access_grant WHERE subject = :p AND kind = 'standing' AND ended_at IS NULL"
    assert await door.site.one(left, p=UUID(made["ids"][he["id"]])) == 0


async def test_a_stranger_who_names_a_side_and_its_ids_enters_what_is_their_own(door: Door, work: list[str]) -> None:
    """Whether or not that side has an order and people by those ids: the same answer by the same statements."""
    theirs, document = ("elsewhere", REGISTRAR), decided(door)
    _, made = await entered(door, await by_the_centre(door), **document)
    answers, did = [], []
    for one in (decided(door), document, decided(door)):
        order = one["orders"][0] | {"police_agency": str(door.site.ids["others"])}
        people = [{**person, "identifier": None} for person in one["people"]]
        await call(door, door.tokens[theirs], "GET", "/api/me", None)
        work.clear()
        status, said = await entered(door, theirs, people=people, orders=[order])
        answers.append((status, unlike(said)))
        did.append(list(work))
        assert not set(said["ids"].values()) & set(made["ids"].values())
    assert answers[0] == answers[1] == answers[2]
    assert answers[1][1]["created"] == {"people": 2, "orders": 1}
    assert did[0] == did[1] == did[2]


async def test_the_operator_s_import_meets_what_a_registrar_called_so(door: Door) -> None:
    """By the agency an entry names: nobody, no device and no order is entered twice."""
    document = decided(door, places=[{"id": str(uuid4()), "kind": "home", "lon": 127, "lat": 37.5, "radius_m": 100}])
    person, device = document["people"][1], str(uuid4())
    document["devices"] = [{"id": device, "kind": "watch", "external_id": "w-77", "interval_s": 60}]
    carry = {"device": device, "person": person["id"], "since": "2026-10-01T00:00:00+09:00", "basis": "consent"}
    document["carries"] = [{"id": str(uuid4()), **carry}]
    _, made = await entered(door, **document)
    assert set(made["created"].values()) == {2, 1}
    police = str(door.site.ids["police"])
    for named in ("people", "devices"):
        document[named] = [{**one, "agency": police} for one in document[named]]
    again = await import_document(door.app.state.service, CLOCK, None, document)
    assert set(again.created.values()) == {0}
    assert {name: str(one) for name, one in again.ids.items()} == made["ids"]
    other = {**decided(door)["orders"][0], "offender": document["people"][0]["id"], "victim": person["id"]}
    more = await import_document(door.app.state.service, CLOCK, None, {"orders": [other]})
    assert more.created == {"orders": 1}
    parties = "SELECT victim FROM protective_order WHERE id = :id"
    assert str(await door.site.one(parties, id=UUID(other["id"]))) == made["ids"][person["id"]]
    # The same id at another agency is another file.
    theirs = {**person, "ref": "x", "agency": str(door.site.ids["centre"])}
    assert (await import_document(door.app.state.service, CLOCK, None, {"people": [theirs]})).created == {"people": 1}


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


async def test_how_many_an_entry_met_is_told_by_no_count_of_its_author_s(door: Door) -> None:
    """One row of the register and as many of the ledger whoever was met; only their keeper reads whom, and counts them."""
    mine = {"ref": "d", "kind": "tag", "external_id": IMEI, "interval_s": 60}
    carry = {"device": "d", "person": "x", "since": "2026-10-01T00:00:00+09:00"}
    people = [{"ref": "x", "label": "a"}, *({"ref": f"y{n}", "label": "b"} for n in range(40))]
    _, made = await entered(door, people=people, devices=[mine], carries=[carry])
    theirs, reviewer = ("elsewhere", REGISTRAR), door.tokens["elsewhere", REVIEWER]

    async def looks(token: str) -> list[Any]:
        """The imports of the others' registrar that this reader finds on the register."""
        found = (await call(door, token, "GET", "/api/access/register?limit=500"))[1]["looks"]
        others = str(door.site.ids["others"])
        return [one["subject"] for one in found if (one["what"], one["agency"]) == ("registry_import", others)]

    written = []
    none, all_ = [str(uuid4()) for _ in range(40)], [made["ids"][f"y{n}"] for n in range(40)]
    for n, (imei, ids) in enumerate((("356938035643999", none), (IMEI, all_)), 1):
        rows = await door.site.one("SELECT count(*) FROM ledger_row")
        named = [{"id": one, "label": "q"} for one in ids]
        status, _ = await entered(door, theirs, people=named, devices=[mine | {"external_id": imei}])
        assert status == 200
        written.append(await door.site.one("SELECT count(*) FROM ledger_row") - rows)
        assert await looks(reviewer) == [""] * n
        assert (await call(door, reviewer, "GET", "/api/access/unusual"))[1] == {"unusual": []}
    assert written[0] == written[1]
    said = await door.site.rows("SELECT body::text AS body FROM ledger_row WHERE body::text LIKE '%registry_import%'")
    assert not [one for one in all_ for row in said if one in row["body"]]
    keeper = door.tokens["here", REVIEWER]
    assert sorted(await looks(keeper)) == sorted([*all_, made["ids"]["x"]])
    (seen,) = (await call(door, keeper, "GET", "/api/access/unusual"))[1]["unusual"]
    assert (seen["kind"], seen["count"]) == ("many-people", 41)


async def test_how_many_a_search_met_is_told_by_no_count_of_its_author_s(door: Door) -> None:
    """Three people of one number are one row there and on the ledger, as none would be; only their keeper sees three."""
    number = "010-5555-0123"
    _, made = await entered(door, people=[{"label": f"c{n}", "telephones": [number]} for n in range(3)])
    written, token = [], door.tokens["elsewhere", DISPATCHER]
    for n, asked in enumerate(("010-5555-0124", number), 1):
        rows = await door.site.one("SELECT count(*) FROM ledger_row")
        status, found = await call(door, token, "POST", "/api/registry/people/search", {"telephone": asked})
        assert (status, found) == (200, {"people": []})
        written.append(await door.site.one("SELECT count(*) FROM ledger_row") - rows)
        looks = (await call(door, door.tokens["elsewhere", REVIEWER], "GET", "/api/access/register?limit=500"))[1][
            "looks"
        ]
        assert [one["subject"] for one in looks if one["what"] == "person_search"] == [""] * n
    assert written[0] == written[1]
    kept = (await call(door, door.tokens["here", REVIEWER], "GET", "/api/access/register?limit=500"))[1]["looks"]
    assert len([one for one in kept if one["what"] == "person_search"]) == 3
    assert made["created"]["people"] == 3
