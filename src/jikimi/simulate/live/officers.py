"""Officers who obey their taskings: accept, drive toward what moves, arrive, report. They must never close anything.

They know what their terminal tells them and nothing else. While a person has the terminal the unit is that person's, its
place included: an officer is in one place.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from math import hypot

from jikimi.kernel.clock import iso
from jikimi.kernel.geodesy import offset, shifted
from jikimi.simulate.live.http import Refused
from jikimi.simulate.live.line import ExerciseTime, Frame, follow
from jikimi.simulate.live.stage import Signed, Stage
from jikimi.simulate.scenario import Unit

_STEP_S, _REPORT_S, _ARRIVED_M = 1.0, 4.0, 45.0
_OVER = frozenset({"cleared", "rejected", "superseded"})


class Officer:
    """One unit's officer at one terminal."""

    def __init__(
        self, unit: Unit, signed: Signed, stage: Stage, time: ExerciseTime, at: tuple[float, float],
        taken: Callable[[], bool],
    ) -> None:  # fmt: skip
        """``at`` is where the unit begins, in degrees; ``taken`` tells whether a person has this terminal."""
        self.unit, self.signed, self.stage, self.time, self.at, self.taken = unit, signed, stage, time, at, taken
        self.tasking: Frame | None = None
        self.target: tuple[float, float] | None = None
        self.state = ""
        self._accept_at = 0.0
        self._hear: list[Callable[[Unit, Frame], None]] = []

    def told(self, listener: Callable[[Unit, Frame], None]) -> None:
        """Let somebody else hear every frame too."""
        self._hear.append(listener)

    async def on_duty(self) -> None:
        """Report where the unit is and that it can be sent."""
        await self._report()
        await self._ask("PUT", f"/api/units/{self.signed.unit}/status", {"status": "available"})

    async def run(self) -> None:
        """For ever: hold the line, and drive."""
        async with asyncio.TaskGroup() as group:
            group.create_task(follow(self.stage.desk.url, self.signed.token, self._heard, self.time, self.taken))
            group.create_task(self._drive())

    def _heard(self, frame: Frame) -> None:
        for listener in self._hear:
            listener(self.unit, frame)
        body = frame.get("body", {})
        if frame["type"] == "target":
            self._look(frame)
        elif frame["kind"] == "tasking" and frame["recorded"] and self.tasking is None:
            self.tasking, self.state = frame, "tasked"
            self._accept_at = self.time.now() + self.unit.wait_s
            self._look({"positions": [where | {"subject": body[f"{who}_id"]} for who in ("victim", "offender")
                                      if (where := body[who])]})  # fmt: skip
        elif frame["kind"] == "tasking_state" and self.tasking and body["tasking"] == self.tasking["body"]["tasking"]:
            self.state = str(body["state"])
            if self.state in _OVER:
                self.tasking = self.target = None
        elif frame["kind"] == "incident_closed":
            self.tasking = self.target = None

    def _look(self, frame: Frame) -> None:
        if self.tasking is None:
            return
        body = self.tasking["body"]
        wanted = body["victim_id"] if body["toward"] == "victim" else body["offender_id"]
        for one in frame["positions"]:
            if one["subject"] == wanted:
                self.target = (one["lon"], one["lat"])

    async def _drive(self) -> None:
        reported = 0.0
        while True:
            await asyncio.sleep(_STEP_S / self.time.speed)
            if not self.time.known or self.taken():
                continue
            with suppress(Refused, OSError):  # somebody answered at another terminal of the unit; the desk is away
                await self._obey()
                if self.time.now() - reported >= _REPORT_S:
                    reported = self.time.now()
                    await self._report()

    async def _obey(self) -> None:
        """One step of what the tasking asks for, from wherever it stands: a person may have had it in between."""
        if self.tasking is None:
            return
        tasking = str(self.tasking["body"]["tasking"])
        if self.state == "tasked" and self.time.now() >= self._accept_at:
            await self._answer(tasking, "accepted")
        elif self.state == "accepted":
            await self._answer(tasking, "en_route")
        elif self.state == "en_route" and self.target is not None:
            await self._toward(self.target, tasking)

    async def _toward(self, there: tuple[float, float], tasking: str) -> None:
        east, north = offset(*self.at, *there)
        left = hypot(east, north)
        if left <= _ARRIVED_M:
            await self._answer(tasking, "on_scene")
            return
        share = min(1.0, self.unit.speed_mps * _STEP_S / left)
        self.at = shifted(*self.at, east * share, north * share)

    async def _answer(self, tasking: str, state: str) -> None:
        await self._ask("POST", f"/api/taskings/{tasking}/answer", {"state": state})

    async def _report(self) -> None:
        where = {"lon": self.at[0], "lat": self.at[1], "sigma_m": 5.0, "at": iso(self.time.now())}
        await self._ask("PUT", f"/api/units/{self.signed.unit}/position", where)

    async def _ask(self, method: str, path: str, body: object) -> None:
        await self.stage.desk.ask(method, path, body, self.signed.token)
