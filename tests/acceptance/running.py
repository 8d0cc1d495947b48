"""A running Jikimi and clients of it that know only what the reference says: HTTP, JSON, WebSocket."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets

from tests.conftest import free_port
from tests.patience import PATIENCE


@dataclass
class SignIn:
    """One of the sign-ins printed by the first run."""

    role: str
    name: str
    password: str


@dataclass
class Jikimi:
    """`jikimi serve` in a folder of its own."""

    folder: Path
    port: int = field(default_factory=free_port)
    intake_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    sign_ins: dict[str, SignIn] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def intake(self) -> str:
        return f"http://127.0.0.1:{self.intake_port}"

    def start(self, *arguments: str, patience_s: float = 60) -> None:
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JIKIMI_")},
            "JIKIMI_DATA": str(self.folder / "data"), "JIKIMI_PORT": str(self.port),
            "JIKIMI_INTAKE_PORT": str(self.intake_port), **self.extra,
        }  # fmt: skip
        command = [str(Path(sys.executable).parent / "jikimi"), "serve", *arguments]
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=(self.folder / "serve.err").open("a")
        )
        assert self.process.stdout
        out = self.process.stdout.fileno()
        os.set_blocking(out, False)
        said, deadline = "", time.monotonic() + PATIENCE * patience_s
        while "devices http" not in said:
            assert self.process.poll() is None, (self.folder / "serve.err").read_text()[-2000:]
            assert time.monotonic() < deadline, "did not start in time"
            said += _read(out)
            time.sleep(0.02)
        time.sleep(0.1)
        said += _read(out)
        for line in said.splitlines():
            if line.startswith("sign-in\t"):
                _, role, _, name, password = line.split("\t")
                self.sign_ins[name] = SignIn(role, name, password)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate(timeout=30 * PATIENCE)

    def pids(self) -> dict[str, int]:
        """Pids of our children by name."""
        assert self.process
        found = {}
        for line in subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout.splitlines():
            pid, _, args = line.strip().partition(" ")
            name = args.rsplit(maxsplit=1)[-1] if "jikimi.app" in args else "postgres" if "postgres" in args else "nats"
            found[name] = int(pid)
        return found

    def call(self, method: str, path: str, body: object = None, token: str = "", base: str = "") -> tuple[int, Any]:
        """Status and decoded body of one request."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request((base or self.url) + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10 * PATIENCE) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else text
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text[:1] == b"{" else text

    def token(self, name: str, password: str | None = None) -> str:
        status, said = self.call(
            "POST", "/api/sessions", {"name": name, "password": password or self.sign_ins[name].password}
        )
        assert status == 201, said
        return str(said["token"])

    def osmand(self, device: str, key: str, lon: float, lat: float, t: float | None = None, **more: object) -> int:
        """One fix as the OsmAnd app sends it."""
        query = urllib.parse.urlencode({
            "id": device, "key": key, "lat": lat, "lon": lon, "timestamp": int((t or time.time()) * 1000), "accuracy": 8, **more,
        })  # fmt: skip
        return self.call("GET", f"/osmand/?{query}", base=self.intake)[0]


@dataclass
class Officer:
    """A WebSocket client as an officer's terminal: confirms what it gets."""

    jikimi: Jikimi
    token: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    beats: list[dict[str, Any]] = field(default_factory=list)
    last: int | None = None
    confirm: bool = True

    async def listen(self) -> None:
        """For ever, resuming where it was."""
        while True:
            where = (
                self.jikimi.url.replace("http", "ws")
                + "/api/live"
                + (f"?after={self.last}" if self.last is not None else "")
            )
            try:
                async with websockets.connect(
                    where, additional_headers={"Authorization": f"Bearer {self.token}"}
                ) as line:
                    async for text in line:
                        await self._hear(line, json.loads(text))
            except (OSError, websockets.WebSocketException):
                await asyncio.sleep(0.1)

    async def _hear(self, line: websockets.ClientConnection, said: dict[str, Any]) -> None:
        if said["type"] == "welcome":
            for message in said["open"]:
                await self._take(line, message)
            self.last = max(said["after"], self.last or 0)
        elif said["type"] == "message":
            await self._take(line, said)
        elif said["type"] == "target":
            self.targets.append(said)
        elif said["type"] == "beat":
            self.beats.append(said)

    async def _take(self, line: websockets.ClientConnection, message: dict[str, Any]) -> None:
        self.seen.append({**message, "here": time.time()})
        if message["seq"] is not None:
            self.last = max(message["seq"], self.last or 0)
            if self.confirm:
                await line.send(json.dumps({"type": "ack", "seq": message["seq"]}))

    def orders(self) -> list[dict[str, Any]]:
        return [message for message in self.seen if message["kind"] == "tasking"]


def _read(descriptor: int) -> str:
    try:
        return os.read(descriptor, 65536).decode()
    except BlockingIOError:
        return ""


async def until(condition: Any, patience_s: float = 10) -> None:
    """Wait for a condition to hold, or fail."""
    async with asyncio.timeout(PATIENCE * patience_s):
        while not condition():
            await asyncio.sleep(0.01)
