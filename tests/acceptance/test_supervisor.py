"""One machine, no set-up: what starts, what comes back, what is left behind."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jikimi.app import unshown
from jikimi.identity.model import Role
from jikimi.identity.model import SignIn as SignInMade
from tests.acceptance.running import Jikimi, Officer, SignIn, until
from tests.acceptance.test_spine import approach, arrive, officers
from tests.acceptance.town import Town, enter
from tests.patience import PATIENCE


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of its own, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="jikimi-supervisor-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: object, patience_s: float = 20) -> None:
    """Wait for a condition to hold, or fail."""
    deadline = time.monotonic() + PATIENCE * patience_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_serve_comes_back_from_every_death_and_leaves_nothing_behind(folder: Path) -> None:
    """Sign-ins are printed once; a killed role or server returns; a killed supervisor leaves no process; data stays."""
    before = {
        path: path.stat().st_mode for path in (Path("/tmp"), Path("/"), Path(sys.prefix), Path(sys.prefix).parent)
    }
    jikimi = Jikimi(folder)
    jikimi.start()
    sign_ins: dict[str, SignIn] = dict(jikimi.sign_ins)
    assert set(sign_ins) == {
        "police-registrar", "dispatcher", "police-officer", "police-reviewer", "monitoring-registrar", "monitor",
        "probation-officer", "monitoring-reviewer",
    }  # fmt: skip
    assert len({one.password for one in sign_ins.values()}) == len(sign_ins)
    assert {path: path.stat().st_mode for path in before} == before, "a permission outside our folder was touched"
    if os.geteuid() == 0:
        server = jikimi.pids()["postgres"]
        assert Path(f"/proc/{server}").stat().st_uid != 0, "PostgreSQL runs as root"

    for name in ("intake", "detect", "respond", "desk", "nats", "postgres"):
        pid = jikimi.pids()[name]
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda name=name, pid=pid: jikimi.pids().get(name, pid) != pid)
    token = ""

    def signs_in() -> bool:
        nonlocal token
        try:
            token = jikimi.token("dispatcher")
        except (AssertionError, OSError):
            return False
        return True

    wait_for(signs_in, 30)

    family = list(jikimi.pids().values())
    assert jikimi.process
    jikimi.process.kill()
    jikimi.process.wait()
    wait_for(lambda: not any(alive(pid) for pid in family))

    jikimi.sign_ins.clear()
    jikimi.start()
    assert not jikimi.sign_ins, "sign-ins were printed twice"
    assert jikimi.call("GET", "/api/me", token=token)[0] == 200, "a session was lost with the supervisor"
    second = Jikimi(folder, jikimi.port, jikimi.intake_port)
    with pytest.raises(AssertionError, match="running"):
        second.start()
    family = list(jikimi.pids().values())
    jikimi.stop()
    assert not any(alive(pid) for pid in family)


def test_your_own_servers_are_used_instead(folder: Path, database_url: str) -> None:
    """With JIKIMI_DATABASE_URL no PostgreSQL of ours is started, and yours is migrated."""
    jikimi = Jikimi(folder, extra={"JIKIMI_DATABASE_URL": database_url})
    jikimi.start()
    try:
        assert "postgres" not in jikimi.pids()
        assert jikimi.token("dispatcher")
        with psycopg.connect(database_url) as connection:
            row = connection.execute("SELECT count(*) FROM account").fetchone()
        assert row == (8,)
    finally:
        jikimi.stop()


def test_doctor_says_what_must_be_mended(folder: Path) -> None:
    """A secret that others may read is named, with what to do, and the exit code says so."""
    command = [str(Path(sys.executable).parent / "jikimi"), "doctor"]
    env = {**os.environ, "JIKIMI_DATA": str(folder / "data")}
    assert subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0
    secrets = folder / "data" / "secrets"
    secrets.mkdir(parents=True, mode=0o700)
    (secrets / "postgres.key").write_text("00" * 32)
    (secrets / "postgres.key").chmod(0o644)
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "postgres.key" in found.stdout


async def sent(jikimi: Jikimi, town: Town, police: Officer, which: int) -> None:
    """The officer is sent to that pair; devices go on reporting while orders and carriers are told to a busy detector."""

    def told() -> bool:
        return any(one["body"]["offender_id"] == town.ids[f"O{which}"] for one in police.orders())

    for _ in range(12):
        await approach(jikimi, town, which)
        with contextlib.suppress(TimeoutError):
            await until(told, 5)
            return
    raise AssertionError("nobody was sent")


async def test_a_log_that_was_lost_is_told_everything_anew(folder: Path) -> None:
    """With the log's files gone, devices still prove who they are, orders still bind, and officers are still sent."""
    jikimi = Jikimi(folder)
    await asyncio.to_thread(jikimi.start)
    try:
        town = await asyncio.to_thread(enter, jikimi)
        async with officers(jikimi, town) as (police, _):
            await sent(jikimi, town, police, 0)
            await asyncio.to_thread(arrive, jikimi, police)
            answer = f"/api/taskings/{police.orders()[-1]['body']['tasking']}/answer"
            assert jikimi.call("POST", answer, {"state": "cleared"}, police.token)[0] == 204
        await asyncio.to_thread(jikimi.stop)
        shutil.rmtree(folder / "data" / "nats" / "store")
        await asyncio.to_thread(jikimi.start)
        async with officers(jikimi, town) as (police, _):
            await sent(jikimi, town, police, 1)
    finally:
        await asyncio.to_thread(jikimi.stop)


def test_a_start_that_dies_before_it_has_shown_its_sign_ins_shows_them_the_next_time(folder: Path) -> None:
    """Sign-ins that were made are kept where only we read until they were shown, and then no more."""
    jikimi = Jikimi(folder)
    jikimi.start()
    made = dict(jikimi.sign_ins)
    jikimi.stop()
    kept = folder / "data" / "secrets" / "sign-ins.json"
    assert not kept.exists()
    unshown.keep(
        folder / "data", [SignInMade(one.name, Role(one.role), "agency", one.password) for one in made.values()]
    )
    assert kept.stat().st_mode & 0o077 == 0
    jikimi.sign_ins.clear()
    jikimi.start()
    try:
        assert jikimi.sign_ins == made
        assert not kept.exists()
    finally:
        jikimi.stop()


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    """Another program on our port is said, with what to set, and nothing answers in our place."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        jikimi = Jikimi(folder, port=other.getsockname()[1])
        with pytest.raises(AssertionError, match="JIKIMI_PORT"):
            jikimi.start()


async def test_a_role_that_lives_and_does_nothing_is_told_and_started_again(folder: Path) -> None:
    """Detection stopped in its tracks: the desk and every line say for how long; then it is ended, and alerts go on."""
    jikimi = Jikimi(folder, extra={"JIKIMI_STALLED_S": "20"})
    await asyncio.to_thread(jikimi.start)
    try:
        town = await asyncio.to_thread(enter, jikimi)

        def behind() -> Any:
            return jikimi.call("GET", "/healthz")[1].get("behind", {})

        await until(lambda: not behind(), 20)
        async with officers(jikimi, town) as both:
            stopped = jikimi.pids()["detect"]
            os.kill(stopped, signal.SIGSTOP)
            await until(lambda: set(behind()) == {"detect"}, 10)
            await until(lambda: both[0].beats[-1]["behind"].get("detect", 0) > 3, 5)
            found = await asyncio.to_thread(doctor, folder, jikimi)
            assert found["NATS"]["said"][0].isdigit(), "the embedded server was not asked"
            assert (found["roles"]["ok"], found["roles"]["said"][:18]) == (False, "behind: detect for")
            await until(lambda: jikimi.pids().get("detect", stopped) != stopped, 60)
            await until(lambda: not behind(), 20)
            await approach(jikimi, town, 0)
            await until(lambda: all(one.orders() for one in both), 20)
            await until(lambda: both[0].beats[-1]["behind"] == {}, 5)
        assert "no sign of life" in (folder / "serve.err").read_text()
    finally:
        await asyncio.to_thread(jikimi.stop)


def doctor(folder: Path, jikimi: Jikimi) -> dict[str, Any]:
    """What the doctor finds at a running installation, by what he looked at."""
    command = [str(Path(sys.executable).parent / "jikimi"), "doctor", "--json"]
    env = {**os.environ, "JIKIMI_DATA": str(folder / "data"), "JIKIMI_PORT": str(jikimi.port)}
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout
    return {found["what"]: found for found in json.loads(said)["findings"]}


def test_an_installation_ends_with_whoever_started_it(folder: Path) -> None:
    """A demonstration or a bench that is killed outright leaves no server and no role running."""
    words = (
        "import time; from jikimi.cli.bench.installation import Installation as I\n"
        "made = I(); made.start(); print(*made.pids(), flush=True); time.sleep(600)"
    )
    env = {**os.environ, "TMPDIR": str(folder)}
    demonstration = subprocess.Popen([sys.executable, "-c", words], env=env, stdout=subprocess.PIPE, text=True)
    assert demonstration.stdout
    with demonstration.stdout:
        family = [int(pid) for pid in demonstration.stdout.readline().split()]
    assert len(family) > 6
    assert all(alive(pid) for pid in family[:7])
    demonstration.kill()
    demonstration.wait()
    wait_for(lambda: not any(alive(pid) for pid in family))
