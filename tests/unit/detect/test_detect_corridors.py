"""Ways a court allowed through a zone, hours of a place, and countries he must not leave."""

import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order, point, span

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Place, Span
from jikimi.detect.places import Zone

STOP = RULES.places.corridor_stop_s


def way(*spans: Span, width: float = 100.0, name: str = "way") -> Place:
    """A corridor from two kilometres west to two east, through the zone at the origin."""
    line = [point(-2000), point(0), point(2000)]
    return Place(name, "corridor", margin_m=width / 2, line=line, spans=list(spans) or None)


def zoned(*places: Place, **changes: object) -> Scene:
    """He, a zone of half a kilometre, and what the court allowed."""
    return Scene(order("order", victim=None, places=[circle("zone", "zone", 0, radius_m=500.0), *places], **changes))


def go(scene: Scene, start: float, path: list[float], north: float = 0.0, every: float = 30.0) -> None:
    """He reports along a line."""
    for number, east in enumerate(path):
        scene.sees(fix(HIM, start + every * number, east, north))


THROUGH = [-900.0, -600.0, -300.0, 0.0, 300.0, 600.0, 900.0]


def test_a_corridor_lets_him_through() -> None:
    """Along the line and on: no entry, no evidence; beside it the zone binds as ever."""
    scene = zoned(way())
    go(scene, 0, THROUGH)
    scene.tick(600)
    assert scene.alerts("A09", "A26", grade=None) == []
    beside = zoned(way())
    go(beside, 0, THROUGH, north=200.0)
    assert beside.codes() == ["A09"]


def test_a_corridor_is_open_in_its_hours() -> None:
    """Before its hour it frees nobody; when the hour ends with him inside, that is told at once."""
    scene = zoned(way(span(1000, 2000)))
    go(scene, 0, THROUGH)
    assert scene.codes() == ["A09"]
    again = zoned(way(span(0, 100)))
    go(again, 0, THROUGH[:4])
    assert again.codes() == []
    again.tick(100)
    assert [(a.code, a.at - T0) for a in again.alerts()] == [("A09", 100)]


def test_who_stops_in_a_corridor_is_told() -> None:
    """The way is for going through: three minutes at rest in it and the zone binds; going on before that does not."""
    scene = zoned(way())
    go(scene, 0, [-600.0, -300.0, 0.0])
    go(scene, 90, [0.0] * 4)
    assert scene.codes() == []
    scene.engine = Engine.load(scene.engine.dump())
    go(scene, 210, [0.0] * 8)
    (alert,) = scene.alerts()
    assert (alert.code, alert.reason["rule"]) == ("A09", "corridor-stopped")
    assert alert.at - T0 >= 60 + STOP


def test_a_traffic_light_is_no_stop() -> None:
    """Moving again begins the count anew."""
    scene = zoned(way())
    at = 0.0
    for east in (-400.0, -200.0, 0.0, 200.0, 400.0):
        go(scene, at, [east] * 4)
        at += 120.0
    assert scene.codes() == []


@pytest.mark.parametrize("every", [5.0, 15.0, 30.0, 60.0])
@pytest.mark.parametrize("sigma", [5.0, 17.0])
def test_who_walks_through_has_not_stopped(every: float, sigma: float) -> None:
    """At a walk, however often he reports and with whatever error."""
    scene = zoned(way())
    for number in range(int(2000 / 1.3 / every)):
        scene.sees(fix(HIM, every * number, -1000 + 1.3 * every * number, sigma=sigma))
    assert scene.codes() == []


@pytest.mark.parametrize("pace", [45.0, 150.0])
def test_who_paces_a_corridor_is_told(pace: float) -> None:
    """To and fro on a short stretch is standing; on a long one it is told when nobody would still be going through."""
    scene = zoned(way())
    go(scene, 0, [-600.0, -300.0, 0.0])
    go(scene, 90, [pace if number % 2 else -pace for number in range(80)], every=60.0)
    (alert,) = scene.alerts()
    assert (alert.code, alert.reason["rule"]) == ("A09", "corridor-stopped")
    assert alert.at - T0 <= 90 + (STOP if pace < 60 else RULES.places.corridor_stay_s)


def test_a_way_off_the_corridor_is_a_crossing() -> None:
    """Seen in the corridor before the zone, then beyond it elsewhere: the straight way went through the zone beside it."""
    scene = zoned(way())
    scene.sees(fix(HIM, 0, -700), fix(HIM, 60, 500, 500))
    assert [a.reason["rule"] for a in scene.alerts("A09")] == ["place-crossed"]
    out = zoned(way())
    out.sees(fix(HIM, 0, 300), fix(HIM, 60, 2200))
    assert out.codes() == []


def test_who_came_off_a_corridor_is_let_go_when_he_is_out() -> None:
    """Told beside the corridor; out of the zone and on it again the entry ends."""
    scene = zoned(way())
    go(scene, 0, [0.0, 0.0], north=200.0)
    go(scene, 60, [700.0 + 60 * number for number in range(12)])
    assert scene.codes() == ["A09"]
    assert scene.cleared() == ["A09"]


def test_every_order_that_guards_the_zone_has_to_let_him() -> None:
    """One court's corridor frees nobody from another court's zone."""
    zone = circle("zone", "zone", 0, radius_m=500.0)
    scene = Scene(order("a", victim=None, places=[zone, way()]), order("b", victim=None, places=[zone]))
    go(scene, 0, THROUGH)
    assert scene.codes() == ["A09"]
    both = Scene(order("a", victim=None, places=[zone, way()]), order("b", victim=None, places=[zone, way(name="w2")]))
    go(both, 0, THROUGH)
    assert both.codes() == []


def test_a_corridor_frees_neither_a_home_nor_her() -> None:
    """It is a way through exclusion zones; the approach ban binds on it."""
    scene = Scene(order(places=[circle("home", "home", 0, radius_m=500.0), way()]))
    scene.sees(fix(HIM, 0, -900), fix(HIM, 30, -300))
    assert scene.codes() == ["A07", "A02"]
    near = Scene(order(places=[circle("zone", "zone", 0, radius_m=500.0), way()]))
    near.sees(fix(HER, 0, 0), fix(HIM, 1, 20))
    assert near.codes() == ["A02"]


def test_a_coarse_position_is_not_in_a_corridor() -> None:
    """What may be beside it counts as beside it."""
    scene = zoned(way())
    scene.sees(fix(HIM, 0, 0, sigma=60.0))
    assert scene.codes() == ["A09"]


def test_the_way_between_fixes_is_his_corridor_too() -> None:
    """In at one side and out at the other between two fixes, seen in the corridor before: no crossing."""
    scene = zoned(way())
    go(scene, 0, [-1500.0, -700.0, 900.0], every=60.0)
    assert scene.codes() == []
    wild = zoned(way())
    scene.sees(fix(HIM, 600, 900))
    wild.sees(fix(HIM, 0, -700, 300), fix(HIM, 60, 900, 300))
    assert [a.reason["rule"] for a in wild.alerts("A09")] == ["place-crossed"]


def test_late_fixes_in_a_corridor_show_nothing() -> None:
    """A backlog from the way he was allowed is no entry in retrospect."""
    scene = zoned(way())
    scene.tick(600)
    for at in (100, 130, 160):
        scene.sees(fix(HIM, at, 0), late=600.0)
    assert scene.alerts(grade="retrospective") == []


def test_a_place_has_its_hours() -> None:
    """A school is guarded while it is open."""
    school = Place("school", "zone", *point(0), 100.0, spans=[span(600, 1200)])
    scene = Scene(order(victim=None, places=[school]))
    go(scene, 0, [20.0] * 10, every=60.0)
    assert scene.codes() == []
    scene.tick(600)
    assert [(a.code, a.at - T0) for a in scene.alerts()] == [("A09", 600)]
    go(scene, 660, [20.0] * 8, every=60.0)
    scene.tick(1200)
    assert scene.cleared() == ["A09"]


def test_a_line_is_measured_along_its_way() -> None:
    """Distance to a corridor is to its nearest leg, less half its width."""
    zone = Zone(Place("w", "corridor", margin_m=50.0, line=[point(0), point(1000), point(1000, 1000)]), banned=False)
    assert zone.edge(*point(500, 20)) == pytest.approx(-30, abs=1)
    assert zone.edge(*point(1200, 500)) == pytest.approx(150, abs=1)


def country(*islands: float) -> Place:
    """Land of twenty kilometres around the origin, and islands east of it."""
    rings = [[point(e - 10_000, -10_000), point(e + 10_000, -10_000), point(e + 10_000, 10_000), point(e - 10_000, 10_000)]
             for e in (0.0, *islands)]  # fmt: skip
    return Place("land", "travel", polygon=rings)


def test_leaving_the_country_is_told_at_the_second_fix() -> None:
    """Over the border twice with certainty: A09 as a breach of the travel ban; an island of it is not abroad."""
    scene = Scene(order(victim=None, places=[country(50_000.0)]))
    go(scene, 0, [0.0, 9000.0, 9900.0], every=600.0)
    assert scene.codes() == []
    go(scene, 1800, [11_000.0, 12_000.0], every=600.0)
    (alert,) = scene.alerts("A09")
    assert alert.reason["rule"] == "travel-ban"
    go(scene, 3600, [45_000.0, 45_000.0], every=600.0)
    assert scene.cleared() == ["A09"]


def test_a_country_costs_nothing_far_from_its_border() -> None:
    """Its border of thousands of corners is measured again only where he can have reached it."""
    path = [0.0, *[100.0] * 20, 2000.0, 7000.0, 9500.0, 10_500.0, 11_000.0, 9000.0]
    scene = Scene(order(victim=None, places=[country()]))
    go(scene, 0, path, every=600.0)
    assert 0 < scene.engine.candidates < 10
    assert scene.codes() == ["A09"]


def test_a_change_of_records_on_the_way_changes_nothing() -> None:
    """Whatever is entered while he goes through, he is let through."""
    scene = zoned(way())
    go(scene, 0, THROUGH[:4])
    scene.apply(Carry(T0 + 95, "more", "more", HIM, T0 + 5000))
    go(scene, 120, THROUGH[4:])
    assert scene.codes() == []
