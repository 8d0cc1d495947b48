"""Lines of log."""

import io
import sys

import pytest
import structlog

from jikimi.kernel.logs import StandardError


def test_a_line_goes_where_standard_error_is_now_and_a_lost_one_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger made while standard error was another, or one that is closed, raises nothing."""
    before = structlog.get_config()
    try:
        structlog.configure(logger_factory=StandardError)
        log = structlog.get_logger()
        first, second = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stderr", first)
        log.warning("one")
        first.close()
        monkeypatch.setattr(sys, "stderr", second)
        log.warning("two")
        assert "two" in second.getvalue()
        second.close()
        log.error("three")
    finally:
        structlog.configure(**before)
