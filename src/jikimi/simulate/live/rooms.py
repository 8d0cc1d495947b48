"""A control room nobody sits in: what opens is taken there, and closed when the story is over. It must never act while a
person has the room's terminal, nor close what the desk would keep open.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from jikimi.simulate.live.http import Refused
from jikimi.simulate.live.line import ExerciseTime, Frame
from jikimi.simulate.live.stage import Signed, Stage

TAKES_S: Final = 20.0
_LOOK_S: Final = 1.0
_CLOSING: Final = {"cause": "real_approach", "response": "both_on_scene", "outcome": "victim_safe_with_officer"}


class Room:
    """The dispatcher's or the monitor's part, while nobody plays it."""

    def __init__(self, signed: Signed, stage: Stage, time: ExerciseTime, taken: Callable[[], bool]) -> None:
        """``taken`` tells whether a person has this terminal."""
        self.signed, self.stage, self.time, self.taken = signed, stage, time, taken
        self._open: dict[str, float] = {}

    def hear(self, frame: Frame) -> None:
        """A frame of the room's line."""
        incident = frame.get("incident")
        if not isinstance(incident, str):
            return
        match frame.get("kind"):
            case "alert":
                self._open.setdefault(incident, self.time.now() + TAKES_S)
            case "incident_taken" if frame["body"]["agency"] == self.signed.agency:
                self._open[incident] = float("inf")
            case "incident_closed":
                self._open.pop(incident, None)
            case _:
                pass

    async def run(self) -> None:
        """For ever: take what nobody has taken for a while."""
        while True:
            await asyncio.sleep(_LOOK_S / self.time.speed)
            for incident, at in list(self._open.items()):
                if not self.taken() and self.time.now() >= at:
                    self._open[incident] = float("inf")
                    with suppress(Refused, OSError):  # closed meanwhile; the desk is away
                        await self._ask(f"/api/incidents/{incident}/take")

    async def close(self) -> bool:
        """Close what is open with an officer at her side; False where a person has the room or the desk says no."""
        if self.taken():
            return False
        for incident in list(self._open):
            try:
                await self._ask(f"/api/incidents/{incident}/close", _CLOSING)
            except (Refused, OSError):
                return False
        return True

    async def _ask(self, path: str, body: object = None) -> None:
        await self.stage.desk.ask("POST", path, body, self.signed.token)
