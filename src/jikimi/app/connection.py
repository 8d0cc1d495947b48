"""A connection that answers over HTTP, and when it is cut: it must never leave to the kernel what may not arrive any more."""

import array
import fcntl
import socket
import struct
import termios
from contextlib import suppress
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION: Final = "jikimi.connection"


class Connection(HttpToolsProtocol):
    """The library's own protocol; whoever answers finds it in its scope's extensions."""

    def on_message_begin(self) -> None:
        """A request has begun."""
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["extensions"] = {**scope.get("extensions", {}), EXTENSION: self}

    def unsent(self) -> int:
        """Bytes that have not arrived: ours, and the kernel's where it tells."""
        if self.transport.is_closing():
            return 0
        queued = array.array("i", [0])
        with suppress(OSError):
            if (theirs := self.transport.get_extra_info("socket")) is not None and theirs.fileno() >= 0:
                fcntl.ioctl(theirs.fileno(), termios.TIOCOUTQ, queued)
        return int(self.transport.get_write_buffer_size()) + queued[0]

    def cut(self) -> None:
        """End it now; nothing that waits is sent."""
        abort(self.transport)


def abort(transport: Any) -> None:
    """Close without lingering, or the kernel would keep for the peer what we no longer do."""
    if (theirs := transport.get_extra_info("socket")) is not None and theirs.fileno() >= 0:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
