"""What coarse and old positions may cover: guarded places as much as people; what is precise bounds what comes after."""

import pytest
from tests.unit.detect.scene import HER, HIM, Scene, circle, fix, noise, order

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry

HOME = circle("home", "home", 0)
CELL = 500.0


def lone(*places: object) -> Scene:
    """He alone, with places to keep off."""
    return Scene(order(victim=None, places=list(places) or [HOME]))


def report(scene: Scene, start: float, end: float, east: float, sigma: float = 7.0, every: float = 60.0) -> None:
    """He reports from one spot."""
    at = start
    while at < end:
        scene.sees(fix(HIM, at, east, sigma=sigma))
        at += every


def test_a_coarse_fix_over_a_place_is_unknown_and_told_once() -> None:
    """A cell position that covers the place he must keep off is no safety: UNKNOWN at once, A11 after a minute."""
    scene = lone()
    report(scene, 0, 300, 900, sigma=CELL)
    assert scene.state() == "UNKNOWN"
    (alert,) = scene.alerts("A11")
    assert (alert.reason["rule"], alert.place, alert.distance_m) == ("place-unknown", "home", None)
    assert alert.reason["priority"] == "P1"


def test_a_coarse_fix_far_from_every_place_stays_safe() -> None:
    """An error that reaches no place makes nothing of it."""
    scene = lone()
    report(scene, 0, 300, 5000, sigma=CELL)
    assert scene.state() == "SAFE"
    assert scene.codes() == []


def test_the_next_precise_fix_says_where_he_is() -> None:
    """UNKNOWN is over with the fix that ends it, and so is its alert."""
    scene = lone()
    report(scene, 0, 180, 900, sigma=CELL)
    scene.sees(fix(HIM, 180, 3000))
    assert scene.state() == "SAFE"
    assert scene.cleared() == ["A11"]


def test_a_place_is_not_left_on_a_fix_that_covers_it() -> None:
    """However often a cell position says a kilometre away, it may be in the place: nothing is lowered."""
    scene = lone()
    scene.sees(fix(HIM, 0, 20))
    report(scene, 60, 1200, 1100, sigma=CELL)
    assert scene.alerts("A02")
    assert "A02" not in scene.cleared()
    report(scene, 1200, 1500, 1100)
    assert "A02" in scene.cleared()


def test_silence_near_a_place_is_unknown() -> None:
    """Nobody heard of him for as long as it takes to walk there: it says so, and tells his silence, not another alert."""
    scene = lone(circle("zone", "zone", 0))
    scene.sees(fix(HIM, 0, 900))
    scene.tick(200)
    assert scene.state() == "STALE"
    scene.tick(400)
    assert scene.state() == "UNKNOWN"
    assert scene.codes() == ["A12"]
    scene.sees(fix(HIM, 420, 900))
    assert scene.state() == "SAFE"


def test_a_tag_never_located_may_be_anywhere() -> None:
    """Heard of and never located: the place cannot be said to be safe."""
    scene = lone()
    scene.tick(130)
    assert scene.state() == "UNKNOWN"


def test_two_sources_may_both_be_in_the_place() -> None:
    """While two devices say they are he, either place counts."""
    scene = lone()
    for minute in range(4):
        scene.sees(fix(HIM, minute * 60, 90_000), fix(HIM, minute * 60 + 20, 130))
    assert scene.state() == "UNKNOWN"


def test_places_bind_on_hold_as_well() -> None:
    """She carries nothing: his coarse position at her home is UNKNOWN all the same, and over with the order."""
    scene = Scene(order(victim="nobody", end=order().start + 600, places=[HOME]))
    report(scene, 0, 240, 600, sigma=CELL)
    assert scene.state() == "UNKNOWN"
    assert scene.codes() == ["A07", "A11"]
    scene.tick(601)
    assert sorted(scene.cleared()) == ["A07", "A11"]


def test_her_silence_is_not_judged_by_his_place() -> None:
    """He is lost at another place, ten kilometres from her: her silence is still far from him."""
    scene = Scene(order(places=[circle("zone", "zone", 0)]))
    for minute in range(4):
        scene.sees(fix(HIM, minute * 60, 600, sigma=150.0), fix(HER, minute * 60, 10_000))
    for minute in range(4, 12):
        scene.sees(fix(HIM, minute * 60, 600, sigma=CELL))
    assert scene.state() == "UNKNOWN"
    assert not [a for a in scene.alerts("A12") if a.reason["rule"] == "victim-silent-near"]


def test_an_order_that_no_longer_guards_a_place_covers_nothing() -> None:
    """A place outside its hours is nobody's to be unknown about."""
    quiet = order(victim=None, places=[HOME], suspensions=[])
    scene = Scene(quiet, order("later", victim=None, start=order().start + 9000, places=[circle("z", "zone", 50)]))
    scene.apply(order(version=2, victim=None, places=[]))
    report(scene, 0, 300, 300, sigma=CELL)
    assert scene.state() == "SAFE"


def test_a_precise_fix_bounds_the_coarse_one_after_it() -> None:
    """A cell position a minute after a satellite's, kilometres away, cannot have brought the two together."""
    scene = Scene(order())
    for minute in range(6):
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 1200, sigma=7.0 if minute % 2 == 0 else CELL))
    assert "UNKNOWN" not in scene.shown()
    for minute in range(6, 12):
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 1200, sigma=CELL))
    assert scene.state() == "UNKNOWN"


@pytest.mark.parametrize("restart", [False, True])
def test_a_receiver_that_comes_and_goes_is_told_once(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Five minutes satellites, five minutes cells, nobody moving: one A11 an hour, restarts or not."""
    scene = Scene(order())
    for minute in range(60):
        sigma = 7.0 if minute // 5 % 2 == 0 else CELL
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 700, sigma=sigma))
        if restart and minute % 7 == 0:
            scene.engine = Engine.load(scene.engine.dump())
    assert len(scene.alerts("A11")) == 1


def test_who_has_moved_is_told_again() -> None:
    """The same not knowing after he was seen to come nearer is another alert."""
    scene = Scene(order())
    for minute in range(20):
        sigma, east = (7.0 if minute % 10 < 5 else CELL), (900 if minute < 10 else 450)
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, east, sigma=sigma))
    assert len(scene.alerts("A11")) == 2


def test_a_clock_forty_seconds_ahead_is_told_once() -> None:
    """Fixes refused for their date, now and then one that is not: at rest that is one A11, not one for each gap."""
    scene = Scene(order())
    for minute in range(60):
        ahead, late = (40.0, 0.0) if minute % 6 else (25.0, 0.0)
        scene.sees(fix(HER, minute * 60, 0))
        scene.sees(fix(HIM, minute * 60 + 20 + ahead, 400), late=late - ahead)
    assert len(scene.alerts("A11")) <= 1


WIDE = 130.0
"""Too wide to reach 0.3 within a hundred metres even on the same spot, and finer than a cell's."""


def test_beside_her_with_an_error_that_can_never_show_it_is_unknown() -> None:
    """P(d < 100 m) stays under 0.3 on the very spot: two minutes of it are not knowing, told once, restarts or not."""
    scene = Scene(order())
    for minute in range(90):
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 10, sigma=WIDE))
        if minute == 1:
            assert scene.state() == "DANGER"
            scene.engine = Engine.load(scene.engine.dump())
    assert scene.state() == "UNKNOWN"
    assert scene.codes() == ["A06", "A11"]
    (alert,) = scene.alerts("A11")
    assert 180 <= alert.decided_at - order().start <= 250
    scene.sees(fix(HER, 5400, 0), fix(HIM, 5405, 10))
    assert scene.codes()[-1] == "A02"


def test_hers_may_be_the_error_that_hides_him() -> None:
    """Two errors that are each fine enough hide him together."""
    scene = Scene(order())
    for minute in range(8):
        scene.sees(fix(HER, minute * 60, 0, sigma=90), fix(HIM, minute * 60 + 5, 10, sigma=90))
    assert scene.codes() == ["A06", "A11"]


def test_two_minutes_of_it_end_with_a_fix_that_could_show_him() -> None:
    """A finer fix now and then, or a distance that no error bridges: nothing of it is told."""
    scene = Scene(order())
    for minute in range(30):
        sigma, away = (60.0 if minute % 2 else WIDE), (250 if minute < 15 else 600)
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, away, sigma=sigma))
    for minute in range(30, 40):
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 600, sigma=WIDE))
    assert scene.alerts("A11") == []
    assert "UNKNOWN" not in scene.shown()


def test_a_place_an_error_can_never_show_him_in_is_unknown() -> None:
    """On the place, with an error three times its radius: A11 after three minutes, and none for one large enough."""
    small, large = circle("small", "zone", 0, radius_m=40), circle("large", "zone", 0, 500, radius_m=300)
    scene = lone(large, small, circle("region", "residence", 0, radius_m=5000))
    report(scene, 0, 600, 20, sigma=80.0)
    (alert,) = scene.alerts("A11")
    assert (alert.reason["rule"], alert.place) == ("place-unknown", "small")
    assert scene.codes() == ["A11"]
    wide = lone(large)
    report(wide, 0, 600, 20, sigma=80.0)
    assert wide.state() == "SAFE"


def test_the_turn_comes_without_a_fix() -> None:
    """Two minutes run on ticks: he need not speak again to be unknown."""
    scene = lone(circle("small", "zone", 0, radius_m=40))
    scene.apply(Carry(order().start, "c-slow", "slow", HIM, 0.0, interval_s=600.0))
    scene.sees(fix(HIM, 0, 20, sigma=80.0))
    scene.tick(119)
    assert scene.state() == "SAFE"
    scene.tick(121)
    assert scene.state() == "UNKNOWN"


def test_who_is_coarse_far_away_is_told_again_after_hours() -> None:
    """A cell two and a half kilometres off comes and goes all day: P1 twice a day, at once when it is half as far."""
    scene = Scene(order())
    for minute in range(360):
        sigma = CELL * 2 if minute // 30 % 2 == 0 else 70.0
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 2300, sigma=sigma))
    assert len(scene.alerts("A11")) == 1
    for minute in range(360, 420):
        sigma = CELL * 2 if minute // 30 % 2 == 0 else 90.0
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 1000, sigma=sigma))
    assert len(scene.alerts("A11")) == 2


def visits(scene: Scene, sigma: float, *stays: tuple[float, float]) -> None:
    """Both report once a minute with errors of ``sigma``; he is ``east`` for so many minutes, stay after stay."""
    at = max(0.0, scene.clock + 1.0)
    for minutes, east in stays:
        for minute in range(int(minutes)):
            scene.sees(fix(HER, at + minute * 60, 0, sigma=sigma), fix(HIM, at + minute * 60 + 7, east, sigma=sigma))
        at += 60.0 * minutes


def test_who_is_unknown_and_comes_clearly_nearer_is_told_again() -> None:
    """Both within 100 m at best: told at 250 m, again within four minutes at 20 m, not there again, and on the next visit."""
    scene = Scene(order())
    visits(scene, 100.0, (25, 250))
    assert len(scene.alerts("A11")) == 1
    visits(scene, 100.0, (4, 20))
    assert len(scene.alerts("A11")) == 2
    assert scene.cleared().count("A11") == 1
    visits(scene, 100.0, (30, 40))
    assert len(scene.alerts("A11")) == 2
    scene.engine = Engine.load(scene.engine.dump())
    visits(scene, 100.0, (20, 250), (4, 20))
    assert len(scene.alerts("A11")) == 3


def test_an_error_that_shows_nobody_at_the_edge_is_not_knowing() -> None:
    """Two claims of 110 m could show him on the spot and never at 85 m: that is told, and so is his way there."""
    scene = Scene(order())
    visits(scene, 73.0, (10, 250), (4, 85))
    assert scene.codes() == ["A06", "A11"]
    visits(scene, 73.0, (10, 85))
    assert scene.codes() == ["A06", "A11", "A11"]


def test_a_small_radius_is_hidden_by_smaller_errors() -> None:
    """Fifty metres and two claims of 65: too fine to be coarse elsewhere, and told here within three minutes."""
    scene = Scene(order(radius_m=50.0))
    visits(scene, 43.0, (10, 300), (4, 10))
    assert scene.codes() == ["A06", "A11"]
    wide = Scene(order())
    visits(wide, 43.0, (10, 300))
    assert wide.codes() == ["A06"]


def test_a_place_comes_nearer_too() -> None:
    """Coarse for hours, he may be in the place all the time: told again when he is where it is."""
    scene = lone()
    report(scene, 0, 3600, 900, sigma=CELL)
    report(scene, 3600, 4200, 20, sigma=CELL)
    assert [a.place for a in scene.alerts("A11")] == ["home", "home"]


def wanders(scene: Scene, hours: float, east: float, sigma: float, hers: float, like: float) -> None:
    """A night of two at rest ``east`` metres apart, receivers that err as they claim, each error so much like the last."""
    his, his_north, her, her_north = (
        noise(like, one, hours, seed) for seed, one in enumerate((sigma, sigma, hers, hers))
    )
    for (at, x), (_, y), (_, u), (_, w) in zip(his, his_north, her, her_north, strict=True):
        scene.sees(fix(HIM, at, east + x, y, sigma=sigma), fix(HER, at + 9, u, w, sigma=hers))


def test_a_cell_far_away_is_told_once_in_a_night() -> None:
    """At rest 1.5 km off with a cell's honest error: its jumps are nobody's steps, and one alert is all there is."""
    scene = Scene(order())
    wanders(scene, 8, 1500, 530.0, 8.0, 0.0)
    assert len(scene.alerts("A11")) == 1


@pytest.mark.parametrize("like", [0.0, 0.9])
@pytest.mark.parametrize("east", [60.0, 250.0, 400.0])
def test_two_at_rest_with_coarse_receivers_are_told_a_few_times(east: float, like: float) -> None:
    """Errors of a hundred metres, alone or lasting ten minutes, all night: four alerts of not knowing at most."""
    scene = Scene(order())
    wanders(scene, 8, east, 100.0, 100.0, like)
    assert 1 <= len(scene.alerts("A11")) <= 4


def test_who_was_never_located_is_told_again_when_that_is_near() -> None:
    """Nobody knew where he was, and the first that is known, coarsely, is two streets away."""
    scene = Scene(order())
    for minute in range(20):
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 300, flags=2))
    assert [a.distance_m for a in scene.alerts("A11")] == [None]
    for minute in range(20, 30):
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 5, 300, sigma=CELL))
    assert len(scene.alerts("A11")) == 2
