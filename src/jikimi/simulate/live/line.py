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
        self._heard: list[tuple[float, float]] = []
        self._first = asyncio.Event()

    def hear(self, at: float) -> None:
        """Take the time a frame told."""
        now = asyncio.get_running_loop().time()
        if not self._heard or now - self._heard[-1][0] > _APART_S:
            self._heard = [*self._heard[-_KEPT:], (now, at)]
            self._first.set()

    @property
    def known(self) -> bool:
        """Whether anything was heard yet."""
        return bool(self._heard)

    async def first(self) -> None:
        """Wait until it is known."""
        await self._first.wait()

    def now(self) -> float:
        """Unix seconds in the exercise."""
        moment, at = self._heard[-1]
        return at + (asyncio.get_running_loop().time() - moment) * self.speed

    def check(self) -> None:
        """Raise Misconfigured if its clock does not run as fast as was said."""
        if len(self._heard) < _KEPT:
            return
        (m0, t0), (m1, t1) = self._heard[0], self._heard[-1]
        runs = (t1 - t0) / (m1 - m0)
        if abs(runs - self.speed) > _OFF * self.speed:
            raise Misconfigured(f"Its exercise clock runs {runs:.1f} times as fast; say --speed {runs:.0f}.")

    async def until(self, at: float) -> None:
        """Wait until the exercise's clock shows ``at``."""
        while (left := (at - self.now()) / self.speed) > 0.0:  # noqa: ASYNC110 - no event tells a time
            await asyncio.sleep(min(left, 1.0))


_APART_S, _KEPT, _OFF = 0.4, 4, 0.25


async def follow(
    url: str, token: str, heard: Callable[[Frame], None], time: ExerciseTime | None = None
) -> None:  # fmt: skip
    """Hold the line for ever: every message to ``heard`` once it is confirmed, targets too; resumes where it was."""
    last: int | None = None
    while True:
        where = url.replace("http", "ws", 1) + "/api/live" + (f"?after={last}" if last is not None else "")
        try:
            async with websockets.connect(where, additional_headers={"Authorization": f"Bearer {token}"}) as line:
                async for text in line:
                    last = await _take(line, json.loads(text), last, heard, time)
        except (OSError, websockets.WebSocketException):
            await asyncio.sleep(_AGAIN_S)


_AGAIN_S = 0.1


async def _take(
    line: websockets.ClientConnection, frame: Frame, last: int | None, heard: Callable[[Frame], None],
    time: ExerciseTime | None,
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
        time.hear(float(frame["at"]))
    for message in messages:
        heard(message)
        if message["seq"] is not None:
            last = max(last or 0, message["seq"])
            await line.send(json.dumps({"type": "ack", "seq": message["seq"]}))
    return last
