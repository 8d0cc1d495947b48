"""Receivers that repeat one position: believed at rest, and not while anything says they move."""

from dataclasses import dataclass

import pytest
from tests.unit.detect.scene import HER, HIM, LAT, LON, T0, Scene, circle, fix, order

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fix
from jikimi.kernel.geodesy import shifted


@dataclass
class Told:
    """One device that stays where it says, and what it says of its speed."""

    who: str = HIM
    east: float = 3000.0
    speed: float | None = None

    def at(self, t: float, east: float | None = None) -> Fix:
        """Its fix at T0 + ``t``."""
        lon, lat = shifted(LON, LAT, self.east if east is None else east, 0.0)
        return Fix(self.who, T0 + t, lon, lat, 7.0, 1, 3, self.speed, None if self.speed is None else 90.0)


def hour(scene: Scene, told: Told, minutes: int = 60, start: int = 0) -> None:
    """Both report every minute; she is where the origin is, or he is where the origin is."""
    for minute in range(start, start + minutes):
        scene.sees(told.at(minute * 60), fix(HER if told.who == HIM else HIM, minute * 60, 0))


@pytest.mark.parametrize("speed", [None, 0.0, 1.0])
def test_rest_is_rest_however_long(speed: float | None) -> None:
    """The very same position for an hour, without a word of movement, is somebody asleep."""
    scene = Scene(order())
    hour(scene, Told(speed=speed))
    assert scene.state() == "SAFE"
    assert scene.codes() == []


@pytest.mark.parametrize("restart", [False, True])
def test_one_position_at_speed_is_a_loss_of_location(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """It says it drives and never moves: data age runs from then on, A13 names it, restarts or not."""
    scene = Scene(order())
    hour(scene, Told(speed=9.0), 8)
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    hour(scene, Told(speed=9.0), 52, start=8)
    assert scene.state() in {"STALE", "UNKNOWN"}
    (alert,) = scene.alerts("A13")
    assert alert.reason["rule"] == "location-stuck"
    assert scene.engine.counts["position-stuck"] == 1


def test_hers_is_hers() -> None:
    """Her watch repeating itself is A16, and nobody's fault."""
    scene = Scene(order())
    hour(scene, Told(HER, speed=9.0))
    assert [a.reason["rule"] for a in scene.alerts("A16")] == ["location-stuck"]


def test_it_moves_again() -> None:
    """With the first other position everything it says counts again."""
    scene = Scene(order())
    hour(scene, Told(speed=9.0), 30)
    scene.sees(Told(speed=9.0).at(1800, 3100.0), fix(HER, 1800, 0))
    assert scene.state() == "SAFE"
    assert scene.cleared() == ["A13"]


def test_steps_count_after_half_an_hour_and_end_with_the_event() -> None:
    """Steps felt all the while at one position are no rest; a rest in between begins anew."""
    scene = Scene(order())
    scene.event(HIM, 0, "motion", 1.0)
    hour(scene, Told(), 25)
    scene.event(HIM, 1500, "motion", 0.0)
    hour(scene, Told(), 15, start=25)
    assert scene.state() == "SAFE"
    scene.event(HIM, 2400, "motion", 1.0)
    hour(scene, Told(), 50, start=40)
    assert scene.state() in {"STALE", "UNKNOWN"}


def test_heard_beside_her_while_his_position_says_far_away() -> None:
    """A radio heard is against a position repeated: the contact is not lowered by it."""
    scene = Scene(order())
    hour(scene, Told(), 10)
    scene.event(HER, 600, "contact", HIM)
    hour(scene, Told(), 20, start=10)
    assert scene.state() == "CONTACT"
    assert "A03" not in scene.cleared()


def test_a_contact_without_repetition_lowers_as_ever() -> None:
    """Who was heard and is seen to walk away is away."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0), fix(HIM, 0, 3000))
    scene.event(HER, 30, "contact", HIM)
    for minute in range(1, 10):
        scene.sees(fix(HIM, minute * 60, 3000 + 10 * minute), fix(HER, minute * 60, 0))
    assert "A03" in scene.cleared()


def test_a_place_is_not_left_by_a_repeated_position() -> None:
    """Two hundred metres off the place, again and again, at speed: that is no leaving."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    scene.sees(fix(HIM, 0, 20))
    him = Told(east=180.0, speed=9.0)
    for minute in range(1, 20):
        scene.sees(him.at(minute * 60))
    for minute in range(20, 22):
        scene.sees(him.at(minute * 60))
    assert "A09" not in scene.cleared()
