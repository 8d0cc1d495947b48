"""The ladder beyond routes: every broker subject, job and command has been thought about, or these tests fail.

The tables say what each may tell and to whom; they are held against the running broker and the application itself.
"""

import ast
import asyncio
import gc
from pathlib import Path

import pytest
from tests.conftest import ROLES
from typer import Typer
from typer.main import get_command

import jikimi
from jikimi.cli.main import app
from jikimi.stream import names
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats

SOURCE = Path(jikimi.__file__).parent

SUBJECTS: dict[str, set[str]] = {
    "facts.fixes": {"intake"}, "facts.event": {"intake", "respond"}, "facts.tick": {"intake"},
    "facts.set.device.x": {"respond"}, "facts.set.order.x": {"respond"}, "facts.set.carry.x": {"respond"},
    "facts.set.rules.x": {"respond"}, "facts.set.forget.x": {"respond"}, "facts.other": set(),
    "alerts.decision.x": {"detect"}, "plans.x": {"respond"}, "standing.x": {"respond"}, "snapshots.x": {"detect"},
    "rejects.x": {"intake"}, "live.feed.x": {"respond", "desk"}, "live.wake": {"respond", "desk"},
    "live.pulse.intake": {"intake", "respond", "desk"}, "live.pulse.detect": {"detect", "respond", "desk"},
    "live.other": {"respond", "desk"}, "anything.else": set(),
    "$JS.API.STREAM.DELETE.facts": set(), "$JS.API.STREAM.PURGE.facts": set(), "$JS.API.STREAM.UPDATE.facts": set(),
    "$JS.API.STREAM.CREATE.mine": set(), "$JS.API.STREAM.NAMES": set(),
    "$JS.API.DIRECT.GET.snapshots.snapshots.x.manifest": {"respond"},
    "$JS.API.DIRECT.GET.snapshots.snapshots.x.chunk": set(), "$JS.API.DIRECT.GET.facts.facts.fixes": set(),
}  # fmt: skip
"""Who may publish where; everybody else is refused by the broker itself."""
READERS: dict[str, set[str]] = {
    "facts": {"detect", "respond", "desk"}, "state": {"intake", "detect", "respond", "desk"}, "alerts": {"respond"},
    "plans": {"respond"}, "standing": {"respond"}, "snapshots": set(), "rejects": set(),
}  # fmt: skip
"""Who may read which stream as a whole. Snapshots are read one message at a time, rejects by the operator alone."""
LISTENERS: dict[str, set[str]] = {
    "live.>": {"respond", "desk"}, "facts.>": set(), "alerts.>": set(), "_INBOX.respond.>": {"respond"}, ">": set(),
}  # fmt: skip
"""Who may listen to what passes by."""
WORKERS = sorted(set(ROLES) - {"operator"})


@pytest.mark.parametrize("role", WORKERS)
async def test_the_broker_refuses_whatever_a_role_need_not_say(nats_server: Nats, role: str) -> None:
    """Each role publishes where the table has it and nowhere else: not as another, not over a stream's setting."""
    refused: list[str] = []
    client = await connect(nats_server.url(role), role)
    client._error_cb = lambda error: _note(refused, error)
    for subject, allowed in SUBJECTS.items():
        before = len(refused)
        await client.publish(subject, b"")
        await client.flush()
        await asyncio.sleep(0.02)
        assert (len(refused) == before) == (role in allowed), (role, subject, refused[before:])
    await client.close()


@pytest.mark.parametrize("role", WORKERS)
async def test_the_broker_refuses_whatever_a_role_need_not_hear(nats_server: Nats, role: str) -> None:
    """Reading a stream, and listening to what passes, are each refused to whoever the table does not name."""
    refused: list[str] = []
    client = await connect(nats_server.url(role), role)
    client._error_cb = lambda error: _note(refused, error)
    for stream, allowed in READERS.items():
        before = len(refused)
        await client.publish(f"$JS.API.STREAM.INFO.{stream}", b"")
        await client.publish(f"$JS.API.CONSUMER.CREATE.{stream}.mine", b"")
        await client.flush()
        await asyncio.sleep(0.02)
        assert (len(refused) == before) == (role in allowed), (role, stream, refused[before:])
    for subject, allowed in LISTENERS.items():
        before = len(refused)
        await client.subscribe(subject)
        await client.flush()
        await asyncio.sleep(0.02)
        assert (len(refused) == before) == (role in allowed), (role, subject, refused[before:])
    await client.close()


async def _note(refused: list[str], error: Exception) -> None:
    refused.append(str(error))


def streams_are_on_the_tables() -> None:
    """Every stream has its readers, every role at the broker its lines, and every subject that may be said is asked for."""
    assert {str(stream["name"]) for stream in names.streams()} == set(READERS)
    assert set(names.PUBLISH) | set(names.SUBSCRIBE) == set(WORKERS)
    covered = [pattern.removesuffix(">") for allowed in names.PUBLISH.values() for pattern in allowed]
    for prefix in covered:
        assert prefix.startswith("$JS.API.") or any(subject.startswith(prefix) for subject in SUBJECTS), prefix
    for role, heard in names.SUBSCRIBE.items():
        assert all(role in LISTENERS.get(pattern, ()) for pattern in heard), role
    called = {said for name, said in vars(names).items() if name.isupper() and isinstance(said, str)} - set(READERS)
    for subject in called:
        assert any(one == subject or one.startswith(f"{subject}.") for one in SUBJECTS), subject


def test_every_stream_and_role_is_on_the_tables() -> None:
    """A stream, or a role at the broker, that nobody has put here is one nobody has thought about."""
    streams_are_on_the_tables()


JOBS: dict[str, str] = {
    "publish": "registry facts to the broker, where services alone read them",
    "order-matched": "rooms of the order's own agencies: ids, never by what somebody was found",
    "order-lowered": "rooms of an open incident of that pair: what became less, by name",
    "access-told": "rooms of the agencies concerned: who opened whose file, never what stood in it",
    "glass-unjudged": "nobody; by access-told, the agencies that its opening was told to",
    "call-back": "the police rooms of her orders: whom to call by id and until when, never why",
    "silent-call": "the log, as her own device's call; the same rooms by id where she carries none",
    "duty-clock": "the room of the agency itself: who of its own staff, and how much is open, never whose",
    "destroy": "nobody; the ledger: whose keys were destroyed, by which event of law",
    "destroy-certify": "nobody; the ledger: that the log has passed over it, and what was kept for whose sake",
    "numbers-anew": "nobody; the log of the process: how many numbers are found by a new key",
    "numbers-gone": "nobody",
    "roll": "nobody; the ledger: how many days' keys were destroyed",
    "undelivered": "the incident's own rooms and the next unit",
    "unaccepted": "the incident's own rooms and the next unit",
    "unowned": "the incident's own rooms",
    "operator-undecided": "the incident's own rooms",
    "replan": "nobody; the standing plans",
}
"""Every kind of later work, and whom it tells what."""


def _kind_put(call: ast.Call) -> list[ast.expr]:
    """What a call that puts later work names as its kind."""
    place = {"put": 1, "Later": 0}.get(getattr(call.func, "id", getattr(call.func, "attr", "")))
    return [] if place is None or len(call.args) < place + 3 else call.args[place : place + 1]


def _parsed(file: Path) -> ast.Module:
    # A collection amid parsing that ends a greenlet makes CPython 3.11 count its own depth wrongly and give up.
    gc.disable()
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    finally:
        gc.enable()


def jobs_are_on_the_table(source: Path) -> None:
    """Every kind of later work that the sources name stands on the table, and nothing else does."""
    found: set[str] = set()
    for file in source.rglob("*.py"):
        tree = _parsed(file)
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "KIND":
                assert isinstance(node.value, ast.Constant), file
                found.add(str(node.value.value))
            if isinstance(node, ast.Call):
                found |= {str(said.value) for said in _kind_put(node) if isinstance(said, ast.Constant)}
            if isinstance(node, ast.FunctionDef) and node.name == "handlers":
                found |= {
                    str(key.value) for each in ast.walk(node) if isinstance(each, ast.Dict)
                    for key in each.keys if isinstance(key, ast.Constant)
                }  # fmt: skip
    assert found == set(JOBS)


def test_every_job_is_on_the_table() -> None:
    """A job that nobody has put here may tell somebody something nobody has thought about."""
    jobs_are_on_the_table(SOURCE)


OPERATOR = "the operator of the machine, who holds its secrets"
FILES = "nobody's data but the files it is given"
COMMANDS: dict[str, str] = {
    "serve": OPERATOR, "migrate": OPERATOR, "doctor": OPERATOR, "import registry": OPERATOR,
    "import jurisdictions": OPERATOR, "export ledger": OPERATOR, "export checkpoint": OPERATOR,
    "accounts end": OPERATOR, "accounts restore": OPERATOR,
    "keys rotate": "nobody's data; how many keys there are",
    "keys backup": "nobody's data; a file of keys that opens nothing without the secret it names",
    "locate": "whoever signs in, through the desk's own route", "field": "whoever signs in, through the desk's own routes",
    "policies": "nobody's data", "compile": "nobody's data",
    "replay": FILES, "simulate": FILES, "decode": FILES, "verify": FILES, "witness": FILES,
    "demo": "invented people in a database of their own", "bench chaos": "invented people", "bench detect": "invented people",
    "bench latency": "invented people", "bench quality": "invented people and recordings it is given",
}  # fmt: skip
"""Every command, and whose data it can show to whom."""


def commands_are_on_the_table(program: Typer) -> None:
    """Every command of a program stands on the table, and nothing else does."""
    found: set[str] = set()
    for name, command in get_command(program).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {f"{name} {each}" for each in inner} if inner else {name}
    assert found == set(COMMANDS)


def test_every_command_is_on_the_table() -> None:
    """A command that nobody has put here may show what no route would."""
    commands_are_on_the_table(app)
