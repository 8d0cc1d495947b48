"""Guarded places: homes, zones, polygons; she need not be there, and no distance to a secret one is told."""

import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, noise, order, point

from jikimi.cli.explaining import explain
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fixes, Place
from jikimi.detect.places import Zone
from jikimi.detect.probability import Threshold


def square(half: float, east: float = 0.0) -> list[tuple[float, float]]:
    """A square ring of ``half`` metres around a point."""
    corners = ((-half, -half), (half, -half), (half, half), (-half, half))
    return [point(east + x, y) for x, y in corners]


def walk(scene: Scene, *steps: tuple[float, float], every: float = 60.0) -> None:
    """He reports from each step in turn."""
    for number, (east, north) in enumerate(steps):
        scene.sees(fix(HIM, every * number, east, north))


def test_a_banned_home_is_guarded_without_her() -> None:
    """Within a kilometre of her banned home 112 is notified, inside it is a breach, wherever she is."""
    scene = Scene(order(victim="nobody", places=[circle("home-1", "home", 0)]))
    walk(scene, (3000, 0), (900, 0), (700, 0), (50, 0))
    assert [(a.code, a.place, a.state) for a in scene.alerts("A07", "A02")] == [
        ("A07", "home-1", "NOTICE"), ("A02", "home-1", "BREACH"),
    ]  # fmt: skip
    assert scene.alerts("A02")[0].distance_m == pytest.approx(50, abs=1)


def test_a_secret_place_tells_no_distance() -> None:
    """A shelter's alert carries its opaque id and nothing that measures it."""
    scene = Scene(order(victim=None, places=[circle("opaque", "shelter", 0)]))
    walk(scene, (300, 0), (50, 0))
    for alert in scene.alerts():
        assert (alert.place, alert.distance_m, alert.sigma_m) == ("opaque", None, None)
        assert not {"distance_m", "edge_m", "radius_m"} & set(alert.reason)


def test_an_exclusion_zone_is_a09_with_no_notice() -> None:
    """Other kinds of place raise A09 on entry and nothing before."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    walk(scene, (800, 0), (300, 0), (50, 0))
    assert scene.codes() == ["A09"]


def test_the_whole_way_between_fixes_counts() -> None:
    """Driving through between two fixes is an entry, even with both fixes outside."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    walk(scene, (600, 0), (-600, 0))
    (alert,) = scene.alerts("A09")
    assert alert.reason["rule"] == "place-crossed"


def test_passing_beside_is_no_entry() -> None:
    """A way that stays beyond the edge raises nothing."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    walk(scene, (600, 200), (-600, 200))
    assert scene.codes() == []


def test_leaving_and_coming_back() -> None:
    """A place is left after 60 s beyond its margin; another entry is another episode."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    walk(scene, (50, 0), (150, 0), (350, 0), (350, 0), (350, 0), (50, 0))
    assert scene.cleared() == ["A09"]
    assert scene.codes() == ["A09", "A09"]


def test_breach_of_home_and_of_her_is_one_alert() -> None:
    """At her home with her inside is one A02; it is over when both are."""
    scene = Scene(order(places=[circle("home", "home", 0)]))
    scene.stand(0, 120, (50, 0), (0, 0))
    assert scene.codes().count("A02") == 1
    scene.stand(120, 300, (450, 0), (0, 0), every=30)
    assert scene.cleared() == ["A02"]


def test_a_polygon_with_a_hole_and_a_margin() -> None:
    """Inside the ring is in, inside the hole is out, and the margin widens both edges."""
    rings = [square(500), square(200)]
    zone = Zone(Place("p", "zone", polygon=rings, margin_m=50.0), banned=False)
    assert zone.edge(*point(350, 0)) < 0
    assert zone.edge(*point(0, 0)) == pytest.approx(150, abs=1)
    assert zone.edge(*point(170, 0)) < 0
    assert zone.edge(*point(700, 0)) == pytest.approx(150, abs=1)
    assert zone.nearest(point(-900, 0), point(900, 0)) < 0
    assert zone.nearest(point(-900, 700), point(900, 700)) == pytest.approx(150, abs=2)
    assert zone.nearest(point(-900, 1400), point(1400, -900)) < 0
    assert zone.nearest(point(300, 0), point(310, 0)) < 0
    assert zone.within(Threshold(0.3), 5.0, 0.0, 7.0) is False
    assert zone.within(Threshold(0.3), 3.0, 0.0, 7.0) is True


def test_a_polygon_is_guarded() -> None:
    """A polygon zone raises like a circle."""
    place = Place("p", "zone", polygon=[square(300)], margin_m=0.0)
    scene = Scene(order(victim=None, places=[place]))
    walk(scene, (2000, 0), (900, 0), (100, 0))
    assert scene.codes() == ["A09"]


def test_already_inside_a_place_when_the_order_comes() -> None:
    """A place added by a new version counts at once; one removed lets go."""
    scene = Scene(order(victim=None))
    walk(scene, (50, 0), (50, 0))
    scene.apply(order(version=2, received_t=scene.engine._world.now + 1, victim=None, places=[circle("z", "zone", 0)]))
    assert scene.codes() == ["A09"]
    scene.apply(
        order(version=3, received_t=scene.engine._world.now + 1, victim=None, places=[circle("z", "zone", 9000)])
    )
    assert scene.cleared() == ["A09"]


def test_the_order_ends_and_its_places_with_it() -> None:
    """With no order binding, nothing at a place is raised or stays open."""
    scene = Scene(order(victim=None, end=order().start + 100, places=[circle("z", "zone", 0)]))
    walk(scene, (50, 0))
    scene.tick(101)
    assert scene.cleared() == ["A09"]
    scene.sees(fix(HIM, 120, 40))
    assert scene.codes() == ["A09"]


def test_one_place_of_two_orders_is_one_line() -> None:
    """The same place in two orders leads with the widest."""
    place = circle("home", "home", 0)
    scene = Scene(order("a", places=[place]), order("b", radius_m=200.0, places=[place]))
    walk(scene, (700, 0))
    (alert,) = scene.alerts("A07")
    assert (alert.order, alert.also_orders) == ("b", ["a"])


def test_a_coarse_fix_is_no_entry_by_itself() -> None:
    """A cell fix on the very spot cannot say he is inside a hundred metres."""
    scene = Scene(order(victim=None, places=[circle("z", "zone", 0)]))
    scene.sees(fix(HIM, 0, 0, sigma=600))
    assert scene.codes() == []


def test_settled_fixes_inside_are_evidence() -> None:
    """Two settled fixes inside, apart in time, make one row of evidence grade; one does not."""
    scene = Scene(order(victim=None, places=[circle("z", "zone", 0)]))
    walk(scene, (20, 0), (20, 0), (20, 0), (150, 0), (900, 0), (900, 0), (900, 0), (20, 0))
    scene.tick(900)
    rows = scene.alerts(grade="evidence")
    assert [(a.code, a.place) for a in rows] == [("A09", "z")]
    assert rows[0].at == rows[0].decided_at - 121


HOME = circle("home", "home", 0)


@pytest.mark.parametrize(
    ("hers", "sigma", "code"), [(9000.0, 7.0, 1), (1500.0, 7.0, 0), (9000.0, 3000.0, 0), (None, 7.0, 0)]
)
def test_her_home_entered_while_she_is_surely_elsewhere_is_code_one(
    hers: float | None, sigma: float, code: int
) -> None:
    """He may break in and wait: dispatched, and she is not there. Near, coarsely placed or unknown, she may be: Code 0."""
    scene = Scene(order(places=[HOME]))
    for at in (0, 60):
        if hers is not None:
            scene.sees(fix(HER, at, hers, sigma=sigma))
        scene.sees(fix(HIM, at + 1, 4000 if at == 0 else 30))
    (alert,) = scene.alerts("A02")
    assert (alert.place, alert.reason["priority"], alert.reason["dispatch"]) == ("home", "P0", "yes")
    assert alert.reason["code_112"] == code
    assert ("place_only" in alert.reason) is (code == 1)


@pytest.mark.parametrize("restart", [False, True])
def test_she_comes_home_while_he_waits(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Told as the place's alone; the moment she is near it, or nobody can say where she is, it is told anew with Code 0.

    When they meet it is told of her.
    """
    scene = Scene(order(places=[HOME]))
    scene.sees(fix(HER, 0, 9000), fix(HIM, 1, 30))
    scene.sees(fix(HER, 60, 5500), fix(HIM, 61, 30))
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    scene.sees(fix(HER, 120, 1900), fix(HIM, 121, 30))
    assert [(a.at - T0, a.reason["code_112"]) for a in scene.alerts("A02")] == [(1, 1), (121, 0)]
    scene.sees(fix(HER, 180, 20), fix(HIM, 181, 30))
    assert [(a.place, a.at - T0) for a in scene.alerts("A02")][2:] == [(None, 180)]
    lost = Scene(order(places=[HOME]))
    lost.sees(fix(HER, 0, 9000), fix(HIM, 1, 30))
    for at in range(61, 400, 60):
        lost.sees(fix(HIM, at, 30))
    assert [a.reason["code_112"] for a in lost.alerts("A02")] == [1, 0]


def test_a_breach_of_her_is_never_swallowed_by_one_of_an_empty_place() -> None:
    """He was at her empty home and is found beside her: her own alert, with Code 0."""
    scene = Scene(order(places=[HOME]))
    scene.sees(fix(HER, 0, 3000), fix(HIM, 1, 30))
    scene.sees(fix(HER, 60, 3000), fix(HIM, 61, 1500), fix(HIM, 90, 2950))
    assert [(a.place, a.reason["code_112"]) for a in scene.alerts("A02")] == [("home", 1), (None, 0)]


def test_a_second_source_of_hers_is_no_elsewhere() -> None:
    """An unproven word of hers after the proven one: where she is is not sure."""
    scene = Scene(order(places=[HOME]))
    scene.sees(fix(HER, 0, 9000), fix(HER, 30, 8000, flags=1), fix(HIM, 31, 30))
    assert scene.alerts("A02")[0].reason["code_112"] == 0


def overtaken(zone: Place, *behind: tuple[float, float]) -> Scene:
    """He walks past at a distance; fixes of the meantime (seconds, metres east) come behind the newest, at 170 s."""
    scene = Scene(order(victim=None, places=[zone]))
    for at in (0.0, 60.0, 160.0):
        scene.sees(fix(HIM, at, 900))
    for at, east in behind:
        scene.apply(Fixes(T0 + 170, [fix(HIM, at, east)]))
    return scene


@pytest.mark.parametrize(("kind", "code"), [("zone", "A09"), ("home", "A02")])
def test_a_fix_inside_that_comes_behind_a_newer_one_is_told(kind: str, code: str) -> None:
    """A fix within the live time tells of a place he was in, where he was then, though a newer one came first."""
    scene = overtaken(circle("place", kind, 0), (100, 20), (110, 25))
    (told,) = scene.alerts(code)
    assert (told.at, told.place, told.state) == (T0 + 100, "place", "BREACH")
    assert told.offender is not None
    assert told.offender.t == T0 + 100
    for at in (180, 240, 300):
        scene.sees(fix(HIM, at, 2500))
    assert code in scene.cleared()


def test_a_stay_let_go_is_not_told_again_by_a_fix_of_it() -> None:
    """Once an episode: what arrives after it was told and left belongs to it, restarts or not."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    for at, east in ((0, 20), (60, 400), (125, 800)):
        scene.sees(fix(HIM, at, east))
    assert scene.cleared() == ["A09"]
    scene.engine = Engine.load(scene.engine.dump())
    scene.apply(Fixes(T0 + 126, [fix(HIM, 30, 50)]))
    assert scene.codes() == ["A09"]


def test_a_fix_behind_raises_only_what_binds() -> None:
    """Too old for the live lane, outside its hours, or on a way the court allowed: nothing is told by it."""
    assert overtaken(circle("zone", "zone", 0), (30, 20)).codes() == []
    ended = Scene(order(victim=None, end=T0 + 90, places=[circle("zone", "zone", 0)]))
    for at in (0.0, 60.0, 160.0):
        ended.sees(fix(HIM, at, 900))
    ended.apply(Fixes(T0 + 170, [fix(HIM, 100, 20)]))
    assert ended.codes() == []
    way = Place("way", "corridor", line=[point(-900), point(900)], margin_m=40)
    passing = Scene(order(victim=None, places=[circle("zone", "zone", 0), way]))
    for at in (0, 60, 160):
        passing.sees(fix(HIM, at, 900))
    passing.apply(Fixes(T0 + 170, [fix(HIM, 100, 20)]))
    assert passing.codes() == []


def test_every_kind_of_place_is_listed_once() -> None:
    """What is ordered is of a kind the rules know: banned, an area, a way through, or a zone."""
    kinds = RULES.places.kinds
    assert {"home", "work", "school", "shelter", "residence", "travel", "curfew", "corridor", "zone"} <= set(kinds)
    assert len(set(kinds)) == len(kinds)


def by_the_minute(scene: Scene, him: list[float], her: list[float] | None = None) -> None:
    """Each says once a minute how far east of her home they are."""
    for minute, east in enumerate(him):
        scene.sees(fix(HIM, 60 * minute, east))
        if her is not None:
            scene.sees(fix(HER, 60 * minute + 20, 0, her[minute]))


@pytest.mark.parametrize("away", [450.0, 900.0, 1900.0])
@pytest.mark.parametrize("restart", [False, True])
def test_who_waits_in_her_home_is_told_of_again_when_she_comes(away: float, restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Her home was told while she was near by; that he is beside her now is told of her, as P0 and Code 0."""
    scene = Scene(order(places=[HOME]))
    by_the_minute(scene, [1500.0, 1000.0, 500.0, 30.0] + [30.0] * 60, [away] * 64)
    assert [a.place for a in scene.alerts("A02")] == ["home"]
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    for minute in range(30):
        at = 3840 + 60 * minute
        scene.sees(fix(HIM, at, 30), fix(HER, at + 20, 0, max(0.0, away - 80 * minute)))
    told = scene.alerts("A02")[1:]
    assert [(a.place, a.reason["priority"], a.reason["code_112"]) for a in told] == [(None, "P0", 0)]
    assert told[0].distance_m is not None
    assert told[0].distance_m < 150


def test_her_home_entered_while_she_is_in_it_is_one_breach() -> None:
    """Her receiver puts her aside, so the home is reached a fix before she is: told once, and that she is there."""
    scene = Scene(order(places=[HOME]))
    by_the_minute(scene, [900.0, 600.0, 300.0, 98.0, 40.0, *[10.0] * 25], [60.0] * 30)
    (alert,) = scene.alerts("A02")
    assert (alert.place, alert.reason["rule"], alert.reason["code_112"]) == ("home", "place-with-her", 0)


def test_what_is_told_again_of_her_is_no_part_of_what_was_told_before() -> None:
    """He left her and comes again a quarter of an hour later, into her home first: she is told of anew."""
    scene = Scene(order(places=[HOME]))
    steps = [
        (600.0, 150.0),
        (400.0, 150.0),
        *[(180.0, 150.0)] * 3,
        *[(310.0, 150.0)] * 15,
        (95.0, -60.0),
        (20.0, -60.0),
    ]
    for minute, (his, hers) in enumerate(steps):
        scene.sees(fix(HER, 60 * minute, hers), fix(HIM, 60 * minute + 20, his))
    assert [(a.place, a.reason["rule"]) for a in scene.alerts("A02")] == [(None, "ring"), ("home", "place-with-her")]


def test_a_place_is_told_beside_an_old_breach_of_her() -> None:
    """He was beside her elsewhere and her device fell silent; that he then enters her home is news."""
    scene = Scene(order(places=[HOME]))
    scene.stand(0, 300, (5020, 0), (5000, 0))
    for minute in range(15):
        scene.sees(fix(HIM, 300 + 60 * minute, max(20.0, 5020 - 600 * minute)))
    assert [a.place for a in scene.alerts("A02")] == [None, "home"]


def test_two_places_he_enters_at_once_are_one_breach() -> None:
    """A home within a school's ground is told once; the school he goes on to half an hour later is told."""
    school = circle("school", "school", 160)
    both = Scene(order(victim=None, places=[HOME, circle("same", "school", 10)]))
    by_the_minute(both, [900.0, 20.0, 20.0])
    assert [a.place for a in both.alerts("A02")] == ["home"]
    one = Scene(order(victim=None, places=[HOME, school]))
    by_the_minute(one, [900.0, *[-20.0] * 30, 80.0, 150.0])
    assert [a.place for a in one.alerts("A02")] == ["home", "school"]


@pytest.mark.parametrize(("kind", "code"), [("home", "A02"), ("zone", "A09")])
@pytest.mark.parametrize("out", [150.0, 190.0])
@pytest.mark.parametrize("restart", [False, True])
def test_who_left_a_place_by_little_and_comes_in_again_is_told_again(
    kind: str, code: str, out: float, restart: bool  # noqa: FBT001 - a parameter
) -> None:  # fmt: skip
    """Half an hour 50 m beyond its edge is outside; entering anew is told and proven, as the first time."""
    scene = Scene(order(victim=None, places=[circle("place", kind, 0)]))
    way = [900.0, 500.0, 100.0, *[20.0] * 5, 90.0, *[out] * 30]
    by_the_minute(scene, way)
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    for minute, east in enumerate((90.0, 20.0, 20.0, 20.0, 20.0)):
        scene.sees(fix(HIM, 60 * (len(way) + minute), east))
    scene.tick(60 * (len(way) + 10))
    assert [a.reason["rule"] for a in scene.alerts(code)] == ["place-entered"] * 2
    assert len(scene.alerts(code, grade="evidence")) == 2


def test_a_step_out_is_not_told_again() -> None:
    """Back within ten minutes, or out for one fix alone: the same stay."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    by_the_minute(scene, [900.0, 20.0, 150.0, 150.0, 20.0, 20.0])
    assert scene.codes() == ["A09"]
    other = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    by_the_minute(other, [900.0, *[20.0] * 20, 150.0, *[20.0] * 20])
    assert other.codes() == ["A09"]


@pytest.mark.parametrize("like", [0.0, 0.8, 0.95])
def test_who_stays_at_the_edge_of_a_place_is_not_told_again_and_again(like: float) -> None:
    """A day at the very edge, with errors that last for minutes: a receiver's noise is no leaving."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    for at, off in noise(like):
        scene.sees(fix(HIM, at, 100 + off))
    assert 0 < len(scene.alerts("A09")) <= 3


@pytest.mark.parametrize("kind", ["zone", "home"])
def test_a_polygon_driven_through_between_two_fixes_is_told(kind: str) -> None:
    """With no margin around it, as it is drawn, like a circle; a line of no width as well."""
    shapes = [
        Place("p", kind, polygon=[square(300)]),
        Place("p", kind, line=[point(0, -300), point(0, 300)]),
    ]
    for place in shapes:
        scene = Scene(order(victim=None, places=[place]))
        walk(scene, (900, 0), (-900, 0))
        (alert,) = scene.alerts("A02", "A09")
        assert (alert.place, alert.reason["rule"]) == ("p", "place-crossed")


@pytest.mark.parametrize(("margin", "east", "told"), [(0.0, 180.0, True), (0.0, 260.0, False), (30.0, 180.0, False)])
def test_a_home_drawn_as_it_stands_is_guarded_as_far_as_the_ban_reaches(
    margin: float, east: float, told: bool  # noqa: FBT001 - a parameter
) -> None:  # fmt: skip
    """A hundred metres around the walls where the order says no other margin, restarts or not; a zone is as drawn."""
    scene = Scene(order(victim=None, places=[Place("p", "home", polygon=[square(100)], margin_m=margin)]))
    walk(scene, (900, 0), (600, 0))
    scene.engine = Engine.load(scene.engine.dump())
    scene.sees(fix(HIM, 120, east))
    assert ("A02" in scene.codes()) is told
    if told:
        assert scene.alerts("A02")[0].distance_m == pytest.approx(east - 100, abs=1)
    zone = Scene(order(victim=None, places=[Place("p", "zone", polygon=[square(100)], margin_m=margin)]))
    walk(zone, (900, 0), (east, 0))
    assert zone.codes() == []


def test_a_place_too_small_for_his_error_is_entered_by_his_way() -> None:
    """No fix of such an error could show him in it; where the way leads into it, it is told, and as an entry."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0, radius_m=20.0)]))
    scene.sees(fix(HIM, 0, 300, sigma=45.0), fix(HIM, 60, 5, sigma=45.0))
    assert [a.reason["rule"] for a in scene.alerts("A09")] == ["place-entered"]


@pytest.mark.parametrize("inside", [72.0, 100.0])
def test_an_ordinary_walk_into_a_place_is_an_entry(inside: float) -> None:
    """He is in it and stays: not that his way led through; the sentence says how near its middle he is."""
    scene = Scene(order(victim=None, places=[HOME]))
    walk(scene, (300, 0), (220, 0), (150, 0), (inside, 0))
    (alert,) = scene.alerts("A02")
    assert alert.reason["rule"] == "place-entered"
    told = explain(alert)
    assert told["en"].startswith(f"He is inside a place he is banned from (d = {inside:.0f} m")
    assert told["ko"].startswith(f"금지된 장소 안에 있다 (d = {inside:.0f} m")


def test_a_place_entered_a_minute_after_another_is_told_if_he_has_left_the_first() -> None:
    """Past her home to her school: officers are sent to where he is."""
    scene = Scene(order(victim=None, places=[circle("home", "home", 0), circle("school", "school", 900)]))
    for minute, east in enumerate((-2000.0, -1000.0, 20.0, 880.0, 890.0, 890.0)):
        scene.sees(fix(HIM, 60 * minute, east))
    assert [a.place for a in scene.alerts("A02")] == ["home", "school"]


@pytest.mark.parametrize(("home", "sigma"), [(120.0, 7.0), (190.0, 30.0)])
def test_a_neighbour_who_comes_to_her_door_again_hours_later_is_told_again(home: float, sigma: float) -> None:
    """She carries nothing; he stayed at her door then, and lives a little beyond the edge."""
    scene = Scene(order(victim="nobody", places=[circle("home-1", "home", 0)]))
    for at in range(0, 12_000, 60):
        there = 10 if 600 <= at < 1500 or at >= 10_800 else home
        scene.sees(fix(HIM, at, there, sigma=sigma))
    told = [a.decided_at % 100_000 for a in scene.alerts("A02") if a.grade == "live"]
    assert [600 <= at < 700 or 10_800 <= at < 10_900 for at in told if at >= 600] == [True, True]
