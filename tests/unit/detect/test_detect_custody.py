"""Said to be held, and moving: the suspension ends in effect, once, and proves nothing."""

import msgspec
import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order, point, span

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Order, Place, Span

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


def hearing(*places: Place, **changes: object) -> Scene:
    """Heard twenty kilometres away for an hour, by the decision; he has not gone."""
    where = (*point(20_000), 200.0)
    return Scene(suspended(Span(T0, T0 + 3600, "court", where), places=list(places), **changes))


@pytest.mark.parametrize("restart", [True, False])
def test_who_comes_to_her_instead_of_his_hearing_is_told_at_once(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Inside the order's radius of her the suspension is over with the first fix, whatever time he was given to arrive."""
    scene = hearing()
    walk(scene, 0, [4000.0, 3000.0, 2000.0, 1000.0])
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    assert scene.codes() == []
    walk(scene, 240, [20.0])
    assert [(a.code, a.at - T0) for a in scene.alerts()] == [("A02", 240), ("A22", 240)]
    assert scene.state() == "CONTACT"


def test_who_goes_to_her_home_while_held_is_told_at_once() -> None:
    """A banned place of the order, she elsewhere: the same; in a place's free hours, or beside it, it says nothing."""
    home = circle("home", "home", 0)
    scene = hearing(home, victim=None)
    scene.sees(fix(HIM, 0, 5000), fix(HIM, 300, 400))
    assert scene.codes() == []
    scene.sees(fix(HIM, 360, 20))
    assert scene.codes() == ["A02", "A22"]
    other = hearing(msgspec.structs.replace(home, exceptions=[span(0, 3600)]), circle("zone", "zone", 0), victim=None)
    other.sees(fix(HIM, 0, 20))
    assert other.codes() == []


def test_where_he_is_said_to_be_she_may_come() -> None:
    """She is heard in the same court, or visits the prison where he has stayed: that is what was suspended for."""
    court = Scene(suspended(Span(T0, T0 + 3600, "court", (*point(0), 200.0))))
    walk(court, 0, [20.0] * 10)
    assert court.codes() == []
    prison = Scene(suspended(held(0, None)))
    for minute in range(40):
        prison.sees(fix(HER, minute * 60, max(0.0, 3000 - 100.0 * minute)), fix(HIM, minute * 60, 0))
    assert prison.codes() == []
    assert prison.state() == "SUSPENDED"


def test_nobody_is_held_where_she_is() -> None:
    """Her door is no cell: not when she was last there, and not while she is."""
    scene = Scene(suspended(held(0, None)))
    scene.sees(fix(HER, 0, 0))
    for minute in range(30, 89):
        scene.sees(fix(HIM, minute * 60, 40))
    assert scene.codes() == []
    scene.sees(fix(HIM, 5400, 40))
    assert scene.codes()[-1] == "A22"
    assert scene.state() != "SUSPENDED"


def test_who_never_rests_is_not_held() -> None:
    """On his feet for an hour after custody began: the suspension is over in effect."""
    scene = Scene(suspended(held(0, None)))
    walk(scene, 0, [20_000 - 84.0 * n for n in range(60)])
    assert scene.codes() == []
    walk(scene, 3600, [20_000 - 84.0 * n for n in range(60, 70)])
    assert scene.codes() == ["A22"]
    assert scene.state() == "SAFE"


def test_a_fix_too_coarse_or_old_confirms_nothing() -> None:
    """A suspension is lifted by what is known: not by a coarse fix of his or hers, nor by an old one of hers."""
    scene = hearing()
    scene.sees(fix(HER, 0, 0), fix(HIM, 0, 30, sigma=120.0))
    scene.sees(fix(HER, 60, 0, sigma=300.0), fix(HIM, 61, 30))
    scene.sees(fix(HIM, 1200, 30))
    assert scene.codes() == []


def test_who_is_in_two_places_is_not_said_to_have_left() -> None:
    """Two sources of one identity, both far from her: that is told as what it is, and lifts nothing."""
    scene = Scene(suspended(held(0, None)))
    walk(scene, 0, [CELL] * 20)
    for number in range(10):
        at = 1200 + 60.0 * number
        scene.sees(fix(HER, at, 0), fix(HIM, at, CELL))
        scene.sees(fix(HIM, at + 20, 90_000))
    assert scene.alerts("A22") == []
    assert scene.state() == "SUSPENDED"
