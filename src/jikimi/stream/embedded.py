"""NATS on one machine without set-up. Its configuration is data (NATS reads JSON), never text glued together."""

import importlib.util
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from jikimi.kernel.errors import Misconfigured
from jikimi.kernel.process import User, at_home_in, brought_within_reach, own_folder, spawn
from jikimi.stream import names

MAX_PAYLOAD = 8 * 1024 * 1024
_KEY = "JIKIMI_STORE_KEY"


@dataclass(slots=True)
class Nats:
    """One embedded server: its folder, its port, a password for each role, and the key its store is encrypted with.

    The log holds for three days where everybody was: the key comes from the vault, through the process's environment, and
    lies nowhere beside the store. A store that was begun plain stays so: begin a new one, and the registry is told to it anew.
    """

    folder: Path
    port: int
    passwords: dict[str, str]
    user: User | None
    store_key: str | None = field(default=None, repr=False)
    process: subprocess.Popen[bytes] | None = field(default=None)

    def url(self, role: str) -> str:
        """Where that role connects, password included: hand it on, never print it."""
        return f"nats://{role}:{self.passwords[role]}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and return when it accepts connections; raises Misconfigured when it cannot."""
        own_folder(self.folder, self.user)
        store = own_folder(self.folder / "store", self.user)
        self._wait_for_predecessor()
        encrypted = self.folder / "encrypted"
        if self.store_key and not any(store.iterdir()):
            encrypted.touch(0o600)
        key = self.store_key if encrypted.exists() else None
        config = self.folder / "nats.json"
        config.touch(0o600)
        config.chmod(0o600)
        if self.user:
            shutil.chown(config, self.user.uid, self.user.gid)
        # A word that begins with a dollar and is not quoted is read from the environment.
        config.write_text(
            json.dumps(self._config(store, encrypted=key is not None), indent=1).replace(f'"${_KEY}"', f"${_KEY}")
        )
        env = {"PATH": "/usr/bin:/bin"} | ({_KEY: f"k{key}"} if key else {})
        program = server_program()
        program = brought_within_reach(program, program, self.folder.parent / "programs", self.user)
        with (self.folder / "nats.log").open("ab") as log:
            self.process = spawn(
                [program, "-c", config], env=env, log=log, user=self.user, cwd=self.folder,
                dies_by=signal.SIGKILL,
            )  # fmt: skip
        self._wait_until_accepting()

    def stop(self) -> None:
        """End it in order; a server that does not end within ten seconds is made to."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def _config(self, store: Path, *, encrypted: bool) -> dict[str, object]:
        users: list[dict[str, object]] = [{"user": "operator", "password": self.passwords["operator"]}]
        for role, publish in names.PUBLISH.items():
            inbox = f"{names.inbox(role)}.>"
            permissions = {"publish": {"allow": publish}, "subscribe": {"allow": [inbox, *names.SUBSCRIBE[role]]}}
            users.append({"user": role, "password": self.passwords[role], "permissions": permissions})
        return {
            "server_name": "jikimi",
            "listen": f"127.0.0.1:{self.port}",
            "max_payload": MAX_PAYLOAD,
            "write_deadline": "10s",
            "jetstream": {
                "store_dir": str(store),
                "sync_interval": "always",
                "max_memory_store": 64 * 1024 * 1024,
                **({"cipher": "aes", "key": f"${_KEY}"} if encrypted else {}),
            },
            "accounts": {"JIKIMI": {"jetstream": "enabled", "users": users}},
        }

    def _wait_for_predecessor(self) -> None:
        deadline = time.monotonic() + 10
        while left := at_home_in(self.folder):
            if time.monotonic() > deadline:
                raise Misconfigured(f"Processes {left} still use {self.folder}; end them first.")
            time.sleep(0.02)

    def _wait_until_accepting(self, patience_s: float = 60) -> None:
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    if connection.recv(5).startswith(b"INFO"):
                        return
            except OSError:
                time.sleep(0.02)
        raise Misconfigured(f"NATS did not start; read {self.folder / 'nats.log'}.")


def server_program() -> Path:
    """The nats-server that came with our wheel, else one on the path; raises Misconfigured."""
    beside = Path(sys.executable).parent / "nats-server"
    if beside.exists():
        return beside
    spec = importlib.util.find_spec("nats_server")
    if spec and spec.origin:
        for candidate in Path(spec.origin).parent.rglob("nats-server"):
            return candidate
    found = shutil.which("nats-server")
    if found:
        return Path(found)
    raise Misconfigured("No nats-server on this machine; install one of 2.11 or newer, or set JIKIMI_NATS_URL.")
