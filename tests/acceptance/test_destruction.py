"""A person destroyed by law is nowhere: not in the database's files, its log, the broker's store, logs or exports."""

import asyncio
import base64
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jikimi.cli.locate import record_url
from jikimi.ledger.verify import verify
from jikimi.registry.identifiers import Matcher
from jikimi.settings import Settings
from jikimi.stream import names
from jikimi.stream.client import api, connect
from jikimi.vault import Vault
from tests.acceptance.running import Jikimi, Officer, until
from tests.integration.thief import every_key
from tests.patience import PATIENCE

NAME, NUMBER, TELEPHONE = "EXERCISE 은하수별", "991399-9123457", "010-0000-4242"
HOME, HERE, HIS = (126.97319527, 37.58764213), (126.97319641, 37.58764358), (126.97348762, 37.58764871)
KEPT = "EXERCISE station whose name stays"
CLOSING = {"cause": "real_approach", "response": "both_on_scene", "outcome": "apprehended"}


def _spelt(said: str) -> Iterator[bytes]:
    yield said.encode()
    yield said.encode("utf-16-le")
    yield json.dumps(said)[1:-1].encode()


def needles() -> dict[str, bytes]:
    """Every way in which name, numbers and coordinates could be written down."""
    found: dict[str, bytes] = {}
    for said in (NAME.split()[1], NUMBER, NUMBER.replace("-", ""), TELEPHONE, TELEPHONE.replace("-", "")):
        found |= {f"{said} {n}": body for n, body in enumerate(_spelt(said))}
    for degrees in (*HOME, *HERE, *HIS):
        found[f"{degrees} text"] = f"{degrees:.7f}"[:-1].encode()
        for order in "<>":
            found[f"{degrees} {order}"] = struct.pack(f"{order}d", degrees)
    for name, body in list(found.items()):
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + body)
            found[f"{name} base64+{shift}"] = whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]
    return {name: body for name, body in found.items() if len(body) >= 6}


def said_in(folder: Path, wanted: dict[str, bytes]) -> dict[str, list[str]]:
    """Which needles stand in which files below a folder."""
    found: dict[str, list[str]] = {}
    for file in (file for file in folder.rglob("*") if file.is_file()):
        body = file.read_bytes()
        for name, needle in wanted.items():
            if needle in body:
                found.setdefault(str(file.relative_to(folder)), []).append(name)
    return found


def document(monitoring: str) -> dict[str, Any]:
    """Two people with everything that names them, her home, and what they carry."""
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    lon, lat = HOME
    return {
        "stations": [{"name": KEPT}],
        "people": [
            {"ref": "he", "label": NAME, "identifier": NUMBER, "telephones": [TELEPHONE]}, {"ref": "she", "label": "F-2"},
        ],
        "devices": [
            {"ref": "tag", "kind": "tag", "external_id": "T1", "interval_s": 60},
            {"ref": "watch", "kind": "watch", "external_id": "W1", "interval_s": 60},
        ],
        "carries": [
            {"device": "tag", "person": "he", "since": since}, {"device": "watch", "person": "she", "since": since},
        ],
        "orders": [{
            "ref": "order", "regime": "kr", "arrestable": True, "offender": "he", "victim": "she", "from": since,
            "monitoring_agency": monitoring, "radius_m": 100,
            "places": [{"kind": "home", "lon": lon, "lat": lat, "radius_m": 100}],
        }],
    }  # fmt: skip


async def lived(jikimi: Jikimi, tokens: dict[str, str], made: dict[str, Any]) -> None:
    """An approach at her home, two officers, a line in the log, and the incident closed."""
    keys = {device["external_id"]: device["key"] for device in made["devices"]}
    for name in ("police-officer", "probation-officer"):
        unit = jikimi.call("GET", "/api/me", token=tokens[name])[1]["unit"]
        assert jikimi.call("PUT", f"/api/units/{unit}/status", {"status": "available"}, tokens[name])[0] == 204
    police = Officer(jikimi, tokens["police-officer"])
    listening = asyncio.create_task(police.listen())
    for who, (lon, lat) in (("W1", HERE), ("T1", HIS)):
        for _ in range(300):
            if await asyncio.to_thread(jikimi.osmand, who, keys[who], lon, lat) == 200:
                break
            await asyncio.sleep(0.1)
    await until(police.orders, 20)
    incident = police.orders()[0]["incident"]
    room = tokens["dispatcher"]
    assert jikimi.call("POST", f"/api/incidents/{incident}/log", {"text": f"{NAME} {TELEPHONE}"}, room)[0] == 204
    for state in ("accepted", "on_scene"):
        path = f"/api/taskings/{police.orders()[0]['body']['tasking']}/answer"
        assert jikimi.call("POST", path, {"state": state}, tokens["police-officer"])[0] == 204
    assert jikimi.call("POST", f"/api/incidents/{incident}/close", CLOSING, room)[0] == 204
    listening.cancel()
    assert NAME in json.dumps(jikimi.call("GET", f"/api/incidents/{incident}", token=room)[1], ensure_ascii=False)


def asked_for(jikimi: Jikimi, tokens: dict[str, str], person: str) -> str:
    """The end of somebody's file: asked by one, the answer to the inquiry recorded by another."""
    clerk, privacy = tokens["police-registrar"], tokens["police-reviewer"]
    status, asked = jikimi.call("POST", "/api/destructions", {"person": person, "event": "file_closed"}, clerk)
    assert status == 201, asked
    path = f"/api/destructions/{asked['id']}"
    assert jikimi.call("POST", f"{path}/decision", {"carried_out": True}, privacy)[0] == 409, "nobody has confirmed it"
    assert jikimi.call("POST", f"{path}/inquiry", {"confirmed": True}, clerk)[0] == 403, "who asked does not answer"
    assert jikimi.call("POST", f"{path}/inquiry", {"confirmed": True}, privacy)[0] == 204
    return str(asked["id"])


async def forgotten(jikimi: Jikimi, record: str) -> None:
    """Let every detector save what it knows once more, then the log's three days go by at once, and the next look be now."""
    with psycopg.connect(record, autocommit=True) as admin:
        deadline = time.monotonic() + 30 * PATIENCE
        waiting = "SELECT count(*) FROM destruction WHERE forgot_at IS NULL AND destroyed_at IS NOT NULL"
        while admin.execute(waiting).fetchone() != (0,) and time.monotonic() < deadline:
            admin.execute("UPDATE due SET at = now() WHERE kind = 'destroy-certify'")
            await asyncio.sleep(1)
    await passed(jikimi, record)


async def passed(jikimi: Jikimi, record: str) -> None:
    """Let the log's three days go by at once, and the next look be now."""
    data = jikimi.folder / "data"
    ports = json.loads((data / "ports.json").read_text())
    password = Vault(data).password("nats-operator")
    client = await connect(f"nats://operator:{password}@127.0.0.1:{ports['nats']}", "operator")
    for stream in names.streams():
        if stream["max_age"]:
            short = stream | {"max_age": 1_000_000_000, "duplicate_window": 1_000_000_000}
            await api(client, f"STREAM.UPDATE.{stream['name']}", short)
    await client.close()
    await asyncio.sleep(3)
    with psycopg.connect(record, autocommit=True) as admin:
        admin.execute("UPDATE due SET at = now() WHERE kind = 'destroy-certify'")


def exported(jikimi: Jikimi, path: Path) -> None:
    """The ledger, as the other party gets it."""
    env = {**os.environ, "JIKIMI_DATA": str(jikimi.folder / "data")}
    command = [str(Path(sys.executable).parent / "jikimi"), "export", "ledger", str(path)]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=60 * PATIENCE)


@pytest.fixture
def tokens(jikimi: Jikimi) -> dict[str, str]:
    """A session for everybody of the first run."""
    return {name: jikimi.token(name) for name in jikimi.sign_ins}


async def test_a_person_destroyed_by_law_is_found_nowhere(  # noqa: PLR0915 - one story, from the approach to the certificate
    jikimi: Jikimi, tokens: dict[str, str]
) -> None:
    """Asked by one, confirmed, decided by another: keys, file, places, messages and positions are gone, and the ledger holds."""
    monitoring = jikimi.call("GET", "/api/me", token=tokens["monitor"])[1]["agency"]
    clerk, privacy = tokens["police-registrar"], tokens["police-reviewer"]
    status, made = jikimi.call("POST", "/api/registry/import", document(monitoring), clerk)
    assert status == 200, made
    await lived(jikimi, tokens, made)
    before = jikimi.folder / "before.jsonl"
    await asyncio.sleep(2)
    exported(jikimi, before)
    assert said_in(jikimi.folder, needles()) == {}, "even while it is kept, none of it lies readable on the disk"
    he, order = made["ids"]["he"], made["ids"]["order"]
    record = record_url(Settings.read({"JIKIMI_DATA": str(jikimi.folder / "data")}))
    with psycopg.connect(record) as admin:
        dump = {bytes(row[0]) for row in admin.execute("SELECT digest FROM person_mark")}
    assert {Matcher(key).digest(NUMBER) for key in every_key(jikimi.folder)} & dump, (
        "while he is kept he is found by it"
    )
    his = asked_for(jikimi, tokens, he)
    path = f"/api/destructions/{his}"
    until_then = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    hold = {"article": "형사소송법 제218조", "until": until_then}
    assert jikimi.call("POST", f"{path}/hold", hold, privacy)[0] == 204
    assert jikimi.call("POST", f"{path}/decision", {"carried_out": True}, privacy)[0] == 409, "it is held"
    assert jikimi.call("POST", f"{path}/hold", {}, privacy)[0] == 204
    assert jikimi.call("POST", f"{path}/decision", {"carried_out": True}, clerk)[0] == 403
    assert jikimi.call("POST", f"{path}/decision", {"carried_out": True}, privacy)[0] == 204

    def state(which: str) -> dict[str, Any]:
        listed = jikimi.call("GET", "/api/destructions", token=privacy)[1]["destructions"]
        return dict(next(one for one in listed if one["id"] == which))

    await asyncio.sleep(2)
    assert state(his)["destroyed_at"] is None, "an order still stands: it waits"
    assert jikimi.call("POST", f"/api/registry/orders/{order}/end", {"version": 1}, clerk)[0] == 200
    for device in ("tag", "watch"):
        move = {"device": made["ids"][device], "person": None, "since": datetime.now(UTC).isoformat()}
        assert jikimi.call("POST", "/api/registry/carries", move, clerk)[0] == 200

    async def destroyed(which: str) -> None:
        deadline = time.monotonic() + 30 * PATIENCE
        while state(which)["destroyed_at"] is None and time.monotonic() < deadline:
            with psycopg.connect(record, autocommit=True) as admin:
                admin.execute("UPDATE due SET at = now() WHERE kind = 'destroy'")
            await asyncio.sleep(0.5)

    await destroyed(his)
    assert state(his)["keys"] >= 3
    assert [one["parties"] for one in state(his)["kept"]] == [[made["ids"]["she"]]], "the order is hers too"
    hers = asked_for(jikimi, tokens, made["ids"]["she"])
    decision = f"/api/destructions/{hers}/decision"
    assert jikimi.call("POST", decision, {"carried_out": True}, privacy)[0] == 409, "the centre has a part in the order"
    centre = tokens["monitoring-reviewer"]
    assert jikimi.call("POST", f"/api/destructions/{hers}/inquiry", {"confirmed": True}, centre)[0] == 204
    assert jikimi.call("POST", decision, {"carried_out": True}, privacy)[0] == 204
    await destroyed(hers)
    deadline = time.monotonic() + 30 * PATIENCE
    while state(his)["kept"] and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    assert state(his)["kept"] == []
    assert state(his)["certified_at"] is None, "the log still holds where he was"
    await forgotten(jikimi, record)
    deadline = time.monotonic() + 30 * PATIENCE
    while any(state(one)["certified_at"] is None for one in (his, hers)) and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    assert all(state(one)["certified_at"] is not None for one in (his, hers))

    for thief in map(Matcher, every_key(jikimi.folder)):
        assert not dump & {thief.digest(NUMBER), thief.telephone(TELEPHONE)}, (
            "a dump of before tells nothing by any key of today"
        )
    status, file = jikimi.call("GET", f"/api/registry/people/{he}", token=clerk)
    assert (status, file["person"]["label"]) == (200, "—")
    found = jikimi.call("POST", "/api/registry/people/search", {"identifier": NUMBER}, clerk)[1]
    assert he not in json.dumps(found)
    after = jikimi.folder / "after.jsonl"
    await asyncio.sleep(2)
    exported(jikimi, after)
    report = verify(after, None, None)
    assert report.ok
    assert "destruction.certified" in after.read_text()
    with psycopg.connect(record, autocommit=True) as admin:
        admin.execute("CHECKPOINT")
    assert said_in(jikimi.folder, {"kept": KEPT.encode()}), "the search finds what is there"
    assert said_in(jikimi.folder, needles()) == {}
