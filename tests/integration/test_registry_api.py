"""The registry over HTTP, on the desk's own application and a real PostgreSQL."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from jikimi.app.desk import application
from jikimi.identity.api import signed_in
from jikimi.identity.model import Actor, Role
from jikimi.kernel.ids import uuid7
from jikimi.registry.api import router
from jikimi.store.database import Database
from tests.test_registry_world import SINCE, HandClock, actor, built

SQUARE = [[126.0, 37.0], [128.0, 37.0], [128.0, 38.0], [126.0, 38.0], [126.0, 37.0]]
FEATURE = {
    "type": "Feature", "properties": {"name": "Hanbit", "station": "Hanbit Station"},
    "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
}  # fmt: skip
COLLECTION = {"type": "FeatureCollection", "features": [FEATURE], "source": "drawn", "as_of": "2026-01-01"}
HERE = {"lon": 127.0, "lat": 37.5, "sigma_m": 5.0, "at": "2026-10-03T00:00:00+09:00"}


@dataclass
class Site:
    """The desk with somebody signed in, or nobody."""

    app: FastAPI
    client: httpx.AsyncClient
    ids: dict[str, UUID]
    clock: HandClock
    wakes: list[int] = field(default_factory=list)

    async def ask(self, who: Actor | None, method: str, path: str, body: object = None) -> httpx.Response:
        """One request as ``who``."""
        self.app.dependency_overrides = {} if who is None else {signed_in: lambda: who}
        path = path.format(**self.ids)
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": "Bearer nobody"}
        return await self.client.request(method, path, content=content, headers=headers)

    def registrar(self, agency: str = "police") -> Actor:
        return actor(self.ids[agency])

    def officer(self) -> Actor:
        return actor(self.ids["police"], Role.POLICE_OFFICER, self.ids["patrol"])


@pytest.fixture
async def site(service: Database, people: Database) -> AsyncIterator[Site]:
    """A desk whose registry holds the world."""
    app = application()
    clock = HandClock()
    app.state.service, app.state.people, app.state.clock = service, people, clock
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        site = Site(app, client, (await built(service)).ids, clock)

        async def wake() -> None:
            site.wakes.append(1)

        app.state.wake = wake
        yield site


REGISTRAR, DISPATCHER, OFFICER = Role.REGISTRAR, Role.DISPATCHER, Role.POLICE_OFFICER
ORDER: dict[str, object] = {"regime": "kr", "offender": "a", "victim": "b", "from": SINCE, "radius_m": 100}
OFF = {"device": "watch", "person": None, "since": "2026-10-02T00:00:00Z"}
LADDER: dict[tuple[str, str], tuple[Any, Role, int, int]] = {
    # route: body, role that may, answer to it, answer to the same role of another agency
    ("POST", "/api/registry/import"): ({"people": [{"label": "x"}]}, REGISTRAR, 200, 200),
    ("GET", "/api/registry/units"): (None, REGISTRAR, 200, 200),
    ("GET", "/api/registry/people"): (None, REGISTRAR, 200, 200),
    ("GET", "/api/registry/orders"): (None, REGISTRAR, 200, 200),
    ("POST", "/api/registry/orders/{order}"): ({"version": 1, "radius_m": 150}, REGISTRAR, 200, 404),
    ("POST", "/api/registry/orders/{order}/end"): ({"version": 2}, REGISTRAR, 200, 404),
    ("POST", "/api/registry/devices/{device}/revoke"): (None, REGISTRAR, 204, 404),
    ("POST", "/api/registry/carries"): (OFF, REGISTRAR, 200, 404),
    ("POST", "/api/registry/jurisdictions"): ({**COLLECTION, "agency": "Hanbit Police"}, REGISTRAR, 200, 403),
    ("PUT", "/api/units/{unit}/position"): (HERE, OFFICER, 200, 403),
    ("PUT", "/api/units/{unit}/status"): ({"status": "busy"}, OFFICER, 204, 403),
    ("GET", "/api/locate"): (None, DISPATCHER, 200, 200),
}  # fmt: skip


def test_every_route_is_on_the_ladder() -> None:
    """A new route without its rungs fails here."""
    routes = {
        (method, route.path) for route in router.routes for method in getattr(route, "methods", set()) - {"HEAD"}
        if hasattr(route, "path")
    }  # fmt: skip
    assert routes == set(LADDER)


async def test_the_ladder(site: Site) -> None:
    """Nobody is 401, the wrong role 403, the wrong agency sees nothing, and the right one is let in, on every route."""
    site.ids |= {"device": site.ids["watch"], "unit": site.ids["patrol"]}
    for (method, path), (given, role, allowed, elsewhere) in LADDER.items():
        body = {**given, "device": str(site.ids["watch"])} if given and "device" in given else given
        asked = path + "?lon=127.001&lat=37.5" if path.endswith("locate") else path
        assert (await site.ask(None, method, asked, body)).status_code == 401, path
        wrong = Role.PROBATION_OFFICER if role is not OFFICER else Role.MONITOR
        refused = await site.ask(actor(site.ids["police"], wrong, None), method, asked, body)
        assert refused.status_code == 403, path
        assert refused.headers["content-type"] == "application/problem+json"
        unit = site.ids["stranger"] if role is OFFICER else None
        assert (await site.ask(actor(site.ids["others"], role, unit), method, asked, body)).status_code == elsewhere, (
            path
        )
        unit = site.ids["patrol"] if role is OFFICER else None
        done = await site.ask(actor(site.ids["police"], role, unit), method, asked, body)
        assert done.status_code == allowed, (path, done.text)
        assert done.headers["cache-control"] == "no-store"


async def test_what_is_entered_is_published_at_once(site: Site) -> None:
    """Every route that changes what detection knows wakes the outbox after its commit; reading does not."""
    await site.ask(site.registrar(), "GET", "/api/registry/orders")
    await site.ask(site.registrar(), "POST", "/api/registry/import", {"people": [{"label": 5}]})
    assert site.wakes == []
    await site.ask(site.registrar(), "POST", "/api/registry/orders/{order}", {"version": 1, "monitored": False})
    assert site.wakes == [1]


async def test_an_order_is_changed_on_the_version_that_was_read(site: Site) -> None:
    """What is left out stays, what is null is removed, and a change decided upon an old version is a Conflict."""
    change = {
        "version": 1,
        "radius_m": 300,
        "until": None,
        "suspensions": [{"from": SINCE, "until": None, "reason": "x"}],
    }
    done = await site.ask(site.registrar(), "POST", "/api/registry/orders/{order}", change)
    assert done.json() == {"order": str(site.ids["order"]), "version": 2}
    again = await site.ask(site.registrar("centre"), "POST", "/api/registry/orders/{order}", change)
    assert (again.status_code, again.json()["version"]) == (409, 2)
    order = (await site.ask(site.registrar(), "GET", "/api/registry/orders")).json()["orders"][0]
    assert (order["radius_m"], order["ends_at"], order["rings_m"], order["version"]) == (300, None, [2000, 1000], 2)
    assert order["starts_at"] == "2026-09-30T15:00:00.000Z"
    nowhere = {"lon": None, "lat": None, "radius_m": None}
    assert order["suspensions"] == [{"from": "2026-09-30T15:00:00.000Z", "until": None, "reason": "x", **nowhere}]
    await site.ask(site.registrar("centre"), "POST", "/api/registry/orders/{order}/end", {"version": 2})
    ended = await site.ask(site.registrar(), "POST", "/api/registry/orders/{order}", {"version": 3})
    assert ended.status_code == 409
    assert "ended" in ended.json()["detail"]


async def test_replacing_places_leaves_the_other_agencys_alone(site: Site, service: Database) -> None:
    """The monitoring agency's new places neither remove nor reveal the shelter the police entered."""
    place = {"kind": "school", "lon": 127.1, "lat": 37.6, "radius_m": 80}
    wrong = {"version": 1, "places": [place | {"kind": "shcool"}]}
    refused = await site.ask(site.registrar("centre"), "POST", "/api/registry/orders/{order}", wrong)
    assert (refused.status_code, refused.json()["field"]) == (400, "kind")
    assert "school" in refused.json()["detail"]
    done = await site.ask(
        site.registrar("centre"), "POST", "/api/registry/orders/{order}", {"version": 1, "places": [place]}
    )
    assert done.status_code == 200
    async with service.transaction() as connection:
        kinds = (await connection.execute(text("SELECT kind FROM place ORDER BY kind"))).scalars().all()
    assert kinds == ["school", "shelter", "work"]
    seen = (await site.ask(site.registrar("centre"), "GET", "/api/registry/orders")).json()["orders"][0]["places"]
    assert sorted(one["kind"] for one in seen) == ["school", "work"]
    emptied = await site.ask(site.registrar(), "POST", "/api/registry/orders/{order}", {"version": 2, "places": []})
    assert emptied.status_code == 200


async def test_no_answer_holds_where_a_secret_place_is(site: Site) -> None:
    """Not the lists, not an import's answer, not a refusal: a shelter's coordinates leave for detection alone."""
    shelter = {"kind": "shelter", "secret": True, "lon": 127.1234567, "lat": 37.7654321, "radius_m": 90}
    document: dict[str, Any] = {
        "people": [{"ref": "a", "label": "x"}, {"ref": "b", "label": "y"}],
        "orders": [
            {"regime": "kr", "offender": "a", "victim": "b", "from": SINCE, "radius_m": 100, "places": [shelter]}
        ],
    }
    said = [await site.ask(site.registrar(), "POST", "/api/registry/import", document)]
    said.append(await site.ask(site.registrar(), "GET", "/api/registry/orders"))
    crossed = {
        **shelter,
        "polygon": [[[127.1234567, 37.7654321], [127.2, 37.8], [127.3, 37.7], [127.1234567, 37.7654321]]],
    }
    document["orders"] = [{**ORDER, "places": [crossed]}]
    said.append(await site.ask(site.registrar(), "POST", "/api/registry/import", document))
    assert [one.status_code for one in said] == [200, 200, 400]
    assert not any("1234567" in one.text or "7654321" in one.text for one in said)


async def test_a_carry_moves_and_a_contradiction_is_a_conflict(site: Site) -> None:
    """A device goes from one body to the next; going back in time, or twice to the same body, is a Conflict."""
    move = {"device": str(site.ids["tag"]), "person": str(site.ids["she"]), "since": "2026-10-02T00:00:00+09:00"}
    centre = site.registrar("centre")
    done = await site.ask(centre, "POST", "/api/registry/carries", move)
    assert done.json()["ended"] == str(site.ids["worn"])
    for since, person, status in (
        ("2026-10-01T12:00:00+09:00", "he", 409),
        ("2026-10-03T00:00:00+09:00", "she", 409),
        ("2026-10-03T00:00:00+09:00", "neighbour", 404),
        ("2026-10-03T00:00:00+09:00", "he", 200),
    ):
        again = {**move, "since": since, "person": str(site.ids[person])}
        assert (await site.ask(centre, "POST", "/api/registry/carries", again)).status_code == status, (since, person)
    off = {**move, "person": None, "since": "2026-10-04T00:00:00+09:00"}
    assert (await site.ask(centre, "POST", "/api/registry/carries", off)).json()["begun"] is None
    assert (await site.ask(centre, "POST", "/api/registry/carries", off)).status_code == 409
    await site.ask(centre, "POST", f"/api/registry/devices/{site.ids['tag']}/revoke")
    again = {**move, "since": "2026-10-05T00:00:00+09:00"}
    assert (await site.ask(centre, "POST", "/api/registry/carries", again)).status_code == 409


async def test_a_units_position_is_its_own_officers_and_never_goes_back(site: Site) -> None:
    """Only the unit's officer reports it; an older position is answered and not taken; the future is absurd."""
    site.clock.at = 1_791_000_000.0
    path = "/api/units/{patrol}/position"
    assert (await site.ask(site.officer(), "PUT", path, HERE)).json() == {"taken": True}
    older = {**HERE, "lon": 1.0, "at": "2026-10-02T00:00:00+09:00"}
    assert (await site.ask(site.officer(), "PUT", path, older)).json() == {"taken": False}
    future = {**HERE, "at": "2027-10-02T00:00:00+09:00"}
    assert (await site.ask(site.officer(), "PUT", path, future)).status_code == 422
    assert (await site.ask(site.officer(), "PUT", "/api/units/{stranger}/position", HERE)).status_code == 403
    unit = (await site.ask(site.registrar(), "GET", "/api/registry/units")).json()["units"][0]
    assert (unit["lon"], unit["position_at"]) == (127.0, "2026-10-02T15:00:00.000Z")
    assert (await site.ask(site.registrar(), "PUT", "/api/units/{patrol}/status", {"status": "off"})).status_code == 204
    assert (
        await site.ask(site.registrar(), "PUT", "/api/units/{stranger}/status", {"status": "off"})
    ).status_code == 404


BODIES: list[tuple[bytes, int]] = [
    (b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b"[]", 400), (b"null", 400), (b"[" * 100_000, 400),
    (b"1" * 5000, 400),
    (b'{"people": [{"label": NaN}]}', 400), (b'{"stations": [{"name": "a", "lon": NaN, "lat": 1}]}', 400),
    (b'{"stations": [{"name": "a", "lon": 1e999, "lat": 1}]}', 400),
    (b'{"stations": [{"name": "a", "lon": "1", "lat": 1}]}', 400),
    (b'{"people": [{"label": "\\ud800"}]}', 400), (b'{"people": [{"label": "\\u0000"}]}', 400), (b"{}", 200),
]  # fmt: skip


async def test_what_cannot_be_read_is_a_problem_and_never_a_crash(site: Site) -> None:
    """Broken, endless, absurd or wrongly typed bodies get a problem+json that says what to correct."""
    site.app.dependency_overrides = {signed_in: site.registrar}
    for body, status in BODIES:
        answer = await site.client.post(
            "/api/registry/import", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status, body[:60]
        if status != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json().get("code") == "malformed", (body[:60], answer.text)


async def test_a_body_too_long_or_of_untold_length_is_not_read(site: Site) -> None:
    """The length is asked for before a byte is read."""
    site.app.dependency_overrides = {signed_in: site.registrar}
    long = await site.client.post("/api/registry/import", content=b"{}", headers={"Content-Length": "99999999999"})
    assert long.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        yield b"{}"

    assert (await site.client.post("/api/registry/import", content=endless())).status_code == 400


async def test_a_wrong_entry_is_named_over_http(site: Site) -> None:
    """List, index and field stand in the problem's own members."""
    document = {"people": [{"label": "x"}, {"label": "y", "surname": "z"}]}
    problem = (await site.ask(site.registrar(), "POST", "/api/registry/import", document)).json()
    assert (problem["list"], problem["index"], problem["field"]) == ("people", 1, "surname")


async def test_lists_come_in_pages(site: Site) -> None:
    """A page tells where the next begins, and the last says that there is none."""
    seen: list[str] = []
    after = ""
    while True:
        page = (await site.ask(site.registrar(), "GET", f"/api/registry/people?limit=2{after}")).json()
        seen += [person["id"] for person in page["people"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == sorted(set(seen))
    assert len(seen) == 3
    for query in ("limit=0", "limit=1001", "limit=x", "after=1"):
        assert (await site.ask(site.registrar(), "GET", f"/api/registry/people?{query}")).status_code == 400


async def test_locate_over_http(site: Site) -> None:
    """A dispatcher gets the ground's owner with its source and day, and the agency's own units with their ages."""
    await site.ask(site.registrar(), "POST", "/api/registry/jurisdictions", COLLECTION)
    dispatcher = actor(site.ids["police"], Role.DISPATCHER)
    found = (await site.ask(dispatcher, "GET", "/api/locate?lon=127.0&lat=37.5")).json()
    assert found["jurisdiction"] == {
        "name": "Hanbit", "station": "Hanbit Station", "agency": "Hanbit Police", "source": "drawn",
        "as_of": "2026-01-01",
    }  # fmt: skip
    assert [unit["callsign"] for unit in found["units"]] == ["P-1"]
    assert found["units"][0]["distance_m"] == pytest.approx(88.2, abs=0.5)
    assert found["units"][0]["age_s"] == pytest.approx(site.clock.at - 1790780400, abs=0.1)
    assert (await site.ask(dispatcher, "GET", "/api/locate?lon=1&lat=1")).json()["jurisdiction"] is None
    for query in ("lon=181&lat=1", "lon=nan&lat=1", "lon=1", "lon=1&lat=inf", "lon=x&lat=1"):
        assert (await site.ask(dispatcher, "GET", f"/api/locate?{query}")).status_code == 400, query


async def test_openapi_documents_every_body(site: Site) -> None:
    """The description of each route names the model of its body, so that clients can be generated."""
    paths = site.app.openapi()["paths"]
    for (method, path), (body, *_) in LADDER.items():
        assert (body is None) == ("requestBody" not in paths[path][method.lower()]), path


async def test_an_unknown_id_looks_like_another_agencys(site: Site) -> None:
    """Not there and not yours are one answer."""
    theirs = await site.ask(site.registrar("others"), "POST", "/api/registry/orders/{order}", {"version": 1})
    nobodys = await site.ask(site.registrar("others"), "POST", f"/api/registry/orders/{uuid7()}", {"version": 1})
    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
