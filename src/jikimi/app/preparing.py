"""Brings the log and the record to where the roles can start. It must never print or keep a password."""

from jikimi.detect.facts import RuleChange, decode, encode
from jikimi.detect.rules import canonical
from jikimi.identity.accounts import first_run
from jikimi.identity.model import SignIn
from jikimi.kernel.clock import SystemClock
from jikimi.registry.regimes import edition_at
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.stream.client import append, connect, set_up
from jikimi.stream.tail import last_values


async def prepare(database_url: str, nats_url: str, regime: str) -> list[SignIn]:
    """Streams as they are today, the regime's rules of today in the log, and the first run's accounts (once)."""
    client = await connect(nats_url, "operator")
    clock = SystemClock()
    try:
        await set_up(client)
        rules = edition_at(clock.unix(), regime)
        text = canonical(rules)
        found = await last_values(client, names.STATE, [f"{names.RULES}.>"])
        last = decode(found[-1].body) if found else None
        if not (isinstance(last, RuleChange) and last.rules == text):
            change = RuleChange(clock.unix(), rules.version, text)
            await append(client, f"{names.RULES}.{regime}", encode(change))
    finally:
        await client.close()
    database = Database(database_url, "service", 1)
    try:
        async with database.transaction() as connection:
            return await first_run(connection)
    finally:
        await database.close()
