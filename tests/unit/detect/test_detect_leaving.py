"""Areas he must stay within: told once, let go slowly, told again after he was truly back, and proven."""

from math import cos, hypot, radians

import pytest
from tests.unit.detect.scene import HIM, T0, Scene, circle, fix, noise, order, point, span

from jikimi.cli.explaining import explain
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fixes, Place, Span
from jikimi.detect.places import Zone
from jikimi.kernel.geodesy import shifted


def home(kind: str = "curfew", radius_m: float = 100.0, *, schedule: list[Span] | None = None) -> Scene:
    """Somebody who must be within a circle."""
    return Scene(order(victim=None, places=[circle("home", kind, 0, radius_m=radius_m)], schedule=schedule))


def go(scene: Scene, *path: float, start: float = 0.0, every: float = 60.0) -> float:
    """He reports from each place in turn; the time after the last."""
    for number, east in enumerate(path):
        scene.sees(fix(HIM, start + every * number, east))
    return start + every * len(path)


@pytest.mark.parametrize("like", [0.0, 0.8, 0.95])
@pytest.mark.parametrize("off", [-15.0, 0.0, 10.0])
@pytest.mark.parametrize("sigma", [7.0, 20.0])
def test_who_lives_at_the_edge_of_his_area_is_not_told_again_and_again(like: float, off: float, sigma: float) -> None:
    """A day of a receiver's noise at the border of his district: once at most, and nothing is proven."""
    corners = [point(-1000, -1000), point(1000, -1000), point(1000, 1000), point(-1000, 1000)]
    scene = Scene(order(victim=None, places=[Place("gu", "residence", polygon=[corners])]))
    for at, error in noise(like, sigma):
        scene.sees(fix(HIM, at, 1000 + off + error, sigma=sigma))
    assert len(scene.alerts("A09")) <= 1
    assert off > 0.0 or scene.alerts(grade="evidence") == []


@pytest.mark.parametrize("restart", [False, True])
def test_a_real_leaving_is_told_at_once_and_again_after_he_was_back(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """At the second fix outside; let go a minute after he is truly back; the next leaving is another."""
    scene = home("residence", 1000.0)
    at = go(scene, 900, 1200, 1300, 1300, 1300)
    assert [a.at - T0 for a in scene.alerts("A09")] == [120]
    at = go(scene, 990, start=at)
    assert scene.cleared() == []
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    at = go(scene, 900, 900, start=at)
    assert scene.cleared() == ["A09"]
    go(scene, 1200, 1300, start=at)
    assert len(scene.alerts("A09")) == 2


def test_who_was_back_by_little_and_leaves_again_is_told_again() -> None:
    """Just inside the edge may be an error, so it is not let go; truly out long after it was told is news all the same."""
    scene = home("residence", 1000.0)
    at = go(scene, 900, 1200, 1300, *[990.0] * 20)
    assert (len(scene.alerts("A09")), scene.cleared()) == (1, [])
    at = go(scene, 1200, start=at)
    assert len(scene.alerts("A09")) == 1
    go(scene, 1200, start=at)
    assert [a.at - T0 for a in scene.alerts("A09")] == [120, at]
    assert scene.cleared() == ["A09"]


def test_a_home_smaller_than_the_error_is_come_back_to_in_ten_minutes() -> None:
    """Nobody can be seen deep within twenty metres; who is in the middle of it for ten minutes is back."""
    scene = home(radius_m=20.0)
    at = go(scene, 0, 500, 500)
    at = go(scene, *[2.0] * 9, start=at)
    assert scene.cleared() == []
    go(scene, *[2.0] * 4, start=at)
    assert scene.cleared() == ["A17"]


def test_the_depth_of_a_shape_is_never_more_than_it_has() -> None:
    """A circle's radius, half a line's width, and for a polygon what its area and its border allow, holes taken out."""
    outer = [point(-300, -300), point(300, -300), point(300, 300), point(-300, 300)]
    hole = [point(-200, -200), point(200, -200), point(200, 200), point(-200, 200)]
    island = [point(900, 0), point(910, 0), point(910, 10), point(900, 10)]
    assert Zone(circle("c", "curfew", 0), banned=False).depth() == 100
    assert Zone(Place("l", "zone", line=outer[:2], margin_m=5.0), banned=False).depth() == 5
    assert Zone(Place("p", "residence", polygon=[outer, island]), banned=False).depth() == pytest.approx(150, abs=1)
    assert 40 < Zone(Place("p", "residence", polygon=[outer, hole], margin_m=1.0), banned=False).depth() <= 51.01


def test_two_sources_let_nobody_back() -> None:
    """Where two devices speak for him, the one at home ends nothing."""
    scene = home()
    at = go(scene, 0, 3000, 3000)
    scene.engine._world.subjects[HIM].split = T0
    go(scene, 5, 5, 5, start=at)
    assert scene.cleared() == []


@pytest.mark.parametrize(
    ("kind", "code", "east"), [("curfew", "A17", 3000.0), ("residence", "A09", 200.0), ("travel", "A09", 3000.0)]
)
@pytest.mark.parametrize("restart", [False, True])
def test_a_leaving_is_proven_by_two_settled_fixes(kind: str, code: str, east: float, restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Evidence grade, for the file: no code and nobody sent, once a leaving; and explained in both languages."""
    scene = home(kind)
    at = go(scene, 0, 0, east, east, east)
    assert scene.alerts(grade="evidence") == []
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    at = go(scene, *[east] * 30, start=at)
    (row,) = scene.alerts(grade="evidence")
    assert (row.code, row.at - T0, row.place, row.reason["rule"]) == (code, 180, "home", "settled-area")
    assert (row.reason["code_112"], row.reason["dispatch"]) == (None, "no")
    assert row.distance_m == pytest.approx(east - 100, abs=1)
    told = explain(row)
    assert told["en"].startswith("Settled fixes prove him outside")
    assert told["en"].endswith("Evidence grade.")
    assert told["ko"].endswith("증거 등급.")
    at = go(scene, *[0.0] * 5, *[east] * 5, start=at)
    scene.tick(at + 200)
    assert len(scene.alerts(grade="evidence")) == 2


def test_a_leaving_that_an_error_may_have_made_is_no_proof() -> None:
    """One fix, an accuracy that is assumed, a doubtful edge, or a time in which nothing binds: nothing for a court."""
    for path, flags in (((0, 3000, 0, 3000, 0), 3), ((0, 3000, 3000, 3000), 1), ((0, 104, 104, 104, 104), 3)):
        scene = home()
        for number, east in enumerate(path):
            scene.sees(fix(HIM, 60 * number, east, flags=7 if flags == 3 else flags))
        scene.tick(900)
        assert scene.alerts(grade="evidence") == []
    free = home(schedule=[span(0, 130)])
    go(free, 0, 0, 3000, 3000, 3000, 3000)
    free.tick(900)
    assert free.alerts(grade="evidence") == []


def test_two_fixes_of_one_moment_prove_no_leaving() -> None:
    """Points of a proof are apart in time."""
    scene = home()
    go(scene, 0, 0)
    scene.sees(fix(HIM, 120, 3000), fix(HIM, 122, 3000))
    go(scene, 0, start=180)
    scene.tick(600)
    assert scene.alerts(grade="evidence") == []


def test_a_short_way_out_is_proven_by_long() -> None:
    """Fifteen metres may be one error of some minutes; an hour of it is none."""
    scene = home()
    at = go(scene, 0, *[115.0] * 50)
    scene.tick(at + 130)
    assert scene.alerts(grade="evidence") == []
    at = go(scene, *[115.0] * 15, start=at + 180)
    scene.tick(at + 130)
    assert len(scene.alerts(grade="evidence")) == 1


def test_a_second_leaving_of_a_small_home_is_proven_by_itself() -> None:
    """Nobody is seen deep within twenty metres; who was in it for a quarter of an hour and left again has left again."""
    scene = home(radius_m=20.0)
    at = go(scene, 0, *[500.0] * 20, *[15.0] * 5, *[500.0] * 3, *[15.0] * 15, *[500.0] * 5)
    scene.tick(at + 130)
    rows = scene.alerts(grade="evidence")
    assert [row.at - T0 for row in rows] == [120, 60 * 45]


def test_every_night_is_proven_by_itself() -> None:
    """Out in two hours that count, with hours between them in which he was not asked: two rows."""
    scene = home(schedule=[span(0, 1000), span(9000, 20_000)])
    go(scene, 0, *[3000.0] * 10)
    scene.tick(9000)
    go(scene, *[3000.0] * 10, start=9060)
    scene.tick(10_000)
    assert len(scene.alerts(grade="evidence")) == 2


def test_the_order_of_arrival_changes_no_proof_of_a_leaving() -> None:
    """The same rows, whichever fix came first."""
    fixes = [fix(HIM, at, 3000 if at > 20 else 0) for at in range(0, 100, 10)]
    rows = []
    for shuffled in (fixes, fixes[::-1], fixes[5:] + fixes[:5]):
        scene = home()
        scene.tick(99)
        for each in shuffled:
            scene.apply(Fixes(T0 + 99, [each]))
        scene.tick(900)
        rows.append([(a.alert, a.at) for a in scene.alerts(grade="evidence")])
    assert rows[0] == rows[1] == rows[2]
    assert len(rows[0]) == 1


@pytest.mark.parametrize("late", [600.0, 20_000.0])
@pytest.mark.parametrize("kind", ["curfew", "residence"])
def test_a_leaving_that_comes_late_is_told_in_retrospect(kind: str, late: float) -> None:
    """Once a stretch, for a supervisor; at the edge, and where nothing bound, never."""
    scene = home(kind, schedule=[span(0, 300)])
    scene.tick(late)
    for at, east in ((0, 0), (60, 110), (120, 3000), (180, 3000), (200, 3000), (360, 3000)):
        scene.apply(Fixes(T0 + late, [fix(HIM, at, east)]))
    scene.tick(late + 60)
    (row,) = scene.alerts(grade="retrospective")
    assert (row.code, row.reason["rule"], row.at - T0, row.reason["dispatch"]) == ("A26", "late-area", 120, "task")
    assert "outside the area" in explain(row)["en"]


def test_a_secret_area_tells_no_distance() -> None:
    """Neither proof nor what came late says how far he was from it."""
    place = Place("opaque", "curfew", *point(0), 100.0, secret=True)
    scene = Scene(order(victim=None, places=[place]))
    go(scene, 0, 3000, 3000, 3000)
    scene.tick(4000)
    scene.sees(fix(HIM, 1000, 3000), late=2900.0)
    rows = scene.alerts(grade="evidence") + scene.alerts(grade="retrospective")
    assert [a.reason["rule"] for a in rows] == ["settled-area", "late-area"]
    for row in rows:
        assert (row.distance_m, row.sigma_m, row.reason["outside_m"]) == (None, None, None)


def test_what_is_proven_of_a_place_says_nothing_of_where_she_is_by_now() -> None:
    """Rows of evidence are the same however fixes arrive: hers of a later time is no part of them."""
    scene = Scene(order(places=[circle("home", "home", 0), circle("gu", "residence", 5000, radius_m=900.0)]))
    scene.stand(0, 400, (20, 0), (9000, 0))
    rows = scene.alerts(grade="evidence")
    assert {row.reason["rule"] for row in rows} == {"settled-place", "settled-area"}
    assert [row.victim for row in rows] == [None, None]


@pytest.mark.parametrize("share", [0.1, 0.37, 0.5, 0.62, 0.9])
@pytest.mark.parametrize(("metres", "outside"), [(-500.0, False), (-60.0, False), (60.0, True), (500.0, True)])
def test_a_border_of_four_degrees_is_straight_in_degrees(share: float, metres: float, outside: bool) -> None:  # noqa: FBT001
    """A country drawn with one long side: who is 60 m inside of it is inside, and the distance told is right to a few metres."""
    ring = [(126.0, 34.0), (130.0, 38.0), (126.0, 38.0)]
    lon, lat = 126.0 + 4.0 * share, 34.0 + 4.0 * share
    away = metres / hypot(1.0, cos(radians(lat)))
    zone = Zone(Place("land", "travel", polygon=[ring]), banned=False)
    edge = zone.edge(*shifted(lon, lat, away, -away * cos(radians(lat))))
    assert (edge > 0.0) is outside
    assert edge == pytest.approx(metres, abs=0.03 * abs(metres) + 2.0)
