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
from tests.test_registry_world import built

JIKIMI = str(Path(sys.executable).parent / "jikimi")


def until(condition: Callable[[], Any], patience_s: float) -> Any:
    """What the condition answers once it answers something."""
    deadline = time.monotonic() + patience_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
    return found


def ask(method: str, url: str, body: object = None, token: str = "") -> Any:
    """JSON of one request."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, Path]]:
    """`jikimi demo` with a screen nobody sees, its temporary files in a folder of the test's."""
    said = tmp_path / "said"
    folder = Path(tempfile.mkdtemp(prefix="jikimi-demo-", dir="/tmp"))
    folder.chmod(0o711)
    with said.open("wb") as out:
        command = [JIKIMI, "demo", "--speed", "10", "--wait", "600"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={"TMPDIR": str(folder)}
        )
    yield process, said, folder
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_a_morning_is_begun_answered_and_ended(demo: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    """The button begins it, a person at the patrol officer's door answers alone, Ctrl-C leaves nothing behind."""
    process, said, folder = demo
    until(lambda: "Press the button" in said.read_text(), 60)
    found = re.search(r"open\s+(http://\S+)/", said.read_text())
    assert found
    url = found.group(1)
    doors = ask("GET", f"{url}/api/doors")
    assert doors["morning_at"] is None
    door = next(one for one in doors["doors"] if one["role"] == "police_officer")
    entered = ask("POST", url + door["href"])
    with pytest.raises(urllib.error.HTTPError):
        ask("POST", url + door["href"])
    ask("POST", f"{url}/api/doors/morning")
    line = until(lambda: re.search(r"P-1: To the victim.*", said.read_text()), 60)
    assert "EXERCISE" in said.read_text()[: line.start()].splitlines()[-1]
    until(lambda: "M-1: accepted" in said.read_text(), 20)
    incidents = ask("GET", f"{url}/api/incidents", token=entered["token"])
    whole = ask("GET", f"{url}/api/incidents/{incidents[0]['id']}", token=entered["token"])
    mine = next(one for one in whole["taskings"] if one["callsign"] == "P-1")
    assert mine["state"] == "tasked", "a person's terminal was answered by somebody else"
    ask("POST", f"{url}/api/taskings/{mine['id']}/answer", {"state": "accepted"}, entered["token"])
    until(lambda: "P-1: accepted" in said.read_text(), 20)
    assert all("EXERCISE" in line for line in said.read_text().splitlines() if line.strip())
    process.send_signal(signal.SIGINT)
    assert process.wait(40) == 0
    assert list(folder.iterdir()) == []
    left = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert str(folder) not in left


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


@pytest.mark.parametrize("wrong", [["--here", "nowhere"], ["--phone", "stranger"]])
def test_a_wish_that_cannot_be_is_said(wrong: list[str]) -> None:
    """A sentence with EXERCISE in front, and exit code 1."""
    done = subprocess.run([JIKIMI, "demo", *wrong], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert "EXERCISE" in done.stderr
    assert done.stdout == ""
