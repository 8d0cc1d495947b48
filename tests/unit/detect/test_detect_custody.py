"""Said to be held, and moving: the suspension ends in effect, once, and proves nothing."""

import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order, point

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Order, Span

RULE = RULES.custody
CELL = 6000.0


def held(start: float, end: float | None, reason: str = "custody", *, named: bool = False) -> Span:
    """A suspension from T0 + ``start``, at the police station six kilometres east if it is named."""
    where = (*point(CELL), 150.0) if named else None
    return Span(T0 + start, None if end is None else T0 + end, reason, where)


def suspended(*spans: Span, **changes: object) -> Order:
    """An order suspended meanwhile."""
    return order(str(changes.pop("order", "order")), suspensions=list(spans), **changes)


def walk(scene: Scene, start: float, path: list[float], every: float = 60.0, sigma: float = 7.0) -> None:
    """He reports along a line, she from the origin."""
    for number, east in enumerate(path):
        scene.sees(fix(HER, start + number * every, 0), fix(HIM, start + number * every, east, sigma=sigma))


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("restart", [True, False])
def test_who_moves_while_held_is_watched_again(named: bool, restart: bool) -> None:  # noqa: FBT001 - parameters
    """He leaves the station: the pair is armed at the second fix outside, a person is told once, and her alarm works."""
    scene = Scene(suspended(held(0, None, named=named)))
    walk(scene, 0, [CELL] * 20)
    assert scene.state() == "SUSPENDED"
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    walk(scene, 1200, [CELL - 500, CELL - 1000])
    (alert,) = scene.alerts("A22")
    assert (alert.reason["rule"], alert.reason["priority"], alert.at - T0) == ("moved-in-custody", "P1", 1260)
    assert scene.state() == "SAFE"
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    walk(scene, 1320, [CELL - 1500 - 600 * n for n in range(8)] + [20.0] * 5)
    assert len(scene.alerts("A22")) == 1
    assert scene.alerts("A02")
    scene.tick(3000)
    assert scene.alerts("A02", "A26", grade=None) == scene.alerts("A02")


def test_who_stays_stays_suspended() -> None:
    """A receiver's noise, a coarse fix and one wild one are no leaving."""
    scene = Scene(suspended(held(0, None)))
    walk(scene, 0, [CELL, CELL + 40, CELL - 30] * 8)
    walk(scene, 1440, [CELL - 900] * 5, sigma=400.0)
    walk(scene, 1740, [CELL, CELL - 900, CELL, CELL + 20])
    assert scene.state() == "SUSPENDED"
    assert scene.codes() == []


def test_on_the_way_there_he_may_move() -> None:
    """Brought to the place named: an hour is allowed for it; brought to one not named: it is where he stays first."""
    for named in (True, False):
        scene = Scene(suspended(held(0, None, named=named)))
        walk(scene, 0, [2000.0 + 400 * n for n in range(11)])
        walk(scene, 660, [CELL] * 30)
        assert scene.codes() == []
        assert scene.state() == "SUSPENDED"


def test_who_never_arrives_is_watched_again() -> None:
    """An hour after he was to be at the place named and is not: the suspension is over."""
    scene = Scene(suspended(held(0, None, named=True)))
    walk(scene, 0, [2500.0] * 70)
    (alert,) = scene.alerts("A22")
    assert alert.at - T0 == RULE.grace_s + 60


@pytest.mark.parametrize("reason", ["court hearing", "counselling", ""])
def test_other_suspensions_do_not_hold_him(reason: str) -> None:
    """A suspension for a hearing or counselling does not say where he is: moving ends nothing."""
    scene = Scene(suspended(held(0, None, reason)))
    walk(scene, 0, [CELL] * 20 + [CELL - 300 * n for n in range(15)])
    assert scene.codes() == []
    assert scene.state() == "SUSPENDED"


def test_a_later_suspension_holds_again() -> None:
    """What was lifted is that suspension; the next one is the next."""
    scene = Scene(suspended(held(0, 3000), held(4000, None)))
    walk(scene, 0, [CELL] * 20 + [CELL - 1000] * 10)
    assert scene.state() == "SAFE"
    walk(scene, 1800, [CELL - 1000] * 38)
    assert scene.state() == "SUSPENDED"


def test_places_bind_again_as_well() -> None:
    """Orders without her: he leaves, and the zone binds."""
    scene = Scene(suspended(held(0, None), victim=None, places=[circle("zone", "zone", 0)]))
    for minute in range(20):
        scene.sees(fix(HIM, minute * 60, CELL))
    for number, east in enumerate((4500.0, 3000.0, 1500.0, 20.0)):
        scene.sees(fix(HIM, 1200 + number * 90, east))
    assert scene.codes() == ["A22", "A09"]
    scene.tick(2500)
    assert scene.alerts("A09", grade="evidence") == []


def test_another_order_in_force_meanwhile() -> None:
    """One order suspended, a narrower one in force: moving arms the wider again."""
    scene = Scene(suspended(held(0, None), order="wide", radius_m=500.0), order("narrow"))
    walk(scene, 0, [CELL] * 20 + [CELL - 1000] * 2)
    assert scene.codes() == ["A22"]
    walk(scene, 1320, [4500.0, 3500.0, 2500.0, 1500.0, 400.0])
    assert scene.alerts("A02")[0].order == "wide"
