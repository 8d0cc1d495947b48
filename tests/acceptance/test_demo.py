"""The demonstration as a person meets it: begun by a button, answered by hand, ended by Ctrl-C, nothing left."""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from jikimi.cli.demo import beside_nothing_real
from jikimi.kernel.errors import Conflict
from jikimi.settings import Settings
from jikimi.store.database import Database
from tests.patience import PATIENCE
from tests.test_registry_world import built

JIKIMI = str(Path(sys.executable).parent / "jikimi")
SEEN_S, SLOWER = 10.0, 1.5
"""What is promised on a machine that is not busy with other tests, and how much longer this one may take."""


def until(condition: Callable[[], Any], patience_s: float) -> Any:
    """What the condition answers once it answers something."""
    deadline = time.monotonic() + PATIENCE * patience_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
    return found


def ask(method: str, url: str, body: object = None, token: str = "") -> Any:
    """JSON of one request."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10 * PATIENCE) as answer:
        text = answer.read()
    return json.loads(text) if text else None


@pytest.fixture
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[bytes], Path, Path]]:
    """`jikimi demo` with a screen nobody sees, its temporary files in a folder of the test's; a parameter is its pace."""
    pace: list[str] = getattr(request, "param", ["--speed", "10"])
    said = tmp_path / "said"
    folder = Path(tempfile.mkdtemp(prefix="jikimi-demo-", dir="/tmp"))
    folder.chmod(0o711)
    with said.open("wb") as out:
        command = [JIKIMI, "demo", *pace, "--wait", "600"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={"TMPDIR": str(folder)}
        )
    yield process, said, folder
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(30 * PATIENCE)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_a_morning_is_begun_answered_and_ended(demo: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    """The button begins it, a person at the patrol officer's door is that unit alone until the door is left, her silence is
    in the incident, the end says what to do next, Ctrl-C leaves nothing behind.
    """
    process, said, folder = demo
    until(lambda: "Press the button" in said.read_text(), 60)
    url = address(said.read_text())
    doors = ask("GET", f"{url}/api/doors")
    assert (doors["morning_at"], doors["ended_at"], doors["loopback"]) == (None, None, True)
    assert "make demo HOST=" in said.read_text()
    room = token_of(said.read_text(), url, "dispatcher")
    entered = enter(url)
    ask("POST", f"{url}/api/doors/morning")
    line = until(lambda: re.search(r"P-1: To the victim.*", said.read_text()), 60)
    assert "EXERCISE" in said.read_text()[: line.start()].splitlines()[-1]
    until(lambda: "M-1: accepted" in said.read_text(), 20)
    at_first = where(url, room, "P-1")
    incidents = ask("GET", f"{url}/api/incidents", token=entered["token"])
    path = f"{url}/api/incidents/{incidents[0]['id']}"
    mine = next(one for one in ask("GET", path, token=entered["token"])["taskings"] if one["callsign"] == "P-1")
    assert mine["state"] == "tasked", "a person's terminal was answered by somebody else"
    for state in ("accepted", "en_route"):
        ask("POST", f"{url}/api/taskings/{mine['id']}/answer", {"state": state}, entered["token"])
    until(lambda: "P-1: en_route" in said.read_text(), 20)
    time.sleep(2)  # twenty seconds on its clock, in which a car would have gone far
    assert where(url, room, "P-1") == at_first, "a person's unit was driven by somebody else"
    assert "P-1: on_scene" not in said.read_text()
    ask("DELETE", f"{url}/api/sessions/current", token=entered["token"])
    until(lambda: "P-1: on_scene" in said.read_text(), 30)
    assert where(url, room, "P-1") != at_first
    until(lambda: "The story has ended" in said.read_text(), 60)
    assert "begins another morning" in said.read_text()
    assert ask("GET", f"{url}/api/doors")["ended_at"] is not None
    whole = ask("GET", path, token=room)
    assert [one["grade"] for one in whole["alerts"] if one["code"] == "A12"] == ["live"], "her silence is not in it"
    assert "A12" in [one["body"].get("code") for one in whole["said"]]
    assert whole["closed_at"] is not None, "a room nobody sits in closes it"
    assert whole["outcome"] == "victim_safe_with_officer"
    assert all("EXERCISE" in line for line in said.read_text().splitlines() if line.strip())
    process.send_signal(signal.SIGINT)
    assert process.wait(40 * PATIENCE) == 0
    assert list(folder.iterdir()) == []
    left = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert str(folder) not in left


@pytest.mark.parametrize("demo", [[]], indirect=True, ids=["a person's pace"])
def test_within_ten_seconds_there_is_something_to_see(demo: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    """As fast as a person's clock, the match is told and the incident open ten seconds after the button."""
    _, said, _ = demo
    until(lambda: "Press the button" in said.read_text(), 60)
    url = address(said.read_text())
    assert ask("GET", f"{url}/api/site")["pace"] == 1.0
    room = token_of(said.read_text(), url, "monitor")
    ask("POST", f"{url}/api/doors/morning")
    began = time.monotonic()
    until(lambda: ask("GET", f"{url}/api/incidents", token=room), 20)
    took = time.monotonic() - began
    print(f"the incident is open {took:.1f} s after the button")  # noqa: T201 - a figure to look at
    assert took < SEEN_S * SLOWER
    assert "the register finds its man" in said.read_text()


@pytest.mark.parametrize("demo", [["--speed", "20"]], indirect=True, ids=["fast"])
def test_after_its_end_the_button_begins_another_morning(demo: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    """From nothing, at the same address and under the same printed code; an order goes out again."""
    process, said, folder = demo
    until(lambda: "Press the button" in said.read_text(), 60)
    url = address(said.read_text())
    ask("POST", f"{url}/api/doors/morning")
    until(lambda: "The story has ended" in said.read_text(), 90)
    ask("POST", f"{url}/api/doors/morning")
    until(lambda: "Another morning is being laid out" in said.read_text(), 20)
    until(lambda: said.read_text().count("P-1: To the victim") == 2, 90)
    assert address(said.read_text()) == url
    assert [one["used"] for one in ask("GET", f"{url}/api/doors")["doors"]] == [False] * 4
    assert ask("GET", f"{url}/api/doors")["ended_at"] is None
    process.send_signal(signal.SIGINT)
    assert process.wait(40 * PATIENCE) == 0
    assert list(folder.iterdir()) == []


def address(said: str) -> str:
    """Where it says that it is, the last time it said so."""
    return str(re.findall(r"open\s+(http://\S+)/", said)[-1])


def enter(url: str) -> Any:
    """Go through the patrol officer's door, which opens once."""
    door = next(one for one in ask("GET", f"{url}/api/doors")["doors"] if one["role"] == "police_officer")
    entered = ask("POST", url + door["href"])
    with pytest.raises(urllib.error.HTTPError):
        ask("POST", url + door["href"])
    return entered


def token_of(said: str, url: str, name: str) -> str:
    """Sign in with what was printed, as a program does."""
    password = re.search(rf"sign in\s+{name}\s+(\S+)", said)
    assert password
    return str(ask("POST", f"{url}/api/sessions", {"name": name, "password": password.group(1)})["token"])


def where(url: str, token: str, callsign: str) -> tuple[float, float]:
    """Where the desk has a unit."""
    units = ask("GET", f"{url}/api/registry/units", token=token)["units"]
    unit = next(one for one in units if one["callsign"] == callsign)
    return unit["lon"], unit["lat"]


async def test_real_data_is_refused_beside_a_demonstration(
    service: Database, database_url: str, tmp_path: Path
) -> None:
    """With real devices enrolled where the environment points, it does not start; an exercise's database is let be."""
    settings = Settings.read({"JIKIMI_DATABASE_URL": database_url, "JIKIMI_DATA": str(tmp_path)})
    screen = Console(record=True)
    beside_nothing_real(settings, screen)
    assert "EXERCISE JIKIMI_DATABASE_URL is left alone" in screen.export_text()
    await built(service)
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO site (one, exercise) VALUES (true, false)")
    with pytest.raises(Conflict, match="Real devices"):
        beside_nothing_real(settings, screen)
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE site SET exercise = true")
    beside_nothing_real(settings, screen)


def test_a_database_that_does_not_answer_holds_nothing_up(tmp_path: Path) -> None:
    """A stale address in the environment is no reason to refuse: nothing is read there and nothing written."""
    settings = Settings.read({"JIKIMI_DATABASE_URL": "postgresql://127.0.0.1:1/x", "JIKIMI_DATA": str(tmp_path)})
    beside_nothing_real(settings, Console(quiet=True))


@pytest.mark.parametrize(
    "wrong", [["--here", "nowhere"], ["--phone", "stranger"], ["--host", "192.0.2.4"], ["--host", "x y"]]
)
def test_a_wish_that_cannot_be_is_said(wrong: list[str]) -> None:
    """A sentence with EXERCISE in front, and exit code 1."""
    done = subprocess.run([JIKIMI, "demo", *wrong], capture_output=True, text=True, check=False, timeout=30 * PATIENCE)
    assert done.returncode == 1
    assert all("EXERCISE" in line for line in done.stderr.splitlines())
    assert done.stdout == ""
