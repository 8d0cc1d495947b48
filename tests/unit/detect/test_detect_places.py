"""Guarded places: homes, zones, polygons; she need not be there, and no distance to a secret one is told."""

import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order, point

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
    """Told as the place's alone; the moment she is near it, or nobody can say where she is, it is told anew with Code 0."""
    scene = Scene(order(places=[HOME]))
    scene.sees(fix(HER, 0, 9000), fix(HIM, 1, 30))
    scene.sees(fix(HER, 60, 5500), fix(HIM, 61, 30))
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    scene.sees(fix(HER, 120, 1900), fix(HIM, 121, 30))
    assert [(a.at - T0, a.reason["code_112"]) for a in scene.alerts("A02")] == [(1, 1), (121, 0)]
    scene.sees(fix(HER, 180, 20), fix(HIM, 181, 30))
    assert len(scene.alerts("A02")) == 2
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
