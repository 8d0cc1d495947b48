"""Where log lines go, and what of a failure they may say. It must never pass on an exception's words, nor a library's: they
quote what somebody sent, and rows of the record.
"""

import contextlib
import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog

_DEEPEST: Final = 12
"""Calls told of a failure, the innermost last."""


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


class Libraries(logging.Handler):
    """What libraries log becomes a line of ours: which library, from where, and what kind of failure."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one."""
        tell = structlog.get_logger().error if record.levelno >= logging.ERROR else structlog.get_logger().warning
        failure = record.exc_info[1] if record.exc_info else None
        said = {} if failure is None else _failure(failure)
        tell("library", library=record.name, by=f"{record.module}.{record.funcName}", **said)


def listen() -> None:
    """From now on nothing in this process writes of a failure but in these words."""
    root = logging.getLogger()
    root.handlers[:] = [Libraries(logging.WARNING)]
    root.setLevel(logging.WARNING)
    for known in logging.root.manager.loggerDict.values():
        if isinstance(known, logging.Logger):  # one that a library set up for itself would write in its own words
            known.handlers.clear()
            known.setLevel(logging.NOTSET)
            known.propagate, known.disabled = True, False
    logging.captureWarnings(capture=True)
    sys.excepthook = _ended


def without_words(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog's: of a failure its kind and the way to it, never its words or its values."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()[1]
    elif isinstance(failure, tuple):
        failure = failure[1]
    if isinstance(failure, BaseException):
        event.update(_failure(failure))
    return event


def _failure(failure: BaseException) -> dict[str, object]:
    kinds, one = [], failure
    while isinstance(one, BaseExceptionGroup):
        kinds.append(type(one).__name__)
        one = one.exceptions[0]
    way = traceback.extract_tb(one.__traceback__)[-_DEEPEST:]
    at = [f"{_short(call.filename)}:{call.lineno} {call.name}" for call in way]
    return {"failure": " of ".join([*kinds, type(one).__name__]), "at": at}


def _short(file: str) -> str:
    return file.rpartition("site-packages/")[2].rpartition("/src/")[2]


def _ended(_: type[BaseException], failure: BaseException, __: TracebackType | None) -> None:
    structlog.get_logger().error("ended", **_failure(failure))
