"""Starts everything on one machine and keeps it running. It must never leave a process behind, however it ends."""

import asyncio
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from jikimi.cli.rotating import rotate
from jikimi.identity.model import SignIn
from jikimi.kernel.errors import Misconfigured
from jikimi.kernel.process import own_folder, spawn, unprivileged
from jikimi.settings import Settings
from jikimi.store.embedded import Postgres
from jikimi.store.migrations import migrate
from jikimi.stream.embedded import Nats
from jikimi.vault import Vault

NATS_USERS = ("operator", "intake", "detect", "respond", "desk")
_LOOK_S = 0.02
_STEADY_S = 10.0
_LONGEST_REST_S = 2.0
_PULSE_S = 0.5
_ROTATE_S = 5.0
_SERVERS_LOGS = ("postgres/postgres.log", "nats/nats.log")
_STARTING = 4
"""Times as long for a role that has just begun: it may read in what a country wears."""


@dataclass(slots=True)
class Kept:
    """One process that is to run: how it is started, and when it may be started again."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0
    beat: str = ""
    beat_at: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """One installation on one machine."""

    settings: Settings
    roles: Sequence[str]
    say: Callable[[str], None]
    lifeline: int | None = None
    """A pipe's end: whoever holds the other one wants us, and nobody does once it is closed."""
    kept: list[Kept] = field(default_factory=list)
    postgres: Postgres | None = None
    nats: Nats | None = None
    _ending: bool = False
    _felt: float = 0.0
    _rotated: float = 0.0

    def run(self, prepare: Callable[[str, str], list[SignIn]], welcome: Callable[[list[SignIn]], None]) -> None:
        """Start, welcome, supervise until SIGTERM or SIGINT, stop.

        ``prepare(database url, nats url)`` brings both up to date and returns the first run's sign-ins.
        """
        own_folder(self.settings.data, None, 0o711)
        with self._alone():
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, self._end)
            try:
                self._wait_for_ports()
                database_url, nats_url = self._start_servers()
                migrate(database_url)
                sign_ins = prepare(database_url, nats_url("operator"))
                self._write_runtime(database_url)
                self._start_roles(database_url, nats_url)
                self._wait_until_serving()
                if not self._ending:
                    welcome(sign_ins)
                while not self._ending:
                    self.look_after()
                    time.sleep(_LOOK_S)
            finally:
                self.stop()

    def look_after(self) -> None:
        """Start again whatever has died, end what lives and does nothing; a process that keeps dying rests up to two
        seconds in between.
        """
        if self.lifeline is not None and select.select([self.lifeline], [], [], 0)[0]:
            self._ending = True
        now = time.monotonic()
        self._feel_pulses(now)
        if now - self._rotated > _ROTATE_S:
            self._rotated = now
            rotate(self.settings.data / log for log in (*(f"{role}.log" for role in self.roles), *_SERVERS_LOGS))
        for kept in self.kept:
            if kept.process is None or kept.process.poll() is None:
                continue
            if kept.not_before == 0:
                steady = now - kept.started > _STEADY_S
                kept.deaths = 1 if steady else kept.deaths + 1
                kept.not_before = now + (0 if kept.deaths == 1 else min(_LONGEST_REST_S, 0.1 * 2**kept.deaths))
                self.say(f"{kept.name} ended ({kept.process.returncode}); starting it again")
            if now >= kept.not_before:
                self._begin(kept)

    def _feel_pulses(self, now: float) -> None:
        if now - self._felt < _PULSE_S:
            return
        # Who did not look may not say that nothing happened: a machine that slept, a terminal that stopped us all.
        slept, self._felt = now - self._felt > 2 * _PULSE_S, now
        limit = self.settings.stalled_s
        for kept in self.kept:
            if kept.name not in self.roles or kept.process is None or kept.process.poll() is not None:
                continue
            beat = self._beat_of(kept.name)
            if slept or beat != kept.beat or kept.started > kept.beat_at:
                kept.beat, kept.beat_at = beat, now
            elif 0 < limit < now - kept.beat_at and now - kept.started > _STARTING * limit:
                self.say(f"{kept.name} has shown no sign of life for {now - kept.beat_at:.0f} s; ending it")
                kept.process.kill()

    def _beat_of(self, role: str) -> str:
        try:
            return self.settings.pulse_of(role).read_text()
        except OSError:
            return ""

    def stop(self) -> None:
        """End roles, then NATS, then PostgreSQL."""
        roles = [kept for kept in self.kept if kept.name not in ("postgres", "nats")]
        for kept in roles:
            if kept.process and kept.process.poll() is None:
                kept.process.terminate()
        for kept in roles:
            if kept.process:
                try:
                    kept.process.wait(8)
                except subprocess.TimeoutExpired:
                    kept.process.kill()
                    kept.process.wait(5)
        for server in (self.nats, self.postgres):
            if server:
                server.stop()

    def _alone(self) -> IO[str]:
        lock = (self.settings.data / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(f"Jikimi is running in {self.settings.data} already.") from None
        return lock

    def _wait_for_ports(self, patience_s: float = 5) -> None:
        """A predecessor may still be dying; another installation will not, and must not answer in our place."""
        ports = {
            "desk": ("JIKIMI_PORT", self.settings.port),
            "intake": ("JIKIMI_INTAKE_PORT", self.settings.intake_port),
        }
        deadline = time.monotonic() + patience_s
        for role in self.roles:
            name, port = ports.get(role, ("", 0))
            while name and not _free(port, self.settings.host):
                if time.monotonic() > deadline:
                    raise Misconfigured(f"Port {port} is taken by another program; set {name} to a free one.")
                time.sleep(_LOOK_S)

    def _end(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._ending = True

    def _begin(self, kept: Kept) -> None:
        kept.process, kept.started, kept.not_before = kept.start(), time.monotonic(), 0.0

    def _start_servers(self) -> tuple[str, Callable[[str], str]]:
        data, vault, user = self.settings.data, Vault(self.settings.data), unprivileged()
        ports = Ports(data / "ports.json")
        database_url, nats_url = self.settings.database_url, self.settings.nats_url
        if database_url is None:
            self.postgres = Postgres(data / "postgres", ports.of("postgres"), vault.password("postgres"), user)
            self._keep("postgres", self._started(self.postgres))
            database_url = self.postgres.url
        if nats_url is None:
            passwords = {name: vault.password(f"nats-{name}") for name in NATS_USERS}
            self.nats = Nats(data / "nats", ports.of("nats"), passwords, user, vault.password("nats-store"))
            self._keep("nats", self._started(self.nats))
            return database_url, self.nats.url
        own = nats_url
        return database_url, lambda _: own

    def _started(self, server: Postgres | Nats) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            server.start()
            assert server.process is not None
            return server.process

        return start

    def _keep(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        kept = Kept(name, start)
        self._begin(kept)
        self.kept.append(kept)

    def _start_roles(self, database_url: str, nats_url: Callable[[str], str]) -> None:
        for role in self.roles:
            env = {
                **{name: value for name, value in os.environ.items() if not name.startswith("JIKIMI_")},
                "JIKIMI_DATA": str(self.settings.data),
                "JIKIMI_HOST": self.settings.host,
                "JIKIMI_PORT": str(self.settings.port),
                "JIKIMI_INTAKE_PORT": str(self.settings.intake_port),
                "JIKIMI_REGIME": self.settings.regime,
                "JIKIMI_EXERCISE_CLOCK": self.settings.exercise or "",
                "JIKIMI_SITE": self.settings.site,
                "JIKIMI_MAP_STYLE": self.settings.map_style or "",
                "JIKIMI_CUSTODY": str(self.settings.custody or ""),
                "JIKIMI_BEHIND_TLS": f"{self.settings.behind_tls:d}",
                "JIKIMI_STALLED_S": f"{self.settings.stalled_s:.0f}",
                **(self.settings.oidc.environment() if self.settings.oidc else {}),
                "JIKIMI_DATABASE_URL": database_url,
                "JIKIMI_NATS_URL": nats_url(role),
            }
            self._keep(role, self._role(role, env))

    def _role(self, role: str, env: dict[str, str]) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            with (self.settings.data / f"{role}.log").open("ab") as log:
                return spawn([sys.executable, "-m", "jikimi.app", role], env=env, log=log, dies_by=signal.SIGKILL)

        return start

    def _write_runtime(self, database_url: str) -> None:
        path = self.settings.data / "runtime.json"
        path.touch(0o600)
        path.chmod(0o600)
        path.write_text(json.dumps({"database_url": database_url, "pid": os.getpid()}))

    def _wait_until_serving(self, patience_s: float = 60) -> None:
        ports = {"intake": self.settings.intake_port, "desk": self.settings.port}
        waiting = {role for role in self.roles if role in ports}
        deadline = time.monotonic() + patience_s
        while waiting and not self._ending:
            for role in sorted(waiting):
                with suppress(OSError):
                    urllib.request.urlopen(f"http://{self.settings.host}:{ports[role]}/healthz", timeout=1).close()
                    waiting.discard(role)
            self.look_after()
            if time.monotonic() > deadline:
                raise Misconfigured(
                    f"{', '.join(sorted(waiting))} did not start; read the logs in {self.settings.data}."
                )
            time.sleep(_LOOK_S)


class Ports:
    """Ports of the embedded servers: the same at every start while they are free, so that nobody loses the way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}

    def of(self, name: str) -> int:
        """The port of that server."""
        known = self._known.get(name)
        if known is None or not _free(known):
            known = self._known[name] = _any_free()
            self._path.write_text(json.dumps(self._known))
        return known


def _free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepared(database_url: str, nats_url: str, settings: Settings) -> list[SignIn]:
    """Streams set up, today's rules in the log, and the first run's sign-ins."""
    from jikimi.app.preparing import prepare  # noqa: PLC0415 - the supervisor itself stays small in memory

    return asyncio.run(prepare(database_url, nats_url, settings))
