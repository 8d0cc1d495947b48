"""One alert an order and episode: who takes over in the middle of a breach says so, and hours that begin are told at once."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order, span

from jikimi.detect.decisions import Alert
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fix, Fixes, Order


def breaches(scene: Scene) -> list[tuple[str, list[str], float]]:
    """Live breaches: order, the others, and when (seconds from T0)."""
    return [(a.order, a.also_orders, a.at - T0) for a in scene.alerts("A02")]


def near(*orders: Order, metres: float = 40.0, until: float = 900.0) -> Scene:
    """The two within ``metres`` of each other for a quarter of an hour."""
    scene = Scene(*orders)
    scene.stand(0, until, (metres, 0), (0, 0))
    return scene


@pytest.mark.parametrize("restart", [True, False])
def test_the_next_order_has_its_own_alert(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """One order ends and the next begins while they stand together: two lines, the second at the moment it takes over."""
    scene = Scene(order("first", end=T0 + 300), order("next", start=T0 + 300))
    scene.stand(0, 240, (40, 0), (0, 0))
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    scene.stand(240, 900, (40, 0), (0, 0))
    assert breaches(scene) == [("first", [], 30.0), ("next", [], 300.0)]
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["ring", "next-order"]
    assert scene.cleared().count("A02") == 1


def test_an_order_told_beside_the_first_is_not_told_again() -> None:
    """It stood in also_orders when the breach began; leading now makes no other episode of it."""
    scene = near(order("wide", radius_m=200.0, end=T0 + 300), order("narrow"))
    assert breaches(scene) == [("wide", ["narrow"], 30.0)]


def test_a_narrow_order_is_named_once_it_is_broken() -> None:
    """Four hundred metres break the order of 500 m and not the one of 100 m; coming within that is told under it, once."""
    scene = Scene(order("wide", radius_m=500.0), order("narrow"))
    scene.stand(0, 600, (400, 0), (0, 0))
    assert breaches(scene) == [("wide", [], 30.0)]
    scene.stand(600, 900, (20, 0), (0, 0))
    told = [(name, also) for name, also, _ in breaches(scene)]
    assert told.count(("narrow", [])) == 1
    assert all(name == "wide" for name, _ in told if name != "narrow")


def test_an_order_that_begins_beside_another() -> None:
    """A narrower one beginning in the middle of a breach is told if it is broken, and only then."""
    both = near(order("wide", radius_m=200.0), order("later", start=T0 + 300))
    assert breaches(both) == [("wide", [], 30.0), ("later", [], 300.0)]
    outside = near(order("wide", radius_m=400.0), order("later", start=T0 + 300), metres=250.0)
    assert breaches(outside) == [("wide", [], 30.0)]


def test_a_wider_order_takes_over() -> None:
    """It leads from its beginning on, with the first beside it."""
    scene = near(order("first"), order("wide", start=T0 + 300, radius_m=500.0))
    assert breaches(scene) == [("first", [], 30.0), ("wide", ["first"], 300.0)]


def test_a_narrower_order_that_is_not_broken_is_not_told() -> None:
    """Three hundred metres broke the first; the next asks for a hundred."""
    scene = near(order("first", radius_m=400.0, end=T0 + 300), order("next", start=T0 + 300), metres=300.0)
    assert breaches(scene) == [("first", [], 30.0)]
    assert scene.state() == "DANGER"


def test_who_was_not_seen_when_it_took_over_is_told_with_the_next_fix() -> None:
    """No fresh position when the order changes: the first believed one inside says it."""
    scene = Scene(order("first", end=T0 + 300), order("next", start=T0 + 300))
    scene.stand(0, 60, (40, 0), (0, 0))
    scene.tick(500)
    scene.stand(540, 700, (40, 0), (0, 0))
    assert [(name, also) for name, also, _ in breaches(scene)] == [("first", []), ("next", [])]


def test_a_home_of_both_orders_is_told_under_both() -> None:
    """At her home the next order's line is its own as well, and one line stands for home and her."""
    home = circle("home", "home", 0)
    scene = near(order("first", end=T0 + 300, places=[home]), order("next", start=T0 + 300, places=[home]))
    assert breaches(scene) == [("first", [], 30.0), ("next", [], 300.0)]
    only = near(order("first", places=[home]), order("wide", start=T0 + 300, radius_m=500.0))
    assert breaches(only) == [("first", [], 30.0), ("wide", ["first"], 300.0)]


def test_a_new_version_is_the_same_order() -> None:
    """Changed in the middle of a breach, it has been told already."""
    scene = Scene(order())
    scene.stand(0, 300, (40, 0), (0, 0))
    scene.apply(order(version=2, received_t=T0 + 300, radius_m=150.0))
    scene.stand(300, 600, (40, 0), (0, 0))
    assert len(breaches(scene)) == 1


def curfew(*hours: tuple[float, float]) -> Order:
    """Home within 200 m in these hours."""
    home = circle("home", "curfew", 0, radius_m=200.0)
    return order(victim=None, places=[home], schedule=[span(*hour) for hour in hours])


def report(scene: Scene, start: float, end: float, east: float) -> None:
    """He reports from one spot every minute."""
    at = start
    while at < end:
        scene.sees(fix(HIM, at, east))
        at += 60


def late(scene: Scene) -> list[Alert]:
    """Curfew alerts so far."""
    return scene.alerts("A17")


def test_a_curfew_is_told_when_its_hour_begins() -> None:
    """Outside with a fresh fix when the hour comes: at once, not at the next fix; each evening anew."""
    scene = Scene(curfew((600, 1200), (2400, 3000)))
    report(scene, 0, 590, 900)
    scene.tick(600)
    assert [a.at - T0 for a in late(scene)] == [600]
    report(scene, 660, 2390, 900)
    scene.tick(2400)
    assert [a.at - T0 for a in late(scene)] == [600, 2400]


def test_nobody_is_late_on_an_old_fix() -> None:
    """His last fix is older than it may be when the hour comes: his silence is told, not a breach."""
    scene = Scene(curfew((600, 1200)))
    report(scene, 0, 240, 900)
    scene.tick(700)
    assert late(scene) == []


def test_in_his_hours_the_second_fix_decides() -> None:
    """Who was at home when it began and goes out is told at the second fix, whatever else is entered meanwhile."""
    scene = Scene(curfew((600, 6000)))
    report(scene, 0, 900, 20)
    scene.sees(fix(HIM, 900, 900))
    scene.apply(Carry(T0 + 905, "more", "more", HER, T0 + 5000))
    scene.apply(Carry(T0 + 906, "other", "other", HIM, T0 + 5000))
    assert late(scene) == []
    scene.sees(fix(HIM, 960, 900))
    assert len(late(scene)) == 1


def ends(*late: Fix, received: float = 20.0, orders: tuple[Order, ...] = ()) -> Scene:
    """An order that ends after ten minutes; he is far off until a minute before, and ``late`` comes after the end."""
    scene = Scene(order(end=T0 + 600), *orders)
    scene.stand(0, 540, (3000, 0), (0, 0))
    scene.sees(fix(HER, 550, 0))
    scene.tick(600 + received)
    scene.apply(Fixes(T0 + 600 + received, list(late)))
    scene.tick(900)
    return scene


def test_a_breach_in_the_last_seconds_that_arrives_after_the_end_is_told_and_proven() -> None:
    """An order binds by the time of the fix: one retrospective alert at once, evidence when the watermark passes."""
    scene = ends(fix(HIM, 575, 40), fix(HER, 580, 0), fix(HIM, 585, 40), fix(HER, 590, 0), fix(HIM, 598, 40))
    (told,) = scene.alerts("A26", grade="retrospective")
    assert (told.reason["rule"], told.order, told.at - T0, told.decided_at - T0) == ("late-breach", "order", 575, 620)
    (proof,) = scene.alerts("A02", grade="evidence")
    assert proof.order == "order"
    assert scene.alerts("A02") == []


def test_a_fix_behind_a_newer_one_that_arrives_after_the_end_is_told_too() -> None:
    """The newest came first, from the way home; the one before it was beside her."""
    scene = ends(fix(HIM, 610, 900), fix(HIM, 580, 40))
    assert [a.at - T0 for a in scene.alerts("A26", grade="retrospective")] == [580]


def test_a_place_entered_in_the_last_seconds_is_told_whenever_that_arrives_and_let_go_of() -> None:
    """The fix was within the order's time; the first one from its end on ends the episode."""
    scene = Scene(order(end=T0 + 600, places=[circle("home", "home", 0)]))
    scene.stand(0, 540, (3000, 0), (9000, 0))
    scene.tick(620)
    scene.apply(Fixes(T0 + 620, [fix(HIM, at, 40) for at in (575, 585, 598)]))
    scene.tick(800)
    assert [(a.place, a.at - T0) for a in scene.alerts("A02")] == [("home", 575)]
    assert [a.place for a in scene.alerts("A02", grade="evidence")] == ["home"]
    assert scene.cleared() == []
    scene.sees(fix(HIM, 805, 40))
    assert scene.cleared() == ["A02"]
    assert len(scene.alerts("A02")) == 1


def test_nothing_from_the_end_on_is_told() -> None:
    """The second at which an order ends is not its own any more."""
    assert ends(fix(HIM, 600, 40), fix(HER, 601, 0)).alerts(grade=None) == []


def test_a_breach_told_live_is_not_told_again_by_what_arrives_after_the_end() -> None:
    """Officers were sent; the last seconds of the same stay are the same breach."""
    scene = Scene(order(end=T0 + 600))
    scene.stand(0, 590, (40, 0), (0, 0))
    scene.tick(605)
    scene.sees(fix(HIM, 598, 40), late=8)
    assert scene.alerts("A26", grade="retrospective") == []


def test_the_last_seconds_of_an_order_another_followed_are_its_own() -> None:
    """The wider order ends, a narrower one begins; a fix of before, received after, breaks the one that held then."""
    follows = order("next", start=T0 + 600, radius_m=50.0)
    scene = Scene(order(end=T0 + 600, radius_m=400.0), follows)
    scene.stand(0, 540, (3000, 0), (0, 0))
    scene.sees(fix(HER, 580, 0))
    scene.tick(610)
    scene.sees(fix(HIM, 595, 300), late=15)
    assert [(a.order, a.at - T0) for a in scene.alerts("A26", grade="retrospective")] == [("order", 595)]
