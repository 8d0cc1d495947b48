"""A terminal's WebSocket, and when it is cut: it must never keep what it was sent from reaching the next channel, nor hold
our memory, by taking nothing.

The library closes in order, which waits for ever for a peer that stopped reading: here every close has an end.
"""

from asyncio import TimerHandle
from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from jikimi.app.connection import abort

PATIENCE_S: Final = 10.0
"""How long a line may stand full, or go on closing."""


class Line(WebSocketsSansIOProtocol):
    """The library's own protocol, which aborts where it would wait without an end."""

    _cutting: TimerHandle | None = None

    def pause_writing(self) -> None:
        """More was sent than the peer takes: from now on it has so long to take it."""
        super().pause_writing()
        self._cut_later()

    def resume_writing(self) -> None:
        """It has taken it."""
        super().resume_writing()
        self._keep()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._keep()
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        """A peer that answers no ping reads no farewell either."""
        super().keepalive_timeout()
        self._cut()

    async def run_asgi(self) -> None:
        """Serve it; once nobody does, what was not taken in time is not sent."""
        try:
            await super().run_asgi()
        finally:
            self._keep()
            self._cut_later()

    def _cut_later(self) -> None:
        if not self.disconnected:
            self._cutting = self.loop.call_later(PATIENCE_S, self._cut)

    def _cut(self) -> None:
        abort(self.transport)

    def _keep(self) -> None:
        if self._cutting is not None:
            self._cutting.cancel()
            self._cutting = None
