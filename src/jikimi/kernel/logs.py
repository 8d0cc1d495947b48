"""Where log lines go."""

import contextlib
import sys

import structlog


class StandardError(structlog.PrintLogger):
    """Whatever standard error is when a line is written; one that is full or gone costs the line, never the work."""

    def __init__(self, *_: object) -> None:
        super().__init__(sys.stderr)

    def msg(self, message: str) -> None:
        """Write one line."""
        with contextlib.suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg
