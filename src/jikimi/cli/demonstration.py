"""One demonstration being played: what is printed, when the morning begins and ends, what came of it.

It must never print a line without EXERCISE, nor play a part whose terminal a person has.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
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
_LASTS_S = 12 * 3600.0
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
        self.again = False
        """Whether somebody wants another morning."""
        self._held: frozenset[str] = frozenset()
        self._begun, self._ended = asyncio.Event(), False
        self._wanted = asyncio.Event()

    async def play(self) -> dict[str, Any]:
        """Everything, until both officers stand between them (once), until another morning is wanted or until Ctrl-C;
        returns the result.
        """
        stage = await Stage.open(
            f"http://{self.near}:{self.installation.port}", f"http://{self.near}:{self.installation.intake_port}",
            self.installation.sign_ins,
        )  # fmt: skip
        # With a screen life goes on after the story has ended.
        made = self.made if self.wish.once else replace(self.made, seconds=_LASTS_S)
        play = Play(
            made, self.seed, stage, self.speed, taken=lambda name: name in self._held, say=self._say,
            without=frozenset({self.wish.phone} if self.wish.phone else ()), rooms=not self.wish.once,
        )  # fmt: skip
        try:
            await play.open()
            watching = asyncio.create_task(self._doors(stage))
            entering = await play.enter()
            if self.wish.phone:
                device = entering.device(self.wish.phone)
                self._say(f"OwnTracks: http://{self.host}:{self.installation.intake_port}/owntracks  user {device}  "
                          f"password {entering.keys[device]}")  # fmt: skip
            if not self.wish.once:
                self._welcome()
                self._listen()
                await self._morning(stage)
            await self._until_told(play, stage, play.begin() + self.made.seconds)
            watching.cancel()
            return self._result(play)
        finally:
            await play.close()

    def _say(self, text: str) -> None:
        self.screen.print(f"{_MARK} {text}", soft_wrap=True)

    def _welcome(self) -> None:
        port, everybody = self.installation.port, not is_loopback(self.host)
        self._say(f"{self.made.tells}")
        self._say(f"open   http://{self.near}:{port}/" + (f"?code={self.code}" if not is_loopback(self.near) else ""))
        if everybody and self.near != self.host:
            self._say(f"or, from a phone   http://{self.host}:{port}/?code={self.code}")
        self._say(
            f"It listens at {self.installation.host}: whoever reaches this machine over the network reaches it."
            if everybody else
            "It answers this machine alone, so its codes lead no phone here: for phones, make demo HOST=ADDRESS of this machine."
        )  # fmt: skip
        for name in _SCREENS:
            self._say(f"sign in   {name}   {self.installation.sign_ins[name]}")
        for sentence in self.made.look:
            self._say(f"· {sentence}")

    async def _morning(self, stage: Stage) -> None:
        """Wait for the button, for Enter, or for patience to end; then say that it has begun."""
        if self.wish.wait_s:
            self._say(f"Press the button, or Enter here; the morning begins by itself in {self.wish.wait_s:.0f} s.")
            with suppress(TimeoutError):
                async with asyncio.timeout(self.wish.wait_s):
                    await self._begun.wait()
        await stage.desk.ask("POST", f"/api/doors/morning?code={self.code}")
        pace = "as fast as your clock" if self.speed == 1 else f"{self.speed:g} times as fast as your clock"
        self._say(f"The morning begins, {pace}. Look at the 112 room now. Ctrl-C ends it.")

    def _listen(self) -> None:
        if sys.stdin.isatty():
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._entered)

    def _entered(self) -> None:
        sys.stdin.readline()
        self._begun.set()
        if self._ended:
            self._wanted.set()

    async def _doors(self, stage: Stage) -> None:
        """See whether the button was pressed, and which terminals people have at this moment."""
        while True:
            with suppress(Refused, OSError, TimeoutError):
                said = await stage.desk.ask("GET", f"/api/doors?code={self.code}")
                self._held = frozenset(door["name"] for door in said["doors"] if door["held"])
                if said["morning_at"] is not None:
                    self._begun.set()
                    if self._ended and said["ended_at"] is None:
                        self._wanted.set()
            await asyncio.sleep(_LOOK_S)

    async def _until_told(self, play: Play, stage: Stage, ends_at: float) -> None:
        """Once: until both stand between them or the story is over; with a screen: until another morning is wanted."""
        running = asyncio.create_task(play.run())
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LONGEST_S
        try:
            while not running.done() and not (self.wish.once and (_over(play) or loop.time() > deadline)):
                play.failed()
                if not self.wish.once and not self._ended and play.time.now() >= ends_at:
                    with suppress(Refused, OSError):  # the desk is away: it is said when it is back
                        await self._end(play, stage)
                if self._wanted.is_set():
                    self.again = True
                    break
                await asyncio.sleep(0.1)
            if running.done():
                running.result()
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def _end(self, play: Play, stage: Stage) -> None:
        """The story is over: the room nobody sits in closes it, and everybody is told what to do next."""
        closed = await play.rooms["dispatcher"].close()
        await stage.desk.ask("POST", f"/api/doors/end?code={self.code}")
        self._ended = True
        self._say("The story has ended." if closed else "The story has ended; the 112 room may close the incident.")
        self._say("Look around as long as you like. The button on the page of doors, or Enter here, begins another morning "
                  "from nothing; Ctrl-C ends it.")  # fmt: skip

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
