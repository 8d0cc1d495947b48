"""One person in two agencies' files is found at entry, by a digest nobody can turn back, and never on trial."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterable, Iterator
from copy import deepcopy
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from jikimi.kernel.errors import Conflict, Malformed, TooMany, Unavailable
from jikimi.registry import matching
from jikimi.registry.identifiers import Matcher, normal
from jikimi.registry.model import Imported
from jikimi.registry.service import Desk, import_document, label_of, list_orders, list_people
from jikimi.respond import feeds, told
from jikimi.respond.model import room_feed
from jikimi.store.database import Database
from jikimi.store.due import Loop
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats
from tests.test_registry_world import SINCE, HandClock, actor

NUMBER = "010203-4123456"
TYPED_ELSEWHERE = "\uff10\uff11\uff10\uff12\uff10\uff13 4123456"
MATCHER = Matcher(bytes(range(32)))
SITES: dict[str, Any] = {
    "agencies": [
        {"ref": "police", "kind": "police", "name": "Hanbit Police"},
        {"ref": "centre", "kind": "monitoring", "name": "Hanbit Monitoring"},
        {"ref": "others", "kind": "police", "name": "Daon Police"},
    ]
}


def order(ids: dict[str, UUID], **changed: Any) -> dict[str, Any]:
    """A police order whose offender is named by number."""
    plain = {
        "ref": "order", "monitoring_agency": str(ids["centre"]), "regime": "kr", "offender_identifier": TYPED_ELSEWHERE,
        "victim": "she", "from": SINCE, "radius_m": 100,
    }  # fmt: skip
    return {"people": [{"ref": "she", "label": "case 9 protected"}], "orders": [plain | changed]}


@pytest.fixture
async def ids(service: Database) -> dict[str, UUID]:
    """Three agencies; the monitoring one knows a wearer by number, for a sentence of another kind."""
    clock = HandClock()
    sites = (await import_document(service, clock, None, deepcopy(SITES))).ids
    wearer = {"people": [{"ref": "wearer", "label": "M-17", "identifier": NUMBER}]}
    entered = await import_document(service, clock, actor(sites["centre"]), wearer, MATCHER)
    return sites | entered.ids


@pytest.fixture
async def room(nats_server: Nats, service: Database) -> AsyncIterator[Loop]:
    """The respond role's loop for matches."""
    client = await connect(nats_server.url("respond"), "respond")
    clock = HandClock()
    yield Loop(service, clock, {matching.KIND: told.handler(client, clock)})
    await client.close()


async def enter(service: Database, ids: dict[str, UUID], agency: str = "police", **changed: Any) -> Imported:
    """The order, by a registrar."""
    return await import_document(service, HandClock(), actor(ids[agency]), order(ids, **changed), MATCHER)


async def test_an_order_finds_the_wearer_of_the_other_agency(
    service: Database, people: Database, ids: dict[str, UUID], room: Loop
) -> None:
    """The order names the man the other agency monitors; both rooms are told, and it is on the ledger."""
    entered = await enter(service, ids)
    desk = Desk(people, service, HandClock())
    (seen,) = await list_orders(desk, actor(ids["centre"]))
    assert seen.offender == ids["wearer"]
    assert {one.label for one in await list_people(desk, actor(ids["police"]))} == {"M-17", "case 9 protected"}
    await room.round()
    async with service.transaction() as connection:
        for agency in ("police", "centre"):
            (page,) = await feeds.since(connection, room_feed(ids[agency]), 0)
            assert (page.kind, page.body["why"]) == ("page", "order-matched")
            assert page.body["order"] == str(entered.ids["order"])
            assert page.body["person"] == str(ids["wearer"])
        found = await connection.execute(text("SELECT body FROM ledger_row WHERE body LIKE '%person_matched%'"))
        (row,) = found.scalars()
        assert str(ids["wearer"]) in row


async def test_an_order_that_is_over_when_rooms_are_told_is_told_to_the_file_s_own_keeper_alone(
    service: Database, ids: dict[str, UUID], room: Loop
) -> None:
    """Grants are asked again when the page is sent: what was put before the end says nothing after it, and that is written."""
    entered = await enter(service, ids)
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE access_grant SET ended_at = now()"))
        await connection.execute(text("UPDATE due SET body = body || CAST(:by AS jsonb) WHERE kind = 'order-matched'"),
                                 {"by": f'{{"by": "{ids["others"]}"}}'})  # fmt: skip
    await room.round()
    async with service.transaction() as connection:
        assert [len(await feeds.since(connection, room_feed(ids[one]), 0)) for one in ("police", "centre")] == [0, 1]
        (row,) = await connection.execute(text("SELECT * FROM access_register WHERE action = 'told'"))
    assert (row.agency, row.subject, row.allowed) == (ids["police"], str(ids["wearer"]), False)
    assert row.what == "told:order-matched"
    assert entered.ids["order"]


async def test_somebody_nobody_knows_is_entered_with_the_order(
    service: Database, people: Database, ids: dict[str, UUID], room: Loop
) -> None:
    """No match: a person of the entering agency, no page; the other agency's same number later finds that person."""
    await enter(service, ids, offender_identifier="991231-1999999")
    assert await room.round() > 0
    (mine,) = await list_orders(Desk(people, service, HandClock()), actor(ids["police"]))
    again = {**order(ids)["orders"][0], "police_agency": str(ids["police"]), "offender_identifier": "9912311999999"}
    again |= {"victim": None, "places": [{"kind": "home", "lon": 127.0, "lat": 37.5, "radius_m": 100}]}
    del again["monitoring_agency"]
    await import_document(service, HandClock(), actor(ids["centre"]), {"orders": [again]}, MATCHER)
    orders = await list_orders(Desk(people, service, HandClock()), actor(ids["centre"]))
    assert {one.offender for one in orders} == {mine.offender}


async def test_a_third_agencys_file_is_nobodys_business(
    service: Database, people: Database, ids: dict[str, UUID]
) -> None:
    """Only files of the agencies the order names are compared: to all others the number is new."""
    foreign = {"people": [{"ref": "theirs", "label": "D-1", "identifier": "880808-2888888"}]}
    theirs = (await import_document(service, HandClock(), actor(ids["others"]), foreign, MATCHER)).ids["theirs"]
    await enter(service, ids, offender_identifier="880808-2888888")
    (mine,) = await list_orders(Desk(people, service, HandClock()), actor(ids["police"]))
    assert mine.offender != theirs


async def test_a_repeated_document_changes_nothing(service: Database, ids: dict[str, UUID], room: Loop) -> None:
    """The same order under the same id is the same order, and pages nobody twice."""
    fixed = {"id": "0192a0a0-0000-7000-8000-00000000000a"}
    document = order(ids, **fixed)
    document["people"][0]["id"] = "0192a0a0-0000-7000-8000-00000000000b"
    first = await import_document(service, HandClock(), actor(ids["police"]), document, MATCHER)
    second = await import_document(service, HandClock(), actor(ids["police"]), document, MATCHER)
    assert (first.created["orders"], second.created["orders"]) == (1, 0)
    await room.round()
    async with service.transaction() as connection:
        assert len(await feeds.since(connection, room_feed(ids["centre"]), 0)) == 1


async def test_one_number_is_one_person_of_an_agency(service: Database, ids: dict[str, UUID]) -> None:
    """An agency does not get two files of one number."""
    again = {"people": [{"label": "M-18", "identifier": TYPED_ELSEWHERE}]}
    with pytest.raises(Conflict, match="that identifier"):
        await import_document(service, HandClock(), actor(ids["centre"]), again, MATCHER)


def digests_of(number: str) -> set[bytes]:
    """What anybody without the key can make of a number: plain, normalised, in the usual hashes and writings."""
    found: set[bytes] = set()
    for written in {number, number.replace("-", ""), normal(number)}:
        for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
            raw = hashlib.new(name, written.encode()).digest()
            found |= {raw.hex().encode(), base64.b64encode(raw), raw[:16].hex().encode()}
        found.add(written.encode())
    return found


def salted(number: str, salts: Iterable[bytes]) -> Iterator[bytes]:
    """The same with each of these in front, behind or as a key."""
    for salt in salts:
        for written in {number, number.replace("-", "")}:
            for name in ("md5", "sha1", "sha256", "sha512"):
                yield hashlib.new(name, salt + written.encode()).digest()
                yield hashlib.new(name, written.encode() + salt).digest()
                yield hmac.new(salt, written.encode(), name).digest()


async def test_no_tail_of_a_known_birth_date_is_in_a_dump(
    service: Database, database_url: str, ids: dict[str, UUID]
) -> None:
    """With the whole database and her birth date, a few hundred likely tails, the true one among them, match nothing."""
    await enter(service, ids)
    dump = bytearray()
    with psycopg.connect(database_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as copy:
                for piece in copy:
                    dump += bytes(piece)
    written = bytes(dump).lower()
    assert b"\\\\x" + MATCHER.digest(NUMBER).hex().encode() in written
    birth = date(2001, 2, 3).strftime("%y%m%d")
    tails = [f"{birth}-4{tail:06d}" for tail in range(123200, 123700)]
    assert NUMBER in tails
    assert not [tail for tail in tails if any(digest.lower() in written for digest in digests_of(tail))]
    # Whatever is stored may be a salt: each value as it stands, and its bytes. Only the true tail could ever match.
    values = {value for row in bytes(dump).split(b"\n") for value in row.split(b"\t")}
    raw = {bytes.fromhex(value[3:].decode()) for value in values if value.startswith(b"\\\\x")}
    assert raw
    made = set(salted(NUMBER, values | raw))
    assert not [digest for digest in made if digest in raw or digest[:16].hex().encode() in written]


async def test_nothing_answers_with_the_digest(people: Database, ids: dict[str, UUID]) -> None:
    """People's own connections may not read the column at all."""
    async with people.transaction(ids["centre"]) as connection:
        found = (await connection.execute(text("SELECT id, label, sealed FROM person"))).one()
        assert label_of(connection, *found) == "M-17"
    with pytest.raises(Exception, match="permission denied"):
        async with people.transaction(ids["centre"]) as connection:
            await connection.execute(text("SELECT identifier_digest FROM person"))


async def test_asking_is_on_the_register_even_when_it_is_refused(service: Database, ids: dict[str, UUID]) -> None:
    """A document that is refused afterwards has still asked: nobody tries numbers for free."""
    asker = actor(ids["police"])
    bad = order(ids)
    bad["devices"] = [{"kind": "tag", "external_id": name, "interval_s": 60} for name in ("twice", "twice")]
    for _ in range(3):
        with pytest.raises(Conflict):
            await import_document(service, HandClock(), asker, bad, MATCHER)
    async with service.transaction() as connection:
        counted = await connection.execute(
            text("SELECT count(*) FROM access_register WHERE account = :who AND what = 'person_match'"),
            {"who": asker.account},
        )
        assert counted.scalar_one() == 3


async def test_an_account_asks_so_many_times_an_hour(service: Database, ids: dict[str, UUID]) -> None:
    """Past the limit nothing is compared, the refusal is on the register, and an hour later it goes on."""
    asker, clock = actor(ids["police"]), HandClock()
    entry = order(ids)["orders"][0]
    many = {
        "people": [{"ref": "she", "label": "x"}],
        "orders": [
            {**entry, "ref": f"o{at}", "offender_identifier": f"7001011{at:06d}"} for at in range(matching.MOST_AN_HOUR)
        ],
    }
    await import_document(service, clock, asker, many, MATCHER)
    with pytest.raises(TooMany):
        await import_document(service, clock, asker, order(ids), MATCHER)
    async with service.transaction() as connection:
        refused = await connection.execute(
            text("SELECT count(*) FROM access_register WHERE account = :who AND NOT allowed"), {"who": asker.account}
        )
        assert refused.scalar_one() == 1
    clock.at += 3601.0
    assert (await import_document(service, clock, asker, order(ids), MATCHER)).created["orders"] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"offender_identifier": "12"},
        {"offender": "she"},
        {"victim_identifier": NUMBER},
        {"offender_identifier": None},
        {"offender_identifier": 101},
    ],
)
async def test_a_party_is_named_one_way_and_properly(
    service: Database, ids: dict[str, UUID], changed: dict[str, Any]
) -> None:
    """By id or by identifier, never both, never neither; and no refusal repeats what was sent."""
    with pytest.raises(Malformed) as refused:
        await enter(service, ids, **changed)
    assert NUMBER not in str(refused.value.problem())


async def test_nobody_is_kept_from_themselves_by_number(service: Database, ids: dict[str, UUID]) -> None:
    """The same number on both sides is refused like the same id."""
    with pytest.raises(Malformed, match="nobody is kept from themselves"):
        await enter(service, ids, victim=None, victim_identifier=NUMBER)


async def test_without_the_key_nobody_is_compared(service: Database, ids: dict[str, UUID]) -> None:
    """Where the key the record finds people by is not kept, that is said, and nothing is entered under a wrong digest."""
    async with service.transaction() as connection:
        await connection.execute(text("INSERT INTO cursor (name, seq) VALUES ('person-match', 1)"))
    with pytest.raises(Unavailable):
        await import_document(service, HandClock(), actor(ids["police"]), order(ids))


def test_a_number_is_one_however_it_is_typed() -> None:
    """Dashes, spaces and full-width digits change nothing, another key changes everything."""
    assert MATCHER.digest(NUMBER) == MATCHER.digest(TYPED_ELSEWHERE) == MATCHER.digest("0102034123456")
    assert MATCHER.digest(NUMBER) != Matcher(bytes(32)).digest(NUMBER)
