"""One live line, as a terminal holds it: confirms, resumes, tells the exercise's time. It must never miss a number."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import websockets

from jikimi.kernel.errors import Misconfigured

Frame = dict[str, Any]


class ExerciseTime:
    """The exercise's clock as seen from outside: set by every frame that tells it, running ``speed`` times as fast."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._heard: tuple[float, float] | None = None
        self._told: float | None = None
        self._first = asyncio.Event()

    def hear(self, at: float, pace: float | None = None) -> None:
        """Take the time a frame told, and the pace if it told that."""
        self._heard = asyncio.get_running_loop().time(), at
        self._told = pace or self._told
        self._first.set()

    @property
    def known(self) -> bool:
        """Whether anything was heard yet."""
        return self._heard is not None

    async def first(self) -> None:
        """Wait until it is known."""
        await self._first.wait()

    def now(self) -> float:
        """Unix seconds in the exercise; call it once it is known."""
        assert self._heard is not None
        moment, at = self._heard
        return at + (asyncio.get_running_loop().time() - moment) * self.speed

    def check(self) -> None:
        """Raise Misconfigured if its clock does not run as fast as was said. A machine that slept is no other clock."""
        if self._told is not None and abs(self._told - self.speed) > _OFF * self.speed:
            raise Misconfigured(f"Its exercise clock runs {self._told:g} times as fast; say --speed {self._told:g}.")

    async def until(self, at: float) -> None:
        """Wait until the exercise's clock shows ``at``."""
        while (left := (at - self.now()) / self.speed) > 0.0:  # noqa: ASYNC110 - no event tells a time
            await asyncio.sleep(min(left, 1.0))


_OFF = 0.01


async def follow(
    url: str, token: str, heard: Callable[[Frame], None], time: ExerciseTime | None = None,
    aside: Callable[[], bool] = lambda: False,
) -> None:  # fmt: skip
    """Hold the line for ever: every message to ``heard``, targets too; resumes where it was.

    While ``aside`` says so it listens and confirms nothing: whoever has the terminal confirms what reaches it.
    """
    last: int | None = None
    while True:
        where = url.replace("http", "ws", 1) + "/api/live" + (f"?after={last}" if last is not None else "")
        try:
            async with websockets.connect(where, additional_headers={"Authorization": f"Bearer {token}"}) as line:
                async for text in line:
                    last = await _take(line, json.loads(text), last, heard, time, aside)
        except (OSError, websockets.WebSocketException):
            await asyncio.sleep(_AGAIN_S)


_AGAIN_S = 0.1


async def _take(
    line: websockets.ClientConnection, frame: Frame, last: int | None, heard: Callable[[Frame], None],
    time: ExerciseTime | None, aside: Callable[[], bool],
) -> int | None:  # fmt: skip
    match frame["type"]:
        case "welcome":
            messages, last = frame["open"], max(frame["after"], last or 0)
        case "message":
            messages = [frame]
        case "target":
            heard(frame)
            return last
        case _:
            messages = []
    if time is not None and frame["type"] in {"welcome", "beat"}:
        time.hear(float(frame["at"]), frame.get("pace"))
    for message in messages:
        heard(message)
        if message["seq"] is not None:
            last = max(last or 0, message["seq"])
            if not aside():
                await line.send(json.dumps({"type": "ack", "seq": message["seq"]}))
    return last
