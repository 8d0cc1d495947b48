"""What reaches whoever's access has ended: on lines that were open, on those that come back, in what they ask for again.

A real desk, a real record, a real broker; every try afterwards stands on the register.
"""

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from sqlalchemy import text
from tests.integration.respond.test_respond_live import Desk, Terminal, desk, until
from tests.openid import CLIENT, SECRET, OpenIdProvider, openid_provider
from tests.patience import stolen_s

from jikimi.app import desk as role
from jikimi.identity.model import Actor, Role
from jikimi.identity.oidc import OpenId
from jikimi.kernel.clock import SystemClock, iso
from jikimi.kernel.ids import uuid7
from jikimi.respond import feeds
from jikimi.respond.hub import Hub
from jikimi.respond.model import Message, room_feed
from jikimi.share import grants
from jikimi.share import said as words
from jikimi.share.policy import ARTICLES, Purpose
from jikimi.share.withdrawn import OVERLAP_S

__all__ = ["desk"]
SECOND = 1.0


async def revoke(desk: Desk, agency: str, who: str, unit: str | None = None) -> float:
    """End one agency's (one unit's) grants on somebody, as a reviewer does; returns when."""
    found = await desk.site.rows(
        "SELECT id FROM access_grant WHERE subject = :who AND agency = :agency AND ended_at IS NULL"
        " AND unit IS NOT DISTINCT FROM CAST(:unit AS uuid)",
        who=desk.site.ids[who], agency=desk.site.ids[agency], unit=desk.site.ids[unit] if unit else None,
    )  # fmt: skip
    assert found
    now = time.time()
    async with desk.site.database.transaction() as connection:
        for row in found:
            assert await grants.end(connection, row["id"], uuid4(), now)
    return now


async def working(desk: Desk, *who: str) -> dict[str, Terminal]:
    """Terminals that follow both parties of an incident."""
    lines = {one: await desk.terminal(one) for one in who}
    await desk.site.take(desk.site.alert())
    await desk.move("he", "she")
    she = str(desk.site.ids["she"])
    await until(lambda: all(she in {subject for subject, _ in line.positions()} for line in lines.values()))
    return lines


def pairs(line: Terminal, since: float) -> list[dict[str, Any]]:
    """How near they are, as told after a time."""
    return [one for one in line.of("pair") if one["at"] > since]


async def test_an_open_line_is_told_what_to_forget_within_a_second(desk: Desk) -> None:
    """Only the room whose grant it was; from then on neither her place, nor how far from her anybody is, nor a file's name."""
    site = desk.site
    lines = await working(desk, "centre", "police")
    she, he = str(site.ids["she"]), str(site.ids["he"])
    incident = str((await site.incident())["id"])
    await until(lambda: all(pairs(line, 0) and pairs(line, 0)[-1]["distance_m"] is not None for line in lines.values()))
    before = stolen_s()
    at = await revoke(desk, "centre", "she")
    await until(lambda: lines["centre"].of("withheld"))
    (told,) = lines["centre"].of("withheld")
    assert told["at"] - at < SECOND + stolen_s() - before
    assert (told["subjects"], told["positions"], told["incidents"], told["anew"]) == ([she], [she], [], False)
    await desk.move("he", "she")
    await until(lambda: all(len(pairs(line, told["at"])) > 1 for line in lines.values()))
    await until(lambda: [one for one in lines["centre"].of("units") if one["at"] > told["at"] + 0.2])
    assert {one["distance_m"] for one in pairs(lines["centre"], told["at"])} == {None}
    assert {one["time_to_contact_s"] for one in pairs(lines["centre"], told["at"])} == {None}
    assert pairs(lines["police"], told["at"])[-1]["distance_m"] is not None
    assert lines["police"].of("withheld") == []
    units = [one for one in lines["centre"].of("units") if one["at"] > told["at"] + 0.2][-1]["units"]
    to_her = [one for one in units if one["incident"] == incident and one["toward"] == "victim"]
    assert to_her
    assert {(one["distance_m"], one["eta_s"]) for one in to_her} == {(None, None)}
    assert [one for one in units if one["toward"] == "offender" and one["distance_m"] is not None]
    whole = (await desk.call("centre", "GET", f"/api/incidents/{incident}")).json()
    assert {one["toward"]: bool(one["reasons"]) for one in whole["taskings"]} == {"victim": False, "offender": True}
    assert he in str(lines["centre"].seen[-40:])


async def test_who_stands_beside_her_is_no_point_for_whoever_may_not_follow_her(desk: Desk) -> None:
    """The centre's access to her ends: the officer who is with her, and one who goes to her, stay on its list and leave its map."""
    site = desk.site
    lines = await working(desk, "centre", "police")
    for state in ("accepted", "on_scene"):
        await site.answer("p1", state)
    at = {"lon": 127.0004321, "lat": 37.5006789, "sigma_m": 5, "at": iso(time.time())}
    assert (await desk.call("p1", "PUT", f"/api/units/{site.ids['p1']}/position", at)).status_code == 200
    await until(lambda: "37.5006789" in str(lines["centre"].of("units")[-1:]))
    assert "37.5006789" in (await desk.call("centre", "GET", "/api/registry/units")).text
    await revoke(desk, "centre", "she")
    await until(lambda: lines["centre"].of("withheld"))
    told = lines["centre"].of("withheld")[0]["at"]
    await until(lambda: all([one for one in line.of("units") if one["at"] > told + 0.2] for line in lines.values()))
    theirs, mine = (
        {one["callsign"]: one for one in lines[who].of("units")[-1]["units"]} for who in ("centre", "police")
    )
    assert (theirs["P-1"]["lat"], theirs["P-1"]["state"]) == (None, "on_scene")
    assert theirs["M-1"]["lat"] is not None
    assert theirs["M-2"]["toward"] == "offender"
    assert theirs["M-2"]["lat"] is not None
    assert mine["P-1"]["lat"] == at["lat"]
    read = {who: (await desk.call(who, "GET", "/api/registry/units")).text for who in ("centre", "police")}
    assert {who: "37.5006789" in said for who, said in read.items()} == {"centre": False, "police": True}


class Slow:
    """A terminal that takes nothing for a while, as the server's flow control shows it to the hub."""

    application_state = None

    def __init__(self) -> None:
        self.takes, self.sent = asyncio.Event(), list[tuple[float, dict[str, Any]]]()
        self.takes.set()

    async def send_bytes(self, data: bytes) -> None:
        """Taken in when it takes anything."""
        handed = time.time()
        await self.takes.wait()
        self.sent.append((handed, msgspec.json.decode(data)))

    async def receive(self) -> dict[str, Any]:
        """It says nothing."""
        await asyncio.Event().wait()
        return {}

    async def close(self, *_: Any) -> None:
        """Nobody waits for it."""


async def test_what_waited_on_a_full_line_leaves_as_it_may_then(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line stood full while the access ended: it is sent the newest look at units alone, without how far any is from her."""
    site, hubs, real = desk.site, list[Hub](), Hub.attend

    async def attend(self: Hub, *said: Any) -> None:
        hubs.append(self)
        await real(self, *said)

    monkeypatch.setattr(Hub, "attend", attend)
    await working(desk, "police")
    row = (await site.rows("SELECT s.id, a.id AS account FROM session s JOIN account a ON a.id = s.account"
                           " WHERE a.name = 'it-centre'"))[0]  # fmt: skip
    socket = Slow()
    actor = Actor(row["account"], site.ids["centre"], Role.MONITOR, None, "it-centre", row["id"])
    line = asyncio.create_task(real(hubs[0], socket, actor, "t", None))  # type: ignore[arg-type]

    def units(since: float) -> list[dict[str, Any]]:
        return [said for handed, said in socket.sent if handed >= since and said["type"] == "units"]

    await until(lambda: any(one["distance_m"] for said in units(0)[-1:] for one in said["units"]))
    socket.takes.clear()
    await asyncio.sleep(2.5)
    await revoke(desk, "centre", "she")
    await asyncio.sleep(1.5)
    since, before = time.time(), len(units(0))
    socket.takes.set()
    await until(lambda: units(since))
    line.cancel()
    to_her = [one for said in units(since) for one in said["units"] if one["toward"] == "victim"]
    assert {(one["distance_m"], one["lat"]) for one in to_her} == {(None, None)}
    assert len(units(0)) - before <= 2 + len(units(since + 0.5))


async def test_what_was_missed_comes_without_her(desk: Desk) -> None:
    """Whoever comes back with a number is given every message since, and in none of them where she was or how far away."""
    site = desk.site
    await working(desk, "p1", "police")
    for agency, unit in (("police", None), ("centre", None), ("police", "p1")):
        await revoke(desk, agency, "she", unit)
    for who, after in (("p1", 0), ("police", 0), ("p1", None), ("police", None)):
        line = await desk.terminal(who, after)
        await until(lambda line=line: line.of("message") or line.of("welcome")[0]["open"])  # type: ignore[misc]
        said = [*line.of("message"), *line.of("welcome")[0]["open"]]
        (body,) = [one["body"] for one in said if one["kind"] in {"tasking", "alert"}]
        assert body["distance_m"] is None
        assert body["time_to_contact_s"] is None
        assert body.get("victim") is None
        if who == "p1":
            assert body["offender"] is not None
        else:
            assert set(body["reason"]) <= {"rule", "version", "priority", "dispatch", "code_112", "role"}
            assert [one["reasons"] for one in body["sent"]] == [{}, {}]
    again = site.alert(n=1)
    line = await desk.terminal("centre")
    await site.take(again)
    await until(lambda: [one for one in line.of("message") if one["kind"] == "alert"])
    assert {one["body"]["distance_m"] for one in line.of("message") if one["kind"] == "alert"} == {None}


HIDING = "she hides behind the school"


async def hand_over(desk: Desk, who: str, incident: object) -> None:
    """A colleague of a room has left an incident, and a line to whoever comes."""
    site = desk.site
    async with site.database.transaction() as connection:
        which = uuid7()
        sealed = words.sealed(connection, which, [site.ids["order"]], HIDING)
        await connection.execute(
            text("WITH going AS (INSERT INTO shift (id, agency, account, starts_at, ends_at, begun_at, planned_by)"
                 " SELECT :id, agency, id, now(), now() + interval '8 h', now(), id FROM account WHERE name = 'it-' || :who"
                 " RETURNING id, agency, account)"
                 " INSERT INTO handover (id, agency, shift, account, incidents, taskings, sealed, given_at)"
                 " SELECT id, agency, id, account, ARRAY[CAST(:incident AS uuid)], '{}', :sealed, now() FROM going"),
            {"id": which, "who": who, "incident": incident, "sealed": sealed},
        )  # fmt: skip


async def test_what_is_written_of_her_reaches_nobody_whose_access_has_ended(desk: Desk) -> None:
    """A line of the log and an officer's reason: live, asked for again, and after the incident closes, to the other room alone."""
    site = desk.site
    lines = await working(desk, "centre", "police")
    incident = str((await site.incident())["id"])
    before = stolen_s()
    at = await revoke(desk, "centre", "she")
    await until(lambda: lines["centre"].of("withheld"))
    assert time.time() - at < SECOND + 0.5 + stolen_s() - before
    assert (await desk.call("police", "POST", f"/api/incidents/{incident}/log", {"text": HIDING})).status_code == 204
    said = {"state": "rejected", "reason": HIDING}
    tasking = await site.tasking("p1")
    assert (await desk.call("p1", "POST", f"/api/taskings/{tasking}/answer", said)).status_code == 204
    await until(
        lambda: all(
            {"log_entry", "tasking_state"} <= {one["kind"] for one in line.of("message")} for line in lines.values()
        )
    )
    assert str(lines["police"].seen).count(HIDING) == 2
    assert HIDING not in str(lines["centre"].seen)
    again = await desk.terminal("centre", 0)
    await until(lambda: len(again.of("message")) >= 3)
    assert HIDING not in str(again.seen)
    for ended in (False, True):
        if ended:
            await site.close(outcome="apprehended")
        whole = (await desk.call("centre", "GET", f"/api/incidents/{incident}")).json()
        assert HIDING not in str(whole)
        assert {"alert", "log_entry", "tasking_state"} <= {one["kind"] for one in whole["said"]}
        assert {one["body"].get("distance_m") for one in whole["said"]} == {None}
        theirs = (await desk.call("police", "GET", f"/api/incidents/{incident}")).json()
        assert str(theirs["said"]).count(HIDING) == 2
        assert 80.0 in {one["body"].get("distance_m") for one in theirs["said"]}


async def test_on_whose_ground_it_is_is_for_whoever_may_follow_her(desk: Desk) -> None:
    """The overview names the station whose ground she is on to the room that may know where she is, and not to the other."""
    site, station = desk.site, uuid7()
    await working(desk, "police")
    await site.execute("INSERT INTO station (id, agency, name) VALUES (:id, :agency, 'Hanbit East')",
                       id=station, agency=site.ids["police"])  # fmt: skip
    await site.execute("UPDATE incident SET station = :id", id=station)
    for ended in (False, True):
        for who in ("police", "centre"):
            (one,) = (await desk.call(who, "GET", "/api/overview")).json()["incidents"]
            there = who == "police" or not ended
            assert one["station_name"] == ("Hanbit East" if there else None)
        if not ended:
            await revoke(desk, "centre", "she")


async def test_whoever_keeps_her_file_keeps_what_was_written_and_nobody_else_does(desk: Desk) -> None:
    """The incident closed and the order over: the police read the log, without how near he was; the centre none of their words."""
    site = desk.site
    await working(desk, "police")
    incident = str((await site.incident())["id"])
    assert (await desk.call("police", "POST", f"/api/incidents/{incident}/log", {"text": HIDING})).status_code == 204
    await site.close(outcome="apprehended")
    await site.execute("UPDATE access_grant SET ended_at = now() WHERE ended_at IS NULL")
    read = {
        who: (await desk.call(who, "GET", f"/api/incidents/{incident}")).json()["said"] for who in ("police", "centre")
    }
    assert {who: HIDING in str(said) for who, said in read.items()} == {"police": True, "centre": False}
    assert {one["body"].get("distance_m") for said in read.values() for one in said} == {None}
    await site.execute("UPDATE access_grant SET ended_by = :by WHERE agency = :police AND subject = :she AND incident = :incident",
                       by=uuid4(), police=site.ids["police"], she=site.ids["she"], incident=incident)  # fmt: skip
    assert HIDING not in (await desk.call("police", "GET", f"/api/incidents/{incident}")).text


@pytest.mark.parametrize("revoked", [False, True])
async def test_a_room_keeps_its_own_words_when_incident_and_order_are_over(desk: Desk, *, revoked: bool) -> None:
    """Her file at the police and his at the centre: each room reads what it wrote itself, unless a person ended its access."""
    site = desk.site
    await site.execute(
        "UPDATE person SET agency = :centre WHERE id = :he", centre=site.ids["centre"], he=site.ids["he"]
    )
    await working(desk, "centre")
    incident = str((await site.incident())["id"])
    for who in ("police", "centre"):
        said = {"text": f"what the {who} did"}
        assert (await desk.call(who, "POST", f"/api/incidents/{incident}/log", said)).status_code == 204
    await hand_over(desk, "centre", incident)

    async def read() -> dict[str, list[str]]:
        whole = {
            who: (await desk.call(who, "GET", f"/api/incidents/{incident}")).json() for who in ("police", "centre")
        }
        return {
            who: [one["body"]["text"] for one in said["said"] if one["kind"] == "log_entry" and one["body"]["text"]]
            for who, said in whole.items()
        }

    async def note() -> str:
        (waiting,) = (await desk.call("centre", "GET", "/api/duty/hand-overs")).json()["waiting"]
        return str(waiting["note"])

    if revoked:
        await revoke(desk, "centre", "she")
        assert (len((await read())["police"]), (await read())["centre"], await note()) == (2, [], "")
    await site.close(outcome="apprehended")
    await site.execute("UPDATE protective_order SET ended_at = now()")
    await site.execute("UPDATE access_grant SET ended_at = now() WHERE ended_at IS NULL")
    assert await read() == {"police": ["what the police did"], "centre": [] if revoked else ["what the centre did"]}
    assert await note() == ("" if revoked else HIDING)


async def test_a_notice_that_was_told_is_told_again_without_her(desk: Desk) -> None:
    """An alert that opens no incident: among the notices and on a line that comes back, no more where they were, nor her id."""
    site = desk.site
    await site.take(site.alert("A08", state="NEAR"))
    before = (await desk.call("centre", "GET", "/api/notices")).json()
    assert [one["body"]["distance_m"] for one in before] == [80.0]
    await revoke(desk, "centre", "she")
    for who, near in (("centre", None), ("police", 80.0)):
        (told,) = (await desk.call(who, "GET", "/api/notices")).json()
        line = await desk.terminal(who, 0)
        await until(lambda line=line: line.of("message"))  # type: ignore[misc]
        for body in (told["body"], line.of("message")[0]["body"]):
            assert body["distance_m"] == near
            assert body["victim_id"] == (near and str(site.ids["she"]))
            assert body["offender_id"] == str(site.ids["he"])


async def test_a_page_about_somebody_leaves_with_the_access_to_them(desk: Desk) -> None:
    """Whose file was opened is told to a room that knows of them; once it does not, neither its notices nor its line name them."""
    site = desk.site
    async with site.database.transaction() as connection:
        for what in ("glass", "revoked"):
            body: dict[str, object] = {
                "why": "access-told",
                "what": what,
                "subject": str(site.ids["she"]),
                "by": str(site.ids["police"]),
            }
            page = Message(room_feed(site.ids["centre"]), site.ids["centre"], "page", body)
            await feeds.post(connection, [page], time.time())
    assert [one["body"]["what"] for one in (await desk.call("centre", "GET", "/api/notices")).json()] == [
        "revoked",
        "glass",
    ]
    await revoke(desk, "centre", "she")
    assert [one["body"]["what"] for one in (await desk.call("centre", "GET", "/api/notices")).json()] == ["revoked"]
    line = await desk.terminal("centre", 0)
    await until(lambda: len(line.of("message")) == 2)
    assert [(one["seq"], one["kind"]) for one in line.of("message")] == [(1, "withheld"), (2, "page")]
    assert str(site.ids["she"]) not in str(line.of("message")[0])


async def test_a_line_to_whoever_comes_leaves_with_the_access_to_her(desk: Desk) -> None:
    """What a monitor wrote when handing over may say where she is: a colleague reads it while the room may follow her."""
    site = desk.site
    await working(desk, "centre")
    incident = (await site.incident())["id"]
    await hand_over(desk, "centre", incident)
    for note in (HIDING, ""):
        (waiting,) = (await desk.call("centre", "GET", "/api/duty/hand-overs")).json()["waiting"]
        assert waiting["note"] == note
        if note:
            await revoke(desk, "centre", "she")


async def test_whoever_ends_all_that_is_listed_ends_all_there_is(desk: Desk) -> None:
    """A privacy officer sees what an open incident gave, to the room and its units; with that ended nobody there reads her."""
    site = desk.site
    await working(desk, "centre")
    listed = (await desk.call("privacy", "GET", "/api/access/grants?standing=true")).json()["grants"]
    hers = [one for one in listed if (one["subject"], one["agency"]) == (str(site.ids["she"]), str(site.ids["centre"]))]
    assert {one["kind"] for one in hers} == {"standing", "incident"}
    assert {"tasking"} <= {one["kind"] for one in listed}
    for one in hers:
        assert (await desk.call("privacy", "POST", f"/api/access/grants/{one['id']}/end")).status_code == 204
    assert (await desk.call("centre", "GET", f"/api/registry/people/{site.ids['she']}")).status_code == 404
    await site.close(outcome="apprehended")
    listed = (await desk.call("privacy", "GET", "/api/access/grants")).json()["grants"]
    assert {one["kind"] for one in listed} <= {"standing", "given", "glass", "consent", "agreed"}


async def test_access_that_runs_out_is_withheld_when_it_does(desk: Desk) -> None:
    """Nobody need revoke it: a grant of one account, gone by its time, is told to that account's line and to no other."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("others", "police")}
    stranger, ends = site.ids["he4"], time.time() + 1.5
    await site.execute(
        "INSERT INTO access_grant (id, kind, agency, account, subject, data, purpose, article, starts_at, ends_at, review_by)"
        " SELECT :id, 'glass', agency, id, :subject, '{person}', :purpose, :article, now(), to_timestamp(:ends), now()"
        " FROM account WHERE name = 'it-others'",
        id=uuid7(), subject=stranger, purpose=Purpose.INVESTIGATION_EMERGENCY.value,
        article=ARTICLES[Purpose.INVESTIGATION_EMERGENCY], ends=ends,
    )  # fmt: skip
    path = f"/api/registry/people/{stranger}"
    assert (await desk.call("others", "GET", path)).status_code == 200
    before = stolen_s()
    await until(lambda: lines["others"].of("withheld"))
    (told,) = lines["others"].of("withheld")
    assert 0 <= told["at"] - ends < SECOND + stolen_s() - before
    assert told["subjects"] == [str(stranger)]
    assert (await desk.call("others", "GET", path)).status_code == 404
    tries = await site.rows("SELECT allowed FROM access_register WHERE subject = :who ORDER BY id", who=str(stranger))
    assert [row["allowed"] for row in tries] == [True, False]
    assert lines["police"].of("withheld") == []


async def test_whoever_sits_down_later_is_not_told_whose_access_ended_before(desk: Desk) -> None:
    """Of an incident that closed while no line was open, or just now: nobody is named to whoever was shown nobody."""
    site = desk.site
    await site.take(site.alert())
    await site.close(outcome="apprehended")
    soon = await desk.terminal("p1")
    await asyncio.sleep(OVERLAP_S + 0.5)
    late = [await desk.terminal(who) for who in ("p1", "police")]
    await until(lambda: all(len(line.of("beat")) > 2 for line in late))
    assert [line.of("withheld") for line in (soon, *late)] == [[], [], []]


async def test_a_dispatcher_is_not_told_whom_a_grant_for_a_trial_was_about(desk: Desk) -> None:
    """What two agencies agreed on is named, when it ends, to whoever could read by it: no dispatcher reads for a trial."""
    site = desk.site
    line, ended = await desk.terminal("others"), []
    for ref, purpose in (("he4", Purpose.TRIAL), ("she4", Purpose.APPROACH_RESPONSE)):
        await site.execute(
            "INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, starts_at, ends_at)"
            " VALUES (:id, 'agreed', :others, :whom, '{person}', :purpose, :article, now(), now() + interval '1 day')",
            id=uuid7(), others=site.ids["others"], whom=site.ids[ref], purpose=purpose.value, article=ARTICLES[purpose],
        )  # fmt: skip
        ended.append(str(site.ids[ref]))
    await site.execute("UPDATE access_grant SET ended_at = now() WHERE kind = 'agreed'")
    await until(lambda: line.of("withheld"))
    await asyncio.sleep(1.0)
    assert [one["subjects"] for one in line.of("withheld")] == [ended[1:]]


async def test_a_case_that_becomes_one_s_own_leaves_the_screen(desk: Desk) -> None:
    """What stood there is named once, so that it can go; what did not is not named at all."""
    site = desk.site
    lines = await working(desk, "police")
    incident = str((await site.incident())["id"])
    for ref in ("he", "she", "he3"):
        await site.execute(
            "INSERT INTO staff_tie (account, person, relation) SELECT id, :person, 'kin' FROM account WHERE name = 'it-police'",
            person=site.ids[ref],
        )
    await until(lambda: lines["police"].of("withheld"))
    await until(lambda: any(one["incidents"] for one in lines["police"].of("withheld")))
    told = lines["police"].of("withheld")
    assert {which for one in told for which in one["incidents"]} == {incident}
    assert any(one["anew"] for one in told)
    assert str(site.ids["he3"]) not in str(told)
    await site.take(site.alert(order="third"))
    assert (await desk.call("police", "GET", f"/api/incidents/{incident}")).status_code == 404
    await until(lambda: lines["police"].of("message")[-1]["kind"] == "withheld")
    assert str(site.ids["he3"]) not in str(lines["police"].seen)


@pytest.mark.parametrize("who", ["centre", "p1"])
async def test_every_try_after_the_end_is_on_the_register(desk: Desk, who: str) -> None:
    """By id, by list, by a step: refused or empty, and written down with who asked and whether they were let in."""
    site = desk.site
    await site.take(site.alert())
    incident, account = (
        (await site.incident())["id"],
        await site.one("SELECT id FROM account WHERE name = :name", name=f"it-{who}"),
    )
    await site.close(outcome="apprehended")
    await site.execute("UPDATE access_grant SET ended_at = now() WHERE ended_at IS NULL")
    asked: list[tuple[str, str, Any, UUID | None]] = [
        ("GET", "/api/incidents", None, None), ("GET", f"/api/registry/people/{site.ids['she']}", None, site.ids["she"]),
        ("POST", f"/api/incidents/{uuid4()}/take", None, None) if who == "centre" else
        ("POST", f"/api/taskings/{uuid4()}/answer", {"state": "accepted"}, None),
    ]  # fmt: skip
    if who == "p1":
        asked.append(("GET", f"/api/incidents/{incident}", None, incident))
    else:  # its own work stays its own, and says no more where anybody was
        whole = await desk.call(who, "GET", f"/api/incidents/{incident}")
        assert whole.status_code == 200
        assert not re.search(r"(?<!\d)80\.0", whole.text)
        assert {one["body"].get("victim_id") for one in whole.json()["said"]} == {None}
    for method, path, body, whom in asked:
        before = await site.one("SELECT count(*) FROM access_register WHERE account = :who", who=account)
        answer = await desk.call(who, method, path, body)
        assert answer.status_code in {200, 403, 404}, path
        assert str(site.ids["she"]) not in answer.text
        rows = await site.rows(
            "SELECT subject, allowed FROM access_register WHERE account = :who ORDER BY id DESC", who=account
        )
        assert len(rows) == before + 1, path
        if answer.status_code == 404:
            assert not rows[0]["allowed"], path
        if whom is not None:
            assert (rows[0]["subject"], rows[0]["allowed"]) == (str(whom), False), path


@pytest.fixture
def them(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenIdProvider]:
    """An organisation's own provider, which the desk is told of when it starts."""
    with openid_provider() as running:
        made = OpenId(running.issuer, CLIENT, SECRET, "http://desk/api/sessions/oidc/callback", SystemClock())
        monkeypatch.setattr(role, "provider_of", lambda *_: made)
        yield running


async def test_whoever_signed_out_at_the_provider_has_no_line_within_a_second(them: OpenIdProvider, desk: Desk) -> None:
    """The desk that hears it closes the line at once, and what is said from then on does not reach it."""
    site = desk.site
    await site.execute(
        "INSERT INTO account_subject SELECT :issuer, 's-1', id, agency, id, now() FROM account WHERE name = 'it-police'",
        issuer=them.issuer,
    )
    async with httpx.AsyncClient(base_url=desk.url) as browser:
        there = (await browser.get("/api/sessions/oidc")).headers["location"]
        back = urlsplit((await browser.get(there)).headers["location"])
        await browser.get(f"{back.path}?{back.query}")
        desk.tokens["elsewhere"] = browser.cookies["jikimi_session"]
    line, other = await desk.terminal("elsewhere"), await desk.terminal("police")
    at, before = time.time(), stolen_s()
    async with httpx.AsyncClient(base_url=desk.url) as provider:
        said = await provider.post("/api/sessions/oidc/back-channel", data={"logout_token": them.over()})
    assert said.status_code == 200
    await until(lambda: line.code is not None)
    assert (line.code, time.time() - at < SECOND + stolen_s() - before) == (4401, True)
    await site.take(site.alert())
    await until(lambda: other.of("message"))
    assert line.of("message") == []
    assert (await desk.call("elsewhere", "GET", "/api/me")).status_code == 401
