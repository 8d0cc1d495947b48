"""Ids, clock and errors: small, and everything stands on them."""

import gc
import time
from datetime import UTC, datetime
from uuid import RFC_4122

import pytest

from jikimi.kernel import clock, ids, memory
from jikimi.kernel.errors import Absurd, JikimiError, Malformed, NotFound, OwnCase, TooMany


def test_uuid7_is_ordered_and_of_its_version() -> None:
    """Later ids sort after earlier ones and carry version 7 and the RFC's variant."""
    first = ids.uuid7()
    time.sleep(0.002)
    second = ids.uuid7()
    assert first < second
    assert (first.version, first.variant) == (7, second.variant)
    assert abs(int(first.hex[:12], 16) / 1000 - time.time()) < 5


def test_ids_of_one_process_ascend_within_a_millisecond_and_when_the_clock_is_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is written one after the other stands so, and no id comes twice."""
    now = time.time_ns()
    made = []
    for back in (0, 0, 0, 3_600_000_000_000):
        monkeypatch.setattr(time, "time_ns", lambda back=back: now - back)
        made += [ids.uuid7() for _ in range(500)]
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert abs(int(made[-1].hex[:12], 16) - now // 1_000_000) < 1_000


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


def test_a_case_of_one_s_own_is_answered_as_if_it_were_not_there() -> None:
    """Who it is about and who keeps it are told to others, and are no part of the answer."""
    own, none = OwnCase("No person has this id.", "she", ["agency"]), NotFound("No person has this id.")
    assert (own.code, own.status, own.advice, str(own)) == (none.code, none.status, none.advice, str(none))
    assert (own.subject, own.keepers) == ("she", ("agency",))


def test_what_is_loaded_is_set_aside_from_the_search_for_garbage() -> None:
    """A full collection looks at what came since, and comes seldom."""
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        memory.settle()
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold()[0] > before[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
