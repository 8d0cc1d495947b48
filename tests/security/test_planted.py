"""The ladder itself can fail: whatever nobody guards or nobody has thought about is planted, and the check that must see it
does. Each of these is what turns a build red.
"""

from pathlib import Path

import pytest
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel
from tests.security.test_ladder import Door, Rung, door, has_rungs, keeps_out, nats, routes
from tests.security.test_policy_table import answers_have_classes
from tests.security.test_surface import (
    SOURCE,
    commands_are_on_the_table,
    jobs_are_on_the_table,
    streams_are_on_the_tables,
)
from typer import Typer

from jikimi.app.desk import application
from jikimi.cli.main import app as program
from jikimi.identity.api import SignedInActor
from jikimi.identity.model import Role
from jikimi.share.policy import Action, require
from jikimi.stream import names

__all__ = ["door", "nats"]
TABLE = set(routes(application().routes))
WHERE = {"said": "where she is"}
ROOM = Rung(frozenset({Role.DISPATCHER}), 200, 200)


async def spy() -> dict[str, str]:
    """Answers whoever asks."""
    return WHERE


def test_a_route_nobody_has_put_on_the_ladder_is_seen() -> None:
    """A path, a method beside a known one, a line, a folder of files: each is one too many."""
    line = application()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()

    line.add_api_websocket_route("/api/spy", listen)
    path, method, folder = application(), application(), application()
    path.add_api_route("/api/spy", spy, methods=["GET"])
    method.add_api_route("/api/overview", spy, methods=["PUT"])
    folder.mount("/spy", FastAPI())
    has_rungs(application(), TABLE)
    for planted in (line, path, method, folder):
        with pytest.raises(AssertionError):
            has_rungs(planted, TABLE)


def test_a_rung_whose_route_is_gone_is_seen() -> None:
    """What the table says of nothing is a hole where something was."""
    with pytest.raises(AssertionError):
        has_rungs(application(), TABLE | {("GET", "/api/spy")})


async def test_a_route_that_forgets_who_asks_is_seen(door: Door) -> None:
    """Open to everybody, to every role, to every purpose, or telling another agency whose it is: no rung holds it."""

    async def every_role(_: SignedInActor) -> dict[str, str]:
        return WHERE

    async def every_purpose(actor: SignedInActor) -> dict[str, str]:
        if actor.role is not Role.DISPATCHER:
            require(actor, Action.OPEN_GLASS)
        return WHERE

    async def guarded(actor: SignedInActor) -> dict[str, str]:
        require(actor, Action.OPEN_GLASS)
        return {"said": "nothing of anybody"}

    async def telling(actor: SignedInActor) -> dict[str, str]:
        require(actor, Action.OPEN_GLASS)
        return {"said": str(door.site.ids["she"])}

    rooms = Rung(frozenset({Role.DISPATCHER, Role.MONITOR}), 200, 200)
    door.app.add_api_route("/api/guarded", guarded, methods=["GET"])
    await keeps_out(door, "GET", "/api/guarded", rooms)
    for name, planted in (("spy", spy), ("roles", every_role), ("purposes", every_purpose), ("telling", telling)):
        door.app.add_api_route(f"/api/{name}", planted, methods=["GET"])
        with pytest.raises(AssertionError):
            await keeps_out(door, "GET", f"/api/{name}", rooms if name == "telling" else ROOM)


def test_a_stream_nobody_has_thought_about_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it keeps, its readers must be named first."""
    known = names.streams()
    streams_are_on_the_tables()
    monkeypatch.setattr(names, "streams", lambda: [*known, {"name": "spy", "subjects": ["spy.>"]}])
    with pytest.raises(AssertionError):
        streams_are_on_the_tables()


@pytest.mark.parametrize("way", ["publish", "subscribe", "role", "name"])
def test_a_subject_nobody_has_thought_about_is_seen(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Said by a role, heard by one, by a role nobody knows, or only given a name."""
    match way:
        case "publish":
            monkeypatch.setitem(names.PUBLISH, "desk", [*names.PUBLISH["desk"], "spy.>"])
        case "subscribe":
            monkeypatch.setitem(names.SUBSCRIBE, "desk", ["facts.>"])
        case "role":
            monkeypatch.setitem(names.PUBLISH, "spy", [names.FIXES])
        case _:
            monkeypatch.setattr(names, "SPY", "live.spy", raising=False)
    with pytest.raises(AssertionError):
        streams_are_on_the_tables()


@pytest.mark.parametrize("said", [
    'KIND: Final = "spy"', 'def handlers():\n    return {"spy": run}', 'put(connection, "spy", key, now, {})',
    'rows = [Later("spy", key, now, {})]', 'due.put(connection, "spy", key, now, {"subject": she})',
])  # fmt: skip
def test_later_work_nobody_has_thought_about_is_seen(tmp_path: Path, said: str) -> None:
    """However its kind is named."""
    (tmp_path / "jikimi").symlink_to(SOURCE)
    for file in SOURCE.rglob("*.py"):
        there = tmp_path / "all" / file.relative_to(SOURCE)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(file.read_bytes())
    jobs_are_on_the_table(tmp_path / "all")
    (tmp_path / "all" / "spy.py").write_text(said)
    with pytest.raises(AssertionError):
        jobs_are_on_the_table(tmp_path / "all")


@pytest.mark.parametrize("name", ["spy", "export spy"])
def test_a_command_nobody_has_thought_about_is_seen(name: str) -> None:
    """Beside the others, or beneath one."""
    commands_are_on_the_table(program)
    planted = Typer()
    planted.registered_commands, planted.registered_groups = (
        [*program.registered_commands],
        [*program.registered_groups],
    )
    if name == "spy":
        planted.command("spy")(lambda: None)
    else:
        inner = Typer()
        inner.command("spy")(lambda: None)
        inner.command("twice")(lambda: None)
        planted.add_typer(inner, name="watch")
    with pytest.raises(AssertionError):
        commands_are_on_the_table(planted)


class SpyOut(BaseModel):
    """Data nobody has given a class."""

    lon: float


class SpiesOut(BaseModel):
    """The same, a level down."""

    spies: list[SpyOut]


@pytest.mark.parametrize("model", [SpyOut, SpiesOut, list[SpyOut]])
def test_an_answer_without_a_class_is_seen(model: object) -> None:
    """By itself, in another, or in a row of them."""
    answers_have_classes(application().openapi())
    planted = application()
    planted.add_api_route("/api/spy", spy, methods=["GET"], response_model=model)
    with pytest.raises(AssertionError):
        answers_have_classes(planted.openapi())
