"""Documents into the registry, on a real PostgreSQL."""

import hashlib
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from jikimi.detect.facts import Carry, Order, decode
from jikimi.identity.model import Role
from jikimi.identity.service import sign_in
from jikimi.intake.devices import decode as decode_device
from jikimi.kernel.errors import Conflict, Forbidden, JikimiError, Malformed
from jikimi.kernel.ids import uuid7
from jikimi.registry.service import import_document
from jikimi.store.database import Database
from tests.integration.test_registry_outbox import outbox
from tests.test_registry_world import CLOCK, SINCE, actor, built, world

HOME = {"kind": "home", "lon": 1, "lat": 1, "radius_m": 9}
OFFICER = {"agency": "police", "name": "a", "role": "police_officer", "unit": "he"}
LATER = {"device": "tag", "person": "she", "since": "2026-11-01T00:00:00Z"}
Change = Callable[[dict[str, Any]], object]


async def counted(service: Database) -> dict[str, int]:
    """How many rows each table of the registry, the outbox and the ledger hold."""
    tables = (
        "agency",
        "station",
        "unit",
        "person",
        "device",
        "carry",
        "protective_order",
        "place",
        "account",
        "due",
        "ledger_row",
    )
    async with service.transaction() as connection:
        return {
            table: (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() for table in tables
        }


async def test_a_document_is_entered_whole_and_published(service: Database) -> None:
    """Everything in a document is in the record, named by its refs, and every order, carry and device in the outbox."""
    imported = await built(service)
    assert imported.created == {
        "agencies": 3, "stations": 1, "units": 3, "people": 4, "devices": 2, "carries": 2, "orders": 1,
    }  # fmt: skip
    told = await outbox(service)
    order = next(fact for subject, body in told if "order" in subject and isinstance(fact := decode(body), Order))
    assert (order.version, order.offender, order.victim) == (1, str(imported.ids["he"]), str(imported.ids["she"]))
    assert (order.radius_m, order.rings_m, order.end) == (100.0, [2000.0, 1000.0], 1798729200.0)
    assert [(place.kind, place.radius_m) for place in order.places] == [("work", 100.0), ("shelter", 150.0)]
    carries = [fact for subject, body in told if "carry" in subject and isinstance(fact := decode(body), Carry)]
    assert {(one.device, one.person, one.interval_s) for one in carries} == {
        (str(imported.ids["tag"]), str(imported.ids["he"]), 60.0),
        (str(imported.ids["watch"]), str(imported.ids["she"]), 30.0),
    }


async def test_a_devices_key_is_told_once_and_only_its_digest_kept(service: Database) -> None:
    """The key in the answer is the one whose digest the gateways get, and it stands nowhere in the database."""
    imported = await built(service)
    tag = next(device for device in imported.devices if device.ref == "tag")
    published = [decode_device(body) for subject, body in await outbox(service) if ".device." in subject]
    known = next(device for device in published if device.device == str(tag.id))
    assert known.key_digest == hashlib.sha256(tag.key.encode()).digest()
    assert (known.external_id, known.kind, known.interval_s, known.revoked) == ("tag-1", "tag", 60.0, False)
    assert len(tag.key) == 32
    assert tag.key not in repr(imported)
    async with service.transaction() as connection:
        assert tag.key not in str((await connection.execute(text("SELECT * FROM device"))).all())
        assert tag.key not in str((await connection.execute(text("SELECT body FROM ledger_row"))).all())


async def test_entering_the_same_ids_again_changes_nothing(service: Database) -> None:
    """A document with ids can be sent twice: the second time nothing is entered, keyed or published."""
    document = world()
    for named in ("agencies", "stations", "units", "people", "devices", "carries", "orders"):
        for entry in document[named]:
            entry["id"] = str(uuid7())
    first = await import_document(service, CLOCK, None, document)
    before = await counted(service)
    second = await import_document(service, CLOCK, None, document)
    assert await counted(service) == before
    assert second.ids == first.ids
    assert (second.devices, set(second.created.values())) == ([], {0})


async def test_the_same_id_with_another_content_is_a_conflict(service: Database) -> None:
    """An import never changes what stands: an id whose content differs is refused and named."""
    document = world()
    for named in ("people", "orders"):
        for entry in document[named]:
            entry["id"] = str(uuid7())
    changes: list[tuple[str, int, Change]] = [
        ("people", 1, lambda again: again["people"][1].update(label="somebody else")),
        ("orders", 0, lambda again: again["orders"][0].update(radius_m=200)),
        ("orders", 0, lambda again: again["orders"][0]["places"].pop()),
        ("orders", 0, lambda again: again["orders"][0]["places"].append(HOME)),
        ("orders", 0, lambda again: again["orders"][0]["places"][1].update(secret=False)),
    ]  # fmt: skip
    document["agencies"] = [{**agency, "id": str(uuid7())} for agency in document["agencies"]]
    await import_document(service, CLOCK, None, document)
    before = await counted(service)
    for named, index, change in changes:
        again = world(agencies=document["agencies"], people=[dict(one) for one in document["people"]])
        again["orders"] = [{**world()["orders"][0], "id": document["orders"][0]["id"]}]
        again["devices"], again["carries"], again["stations"], again["units"] = [], [], [], []
        change(again)
        with pytest.raises(Conflict) as refused:
            await import_document(service, CLOCK, None, again)
        assert (refused.value.extra["list"], refused.value.extra["index"]) == (named, index)
    assert await counted(service) == before


WRONG: list[tuple[str, int, str, Change]] = [
    ("carries", 1, "device", lambda d: d["carries"][1].update(device="nobody")),
    ("carries", 1, "person", lambda d: d["carries"][1].update(person="tag")),
    ("orders", 0, "victim", lambda d: d["orders"][0].update(victim=str(UUID(int=5)))),
    ("orders", 0, "victim", lambda d: d["orders"][0].update(victim="he")),
    ("orders", 0, "police_agency", lambda d: d["orders"][0].update(police_agency="centre")),
    ("orders", 0, "monitoring_agency", lambda d: d["orders"][0].update(monitoring_agency="police")),
    ("orders", 0, "police_agency", lambda d: d["orders"][0].pop("police_agency")),
    ("orders", 0, "places.1.agency", lambda d: d["orders"][0]["places"][1].update(agency="nowhere")),
    ("orders", 0, "places.0.kind", lambda d: d["orders"][0]["places"][0].update(kind="hom")),
    ("people", 2, "agency", lambda d: d["people"][2].pop("agency")),
    ("devices", 0, "ref", lambda d: d["people"][2].update(ref="tag")),
    ("people", 1, "ref", lambda d: d["people"][1].update(ref=str(UUID(int=9)))),
    ("people", 1, "id", lambda d: [one.update(id=str(UUID(int=9))) for one in d["people"][:2]]),
    ("units", 0, "kind", lambda d: d["units"][0].update(kind="probation")),
    ("units", 2, "station", lambda d: d["units"][2].update(station="station")),
    ("accounts", 0, "unit", lambda d: d.update(accounts=[OFFICER])),
    ("accounts", 0, "role", lambda d: d.update(accounts=[{"agency": "centre", "name": "a", "role": "dispatcher"}])),
    ("accounts", 0, "agency", lambda d: d.update(accounts=[{"name": "a", "role": "monitor"}])),
]  # fmt: skip


async def test_what_leads_nowhere_is_named_and_nothing_is_entered(service: Database) -> None:
    """A dangling or misplaced pointer names list, index and field, and leaves not one row behind."""
    before = await counted(service)
    for named, index, field, change in WRONG:
        document = world()
        change(document)
        with pytest.raises(Malformed) as refused:
            await import_document(service, CLOCK, None, document)
        extra = refused.value.extra
        assert (extra["list"], extra["index"], extra["field"]) == (named, index, field)
        assert await counted(service) == before


async def test_contradictions_of_the_record_are_conflicts_that_name_the_entry(service: Database) -> None:
    """Two bodies at once for a device, or an external id twice, is a Conflict with its index and no 500."""
    clashes: list[tuple[str, int, Change]] = [
        ("carries", 2, lambda d: d["carries"].append(LATER)),
        ("devices", 2, lambda d: d["devices"].append({**d["devices"][0], "ref": "again"})),
    ]  # fmt: skip
    before = await counted(service)
    for named, index, change in clashes:
        document = world()
        change(document)
        with pytest.raises(Conflict) as refused:
            await import_document(service, CLOCK, None, document)
        assert (refused.value.extra["list"], refused.value.extra["index"]) == (named, index)
        assert await counted(service) == before


async def test_a_carry_may_begin_where_the_last_ended(service: Database) -> None:
    """Carries are half-open: handing a device over at noon overlaps nothing."""
    noon = "2026-10-02T12:00:00+09:00"
    carries = [
        {"device": "tag", "person": "he", "since": SINCE, "until": noon},
        {"device": "tag", "person": "neighbour", "since": noon},
    ]
    assert (await import_document(service, CLOCK, None, world(carries=carries))).created["carries"] == 2


async def test_a_registrar_enters_for_the_own_agency_only(service: Database) -> None:
    """Another agency's name on anything, an order without a part in it, or a new agency is Forbidden."""
    ids = (await built(service)).ids
    police, others = str(ids["police"]), str(ids["others"])
    registrar = actor(ids["police"])
    forbidden: list[dict[str, Any]] = [
        {"agencies": [{"kind": "police", "name": "x"}]},
        {"people": [{"label": "x", "agency": others}]},
        {"accounts": [{"name": "spy", "role": "dispatcher", "agency": others}]},
        {"people": [{"ref": "a", "label": "x"}, {"ref": "b", "label": "y"}],
         "orders": [{"regime": "kr", "police_agency": others, "offender": "a", "victim": "b", "from": SINCE,
                     "radius_m": 1}]},
        {"people": [{"ref": "a", "label": "x"}],
         "orders": [{"regime": "kr", "offender": "a", "from": SINCE, "radius_m": 1,
                     "places": [{"kind": "home", "lon": 1, "lat": 1, "radius_m": 1, "agency": others}]}]},
    ]  # fmt: skip
    for document in forbidden:
        with pytest.raises(Forbidden):
            await import_document(service, CLOCK, registrar, document)
    done = await import_document(
        service, CLOCK, registrar, {"people": [{"label": "x", "agency": police}, {"label": "y"}]}
    )
    assert done.created == {"people": 2}


async def test_only_registrars_enter_anything(service: Database) -> None:
    """No other role's account may register, whatever the document."""
    ids = (await built(service)).ids
    for role in set(Role) - {Role.REGISTRAR}:
        with pytest.raises(Forbidden):
            await import_document(service, CLOCK, actor(ids["police"], role), {})


async def test_strangers_cannot_be_drawn_into_an_order(service: Database) -> None:
    """An order cannot name another agency's person, or the order would open that person's file to its author."""
    ids = (await built(service)).ids
    document: dict[str, Any] = {
        "people": [{"ref": "a", "label": "x"}],
        "orders": [{"regime": "kr", "offender": "a", "victim": str(ids["foreign"]), "from": SINCE, "radius_m": 100}],
    }
    errors: list[JikimiError] = []
    for victim in (str(ids["foreign"]), str(uuid7())):
        document["orders"][0]["victim"] = victim
        with pytest.raises(Malformed) as refused:
            await import_document(service, CLOCK, actor(ids["police"]), document)
        errors.append(refused.value)
    assert errors[0].problem() == errors[1].problem()


async def test_the_other_agency_equips_a_party_it_knows_by_the_order(service: Database) -> None:
    """The monitoring agency puts its own tag on a wearer the police entered, and on nobody else of theirs."""
    ids = (await built(service)).ids
    tag = {"ref": "t", "kind": "tag", "external_id": "tag-2", "interval_s": 60}
    carry = {"device": "t", "person": str(ids["he"]), "since": SINCE}
    monitor = actor(ids["centre"])
    stranger = {**carry, "person": str(ids["neighbour"])}
    with pytest.raises(Malformed):
        await import_document(service, CLOCK, monitor, {"devices": [tag], "carries": [stranger]})
    done = await import_document(service, CLOCK, monitor, {"devices": [tag], "carries": [carry]})
    assert done.created == {"devices": 1, "carries": 1}
    theirs = {**carry, "device": str(ids["watch"])}
    with pytest.raises(Malformed):
        await import_document(service, CLOCK, monitor, {"carries": [theirs]})


async def test_officers_accounts_are_made_with_their_unit(service: Database) -> None:
    """An account in a document can sign in at once with the password that is told this once."""
    ids = (await built(service)).ids
    document: dict[str, Any] = {
        "units": [{"ref": "u", "kind": "police", "callsign": "P-9"}],
        "accounts": [{"name": "officer-9", "role": "police_officer", "unit": "u"}],
    }
    done = await import_document(service, CLOCK, actor(ids["police"]), document)
    account = done.accounts[0]
    assert account.password not in repr(done)
    _, officer = await sign_in(service, CLOCK, "officer-9", account.password)
    assert (officer.unit, officer.agency) == (done.ids["u"], ids["police"])
    with pytest.raises(Conflict) as refused:
        await import_document(
            service, CLOCK, actor(ids["police"]), {"accounts": [{"name": "officer-9", "role": "dispatcher"}]}
        )
    assert (refused.value.extra["list"], refused.value.extra["index"]) == ("accounts", 0)


async def test_every_import_by_a_person_is_on_the_register(service: Database) -> None:
    """Who entered something, when and on which article, stands in the access register and the ledger."""
    ids = (await built(service)).ids
    registrar = actor(ids["police"])
    await import_document(service, CLOCK, registrar, {"people": [{"label": "x"}]})
    async with service.transaction() as connection:
        row = (await connection.execute(text("SELECT account, what, allowed, article FROM access_register"))).one()
    assert row[:3] == (registrar.account, "registry_import", True)
    assert row[3]


def many(count: int) -> dict[str, Any]:
    """A document of ``count`` people, each with a device, and an order against the next."""
    return {
        **world(stations=[], units=[]),
        "people": [{"ref": f"p{n}", "agency": "police", "label": f"case {n}"} for n in range(count)],
        "devices": [
            {"ref": f"d{n}", "agency": "centre", "kind": "tag", "external_id": f"tag-{n}", "interval_s": 60}
            for n in range(count)
        ],
        "carries": [{"device": f"d{n}", "person": f"p{n}", "since": SINCE} for n in range(count)],
        "orders": [
            {**world()["orders"][0], "ref": f"o{n}", "offender": f"p{n}", "victim": f"p{(n + 1) % count}"}
            for n in range(count)
        ],
    }


async def test_four_times_the_people_take_about_four_times_the_time(service: Database) -> None:
    """A document's cost grows with what is in it and no faster: 2,000 people against 500 of the same run."""

    async def took(count: int, name: str) -> float:
        document = many(count)
        for agency in document["agencies"]:
            agency["name"] += name
        for device in document["devices"]:
            device["external_id"] += name
        start = time.perf_counter()
        imported = await import_document(service, CLOCK, None, document)
        assert imported.created == {"agencies": 3, "people": count, "devices": count, "carries": count, "orders": count}
        return time.perf_counter() - start

    few = max(await took(500, "a"), await took(500, "b"))
    assert await took(2000, "c") < 10 * few
