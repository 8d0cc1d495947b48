"""Going together, staying, passing again, breaches told again, ways that cross between two fixes."""

from random import Random

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, fix, order

from jikimi.detect.decisions import Pace
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fix


def walk(scene: Scene, start: float, end: float, apart: float, speed: float = 1.4, every: float = 30.0) -> None:
    """Both walk east side by side, ``apart`` metres from each other."""
    at = start
    while at < end:
        scene.sees(fix(HER, at, speed * at))
        scene.sees(fix(HIM, at + 1, speed * (at + 1), apart))
        at += every


def test_going_together_is_the_highest_alarm() -> None:
    """Three minutes side by side on foot is A10, P0, once, and never peace."""
    scene = Scene(order())
    walk(scene, 0, 600, 5)
    (alert,) = scene.alerts("A10")
    assert (alert.reason["priority"], alert.reason["rule"], alert.attribution) == ("P0", "co-moving", "CO_MOVING")
    assert isinstance(alert.reason["together_s"], float)
    assert alert.reason["together_s"] >= 180
    walk(scene, 600, 900, 400)
    assert "A10" in scene.cleared()


@pytest.mark.parametrize(("every", "sigma"), [(5.0, 7.0), (5.0, 17.0), (10.0, 10.0), (15.0, 10.0)])
@pytest.mark.parametrize("restart", [True, False])
def test_going_together_is_seen_however_often_they_report(every: float, sigma: float, restart: bool) -> None:  # noqa: FBT001
    """A step of five seconds is less than its error; over half a minute and more it is a way gone together."""
    scene = Scene(order())
    for at in range(0, 600, int(every)):
        scene.sees(fix(HER, at, 1.4 * at, sigma=sigma))
        scene.sees(fix(HIM, at + 2, 1.4 * at + 2.8, 5, sigma=sigma))
        if restart:
            scene.engine = Engine.load(scene.engine.dump())
    (alert,) = scene.alerts("A10")
    assert 180 <= alert.decided_at - T0 <= 300


@pytest.mark.parametrize(("behind", "speed"), [(450.0, 25.0), (150.0, 8.0)])
@pytest.mark.parametrize(("his", "hers", "later"), [(60, 60, 23), (60, 10, 3), (10, 10, 0)])
def test_who_drives_on_the_same_road_is_not_with_her(
    behind: float, speed: float, his: int, hers: int, later: int
) -> None:  # fmt: skip
    """A quarter of an hour behind her at the same distance, as a bus or another car: no A10; in her car it is within minutes."""
    for gap, told in ((behind, 0), (0.0, 1)):
        scene = Scene(order())
        for at in range(900):
            if at % hers == 0:
                scene.sees(fix(HER, at, speed * at))
            if at % his == later:
                scene.sees(fix(HIM, at, speed * at - gap))
        assert len(scene.alerts("A10")) == told


@pytest.mark.parametrize(("his", "hers"), [(60, 60), (120, 10), (60, 10), (120, 120)])
def test_a_bus_that_stops_takes_nobody_apart(his: int, hers: int) -> None:
    """Both on one bus that stops for half a minute every hundred seconds, however often either reports: A10."""
    scene = Scene(order())
    for at in range(1200):
        way = 10.0 * (70 * (at // 100) + min(70, at % 100))
        if at % hers == 0:
            scene.sees(fix(HER, at, way))
        if at % his == his // 3:
            scene.sees(fix(HIM, at, way + 3))
    assert len(scene.alerts("A10")) == 1


def test_noise_beside_her_is_no_way_gone_together() -> None:
    """Hours at one table with receivers that wander every five seconds, and one wild fix: a breach, no abduction."""
    scene, chance = Scene(order()), Random(5)
    for at in range(0, 7200, 5):
        scene.sees(fix(HER, at, chance.gauss(0, 7), chance.gauss(0, 7)))
        scene.sees(fix(HIM, at + 2, chance.gauss(5, 7), chance.gauss(0, 7)))
    assert "A02" in scene.codes()
    assert "A10" not in scene.codes()


def test_a_wild_fix_on_the_way_begins_nothing_anew() -> None:
    """One fix of his fifty metres off: still the same way; who turns off or stops does not go on together."""
    scene = Scene(order())
    for at in range(0, 300, 10):
        scene.sees(fix(HER, at, 1.4 * at), fix(HIM, at, 1.4 * at, 45.0 if at == 120 else 5.0))
    assert len(scene.alerts("A10")) == 1
    stops = Scene(order())
    for at in range(0, 900, 10):
        stops.sees(fix(HER, at, 1.4 * min(at, 120)), fix(HIM, at, 1.4 * min(at, 120), 5.0))
    assert stops.alerts("A10") == []


def test_sitting_together_is_not_going_together() -> None:
    """Without movement there is a breach and no abduction."""
    scene = Scene(order())
    scene.stand(0, 900, (10, 0), (0, 0), every=30)
    assert "A02" in scene.codes()
    assert "A10" not in scene.codes()


def test_who_comes_near_and_stays_is_a_task() -> None:
    """Walking to 600 m and parking there for ten minutes is A19, a task; having always been there is nothing."""
    scene = Scene(order())
    for minute in range(30):
        scene.sees(fix(HER, 60 * minute, 0))
        scene.sees(fix(HIM, 60 * minute + 30, max(600, 1900 - 80 * minute)))
    for minute in range(30, 45):
        scene.sees(fix(HER, 60 * minute, 0))
        scene.sees(fix(HIM, 60 * minute + 30, 600))
    (alert,) = scene.alerts("A19")
    assert (alert.reason["rule"], alert.reason["dispatch"]) == ("loitering", "task")
    still = Scene(order())
    still.stand(0, 3600, (600, 0), (0, 0))
    assert still.alerts("A19") == []


def test_who_came_and_walks_about_is_still_the_one_who_came() -> None:
    """He paces up and down for a quarter of an hour before he stays: ten minutes at rest after that are A19."""
    scene = Scene(order())
    for minute in range(50):
        pacing = 40 * (minute % 2) if 18 <= minute < 35 else 0
        scene.sees(fix(HER, 60 * minute, 0))
        scene.sees(fix(HIM, 60 * minute + 30, max(600, 1900 - 80 * minute) + pacing))
    assert [a.reason["rule"] for a in scene.alerts("A19")] == ["loitering"]
    assert scene.alerts("A19")[0].at - T0 > 44 * 60


def test_the_third_pass_in_a_week_is_a_task() -> None:
    """Each pass is told as it is; the third within seven days also says that it is the third."""
    scene = Scene(order())
    for day in range(3):
        begin = 86_400.0 * day
        scene.sees(fix(HER, begin, 0))
        for step in range(20):
            scene.sees(fix(HER, begin + 60 * step + 59, 0))
            scene.sees(fix(HIM, begin + 60 * step + 60, 2500 - 250 * step, 300))
    (alert,) = [a for a in scene.alerts("A19") if a.reason["rule"] == "repeated-pass"]
    assert alert.reason["passes"] == 3
    assert alert.at > T0 + 2 * 86_400


@pytest.mark.parametrize("wild", ["one position", "its own word"])
def test_who_never_moved_is_not_named_as_the_one_who_came(wild: str) -> None:
    """He stands at home and reports every five seconds, once as if he ran; she comes to 700 m and stays: no task on him."""
    scene = Scene(order())
    for at in range(0, 2400, 5):
        if at % 60 == 0:
            scene.sees(fix(HER, at, max(700, 1900 - 4 * at)))
        odd = at == 200
        where = fix(HIM, at + 1, 45 if odd and wild == "one position" else 0)
        said = Fix(HIM, where.t, where.lon, where.lat, 7.0, 1, 3, 4.0, 90.0)
        scene.sees(said if odd and wild == "its own word" else where)
    assert scene.state() == "NOTICE"
    assert scene.alerts("A19") == []


def test_who_never_moved_did_not_pass_three_times() -> None:
    """She walks past his door three times, and each time his receiver says for a moment that he runs to her."""
    scene = Scene(order())
    for at in range(0, 5400, 5):
        if at % 30 == 0:
            scene.sees(fix(HER, at, abs(1300 - 1.5 * (at % 1800)), 300))
        where = fix(HIM, at + 1, 0)
        scene.sees(Fix(HIM, where.t, where.lon, where.lat, 7.0, 1, 3, 2.0, 0.0))
    assert "A06" in scene.codes()
    assert scene.alerts("A19") == []


def test_a_breach_after_a_gap_is_told_again() -> None:
    """The episode was open when both fell silent; coming back inside an hour later is told, not swallowed."""
    scene = Scene(order())
    scene.stand(0, 300, (50, 0), (0, 0))
    scene.tick(3600)
    scene.stand(3660, 3900, (50, 0), (0, 0))
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["ring", "renewed"]
    assert len({a.alert for a in scene.alerts("A02")}) == 2


def test_a_breach_goes_on_after_one_of_them_was_away() -> None:
    """Parked side by side for hours; after each stretch over two minutes of which one is not known, it is told again."""
    scene = Scene(order())
    for at in range(0, 3600, 50):
        scene.sees(fix(HER, at, 0))
        if not 1500 < at < 1650:
            scene.sees(fix(HIM, at + 25, 30))
    assert [a.at - T0 for a in scene.alerts("A02")] == [25, 1675]


def test_who_passes_by_is_told_when_a_second_point_says_so() -> None:
    """One point at 450 m of two who were known to be a kilometre apart asks for more points; the second is A06."""
    for second, told in ((450, ["A06"]), (700, [])):
        scene = Scene(order())
        scene.stand(0, 120, (900, 450), (0, 0))
        scene.sees(fix(HIM, 160, 0, 450))
        assert (scene.codes(), scene.state()) == (["A08"], "DANGER")
        assert [d.interval_s for d in scene.said if isinstance(d, Pace)][-1] == 5
        scene.sees(fix(HIM, 175, 0, second))
        assert scene.codes() == ["A08", *told]
        scene.sees(fix(HIM, 190, 0, second))
        assert scene.codes() == ["A08", *told]


def test_who_parks_at_the_edge_is_told_once() -> None:
    """Eight hours at 110 m, with the noise of a receiver: no evidence, and not an alarm every ten minutes."""
    scene = Scene(order())
    for minute in range(480):
        off = 12.0 * ((minute * 7919) % 11 - 5) / 5
        scene.sees(fix(HER, 60 * minute, 0, sigma=15))
        scene.sees(fix(HIM, 60 * minute + 30, 110 + off, sigma=15))
    assert len([a for a in scene.alerts() if a.reason["priority"] in {"P0", "P1"}]) <= 3
    assert scene.alerts("A02", grade="evidence") == []


def test_a_way_through_the_radius_between_two_fixes_is_a_breach() -> None:
    """Both report every two minutes and neither inside; walking past each other at 20 m was inside for a minute."""
    scene = Scene(order())
    for turn in range(3):
        at = 120.0 * turn
        scene.sees(fix(HER, at, 0))
        scene.sees(fix(HIM, at + 1, -240 + 240 * turn if turn != 1 else -125, 20))
    scene.sees(fix(HIM, 361, 370, 20))
    assert "A02" in scene.codes()


@pytest.mark.parametrize(("his", "hers"), [(120, 10), (120, 5), (60, 10), (120, 120), (60, 60)])
@pytest.mark.parametrize("restart", [True, False])
def test_her_fixes_cut_no_way_of_his_short(his: int, hers: int, restart: bool) -> None:  # noqa: FBT001
    """From 120 m on one side of her to as much on the other between two fixes of his, however often she reports: told once."""
    scene = Scene(order())
    for at in range(0, 1200, 5):
        if at % hers == 0:
            scene.sees(fix(HER, at, 0))
        if at % his == 0:
            scene.sees(fix(HIM, at + 3, -120.0 if at < 600 else 120.0))
        if restart:
            scene.engine = Engine.load(scene.engine.dump())
    assert [(a.reason["rule"], a.at - T0) for a in scene.alerts("A02")] == [("between-fixes", 603)]


def test_her_way_between_two_fixes_of_his_is_hers() -> None:
    """He stands 150 m beside her way and reports every two minutes; she goes by, and stops, or turns before him: no breach."""
    for turns in (True, False):
        scene = Scene(order())
        for at in range(0, 1200, 10):
            north = abs(600 - at) if turns else max(0.0, 600.0 - at)
            scene.sees(fix(HER, at, 0, north + (120 if turns else 0)))
            if at % 120 == 0:
                scene.sees(fix(HIM, at + 3, 150 if not turns else 0))
        assert scene.alerts("A02") == []


def test_a_breach_told_is_not_told_again_by_the_way_between_two_fixes() -> None:
    """She goes past him with a fix every ten seconds, told as she comes within the radius; his next fix shows the same."""
    scene = Scene(order())
    for at in range(0, 900, 10):
        scene.sees(fix(HER, at, 1.4 * (at - 400), 30))
        if at % 180 == 0:
            scene.sees(fix(HIM, at + 3, 0))
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["ring"]


def test_a_train_past_her_is_no_breach() -> None:
    """Sixty metres a second past her at 80 m: three seconds inside is nobody's dispatch to the scene."""
    scene = Scene(order())
    for turn in range(6):
        scene.sees(fix(HER, 60 * turn, 0))
        scene.sees(fix(HIM, 60 * turn + 1, -9000 + 3600 * turn, 80))
    assert "A02" not in scene.codes()


def test_both_are_asked_to_report_more_often_when_near() -> None:
    """The ring decides: sixty seconds apart from each other, thirty at WATCH, five at DANGER, and slower again after."""
    scene = Scene(order())
    scene.stand(0, 180, (1800, 0), (0, 0))
    scene.stand(180, 300, (400, 0), (0, 0))
    scene.stand(300, 1200, (4000, 0), (0, 0))
    asked = [d for d in scene.said if isinstance(d, Pace)]
    assert [d.interval_s for d in asked][:2] == [30.0, 5.0]
    assert asked[-1].interval_s == pytest.approx(60.0)
    assert all(d.subjects == [HIM, HER] for d in asked)


@pytest.mark.parametrize(("away", "sigma"), [(20.0, 80.0), (60.0, 43.0), (110.0, 130.0)])
def test_two_at_rest_with_coarse_receivers_never_go_together(away: float, sigma: float) -> None:
    """Of the thousands of legs of a night some look like a way; none of them leads anywhere."""
    chance, scene = Random(4), Scene(order())
    for at in range(0, 8 * 3600, 15):
        scene.sees(fix(HER, at, chance.gauss(0, sigma), chance.gauss(0, sigma), sigma=sigma))
        scene.sees(fix(HIM, at + 5, away + chance.gauss(0, sigma), chance.gauss(0, sigma), sigma=sigma))
    assert scene.alerts("A10") == []
