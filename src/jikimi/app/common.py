"""What every role needs to start: logs without data, the process's end, its own connections."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
import uvicorn
import uvloop
from nats.aio.client import Client

from jikimi.app.connection import Connection
from jikimi.app.line import Line
from jikimi.app.pulse import Pulse
from jikimi.detect.facts import RuleChange, decode
from jikimi.detect.rules import Rules, taken
from jikimi.kernel import logs, memory
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Misconfigured
from jikimi.registry.regimes import edition_at
from jikimi.settings import Settings
from jikimi.stream import names
from jikimi.stream.client import connect
from jikimi.stream.tail import last_values

_FAREWELL_S = 3.0
PING_S, PONG_S = 5.0, 10.0
"""A terminal is asked so often whether it is there, and has so long to say so."""
_MOST_FRAME_BYTES = 64 * 1024
ROLES = ("intake", "detect", "respond", "desk")


@dataclass(frozen=True, slots=True)
class Context:
    """One role's surroundings."""

    settings: Settings
    role: str
    clock: Clock
    database_url: str
    nats: Client
    pulse: Pulse


def configure_logs(role: str) -> None:
    """Lines of JSON on standard error, the libraries' too; never a body, a query, a key or a position."""
    logs.listen()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            logs.without_words,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=logs.StandardError,
    )
    structlog.contextvars.bind_contextvars(role=role)


def run_role(role: str, main: Callable[[Context], Awaitable[None]]) -> None:
    """Run one role until SIGTERM or SIGINT; exits 1 with a sentence when it is not fit to start."""
    configure_logs(role)
    memory.settle()
    try:
        uvloop.run(_run(role, main))
    except Misconfigured as error:
        structlog.get_logger().error("misconfigured", detail=error.detail)
        sys.exit(1)


async def _run(role: str, main: Callable[[Context], Awaitable[None]]) -> None:
    settings = Settings.read()
    if not settings.database_url or not settings.nats_url:
        raise Misconfigured("A single role needs JIKIMI_DATABASE_URL and JIKIMI_NATS_URL.")
    # A role that is killed and started again must not pass its connection strings on.
    os.environ.pop("JIKIMI_DATABASE_URL", None)
    os.environ.pop("JIKIMI_NATS_URL", None)
    client = await connect(settings.nats_url, role)
    pulse = Pulse(role, client, settings.pulse_of(role))
    context = Context(settings, role, settings.clock(), settings.database_url, client, pulse)
    beating = asyncio.ensure_future(pulse.run())
    task = asyncio.ensure_future(main(context))
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        structlog.get_logger().info("stopped")
    finally:
        beating.cancel()
        await client.close()


async def together(*jobs: Awaitable[None]) -> None:
    """Run all jobs; when one ends or fails, all end, and the supervisor starts the role anew.

    A job that does not end when it is told to is no reason to live on half: then the process ends at once.
    """
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except Exception as error:
        structlog.get_logger().exception("a job ended", error=type(error).__name__)
        raise
    finally:
        for task in tasks:
            task.cancel()
        _, left = await asyncio.wait(tasks, timeout=_FAREWELL_S)
        if left:
            structlog.get_logger().error("jobs did not end", count=len(left))
            os._exit(1)


async def serve_http(app: object, host: str, port: int) -> None:
    """Serve an ASGI application until cancelled; nothing about a request is logged."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host, port=port, loop="none", http=Connection, ws=Line, ws_per_message_deflate=False,
        ws_max_size=_MOST_FRAME_BYTES, ws_ping_interval=PING_S, ws_ping_timeout=PONG_S,
        access_log=False, log_config=None, log_level="warning",
        server_header=False, date_header=False, timeout_keep_alive=75, lifespan="off",
        timeout_graceful_shutdown=2, backlog=4096, h11_max_incomplete_event_size=64 * 1024,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    await server.serve()


async def rules_in_force(client: Client, regime: str) -> Rules:
    """The rules the log last had; raises Misconfigured when nobody has put any there within ten seconds.

    Written by an older Jikimi, they lack what this one's edition of the regime says.
    """
    for _ in range(100):
        found = await last_values(client, names.STATE, [f"{names.RULES}.>"])
        if found:
            fact = decode(found[-1].body)
            if isinstance(fact, RuleChange):
                return taken(fact.rules, edition_at(fact.received_t, regime))
        await asyncio.sleep(0.1)
    raise Misconfigured("No rules are in force. Run `jikimi migrate`.")
