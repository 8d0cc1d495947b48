"""What a role's log says of a failure: its kind and the way to it, never its words, whoever logs it."""

import asyncio
import gc
import json
import logging
import sys
import warnings
from collections.abc import Iterator

import pytest
import structlog

from jikimi.app.common import configure_logs
from jikimi.kernel import logs

QUOTED = "hong-gil-dong 127.123456"


@pytest.fixture(autouse=True)
def role() -> Iterator[None]:
    """Logs as a role keeps them, and as they were afterwards."""
    root, hook = logging.getLogger(), sys.excepthook
    before, level = root.handlers[:], root.level
    configure_logs("desk")
    yield
    root.handlers[:], sys.excepthook = before, hook
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def failing() -> None:
    """Fail with words that quote somebody."""
    raise ValueError(QUOTED)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was written, every line of it JSON."""
    text = capsys.readouterr().err
    assert QUOTED not in text
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("given", [True, "tuple", "itself"])
def test_a_failure_is_told_by_its_kind_and_the_way_to_it(capsys: pytest.CaptureFixture[str], given: object) -> None:
    """However the failure is handed to the log."""
    try:
        failing()
    except ValueError as error:
        said = {"tuple": sys.exc_info(), "itself": error}.get(str(given), True)
        structlog.get_logger().error("a job ended", exc_info=said)
    (line,) = lines(capsys)
    assert (line["event"], line["failure"], line["role"]) == ("a job ended", "ValueError", "desk")
    assert "failing" in str(line["at"])


def test_a_library_that_set_up_a_log_of_its_own_is_taken_over(capsys: pytest.CaptureFixture[str]) -> None:
    """A handler, a level or a stop that it put there before the role began would let its words out, or swallow the line."""
    library = logging.getLogger("a_library.of_its_own")
    library.addHandler(logging.StreamHandler(sys.stderr))
    library.setLevel(logging.CRITICAL)
    library.propagate, library.disabled = False, True
    configure_logs("desk")
    library.error(QUOTED)
    (line,) = lines(capsys)
    assert (line["library"], line["level"]) == ("a_library.of_its_own", "error")


def test_a_library_s_words_stay_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that logs a request's failure, a client that logs what it could not send, a warning: each is one line."""
    try:
        failing()
    except ValueError as error:
        logging.getLogger("uvicorn.error").exception("Exception for %s", QUOTED, exc_info=error)
    logging.getLogger("nats").warning(QUOTED)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(QUOTED, stacklevel=1)
    logging.getLogger("asyncio").info(QUOTED)
    told = lines(capsys)
    assert [(line["library"], line["level"]) for line in told] == [
        ("uvicorn.error", "error"), ("nats", "warning"), ("py.warnings", "warning")
    ]  # fmt: skip
    assert told[0]["failure"] == "ValueError"


async def test_a_task_nobody_waited_for_says_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """What the loop itself tells of a lost failure holds nothing of it."""

    async def lost() -> None:
        failing()

    task = asyncio.create_task(lost())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    await asyncio.sleep(0)
    assert {line["library"] for line in lines(capsys)} == {"asyncio"}


def test_the_end_of_a_process_says_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody caught, alone or of a group, is told as any failure is."""
    try:
        failing()
    except ValueError as error:
        group = BaseExceptionGroup(QUOTED, [ExceptionGroup(QUOTED, [error])])
        sys.excepthook(type(error), error, None)
        sys.excepthook(type(group), group, None)
    told = [line["failure"] for line in lines(capsys)]
    assert told == ["ValueError", "ExceptionGroup of ExceptionGroup of ValueError"]


def test_a_line_without_a_failure_is_left_as_it_is() -> None:
    """Nothing is added to what says nothing of one."""
    assert logs.without_words(None, "info", {"event": "x", "exc_info": None}) == {"event": "x"}
