"""What an installation is told from outside, in one frozen object. It must never hold a secret that has a default."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jikimi.kernel.clock import Clock, SystemClock, exercise_clock
from jikimi.kernel.errors import Misconfigured

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Oidc:
    """An organisation's own sign-in; its client secret is in the vault, never here."""

    issuer: str
    """Its address, to the letter as it says it itself (JIKIMI_OIDC_ISSUER)."""
    client: str
    """What we are called there (JIKIMI_OIDC_CLIENT)."""
    callback: str
    """Our address that it sends people back to, as registered there (JIKIMI_OIDC_CALLBACK)."""
    name: str
    """What the button on the sign-in page calls it (JIKIMI_OIDC_NAME)."""

    def environment(self) -> dict[str, str]:
        """As it is read again by a process of ours."""
        return {f"JIKIMI_OIDC_{name.upper()}": str(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Settings:
    """Read once from the environment; every name begins with JIKIMI_."""

    data: Path
    """Folder for the embedded servers, secrets and logs (JIKIMI_DATA)."""
    host: str
    """Address the desk and the gateway listen on (JIKIMI_HOST)."""
    port: int
    """HTTP port of the desk (JIKIMI_PORT)."""
    intake_port: int
    """HTTP port of the device gateway (JIKIMI_INTAKE_PORT)."""
    database_url: str | None
    """PostgreSQL of yours instead of the embedded one (JIKIMI_DATABASE_URL)."""
    nats_url: str | None
    """NATS of yours instead of the embedded one (JIKIMI_NATS_URL)."""
    regime: str
    """Whose law and radii hold (JIKIMI_REGIME)."""
    exercise: str | None = None
    """An exercise's clock, T0[xN][@BEGAN]; None: this is real (JIKIMI_EXERCISE_CLOCK)."""
    site: str = "Jikimi"
    """What this installation is called on its screens (JIKIMI_SITE)."""
    map_style: str | None = None
    """Address of a MapLibre style of yours instead of our own map (JIKIMI_MAP_STYLE)."""
    custody: Path | None = None
    """Folder of the keys to what lies sealed, best on another disk; None: beside the secrets (JIKIMI_CUSTODY)."""
    stalled_s: float = 15.0
    """A role that shows no sign of life for so long is ended and started again; 0: never (JIKIMI_STALLED_S)."""
    behind_tls: bool = False
    """Something in front of us speaks TLS with browsers, so that no cookie may travel without (JIKIMI_BEHIND_TLS)."""
    oidc: Oidc | None = None
    """An organisation's own sign-in beside passwords; None: there is none."""

    @staticmethod
    def read(environment: dict[str, str] | None = None) -> "Settings":
        """From ``environment`` (default: the process's); raises Misconfigured naming what cannot be read."""
        env = dict(os.environ) if environment is None else environment
        return Settings(
            data=Path(env.get("JIKIMI_DATA") or default_folder(env)).absolute(),
            host=env.get("JIKIMI_HOST", "127.0.0.1"),
            port=_port(env, "JIKIMI_PORT", 8340),
            intake_port=_port(env, "JIKIMI_INTAKE_PORT", 8341),
            database_url=env.get("JIKIMI_DATABASE_URL") or None,
            nats_url=env.get("JIKIMI_NATS_URL") or None,
            regime=env.get("JIKIMI_REGIME", "kr"),
            exercise=env.get("JIKIMI_EXERCISE_CLOCK") or None,
            site=env.get("JIKIMI_SITE") or "Jikimi",
            map_style=_address(env, "JIKIMI_MAP_STYLE"),
            custody=Path(env["JIKIMI_CUSTODY"]).absolute() if env.get("JIKIMI_CUSTODY") else None,
            stalled_s=_seconds(env, "JIKIMI_STALLED_S", 15.0),
            behind_tls=_yes(env, "JIKIMI_BEHIND_TLS"),
            oidc=_oidc(env),
        )

    def pulse_of(self, role: str) -> Path:
        """The file a role of this machine beats into, for whoever supervises it."""
        return self.data / "pulse" / role

    def clock(self) -> Clock:
        """The machine's clock, or the exercise's; raises Misconfigured for a clock that cannot be read."""
        if self.exercise is None:
            return SystemClock()
        try:
            return exercise_clock(self.exercise, SystemClock())
        except ValueError as error:
            raise Misconfigured(f"The exercise clock: {error}.") from None


def default_folder(env: dict[str, str]) -> Path:
    """Where state belongs: /var/lib/jikimi for root, the user's state folder otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/jikimi")
    home = Path(env.get("HOME", "/nonexistent"))
    return Path(env.get("XDG_STATE_HOME") or home / ".local" / "state") / "jikimi"


def _oidc(env: dict[str, str]) -> Oidc | None:
    """All of it or nothing; raises Misconfigured, also for an address over which a code or a secret goes in clear."""
    said = {name: env.get(f"JIKIMI_OIDC_{name}") or "" for name in ("ISSUER", "CLIENT", "CALLBACK")}
    if not any(said.values()):
        return None
    if missing := [f"JIKIMI_OIDC_{name}" for name, value in said.items() if not value]:
        raise Misconfigured(f"The organisation's sign-in also needs {' and '.join(missing)}.")
    for name in ("ISSUER", "CALLBACK"):
        parts = urlsplit(said[name])
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise Misconfigured(f"JIKIMI_OIDC_{name} must begin with https://.")
    named = env.get("JIKIMI_OIDC_NAME") or urlsplit(said["ISSUER"]).hostname or ""
    return Oidc(said["ISSUER"], said["CLIENT"], said["CALLBACK"], named)


def _address(env: dict[str, str], name: str) -> str | None:
    text = env.get(name)
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(sign in text for sign in " ;,\"'"):
        raise Misconfigured(f"{name} must be an address that begins with http:// or https://.")
    return text


def _seconds(env: dict[str, str], name: str, default: float) -> float:
    text = env.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) in (1, 2):
        raise Misconfigured(f"{name} must be whole seconds, 3 or more, or 0 for never.")
    return float(text)


def _yes(env: dict[str, str], name: str) -> bool:
    text = env.get(name) or "0"
    if text not in {"0", "1"}:
        raise Misconfigured(f"{name} must be 1 or 0.")
    return text == "1"


def _port(env: dict[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Misconfigured(f"{name} must be a port number, 1 to 65535.")
    return int(text)
