"""The intake role: the gateway and the ticks. It must never tick while it could not accept."""

import asyncio
from functools import partial

import structlog

from jikimi.app.common import Context, rules_in_force, serve_http, together
from jikimi.detect.facts import RuleChange, Tick, decode, encode
from jikimi.detect.rules import taken
from jikimi.intake import counters
from jikimi.intake.api import application
from jikimi.intake.devices import Devices
from jikimi.intake.devices import decode as decode_device
from jikimi.intake.gather import Gatherer
from jikimi.intake.limits import Pace
from jikimi.intake.service import Intake
from jikimi.kernel.clock import pace_of
from jikimi.kernel.errors import Unavailable
from jikimi.stream import names
from jikimi.stream.client import append
from jikimi.stream.tail import Entry, Tail, last_values
from jikimi.vault import Vault

RATE_PER_S, BURST = 5.0, 1500.0
"""A device may send five fixes a second for ever, and a tunnel's worth at once."""
_MOST_REJECTS_PER_S = 50
_KEPT_BYTES = 4096

_log = structlog.get_logger()


async def main(context: Context) -> None:
    """Run until cancelled."""
    client, clock = context.nats, context.clock
    devices = Devices()
    gatherer = Gatherer(partial(append, client, names.FIXES), clock)
    intake = Intake(
        devices, gatherer, partial(append, client, names.EVENT), clock, await rules_in_force(client, context.settings.regime),
        pace=Pace(RATE_PER_S, BURST),
    )  # fmt: skip
    subjects = [f"{names.DEVICE}.>", f"{names.RULES}.>"]
    after = 0
    for entry in await last_values(client, names.STATE, subjects):
        _learn(intake, entry)
        after = entry.seq
    budget = _Budget()

    def reject(protocol: str, reason: str, body: bytes) -> None:
        if budget.spend(clock.unix()):
            # No waiting and no acknowledgement: what is unreadable must cost the readable nothing.
            task = asyncio.ensure_future(client.publish(f"{names.REJECT}.{protocol}.{reason}", body[:_KEPT_BYTES]))
            budget.tasks.add(task)
            task.add_done_callback(budget.tasks.discard)

    async def learn() -> None:
        async for batch in Tail(client, names.STATE, after, subjects).batches():
            for entry in batch:
                _learn(intake, entry)

    pace = pace_of(clock)

    async def tick() -> None:
        while True:
            await asyncio.sleep((1 - clock.unix() % 1) / pace)
            second = int(clock.unix() + 0.5)
            try:
                seq = await append(client, names.TICK, encode(Tick(float(second))), f"tick-{second}", patience_s=0.9)
                context.pulse.passed(seq, float(second))
            except Unavailable as error:
                _log.warning("tick", error=error.detail)

    app = application(intake, reject)
    app.state.metrics_key = Vault(context.settings.data).password(counters.KEY)
    await together(learn(), tick(), serve_http(app, context.settings.host, context.settings.intake_port))


def _learn(intake: Intake, entry: Entry) -> None:
    if entry.subject.startswith(names.DEVICE):
        intake.devices.learn(decode_device(entry.body))
        return
    fact = decode(entry.body)
    if isinstance(fact, RuleChange):
        intake.rules = taken(fact.rules, intake.rules)


class _Budget:
    """At most so many rejects kept a second; the counters count them all."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Future[None]] = set()
        self._second, self._left = 0, 0

    def spend(self, now: float) -> bool:
        if int(now) != self._second:
            self._second, self._left = int(now), _MOST_REJECTS_PER_S
        self._left -= 1
        return self._left >= 0
