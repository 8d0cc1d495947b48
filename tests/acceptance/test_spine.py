"""From outside: OsmAnd requests in, two officers' terminals out."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import psycopg

from jikimi.intake.points import points
from jikimi.store.database import Database
from jikimi.vault import Vault
from tests.acceptance.running import Jikimi, Officer, until
from tests.acceptance.town import LAT, LON, SHELTERED, Town

CLOSING = {"cause": "real_approach", "response": "both_on_scene", "outcome": "apprehended"}


@asynccontextmanager
async def officers(jikimi: Jikimi, town: Town) -> AsyncIterator[tuple[Officer, Officer]]:
    """Both officers' terminals, listening."""
    both = Officer(jikimi, town.tokens["police-officer"]), Officer(jikimi, town.tokens["probation-officer"])
    listening = [asyncio.create_task(one.listen()) for one in both]
    await until(lambda: all(one.last is not None for one in both))
    try:
        yield both
    finally:
        for task in listening:
            task.cancel()


async def approach(jikimi: Jikimi, town: Town, pair: int, t: float | None = None) -> None:
    """She reports, he reports fifty metres away."""
    lon, lat = town.place(pair)
    for who, east in ((f"V{pair}", 0.0), (f"O{pair}", 0.0005)):
        for _ in range(300):  # the registry's changes reach the gateway a moment after they are entered
            taken = await asyncio.to_thread(jikimi.osmand, who, town.keys[who], lon + east, lat, t)
            if taken == 200:
                break
            await asyncio.sleep(0.1)
        assert taken == 200


def arrive(jikimi: Jikimi, officer: Officer) -> None:
    """The officer of the newest order is on scene."""
    tasking = officer.orders()[-1]["body"]["tasking"]
    for state in ("accepted", "on_scene"):
        assert jikimi.call("POST", f"/api/taskings/{tasking}/answer", {"state": state}, officer.token)[0] == 204


async def test_two_people_closing_in_send_two_officers(jikimi: Jikimi, town: Town) -> None:
    """A breach becomes one order to the police toward her and one to probation toward him, and both hold it."""
    async with officers(jikimi, town) as (police, probation):
        await approach(jikimi, town, 0)
        await until(lambda: police.orders() and probation.orders())
        to_her, to_him = police.orders()[0], probation.orders()[0]
        assert to_her["incident"] == to_him["incident"]
        assert (to_her["body"]["toward"], to_him["body"]["toward"]) == ("victim", "offender")
        for order in (to_her, to_him):
            body = order["body"]
            assert order["recorded"]
            assert body["code"] == "A02"
            assert body["code_112"] == 0
            assert body["possible_not_proof"]
            assert body["order"]["arrestable"] is True
            assert body["offender"]["age_s"] < 30
            assert body["reasons"]["rule"]
        await asyncio.to_thread(jikimi.osmand, "O0", town.keys["O0"], town.place(0)[0] + 0.0004, town.place(0)[1])
        await until(lambda: any(t["positions"][0]["subject"] == town.ids["O0"] for t in police.targets))
        assert all(target["incident"] == to_her["incident"] for target in police.targets)
        his_side = json.dumps([probation.seen, probation.targets])
        assert town.ids["V0"] not in his_side, "whoever goes to him is told who she is"
        assert str(town.place(0)[0]) not in his_side, "whoever goes to him is told where she is"

        for officer in (police, probation):
            tasking = officer.orders()[0]["body"]["tasking"]
            for state in ("accepted", "en_route", "on_scene"):
                assert jikimi.call("POST", f"/api/taskings/{tasking}/answer", {"state": state}, officer.token)[0] == 204
        room = town.tokens["dispatcher"]
        incident = jikimi.call("GET", f"/api/incidents/{to_her['incident']}", token=room)[1]
        assert incident["status"] == "ResourcesOnscene"
        assert {one["delivery_state"] for one in incident["taskings"]} == {"on_scene"}
        assert all(one["delivered_at"] for one in incident["taskings"])
        theirs = jikimi.call("GET", f"/api/incidents/{to_her['incident']}", token=town.tokens["monitor"])[1]
        # What each room was told has its own numbers and deliveries.
        assert {**theirs, "said": None} == {**incident, "said": None}

        refused = CLOSING | {"outcome": "no_contact"}
        path = f"/api/incidents/{to_her['incident']}/close"
        assert jikimi.call("POST", path, refused, room)[1]["code"] == "still-going-on"
        assert jikimi.call("POST", path, CLOSING, town.tokens["monitor"])[0] == 403
        assert jikimi.call("POST", path, CLOSING, room)[0] == 204
        await until(lambda: any(m["kind"] == "incident_closed" for m in police.seen))
        followed = len(police.targets)
        await asyncio.to_thread(jikimi.osmand, "O0", town.keys["O0"], town.place(0)[0] + 0.0003, town.place(0)[1])
        await asyncio.sleep(1)
        assert len(police.targets) == followed, "positions went on after the incident closed"


async def test_a_call_for_help_needs_no_order(jikimi: Jikimi, town: Town) -> None:
    """Somebody whom no order names presses the button: a police officer is sent, and only the police are told."""
    async with officers(jikimi, town) as (police, probation):
        before = len(probation.seen)
        sos = {"device": "alone", "t": time.time(), "kind": "sos"}
        assert jikimi.call("POST", "/v1/events", sos, town.keys["alone"], jikimi.intake)[0] == 200
        await until(lambda: any(order["body"]["code"] == "A01" for order in police.orders()))
        order = next(order for order in police.orders() if order["body"]["code"] == "A01")
        assert order["body"]["order"] is None
        assert order["body"]["victim_id"] == town.ids["alone"]
        path = f"/api/incidents/{order['incident']}"
        assert jikimi.call("GET", path, token=town.tokens["monitor"])[0] == 404
        arrive(jikimi, police)
        assert jikimi.call("POST", f"{path}/close", CLOSING, town.tokens["dispatcher"])[0] == 204
        assert len(probation.seen) == before


async def test_a_shelter_is_told_to_nobody(jikimi: Jikimi, town: Town) -> None:
    """She is at a secret place: both are sent, and no message, target or answer holds where she is or how far."""
    async with officers(jikimi, town) as (police, probation):
        before = len(police.orders())
        await approach(jikimi, town, SHELTERED)
        await until(
            lambda: (
                len(police.orders()) > before
                and any(order["body"]["offender_id"] == town.ids["O5"] for order in probation.orders())
            )
        )
        lon, lat = town.place(SHELTERED)
        await asyncio.to_thread(jikimi.osmand, "V5", town.keys["V5"], lon + 0.00001, lat)
        await asyncio.to_thread(jikimi.osmand, "O5", town.keys["O5"], lon + 0.0004, lat)
        await until(lambda: any(t["positions"][0]["subject"] == town.ids["O5"] for t in police.targets))
        await asyncio.sleep(0.5)
        for officer in (police, probation):
            body = officer.orders()[-1]["body"]
            assert body["victim"] is None
            assert (body["distance_m"], body["reasons"]["distance_m"], body["reasons"]["eta_s"]) == (None, None, None)
            seen = [one["subject"] for target in officer.targets for one in target["positions"]]
            assert town.ids["V5"] not in seen
            assert str(lon) not in json.dumps([officer.seen, officer.targets])
        incident = police.orders()[-1]["incident"]
        arrive(jikimi, police)
        said = json.dumps(jikimi.call("GET", f"/api/incidents/{incident}", token=town.tokens["monitor"])[1])
        assert str(lon) not in said
        assert jikimi.call("POST", f"/api/incidents/{incident}/close", CLOSING, town.tokens["dispatcher"])[0] == 204


async def test_a_repeated_fix_is_already_taken(jikimi: Jikimi, town: Town) -> None:
    """The same fix again is answered as stored and makes no second alert."""
    fix = {"device": "V1", "t": time.time(), "lon": town.place(1)[0], "lat": town.place(1)[1], "accuracy_m": 8}
    first = jikimi.call("POST", "/v1/fixes", fix, town.keys["V1"], jikimi.intake)
    again = jikimi.call("POST", "/v1/fixes", fix, town.keys["V1"], jikimi.intake)
    assert (first[1]["taken"], first[1]["already"]) == (1, 0)
    assert (again[1]["taken"], again[1]["already"]) == (0, 1)


async def test_what_cannot_be_is_refused_and_changes_nothing(jikimi: Jikimi, town: Town) -> None:
    """Malformed, absurd, oversized and unauthenticated input gets a precise problem and is counted by reason."""
    good = {"device": "V2", "t": time.time(), "lon": 127.0, "lat": 37.5, "accuracy_m": 8}
    key = town.keys["V2"]
    cases = [
        (400, "malformed", {**good, "lat": "37.5"}), (400, "malformed", b"{"), (400, "malformed", {**good, "odd": 1}),
        (422, "absurd", {**good, "lat": 91}), (422, "absurd", {**good, "t": 0}), (422, "absurd", {**good, "accuracy_m": 0}),
        (422, "absurd", {**good, "accuracy_m": -1}), (400, "malformed", b'{"device":"V2","t":NaN,"lon":1,"lat":1}'),
        (413, "too-large", {"device": "V2", "fixes": [good] * 20_000}),
    ]  # fmt: skip
    for status, code, body in cases:
        got, said = jikimi.call("POST", "/v1/fixes", body, key, jikimi.intake)
        assert (got, said["code"]) == (status, code), (body if len(str(body)) < 200 else "large", said)
    for wrong in ("", "nonsense"):
        assert jikimi.call("POST", "/v1/fixes", good, wrong, jikimi.intake)[0] == 401
    watch = (jikimi.folder / "data" / "secrets" / "metrics.key").read_text().strip()
    counted = jikimi.call("GET", "/metrics", token=watch, base=jikimi.intake)[1].decode()
    for reason in ("malformed", "absurd", "too-large", "unauthenticated"):
        assert f'reason="{reason}"' in counted


async def test_the_record_holds_every_fix_that_was_taken(jikimi: Jikimi, town: Town) -> None:
    """The archive has the fix in the day's partition soon after it was taken: sealed, and readable with its key."""
    t = round(time.time(), 3)
    fix = {"device": "V3", "t": t, "lon": town.place(3)[0], "lat": town.place(3)[1], "seq": 7}
    assert jikimi.call("POST", "/v1/fixes", fix, town.keys["V3"], jikimi.intake)[0] == 200
    url = json.loads((jikimi.folder / "data" / "runtime.json").read_text())["database_url"]
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(100):
            row = connection.execute("SELECT seq, lon, whose FROM fix WHERE t = %s", (t,)).fetchone()
            if row:
                break
            await asyncio.sleep(0.1)
    assert row == (7, None, UUID(town.ids["V3"]))
    database = Database(url, "service", custody=Vault(jikimi.folder / "data").custody())
    async with database.transaction() as services:
        (kept,) = await points(services, row[2], t, t + 1)
    await database.close()
    assert (kept.lon, kept.lat, kept.sigma_m) == (*town.place(3), 30.0)


def test_the_ledger_of_all_this_verifies_from_its_file_alone(jikimi: Jikimi, town: Town, tmp_path: Path) -> None:
    """An export verifies without the installation, and does not when a row is altered."""
    del town
    time.sleep(2.2)  # the sealer's second, and a little
    url = json.loads((jikimi.folder / "data" / "runtime.json").read_text())["database_url"]
    command = [str(Path(sys.executable).parent / "jikimi")]
    path = tmp_path / "ledger.jsonl"
    done = subprocess.run(
        [*command, "export", "ledger", str(path), "--database", url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert subprocess.run([*command, "verify", str(path)], capture_output=True, check=False).returncode == 0
    lines = path.read_text().splitlines()
    row = next(number for number, line in enumerate(lines) if "tasking.created" in line)
    lines[row] = lines[row].replace("tasking.created", "tasking.createe")
    path.write_text("\n".join(lines) + "\n")
    refused = subprocess.run([*command, "verify", str(path)], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "BREAKS" in refused.stdout


async def test_no_ledger_row_and_no_log_holds_a_position_or_a_key(jikimi: Jikimi, town: Town) -> None:
    """Coordinates, keys, tokens and passwords are found in no ledger row and in no log file."""
    url = json.loads((jikimi.folder / "data" / "runtime.json").read_text())["database_url"]
    with psycopg.connect(url) as connection:
        rows = "\n".join(body for (body,) in connection.execute("SELECT body FROM ledger_row").fetchall())
    logs = "\n".join(path.read_text(errors="replace") for path in (jikimi.folder / "data").rglob("*.log"))
    secrets = [*town.keys.values(), *town.tokens.values(), *(one.password for one in jikimi.sign_ins.values())]
    assert not [one for one in town.ids.values() if one in logs]
    for text in (rows, logs, (jikimi.folder / "serve.err").read_text()):
        assert not [secret for secret in secrets if secret in text]
        assert str(LAT) not in text
        assert str(LON) not in text
