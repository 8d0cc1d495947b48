"""One demonstration being played: what is printed, when the morning begins, what came of it.

It must never print a line without EXERCISE, nor answer for an officer whose terminal a person has taken.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from jikimi.cli.bench.installation import Installation
from jikimi.identity.doors import VAULT_KEY, run_code
from jikimi.identity.doors_page import is_loopback, reachable
from jikimi.simulate.live.http import Refused
from jikimi.simulate.live.play import Play, Tasking
from jikimi.simulate.live.stage import Stage
from jikimi.simulate.scenario import Scenario
from jikimi.vault import Vault

_MARK = "[bold reverse] EXERCISE [/bold reverse]"
_LOOK_S = 0.5
_LONGEST_S = 75.0
_SCREENS = ("dispatcher", "monitor", "police-officer", "probation-officer")


@dataclass(frozen=True, slots=True)
class Wish:
    """How it is to be played."""

    once: bool
    wait_s: float
    phone: str | None = None


class Demonstration:
    """A running installation of its own and a scenario to play at it."""

    def __init__(
        self, installation: Installation, made: Scenario, seed: int, wish: Wish, speed: float, screen: Console
    ) -> None:
        self.installation, self.made, self.wish, self.screen = installation, made, wish, screen
        self.seed, self.speed = seed, speed
        self.code = run_code(Vault(installation.data).key(VAULT_KEY))
        self.host = reachable(installation.host)
        self.near = installation.host if self.host == installation.host else "127.0.0.1"
        self._used: set[str] = set()
        self._begun = asyncio.Event()

    async def play(self) -> dict[str, Any]:
        """Everything, until both officers stand between them (once) or until Ctrl-C; returns the result."""
        stage = await Stage.open(
            f"http://{self.near}:{self.installation.port}", f"http://{self.near}:{self.installation.intake_port}",
            self.installation.sign_ins,
        )  # fmt: skip
        without = frozenset({self.wish.phone} if self.wish.phone else ())
        play = Play(
            self.made, self.seed, stage, self.speed, taken=self._used.__contains__, without=without, say=self._say
        )
        try:
            await play.open()
            watching = asyncio.create_task(self._doors(stage))
            if not self.wish.once:
                self._welcome()
                await self._morning(stage)
            entering = await play.enter()
            if self.wish.phone:
                device = entering.device(self.wish.phone)
                self._say(f"OwnTracks: http://{self.host}:{self.installation.intake_port}/owntracks  user {device}  "
                          f"password {entering.keys[device]}")  # fmt: skip
            await self._until_told(play)
            watching.cancel()
            return self._result(play)
        finally:
            await play.close()

    def _say(self, text: str) -> None:
        self.screen.print(f"{_MARK} {text}", soft_wrap=True)

    def _welcome(self) -> None:
        self._say(f"{self.made.tells}")
        self._say(f"open   http://{self.near}:{self.installation.port}/")
        if not is_loopback(self.host):
            self._say(f"or, from a phone   http://{self.host}:{self.installation.port}/?code={self.code}")
        for name in _SCREENS:
            self._say(f"sign in   {name}   {self.installation.sign_ins[name]}")
        for sentence in self.made.look:
            self._say(f"· {sentence}")

    async def _morning(self, stage: Stage) -> None:
        """Wait for the button, for Enter, or for patience to end; then say that it has begun."""
        self._say(f"Press the button, or Enter here; the morning begins by itself in {self.wish.wait_s:.0f} s.")
        loop = asyncio.get_running_loop()
        listening = sys.stdin.isatty()
        if listening:
            loop.add_reader(sys.stdin.fileno(), self._entered)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._begun.wait(), self.wish.wait_s)
        if listening:
            loop.remove_reader(sys.stdin.fileno())
        await stage.desk.ask("POST", f"/api/doors/morning?code={self.code}")
        self._say(f"The morning begins, {self.speed:g} times as fast as your clock. Ctrl-C ends it.")

    def _entered(self) -> None:
        sys.stdin.readline()
        self._begun.set()

    async def _doors(self, stage: Stage) -> None:
        """See whether the button was pressed and which terminals people have taken."""
        while True:
            with suppress(Refused, OSError, TimeoutError):
                said = await stage.desk.ask("GET", f"/api/doors?code={self.code}")
                self._used |= {door["name"] for door in said["doors"] if door["used"]}
                if said["morning_at"] is not None:
                    self._begun.set()
            await asyncio.sleep(_LOOK_S)

    async def _until_told(self, play: Play) -> None:
        """Once: until both stand between them or the story is over; with a screen: as long as somebody looks."""
        running = asyncio.create_task(play.run())
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LONGEST_S
        try:
            while not running.done() and not (self.wish.once and (_over(play) or loop.time() > deadline)):
                play.failed()
                await asyncio.sleep(0.1)
            if running.done():
                running.result()
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    def _result(self, play: Play) -> dict[str, Any]:
        taskings = sorted(play.taskings.values(), key=lambda one: (one.toward, one.tasking))
        told = [
            {"tasking": one.tasking, "toward": one.toward, "code": one.code, "accepted": "accepted" in one.states,
             "latency_ms": one.latency_ms}
            for one in taskings
        ]  # fmt: skip
        known = sorted(one.latency_ms for one in taskings if one.latency_ms is not None)
        return {
            "exercise": play.exercise, "scenario": self.made.name,
            "incident": taskings[0].incident if taskings else None, "taskings": told,
            "latencies": {"first_ms": known[0], "last_ms": known[-1]} if known else {},
            "matched": "order-matched" in play.pages,
        }  # fmt: skip


def _over(play: Play) -> bool:
    """Both sides have somebody standing there, and nobody who was asked has yet to answer."""
    told = list(play.taskings.values())
    there = {one.toward for one in told if "on_scene" in one.states}
    return there == {"victim", "offender"} and all(_answered(one) for one in told)


def _answered(one: Tasking) -> bool:
    return "accepted" in one.states
