"""The ladder over every route of the desk and of the gateway: nobody, ended, wrong role, other agency, allowed.

The table below is checked against the applications themselves: a route without its rungs fails here.
"""

import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from nats.aio.client import Client
from tests.integration.respond.conftest import HERE, Site, site_of

from jikimi.app.desk import application
from jikimi.detect.facts import Fixes, decode
from jikimi.identity import passwords
from jikimi.identity.asking import PURPOSE
from jikimi.identity.model import Role
from jikimi.identity.oidc import OpenId
from jikimi.identity.service import create_account, sign_in
from jikimi.intake.api import application as gateway_application
from jikimi.intake.devices import DeviceKey, Devices, digest
from jikimi.intake.gather import Gatherer
from jikimi.intake.limits import Pace
from jikimi.intake.service import Intake
from jikimi.kernel.clock import SystemClock, iso
from jikimi.ledger.digests import Digester
from jikimi.ledger.sealer import Sealer
from jikimi.oversee.pseudonyms import KEY, Pseudonyms
from jikimi.registry.regimes import edition_at
from jikimi.respond import rules
from jikimi.staff import rules as duty_rules
from jikimi.staff.greeting import greeter
from jikimi.store.database import Database
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats
from jikimi.vault import Vault

CLOCK = SystemClock()
REGISTRAR, DISPATCHER, MONITOR = Role.REGISTRAR, Role.DISPATCHER, Role.MONITOR
POLICE, PROBATION = Role.POLICE_OFFICER, Role.PROBATION_OFFICER
EVERYBODY = frozenset(Role)
SUPPORTER = Role.SUPPORTER
READERS = frozenset({REGISTRAR, DISPATCHER, MONITOR})
FILES = READERS | {SUPPORTER}
KEEPERS = frozenset({REGISTRAR, SUPPORTER})
REVIEWER = Role.REVIEWER
ROOMS = frozenset({DISPATCHER, MONITOR})
PRIVACY = frozenset({REVIEWER})
OFFICERS = frozenset({POLICE, PROBATION})
RESPONSE = ROOMS | OFFICERS
CLERK = frozenset({REGISTRAR})
PUBLIC = "public"
"""Routes that know nobody: signing in, health, the screens' own files."""
COUNTERS = "counters"
"""For whatever watches over the machines, by a key of its own; nobody's sign-in and no device's key opens it."""


@dataclass(frozen=True)
class Rung:
    """Who may, with which body, what they are answered, and what the same role of another agency is answered."""

    roles: frozenset[Role]
    allowed: int
    elsewhere: int | tuple[int, ...]
    body: Any = None
    mine: frozenset[Role] | None = None
    """Of those roles, whose own thing the addressed one is; the others are answered as if it did not exist."""
    purpose: bool = True
    """Whether it is asked for a purpose; what shows nothing of anybody is not."""
    tries: bool = False
    """Whether it tells an agency what its own staff tried, this side's ids among it as they typed them."""


SINCE = iso(time.time() - 86400)
LATER = iso(time.time() + 86400)
LATEST = iso(time.time() + 2 * 86400)
LADDER: dict[tuple[str, str], Rung | str] = {
    ("GET", "/api/sessions/oidc"): PUBLIC, ("GET", "/api/sessions/oidc/callback"): PUBLIC,
    ("POST", "/api/sessions/oidc/back-channel"): PUBLIC,
    ("POST", "/api/sessions"): PUBLIC, ("GET", "/healthz"): PUBLIC, ("GET", "/metrics"): COUNTERS,
    ("GET", "/api/openapi.json"): PUBLIC, ("GET", "/"): PUBLIC, ("GET", "/sign-in"): PUBLIC, ("GET", "/console"): PUBLIC,
    ("GET", "/field"): PUBLIC, ("GET", "/access"): PUBLIC, ("GET", "/roster"): PUBLIC, ("GET", "/consent"): PUBLIC,
    ("MOUNT", "/assets"): PUBLIC,
    ("MOUNT", "/map"): PUBLIC, ("GET", "/api/site"): PUBLIC,
    ("GET", "/api/me"): Rung(EVERYBODY, 200, 200, purpose=False),
    ("GET", "/api/choices"): Rung(EVERYBODY, 200, 200, purpose=False),
    ("GET", "/api/access/policies"): Rung(EVERYBODY, 200, 200, purpose=False),
    ("GET", "/api/overview"): Rung(ROOMS, 200, 200), ("GET", "/api/notices"): Rung(ROOMS, 200, 200),
    ("GET", "/api/incidents"): Rung(RESPONSE, 200, 200),
    ("GET", "/api/incidents/{incident}"): Rung(RESPONSE, 200, 404),
    ("POST", "/api/incidents/{incident}/take"): Rung(ROOMS, 204, 404),
    ("POST", "/api/incidents/{incident}/log"): Rung(ROOMS, 204, 404, {"text": "called her"}),
    ("POST", "/api/taskings/{tasking}/help"): Rung(OFFICERS, 204, 404, mine=frozenset({POLICE})),
    ("POST", "/api/taskings/{tasking}/answer"): Rung(OFFICERS, 204, 404, {"state": "accepted"}, frozenset({POLICE})),
    ("GET", "/api/duty/me"): Rung(EVERYBODY, 200, 200, purpose=False),
    ("GET", "/api/duty"): Rung(RESPONSE | CLERK | PRIVACY, 200, 200),
    ("GET", "/api/duty/hand-overs"): Rung(RESPONSE, 200, 200),
    ("POST", "/api/duty/shifts"): Rung(
        CLERK, 201, 404, {"shifts": [{"account": "{account}", "from": LATER, "until": LATEST}]}
    ),
    ("POST", "/api/duty/shifts/{planned}/withdraw"): Rung(CLERK, 204, 404),
    ("POST", "/api/duty/qualifications"): Rung(
        CLERK, 201, 404, {"account": "{account}", "kind": "first-aid", "from": SINCE, "until": LATER}
    ),
    ("POST", "/api/duty/qualifications/{qualification}/end"): Rung(CLERK, 204, 404),
    ("PUT", "/api/accounts/{account}/subject"): Rung(CLERK, 204, 404, {"subject": "s-1"}),
    ("POST", "/api/accounts/{leaver}/end"): Rung(CLERK | PRIVACY, 204, 404),
    ("POST", "/api/duty/shifts/{shift}/begin"): Rung(RESPONSE, 204, 404, mine=frozenset({DISPATCHER})),
    ("POST", "/api/duty/hand-overs/{handover_id}/take"): Rung(RESPONSE, 200, 404, mine=frozenset({DISPATCHER})),
    ("POST", "/api/duty/hand-overs"): Rung(
        RESPONSE, 201, 404, {"shift": "{shift}", "incidents": ["{incident}"], "taskings": []}, frozenset({DISPATCHER})
    ),
    ("POST", "/api/duty/hand-overs/{given}/withdraw"): Rung(RESPONSE, 204, 404, mine=frozenset({MONITOR})),
    ("POST", "/api/access/grants"): Rung(PRIVACY, 201, 404, {
        "agency": "{others}", "account": "{theirs}", "subject": "{he}", "incident": "{incident}", "data": ["person"],
        "purpose": "APPROACH_RESPONSE", "until": LATER, "reason": "their patrol is nearer to her",
    }),
    ("POST", "/api/incidents/{incident}/close"): Rung(
        frozenset({DISPATCHER}), 204, 404,
        {"cause": "real_approach", "response": "both_on_scene", "outcome": "apprehended"},
    ),
    ("GET", "/api/registry/units"): Rung(READERS, 200, 200), ("GET", "/api/registry/people"): Rung(FILES, 200, 200),
    ("GET", "/api/registry/orders"): Rung(FILES, 200, 200), ("GET", "/api/locate"): Rung(ROOMS, 200, 200),
    ("GET", "/api/registry/people/{person}"): Rung(FILES, 200, 404, mine=READERS),
    ("GET", "/api/registry/people/{person}/changes"): Rung(CLERK, 200, 404),
    ("POST", "/api/registry/people/{person}"): Rung(CLERK, 200, 404, {"label": "another name"}),
    ("POST", "/api/registry/import"): Rung(CLERK, 200, 200, {"people": [{"label": "x"}]}),
    ("POST", "/api/registry/orders/{order}"): Rung(CLERK, 200, 404, {"version": 1, "radius_m": 150}),
    ("GET", "/api/registry/people/{protected}/places"): Rung(CLERK, 200, 404),
    ("POST", "/api/registry/people/{protected}/places/{place}"): Rung(CLERK, 200, 404, {"lon": 127.02, "lat": 37.52}),
    ("POST", "/api/registry/orders/{order}/end"): Rung(CLERK, 200, 404, {"version": 3}),
    ("POST", "/api/registry/carries"): Rung(CLERK, 200, 404, {"device": "{device}", "person": "{he}", "since": SINCE}),
    ("POST", "/api/registry/devices/{device}/revoke"): Rung(CLERK, 204, 404),
    ("POST", "/api/registry/jurisdictions"): Rung(CLERK, 200, 403, {
        "type": "FeatureCollection", "source": "drawn", "as_of": "2026-01-01", "agency": "Hanbit Police", "features": [{
            "type": "Feature", "properties": {"name": "Hanbit"}, "geometry": {"type": "Polygon", "coordinates": [
                [[126.0, 37.0], [128.0, 37.0], [128.0, 38.0], [126.0, 38.0], [126.0, 37.0]]]}}],
    }),
    ("PUT", "/api/units/{unit}/position"): Rung(
        OFFICERS, 200, 403, {"lon": HERE[0], "lat": HERE[1], "sigma_m": 5.0, "at": SINCE}, frozenset({POLICE})
    ),
    ("PUT", "/api/units/{unit}/status"): Rung(
        OFFICERS | CLERK, 204, (403, 404), {"status": "busy"}, frozenset({POLICE, REGISTRAR})
    ),
    ("WS", "/api/live"): Rung(RESPONSE, 101, 101),
    ("POST", "/api/registry/people/search"): Rung(FILES, 200, 200, {"identifier": "900101-1234567"}),
    ("POST", "/api/registry/people/glass"): Rung(ROOMS, 201, 201, {"subject": "{he}", "reason": "she called from a cell"}),
    ("GET", "/api/access/grants"): Rung(PRIVACY, 200, 200, tries=True),
    ("GET", "/api/access/register"): Rung(PRIVACY, 200, 200, tries=True),
    ("GET", "/api/consents/words"): Rung(EVERYBODY, 200, 200, purpose=False),
    ("GET", "/api/consents"): Rung(KEEPERS, 200, 200),
    ("POST", "/api/consents"): Rung(
        KEEPERS, 201, 404, {"person": "{she}", "recipient": "{helpers}", "data": ["person"], "until": LATER}, CLERK
    ),
    ("POST", "/api/consents/{consent_id}"): Rung(KEEPERS, 200, 404, {"version": 1, "state": "given"}, CLERK),
    ("GET", "/api/access/unusual"): Rung(PRIVACY, 200, 200),
    ("GET", "/api/access/agencies"): Rung(EVERYBODY, 200, 200, purpose=False),
    ("GET", "/api/access/ended"): Rung(EVERYBODY, 200, 200, purpose=False),
    ("POST", "/api/access/names"): Rung(PRIVACY, 200, 200, {"accounts": ["{account}"]}),
    ("POST", "/api/access/looks"): Rung(CLERK | PRIVACY, 200, 404, {"person": "{she}"}),
    ("GET", "/api/prints/looks/{protected}"): Rung(CLERK | PRIVACY, 200, 404),
    ("GET", "/api/prints/own-data/{person}"): Rung(CLERK | PRIVACY, 200, 404),
    ("GET", "/api/prints/statutory-register"): Rung(PRIVACY, 200, 200),
    ("POST", "/api/access/pseudonyms"): Rung(PRIVACY, 200, 404, {"statement": "{statement}", "pseudonym": "{pseudonym}"}),
    ("GET", "/api/ledger"): Rung(CLERK | PRIVACY, 200, 200),
    ("POST", "/api/ledger/verification"): Rung(CLERK | PRIVACY, 200, 200, {}),
    ("GET", "/api/monitoring/withdrawals"): Rung(KEEPERS | frozenset({DISPATCHER}), 200, 200),
    ("POST", "/api/monitoring/withdrawals/{withdrawal}/answer"): Rung(
        frozenset({DISPATCHER}), 204, 404, {"word": None}
    ),
    ("PUT", "/api/monitoring/safe-words"): Rung(
        KEEPERS, 204, 404, {"person": "{she}", "word": "blue bicycle", "duress": "green kettle"}, CLERK
    ),
    ("POST", "/api/monitoring/withdrawals"): Rung(KEEPERS, 201, 404, {"person": "{she}"}, CLERK),
    ("GET", "/api/agreements"): Rung(PRIVACY, 200, 200),
    ("POST", "/api/agreements"): Rung(PRIVACY, 201, 201, {
        "other": "{centre}", "subject": "{he}", "data": ["person"], "purpose": "TRIAL", "article": "article 17",
        "until": LATER, "reason": "the court asked for it in writing",
    }),
    ("POST", "/api/agreements/{agreement}/yes"): Rung(PRIVACY, 204, 404),
    ("POST", "/api/agreements/{agreement}/end"): Rung(PRIVACY, 204, 404),
    ("POST", "/api/access/grants/{grant}/judgement"): Rung(PRIVACY, 204, 404, {"upheld": True}),
    ("POST", "/api/access/grants/{grant}/end"): Rung(PRIVACY, 204, 404),
    ("GET", "/api/destructions"): Rung(CLERK | PRIVACY, 200, 200),
    ("POST", "/api/destructions"): Rung(CLERK, 201, 404, {"person": "{she}", "event": "file_closed"}),
    ("POST", "/api/destructions/{destruction}/inquiry"): Rung(CLERK | PRIVACY, 204, 404, {"confirmed": True}, PRIVACY),
    ("POST", "/api/destructions/{destruction}/hold"): Rung(PRIVACY, 204, 404, {}),
    ("POST", "/api/destructions/{destruction}/decision"): Rung(PRIVACY, 204, 404, {"carried_out": False}),
    ("POST", "/api/duty/shifts/{shift}/end"): Rung(RESPONSE, 204, 404, mine=frozenset({DISPATCHER})),
    ("DELETE", "/api/sessions/current"): Rung(EVERYBODY, 204, 204, purpose=False),
}  # fmt: skip
DEMONSTRATION = {
    ("GET", "/api/doors"), ("POST", "/api/doors/morning"), ("POST", "/api/doors/end"), ("GET", "/api/doors/{code}"),
    ("POST", "/api/doors/{code}"),
}  # fmt: skip
"""Routes that a real installation does not have, whoever asks."""
GLASS = "/api/registry/people/glass"
QUERY = {
    "/api/locate": "?lon=127.0&lat=37.5", "/api/prints/statutory-register": f"?form=44-10&from={SINCE}&until={LATER}",
}  # fmt: skip


def routes(found: Any) -> Iterator[tuple[str, str]]:
    """Every route below an application or router, included routers and mounts too."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner.routes)
        elif getattr(route, "methods", None):
            yield from ((method, route.path) for method in route.methods - {"HEAD"})
        else:
            yield ("WS" if "WebSocket" in type(route).__name__ else "MOUNT"), route.path


def has_rungs(app: Any, table: Iterable[tuple[str, str]]) -> None:
    """Every route of an application stands on its table, and nothing else does."""
    assert set(routes(app.routes)) == set(table)


def test_every_route_of_the_desk_is_on_the_ladder() -> None:
    """A route that nobody has put on the table is a route nobody has thought about."""
    has_rungs(application(), LADDER.keys() | DEMONSTRATION)


def _filled(body: Any, ids: dict[str, object]) -> bytes:
    said = json.dumps(body)
    named = {
        "centre",
        "device",
        "he",
        "she",
        "others",
        "helpers",
        "account",
        "theirs",
        "shift",
        "incident",
        "statement",
        "pseudonym",
    }
    for name in named & ids.keys():
        said = said.replace("{" + name + "}", str(ids[name]))
    return said.encode()


@dataclass
class Door:
    """The desk and the sessions that knock at it."""

    app: FastAPI
    client: httpx.AsyncClient
    site: Site
    tokens: dict[tuple[str, Role], str]
    ids: dict[str, object] = field(default_factory=dict)

    async def knock(
        self, token: str | None, method: str, path: str, body: Any, purpose: str | None = None
    ) -> httpx.Response:
        """One request."""
        content = None if body is None else _filled(body, self.ids)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        headers |= {PURPOSE: purpose} if purpose else {}
        return await self.client.request(
            method, path.format(**self.ids) + QUERY.get(path, ""), content=content, headers=headers
        )

    async def line(self, token: str | None) -> int:
        """Open the live line and return the code it is closed with at once."""
        headers = [(b"host", b"desk")] + ([(b"authorization", f"Bearer {token}".encode())] if token else [])
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws", "path": "/api/live",
            "raw_path": b"/api/live", "query_string": b"", "root_path": "", "headers": headers, "subprotocols": [],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        assert [one["type"] for one in sent] == ["websocket.accept", "websocket.close"]
        return int(sent[-1]["code"])


@pytest.fixture
async def nats(nats_server: Nats) -> AsyncIterator[Client]:
    """The desk's connection to the log."""
    client = await connect(nats_server.url("desk"), "desk")
    yield client
    await client.close()


@pytest.fixture
async def door(
    service: Database, people: Database, nats: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Door]:
    """A desk with an open incident and a session for every role, here and at another agency."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    site = await site_of(service, nats)
    app = application()
    app.state.service, app.state.people, app.state.clock, app.state.nats = service, people, CLOCK, nats
    app.state.hub = SimpleNamespace(rules=rules.load("kr"))
    app.state.regime, app.state.exercise, app.state.digester = "kr", False, Digester(bytes(32))
    app.state.vault = Vault(tmp_path)
    app.state.provider = OpenId("http://127.0.0.1:9", "us", "theirs", "http://desk/api/sessions/oidc/callback", CLOCK)
    app.state.greet = greeter(CLOCK, duty_rules.load("kr"))

    async def wake() -> None:
        """Nobody sleeps here."""

    app.state.wake = wake
    tokens = {}
    for where, role, unit in (
        ("police", REGISTRAR, None), ("police", DISPATCHER, None), ("centre", MONITOR, None), ("police", POLICE, "p1"),
        ("centre", PROBATION, "m2"), ("police", REVIEWER, None), ("helpers", SUPPORTER, None),
        ("others", REGISTRAR, None), ("others", DISPATCHER, None), ("others", POLICE, "x1"), ("others", REVIEWER, None),
    ):  # fmt: skip
        async with service.transaction() as connection:
            agency, of = site.ids[where], site.ids[unit] if unit else None
            _, password = await create_account(connection, agency, role, f"{where}-{role}", None, of)
        side = "elsewhere" if where == "others" else "here"
        tokens[side, role] = (await sign_in(service, CLOCK, f"{where}-{role}", password))[0]
    await site.take(site.alert())
    for step in ("accepted", "on_scene"):  # or nobody could be said to be apprehended
        await site.answer("m2", step)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        made = Door(app, client, site, tokens)
        tag = {"devices": [{"ref": "tag", "kind": "tag", "external_id": "tag-9", "interval_s": 60}]}
        done = await made_request(made, tag)
        made.ids = {
            "device": UUID(done["ids"]["tag"]), "incident": (await site.incident())["id"], "order": site.ids["order"],
            "tasking": await site.tasking("p1"), "unit": site.ids["p1"],
            "he": site.ids["he"], "person": site.ids["he"], "others": site.ids["others"],
            "she": site.ids["she"], "helpers": site.ids["helpers"],
        }  # fmt: skip
        broken = await made.knock(
            tokens["here", DISPATCHER], "POST", GLASS, {"subject": "{she}", "reason": "she called us"}
        )
        made.ids["grant"] = UUID(broken.json()["grant"])
        made.ids["place"] = await site.one("SELECT id FROM place WHERE kind = 'work'")
        await made_asked(made)
        yes = LADDER["POST", "/api/consents"]
        assert isinstance(yes, Rung)
        said = await made.knock(tokens["here", REGISTRAR], "POST", "/api/consents", yes.body)
        made.ids["consent_id"] = UUID(said.json()["id"])
        gone = {"person": "{she}", "event": "five_years"}
        asked = await made.knock(tokens["here", REGISTRAR], "POST", "/api/destructions", gone)
        made.ids["destruction"] = UUID(asked.json()["id"])
        await made_duty(made)
        yield made


async def made_asked(door: Door) -> None:
    """A watch on her, her no to it, what the centre proposed to share, and a first checkpoint."""
    site, clerk = door.site, door.tokens["here", REGISTRAR]
    door.ids |= {"centre": site.ids["centre"], "protected": site.ids["she"]}
    await made_request(door, {
        "devices": [{"ref": "watch", "kind": "watch", "external_id": "watch-9", "interval_s": 30}],
        "carries": [{"device": "watch", "person": str(site.ids["she"]), "since": SINCE}],
    })  # fmt: skip
    refused = await door.knock(clerk, "POST", "/api/monitoring/withdrawals", {"person": "{she}"})
    door.ids["withdrawal"] = UUID(refused.json()["id"])
    async with site.database.transaction() as connection:
        _, password = await create_account(connection, site.ids["centre"], REVIEWER, "centre-reviewer", None, None)
    theirs = (await sign_in(site.database, CLOCK, "centre-reviewer", password))[0]
    wanted = LADDER["POST", "/api/agreements"]
    assert isinstance(wanted, Rung)
    proposed = await door.knock(theirs, "POST", "/api/agreements", wanted.body | {"other": str(site.ids["police"])})
    door.ids["agreement"] = UUID(proposed.json()["id"])
    await door.knock(
        door.tokens["here", REVIEWER],
        "GET",
        f"/api/prints/statutory-register?form=44-10&from={SINCE}&until={LATER}",
        None,
    )
    made = await site.rows("SELECT id FROM access_register WHERE what = 'statutory_register' AND allowed")
    door.ids["statement"] = made[0]["id"]
    door.ids["pseudonym"] = Pseudonyms(door.app.state.vault.key(KEY)).of(made[0]["id"], site.ids["he"])
    await Sealer(site.database, Ed25519PrivateKey.generate(), "police.example/ledger", CLOCK).seal_once()


async def made_duty(door: Door) -> None:
    """A shift of the dispatcher's, one to withdraw, a paper, and what a colleague has handed over."""
    site, clerk = door.site, door.tokens["here", REGISTRAR]

    async def planned(account: object, since: str, until: str) -> UUID:
        body = {"shifts": [{"account": str(account), "from": since, "until": until}]}
        return UUID((await door.knock(clerk, "POST", "/api/duty/shifts", body)).json()["ids"][0])

    async with site.database.transaction() as connection:
        colleague, password = await create_account(
            connection, site.ids["police"], DISPATCHER, "police-leaver", None, None
        )
    async with site.database.transaction() as connection:
        door.ids["leaver"], _ = await create_account(
            connection, site.ids["police"], DISPATCHER, "police-retired", None, None
        )
    leaver = (await sign_in(site.database, CLOCK, "police-leaver", password))[0]
    door.ids["account"] = await site.one("SELECT id FROM account WHERE name = 'police-dispatcher'")
    door.ids["theirs"] = await site.one("SELECT id FROM account WHERE name = 'others-dispatcher'")
    door.ids["planned"] = await planned(door.ids["account"], LATEST, iso(time.time() + 2.5 * 86400))
    mine, theirs = [await planned(one, SINCE, iso(time.time() + 600)) for one in (door.ids["account"], colleague)]
    door.ids["shift"] = theirs
    await door.knock(leaver, "POST", "/api/duty/shifts/{shift}/begin", None)
    await door.knock(leaver, "POST", "/api/incidents/{incident}/take", None)
    given = await door.knock(
        leaver, "POST", "/api/duty/hand-overs", {"shift": "{shift}", "incidents": ["{incident}"], "taskings": []}
    )
    door.ids["handover_id"], door.ids["shift"] = UUID(given.json()["id"]), mine
    paper = {"account": "{account}", "kind": "em-monitoring", "from": SINCE, "until": LATER}
    made = await door.knock(clerk, "POST", "/api/duty/qualifications", paper)
    door.ids["qualification"] = UUID(made.json()["id"])
    door.ids["given"] = await site.one("SELECT gen_random_uuid()")
    await site.execute(
        "WITH duty AS (INSERT INTO shift (id, agency, account, starts_at, ends_at, begun_at, planned_by) SELECT"
        " gen_random_uuid(), agency, id, now() - interval '1 h', now() + interval '1 h', now(), id FROM account"
        " WHERE name = 'centre-monitor' RETURNING id, agency, account)"
        " INSERT INTO handover (id, agency, shift, account, incidents, taskings, given_at)"
        " SELECT :given, agency, id, account, ARRAY[CAST(:incident AS uuid)], '{}', now() FROM duty",
        given=door.ids["given"], incident=door.ids["incident"],
    )  # fmt: skip


async def made_request(door: Door, document: Any) -> Any:
    """Enter a document as the registrar."""
    headers = {"Authorization": f"Bearer {door.tokens['here', REGISTRAR]}"}
    return (await door.client.post("/api/registry/import", json=document, headers=headers)).json()


RUNGS = [(method, path, rung) for (method, path), rung in LADDER.items() if isinstance(rung, Rung) and method != "WS"]


async def test_the_ladder_of_the_desk(door: Door) -> None:
    """Nobody and an ended session are 401, other roles 403, other agencies see nothing, and the right ones are let in."""
    for method, path, rung in RUNGS:
        await keeps_out(door, method, path, rung)
        for role in sorted(rung.mine or rung.roles, key=list(Role).index):
            done = await door.knock(door.tokens["here", role], method, path, rung.body)
            assert done.status_code == rung.allowed, (path, role, done.text)
    ended = door.tokens["elsewhere", DISPATCHER]
    assert (await door.knock(ended, "DELETE", "/api/sessions/current", None)).status_code == 204
    for method, path, rung in RUNGS:
        assert (await door.knock(ended, method, path, rung.body)).status_code == 401, path


OWN = {
    "/api/taskings/{tasking}/help": "an officer's own need for help is never refused",
    "/api/registry/devices/{device}/revoke": "nobody carries that device",
    "/api/units/{unit}/position": "the officer's own unit", "/api/units/{unit}/status": "the officer's own unit",
    "/api/access/grants/{grant}/judgement": "hidden with the grant", "/api/registry/people/glass": "said to their face",
    "/api/consents/{consent_id}": "a helper resumes nothing",
    "/api/duty/hand-overs/{given}/withdraw": "what one has given oneself",
    "/api/duty/shifts/{planned}/withdraw": "a shift", "/api/duty/shifts/{shift}/begin": "one's own shift",
    "/api/duty/shifts/{shift}/end": "one's own shift", "/api/duty/qualifications/{qualification}/end": "a paper",
    "/api/accounts/{leaver}/end": "a colleague's account",
    "/api/accounts/{account}/subject": "a colleague's sign-in", "/api/duty/hand-overs": "names what is one's own already",
}  # fmt: skip
"""Routes about somebody whose own-case rung is another than 404, and why."""


async def test_the_ladder_of_one_s_own_case(door: Door) -> None:
    """Whoever is tied to a party is answered as if nothing of it were there, whatever the role; each try is told."""
    for ref in ("he", "she"):
        await door.site.execute(
            "INSERT INTO staff_tie (account, person, relation) SELECT id, :person, 'kin' FROM account WHERE name NOT LIKE 'o%'",
            person=door.site.ids[ref],
        )
    for method, path, rung in RUNGS:
        named = "{" in path or "{he}" in json.dumps(rung.body) or "{she}" in json.dumps(rung.body)
        if not named or path in OWN:
            continue
        for role in sorted(rung.mine or rung.roles, key=list(Role).index):
            refused = await door.knock(door.tokens["here", role], method, path, rung.body)
            assert refused.status_code == 404, (path, role, refused.text)
            seen = refused.text
            assert not [ref for ref in ("he", "she") if str(door.site.ids[ref]) in seen], path
    own = await door.site.rows("SELECT DISTINCT account FROM access_register WHERE what = 'own_case' AND NOT allowed")
    told = await door.site.rows("SELECT body FROM due WHERE kind = 'access-told' AND body ->> 'what' = 'own-case'")
    assert len(own) >= 4
    assert len(told) >= 8
    assert all(str(door.site.ids["police"]) in row["body"]["rooms"] for row in told)


async def test_every_try_that_is_refused_is_on_the_register(door: Door) -> None:
    """Who asked for what they may not have, for which purpose, about whom: and the register holds nothing else of it."""
    token = door.tokens["here", POLICE]
    assert (await door.knock(token, "GET", "/api/registry/people/{person}", None)).status_code == 403
    assert (await door.knock(token, "GET", "/api/incidents", None, "no purpose; at all")).status_code == 403
    rows = await door.site.rows("SELECT * FROM access_register WHERE action = 'try' ORDER BY id DESC")
    assert [(row["what"], row["purpose"], row["allowed"]) for row in rows[:2]] == [
        ("incidents", "UNKNOWN", False), ("open_person", "APPROACH_RESPONSE", False)
    ]  # fmt: skip
    assert rows[1]["subject"] == str(door.ids["person"])


async def keeps_out(door: Door, method: str, path: str, rung: Rung) -> None:
    """Whoever is on none of the rung's steps gets no further than it says."""
    for token in (None, "made-up"):
        refused = await door.knock(token, method, path, rung.body)
        assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json"), path
    for role in set(Role) - rung.roles:
        refused = await door.knock(door.tokens["here", role], method, path, rung.body)
        assert (refused.status_code, refused.json().get("code")) == (403, "forbidden"), (path, role)
    for role in rung.roles if rung.purpose else ():
        for wrong in ("JOINT_RESPONSE" if role is SUPPORTER else "SUPPORT", "approach"):
            refused = await door.knock(door.tokens["here", role], method, path, rung.body, wrong)
            assert (refused.status_code, refused.json().get("code")) == (403, "forbidden"), (path, role, wrong)
    for role in rung.roles - (rung.mine or rung.roles):
        refused = await door.knock(door.tokens["here", role], method, path, rung.body)
        assert refused.status_code in {403, 404}, (path, role, refused.text)
    others = [role for side, role in door.tokens if side == "elsewhere" and role in rung.roles]
    for role in others if path != "/api/sessions/current" else []:
        other = await door.knock(door.tokens["elsewhere", role], method, path, rung.body)
        given = rung.elsewhere if isinstance(rung.elsewhere, tuple) else (rung.elsewhere,)
        assert other.status_code in given, (path, role, other.text)
        # Nothing of this side's, but for what the other typed into the address.
        seen = other.text.replace(path.format(**door.ids), "")
        typed = {"he", "p1", "order"} if rung.tries else set()
        assert not [ref for ref in {"he", "she", "order", "p1"} - typed if str(door.site.ids[ref]) in seen], path


async def test_the_ladder_of_the_live_line(door: Door) -> None:
    """Nobody, a made-up token and a role without a line are closed with their codes before a byte is said."""
    assert await door.line(None) == 4401
    assert await door.line("made-up") == 4401
    assert await door.line(door.tokens["here", REGISTRAR]) == 4403


@pytest.mark.parametrize("path", [path for (_, path), rung in LADDER.items() if rung == PUBLIC])
async def test_what_is_public_names_nobody(door: Door, path: str) -> None:
    """A public route says nothing of any person, order or device, whoever asks."""
    said = (await door.client.get(path)).text
    for secret in (*map(str, door.site.ids.values()), "tag-9", "P-1"):
        assert secret not in said


async def test_counters_are_for_the_installation_s_own_key(door: Door) -> None:
    """A number that rises tells when something happened: nobody signed in or not reads one, and where no key is set nobody does."""
    door.app.state.metrics_key = ""
    assert (await door.knock("", "GET", "/metrics", None)).status_code == 401
    door.app.state.metrics_key = "f" * 64
    for token in (None, "made-up", "f" * 63, *door.tokens.values()):
        refused = await door.knock(token, "GET", "/metrics", None)
        assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
        assert "_total" not in refused.text
    said = await door.knock("f" * 64, "GET", "/metrics", None)
    assert (said.status_code, "jikimi_ledger_sealed_total" in said.text) == (200, True)
    for secret in (*map(str, door.site.ids.values()), "tag-9", "P-1"):
        assert secret not in said.text


@pytest.mark.parametrize(("method", "path"), sorted(DEMONSTRATION))
async def test_a_demonstrations_doors_are_walls_where_people_are_real(door: Door, method: str, path: str) -> None:
    """Outside an exercise they do not exist, neither for nobody nor for somebody signed in."""
    door.ids["code"] = "guess"
    for token in (None, door.tokens["here", DISPATCHER], door.tokens["here", POLICE]):
        assert (await door.knock(token, method, path, None)).status_code == 404


# the gateway --------------------------------------------------------------------------------------------------

FIX = {"t": time.time(), "lon": 127.0, "lat": 37.5}
DEVICES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/fixes"): {"device": "tag-1", **FIX},
    ("POST", "/v1/events"): {"device": "tag-1", "t": FIX["t"], "kind": "sos"},
    ("GET", "/osmand"): "id=tag-1&lat=37.5&lon=127.1", ("GET", "/osmand/"): "id=tag-1&lat=37.5&lon=127.2",
    ("POST", "/osmand"): "id=tag-1&lat=37.5&lon=127.3", ("POST", "/osmand/"): "id=tag-1&lat=37.5&lon=127.4",
    ("POST", "/owntracks"): {"_type": "location", "lat": 37.5, "lon": 127.5, "tst": int(time.time()), "tid": "t1"},
    ("GET", "/healthz"): PUBLIC, ("GET", "/metrics"): COUNTERS,
}  # fmt: skip


async def test_the_ladder_of_the_gateway() -> None:
    """Every device route without a key, with a wrong, a revoked and another's key is 401 and stores nothing; the own
    key is let in; and there is no route beside them.
    """
    stored: list[bytes] = []

    async def append(body: bytes, _: str) -> int:
        stored.append(body)
        return len(stored)

    devices = Devices()
    for name, revoked in (("tag-1", False), ("tag-2", False), ("tag-3", True)):
        devices.learn(DeviceKey(name, name, digest(f"key-{name}"), "tag", 60.0, revoked))
    intake = Intake(
        devices, Gatherer(append, CLOCK), append, CLOCK, edition_at(time.time(), "kr"), pace=Pace(5, 100),
    )  # fmt: skip
    app = gateway_application(intake, lambda *_: None)
    app.state.metrics_key = "f" * 64
    has_rungs(app, DEVICES)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:

        async def knock(method: str, path: str, said: Any, key: str | None) -> int:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            if key and path == "/owntracks":
                name = "tag-3" if key == "key-tag-3" else "tag-1"
                headers = {"Authorization": "Basic " + b64encode(f"{name}:{key}".encode()).decode()}
            if isinstance(said, dict):
                return (await client.request(method, path, json=said, headers=headers)).status_code
            return (await client.request(method, f"{path}?{said}", headers=headers)).status_code

        for (method, path), said in DEVICES.items():
            if said in (PUBLIC, COUNTERS):
                text = (await client.request(method, path)).text
                assert "tag-" not in text
                continue
            before = len(stored)
            for key in (None, "wrong", "key-tag-2", "key-tag-3"):
                assert await knock(method, path, said, key) == 401, (path, key)
            revoked = json.loads(json.dumps(said).replace("tag-1", "tag-3"))
            assert await knock(method, path, revoked, "key-tag-3") == 401, path
            assert len(stored) == before
            assert await knock(method, path, said, "key-tag-1") == 200, path
            assert len(stored) == before + 1
        counters = "GET", "/metrics", ""
        assert (await knock(*counters, None), await knock(*counters, "key-tag-1")) == (401, 401)
        assert await knock(*counters, "f" * 64) == 200
    assert sum(isinstance(decode(body), Fixes) for body in stored) == 6
