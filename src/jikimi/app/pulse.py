"""A role's sign of life: that its loop turns and how far it has come. It must never come from anywhere but that loop, or a
role that does nothing would seem to live.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Final

import msgspec
from nats.aio.client import Client
from nats.errors import Error as NatsError

from jikimi.respond.watch import Beat
from jikimi.stream import names

BEAT_S: Final = 1.0


class Pulse:
    """Beats once a second into a file and onto the wire; the role says how far it has come with ``passed``."""

    def __init__(self, role: str, client: Client, file: Path) -> None:
        self._role, self._client, self._file = role, client, file
        self._count, self._seq, self._at = 0, 0, 0.0

    def passed(self, seq: int, at: float) -> None:
        """Everything up to that sequence is done, and ``at`` was the last tick (Unix seconds)."""
        self._seq, self._at = seq, at

    async def run(self) -> None:
        """For ever; a full disk or a log that is away is no reason to die of."""
        while True:
            self._count += 1
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                self._file.write_text(str(self._count))
            with contextlib.suppress(NatsError, OSError):
                beat = Beat(self._role, self._count, self._seq, self._at)
                await self._client.publish(f"{names.PULSE}.{self._role}", msgspec.json.encode(beat))
            await asyncio.sleep(BEAT_S)
