"""Devices that send what a scenario has them send, when they send it. It must never wait for an answer before the next.

Open loop: a slow gateway is met by as many devices as a fast one. What is refused for a reason that passes is sent
again, as devices do.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import groupby
from typing import Any

from jikimi.simulate.live.entering import Entering
from jikimi.simulate.live.http import Address
from jikimi.simulate.live.line import ExerciseTime
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.values import Event, Fix

_PASSING = {401, 429, 503}
"""A key the gateway has not heard of yet, a pace, a log that is away."""
_TRIES, _REST_S = 25, 0.2


class Devices:
    """Every device of a scenario at a gateway; ``sent`` tells by fix time when the newest fixes left, machine's clock."""

    def __init__(
        self, scenario: Scenario, seed: int, entering: Entering, gateway: Address, time: ExerciseTime,
        without: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """``without`` are subjects whose device is somebody's own."""
        self.scenario, self.seed, self.entering, self.gateway, self.time = scenario, seed, entering, gateway, time
        self.without = without
        self.sent: dict[float, float] = {}
        self.taken = self.refused = 0
        self._out: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until the scenario's end, and until everything is answered."""
        async for path, body, key in self._due():
            task = asyncio.ensure_future(self._send(path, body, key))
            self._out.add(task)
            task.add_done_callback(self._out.discard)
        await asyncio.gather(*self._out)

    async def _due(self) -> AsyncIterator[tuple[str, dict[str, Any], str]]:
        t0 = self.entering.t0
        for at, what in self._in_order():
            await self.time.until(t0 + at)
            self.time.check()
            subject = what.subject if isinstance(what, Event) else what[0].subject
            if subject in self.without:
                continue
            device = self.entering.device(subject)
            body: dict[str, Any] = {"device": device}
            if isinstance(what, Event):
                value = {} if what.value is None else {"value": what.value}
                yield "/v1/events", body | {"t": t0 + what.t, "kind": what.kind, **value}, self.entering.keys[device]
                continue
            body["fixes"] = [self._fix(fix, t0) for fix in what]
            yield "/v1/fixes", body, self.entering.keys[device]

    def _in_order(self) -> Iterator[tuple[float, list[Fix] | Event]]:
        """What arrives together leaves together; events between the fixes."""
        events = sorted(self.scenario.events, key=lambda one: max(one.t, one.received_t))
        for (at, _), group in groupby(self.scenario.fixes(self.seed), key=lambda fix: (fix.received_t, fix.subject)):
            while events and max(events[0].t, events[0].received_t) <= at:
                event = events.pop(0)
                yield max(event.t, event.received_t), event
            yield at, list(group)
        yield from ((max(event.t, event.received_t), event) for event in events)

    def _fix(self, fix: Fix, t0: float) -> dict[str, Any]:
        t = round(t0 + fix.t, 3)
        self.sent[t] = asyncio.get_running_loop().time()
        if len(self.sent) > _REMEMBERED:
            del self.sent[next(iter(self.sent))]
        said = {"t": t, "lon": round(fix.lon, 7), "lat": round(fix.lat, 7), "source": fix.source}
        return said if fix.accuracy_m is None else said | {"accuracy_m": fix.accuracy_m}

    async def _send(self, path: str, body: dict[str, Any], key: str) -> None:
        for _ in range(_TRIES):
            try:
                status, _answer = await self.gateway.exchange("POST", path, body, key)
            except (OSError, EOFError, TimeoutError):
                status = 503
            if status not in _PASSING:
                break
            await asyncio.sleep(_REST_S)
        if status < 400:
            self.taken += 1
        else:
            self.refused += 1


_REMEMBERED = 4096
