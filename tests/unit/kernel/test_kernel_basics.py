"""Ids, clock and errors: small, and everything stands on them."""

import time
from datetime import UTC, datetime

from jikimi.kernel import clock, ids
from jikimi.kernel.errors import Absurd, JikimiError, Malformed, TooMany


def test_uuid7_is_ordered_and_of_its_version() -> None:
    """Later ids sort after earlier ones and carry version 7 and the RFC's variant."""
    first = ids.uuid7()
    time.sleep(0.002)
    second = ids.uuid7()
    assert first < second
    assert (first.version, first.variant) == (7, second.variant)
    assert abs(int(first.hex[:12], 16) / 1000 - time.time()) < 5


def test_derived_is_the_same_for_the_same() -> None:
    """Equal parts give equal ids, whatever holds them; different parts do not."""
    assert ids.derived("a", 0.1, None) == ids.derived("a", 0.1, None)
    assert ids.derived("a", 0.1) != ids.derived("a", 0.10000000000000002)
    assert ids.derived("ab", "c") != ids.derived("a", "bc")


def test_moments() -> None:
    """Unix seconds become aware moments and text with milliseconds."""
    assert clock.moment(0.5) == datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert clock.iso(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"
    assert abs(clock.SystemClock().unix() - time.time()) < 1


def test_a_problem_says_what_to_do() -> None:
    """Every failure has a code, a status and advice; what is unknown is left out."""
    body = Malformed("row 3: lon", row=3, field=None).problem()
    assert (body["code"], body["status"], body["row"]) == ("malformed", 400, 3)
    assert "field" not in body
    assert body["advice"] == Malformed.advice
    assert JikimiError().detail == JikimiError.advice
    assert (Absurd().problem()["status"], TooMany().problem()["title"]) == (422, "Too Many Requests")
