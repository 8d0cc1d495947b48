"""The device gateway over HTTP: what it takes, what it refuses, and that nothing is said before the log has it."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY

from jikimi.app.common import configure_logs
from jikimi.detect.events import KINDS
from jikimi.detect.facts import DeviceEvent, Fact, Fix, Fixes, FixFlag, Source, decode
from jikimi.intake.api import MOST_BYTES, alarm_kind, application
from jikimi.intake.devices import DeviceKey, Devices, digest
from jikimi.intake.gather import Gatherer
from jikimi.intake.limits import Pace
from jikimi.intake.protocols import ALARMS
from jikimi.intake.service import Intake
from jikimi.kernel.errors import Unavailable
from jikimi.kernel.units import UnixTime
from jikimi.registry.regimes import edition_at
from jikimi.stream import names
from jikimi.stream.client import append, connect
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import Tail
from tests.patience import PATIENCE

NOW = 1_800_000_000.0
KEY, OTHER = "k-1-secret", "k-2-secret"


class Hand:
    """A clock set by hand."""

    at = NOW

    def unix(self) -> UnixTime:
        """The time it was set to."""
        return UnixTime(self.at)


@dataclass
class Log:
    """The log's port by hand: keeps every fact, or is away, or breaks in a way nobody foresaw."""

    facts: list[Fact] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def append(self, body: bytes, message_id: str) -> int:
        """As the log does, a repeated message id included."""
        if self.error:
            raise self.error
        if message_id not in self.ids:
            self.ids.append(message_id)
            self.facts.append(decode(body))
        return len(self.facts)

    def fixes(self) -> list[Fix]:
        """All fixes on it."""
        return [fix for fact in self.facts if isinstance(fact, Fixes) for fix in fact.fixes]

    def events(self) -> list[DeviceEvent]:
        """All events on it."""
        return [fact for fact in self.facts if isinstance(fact, DeviceEvent)]


@dataclass
class Gateway:
    """The gateway's application, with its log and what it kept of what it could not read."""

    client: httpx.AsyncClient
    log: Log
    intake: Intake
    clock: Hand
    app: Any
    rejects: list[tuple[str, str, bytes]]

    async def send(self, path: str, body: object, key: str | None = KEY) -> httpx.Response:
        """A POST with the device's key."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(path, content=content, headers={"Authorization": f"Bearer {key}"} if key else {})

    async def osmand(self, query: str, key: str = KEY) -> httpx.Response:
        """A GET as the OsmAnd app sends it."""
        return await self.client.get(f"/osmand/?{query}&key={key}")


def fix(n: int = 0, **changed: object) -> dict[str, object]:
    """A good fix, told apart by ``n``."""
    return {"t": NOW - 1000 + n, "lon": 127.0, "lat": 37.5, "accuracy_m": 8.0, "source": "gnss", **changed}


def lone(**changed: object) -> dict[str, object]:
    """A good fix in one flat object."""
    return {"device": "tag-1", **fix(), **changed}


def batch(*fixes: object, device: str = "tag-1") -> dict[str, object]:
    """A request of many."""
    return {"device": device, "fixes": list(fixes)}


def counted(protocol: str, reason: str) -> float:
    """What the counter of refusals shows."""
    return REGISTRY.get_sample_value("jikimi_refused_total", {"protocol": protocol, "reason": reason}) or 0.0


def known() -> Devices:
    """Two devices, and one whose key was revoked."""
    devices = Devices()
    devices.learn(DeviceKey("d-1", "tag-1", digest(KEY), "tag", 60.0))
    devices.learn(DeviceKey("d-2", "tag-2", digest(OTHER), "tag", 60.0))
    devices.learn(DeviceKey("d-3", "gone", digest(KEY), "tag", 60.0, revoked=True))
    return devices


SHE_SAID_NO = DeviceKey("d-4", "watch", digest("hers"), "watch", 60.0, unkept=True)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """The gateway with the log's port by hand."""
    log, clock = Log(), Hand()
    gatherer = Gatherer(log.append, clock, window_s=0.001)
    intake = Intake(
        known(), gatherer, log.append, clock, edition_at(NOW, "kr"), pace=Pace(rate_per_s=5, burst=600),
    )  # fmt: skip
    rejects: list[tuple[str, str, bytes]] = []
    app = application(intake, lambda protocol, reason, body: rejects.append((protocol, reason, body)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield Gateway(client, log, intake, clock, app, rejects)


# taken --------------------------------------------------------------------------------------------------------


async def test_a_fix_is_on_the_log_before_it_is_answered(gateway: Gateway) -> None:
    """What is answered as taken is a fact with the device's words kept and its accuracy made a deviation."""
    said = await gateway.send("/v1/fixes", lone(speed_mps=1.5, course_deg=-90, seq=7))
    assert (said.status_code, said.json()) == (200, {"taken": 1, "already": 0, "refused": []})
    (one,) = gateway.log.fixes()
    assert (one.device, one.t, one.lon, one.lat, one.seq) == ("d-1", NOW - 1000, 127.0, 37.5, 7)
    assert one.sigma_m == pytest.approx(8.0 / 1.5096)
    assert (one.accuracy_m, one.speed_mps, one.course_deg, one.source) == (8.0, 1.5, 270.0, Source.GNSS)
    assert one.flags == FixFlag.VALID | FixFlag.PROVEN


async def test_what_a_device_does_not_claim_is_marked_as_assumed(gateway: Gateway) -> None:
    """No accuracy and no source is 30 m and never evidence; a fix the device itself doubts is not valid."""
    await gateway.send("/v1/fixes", batch(fix(1, accuracy_m=None, source="unknown"), fix(2, valid=False)))
    first, second = gateway.log.fixes()
    assert (first.sigma_m, FixFlag(first.flags)) == (30.0, FixFlag.VALID | FixFlag.PROVEN | FixFlag.ASSUMED)
    assert second.flags == FixFlag.PROVEN


async def test_the_same_fix_is_stored_once(gateway: Gateway) -> None:
    """A repeat, in the same request or a later one, is answered as already taken."""
    said = await gateway.send("/v1/fixes", batch(fix(1), fix(1), fix(2)))
    assert said.json() == {"taken": 2, "already": 1, "refused": []}
    said = await gateway.send("/v1/fixes", batch(fix(1), fix(3)))
    assert said.json() == {"taken": 1, "already": 1, "refused": []}
    assert (await gateway.send("/v1/fixes", batch(fix(1)))).json() == {"taken": 0, "already": 1, "refused": []}
    other = await gateway.send("/v1/fixes", batch(fix(1), device="tag-2"), OTHER)
    assert other.json()["taken"] == 1
    assert len(gateway.log.fixes()) == 4


async def test_the_good_of_a_batch_is_taken_and_the_absurd_named(gateway: Gateway) -> None:
    """One bad fix costs the others nothing, and is told by its place, code and sentence."""
    before = counted("json", "absurd")
    said = await gateway.send("/v1/fixes", batch(fix(1), fix(2, lat=91), fix(3, accuracy_m=0), fix(4)))
    assert said.status_code == 200
    assert said.json()["taken"] == 2
    assert [(one["index"], one["code"]) for one in said.json()["refused"]] == [(1, "absurd"), (2, "absurd")]
    assert [one.t for one in gateway.log.fixes()] == [NOW - 999, NOW - 996]
    assert counted("json", "absurd") == before + 2


async def test_five_hundred_fixes_pass_in_one_request(gateway: Gateway) -> None:
    """A tunnel's worth is one request and one message on the log."""
    assert (await gateway.send("/v1/fixes", batch(*(fix(n) for n in range(500))))).json()["taken"] == 500
    assert len(gateway.log.facts) == 1


async def test_osmand_in_its_three_forms(gateway: Gateway) -> None:
    """A query, a form and the newer client's JSON end as the same fact."""
    query = f"id=tag-1&lat=37.5&lon=127.0&timestamp={int(NOW - 5)}&accuracy=8&speed=1.94384"
    assert (await gateway.osmand(query)).status_code == 200
    form = await gateway.client.post(f"/osmand?key={KEY}", content=query.replace("37.5", "37.6").encode())
    assert form.status_code == 200
    location = {
        "timestamp": NOW - 5,
        "coords": {"latitude": 37.7, "longitude": 127.0, "accuracy": 8, "speed": 1, "heading": -1},
    }
    assert (await gateway.send("/osmand/", {"device_id": "tag-1", "location": location})).status_code == 200
    assert [one.lat for one in gateway.log.fixes()] == [37.5, 37.6, 37.7]
    assert {round(one.speed_mps or 0, 3) for one in gateway.log.fixes()} == {1.0}
    assert {one.course_deg for one in gateway.log.fixes()} == {None}


async def test_a_phone_that_does_not_know_its_speed_is_heard(gateway: Gateway) -> None:
    """Minus one for speed and course costs the speed and the course, not the place."""
    query = f"id=tag-1&lat=37.5&lon=127.0&timestamp={int(NOW)}&speed=-1.94384&bearing=-1"
    assert (await gateway.osmand(query)).status_code == 200
    assert (gateway.log.fixes()[0].speed_mps, gateway.log.fixes()[0].course_deg) == (None, None)


async def test_a_device_without_a_clock_is_dated_by_ours(gateway: Gateway) -> None:
    """No timestamp is now."""
    await gateway.osmand("id=tag-1&lat=37.5&lon=127.0&alarm=sos")
    assert gateway.log.fixes()[0].t == NOW
    assert (gateway.log.events()[0].kind, gateway.log.events()[0].t) == ("sos", NOW)


async def test_an_event_is_stored_once_however_often_it_is_sent(gateway: Gateway) -> None:
    """The same event of the same device has one message id, another's has its own."""
    event = {"device": "tag-1", "t": NOW, "kind": "strap", "value": 1}
    for _ in range(3):
        assert (await gateway.send("/v1/events", event)).json() == {"taken": 1}
    await gateway.send("/v1/events", {**event, "device": "tag-2"}, OTHER)
    assert [(one.device, one.kind, one.value) for one in gateway.log.events()] == [
        ("d-1", "strap", 1.0), ("d-2", "strap", 1.0),
    ]  # fmt: skip


async def test_two_presses_of_one_clock_that_stands_still_are_two(gateway: Gateway) -> None:
    """The sender's own id tells another press from a retry, whatever time the device says."""
    for press in ("one", "one", "two"):
        said = {"device": "tag-1", "t": NOW, "kind": "sos", "id": press}
        assert (await gateway.send("/v1/events", said)).json() == {"taken": 1}
    assert [one.kind for one in gateway.log.events()] == ["sos", "sos"]


def test_every_alarm_of_a_decoder_has_its_kind_of_event() -> None:
    """What a maker's device can raise is always something the log can hold."""
    assert {alarm_kind(alarm) for alarm in ALARMS} <= set(KINDS)
    assert alarm_kind("sos") == "sos"
    assert alarm_kind("removal") == "strap"
    assert alarm_kind("geofence") == "note"


# refused ------------------------------------------------------------------------------------------------------

MALFORMED: list[object] = [
    b"", b"{", b"\xff\xfe", b"[1]", {}, lone(t="1"), lone(lat=None), lone(colour="red"), lone(source="magic"),
    lone(valid="yes"), lone(seq=2**70), lone(seq=-1), batch(), batch(1), batch({"t": 1}),
    {"device": "tag-1", "fixes": 5},
    json.dumps(lone()).replace("37.5", "NaN").encode(), json.dumps(lone()).replace("37.5", "Infinity").encode(),
    json.dumps(lone()).replace("37.5", "-Infinity").encode(), json.dumps(lone()).replace("37.5", "1e999").encode(),
    b'{"device":"tag-1","x":' + b"[" * 50_000,
]  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
async def test_what_cannot_be_read_is_a_precise_problem(gateway: Gateway, body: object) -> None:
    """400 as problem+json with a sentence, counted, its bytes kept, and nothing stored."""
    before = counted("json", "malformed")
    said = await gateway.send("/v1/fixes", body)
    assert (said.status_code, said.headers["content-type"]) == (400, "application/problem+json")
    assert said.json()["code"] == "malformed"
    assert said.json()["detail"]
    assert counted("json", "malformed") == before + 1
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert gateway.rejects == [("json", "malformed", sent)]
    assert gateway.log.facts == []


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"lat": 91}, "lat"), ({"lon": -181}, "lon"), ({"t": 86400}, "t"), ({"t": NOW + 90_000}, "t"),
        ({"t": 1e18}, "t"),
        ({"accuracy_m": 0}, "accuracy_m"), ({"accuracy_m": -1}, "accuracy_m"), ({"accuracy_m": 1e9}, "accuracy_m"),
        ({"speed_mps": 1e9}, "speed_mps"), ({"speed_mps": -1}, "speed_mps"), ({"course_deg": 9999}, "course_deg"),
        ({"lat": 0, "lon": 0}, "lat"),
    ],
)  # fmt: skip
async def test_what_cannot_be_true_is_a_precise_problem(
    gateway: Gateway, changed: dict[str, object], name: str
) -> None:
    """422 naming the field, counted for every fix of the request, and nothing stored."""
    before = counted("json", "absurd")
    said = await gateway.send("/v1/fixes", batch(fix(1, **changed), fix(2, **changed)))
    assert (said.status_code, said.headers["content-type"]) == (422, "application/problem+json")
    assert (said.json()["code"], said.json()["field"], said.json()["refused"]) == ("absurd", name, 2)
    assert counted("json", "absurd") == before + 2
    assert gateway.log.facts == []
    assert (await gateway.send("/v1/fixes", batch(fix(3)))).json()["taken"] == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("id=tag-1&lat=91&lon=1", 400), ("id=tag-1&lat=1", 400), ("lat=1&lon=1", 400), ("id=tag-1&lat=x&lon=1", 400),
        ("id=tag-1&lat=1&lon=1&timestamp=0", 422), ("id=tag-1&lat=1&lon=1&accuracy=0", 422),
        ("id=tag-1&lat=1&lon=1&accuracy=-1", 422), ("id=tag-1&lat=1&lon=1&speed=1e9", 422),
        ("id=tag-1&lat=NaN&lon=1", 400), ("id=%ff&lat=1&lon=1", 400),
    ],
)  # fmt: skip
async def test_bad_osmand_requests_are_precise_problems(gateway: Gateway, query: str, status: int) -> None:
    """Broken and absurd requests are told apart; what is kept of them does not hold the key."""
    said = await gateway.osmand(query)
    assert (said.status_code, said.headers["content-type"]) == (status, "application/problem+json")
    assert len(gateway.rejects) == 1
    assert KEY.encode() not in gateway.rejects[0][2]
    assert gateway.log.facts == []


async def test_too_much_is_refused_before_it_is_read(gateway: Gateway) -> None:
    """A body over the limit, announced or not, and 501 fixes are 413."""
    for said in (
        await gateway.send("/v1/fixes", b"x" * (MOST_BYTES + 1)),
        await gateway.client.post("/v1/fixes", content=pieces(MOST_BYTES + 1)),
        await gateway.send("/v1/fixes", batch(*(fix(n) for n in range(501)))),
    ):
        assert (said.status_code, said.json()["code"]) == (413, "too-large")
    assert gateway.log.facts == []


async def pieces(size: int) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(0, size, 65536):
        yield b"x" * 65536


async def test_nobody_is_told_why_a_key_does_not_open(gateway: Gateway) -> None:
    """Unknown, wrong and revoked get the same answer, byte for byte; a missing key is asked for."""
    before = counted("json", "unauthenticated")
    answers = [
        await gateway.send("/v1/fixes", lone(device="nobody")), await gateway.send("/v1/fixes", lone(), "wrong"),
        await gateway.send("/v1/fixes", lone(device="gone")), await gateway.send("/v1/fixes", lone(), OTHER),
    ]  # fmt: skip
    assert {(one.status_code, one.content, tuple(one.headers.items())) for one in answers} == {
        (401, answers[0].content, tuple(answers[0].headers.items()))
    }
    assert answers[0].headers["www-authenticate"].startswith("Bearer")
    missing = await gateway.send("/v1/fixes", lone(), None)
    assert (missing.status_code, missing.json()["code"]) == (401, "unauthenticated")
    osmand = [await gateway.osmand("id=nobody&lat=1&lon=1"), await gateway.osmand("id=gone&lat=1&lon=1")]
    assert {one.content for one in osmand} == {answers[0].content}
    assert (await gateway.client.get("/osmand/?id=tag-1&lat=1&lon=1")).status_code == 401
    basic = await gateway.client.post("/v1/fixes", json=lone(), headers={"Authorization": "Basic x"})
    assert basic.status_code == 401
    assert counted("json", "unauthenticated") == before + 6
    assert gateway.log.facts == []


async def test_a_flood_slows_the_device_that_floods_and_no_other(gateway: Gateway) -> None:
    """Over its pace a device is told when to come back; another is taken at that very moment."""
    assert (await gateway.send("/v1/fixes", batch(*(fix(n) for n in range(500))))).status_code == 200
    assert (await gateway.send("/v1/fixes", batch(*(fix(n) for n in range(500, 600))))).status_code == 200
    before = counted("json", "too-many")
    for _ in range(3):
        said = await gateway.send("/v1/fixes", lone(t=NOW))
        assert (said.status_code, said.json()["code"], said.headers["retry-after"]) == (429, "too-many", "1")
    assert (await gateway.osmand("id=tag-1&lat=1&lon=1")).status_code == 429
    assert counted("json", "too-many") == before + 3
    assert (await gateway.send("/v1/fixes", lone(device="tag-2"), OTHER)).status_code == 200
    gateway.clock.at += 1
    assert (await gateway.send("/v1/fixes", lone(t=NOW))).status_code == 200


async def test_a_cry_for_help_is_never_refused(gateway: Gateway) -> None:
    """SOS and duress pass whatever the pace and whatever the device's clock; a battery note does not."""
    await gateway.send("/v1/fixes", batch(*(fix(n) for n in range(500))))
    await gateway.send("/v1/fixes", batch(*(fix(n) for n in range(500, 600))))
    for n in range(20):
        for kind in ("sos", "duress"):
            said = await gateway.send("/v1/events", {"device": "tag-1", "t": NOW + n, "kind": kind})
            assert said.status_code == 200
    assert (await gateway.send("/v1/events", {"device": "tag-1", "t": NOW, "kind": "battery"})).status_code == 429
    assert len(gateway.log.events()) == 40
    gateway.clock.at += 600
    assert (await gateway.send("/v1/events", {"device": "tag-1", "t": 5, "kind": "battery"})).status_code == 422
    assert (await gateway.send("/v1/events", {"device": "tag-1", "t": 5, "kind": "sos"})).status_code == 200
    assert gateway.log.events()[-1].t == gateway.clock.at


async def test_a_cry_for_help_survives_what_surrounds_it(gateway: Gateway) -> None:
    """An alarm whose position cannot be read or cannot be true is taken, and the position refused."""
    for n, (query, status) in enumerate({"lat=x&lon=1": 400, "lat=1&lon=1&timestamp=86400": 422}.items(), 1):
        assert (await gateway.osmand(f"id=tag-1&alarm=sos&{query}")).status_code == status
        assert [one.kind for one in gateway.log.events()] == ["sos"] * n
        gateway.clock.at += 1
    assert gateway.log.fixes() == []
    assert (await gateway.osmand("id=tag-1&alarm=fall&lat=x&lon=1")).status_code == 400
    assert (await gateway.osmand("id=tag-1&alarm=sos&lat=x&lon=1", "wrong")).status_code == 401
    assert len(gateway.log.events()) == 2


async def test_an_event_nobody_knows_is_refused(gateway: Gateway) -> None:
    """A kind outside the list, a word for a number and an unknown field are Malformed."""
    event = {"device": "tag-1", "t": NOW, "kind": "sos"}
    for changed in ({"kind": "dance"}, {"t": "now"}, {"x": 1}, {"value": "\x00"}, {"value": [1]}):
        said = await gateway.send("/v1/events", {**event, **changed})
        assert (said.status_code, said.json()["code"]) == (400, "malformed")
    assert gateway.log.facts == []


async def test_while_the_log_is_away_nothing_is_taken(gateway: Gateway) -> None:
    """503 as problem+json, and the same fix is new when the log is back."""
    gateway.log.error = Unavailable("The log does not answer.")
    for said in (
        await gateway.send("/v1/fixes", lone()), await gateway.osmand(f"id=tag-1&lat=1&lon=1&timestamp={int(NOW)}"),
        await gateway.send("/v1/events", {"device": "tag-1", "t": NOW, "kind": "sos"}),
    ):  # fmt: skip
        assert (said.status_code, said.json()["code"]) == (503, "unavailable")
        assert said.headers["content-type"] == "application/problem+json"
    gateway.log.error = None
    assert (await gateway.send("/v1/fixes", lone())).json() == {"taken": 1, "already": 0, "refused": []}


async def test_a_surprise_is_one_devices_and_the_gateway_goes_on(gateway: Gateway) -> None:
    """What nobody foresaw is 500 for those it struck, counted, and the next request is served."""
    before = counted("json", "internal")
    gateway.log.error = RuntimeError("boom")
    assert (await gateway.send("/v1/fixes", lone())).status_code == 500
    gateway.log.error = None
    assert (await gateway.send("/v1/fixes", lone())).status_code == 200
    assert counted("json", "internal") == before + 1


async def raw(gateway: Gateway, query: bytes = b"", *, body: list[dict[str, Any]] | None = None, **more: Any) -> int:
    """A request as the server hands it over, with bytes no client library would send; returns the status."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": "/osmand/",
        "raw_path": b"/osmand/", "query_string": query, "headers": [], "root_path": "", "scheme": "http",
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), **more,
    }  # fmt: skip
    waiting = iter(body or [{"type": "http.request", "body": b"", "more_body": False}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(waiting)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await gateway.app(scope, receive, send)
    return int(sent[0]["status"])


async def test_bytes_that_are_no_text_are_the_clients_fault(gateway: Gateway) -> None:
    """Raw bytes in the address, a strange host and a strange length are 4xx, never 500."""
    key = KEY.encode()
    assert await raw(gateway, b"id=tag-1&lat=\xff\xfe&lon=1&key=" + key) == 400
    assert await raw(gateway, b"id=\xff&lat=1&lon=1&key=" + key) == 401
    assert await raw(gateway, b"id=tag-1&lat=1&lon=1&key=" + key, headers=[(b"host", b"[x")]) == 200
    assert await raw(gateway, b"id=tag-1&lat=2&lon=1&key=" + key, headers=[(b"content-length", b"\xb2")]) == 200


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(gateway: Gateway) -> None:
    """A body cut off by the client's going is counted and stores nothing."""
    before = counted("json", "disconnected")
    body: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"device"', "more_body": True}, {"type": "http.disconnect"},
    ]  # fmt: skip
    assert await raw(gateway, method="POST", path="/v1/fixes", raw_path=b"/v1/fixes", body=body) == 400
    assert counted("json", "disconnected") == before + 1
    assert gateway.log.facts == []


async def test_a_request_that_is_cancelled_is_not_answered(gateway: Gateway) -> None:
    """When the server stops, a waiting request ends without an answer, and none says it was taken."""

    async def never(_: bytes, __: str) -> int:
        await asyncio.Event().wait()
        return 0

    gateway.intake._gatherer = Gatherer(never, gateway.clock)
    waiting = asyncio.create_task(gateway.send("/v1/fixes", lone()))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_addresses_and_methods_that_are_none_are_problems_too(gateway: Gateway) -> None:
    """404 and 405 speak problem+json like everything else."""
    for said, status in (
        (await gateway.client.get("/nowhere"), 404), (await gateway.client.get("/v1/fixes"), 405),
        (await gateway.client.put("/osmand"), 405),
    ):  # fmt: skip
        assert (said.status_code, said.headers["content-type"]) == (status, "application/problem+json")


async def test_every_refusal_is_on_the_metrics(gateway: Gateway) -> None:
    """/metrics tells whoever has its key what was taken, taken before and refused by reason; /healthz answers."""
    await gateway.send("/v1/fixes", batch(fix(1), fix(1)))
    await gateway.send("/v1/fixes", lone(), "wrong")
    await gateway.osmand("id=tag-1&lat=x&lon=1")
    gateway.app.state.metrics_key = "a key"
    said = (await gateway.client.get("/metrics", headers={"Authorization": "Bearer a key"})).text
    for line in (
        'jikimi_fixes_taken_total{protocol="json"}', 'jikimi_fixes_already_taken_total{protocol="json"}',
        'jikimi_refused_total{protocol="json",reason="unauthenticated"}',
        'jikimi_refused_total{protocol="osmand",reason="malformed"}',
    ):  # fmt: skip
        assert line in said
    assert (await gateway.client.get("/healthz")).json() == {"status": "accepting"}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Everything a role logs, as it would stand in its log."""
    out = io.StringIO()
    configure_logs("intake")
    handler = logging.StreamHandler(out)
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    monkeypatch.setattr("jikimi.intake.api._log", structlog.get_logger())

    def read() -> str:
        logging.getLogger().removeHandler(handler)
        structlog.reset_defaults()
        return out.getvalue() + capsys.readouterr().err

    return read


async def test_no_key_query_or_body_is_ever_logged(gateway: Gateway, heard: Callable[[], str]) -> None:
    """Whatever is taken, refused or goes wrong, the log holds neither key, id nor position."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own client is not ours to hush
    await gateway.send("/v1/fixes", lone(lon=127.123456))
    await gateway.send("/v1/fixes", lone(lon=127.123456), "k-wrong")
    await gateway.send("/v1/fixes", b'{"device": "tag-1", "lon": 127.123456')
    await gateway.osmand("id=tag-1&lat=x&lon=127.123456")
    gateway.log.error = RuntimeError("boom")
    await gateway.send("/v1/fixes", lone(lon=127.123456, t=NOW))
    await gateway.osmand("id=tag-1&lat=1&lon=127.123456")
    text = heard()
    assert "RuntimeError" in text
    for secret in ("boom", KEY, "k-wrong", "127.123456", "tag-1", "lon="):
        assert secret not in text


# on the real log ----------------------------------------------------------------------------------------------


async def test_on_the_real_log_every_answer_is_kept_and_in_order(nats_server: Nats) -> None:
    """A thousand fixes of two devices are answered, and the log holds each of them once, also over its death."""
    writer = await connect(nats_server.url("intake"), "intake")
    reader = await connect(nats_server.url("detect"), "detect")
    clock = Hand()

    async def put(body: bytes, message_id: str) -> int:
        return await append(writer, names.FIXES, body, message_id, patience_s=1)

    gatherer = Gatherer(put, clock)
    intake = Intake(known(), gatherer, put, clock, edition_at(NOW, "kr"), pace=Pace(rate_per_s=5, burst=2000))
    app = application(intake, lambda *_: None)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway", timeout=10 * PATIENCE
    ) as client:

        async def send(n: int) -> int:
            name, key = (("tag-1", KEY), ("tag-2", OTHER))[n % 2]
            body = {"device": name, **fix(n)}
            return (await client.post("/v1/fixes", json=body, headers={"Authorization": f"Bearer {key}"})).status_code

        assert set(await asyncio.gather(*(send(n) for n in range(300)))) == {200}
        nats_server.stop()
        assert await send(300) == 503
        nats_server.start()
        async with asyncio.timeout(30 * PATIENCE):
            while await send(300) != 200:
                await asyncio.sleep(0.1)
        assert set(await asyncio.gather(*(send(n) for n in range(400)))) == {200}
    kept: list[Fix] = []
    async with asyncio.timeout(20 * PATIENCE):
        async for entries in Tail(reader, names.FACTS).batches():
            for entry in entries:
                fact = decode(entry.body)
                assert isinstance(fact, Fixes)
                kept += fact.fixes
            if entries[-1].pending == 0:
                break
    assert {one.t for one in kept} == {NOW - 1000 + n for n in range(400)}
    # Only what was refused while the log was away may stand there twice: its answer never came.
    assert len(kept) <= 401 + 5
    await writer.close()
    await reader.close()


# her no ---------------------------------------------------------------------------------------------------------


async def test_after_her_no_her_phone_is_answered_as_ever_and_nothing_of_it_is_kept(gateway: Gateway) -> None:
    """Byte for byte what another device hears, whatever it sends: nothing is on the log nor among what could not be read."""
    gateway.intake.devices.learn(SHE_SAID_NO)
    unkept = REGISTRY.get_sample_value("jikimi_unkept_total") or 0.0
    stored = REGISTRY.get_sample_value("jikimi_fixes_taken_total", {"protocol": "json"}) or 0.0
    sent: list[tuple[str, dict[str, object]]] = [
        ("/v1/fixes", batch(fix(1), fix(1), fix(2, lat=91))), ("/v1/fixes", batch(fix(1))),
        ("/v1/fixes", batch(fix(3, lat=91))), ("/v1/fixes", {"fixes": [{"lat": 37.123}]}),
        ("/v1/events", {"kind": "battery", "t": NOW, "value": 9}), ("/v1/events", {"kind": "nothing", "t": NOW}),
    ]  # fmt: skip
    hers = [await gateway.send(path, {**body, "device": "watch"}, "hers") for path, body in sent]
    assert (gateway.log.facts, gateway.rejects) == ([], [])
    assert (REGISTRY.get_sample_value("jikimi_unkept_total") or 0.0) == unkept + 2
    assert (REGISTRY.get_sample_value("jikimi_fixes_taken_total", {"protocol": "json"}) or 0.0) == stored
    others = [await gateway.send(path, {**body, "device": "tag-2"}, OTHER) for path, body in sent]
    assert [(one.status_code, one.content) for one in hers] == [(one.status_code, one.content) for one in others]
    assert len(gateway.log.facts) == 2


async def test_after_her_no_a_call_for_help_is_still_a_call(gateway: Gateway) -> None:
    """What she took back is being watched, not being helped."""
    gateway.intake.devices.learn(SHE_SAID_NO)
    said = await gateway.send("/v1/events", {"device": "watch", "kind": "sos", "t": NOW}, "hers")
    assert said.status_code == 200
    assert [event.kind for event in gateway.log.events()] == ["sos"]


async def test_a_watch_that_is_worn_again_is_kept_again(gateway: Gateway) -> None:
    """The registry's next word about it is the one that holds."""
    gateway.intake.devices.learn(SHE_SAID_NO)
    gateway.intake.devices.learn(DeviceKey("d-4", "watch", digest("hers"), "watch", 60.0))
    await gateway.send("/v1/fixes", batch(fix(1), device="watch"), "hers")
    assert len(gateway.log.fixes()) == 1
    assert (await gateway.send("/v1/fixes", b"{", "hers")).status_code == 400
    assert len(gateway.rejects) == 1
