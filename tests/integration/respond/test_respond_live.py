"""The live line as terminals know it: the desk's own application, a real record and a real log."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg
import pytest
import websockets
from argon2 import PasswordHasher
from nats.aio.client import Client
from sqlalchemy.exc import SQLAlchemyError
from tests.conftest import free_port
from tests.integration.respond.conftest import HERE, Site, site_of
from tests.patience import PATIENCE
from websockets.exceptions import ConnectionClosed

from jikimi.app.common import Context
from jikimi.app.desk import main
from jikimi.app.pulse import Pulse
from jikimi.detect.facts import Carry, Fix, Fixes, RuleChange, encode
from jikimi.detect.rules import canonical
from jikimi.identity import passwords
from jikimi.identity.model import Role
from jikimi.identity.service import create_account, sign_in
from jikimi.kernel.clock import SystemClock
from jikimi.registry.regimes import edition_at
from jikimi.respond import feeds, service
from jikimi.respond import grants as live_grants
from jikimi.respond.model import Message, room_feed, unit_feed
from jikimi.settings import Settings
from jikimi.share import grants
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.stream.client import append, connect
from jikimi.stream.embedded import Nats

CLOCK = SystemClock()
TAGS = {"he": str(uuid4()), "she": str(uuid4())}
WHO = {
    "p1": (Role.POLICE_OFFICER, "police"), "p2": (Role.POLICE_OFFICER, "police"), "m2": (Role.PROBATION_OFFICER, "centre"),
    "x1": (Role.POLICE_OFFICER, "others"), "police": (Role.DISPATCHER, "police"), "centre": (Role.MONITOR, "centre"),
    "others": (Role.DISPATCHER, "others"), "clerk": (Role.REGISTRAR, "police"), "privacy": (Role.REVIEWER, "police"),
}  # fmt: skip


@dataclass
class Terminal:
    """One connected terminal and everything it was sent."""

    socket: websockets.ClientConnection
    seen: list[dict[str, Any]] = field(default_factory=list)
    code: int | None = None

    async def listen(self) -> None:
        """Until the line ends."""
        try:
            async for text in self.socket:
                self.seen.append(msgspec.json.decode(text))
        except ConnectionClosed:
            pass
        self.code = self.socket.close_code

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Frames of a type."""
        return [one for one in self.seen if one["type"] == kind]

    def positions(self) -> list[tuple[str, float]]:
        """Who was shown at what time."""
        return [(one["subject"], one["t"]) for target in self.of("target") for one in target["positions"]]

    async def ack(self, seq: object) -> None:
        """Confirm receipt."""
        await self.socket.send(msgspec.json.encode({"type": "ack", "seq": seq}).decode())


@dataclass
class Desk:
    """A desk at work, and clients of it."""

    site: Site
    url: str
    tokens: dict[str, str]
    intake: Client
    lines: list[asyncio.Task[None]] = field(default_factory=list)

    async def terminal(self, who: str, after: int | None = None, *, open_too: bool = True) -> Terminal:
        """Somebody's terminal, welcomed."""
        address = self.url.replace("http", "ws") + "/api/live" + ("" if after is None else f"?after={after}")
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        made = Terminal(await websockets.connect(address, additional_headers=headers, max_queue=2**16))
        self.lines.append(asyncio.create_task(made.listen()))
        if open_too:
            await until(lambda: made.of("welcome"))
        return made

    async def call(self, who: str, method: str, path: str, body: object = None) -> httpx.Response:
        """One request of somebody's."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        async with httpx.AsyncClient(base_url=self.url, timeout=10 * PATIENCE) as client:
            return await client.request(method, path, json=body, headers=headers)

    async def move(self, *refs: str) -> float:
        """Each reports from a new place; returns the time of the fixes."""
        now = time.time()
        fixes = [Fix(TAGS[ref], now, HERE[0], HERE[1] + 0.0001, 5.0) for ref in refs]
        await append(self.intake, names.FIXES, encode(Fixes(now, fixes)))
        return now


async def until(condition: Callable[[], Any], patience_s: float = 20) -> None:
    """Wait for something to hold."""
    async with asyncio.timeout(PATIENCE * patience_s):
        while True:
            found = condition()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def desk(
    service: Database, database_url: str, nats_server: Nats, data: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    """The desk's role in this process, with one account for everybody."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    clients = {role: await connect(nats_server.url(role), role) for role in ("operator", "respond", "desk", "intake")}
    rules = edition_at(time.time(), "kr")
    await append(clients["operator"], f"{names.RULES}.kr", encode(RuleChange(0.0, rules.version, canonical(rules))))
    site = await site_of(service, clients["respond"])
    for ref in ("he", "she"):
        carry = Carry(0.0, f"carry-{ref}", TAGS[ref], str(site.ids[ref]), 0.0)
        await append(clients["operator"], f"{names.CARRY}.{ref}", encode(carry))
    tokens = {}
    for ref, (role, agency) in WHO.items():
        async with service.transaction() as connection:
            unit = site.ids.get(ref) if role in {Role.POLICE_OFFICER, Role.PROBATION_OFFICER} else None
            _, password = await create_account(connection, site.ids[agency], role, f"it-{ref}", None, unit)
        tokens[ref] = (await sign_in(service, CLOCK, f"it-{ref}", password))[0]
    port = free_port()
    settings = Settings.read({"JIKIMI_DATA": str(data), "JIKIMI_PORT": str(port)})
    pulse = Pulse("desk", clients["desk"], settings.pulse_of("desk"))
    running = asyncio.create_task(main(Context(settings, "desk", CLOCK, database_url, clients["desk"], pulse)))
    made = Desk(site, f"http://127.0.0.1:{port}", tokens, clients["intake"])
    await until(lambda: _answers(made))
    yield made
    for line in made.lines:
        line.cancel()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    for client in clients.values():
        await client.close()


async def _answers(desk: Desk) -> bool:
    with suppress(httpx.HTTPError):
        async with httpx.AsyncClient() as client:
            return (await client.get(desk.url + "/healthz")).status_code == 200
    return False


# who is let in ------------------------------------------------------------------------------------------------


async def test_nobody_without_a_session_and_no_role_without_a_line(desk: Desk) -> None:
    """Anonymous and a made-up token are 4401, a registrar 4403; not one of them is sent a byte."""
    desk.tokens["liar"] = "made-up"
    for who, code in (("nobody", 4401), ("liar", 4401), ("clerk", 4403)):
        line = await desk.terminal(who, open_too=False)
        await until(lambda line=line: line.code is not None)  # type: ignore[misc]
        assert (line.code, line.seen) == (code, [])


async def test_a_session_that_ends_ends_its_line(desk: Desk) -> None:
    """After signing out the line is closed with 4401 and what is said from then on does not reach it."""
    line, other = await desk.terminal("p1"), await desk.terminal("m2")
    assert (await desk.call("p1", "DELETE", "/api/sessions/current")).status_code == 204
    await desk.site.take(desk.site.alert())
    await until(lambda: line.code is not None)
    assert line.code == 4401
    assert line.of("message") == []
    await until(lambda: other.of("message"))
    assert other.code is None


# messages -----------------------------------------------------------------------------------------------------


async def test_a_terminal_is_told_what_is_open_and_then_what_happens(desk: Desk) -> None:
    """Welcome holds the open orders of its feed; later ones come by wire, numbered on, recorded, and marked as real."""
    site = desk.site
    await site.take(site.alert(), site.alert(order="third"))
    line = await desk.terminal("p1")
    (hello,) = line.of("welcome")
    assert hello["feed"] == unit_feed(site.ids["p1"])
    assert (hello["seq"], hello["after"]) == (1, 1)
    assert [(one["kind"], one["seq"], one["recorded"]) for one in hello["open"]] == [("tasking", 1, True)]
    await site.answer("p1", "accepted")
    await until(lambda: line.of("message"))
    said = line.of("message")[0]
    assert (said["seq"], said["kind"], said["recorded"]) == (2, "tasking_state", True)
    assert said["body"]["state"] == "accepted"
    await until(lambda: line.of("beat"))
    assert {one["exercise"] for one in line.seen} == {False}
    await site.close(outcome="apprehended")
    await until(lambda: line.of("message")[-1]["kind"] == "incident_closed")
    again = await desk.terminal("p1")
    assert again.of("welcome")[0]["open"] == []


async def test_a_terminal_that_returns_gets_what_it_missed_once_and_in_order(desk: Desk) -> None:
    """With the last number it had, everything after it and nothing before; with a number from nowhere, what is open."""
    site = desk.site
    await site.take(site.alert("A06"), site.alert("A02"), site.alert("A08"))
    line = await desk.terminal("police", after=1)
    await until(lambda: len(line.of("message")) == 2)
    assert [one["seq"] for one in line.of("message")] == [2, 3]
    assert line.of("welcome")[0]["open"] == []
    strange = await desk.terminal("police", after=999)
    assert (strange.of("welcome")[0]["after"], len(strange.of("welcome")[0]["open"])) == (3, 3)
    await site.take(site.alert("A07", n=5))
    await until(lambda: len(line.of("message")) == 3 and strange.of("message"))
    assert line.of("message")[-1]["seq"] == strange.of("message")[-1]["seq"] == 4


async def test_a_word_lost_on_the_wire_is_fetched_from_the_record(desk: Desk) -> None:
    """What was committed and never published arrives all the same, before what follows it."""
    site = desk.site
    line = await desk.terminal("police")

    async def say(number: int, *, aloud: bool) -> None:
        message = Message(room_feed(site.ids["police"]), site.ids["police"], "note", {"n": number})
        async with site.database.transaction() as connection:
            await feeds.post(connection, [message], time.time())
        if aloud:
            await feeds.publish(site.client, [message])

    await say(1, aloud=False)
    await until(lambda: line.of("message"))
    await say(2, aloud=False)
    await say(3, aloud=True)
    await say(4, aloud=True)
    await until(lambda: len(line.of("message")) == 4)
    assert [(one["seq"], one["body"]["n"]) for one in line.of("message")] == [(n, n) for n in (1, 2, 3, 4)]
    late = Message(room_feed(site.ids["police"]), site.ids["police"], "note", {"n": 2}, None, 2)
    await feeds.publish(site.client, [late])
    await say(5, aloud=True)
    await until(lambda: len(line.of("message")) == 5)
    assert [one["seq"] for one in line.of("message")] == [1, 2, 3, 4, 5]


async def test_confirming_receipt_makes_a_delivery_delivered(desk: Desk) -> None:
    """Queued, sent when it left, delivered when the terminal said so, on the ledger, once."""
    site = desk.site
    line = await desk.terminal("p1")
    await site.take(site.alert())
    await until(lambda: line.of("message"))
    which = (await site.rows("SELECT id FROM delivery WHERE tasking = :id", id=await site.tasking("p1")))[0]["id"]

    async def state() -> str:
        return str(await site.one("SELECT state FROM delivery WHERE id = :id", id=which))

    await until(lambda: _is(state, "sent"))
    for _ in range(3):
        await line.ack(1)
    await until(lambda: _is(state, "delivered"))
    await asyncio.sleep(0.2)
    told = [row for row in await site.ledger() if row["kind"] == "delivery.delivered"]
    assert [row["delivery"] for row in told] == [str(which)]
    await site.pass_time(11)
    assert {t["ref"] for t in await site.taskings("police")} == {"p1"}


async def _is(what: Callable[[], Any], value: object) -> bool:
    return bool(await what() == value)


@pytest.mark.parametrize(
    "said", ["", "no json", "[1]", '{"type":"ack"}', '{"type":"ack","seq":"1"}', "[" * 50_000, b"\xff", b"\x00\x01"]
)
async def test_what_a_terminal_says_cannot_break_its_line(desk: Desk, said: str | bytes) -> None:
    """Garbage, text or bytes, is passed over and the line goes on."""
    line = await desk.terminal("p1")
    await line.socket.send(said)
    await desk.site.take(desk.site.alert())
    await until(lambda: line.of("message"))
    assert line.code is None


async def test_only_what_was_sent_can_be_confirmed(desk: Desk) -> None:
    """Numbers of tomorrow, of nobody and of no kind confirm nothing; a number that was sent does."""
    site = desk.site
    line = await desk.terminal("p1")
    for seq in (99, True, -1, 0, 2**70, 1.0, None):
        await line.ack(seq)
    await site.take(site.alert())
    await until(lambda: line.of("message"))
    await asyncio.sleep(0.3)
    query = "SELECT count(*) FROM delivery WHERE delivered_at IS NOT NULL"
    assert await site.one(query) == 0
    await line.ack(1)
    await until(lambda: _is(lambda: site.one(query), 1))


async def test_a_terminal_that_cannot_keep_up_is_told_to_come_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line is closed with 1013, and with its last number it gets everything it missed."""
    monkeypatch.setattr("jikimi.respond.seat.MOST_WAITING", 3)
    site = desk.site
    line = await desk.terminal("police")
    messages = [Message(room_feed(site.ids["police"]), site.ids["police"], "note", {"n": n}) for n in range(80)]
    async with site.database.transaction() as connection:
        await feeds.post(connection, messages, time.time())
    await feeds.publish(site.client, messages)
    await until(lambda: line.code is not None)
    assert line.code == 1013
    had = max((one["seq"] for one in line.of("message")), default=0)
    again = await desk.terminal("police", after=had)
    await until(lambda: had + len(again.of("message")) >= 80)
    assert [one["seq"] for one in again.of("message")] == list(range(had + 1, 81))


# positions ----------------------------------------------------------------------------------------------------


async def test_positions_reach_the_assigned_units_and_both_rooms_and_nobody_else(desk: Desk) -> None:
    """Both move on the lines of the rooms and of whoever goes to her, he alone for whoever goes to him; others see none."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("p1", "p2", "m2", "x1", "police", "centre", "others")}
    his = {str(site.ids["he"])}
    parties = his | {str(site.ids["she"])}
    await desk.move("he", "she")
    await asyncio.sleep(0.3)
    assert all(line.of("target") == [] for line in lines.values())
    await site.take(site.alert())
    allowed = {"p1": parties, "m2": his, "police": parties, "centre": parties}
    await until(lambda: all({who for who, _ in lines[ref].positions()} == seen for ref, seen in allowed.items()))
    at = await desk.move("he", "she")
    await until(
        lambda: all({who for who, t in lines[ref].positions() if t == at} == seen for ref, seen in allowed.items())
    )
    (one,) = [one for one in lines["p1"].of("target")[-1]["positions"] if one["subject"] == str(site.ids["he"])][:1]
    assert set(one) >= {"lon", "lat", "sigma_m", "age_s", "t"}
    assert lines["p1"].of("target")[-1]["incident"] == str((await site.incident())["id"])
    for ref in ("p2", "x1", "others"):
        assert lines[ref].of("target") == []
        assert not any(party in str(lines[ref].seen) for party in parties)
    query = "SELECT account, article, subject FROM access_register WHERE what = 'live_positions' AND allowed"
    await until(lambda: _many(site, query, 4))
    rows = await site.rows(query)
    assert {row["subject"] for row in rows} == {str((await site.incident())["id"])}
    assert all(row["article"] for row in rows)


async def _many(site: Site, query: str, count: int) -> bool:
    return len(await site.rows(query)) == count


async def test_when_the_incident_closes_not_a_byte_more(desk: Desk) -> None:
    """From the closing on no position goes out, not even through a word that came late or a hint that was lost."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("p1", "m2", "police", "centre")}
    await site.take(site.alert())
    await desk.move("he", "she")
    await until(lambda: all(len(line.positions()) >= (1 if who == "m2" else 2) for who, line in lines.items()))
    notice = next(one for one in lines["police"].of("message") if one["kind"] == "alert")
    await site.close(outcome="apprehended")
    await until(lambda: all(line.of("message")[-1]["kind"] == "incident_closed" for line in lines.values()))
    for ref, line in lines.items():
        feed = unit_feed(site.ids[ref]) if ref[1:].isdigit() else room_feed(site.ids[ref])
        late = Message(feed, site.ids["police"], "alert", notice["body"], UUID(notice["incident"]), None)
        await feeds.publish(site.client, [late])
        await until(lambda line=line: line.of("message")[-1]["kind"] == "alert")  # type: ignore[misc]
    at = await desk.move("he", "she")
    await asyncio.sleep(1.5)
    for line in lines.values():
        assert not [one for one in line.positions() if one[1] >= at]
        assert line.code is None


async def test_a_closing_whose_word_was_lost_ends_the_picture_all_the_same(desk: Desk) -> None:
    """Within a second of the record's saying so nobody follows any more, and a unit that is cleared follows no more."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("p1", "m2", "police")}
    await site.take(site.alert())
    await desk.move("he")
    await until(lambda: all(line.positions() for line in lines.values()))
    await site.answer("p1", "rejected", "busy")
    await until(lambda: lines["p1"].of("message")[-1]["kind"] == "tasking_state")
    at = await desk.move("he")
    await until(lambda: [one for one in lines["police"].positions() if one[1] == at])
    assert not [one for one in lines["p1"].positions() if one[1] >= at]
    await site.arrive((await site.incident())["id"])
    async with site.database.transaction() as connection:  # committed, and nobody is told
        closing = service_closing()
        await service.close(connection, site.room("police"), (await site.incident())["id"], closing, site.clock.at)
    await until(lambda: lines["police"].of("message")[-1]["kind"] == "incident_closed")
    await asyncio.sleep(1.2)
    at = await desk.move("he")
    await asyncio.sleep(0.5)
    for line in lines.values():
        assert not [one for one in line.positions() if one[1] >= at]


def service_closing() -> service.Closing:
    """Good codes."""
    return service.Closing("real_approach", "both_on_scene", "apprehended")


async def test_a_terminal_that_comes_later_is_granted_what_the_record_says(desk: Desk) -> None:
    """Connecting in the middle, an assigned officer follows at once and an unassigned one does not."""
    site = desk.site
    await site.take(site.alert())
    mine, other = await desk.terminal("p1"), await desk.terminal("p2")
    at = await desk.move("he")
    await until(lambda: [one for one in mine.positions() if one[1] == at])
    assert other.of("target") == []


async def test_a_revoked_grant_stops_every_line_within_a_second(desk: Desk) -> None:
    """Whoever holds a socket, or comes back to resume, is shown not a byte of her after one second; he is shown on."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("p1", "police", "centre")}
    await site.take(site.alert())
    await desk.move("he", "she")
    she, he = str(site.ids["she"]), str(site.ids["he"])
    await until(lambda: all({who for who, _ in line.positions()} == {he, she} for line in lines.values()))
    for grant in await site.rows(
        "SELECT id FROM access_grant WHERE subject = :she AND ended_at IS NULL", she=site.ids["she"]
    ):
        async with site.database.transaction() as connection:
            assert await grants.end(connection, grant["id"], uuid4(), time.time())
    await asyncio.sleep(1.1)
    lines["again"] = await desk.terminal("p1", 0)
    for _ in range(5):
        at = await desk.move("he", "she")
        await asyncio.sleep(0.2)
    await until(lambda: all((he, at) in line.positions() for line in lines.values()))
    first = min(t for line in lines.values() for who, t in line.positions() if who == he and t > at - 1.5)
    for line in lines.values():
        assert not [t for who, t in line.positions() if who == she and t >= first]


async def test_a_new_alert_gives_no_revoked_grant_back(desk: Desk) -> None:
    """Not for a moment: another alert of the same incident opens for nobody what was closed for them."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("police", "centre")}
    await site.take(site.alert())
    await desk.move("he", "she")
    she, he = str(site.ids["she"]), str(site.ids["he"])
    await until(lambda: all({who for who, _ in line.positions()} == {he, she} for line in lines.values()))
    await site.execute("UPDATE access_grant SET ended_at = now() WHERE subject = :she", she=site.ids["she"])
    await asyncio.sleep(1.2)
    since = time.time()
    for n in range(1, 6):
        await site.take(site.alert(n=n))
        at = await desk.move("he", "she")
    await until(lambda: all((he, at) in line.positions() for line in lines.values()))
    for line in lines.values():
        assert len([one for one in line.of("message") if one["kind"] == "alert"]) == 6
        assert not [t for who, t in line.positions() if who == she and t >= since]


async def test_an_officer_sent_to_her_again_is_told_where_she_is(desk: Desk) -> None:
    """p1 was done, the incident goes on, and the next alert sends p1 again: the order is as whole as the first, and she moves."""
    site = desk.site
    line = await desk.terminal("p1")
    await desk.move("he", "she")
    await site.take(site.alert())
    for state in ("accepted", "on_scene", "cleared"):
        await site.answer("p1", state)
    await until(lambda: len(line.of("message")) == 4)
    since = len(line.seen)
    await site.take(site.alert("A03", n=2))
    assert [one["state"] for one in await site.taskings("police")] == ["cleared", "tasked"]
    await until(lambda: len(line.of("message")) == 5)
    first, again = (one["body"] for one in line.of("message") if one["kind"] == "tasking")
    named = ("victim", "victim_id", "offender", "offender_id", "distance_m", "reasons")
    assert [name for name in named if not first[name] or not again[name]] == []
    parties = {str(site.ids[ref]) for ref in ("he", "she")}
    await until(lambda: {who for who, _ in Terminal(line.socket, line.seen[since:]).positions()} == parties)


async def test_an_order_that_had_to_leave_before_the_record_answered_comes_again_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record stalls while p1 is sent again: the order leaves after a moment as it may, and whole once the record answers."""
    site = desk.site
    line = await desk.terminal("p1")
    await site.take(site.alert())
    for state in ("accepted", "on_scene", "cleared"):
        await site.answer("p1", state)
    await until(lambda: len(line.of("message")) == 4)
    real, stalled = live_grants.last_numbers, asyncio.Event()

    async def stalls(*asked: Any) -> dict[str, int]:
        await stalled.wait()
        return await real(*asked)

    monkeypatch.setattr(live_grants, "last_numbers", stalls)
    await site.take(site.alert("A03", n=2))
    await until(lambda: len(line.of("message")) == 5)
    assert line.of("message")[-1]["body"]["victim"] is None
    assert line.of("message")[-1]["body"]["victim_id"] is None
    stalled.set()
    await until(lambda: len(line.of("message")) == 6)
    early, whole = line.of("message")[-2:]
    assert (whole["seq"], whole["body"]["tasking"]) == (early["seq"], early["body"]["tasking"])
    assert whole["body"]["victim"] is not None
    assert whole["body"]["victim_id"] == str(site.ids["she"])


async def test_a_clock_a_little_ahead_takes_nobody_s_position_away(desk: Desk) -> None:
    """The responder's machine is two seconds ahead of the desk's: the officer sent to her is not told to forget anybody."""
    site = desk.site
    line = await desk.terminal("p1")
    site.clock.at = time.time() + 2
    await site.take(site.alert())
    await until(lambda: line.of("message"))
    await asyncio.sleep(1.2)
    at = await desk.move("he", "she")
    await until(lambda: len([t for _, t in line.positions() if t == at]) == 2)
    assert line.of("withheld") == []


async def test_whoever_returns_while_another_incident_opens_finds_the_first_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came by wire of one incident while the record was read takes nothing away of what was read of the others."""
    site = desk.site
    await site.take(site.alert())
    real, done = live_grants.last_numbers, list[int]()

    async def meanwhile(connection: Any, seats: Any) -> Any:
        found = await real(connection, seats)
        if not done and any(seat.actor.name == "it-police" for seat in seats):
            done.append(1)
            await site.take(site.alert(order="third"))
            await asyncio.sleep(0.3)
        return found

    monkeypatch.setattr(live_grants, "last_numbers", meanwhile)
    line = await desk.terminal("police")
    assert done
    assert [one["body"]["distance_m"] for one in line.of("welcome")[0]["open"]] == [80.0, 80.0]


async def test_nobody_is_told_of_their_own_case_live(desk: Desk) -> None:
    """A dispatcher tied to a party hears of other incidents, and of that one only that there was a number."""
    site = desk.site
    account = await site.one("SELECT id FROM account WHERE name = 'it-police'")
    tie = "INSERT INTO staff_tie (account, person, relation) VALUES (:account, :person, 'kin')"
    for ref in ("he", "she"):
        await site.execute(tie, account=account, person=site.ids[ref])
    line, other = await desk.terminal("police"), await desk.terminal("centre")
    await site.take(site.alert())
    await site.take(site.alert("A02", "third"))
    await desk.move("he", "she")
    await until(lambda: other.positions() and [one for one in line.of("message") if one["kind"] == "alert"])
    incident = (await site.incident())["id"]
    again = await desk.terminal("police", 0)
    await until(lambda: again.of("message"))
    await asyncio.sleep(1.2)
    late = await desk.terminal("police")
    for told in (line.seen, again.seen, late.seen):
        for secret in (site.ids["he"], site.ids["she"], incident):
            assert str(secret) not in str(told)
        assert str(site.ids["he3"]) in str(told)
    for one in (line, again):
        numbers = [message["seq"] for message in one.of("message")]
        assert numbers == list(range(1, len(numbers) + 1))
    # The other agency's unit is there for that case alone, and its own without a word of where it is.
    (theirs, mine) = [{one["callsign"]: one["lat"] for one in seen.of("units")[-1]["units"]} for seen in (other, line)]
    assert theirs["P-1"] is not None
    assert "M-2" in theirs
    assert mine["P-1"] is None
    assert mine["P-2"] is not None
    assert "M-2" not in mine
    assert (await desk.call("police", "GET", f"/api/incidents/{incident}")).status_code == 404
    for path, body in (("take", None), ("log", {"text": "called"}), ("close", {
        "cause": "real_approach", "response": "both_on_scene", "outcome": "apprehended"})):  # fmt: skip
        assert (await desk.call("police", "POST", f"/api/incidents/{incident}/{path}", body)).status_code == 404
    assert str(incident) not in (await desk.call("police", "GET", "/api/overview")).text
    assert str(incident) not in (await desk.call("police", "GET", "/api/incidents")).text
    assert str(incident) in (await desk.call("centre", "GET", "/api/overview")).text
    for who in ("police", "centre"):
        page = Message(
            room_feed(site.ids[who]), site.ids[who], "page", {"why": "access-told", "subject": str(site.ids["he"])}
        )
        async with site.database.transaction() as connection:
            await feeds.post(connection, [page], time.time())
    assert str(site.ids["he"]) not in (await desk.call("police", "GET", "/api/notices")).text
    assert str(site.ids["he"]) in (await desk.call("centre", "GET", "/api/notices")).text


async def test_an_officer_who_is_a_party_answers_no_order_of_it(desk: Desk) -> None:
    """Their terminal is told nothing of it and takes no step in it; help, which is about themselves, is never refused.

    Nobody is sent to their own case; this one became it while the order was being given.
    """
    site = desk.site
    await site.responder.roster.reload(site.database)
    account = await site.one("SELECT id FROM account WHERE name = 'it-p1'")
    await site.execute(
        "INSERT INTO staff_tie (account, person, relation) VALUES (:account, :person, 'self')",
        account=account, person=site.ids["she"],
    )  # fmt: skip
    line = await desk.terminal("p1")
    await site.responder.take(site.entries(site.alert()))
    await desk.move("he", "she")
    await until(lambda: line.of("message"))
    await asyncio.sleep(1.2)
    assert line.positions() == []
    assert {one["kind"] for one in line.of("message")} == {"withheld"}
    tasking = await site.tasking("p1")
    assert (await desk.call("p1", "POST", f"/api/taskings/{tasking}/answer", {"state": "accepted"})).status_code == 404
    assert (await desk.call("p1", "POST", f"/api/taskings/{tasking}/help")).status_code == 204


# the record away ----------------------------------------------------------------------------------------------


async def test_open_lines_outlive_the_record(desk: Desk, database_url: str) -> None:
    """While the record is away a line stays open for what is not yet recorded; a new one is told to come back."""
    site = desk.site
    line = await desk.terminal("p1")
    feed = unit_feed(site.ids["p1"])
    gap = [Message(feed, site.ids["police"], "note", {"n": n}) for n in (1, 2)]
    async with site.database.transaction() as connection:
        await feeds.post(connection, gap, time.time())
    shut(database_url, allow=False)
    await feeds.publish(site.client, gap[1:])  # its forerunner never came by wire and cannot be read now
    await feeds.publish(site.client, [Message(feed, site.ids["police"], "tasking", {"n": 3}, None, None)])
    # What was put on record just before may have been read from it while it was there.
    await until(lambda: [one for one in line.of("message") if not one["recorded"]])
    assert [one["body"]["n"] for one in line.of("message") if not one["recorded"]] == [3]
    other = await desk.terminal("m2", open_too=False)
    await until(lambda: other.code is not None)
    assert (other.code, other.seen) == (1013, [])
    shut(database_url, allow=True)
    await until(lambda: len(line.of("message")) == 3)
    assert [one["seq"] for one in line.of("message") if one["recorded"]] == [1, 2]


async def test_a_receipt_confirmed_while_the_record_is_away_is_written_when_it_is_back(
    desk: Desk, database_url: str
) -> None:
    """What a terminal confirmed is not forgotten, and nobody is chased for it."""
    site = desk.site
    line = await desk.terminal("p1")
    await site.take(site.alert())
    await until(lambda: line.of("message"))
    shut(database_url, allow=False)
    await line.ack(1)
    await asyncio.sleep(0.5)
    shut(database_url, allow=True)
    query = "SELECT count(*) FROM delivery WHERE tasking IS NOT NULL AND delivered_at IS NOT NULL"
    await until(lambda: _is(lambda: _one_or_none(site, query), 1))
    assert line.code is None


async def _one_or_none(site: Site, query: str) -> object:
    with suppress(SQLAlchemyError):
        return await site.one(query)
    return None


def shut(url: str, *, allow: bool) -> None:
    """Take a database away, sessions and all, or give it back."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(server + "/postgres", autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {"true" if allow else "false"}'.encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


# over HTTP ----------------------------------------------------------------------------------------------------


async def test_officers_and_rooms_work_over_http(desk: Desk) -> None:
    """Accept, take and close over HTTP: told live, seen in the list, refused where it must be, and on the register."""
    site = desk.site
    line = await desk.terminal("centre")
    await site.take(site.alert())
    incident = str((await site.incident())["id"])
    tasking = str(await site.tasking("p1"))
    answer = f"/api/taskings/{tasking}/answer"
    assert (await desk.call("p1", "POST", answer, {"state": "accepted"})).status_code == 204
    await until(lambda: [one for one in line.of("message") if one["kind"] == "tasking_state"])
    assert (await desk.call("p1", "POST", answer, {"state": "cleared"})).status_code == 409
    assert (await desk.call("p1", "POST", answer, {"state": "rejected"})).status_code == 400
    assert (await desk.call("p1", "POST", answer, {"state": "dancing"})).status_code == 400
    assert (await desk.call("police", "POST", f"/api/incidents/{incident}/take")).status_code == 204
    closing = {"cause": "gps_drift", "response": "none_needed", "outcome": "false_alarm"}
    refused = await desk.call("police", "POST", f"/api/incidents/{incident}/close", closing)
    assert (refused.status_code, refused.json()["code"]) == (409, "still-going-on")
    assert "incident.close_refused" in [row["kind"] for row in await site.ledger()]
    whole = (await desk.call("centre", "GET", f"/api/incidents/{incident}")).json()
    assert {one["state"] for one in whole["taskings"]} == {"accepted", "tasked"}
    assert [one["code"] for one in whole["alerts"]] == ["A02"]
    assert not re.search(r"(?<!\d)127\.0", str(whole))
    good = {**closing, "response": "both_on_scene", "outcome": "apprehended"}
    refused = await desk.call("police", "POST", f"/api/incidents/{incident}/close", good)
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody-came")
    assert [row["kind"] for row in await site.ledger()].count("incident.close_refused") == 2
    assert (await desk.call("p1", "POST", answer, {"state": "on_scene"})).status_code == 204
    assert (await desk.call("police", "POST", f"/api/incidents/{incident}/close", good)).status_code == 204
    await until(lambda: line.of("message")[-1]["kind"] == "incident_closed")
    assert (await desk.call("police", "POST", f"/api/incidents/{incident}/close", good)).status_code == 409


async def test_incidents_are_seen_by_their_two_agencies_and_by_officers_while_tasked(desk: Desk) -> None:
    """Both rooms and the tasked officer see it; another unit, another agency and the officer afterwards do not."""
    site = desk.site
    await site.take(site.alert())
    incident = (await site.incident())["id"]

    async def seen(who: str, extra: str = "") -> tuple[int, int]:
        listed = (await desk.call(who, "GET", f"/api/incidents{extra}")).json()
        return len(listed), (await desk.call(who, "GET", f"/api/incidents/{incident}")).status_code

    for who, found in {"police": (1, 200), "centre": (1, 200), "p1": (1, 200), "p2": (0, 404), "others": (0, 404),
                       "x1": (0, 404)}.items():  # fmt: skip
        assert await seen(who) == found, who
    assert (await desk.call("clerk", "GET", "/api/incidents")).status_code == 403
    await site.close(outcome="apprehended")
    assert await seen("p1", "?closed=true") == (0, 404)
    assert await seen("police") == (0, 200)
    assert (await seen("police", "?closed=true"))[0] == 1
    looks = await site.rows("SELECT what, allowed FROM access_register WHERE what = 'incident'")
    assert sorted(row["allowed"] for row in looks) == [False] * 4 + [True] * 5
