"""Her no to being monitored: what ends at once, what waits for her word, and what a wrong word does."""

import asyncio
import base64
import json
from dataclasses import dataclass
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from nats.aio.client import Client
from sqlalchemy.exc import DBAPIError

from jikimi.detect.events import DURESS
from jikimi.detect.facts import DeviceEvent, decode
from jikimi.identity import passwords
from jikimi.identity.model import Actor, Role
from jikimi.intake.devices import decode as decode_device
from jikimi.intake.points import Point
from jikimi.kernel.clock import iso
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.oversee import calling, silent_call, withdrawing
from jikimi.oversee.apart import far
from jikimi.oversee.withdrawing import Desk
from jikimi.registry.republish import republish
from jikimi.registry.schemas import CarryMove
from jikimi.registry.service import Desk as Reading
from jikimi.registry.service import list_people, move_carry, revoke_device
from jikimi.share import consent, safe_words, words
from jikimi.share.consent import Yes
from jikimi.share.policy import Data
from jikimi.store.database import Database
from jikimi.store.due import Due, Handler
from jikimi.stream import names
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import Tail
from tests.integration.oversee_world import Place, document, entered
from tests.patience import PATIENCE

WORDS = words.load("kr")
LIMITS = WORDS.call_back
SAFE, FORCED = "파란 자전거", "초록 주전자"
FAR, NEAR = [9000.0] * 12, [300.0] * 12


@dataclass
class Case:
    """Her case, her registrar, the room that calls her back, and the desk all of them work at."""

    place: Place
    desk: Desk
    clerk: Actor
    room: Actor

    @property
    def she(self) -> UUID:
        """Who she is."""
        return self.place.ids["she"]

    async def still_on(self) -> bool:
        """Whether her watch still speaks for her."""
        found = await self.place.rows("SELECT until FROM carry WHERE person = :she", she=self.she)
        return all(row.until is None for row in found)

    async def kinds(self) -> set[str]:
        """What is due."""
        return {row.kind for row in await self.place.rows("SELECT kind FROM due WHERE kind <> 'publish'")}

    async def due(self, kind: str) -> Due:
        """The one row of a kind."""
        (row,) = await self.place.rows("SELECT * FROM due WHERE kind = :kind", kind=kind)
        return Due(row.id, row.kind, row.key, row.at.timestamp(), 0, row.body)


@pytest.fixture
async def case(service: Database, people: Database, monkeypatch: pytest.MonkeyPatch) -> Case:
    """She wears a watch, he a tag; she has chosen her words, and a support unit knows of her."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    place = await entered(service, people)
    desk = Desk(people, service, place.clock, WORDS)
    made = Case(place, desk, place.at("police"), place.at("police", Role.DISPATCHER))
    await withdrawing.keep_words(desk, made.clerk, made.she, SAFE, FORCED)
    yes = Yes(made.she, place.ids["city"], (Data.PERSON,), place.clock.at + 86400, "ko")
    await consent.given(place.desk, made.clerk, WORDS, yes)
    return made


@pytest.mark.parametrize("where", ["near", "closing", "his unknown", "hers unknown", "old", "together"])
async def test_her_no_waits_for_her_word_unless_he_is_surely_far(case: Case, where: str) -> None:
    """Near, nearing, unknown or together: support ends at once, her device goes on, and the room calls her back."""
    place, now = case.place, case.place.clock.at
    closing = [9000.0 - 100.0 * step for step in range(12)]
    his = {"near": NEAR, "closing": closing, "old": FAR, "hers unknown": FAR, "together": [5.0] * 12}.get(where)
    if his:
        await place.went("he", his, until=now - 600 if where == "old" else now)
    if where != "hers unknown":
        await place.went("she", [0.0] * 12)
    made, at_once = await withdrawing.ask(case.desk, case.clerk, case.she)
    assert not at_once
    assert await case.still_on()
    helper = place.at("city", Role.SUPPORTER)
    assert await list_people(Reading(place.people, place.service, place.clock), helper) == []
    assert calling.KIND in await case.kinds()
    (shown,) = await withdrawing.listed(case.desk, case.room)
    assert (shown["id"], shown["person"], shown["answered_at"]) == (made, case.she, None)
    assert shown["call_by"] == pytest.approx(now + LIMITS.call_s, abs=1)
    with pytest.raises(Conflict):
        await withdrawing.ask(case.desk, case.clerk, case.she)


async def test_her_no_holds_at_once_where_he_is_surely_far(case: Case) -> None:
    """Both heard of just now, far apart and not nearing: her device is taken off her, and no order or place with it."""
    await case.place.went("he", FAR)
    await case.place.went("she", [0.0] * 12)
    _, at_once = await withdrawing.ask(case.desk, case.clerk, case.she)
    assert at_once
    assert not await case.still_on()
    assert calling.KIND not in await case.kinds()
    orders = await case.place.rows("SELECT ended_at, version FROM protective_order")
    assert [(row.ended_at, row.version) for row in orders] == [(None, 1)]
    assert len(await case.place.rows("SELECT id FROM place")) == 2
    with pytest.raises(Conflict):
        await withdrawing.ask(case.desk, case.clerk, case.she)


async def test_far_is_never_guessed() -> None:
    """A doubt that reaches him, too short a look, or no look at all: he is not far."""

    def at(*metres: float, sigma: float = 10.0) -> list[Point]:
        return [
            Point(60.0 * step, 127.0, 37.5 + north / 111_000, sigma, None, None, None)
            for step, north in enumerate(metres)
        ]

    here, now = at(*[0.0] * 12), 60.0 * 11
    assert far(LIMITS, at(*FAR), here, now)
    assert not far(LIMITS, at(*FAR, sigma=2000.0), here, now)
    assert not far(LIMITS, at(*FAR)[-3:], here, now)
    assert not far(LIMITS, [], here, now)
    assert not far(LIMITS, at(*FAR), [], now)
    assert not far(LIMITS, at(*FAR), here, now + LIMITS.fresh_s + 1)


async def test_only_her_safe_word_ends_it(case: Case) -> None:
    """However it was typed; then her device is off her, and the rooms know."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await withdrawing.answer(case.desk, case.room, made, " 파란자전거 ")
    assert not await case.still_on()
    assert silent_call.KIND not in await case.kinds()
    told = await case.place.rows(
        "SELECT body FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'monitoring-ended'"
    )
    assert [row.body["subject"] for row in told] == [str(case.she)]
    with pytest.raises(Conflict):
        await withdrawing.answer(case.desk, case.room, made, SAFE)


async def test_once_her_no_holds_the_gateway_is_told_to_keep_nothing(case: Case) -> None:
    """Not while she is to be called back, not after a wrong word; after the right one, also told anew; not once it is worn."""
    watch, clock = case.place.ids["watch"], case.place.clock

    async def said() -> list[bool]:
        rows = await case.place.rows("SELECT body FROM due WHERE kind = 'publish' AND body ->> 'subject' = :at ORDER BY seq",
                                     at=f"{names.DEVICE}.{watch}")  # fmt: skip
        return [decode_device(base64.b64decode(row.body["payload"])).unkept for row in rows]

    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await withdrawing.answer(case.desk, case.room, made, FORCED)
    assert await said() == [False]
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await withdrawing.answer(case.desk, case.room, made, SAFE)
    assert await said() == [False, True]
    async with case.place.service.transaction() as connection:
        await republish(connection, clock.unix())
    assert await said() == [False, True, True]
    worn = {"device": str(watch), "person": str(case.she), "since": iso(clock.unix() + 1), "basis": "consent"}
    clock.at += 2
    await move_carry(case.place.service, clock, case.clerk, CarryMove.model_validate(worn))
    assert await said() == [False, True, True, False]


@pytest.mark.parametrize("said", [FORCED, "파란", "anything else"])
async def test_a_wrong_word_is_answered_like_the_right_one_and_calls_for_help(case: Case, said: str) -> None:
    """The list, the row and the ledger say the same of it; her device goes on, and her own call is put on the log."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await withdrawing.answer(case.desk, case.room, made, said)
    assert await case.still_on()
    (shown,) = await withdrawing.listed(case.desk, case.room)
    assert set(shown) == {"id", "person", "agency", "rooms", "at_once", "asked_at", "call_by", "answered_at"}
    assert shown["answered_at"] is not None
    due = await case.due(silent_call.KIND)
    assert due.body == {"person": str(case.she)}
    assert calling.KIND not in await case.kinds()
    said_of = await case.place.rows("SELECT body FROM ledger_row WHERE body LIKE '%withdrawal_answered%'")
    assert "given" not in said_of[0].body
    with pytest.raises(DBAPIError):
        async with case.place.people.transaction(case.room.agency, case.room.account) as connection:
            await connection.exec_driver_sql("SELECT given FROM withdrawal")


async def test_the_silent_call_is_her_devices_own_on_the_log(case: Case, nats_server: Nats) -> None:
    """A duress event of the device on her, where detection reads every other; where none is on her, her rooms are paged."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await withdrawing.answer(case.desk, case.room, made, FORCED)
    client = await connect(nats_server.url("respond"), "respond")
    handle, due = silent_call.handler(client, case.place.clock), await case.due(silent_call.KIND)
    for _ in range(2):  # it bears repetition: the log keeps one
        async with case.place.service.transaction() as connection:
            await handle(connection, due)
    (event,) = await _logged(client)
    assert (event.device, event.kind, event.flags) == (str(case.place.ids["watch"]), DURESS, 2)
    async with case.place.service.transaction() as connection:
        await connection.exec_driver_sql("UPDATE carry SET until = now() - interval '1 h'")
        await handle(connection, due)
    pages = await case.place.rows("SELECT agency, body FROM feed_message WHERE body ->> 'why' = 'duress'")
    assert [(page.agency, page.body["person"]) for page in pages] == [(case.place.ids["police"], str(case.she))]
    await client.close()


async def _logged(client: Client) -> list[DeviceEvent]:
    async with asyncio.timeout(10 * PATIENCE):
        async for batch in Tail(client, names.FACTS, 0, [names.EVENT]).batches():
            return [event for entry in batch if isinstance(event := decode(entry.body), DeviceEvent)]
    return []


async def test_the_room_is_told_by_id_again_and_again_until_it_has_called(case: Case, nats_server: Nats) -> None:
    """At once, at the deadline, and after it; the page has an id and a time, and stops with the answer."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    client, clock = await connect(nats_server.url("respond"), "respond"), case.place.clock
    handle = calling.handler(client, clock, LIMITS)

    async def told() -> None:
        due = await case.due(calling.KIND)
        async with case.place.service.transaction() as connection:
            await connection.exec_driver_sql("DELETE FROM due WHERE kind = 'call-back'")
            after = await handle(connection, due)
        if after:
            await after()

    await told()
    clock.at += LIMITS.call_s + 1
    await told()
    assert (await case.due(calling.KIND)).at == pytest.approx(clock.at + LIMITS.again_s, abs=0.01)
    pages = [row.body for row in await case.place.rows("SELECT body FROM feed_message ORDER BY seq")]
    assert [page["why"] for page in pages] == ["call-back", "call-back-late"]
    assert {page["person"] for page in pages} == {str(case.she)}
    last = await case.due(calling.KIND)
    await withdrawing.answer(case.desk, case.room, made, None)
    assert await case.still_on()
    assert silent_call.KIND not in await case.kinds()
    async with case.place.service.transaction() as connection:
        assert await handle(connection, last) is None
    await client.close()


async def test_a_room_whose_access_has_ended_is_not_named_whom_to_call(case: Case, nats_server: Nats) -> None:
    """It is neither paged, nor shown the list, nor answered, nor told that she calls for help; the register says so."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    others, police = case.place.ids["others"], case.place.ids["police"]
    await case.place.rows("UPDATE withdrawal SET rooms = ARRAY[:a, :b] RETURNING id", a=police, b=others)
    await case.place.rows(
        "INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, starts_at) VALUES"
        " (gen_random_uuid(), 'standing', :others, :she, '{person}', 'APPROACH_RESPONSE', '', now() - interval '1 day')"
        " RETURNING id", others=others, she=case.she,
    )  # fmt: skip
    client, clock = await connect(nats_server.url("respond"), "respond"), case.place.clock
    room, handle = case.place.at("others", Role.DISPATCHER), calling.handler(client, clock, LIMITS)

    async def told(handle: Handler, due: Due) -> list[UUID]:
        await case.place.rows("DELETE FROM feed_message RETURNING seq")
        async with case.place.service.transaction() as connection:
            await handle(connection, due)
        return [row.agency for row in await case.place.rows("SELECT agency FROM feed_message ORDER BY agency")]

    due = await case.due(calling.KIND)
    assert await told(handle, due) == sorted([police, others])
    assert [one["id"] for one in await withdrawing.listed(case.desk, room)] == [made]
    await case.place.rows("UPDATE access_grant SET ended_at = now() WHERE agency = :id RETURNING id", id=others)
    assert await told(handle, due) == [police]
    assert await withdrawing.listed(case.desk, room) == []
    with pytest.raises(NotFound):
        await withdrawing.answer(case.desk, room, made, SAFE)
    (said,) = await case.place.rows(
        "SELECT agency, subject FROM access_register WHERE what = 'told:call-back' AND NOT allowed"
    )
    assert (said.agency, said.subject) == (others, str(case.she))
    await withdrawing.answer(case.desk, case.room, made, FORCED)
    await case.place.rows("UPDATE carry SET until = now() - interval '1 h' RETURNING id")
    assert await told(silent_call.handler(client, clock), await case.due(silent_call.KIND)) == [police]
    await client.close()


async def test_where_no_room_may_know_of_her_any_more_her_keeper_s_calls(case: Case, nats_server: Nats) -> None:
    """She is never left to nobody: the agency that keeps her file is paged, and its room records what she says."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await case.place.rows("UPDATE withdrawal SET rooms = ARRAY[:id] RETURNING id", id=case.place.ids["others"])
    client = await connect(nats_server.url("respond"), "respond")
    async with case.place.service.transaction() as connection:
        await calling.handler(client, case.place.clock, LIMITS)(connection, await case.due(calling.KIND))
    paged = await case.place.rows("SELECT agency FROM feed_message")
    assert [page.agency for page in paged] == [case.place.ids["police"]]
    await withdrawing.answer(case.desk, case.room, made, SAFE)
    assert not await case.still_on()
    await client.close()


@pytest.mark.parametrize("said", [SAFE, FORCED])
async def test_asked_again_it_is_answered_alike_whichever_word_she_gave(case: Case, said: str) -> None:
    """She is called back once more, even if he is far by now, and the ledger holds the same kinds of rows."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await withdrawing.answer(case.desk, case.room, made, said)
    await case.place.went("he", FAR)
    await case.place.went("she", [0.0] * 12)
    assert not (await withdrawing.ask(case.desk, case.clerk, case.she))[1]
    kinds = [json.loads(row.body)["kind"] for row in await case.place.rows("SELECT body FROM ledger_row ORDER BY id")]
    kinds = [kind for kind in kinds if kind != "access"]
    assert kinds[-3:] == ["monitoring_refused", "withdrawal_answered", "monitoring_refused"]


async def test_nothing_else_ends_it_while_she_is_to_be_called_back(case: Case) -> None:
    """Neither her watch moved or revoked, nor words chosen anew."""
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    clock, watch = case.place.clock, case.place.ids["watch"]
    move = CarryMove.model_validate({"device": str(watch), "person": None, "since": iso(clock.at)})
    with pytest.raises(Conflict):
        await move_carry(case.place.service, clock, case.clerk, move)
    with pytest.raises(Conflict):
        await revoke_device(case.place.service, clock, case.clerk, watch)
    with pytest.raises(Conflict):
        await withdrawing.keep_words(case.desk, case.clerk, case.she, FORCED, SAFE)
    assert await case.still_on()
    await withdrawing.answer(case.desk, case.room, made, None)
    await move_carry(case.place.service, clock, case.clerk, move)
    assert not await case.still_on()


@pytest.mark.parametrize("revoked", [True, False])
async def test_her_watch_never_goes_off_her_in_silence(case: Case, *, revoked: bool) -> None:
    """A broken watch can be changed or revoked, and the police rooms of her orders are paged by her id."""
    clock, watch = case.place.clock, case.place.ids["watch"]
    if revoked:
        await revoke_device(case.place.service, clock, case.clerk, watch)
    else:
        await move_carry(
            case.place.service,
            clock,
            case.clerk,
            CarryMove.model_validate({"device": str(watch), "person": None, "since": iso(clock.at)}),
        )
    told = await case.place.rows(
        "SELECT body FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'monitoring-ended'"
    )
    assert [(row.body["subject"], row.body["rooms"]) for row in told] == [
        (str(case.she), [str(case.place.ids["police"])])
    ]


async def test_who_writes_it_down_and_who_calls_back(case: Case) -> None:
    """A registrar of the agency that keeps her file, and a room that answers her orders; nobody else."""
    place, desk = case.place, case.desk
    for wrong in (place.at("centre"), place.at("others")):
        with pytest.raises(NotFound):
            await withdrawing.ask(desk, wrong, case.she)
    for wrong in (place.at("city", Role.SUPPORTER), place.at("police", Role.DISPATCHER)):
        with pytest.raises(Forbidden):
            await withdrawing.ask(desk, wrong, case.she)
        with pytest.raises(Forbidden):
            await withdrawing.keep_words(desk, wrong, case.she, "one word", "another")
    made, _ = await withdrawing.ask(desk, case.clerk, case.she)
    with pytest.raises(NotFound):
        await withdrawing.answer(desk, place.at("others", Role.DISPATCHER), made, SAFE)
    with pytest.raises(Forbidden):
        await withdrawing.answer(desk, case.clerk, made, SAFE)
    assert await withdrawing.listed(desk, place.at("others", Role.DISPATCHER)) == []


async def test_her_words_are_kept_as_hashes_and_never_shown(case: Case) -> None:
    """argon2, both; two that sound alike are refused; without any, no word ends it."""
    (kept,) = await case.place.rows("SELECT * FROM safe_word")
    assert kept.word.startswith("$argon2id$")
    assert kept.duress.startswith("$argon2id$")
    with pytest.raises(Malformed):
        await withdrawing.keep_words(case.desk, case.clerk, case.she, "Blue Bicycle", "blue-bicycle")
    with pytest.raises(DBAPIError):
        async with case.place.people.transaction(case.clerk.agency, case.clerk.account) as connection:
            await connection.exec_driver_sql("SELECT word FROM safe_word")
    async with case.place.service.transaction() as connection:
        await safe_words.forget(connection, case.she)
    assert await case.place.rows("SELECT person FROM safe_word") == []
    made, _ = await withdrawing.ask(case.desk, case.clerk, case.she)
    await withdrawing.answer(case.desk, case.room, made, SAFE)
    assert await case.still_on()
    assert silent_call.KIND in await case.kinds()


async def test_nobody_to_be_near_to_is_no_reason_to_wait(service: Database, people: Database) -> None:
    """Without an order that protects her, her no holds at once; with nothing monitored there is nothing to take back."""
    place = await entered(service, people, document(orders=[]))
    desk = Desk(people, service, place.clock, WORDS)
    assert (await withdrawing.ask(desk, place.at("police"), place.ids["she"]))[1]
    with pytest.raises(Conflict):
        await withdrawing.ask(desk, place.at("police"), place.ids["neighbour"])
