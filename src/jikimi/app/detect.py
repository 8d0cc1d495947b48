"""The detect role: snapshot and tail in, decisions out. It must never decide anything the engine does not."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec
import structlog

from jikimi.app.common import Context, rules_in_force
from jikimi.detect import decisions
from jikimi.detect.decisions import Alert, Cleared, Decision
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Tick, decode
from jikimi.kernel.errors import Unavailable
from jikimi.stream import names, snapshots
from jikimi.stream.client import api, append
from jikimi.stream.tail import Entry, Tail, last_values

SUBJECTS = [
    names.FIXES, names.EVENT, names.TICK, f"{names.ORDER}.>", f"{names.CARRY}.>", f"{names.RULES}.>", f"{names.FORGET}.>",
]  # fmt: skip
CHANGES = [f"{names.RULES}.>", f"{names.CARRY}.>", f"{names.ORDER}.>"]
_SNAPSHOT_S = 60.0
_log = structlog.get_logger()


@cache
def code_version() -> str:
    """A digest of the engine's own source: a state is only trusted by the code that made it."""
    found = {path.name: path.read_bytes() for path in files("jikimi.detect").iterdir() if path.name.endswith(".py")}
    return hashlib.sha256(b"".join(found[name] for name in sorted(found))).hexdigest()[:16]


async def main(context: Context) -> None:
    """Run until cancelled."""
    client = context.nats
    who = "detect-0-1"
    engine, after = await _start(context, who)
    loop = asyncio.get_running_loop()
    saved = loop.time()
    saving: asyncio.Task[None] | None = None
    async for batch in Tail(client, names.FACTS, after, SUBJECTS).batches():
        for entry in batch:
            for decision in _decide(engine, entry):
                await _say(context, decision)
        if (tick := _last_tick(batch)) is not None:
            context.pulse.passed(batch[-1].seq, tick)
        # A snapshot only of what was said: whoever starts from it will not say it again.
        if loop.time() - saved > _SNAPSHOT_S and batch[-1].pending == 0 and (saving is None or saving.done()):
            saved = loop.time()
            saving = asyncio.create_task(_save(context, who, batch[-1].seq, dumped_aside(engine)))


def dumped_aside(engine: Engine) -> tuple[int, int]:
    """A copy's pid and a pipe from which the state as it is now can be read, written by a copy of this process.

    Writing it out takes a tenth of a second for thousands of wearers, and no alert may wait that long.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(engine.dump())
        finally:
            # The copy shares the parent's connections and must not close them in order.
            os._exit(0)
    os.close(writing)
    return pid, reading


async def _save(context: Context, who: str, seq: int, copy: tuple[int, int]) -> None:
    pid, pipe = copy

    def read() -> bytes:
        with os.fdopen(pipe, "rb") as end:
            return end.read()

    state = await asyncio.to_thread(read)
    await asyncio.to_thread(os.waitpid, pid, 0)
    if not state:
        _log.error("snapshot", error="the copy died")
        return
    try:
        await snapshots.save(context.nats, who, seq, code_version(), state)
    except Unavailable as error:
        _log.warning("snapshot", error=error.detail)


async def _start(context: Context, who: str) -> tuple[Engine, int]:
    client = context.nats
    found = await snapshots.load(client, who, code_version())
    info = await api(client, f"STREAM.INFO.{names.FACTS}")
    first = int(info["state"]["first_seq"])
    if found and found[0] >= first - 1:
        _log.info("from a snapshot", seq=found[0])
        return Engine.load(found[1]), found[0]
    engine = Engine(await rules_in_force(client, context.settings.regime))
    # What the log no longer holds, its last-value stream does.
    for subject in CHANGES:
        for entry in await last_values(client, names.STATE, [subject]):
            if entry.origin < first:
                for decision in _decide(engine, entry):
                    await _say(context, decision)
    _log.info("from the log", first=first)
    return engine, first - 1


def _last_tick(batch: Sequence[Entry]) -> float | None:
    for entry in reversed(batch):
        if entry.subject == names.TICK:
            fact = decode(entry.body)
            return fact.t if isinstance(fact, Tick) else None
    return None


def _decide(engine: Engine, entry: Entry) -> list[Decision]:
    try:
        return engine.apply(decode(entry.body))
    except (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, LookupError) as error:
        # One fact that cannot be read, or cannot be, must not stop the facts behind it.
        _log.error("fact set aside", seq=entry.seq, subject=entry.subject, error=type(error).__name__)
        return []


async def _say(context: Context, decision: Decision) -> None:
    if not isinstance(decision, Alert | Cleared):
        return
    kind = "cleared" if isinstance(decision, Cleared) else "raised"
    body = decisions.encode(decision)
    while True:
        try:
            await append(context.nats, f"{names.DECISION}.{kind}", body, f"{kind}-{decision.alert}", patience_s=30)
        except Unavailable as error:
            _log.warning("decision waits", error=error.detail)
        else:
            return
