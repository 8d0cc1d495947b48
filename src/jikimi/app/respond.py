"""The respond role: alerts, standing plans, deadlines, outbox. It must never call anything outside in a transaction
that others wait for.
"""

import asyncio

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.exc import SQLAlchemyError

from jikimi.app.common import Context, rules_in_force, together
from jikimi.detect.facts import RuleChange, decode
from jikimi.detect.rules import taken
from jikimi.kernel.clock import Clock
from jikimi.ledger.digests import Digester
from jikimi.oversee import calling, carrying_out, finding, rolling, silent_call
from jikimi.oversee import rules as destruction_rules
from jikimi.registry import lowering, matching, outbox
from jikimi.respond import duty_clock, lowered, told
from jikimi.respond import rules as response_rules
from jikimi.respond.deadlines import Deadlines
from jikimi.respond.picture import Picture
from jikimi.respond.responder import Responder
from jikimi.respond.roster import Roster
from jikimi.share import telling, unjudged, words
from jikimi.staff import rules as duty_rules
from jikimi.staff import service as duty
from jikimi.store.database import Database
from jikimi.store.due import Loop
from jikimi.stream import names
from jikimi.stream.client import api
from jikimi.stream.tail import Tail, last_values
from jikimi.vault import Vault

_RELOAD_S, _PAUSE_S = 1.0, 0.1
"""What is known of units is read anew so often at least, and at most: hints come with every word of an officer."""
_log = structlog.get_logger()


async def main(context: Context) -> None:
    """Run until cancelled."""
    client, clock = context.nats, context.clock
    vault = Vault(context.settings.data)
    database = Database(context.database_url, "service", 4, custody=vault.custody(context.settings.custody))
    digester = Digester(vault.key("ledger-digests"))
    rules = await rules_in_force(client, context.settings.regime)
    roster, picture = Roster(clock), Picture(rules.data.future_s)
    response = response_rules.load(context.settings.regime)
    responder = Responder(database, client, clock, digester, rules, response, roster, picture)
    deadlines = Loop(database, clock, Deadlines(responder).handlers(), batch=1)
    publishing = Loop(
        database, clock, {
            outbox.KIND: outbox.handler(client), matching.KIND: told.handler(client, clock),
            lowering.KIND: lowered.handler(client, clock), telling.KIND: told.handler(client, clock),
            unjudged.KIND: unjudged.handler(clock),
            duty.KIND: duty_clock.handler(client, clock, duty_rules.load(context.settings.regime)),
            calling.KIND: calling.handler(client, clock, words.load(context.settings.regime).call_back),
            silent_call.KIND: silent_call.handler(client, clock), **carrying_out.handlers(client, clock),
            rolling.KIND: rolling.handler(clock, destruction_rules.load(context.settings.regime)),
        },
    )  # fmt: skip
    anew = Loop(database, clock, finding.handlers(clock), batch=1, patience_s=finding.PATIENCE_S)
    reload = asyncio.Event()

    async def on_wake(_: Msg) -> None:
        deadlines.wake()
        publishing.wake()
        reload.set()

    await client.subscribe(names.WAKE, cb=on_wake)
    try:
        await together(
            responder.run(), deadlines.run(), publishing.run(), anew.run(), _keep_roster(responder, reload, clock),
            _keep_picture(client, responder), responder.standing.run(database, clock),
        )  # fmt: skip
    finally:
        await database.close()


async def _keep_roster(responder: Responder, reload: asyncio.Event, clock: Clock) -> None:
    begun = False
    while True:
        reload.clear()
        try:
            await responder.reload()
            if not begun:
                await rolling.begin(responder.database, clock.unix())
                begun = True
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("roster", error=type(error).__name__)
        await asyncio.sleep(_PAUSE_S)
        try:
            async with asyncio.timeout(_RELOAD_S - _PAUSE_S):
                await reload.wait()
        except TimeoutError:
            continue


async def _keep_picture(client: Client, responder: Responder) -> None:
    for entry in await last_values(client, names.STATE, [f"{names.CARRY}.>"]):
        responder.picture.apply(decode(entry.body))
    info = await api(client, f"STREAM.INFO.{names.FACTS}")
    after = int(info["state"]["last_seq"])
    subjects = [names.FIXES, f"{names.CARRY}.>", f"{names.RULES}.>", f"{names.FORGET}.>"]
    async for batch in Tail(client, names.FACTS, after, subjects).batches():
        for entry in batch:
            fact = decode(entry.body)
            if isinstance(fact, RuleChange):
                responder.rules = taken(fact.rules, responder.rules)
            else:
                responder.picture.apply(fact)
