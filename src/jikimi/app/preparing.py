"""Brings the log and the record to where the roles can start. It must never print or keep a password."""

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.app import unshown
from jikimi.app.resealing import reseal
from jikimi.detect.facts import RuleChange, decode, encode
from jikimi.detect.rules import canonical
from jikimi.identity.accounts import first_run
from jikimi.identity.model import SignIn
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Misconfigured
from jikimi.oversee import finding
from jikimi.registry.regimes import edition_at
from jikimi.registry.republish import republish
from jikimi.settings import Settings
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.stream.client import api, append, connect, set_up
from jikimi.stream.tail import last_values
from jikimi.vault import Vault

_log = structlog.get_logger()
_SITE = text("SELECT exercise FROM site")
_ENROLLED = text("SELECT count(*) FROM device")
_KNOWN_LOG = text("SELECT 1 FROM cursor WHERE name = :name")
_KNOW_LOG = text("INSERT INTO cursor (name, seq) VALUES (:name, 0)")
_FORGET = text("DELETE FROM cursor WHERE name IN ('archive', 'alerts') OR name LIKE 'log:%'")
_DECLARE = text(
    "INSERT INTO site (one, exercise) VALUES (true, :exercise) ON CONFLICT (one) DO UPDATE SET exercise = :exercise"
)


async def prepare(database_url: str, nats_url: str, settings: Settings) -> list[SignIn]:
    """Streams as they are today, the regime's rules of today in the log, and the first run's accounts (once).

    Raises Misconfigured where an exercise and real data would meet.
    """
    database = Database(database_url, "service", 1, custody=Vault(settings.data).handing_over(settings.custody))
    try:
        async with database.transaction() as connection:
            await _declare(connection, exercise=settings.exercise is not None)
            sign_ins = await first_run(connection)
            if sign_ins:
                unshown.keep(settings.data, sign_ins)  # before the commit, so that no accounts exist that nobody knows
        await reseal(database)
        await finding.settle(database, settings.clock().unix())
        created = await _prepare_log(nats_url, settings.regime, settings.clock())
        async with database.transaction() as connection:
            await _recognise(connection, created, settings.clock().unix())
    finally:
        await database.close()
    return sign_ins or unshown.kept(settings.data)


async def _recognise(connection: AsyncConnection, created: str, now: float) -> None:
    """A log that is not the one we knew has other numbers and knows nobody: begin at its beginning, tell it everything."""
    name = f"log:{created}"
    if (await connection.execute(_KNOWN_LOG, {"name": name})).scalar() is not None:
        return
    await connection.execute(_FORGET)
    await connection.execute(_KNOW_LOG, {"name": name})
    count = await republish(connection, now)
    if count:
        _log.error("the log is another than before; the registry is told to it anew", things=count)


async def _declare(connection: AsyncConnection, *, exercise: bool) -> None:
    """A database is an exercise's or real, once and for all from its first device on."""
    known = (await connection.execute(_SITE)).scalar()
    if known == exercise:
        return
    if known is not None and (known or (await connection.execute(_ENROLLED)).scalar()):
        raise Misconfigured(
            "This database holds an exercise; real data needs one of its own." if known
            else "Real devices are enrolled in this database; an exercise needs one of its own."
        )  # fmt: skip
    await connection.execute(_DECLARE, {"exercise": exercise})


async def _prepare_log(nats_url: str, regime: str, clock: Clock) -> str:
    """When the stream of facts was created, by the server's clock: its identity."""
    client = await connect(nats_url, "operator")
    try:
        await set_up(client)
        rules = edition_at(clock.unix(), regime)
        text = canonical(rules)
        found = await last_values(client, names.STATE, [f"{names.RULES}.>"])
        last = decode(found[-1].body) if found else None
        if not (isinstance(last, RuleChange) and last.rules == text):
            change = RuleChange(clock.unix(), rules.version, text)
            await append(client, f"{names.RULES}.{regime}", encode(change))
        return str((await api(client, f"STREAM.INFO.{names.FACTS}"))["created"])
    finally:
        await client.close()
