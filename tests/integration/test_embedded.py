"""The embedded servers start without set-up, survive being shot, and touch nothing that is not theirs."""

import base64
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from jikimi.kernel.errors import Misconfigured
from jikimi.kernel.process import at_home_in, unprivileged
from jikimi.store.embedded import SETTINGS, Postgres, installed
from jikimi.stream.client import check_version, connect, set_up
from jikimi.stream.embedded import Nats, server_program
from tests.conftest import ROLES, free_port
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
def own(workshop: Path) -> Iterator[Postgres]:
    """A PostgreSQL of this module's own: making a folder takes longest."""
    made = Postgres(workshop / f"own-{uuid4().hex[:6]}", free_port(), uuid4().hex, unprivileged())
    yield made
    made.stop()


@pytest.fixture
def server(own: Postgres) -> Postgres:
    """That server, started, however the test before left it."""
    own.stop()
    own.start()
    return own


def shoot(server: Postgres | Nats) -> None:
    """Kill -9, and nobody tidies up."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()


def ask(server: Postgres, statement: str) -> object:
    """One value."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row[0] if row else None


def test_postgresql_comes_back_with_everything_after_kill_9(server: Postgres) -> None:
    """What was committed before it was shot is there after the next start, and it listens on loopback alone."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    shoot(server)
    assert (server.folder / "data/postmaster.pid").exists()
    server.start()
    assert ask(server, "SELECT count(*) FROM kept") == 1000
    for name, value in SETTINGS.items():
        if name in {"fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "log_statement"}:
            assert ask(server, f"SHOW {name}") == value


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(server: Postgres) -> None:
    """A leftover naming a living process that is not ours, ourselves even, is seen through and nobody is harmed."""
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        for pid in (os.getpid(), stranger.pid, 1, 2**22 - 1):
            server.stop()
            leave_pid(server, pid)
            server.start()
            assert ask(server, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def leave_pid(server: Postgres, pid: int) -> None:
    """Write a postmaster.pid as a dead server leaves it."""
    path = server.folder / "data/postmaster.pid"
    path.write_text(f"{pid}\n{server.folder / 'data'}\n{int(time.time())}\n{server.port}\n\n127.0.0.1\n\nready\n")
    if server.user:
        os.chown(path, server.user.uid, server.user.gid)


def test_a_zombie_with_the_pid_is_no_obstacle(server: Postgres) -> None:
    """A dead child nobody has collected does not count as a server at home."""
    server.stop()
    zombie = subprocess.Popen(["/bin/true"])
    while Path(f"/proc/{zombie.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    leave_pid(server, zombie.pid)
    server.start()
    assert ask(server, "SELECT 1") == 1
    zombie.wait()


def test_a_server_still_at_home_is_ended_before_another_starts(server: Postgres) -> None:
    """Two servers never share a folder: the orphan of a lost supervisor is asked to end, and only then we start."""
    orphan = server.process
    assert orphan is not None
    successor = Postgres(server.folder, free_port(), server.password, server.user)
    successor.start()
    try:
        assert orphan.wait(20) is not None
        assert ask(successor, "SELECT 1") == 1
    finally:
        successor.stop()


def test_a_broken_initdb_is_begun_anew(workshop: Path) -> None:
    """A folder that a killed initdb left half made is made again."""
    server = Postgres(workshop / f"half-{uuid4().hex[:6]}", free_port(), uuid4().hex, unprivileged())
    (server.folder / "data/base").mkdir(parents=True)
    server.start()
    try:
        assert ask(server, "SELECT 1") == 1
        assert not (server.folder / "initdb.secret").exists()
    finally:
        server.stop()


def test_a_folder_the_account_cannot_reach_is_said_in_a_sentence(tmp_path: Path) -> None:
    """Started by root below a closed folder, it says what to set, and opens nothing itself."""
    if unprivileged() is None:
        pytest.skip("only root starts servers as somebody else")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Misconfigured, match="JIKIMI_DATA"):
        Postgres(closed / "jikimi" / "postgres", free_port(), uuid4().hex, unprivileged()).start()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_permissions_outside_our_folder_stay_as_they_are(workshop: Path) -> None:
    """Folders above ours keep mode, owner and group, whatever they are."""
    above = workshop / f"theirs-{uuid4().hex[:6]}"
    above.mkdir()
    above.chmod(0o751)
    watched = [workshop, above]
    before = [(p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in watched]
    server = Nats(above / "nats", free_port(), dict.fromkeys(ROLES, "x"), unprivileged())
    server.start()
    server.stop()
    assert [(p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in watched] == before
    assert (above / "nats").stat().st_mode & 0o777 == 0o700
    assert (above / "nats/nats.json").stat().st_mode & 0o777 == 0o600


def test_a_program_that_ends_at_once_is_said_with_its_log(workshop: Path) -> None:
    """A port that is taken ends the start with the log to read, not with silence."""
    first = Nats(workshop / f"n-{uuid4().hex[:6]}", free_port(), dict.fromkeys(ROLES, "x"), unprivileged())
    first.start()
    try:
        second = Postgres(workshop / f"p-{uuid4().hex[:6]}", first.port, uuid4().hex, unprivileged())
        with pytest.raises(Misconfigured, match=r"postgres\.log"):
            second.start()
    finally:
        first.stop()


def test_a_version_nobody_has_is_said_by_its_number(workshop: Path) -> None:
    """Data of a version that is not on this machine names it and the way out."""
    server = Postgres(workshop / f"old-{uuid4().hex[:6]}", free_port(), uuid4().hex, unprivileged())
    (server.folder / "data").mkdir(parents=True)
    (server.folder / "data/PG_VERSION").write_text("9\n")
    with pytest.raises(Misconfigured, match="No PostgreSQL 9 on this machine"):
        server.start()
    assert installed()


# NATS ---------------------------------------------------------------------------------------------------------


async def test_nats_keeps_what_it_acknowledged_over_kill_9(nats_server: Nats) -> None:
    """The log is there after a kill, each role with its own password and no other."""
    client = await connect(nats_server.url("intake"), "intake")
    await client.request("facts.tick", b"x", timeout=5 * PATIENCE)
    shoot(nats_server)
    nats_server.start()
    again = await connect(nats_server.url("detect"), "detect")
    answer = await again.request("$JS.API.STREAM.INFO.facts", b"", timeout=5 * PATIENCE)
    assert b'"messages":1' in answer.data
    await again.close()
    await client.close()
    with pytest.raises(Misconfigured, match="Authorization Violation"):
        await connect(nats_server.url("intake").replace("intake:", "intake:wrong"), "intake", patience_s=0)


async def test_the_log_on_disk_shows_nothing_and_opens_with_its_key_only(workshop: Path) -> None:
    """Whoever carries the store away reads nothing in it; with the key it survives kill -9, without it nothing starts over it."""
    place, key, said = workshop / f"sealed-{uuid4().hex[:6]}", uuid4().hex, b"EXERCISE 37.566535 126.977969 " * 4
    server = Nats(place, free_port(), dict.fromkeys(ROLES, "x"), unprivileged(), key)
    server.start()
    client = await connect(server.url("operator"), "operator")
    await set_up(client)
    for _ in range(3):
        await client.request("facts.fixes", said, timeout=5 * PATIENCE)
        shoot(server)
        server.start()
        await client.close()
        client = await connect(server.url("operator"), "operator")
    await client.request("facts.fixes", said, timeout=5 * PATIENCE)
    answer = await client.request("$JS.API.STREAM.MSG.GET.facts", b'{"seq": 1}', timeout=5 * PATIENCE)
    assert base64.b64decode(json.loads(answer.data)["message"]["data"]) == said
    await client.close()
    server.stop()
    files = [file.read_bytes() for file in place.rglob("*") if file.is_file()]
    assert files
    assert not [body for body in files if b"37.566535" in body or key.encode() in body]


async def test_a_log_that_was_begun_plain_goes_on_plain(workshop: Path) -> None:
    """A key that comes later loses nothing of what the log holds."""
    place = workshop / f"plain-{uuid4().hex[:6]}"
    server = Nats(place, free_port(), dict.fromkeys(ROLES, "x"), unprivileged())
    server.start()
    client = await connect(server.url("operator"), "operator")
    await set_up(client)
    await client.request("facts.tick", b"x", timeout=5 * PATIENCE)
    await client.close()
    server.stop()
    later = Nats(place, server.port, dict.fromkeys(ROLES, "x"), unprivileged(), uuid4().hex)
    later.start()
    client = await connect(later.url("operator"), "operator")
    assert b'"messages":1' in (await client.request("$JS.API.STREAM.INFO.facts", b"", timeout=5 * PATIENCE)).data
    await client.close()
    later.stop()


async def test_setting_up_twice_changes_nothing(nats_server: Nats) -> None:
    """Streams that exist are brought to today's configuration and lose nothing."""
    client = await connect(nats_server.url("operator"), "operator")
    await client.request("facts.tick", b"x", timeout=5 * PATIENCE)
    await set_up(client)
    answer = await client.request("$JS.API.STREAM.INFO.facts", b"", timeout=5 * PATIENCE)
    assert b'"messages":1' in answer.data
    await client.close()


def test_nats_stops_in_order_and_once(workshop: Path) -> None:
    """Stopping one that runs ends it, stopping one that does not is nothing."""
    server = Nats(workshop / f"stop-{uuid4().hex[:6]}", free_port(), dict.fromkeys(ROLES, "x"), unprivileged())
    server.stop()
    server.start()
    assert server.process is not None
    folder = server.folder
    assert at_home_in(folder) == [server.process.pid]
    server.stop()
    assert server.process.poll() is not None
    assert at_home_in(folder) == []
    server.stop()
    assert server_program().exists()


@pytest.mark.parametrize("version", ["2.9.25", "2.10.29", "1.4.1", "2.10.0-beta.1"])
def test_an_older_nats_is_refused_by_its_name(version: str) -> None:
    """Below 2.11 it is said which version was found and which is needed."""
    with pytest.raises(Misconfigured, match=version):
        check_version(version)


@pytest.mark.parametrize("version", ["2.11.0", "2.12.1", "2.15.0-RC.1", "3.0.0", "v2.11.3"])
def test_a_newer_nats_is_welcome(version: str) -> None:
    """From 2.11 on, candidates included."""
    check_version(version)


# children -----------------------------------------------------------------------------------------------------


def test_a_server_does_not_outlive_whoever_started_it(workshop: Path) -> None:
    """When the process that started it is shot, the server is gone a moment later."""
    folder = workshop / f"orphan-{uuid4().hex[:6]}"
    script = (
        "import sys, time; from pathlib import Path; from jikimi.stream.embedded import Nats;"
        "from jikimi.kernel.process import unprivileged;"
        f"s = Nats(Path({str(folder)!r}), {free_port()}, dict.fromkeys({ROLES!r}, 'x'), unprivileged()); s.start();"
        "print(s.process.pid, flush=True); time.sleep(60)"
    )
    import sys  # noqa: PLC0415 - the script above needs the same interpreter

    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20 * PATIENCE
    while at_home_in(folder):
        assert time.monotonic() < deadline, f"{pid} lives on"
        time.sleep(0.02)
