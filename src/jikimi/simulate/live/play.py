"""A scenario at a running exercise: entered, played, and what came of it. It must never play at a real installation."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from jikimi.simulate.live.devices import Devices
from jikimi.simulate.live.entering import Entering
from jikimi.simulate.live.line import ExerciseTime, Frame, follow
from jikimi.simulate.live.officers import Officer
from jikimi.simulate.live.rooms import Room
from jikimi.simulate.live.stage import Stage, printed
from jikimi.simulate.scenario import Scenario, Unit

__all__ = ["Play", "play", "printed"]


@dataclass(slots=True)
class Tasking:
    """One tasking as its unit's terminal saw it."""

    tasking: str
    incident: str
    toward: str
    code: str
    callsign: str
    alert: str
    heard: float
    """When the order was on the terminal (the loop's time)."""
    latency_ms: float | None = None
    states: list[str] = field(default_factory=list)
    instruction: str = ""


class Play:
    """One scenario at one exercise."""

    def __init__(
        self, scenario: Scenario, seed: int, stage: Stage, speed: float, *, taken: Callable[[str], bool] = lambda _: False,
        without: frozenset[str] = frozenset(), say: Callable[[str], None] = lambda _: None, rooms: bool = False,
    ) -> None:  # fmt: skip
        """``taken``: whether a person has that account's terminal; ``without``: devices that are somebody's own; ``rooms``:
        control rooms nobody sits in are played as well.
        """
        self.scenario, self.seed, self.stage, self.say = scenario, seed, stage, say
        self.time = ExerciseTime(speed)
        self.taskings: dict[str, Tasking] = {}
        self.pages: list[str] = []
        self.exercise = True
        self._left: dict[str, float] = {}
        self.rooms: dict[str, Room] = {}
        self._taken, self._without, self._play_rooms = taken, without, rooms
        self._tasks: list[asyncio.Task[None]] = []
        self.entering: Entering | None = None
        self.devices: Devices | None = None

    async def open(self) -> None:
        """Follow both rooms, and bring every unit on duty; nobody is entered yet."""
        people = self.stage.people
        for name in ("dispatcher", "monitor"):
            taken = partial(self._taken, name)
            room = self.rooms[name] = Room(people[name], self.stage, self.time, taken)
            hear = partial(self._room, room)
            self._start(follow(self.stage.desk.url, people[name].token, hear, self.time, taken))
            if self._play_rooms:
                self._start(room.run())
        await self.time.first()
        self.entering = Entering(self.scenario, self.stage, self.time.now())
        await self.entering.units()
        for unit in self.scenario.units:
            await self._officer(unit, self.entering)

    async def _officer(self, unit: Unit, entering: Entering) -> None:
        name = entering.officer(unit)
        signed = self.stage.people.get(name) or await self.stage.sign_in(name, entering.passwords[name])
        at = self.scenario.town.lonlat(unit.at)
        officer = Officer(unit, signed, self.stage, self.time, at, partial(self._taken, name))
        officer.told(self._unit)
        await officer.on_duty()
        self._start(officer.run())

    async def enter(self) -> Entering:
        """Enter everybody and wait until their devices are known."""
        assert self.entering
        self.entering.t0 = self.time.now()
        await self.entering.people()
        await self.entering.switched_on(self.time.now)
        return self.entering

    def begin(self) -> float:
        """The scenario begins now, as far in as it says; returns its beginning."""
        assert self.entering
        self.entering.t0 = self.time.now() - self.scenario.before_s
        return self.entering.t0

    async def run(self) -> None:
        """Play from now on to the end."""
        assert self.entering
        self.devices = Devices(
            self.scenario, self.seed, self.entering, self.stage.gateway, self.time, self._without
        )  # fmt: skip
        async with asyncio.TaskGroup() as group:
            group.create_task(self.devices.run())
            group.create_task(self.entering.standing())
            for order in self.scenario.orders:
                if order.by_identifier:
                    group.create_task(self._enter_later(order.order, order.start))

    async def _enter_later(self, name: str, at: float) -> None:
        assert self.entering
        await self.time.until(self.entering.t0 + at)
        await self.entering.order(next(order for order in self.scenario.orders if order.order == name))
        self.say("the police enter the order; the register finds its man in the other agency's file")

    async def close(self) -> None:
        """Hang up everywhere."""
        for task in self._tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.stage.close()

    def failed(self) -> None:
        """Raise what ended a line or an officer, if anything did."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    def _start(self, work: Any) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    def _room(self, room: Room, frame: Frame) -> None:
        self._marked(frame)
        room.hear(frame)
        if frame.get("kind") == "page":
            self.pages.append(str(frame["body"]["why"]))

    def _unit(self, unit: Unit, frame: Frame) -> None:
        self._marked(frame)
        body = frame.get("body", {})
        if frame.get("kind") == "tasking" and frame["recorded"] and body["tasking"] not in self.taskings:
            self.taskings[body["tasking"]] = Tasking(
                body["tasking"], frame["incident"], body["toward"], body["code"], unit.callsign, body["alert"],
                asyncio.get_running_loop().time(), instruction=body["instruction"]["en"],
            )  # fmt: skip
            self._measure(body)
            self.say(f"{unit.callsign}: {body['instruction']['en']} · {body['code']} {body['name_en']}")
        elif frame.get("kind") == "tasking_state" and body["tasking"] in self.taskings:
            states = self.taskings[body["tasking"]].states
            if body["state"] not in states:
                states.append(body["state"])
                self.say(f"{body['callsign']}: {body['state']}")

    def _marked(self, frame: Frame) -> None:
        self.exercise = self.exercise and frame.get("exercise") is True

    def _measure(self, body: dict[str, Any]) -> None:
        """From the newest fix of either party leaving its device to the order on the terminal (ms, machine's clock).

        Whoever goes to him is not told of hers: what one order says of an alert holds for the other.
        """
        sent = self.devices.sent if self.devices else {}
        times = [round(float(body[who]["t"]), 3) for who in ("offender", "victim") if body[who]]
        left = [sent[t] for t in times if t in sent]
        alert = body["alert"]
        if left:
            self._left[alert] = max(*left, self._left.get(alert, left[0]))
        for one in self.taskings.values():
            if one.alert == alert and alert in self._left:
                one.latency_ms = round((one.heard - self._left[alert]) * 1000, 1)


async def play(
    scenario: Scenario, seed: int, url: str, intake_url: str | None, passwords: dict[str, str], speed: float
) -> dict[str, Any]:
    """The whole scenario at a running exercise; returns what was sent and who was sent where."""
    stage = await Stage.open(url, intake_url, passwords)
    played = Play(scenario, seed, stage, speed)
    try:
        await played.open()
        await played.enter()
        played.begin()
        await played.run()
        played.failed()
        await asyncio.sleep(_LAST_WORDS_S)
    finally:
        await played.close()
    assert played.devices
    taskings = [
        {"tasking": one.tasking, "toward": one.toward, "code": one.code, "unit": one.callsign, "states": one.states}
        for one in played.taskings.values()
    ]
    return {
        "requests": played.devices.taken, "refused": played.devices.refused, "pages": played.pages, "taskings": taskings,
        "marked": played.exercise,
    }  # fmt: skip


_LAST_WORDS_S = 1.0
