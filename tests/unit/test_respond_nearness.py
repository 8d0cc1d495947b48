"""How near two people are on a screen, and what a room may read of a name."""

import pytest

from jikimi.respond.nearness import WALKING_MPS, Follower
from jikimi.respond.overview import masked
from jikimi.respond.picture import Seen

METRE = 1 / 111_195


def at(metres_north: float, t: float) -> Seen:
    """Somebody that far north of the other."""
    return Seen("x", t, t, 127.0, 37.5 + metres_north * METRE, 10.0, None, None)


def test_an_approach_is_told_with_its_speed_and_its_time() -> None:
    """Ten metres a second over four hundred is forty seconds, and closing."""
    follower = Follower()
    for second in range(10):
        near = follower.look(at(500 - 10 * second, second), at(0, second), second + 0.5)
    assert near.trend == "closing"
    assert near.closing_mps == pytest.approx(10, abs=0.1)
    assert near.time_to_contact_s == pytest.approx(41, abs=0.5)
    assert not near.assumed
    assert near.offender_age_s == near.victim_age_s == 0.5


def test_whoever_does_not_close_could_still_walk() -> None:
    """Standing, and moving apart: the time is that of a walk, and said to be assumed."""
    for step, trend in ((0.0, "steady"), (5.0, "opening")):
        follower = Follower()
        for second in range(10):
            near = follower.look(at(140 + step * second, second), at(0, second), second)
        assert near.trend == trend
        assert near.assumed
        assert near.time_to_contact_s == pytest.approx((140 + 9 * step) / WALKING_MPS, abs=0.2)


def test_somebody_never_seen_is_not_somewhere() -> None:
    """Without one of the two there is no distance, no time and no trend; the other's age goes on."""
    near = Follower().look(at(0, 10), None, 25)
    assert (near.distance_m, near.time_to_contact_s, near.trend, near.victim_age_s) == (None, None, None, None)
    assert near.offender_age_s == 15
    assert Follower().look(None, None, 25).offender_age_s is None


def test_one_reading_has_no_trend_and_an_old_stretch_is_forgotten() -> None:
    """A trend takes two moments, and the last three quarters of a minute count."""
    follower = Follower()
    assert follower.look(at(500, 0), at(0, 0), 0).trend is None
    assert follower.look(at(490, 0), at(0, 0), 0).trend is None
    for second in range(1, 120):
        near = follower.look(at(500, second), at(0, second), second)
    assert near.trend == "steady"


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("김민준", "김○○"),
        ("2026-0147 respondent", "2026-0147 r○○"),
        ("O0", "O0"),
        ("", ""),
        (None, None),
        ("Ann Lee", "A○○ L○○"),
        ("EXERCISE wearer", "EXERCISE w○○"),
    ],
)
def test_a_name_is_masked_and_a_number_is_not(label: str | None, shown: str | None) -> None:
    """A room reads first letters and file numbers, never a name whole."""
    assert masked(label) == shown
