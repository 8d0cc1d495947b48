"""A long answer that somebody reads slowly: it arrives whole while they may have it, and ends within a second when not."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.exc import SQLAlchemyError
from tests.integration.respond.test_respond_live import Desk, desk, shut, until
from tests.security.test_revoked import revoke, working

from jikimi.kernel.clock import iso
from jikimi.kernel.ids import uuid7
from jikimi.share import grants

__all__ = ["desk"]
MANY = 900
LABEL = "wearer-0123456789-" * 10
SIP = 2048


class Reader:
    """A client that takes a long list in sips."""

    def __init__(
        self, desk: Desk, who: str = "clerk", path: str = "/api/registry/people", purpose: str | None = None
    ) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SIP)
        self.socket.setblocking(False)
        self.port = int(desk.url.rsplit(":", 1)[1])
        more = f"Jikimi-Purpose: {purpose}\r\n" if purpose else ""
        more += f"Authorization: Bearer {desk.tokens[who]}\r\nConnection: close\r\n"
        self.asked = f"GET {path} HTTP/1.1\r\nHost: desk\r\n{more}\r\n"
        self.had = bytearray()

    async def begin(self) -> None:
        """Ask, and take the first of it."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        await loop.sock_sendall(self.socket, self.asked.encode())
        await self.sip()

    async def sip(self) -> bool:
        """A little more; False at the end."""
        piece = b""
        with suppress(ConnectionError):
            piece = await asyncio.get_running_loop().sock_recv(self.socket, SIP)
        self.had += piece
        return bool(piece)

    async def rest(self) -> int:
        """Everything that still comes; returns how much."""
        before = len(self.had)
        while await self.sip():
            pass
        self.socket.close()
        return len(self.had) - before

    def whole(self) -> bool:
        """Whether all arrived that was announced."""
        head, _, body = bytes(self.had).partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        assert length > 192 * 1024
        return len(body) == length


@pytest.fixture
async def crowded(desk: Desk) -> Desk:
    """A desk whose registrar keeps a long list."""
    people = {"people": [{"label": f"{LABEL}{n}"} for n in range(MANY)]}
    assert (await desk.call("clerk", "POST", "/api/registry/import", people)).status_code == 200
    return desk


async def signed_out(desk: Desk) -> None:
    """They sign out elsewhere."""
    assert (await desk.call("clerk", "DELETE", "/api/sessions/current")).status_code == 204


async def ended_elsewhere(desk: Desk) -> None:
    """Another process ends the session."""
    await desk.site.execute(
        "UPDATE session SET ended_at = now() WHERE account = (SELECT id FROM account WHERE name = 'it-clerk')"
    )


async def disabled(desk: Desk) -> None:
    """The account is shut."""
    await desk.site.execute("UPDATE account SET disabled_at = now() WHERE name = 'it-clerk'")


async def revoked(desk: Desk) -> None:
    """One of the grants the list rests on ends."""
    row = (await desk.site.rows(
        "SELECT id FROM access_grant WHERE agency = :police AND unit IS NULL AND ended_at IS NULL", police=desk.site.ids["police"]
    ))[0]  # fmt: skip
    async with desk.site.database.transaction() as connection:
        assert await grants.end(connection, row["id"], uuid4(), time.time())


async def tied(desk: Desk) -> None:
    """Somebody on the list turns out to be kin."""
    await desk.site.execute(
        "INSERT INTO staff_tie (account, person, relation) SELECT id, :she, 'kin' FROM account WHERE name = 'it-clerk'",
        she=desk.site.ids["she"],
    )


@pytest.mark.parametrize("end", [signed_out, ended_elsewhere, disabled, revoked, tied])
async def test_a_long_answer_ends_when_it_may_not_arrive_any_more(
    crowded: Desk, end: Callable[[Desk], Awaitable[None]]
) -> None:
    """Not a byte after one second but what lay with the reader already; and that it was cut is on the register."""
    reader, other = Reader(crowded), Reader(crowded, "police", "/api/registry/orders")
    await reader.begin()
    await asyncio.sleep(0.5)
    await end(crowded)
    await asyncio.sleep(1.0)
    assert await reader.rest() < 64 * 1024
    assert not reader.whole()
    tries = await crowded.site.rows("SELECT what, allowed FROM access_register WHERE action = 'try'")
    assert [(row["what"], row["allowed"]) for row in tries] == [("list_people", False)]
    await other.begin()
    await other.rest()
    assert b"200 OK" in other.had[:20]


async def test_a_room_reads_its_list_just_after_it_closed_an_incident(desk: Desk) -> None:
    """Closing ends grants of the whole agency, and access to somebody else ends too: what names nobody lost arrives whole."""
    site = desk.site
    await site.take(site.alert())
    which = (await site.incident())["id"]
    await site.execute(
        'INSERT INTO incident (id, pair, "order", offender, victim, police_agency, monitoring_agency, priority, status, opened_at,'
        " closed_at, cause, response, outcome) SELECT gen_random_uuid(), gen_random_uuid(), :o, :he, :she, :p, :c, 1, 'Closed',"
        " now(), now(), 'real_approach', 'both_on_scene', 'apprehended' FROM generate_series(1, 250)",
        o=site.ids["order"], he=site.ids["he"], she=site.ids["she"], p=site.ids["police"], c=site.ids["centre"])  # fmt: skip
    await site.arrive(which)
    said = {"cause": "real_approach", "response": "both_on_scene", "outcome": "apprehended"}
    assert (await desk.call("police", "POST", f"/api/incidents/{which}/close", said)).status_code == 204
    await revoke(desk, "police", "she4")
    for who in ("police", "centre"):
        answer = await desk.call(who, "GET", "/api/incidents?closed=true")
        assert len(answer.content) > 64 * 1024
        assert len(answer.json()) == 200
    assert await site.rows("SELECT FROM access_register WHERE NOT allowed") == []


async def let(
    desk: Desk, agency: str, whom: str, purpose: str, kind: str = "agreed", data: tuple[str, ...] = ("person",), late: int = 0
) -> UUID:  # fmt: skip
    """A grant beside what the order armed; ``late``: in how many days it begins; a glass is that room's own account's."""
    made = uuid7()
    await desk.site.execute(
        "INSERT INTO access_grant (id, kind, agency, account, subject, data, purpose, article, starts_at, ends_at, review_by)"
        " SELECT :id, :kind, :agency, g.account, :whom, CAST(:data AS text[]), :purpose, 'x', now() + :late * interval '1 day',"
        " g.until, g.until FROM (VALUES (1)) AS one LEFT JOIN (SELECT id AS account, now() + interval '10 min' AS until"
        "  FROM account WHERE name = 'it-' || :room AND CAST(:kind AS text) = 'glass') AS g ON true",
        id=made, kind=kind, agency=desk.site.ids[agency], whom=desk.site.ids[whom], data=list(data), purpose=purpose,
        late=late, room=agency,
    )  # fmt: skip
    return made


async def end(desk: Desk, grant: UUID) -> None:
    """Somebody revokes one."""
    async with desk.site.database.transaction() as connection:
        assert await grants.end(connection, grant, uuid4(), time.time())


LAT = 37.5006789
ABOUT = ("person", "order", "incident")


async def beside_her(desk: Desk, agency: str) -> None:
    """An officer stands with her, at the end of a long list of an agency's units."""
    site = desk.site
    await working(desk, "centre", "police")
    for state in ("accepted", "on_scene"):
        await site.answer("p1", state)
    at = {"lon": 127.0004321, "lat": LAT, "sigma_m": 5, "at": iso(time.time())}
    assert (await desk.call("p1", "PUT", f"/api/units/{site.ids['p1']}/position", at)).status_code == 200
    await site.execute(
        "INSERT INTO unit (id, agency, kind, callsign, status) SELECT CAST('00000000-0000-7000-8000-' || lpad(n::text, 12, '0')"
        " AS uuid), :agency, 'police', 'Z-' || repeat('x', 100) || n, 'available' FROM generate_series(1, :many) n",
        agency=site.ids[agency], many=MANY,
    )  # fmt: skip


@pytest.mark.parametrize(("who", "agency"), [("centre", "centre"), ("clerk", "police")])
async def test_a_long_list_of_units_ends_when_one_stands_beside_whom_they_lost(
    desk: Desk, who: str, agency: str
) -> None:
    """It names nobody, and says where she is by her officer: also to a registrar, who keeps her file and loses but her place."""
    await beside_her(desk, agency)
    await let(desk, agency, "she", "SUPERVISION", data=ABOUT)
    reader = Reader(desk, who, "/api/registry/units")
    await reader.begin()
    await asyncio.sleep(0.5)
    await revoke(desk, agency, "she")
    await asyncio.sleep(1.0)
    await reader.rest()
    assert str(LAT).encode() not in reader.had
    tries = await desk.site.rows("SELECT what, allowed FROM access_register WHERE action = 'try'")
    assert [(row["what"], row["allowed"]) for row in tries] == [("list_units", False)]
    assert str(LAT) not in (await desk.call(who, "GET", "/api/registry/units")).text


async def test_a_long_list_of_units_arrives_where_nobody_s_place_was_lost(desk: Desk) -> None:
    """What ends is who somebody is, which no unit's place tells; and it is nobody's try."""
    await beside_her(desk, "centre")
    agreed = await let(desk, "centre", "he2", "SUPERVISION")
    reader = Reader(desk, "centre", "/api/registry/units")
    await reader.begin()
    await asyncio.sleep(0.5)
    await end(desk, agreed)
    await asyncio.sleep(1.0)
    await reader.rest()
    assert reader.whole()
    assert str(LAT).encode() in reader.had
    assert await desk.site.rows("SELECT FROM access_register WHERE action = 'try'") == []


@pytest.mark.parametrize(
    ("purpose", "left", "whole"),
    [
        ("JOINT_RESPONSE", {"kind": "standing", "purpose": "APPROACH_RESPONSE"}, False),
        ("JOINT_RESPONSE", {"purpose": "APPROACH_RESPONSE"}, False),
        ("JOINT_RESPONSE", {"purpose": "JOINT_RESPONSE", "late": 1}, False),
        ("JOINT_RESPONSE", {"purpose": "JOINT_RESPONSE"}, True),
        ("APPROACH_RESPONSE", {"kind": "glass", "purpose": "INVESTIGATION_EMERGENCY"}, True),
    ],
)
async def test_what_is_left_is_what_serves_the_purpose(
    desk: Desk, purpose: str, left: dict[str, Any], *, whole: bool
) -> None:
    """A list read for one purpose ends with what let it be read, unless another grant lets it: for that purpose, and today."""
    site, she = desk.site, desk.site.ids["she4"]
    await site.execute(
        "INSERT INTO person (id, agency, label) SELECT CAST('00000000-0000-7000-8000-' || lpad(n::text, 12, '0') AS uuid), :agency,"
        " :label || n FROM generate_series(1, :many) n", agency=site.ids["others"], label=LABEL, many=MANY,
    )  # fmt: skip
    agreed = await let(desk, "others", "she4", purpose)
    await let(desk, "others", "she4", **left)
    reader = Reader(desk, "others", purpose=purpose)
    await reader.begin()
    await asyncio.sleep(0.5)
    await end(desk, agreed)
    await asyncio.sleep(1.0)
    await reader.rest()
    assert (reader.whole(), str(she).encode() in reader.had) == (whole, whole)
    headers = {"Authorization": f"Bearer {desk.tokens['others']}", "Jikimi-Purpose": purpose}
    async with httpx.AsyncClient(base_url=desk.url, headers=headers) as client:
        assert (await client.get(f"/api/registry/people/{she}")).status_code == (200 if whole else 404)


async def test_a_keeper_reads_its_own_files_just_after_an_order_ended(crowded: Desk) -> None:
    """The order's grants are over and the files are the agency's own: the list arrives whole, and nobody has tried anything."""
    await crowded.site.execute("UPDATE access_grant SET ended_at = now() WHERE ended_at IS NULL")
    assert len((await crowded.call("clerk", "GET", "/api/registry/people")).json()["people"]) > MANY
    assert await crowded.site.rows("SELECT FROM access_register WHERE action = 'try'") == []


async def test_what_was_lost_just_before_does_not_arrive_and_is_no_try(crowded: Desk) -> None:
    """Who asks within a second of a revocation is cut off, for the answer may be older; asking again is how to go on."""
    await revoked(crowded)
    with pytest.raises(httpx.HTTPError):
        await crowded.call("clerk", "GET", "/api/registry/people")
    assert await crowded.site.rows("SELECT FROM access_register WHERE action = 'try'") == []
    await asyncio.sleep(1.0)
    assert (await crowded.call("clerk", "GET", "/api/registry/people")).status_code == 200


async def test_a_slow_reader_gets_all_of_it(crowded: Desk, database_url: str) -> None:
    """However slowly, while others come and go, and while the record is away."""
    reader = Reader(crowded)
    await reader.begin()
    assert (await crowded.call("police", "DELETE", "/api/sessions/current")).status_code == 204
    await asyncio.sleep(0.7)
    shut(database_url, allow=False)
    await asyncio.sleep(0.7)
    await reader.rest()
    shut(database_url, allow=True)
    assert reader.whole()
    await until(lambda: _answers(crowded))
    await until(lambda: _untried(crowded))


async def _untried(desk: Desk) -> bool:
    with suppress(SQLAlchemyError):
        return await desk.site.rows("SELECT FROM access_register WHERE action = 'try'") == []
    return False


async def _answers(desk: Desk) -> bool:
    return (await desk.call("clerk", "GET", "/api/me")).status_code == 200


async def test_one_connection_asks_again_after_a_long_answer(crowded: Desk) -> None:
    """A kept connection goes on: the end of an answer is the end of watching it."""
    first = await crowded.call("clerk", "GET", "/api/registry/people")
    assert len(first.content) > 192 * 1024
    assert len(first.json()["people"]) > MANY
    assert (await crowded.call("clerk", "GET", "/api/me")).status_code == 200
