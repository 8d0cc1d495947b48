"""Time is handed out: the machine's, or an exercise's that begins where it is told and runs as fast."""

import time
from datetime import UTC, datetime

import pytest

from jikimi.kernel.clock import ExerciseClock, SystemClock, exercise_clock, iso, moment, pace_of
from jikimi.kernel.units import UnixTime


class Hand:
    """A machine's clock that goes when told."""

    def __init__(self, at: float) -> None:
        self.at = at

    def unix(self) -> UnixTime:
        return UnixTime(self.at)


def test_the_machines_clock_is_the_machines() -> None:
    """Seconds since 1970, and nothing else."""
    assert abs(SystemClock().unix() - time.time()) < 1


@pytest.mark.parametrize("text", ["1790000000", "2026-09-21T22:13:20+09:00", "1790000000x1"])
def test_an_exercise_begins_where_it_is_told(text: str) -> None:
    """In seconds or with an offset, now, as fast as the machine."""
    hand = Hand(5.0)
    clock = exercise_clock(text, hand)
    began = clock.unix()
    hand.at += 10
    assert clock.unix() - began == pytest.approx(10)
    assert moment(began).year == 2026


def test_an_exercise_goes_on_where_an_earlier_start_left_it() -> None:
    """What it prints of itself reads back to the same clock, whatever the time is by then."""
    hand = Hand(100.0)
    clock = exercise_clock("1790000000x20", hand)
    hand.at += 3
    again = exercise_clock(str(clock), hand)
    assert isinstance(again, ExerciseClock)
    assert again.unix() == clock.unix() == 1790000060.0


def test_a_clock_tells_its_pace() -> None:
    """The machine's goes as it goes; an exercise's as fast as it was told."""
    assert pace_of(SystemClock()) == 1.0
    assert pace_of(exercise_clock("1790000000x20", Hand(0.0))) == 20.0


@pytest.mark.parametrize("text", ["", "x", "2026-09-21T22:13:20", "1790000000x0", "1790000000x3601", "nanx1", "infx2"])
def test_what_is_no_time_is_no_exercise(text: str) -> None:
    """A time without an offset, or a pace nobody could follow, is refused."""
    with pytest.raises(ValueError, match=r"exercise|float|isoformat|unpack"):
        exercise_clock(text, Hand(0.0))


def test_a_moment_is_written_in_utc() -> None:
    """Milliseconds and a Z, as every answer and row has it."""
    assert iso(1790000000.25) == "2026-09-21T14:13:20.250Z"
    assert moment(0) == datetime(1970, 1, 1, tzinfo=UTC)
