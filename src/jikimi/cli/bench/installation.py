"""A Jikimi of the bench's own: its processes, its registry, its sign-ins. It must never touch another installation."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from jikimi.kernel.errors import Misconfigured


class Installation:
    """`jikimi serve` in a folder that is removed afterwards, driven by HTTP and by `import_document`."""

    def __init__(self, *arguments: str, host: str = "127.0.0.1", ports: tuple[int, int] | None = None) -> None:
        """``arguments`` are passed on to `jikimi serve`; ``ports`` of desk and gateway, any free ones without."""
        self.arguments, self.host = arguments, host
        self.folder = Path(tempfile.mkdtemp(prefix="jikimi-bench-"))
        self.folder.chmod(0o711)
        self.port, self.intake_port = ports or (any_port(), any_port())
        self.sign_ins: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None
        """Open as long as we live, however we end: a parent-death signal would come with the thread that started it."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if not os.environ.get("JIKIMI_BENCH_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    def start(self, patience_s: float = 90) -> None:
        """Start it and wait until it answers; raises Misconfigured."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("JIKIMI_")}
        env |= {
            "JIKIMI_DATA": str(self.data),
            "JIKIMI_HOST": self.host,
            "JIKIMI_PORT": str(self.port),
            "JIKIMI_INTAKE_PORT": str(self.intake_port),
        }
        said = self.folder / "said"
        self._cut()
        theirs, self._lifeline = os.pipe()
        with said.open("ab") as out:
            command = [sys.executable, "-m", "jikimi", "serve", "--lifeline", str(theirs), *self.arguments]
            self.process = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT, pass_fds=[theirs])
        os.close(theirs)
        before, deadline = said.read_text().count("devices http"), time.monotonic() + patience_s
        while said.read_text().count("devices http") <= before:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Misconfigured(f"The bench's own Jikimi did not start: {said.read_text()[-800:]}")
            time.sleep(0.05)
        time.sleep(0.2)
        for line in said.read_text().splitlines():
            if line.startswith("sign-in\t"):
                _, _, _, name, password = line.split("\t")
                self.sign_ins[name] = password

    def stop(self) -> None:
        """End it in order."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._cut()

    def _cut(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    @property
    def database_url(self) -> str:
        """Its database, password included."""
        said = json.loads((self.data / "runtime.json").read_text())
        return str(said["database_url"])

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """One request to the desk; raises on anything but success."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            text = answer.read()
        return json.loads(text) if text else None

    def token(self, name: str, password: str | None = None) -> str:
        """Sign in."""
        said = self.call("POST", "/api/sessions", {"name": name, "password": password or self.sign_ins[name]})
        return str(said["token"])

    def pids(self) -> dict[int, str]:
        """All processes below the supervisor, itself included, with a name for each."""
        assert self.process
        found: dict[int, str] = {}
        parents = {self.process.pid}
        table = subprocess.run(
            ["/bin/ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in table.splitlines()]
        found[self.process.pid] = "supervisor"
        while True:
            more = {int(pid): args for pid, parent, args in rows if int(parent) in parents and int(pid) not in found}
            if not more:
                return found
            for pid, args in more.items():
                found[pid] = args.rsplit(maxsplit=1)[-1] if "jikimi.app" in args else _server(args)
            parents = set(more)

    def pss_mb(self) -> float:
        """Proportional set size of all its processes, in megabytes."""
        total = 0
        for pid in self.pids():
            with suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024


def _server(args: str) -> str:
    return "nats" if "nats-server" in args else "postgres" if "postgres" in args else "other"


def any_port() -> int:
    """A port nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
