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
    """A radio heard is against a position repeated: the contact is not lowered by it, nor anything known when it is over."""
    scene = Scene(order())
    hour(scene, Told(), 10)
    scene.event(HER, 600, "contact", HIM)
    hour(scene, Told(), 4, start=10)
    assert scene.state() == "CONTACT"
    assert "A03" not in scene.cleared()
    hour(scene, Told(), 16, start=14)
    assert scene.state() == "UNKNOWN"


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


def beside(
    speed: float | None, minutes: int = 12, words: tuple[tuple[float, str, object], ...] = (), **more: int
) -> Scene:
    """Both stand thirty metres apart, he at the very same position all the while, then an hour passes."""
    scene = Scene(order())
    for minute in range(minutes):
        for at, kind, value in words:
            if minute * 60 <= at < minute * 60 + 60:
                scene.event(HIM, at, kind, value, **more)  # type: ignore[arg-type]
        scene.sees(Told(east=30.0, speed=speed).at(minute * 60), fix(HER, minute * 60, 0, 0.1 * minute))
    scene.tick(3600)
    return scene


def test_a_position_repeated_at_speed_is_alerted_and_no_proof() -> None:
    """Thirty metres from her by a position that does not move while he drives: told at once, and proves nothing."""
    scene = beside(9.0)
    assert "A02" in scene.codes()
    assert scene.alerts(grade="evidence") == []


@pytest.mark.parametrize("speed", [None, 0.0, 1.0])
def test_a_position_repeated_at_rest_is_proof(speed: float | None) -> None:
    """Nothing speaks of movement: a position that stays is where he stays."""
    assert [a.code for a in beside(speed).alerts(grade="evidence")] == ["A02"]


def test_steps_felt_at_one_position_are_no_proof_from_the_first_on() -> None:
    """The half hour after which the live lane gives a position up is not waited for; felt ended, it proves again."""
    steps = (1.0, "motion", 1.0)
    assert beside(None, words=(steps,)).alerts(grade="evidence") == []
    assert beside(None, words=(steps,), flags=0).alerts(grade="evidence") != []
    over = beside(None, words=((1.0, "motion", 1.0), (40.0, "motion", 0.0)))
    assert [a.code for a in over.alerts(grade="evidence")] == ["A02"]


@pytest.mark.parametrize("turned", [False, True])
def test_words_count_by_their_own_time(turned: bool) -> None:  # noqa: FBT001 - a parameter
    """In which order they came, and whether one came twice, changes no settled row."""
    scene = Scene(order())
    told = [(5.0, 1.0), (30.0, 0.0)]
    for at, value in told[::-1] if turned else told:
        scene.event(HIM, at, "motion", value, late=60.0)
    for minute in range(2, 14):
        scene.sees(Told(east=30.0).at(minute * 60), fix(HER, minute * 60, 0, 0.1 * minute))
        scene.event(HIM, 5.0, "motion", 1.0, late=minute * 60.0)
    scene.tick(3600)
    (row,) = scene.alerts(grade="evidence")
    assert row.at == T0 + 180


def test_a_position_that_changes_is_proof_again() -> None:
    """Doubted while it repeats, whatever its device says then; believed with the first other one."""
    scene = Scene(order())
    for minute in range(4):
        scene.sees(Told(east=30.0, speed=9.0).at(minute * 60), fix(HER, minute * 60, 0))
    for minute in range(4, 8):
        scene.sees(Told(east=30.0).at(minute * 60), fix(HER, minute * 60, 0))
    scene.tick(900)
    assert scene.alerts(grade="evidence") == []
    scene.engine = Engine.load(scene.engine.dump())
    for minute in range(16, 20):
        scene.sees(Told(east=20.0 + 0.1 * minute, speed=9.0).at(minute * 60), fix(HER, minute * 60, 0))
    scene.tick(2000)
    assert [a.at for a in scene.alerts(grade="evidence")] == [T0 + 1020]


def test_a_place_is_not_proven_by_a_repeated_position() -> None:
    """In the zone by a position that stays while he drives: an entry to be told, and no proof of it."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    for minute in range(10):
        scene.sees(Told(east=20.0, speed=9.0).at(minute * 60))
    scene.tick(900)
    assert scene.codes().count("A09") == 1
    assert scene.alerts(grade="evidence") == []


@pytest.mark.parametrize(("hers", "flags", "proven"), [(3000.0, 2, False), (50.0, 2, True), (3000.0, 0, True)])
def test_heard_beside_her_elsewhere_is_no_proof_of_a_place(
    hers: float, flags: int, proven: bool,  # noqa: FBT001 - what holds
) -> None:  # fmt: skip
    """His position repeats in the zone while her device hears his three kilometres away: nothing is proven of it.

    Who cannot prove who they are speaks against nothing.
    """
    scene = Scene(order(places=[circle("zone", "zone", 0)]))
    for minute in range(10):
        scene.sees(fix(HER, minute * 60, hers, minute), Told(east=20.0).at(minute * 60 + 1))
        scene.event(HER, minute * 60 + 2, "contact", HIM, flags=flags)
    scene.tick(900)
    assert ("A09" in [a.code for a in scene.alerts(grade="evidence")]) is proven


def test_heard_beside_somebody_who_is_nowhere_speaks_against_nothing() -> None:
    """Her device hears his and has no position: his counts as it did."""
    scene = Scene(order(places=[circle("zone", "zone", 0)]))
    for minute in range(10):
        scene.sees(Told(east=20.0).at(minute * 60 + 1))
        scene.event(HER, minute * 60 + 2, "contact", HIM)
    scene.tick(900)
    assert "A09" in [a.code for a in scene.alerts(grade="evidence")]


def test_what_a_kept_fix_says_of_itself_counts_when_it_is_looked_at() -> None:
    """Far from her he repeats himself at speed and is not looked at; when she comes there, that is no witness."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 9000))
    for minute in range(1, 30):
        scene.sees(Told(east=30.0, speed=9.0).at(minute * 60), fix(HER, minute * 60 + 1, 9000 - 300 * minute))
    for minute in range(30, 36):
        scene.sees(Told(east=30.0, speed=9.0).at(minute * 60), fix(HER, minute * 60 + 1, 10))
    scene.tick(4000)
    assert scene.alerts(grade="evidence") == []
