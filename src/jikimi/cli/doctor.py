"""`jikimi doctor`: is this installation fit, and if not, what to do. It must never change anything, nor print a secret."""

import asyncio
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from jikimi import compiled
from jikimi.app.provider import SECRET
from jikimi.cli.keys import custody_file
from jikimi.kernel.errors import JikimiError
from jikimi.kernel.process import reachable, unprivileged
from jikimi.settings import Settings
from jikimi.vault import Vault

_LEAST_FREE = 2 * 1024**3
_SLOW_FLUSH_S = 0.02
_SKEW_S = 2.0
_LOOK_S = 10.0
"""So long the register is held against the ledger here: who asks at night waits for an answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``ok`` None: worth knowing, no fault."""

    what: str
    ok: bool | None
    said: str
    advice: str = ""


def command(as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Look at configuration, reachability, versions, clock, disk and secrets; exit 1 if something must be mended."""
    findings = examine(Settings.read())
    if as_json:
        typer.echo(json.dumps({"fit": fit(findings), "findings": [asdict(found) for found in findings]}, indent=1))
    else:
        table = Table("", "what", "found", "what to do", box=None)
        for found in findings:
            mark = {True: "ok", False: "[bold red]MEND[/bold red]", None: "note"}[found.ok]
            table.add_row(mark, found.what, found.said, found.advice)
        Console(highlight=False).print(table)
    sys.exit(0 if fit(findings) else 1)


def fit(findings: list[Finding]) -> bool:
    """Whether nothing must be mended."""
    return all(found.ok is not False for found in findings)


def examine(settings: Settings) -> list[Finding]:
    """Every look, in the order a person would take them; a look that fails is a finding, never a crash."""
    looks: list[tuple[str, Callable[[Settings], Finding]]] = [
        ("python", _python), ("detection", _detection),
        ("data folder", _folder), ("secrets", _secrets), ("custody", _custody), ("disk space", _space),
        ("disk flush", _flush),
        ("PostgreSQL", _postgres), ("NATS", _nats), ("register", _register), ("roles", _roles),
        ("rules", _rules),
        ("organisation's sign-in", _provider),
    ]  # fmt: skip
    findings = []
    for what, look in looks:
        try:
            findings.append(look(settings))
        except JikimiError as error:
            findings.append(Finding(what, ok=False, said=error.detail, advice=error.advice))
        except Exception as error:  # noqa: BLE001 - the doctor must not fall ill himself
            findings.append(Finding(what, ok=False, said=type(error).__name__, advice="See docs/howto/mend.md."))
    return findings


def _python(_: Settings) -> Finding:
    version = sys.version.split()[0]
    return Finding("python", ok=sys.version_info >= (3, 11), said=version, advice="Use 3.11 or newer.")


def _detection(_: Settings) -> Finding:
    if compiled.used():
        return Finding("detection", ok=True, said="machine code")
    return Finding("detection", ok=None, said="plain Python, a third as fast", advice="`jikimi compile` builds it.")


def _folder(settings: Settings) -> Finding:
    user = unprivileged()
    if settings.database_url and settings.nats_url:
        return Finding("data folder", ok=None, said="not used for servers: both are yours")
    if not reachable(settings.data / "postgres", user):
        name = user.name if user else ""
        return Finding(
            "data folder", ok=False, said=f"{name} cannot enter it", advice="Set JIKIMI_DATA, e.g. /var/lib/jikimi."
        )
    return Finding("data folder", ok=True, said=f"{settings.data} (servers run as {user.name if user else 'you'})")


def _secrets(settings: Settings) -> Finding:
    folder = settings.data / "secrets"
    if not folder.exists():
        return Finding("secrets", ok=None, said="none yet: the first `jikimi serve` makes them")
    keys = sorted(folder.glob("*.key"))
    open_ones = [key.name for key in keys if key.stat().st_mode & 0o077]
    if open_ones or folder.stat().st_mode & 0o077:
        return Finding(
            "secrets", ok=False, said=f"others may read {', '.join(open_ones) or folder}", advice="chmod 600, replace."
        )
    weak = [key.name for key in keys if len(set(key.read_text().strip())) < 8]
    if weak:
        return Finding("secrets", ok=False, said=f"weak: {', '.join(weak)}", advice="Remove them; new ones are made.")
    return Finding("secrets", ok=True, said=f"{len(keys)}, all yours alone")


def _custody(settings: Settings) -> Finding:
    file = custody_file(settings)
    if not file.exists() and not any((settings.data / "secrets").glob("custody-*.key")):
        return Finding("custody", ok=None, said="no keys yet: the first `jikimi serve` makes them")
    if file.exists() and (file.stat().st_mode & 0o077 or file.parent.stat().st_mode & 0o077):
        return Finding(
            "custody", ok=False, said=f"others may read {file}", advice="chmod 600; then `jikimi keys rotate`."
        )
    try:
        Vault(settings.data).custody(settings.custody).check()
    except (OSError, JikimiError, sqlite3.Error) as error:
        return Finding("custody", ok=False, said=str(error), advice="Restore both: docs/howto/keys.md says how.")
    if settings.custody is None:
        return Finding(
            "custody", ok=None, said="beside the secrets", advice="Set JIKIMI_CUSTODY to a folder on another disk."
        )
    return Finding("custody", ok=True, said=str(file))


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(_existing(settings.data)).free
    return Finding(
        "disk space", ok=free > _LEAST_FREE, said=f"{free / 1024**3:.1f} GiB free", advice="Keep 2 GiB free."
    )


def _flush(settings: Settings) -> Finding:
    with tempfile.TemporaryFile(dir=_existing(settings.data)) as file:
        times = []
        for _ in range(20):
            file.write(b"x" * 4096)
            file.flush()
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    middle = sorted(times)[10]
    return Finding(
        "disk flush",
        ok=middle < _SLOW_FLUSH_S,
        said=f"{middle * 1000:.2f} ms",
        advice="Use a disk with a faster flush.",
    )


def _postgres(settings: Settings) -> Finding:
    import psycopg  # noqa: PLC0415 - only this look needs it

    from jikimi.store.embedded import installed  # noqa: PLC0415 - as above

    url = settings.database_url or _running(settings)
    if url is None:
        found = [f"{version} in {folder}" for version, folder in installed()]
        return Finding("PostgreSQL", ok=bool(found), said=f"not running; would use {found[0]}" if found else "none found",
                       advice="Install PostgreSQL 15 or newer.")  # fmt: skip
    with psycopg.connect(url, connect_timeout=3) as connection:
        row = connection.execute("SHOW server_version").fetchone()
        there = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    assert row
    assert there
    skew = abs(there[0] - time.time())
    return Finding(
        "PostgreSQL", ok=skew < _SKEW_S, said=f"{row[0]}, clock apart {skew:.2f} s", advice="Set both clocks by NTP."
    )


def _nats(settings: Settings) -> Finding:
    from jikimi.stream.client import connect  # noqa: PLC0415 - only this look needs it
    from jikimi.stream.embedded import server_program  # noqa: PLC0415 - as above

    url = settings.nats_url or _embedded_nats(settings)
    if url is None:
        return Finding("NATS", ok=True, said=f"not running; would use {server_program()}")

    async def version(url: str) -> str:
        client = await connect(url, "operator", patience_s=3)
        try:
            found = client.connected_server_version
            return f"{found.major}.{found.minor}.{found.patch}"
        finally:
            await client.close()

    return Finding("NATS", ok=True, said=asyncio.run(version(url)))


def _register(settings: Settings) -> Finding:
    from sqlalchemy.exc import ProgrammingError  # noqa: PLC0415 - only this look needs it

    from jikimi.oversee.comparing import differing  # noqa: PLC0415 - as above
    from jikimi.store.database import Database  # noqa: PLC0415 - as above

    url = settings.database_url or _running(settings)
    if url is None:
        return Finding("register", ok=None, said="not running")

    async def found(url: str) -> list[str]:
        database = Database(url, "service", 1)
        try:
            async with asyncio.timeout(_LOOK_S):
                return [one.sentence for one in await differing(database)]
        finally:
            await database.close()

    try:
        said = asyncio.run(found(url))
    except ProgrammingError:
        return Finding("register", ok=None, said="no record of this version yet: `jikimi migrate`")
    except TimeoutError:
        return Finding("register", ok=None, said="more than can be compared here in a moment: the auditor's check does")
    advice = "Somebody wrote past the system: keep a copy, `jikimi export ledger`, and find out who."
    return Finding(
        "register", ok=not said, said=" ".join(said[:5]) or "as the ledger says", advice=advice if said else ""
    )


def _roles(settings: Settings) -> Finding:
    if _running(settings) is None:
        return Finding("roles", ok=None, said="not running")
    address = f"http://{settings.host}:{settings.port}/healthz"
    with urllib.request.urlopen(address, timeout=3) as answer:
        behind = json.loads(answer.read()).get("behind", {})
    said = ", ".join(f"{role} for {seconds:.0f} s" for role, seconds in sorted(behind.items()))
    return Finding(
        "roles", ok=not behind, said=f"behind: {said}" if behind else "all get on", advice="Read the role's log."
    )


def _rules(settings: Settings) -> Finding:
    from jikimi.kernel.clock import SystemClock  # noqa: PLC0415 - only this look needs it
    from jikimi.registry.regimes import edition_at  # noqa: PLC0415 - as above

    edition = edition_at(SystemClock().unix(), settings.regime)
    return Finding("rules", ok=True, said=f"{edition.version}, in force since {edition.effective_from}")


def _provider(settings: Settings) -> Finding:
    what = "organisation's sign-in"
    if settings.oidc is None:
        return Finding(what, ok=None, said="none is set up; passwords only")
    Vault(settings.data).handed(SECRET)
    where = f"{settings.oidc.issuer.rstrip('/')}/.well-known/openid-configuration"
    with urllib.request.urlopen(where, timeout=5) as answer:  # noqa: S310 - http only on this machine, as settings hold
        said = json.loads(answer.read())
    same = said.get("issuer") == settings.oidc.issuer
    return Finding(
        what,
        ok=same,
        said=settings.oidc.issuer,
        advice="" if same else "JIKIMI_OIDC_ISSUER must be what it calls itself.",
    )


def _embedded_nats(settings: Settings) -> str | None:
    """Where the embedded server that runs now lets the operator in; the key is read, never made."""
    key, ports = settings.data / "secrets" / "nats-operator.key", settings.data / "ports.json"
    if _running(settings) is None or not key.exists() or not ports.exists():
        return None
    return f"nats://operator:{key.read_text().strip()}@127.0.0.1:{json.loads(ports.read_text())['nats']}"


def _running(settings: Settings) -> str | None:
    path = settings.data / "runtime.json"
    if not path.exists():
        return None
    said = json.loads(path.read_text())
    if not Path(f"/proc/{said['pid']}").exists():
        return None
    url = said["database_url"]
    return url if isinstance(url, str) else None


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
