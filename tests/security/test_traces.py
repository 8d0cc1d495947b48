"""What is known of people leaves no trace beside its answers: not in a log of any role or server, not in a refusal, not in
counters or in what is public, not in a head of an answer.

A whole installation is driven through what is allowed, refused, malformed and failing; names, numbers and places that stand
nowhere else are looked for afterwards in everything it said.
"""

import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance.running import Jikimi
from tests.patience import PATIENCE

HE, SHE = "서리태칠칠삼", "마루솔사이둘"
NUMBER, TELEPHONE = "910203-2345678", "010-7731-4242"
LON, LAT = 127.7731942, 37.4242731
DEVICES = {"he": "tagQ7731", "she": "watchQ4242"}
SAID, WORD = "그는파란대문앞에있었다7731", "비밀번호는무지개7731"
HOSTILE = (
    "'; DROP TABLE person; --7731", "<script>alert(7731)</script>", "${jndi:ldap://x/7731}", "%s%n%x7731",
    "{{7731*7}}", "../../../../etc/7731", "\u202e7731\u202d", "A" * 300 + "7731",
)  # fmt: skip
TRACES = (
    HE, SHE, NUMBER, NUMBER.replace("-", ""), TELEPHONE, TELEPHONE.replace("-", ""), "127.77319", "37.42427", SAID, WORD,
    *DEVICES.values(), *HOSTILE,
)  # fmt: skip
PUBLIC = (
    "/metrics",
    "/healthz",
    "/api/openapi.json",
    "/api/site",
    "/",
    "/sign-in",
    "/console",
    "/field",
    "/access",
    "/roster",
)


def forms(trace: str) -> set[str]:
    """How it could stand in a text."""
    return {trace, json.dumps(trace)[1:-1], repr(trace)[1:-1], trace.encode().hex()}


@dataclass
class Asking:
    """Everything asked of an installation, and everything it answered."""

    jikimi: Jikimi
    tokens: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[httpx.Request, httpx.Response]] = field(default_factory=list)

    def ask(self, who: str | None, method: str, path: str, base: str = "", **said: Any) -> httpx.Response:
        """One request of somebody's."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        headers |= said.pop("headers", {})
        with httpx.Client(base_url=base or self.jikimi.url, timeout=10 * PATIENCE) as client:
            answer = client.request(method, path, headers=headers, **said)
        self.heard.append((answer.request, answer))
        return answer

    def fix(self, who: str, lon: float, lat: float) -> None:
        """A device reports."""
        name = DEVICES[who]
        query = {"id": name, "key": self.keys[name], "lon": lon, "lat": lat, "timestamp": int(time.time() * 1000)}
        self.ask(None, "GET", "/osmand/", self.jikimi.intake, params=query)


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    """An installation that knows two people of whom nothing is like anything else."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-traces-", dir="/tmp"))
    folder.chmod(0o711)
    jikimi = Jikimi(folder)
    try:
        jikimi.start()
        asking = Asking(jikimi, {name: jikimi.token(name) for name in jikimi.sign_ins})
        enter(asking)
        yield asking
    finally:
        jikimi.stop()
        shutil.rmtree(folder, ignore_errors=True)


def enter(asking: Asking) -> None:
    """Both, their devices, and the order between them."""
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    centre = asking.ask("monitor", "GET", "/api/me").json()["agency"]
    document = {
        "people": [
            {"ref": "he", "label": HE, "identifier": NUMBER}, {"ref": "she", "label": SHE, "telephones": [TELEPHONE]},
        ],
        "devices": [
            {"ref": f"d{who}", "kind": kind, "external_id": DEVICES[who], "interval_s": 60}
            for who, kind in (("he", "tag"), ("she", "watch"))
        ],
        "carries": [{"device": f"d{who}", "person": who, "since": since} for who in ("he", "she")],
        "orders": [{
            "ref": "order", "regime": "kr", "article": "제9조제1항제2호", "arrestable": True, "offender": "he", "victim": "she",
            "monitoring_agency": centre, "from": since, "radius_m": 300,
            "places": [{"kind": "home", "lon": LON, "lat": LAT, "radius_m": 150}],
        }],
    }  # fmt: skip
    made = asking.ask("police-registrar", "POST", "/api/registry/import", json=document).json()
    asking.keys = {one["external_id"]: one["key"] for one in made["devices"]}
    asking.ids = made["ids"]


def allowed(asking: Asking) -> str:
    """What a night brings; returns the incident."""
    deadline = time.monotonic() + 60 * PATIENCE
    while time.monotonic() < deadline:
        asking.fix("she", LON, LAT)
        asking.fix("he", LON + 0.0004, LAT)
        found = asking.ask("dispatcher", "GET", "/api/overview").json()["incidents"]
        if found:
            break
        time.sleep(0.4)
    incident = str(found[0]["id"])
    asking.ask("dispatcher", "POST", f"/api/incidents/{incident}/log", json={"text": SAID})
    asking.ask("dispatcher", "POST", f"/api/incidents/{incident}/take")
    assert SAID in asking.ask("monitor", "GET", f"/api/incidents/{incident}").text
    people = asking.ask("police-registrar", "GET", "/api/registry/people").text
    assert HE in people
    found = asking.ask("police-registrar", "POST", "/api/registry/people/search", json={"identifier": NUMBER})
    assert HE in found.text
    asking.ask("dispatcher", "GET", "/api/locate", params={"lon": LON, "lat": LAT})
    return incident


def refused(asking: Asking, incident: str) -> None:
    """By everybody who may not, of everything that names somebody."""
    he = asking.ids["he"]
    for who in (None, "police-reviewer", "police-officer", "monitoring-reviewer", "probation-officer"):
        for method, path, body in (
            ("GET", f"/api/registry/people/{he}", None), ("GET", "/api/registry/people", None),
            ("GET", "/api/registry/orders", None), ("GET", f"/api/incidents/{incident}", None),
            ("POST", "/api/registry/people/search", {"telephone": TELEPHONE}),
            ("POST", "/api/registry/people/glass", {"subject": he, "reason": f"{SAID} {SHE}"}),
            ("POST", f"/api/incidents/{incident}/close", {"cause": HE, "response": SHE, "outcome": SAID}),
        ):  # fmt: skip
            asking.ask(who, method, path, json=body)
    asking.ask(None, "POST", "/api/sessions", json={"name": HE, "password": WORD})
    asking.ask(None, "POST", "/api/sessions", json={"name": "dispatcher", "password": WORD})
    for key in (WORD.encode().hex(), "7731"):
        asking.ask(None, "GET", "/osmand/", asking.jikimi.intake, params={
            "id": DEVICES["he"], "key": key, "lon": LON, "lat": LAT, "timestamp": int(time.time() * 1000)
        })  # fmt: skip


def malformed(asking: Asking, incident: str) -> None:
    """Bodies cut short, of the wrong kind, with what does not belong; addresses and heads with what must not be there."""
    person = {"label": SHE, "identifier": NUMBER}
    for path, body in (
        ("/api/registry/import", json.dumps({"people": [person]}, ensure_ascii=False)[:-3]),
        ("/api/registry/import", json.dumps({"people": [person | {SAID: HE}]})),
        ("/api/registry/import", json.dumps({"people": [{"label": [SHE]}], HE: 1})),
        ("/api/registry/import", json.dumps({"orders": [{"ref": SHE, "offender": HE, "regime": SAID}]})),
        ("/api/registry/import", json.dumps({"people": [person]})),
        ("/api/registry/people/search", json.dumps({"identifier": f"{NUMBER}x{HE}"})),
        ("/api/registry/people/search", json.dumps({"identifier": NUMBER, "telephone": TELEPHONE})),
        ("/api/registry/carries", json.dumps({"device": DEVICES["he"], "person": HE, "since": SAID})),
        (f"/api/incidents/{incident}/log", json.dumps({"text": [SAID]})),
        (f"/api/incidents/{HE}/log", json.dumps({"text": SAID})), ("/api/sessions", json.dumps({"name": HE, WORD: WORD})),
    ):  # fmt: skip
        asking.ask(
            "police-registrar", "POST", path, content=body.encode(), headers={"Content-Type": "application/json"}
        )
    for path in (
        f"/api/registry/people/{SHE}",
        f"/api/locate?lon={LON}&lat={HE}",
        f"/api/{HE}",
        f"/api/incidents?closed={SAID}",
    ):
        asking.ask("dispatcher", "GET", path)
    asking.ask("dispatcher", "GET", "/api/incidents", headers={"Jikimi-Purpose": NUMBER, "X-Trace": TELEPHONE})
    said = json.dumps({"device": DEVICES["he"], "t": time.time(), "lon": LON, "lat": LAT, "note": SAID})
    for body in (said[:-4], said.replace(str(LON), "999.7731942"), said):
        asking.ask(None, "POST", "/v1/fixes", asking.jikimi.intake, content=body.encode(),
                   headers={"Authorization": f"Bearer {asking.keys[DEVICES['he']]}"})  # fmt: skip
    for text in HOSTILE:
        asking.ask("dispatcher", "POST", f"/api/incidents/{incident}/log", json={"text": text})
        asking.ask("police-registrar", "POST", "/api/registry/import", json={"people": [{"label": text}]})
        asking.ask("dispatcher", "GET", f"/api/{text.replace('?', '')}")
        asking.ask(None, "POST", "/api/sessions", json={"name": text, "password": text})


def failing(asking: Asking, incident: str) -> None:
    """The record is killed under it while people go on working."""
    statuses = set()
    os.kill(asking.jikimi.pids()["postgres"], signal.SIGKILL)
    for _ in range(12):
        for who, method, path, body in (
            ("dispatcher", "POST", f"/api/incidents/{incident}/log", {"text": SAID}),
            ("police-registrar", "POST", "/api/registry/import", {"people": [{"label": SHE, "identifier": "920304-1234567"}]}),
            ("police-registrar", "POST", "/api/registry/people/search", {"telephone": TELEPHONE}),
            ("police-registrar", "GET", "/api/registry/people", None),
            (None, "POST", "/api/sessions", {"name": HE, "password": WORD}),
        ):  # fmt: skip
            with suppress(httpx.TransportError):
                statuses.add(asking.ask(who, method, path, json=body).status_code)
        with suppress(httpx.TransportError):
            asking.fix("he", LON, LAT)
    back(asking)
    assert 503 in statuses


def back(asking: Asking) -> None:
    """Until the record answers again."""
    deadline = time.monotonic() + 60 * PATIENCE
    status = 0
    while status != 200:
        assert time.monotonic() < deadline
        with suppress(httpx.TransportError):
            status = asking.ask("dispatcher", "GET", "/api/overview").status_code
        time.sleep(0.2)


def test_what_is_known_of_people_leaves_no_trace(asking: Asking) -> None:
    """After a night of everything, not one of its names, numbers, places or words is anywhere but in an answer that gave it."""
    incident = allowed(asking)
    refused(asking, incident)
    malformed(asking, incident)
    failing(asking, incident)
    for path in PUBLIC:
        asking.ask(None, "GET", path)
    for path in ("/metrics", "/healthz"):
        asking.ask(None, "GET", path, asking.jikimi.intake)
    key = (asking.jikimi.folder / "data" / "secrets" / "metrics.key").read_text().strip()
    for base in (asking.jikimi.url, asking.jikimi.intake):
        counted = asking.ask(None, "GET", "/metrics", base, headers={"Authorization": f"Bearer {key}"})
        assert "_total" in counted.text
    assert len(asking.heard) > 150
    the_answers_give_nothing_away(asking)
    logs = [asking.jikimi.folder / "serve.err", *(asking.jikimi.folder / "data").rglob("*.log*")]
    assert len(logs) >= 3
    said = "\n".join(one.read_text("utf-8", "replace") for one in logs)
    assert "database" in said
    assert [trace for trace in TRACES for form in forms(trace) if form in said] == []
    assert [key for key in (*asking.keys.values(), *asking.tokens.values()) if key in said] == []


def the_answers_give_nothing_away(asking: Asking) -> None:
    """No head says anything; nothing of the API is kept by anybody; a refusal repeats nothing that was not just typed."""
    for request, answer in asking.heard:
        where = f"{request.method} {request.url.path} {answer.status_code}"
        head = str(sorted(answer.headers.items()))
        assert not [trace for trace in TRACES if trace in head], where
        public = request.url.path in PUBLIC
        if request.url.path.startswith("/api/") or (public and "text/html" in answer.headers["content-type"]):
            assert answer.headers["cache-control"] == "no-store", where
        if answer.status_code < 400 and not public:
            continue
        typed = request.url.query.decode() + request.url.path + request.read().decode("utf-8", "replace")
        known = [trace for trace in TRACES if trace in answer.text]
        assert not [trace for trace in known if trace not in typed], where
        if answer.status_code in {401, 403, 404, 503} or public:
            assert known == [], where
