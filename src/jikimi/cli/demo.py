"""`jikimi demo`: a morning on an installation of its own. It must never run beside real data, nor leave anything behind.

It starts a Jikimi with an exercise clock in a folder that is removed, plays `unshared-order` at it from outside, and
says EXERCISE wherever it says anything.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console

from jikimi.cli.bench.installation import Installation, any_port
from jikimi.cli.demonstration import Demonstration, Wish
from jikimi.identity.doors import VAULT_KEY
from jikimi.kernel.errors import Conflict, JikimiError, Malformed
from jikimi.ledger.export import export
from jikimi.ledger.verify import verify
from jikimi.settings import Settings
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import build
from jikimi.store.database import Database
from jikimi.vault import Vault

SCENARIO = "unshared-order"
ONCE_SPEED = 10.0
"""Without a screen nobody waits for it; with one it runs as fast as a person's clock, whose 30 s to accept are 30 s."""
_USUAL = (8340, 8341)
_SEALED_S = 2.0
_SITE = "SELECT exercise, (SELECT count(*) FROM device) FROM site"


def command(
    once: Annotated[bool, typer.Option("--once", help="Once, without a screen, as one JSON object.")] = False,
    speed: Annotated[
        float | None, typer.Option(min=0.5, max=20, help="Times as fast as the clock on the wall; the screens say so.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another morning.")] = 1,
    wait: Annotated[float, typer.Option(min=0, help="The morning begins by itself after so many seconds.")] = 120.0,
    host: Annotated[
        str, typer.Option(help="An address of this machine: phones that reach it can come in.")
    ] = "127.0.0.1",
    here: Annotated[str | None, typer.Option(help="LON,LAT: lay the invented town there.")] = None,
    phone: Annotated[str | None, typer.Option(help="wearer or protected: your own phone is that device.")] = None,
) -> None:
    """EXERCISE: a morning in an invented town, seen by everybody who has a part in it."""
    screen = Console(stderr=True, highlight=False)
    try:
        # However it is ended, and from wherever it was started, nothing is left behind.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.default_int_handler)
        beside_nothing_real(Settings.read(), screen)
        wish = Wish(once=once, wait_s=wait, phone=_phone(phone))
        _ours(host)
        pace = 1.0 if phone else speed or (ONCE_SPEED if once else 1.0)
        made, place = _scenario(seed, here), _Place(host, _ports(host, once=once), secrets.token_bytes(32))
        while (result := _run(made, seed, wish, pace, place, screen)) is None:
            screen.print("[bold reverse] EXERCISE [/bold reverse] Another morning is being laid out.")
            wish = replace(wish, wait_s=0.0)
    except JikimiError as error:
        screen.print(f"[bold reverse] EXERCISE [/bold reverse] {error.detail}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        screen.print("[bold reverse] EXERCISE [/bold reverse] ended; nothing is left behind.")
        sys.exit(0)
    sys.stdout.write(json.dumps(result) + "\n")
    complete = {one["toward"] for one in result["taskings"]} == {"victim", "offender"}
    accepted = all(one["accepted"] for one in result["taskings"])
    sys.exit(0 if complete and accepted and result["exercise"] and result["ledger_verified"] else 1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it is to be found, the same for every morning: a printed address and its code go on leading there."""

    host: str
    ports: tuple[int, int]
    doors_key: bytes


def _run(made: Scenario, seed: int, wish: Wish, speed: float, place: _Place, screen: Console) -> dict[str, Any] | None:
    """One morning from nothing; None where another one is wanted."""
    # A phone's clock is the real one, so an exercise with a phone in it runs on real time.
    begin = str(time.time()) if wish.phone else made.law_date
    installation = Installation("--exercise-clock", f"{begin}x{speed}", host=place.host, ports=place.ports)
    Vault(installation.data).give(VAULT_KEY, place.doors_key)
    with installation:
        demonstration = Demonstration(installation, made, seed, wish, speed, screen)
        result = asyncio.run(demonstration.play())
        if demonstration.again:
            return None
        result["ledger_verified"] = _verified(installation)
        return result


def _scenario(seed: int, here: str | None) -> Scenario:
    """The scenario, laid where it was asked for."""
    made = build(SCENARIO, seed)
    if here is not None:
        try:
            lon, lat = (float(part) for part in here.split(","))
        except ValueError:
            raise Malformed("Say where as LON,LAT in degrees, like 128.45,37.15.", field="here") from None
        made = replace(made, town=replace(made.town, lon=lon, lat=lat))
    return made


def _ours(host: str) -> None:
    """Raise Malformed for an address nothing can listen at here."""
    if not _free(host, 0):
        raise Malformed(f"{host} is no address of this machine; say one of its own, or 0.0.0.0 for all.", field="host")


def _phone(said: str | None) -> str | None:
    if said not in {None, "wearer", "protected"}:
        raise Malformed("--phone is wearer or protected.", field="phone")
    return said


def beside_nothing_real(settings: Settings, screen: Console) -> None:
    """Raise Conflict where a real installation is in reach; say which database is left alone.

    The demonstration has its own folder, database and log in any case: this is a second lock on the same door.
    """
    urls = [settings.database_url] if settings.database_url else []
    with suppress(OSError, ValueError, KeyError, TypeError):
        runtime = json.loads((settings.data / "runtime.json").read_text(encoding="utf-8"))
        os.kill(int(runtime["pid"]), 0)
        urls.append(str(runtime["database_url"]))
    for url in urls:
        if holds_real_data(url):
            raise Conflict(
                "Real devices are enrolled in the database that JIKIMI_DATABASE_URL or this machine's installation uses. "
                "A demonstration does not run beside real data: use another machine or account."
            )
    if settings.database_url:
        said = "EXERCISE JIKIMI_DATABASE_URL is left alone: a demonstration has a database of its own."
        screen.print(said, soft_wrap=True)


def holds_real_data(url: str) -> bool:
    """Whether a database is a real installation's with devices in it; one that cannot be asked counts as none."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            found = connection.execute(_SITE).fetchone()
    except psycopg.Error:
        return False
    return found is not None and not found[0] and found[1] > 0


def _verified(installation: Installation) -> bool:
    """Whether the ledger, sealed a moment later, verifies from its file alone."""
    time.sleep(_SEALED_S)
    path = installation.folder / "ledger.jsonl"

    async def write() -> None:
        database = Database(installation.database_url, "service", 1)
        try:
            await export(database, path)
        finally:
            await database.close()

    asyncio.run(write())
    return verify(path).ok


def _ports(host: str, *, once: bool) -> tuple[int, int]:
    """The usual ports of desk and gateway, or free ones where those are taken or nobody is to find them."""
    if not once and all(_free(host, port) for port in _USUAL):
        return _USUAL
    return any_port(), any_port()


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((host, port))
            return True
    return False
