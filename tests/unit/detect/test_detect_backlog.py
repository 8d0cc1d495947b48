"""A backlog older than all that is kept: places are judged, and what cannot be compared is a task, never nothing."""

from collections.abc import Callable
from random import Random

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order, span

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fix, Fixes, Forget
from jikimi.detect.history import Past

HOUR = 3600.0


def away(scene: Scene, hours: float) -> None:
    """She reports throughout; he for ten minutes, and then nothing for ``hours``."""
    for minute in range(10):
        scene.sees(fix(HIM, minute * 60, 20_000), fix(HER, minute * 60 + 1, 0))
    for minute in range(10, int(hours * 60)):
        scene.sees(fix(HER, minute * 60, 0))


def backlog(scene: Scene, at: float, *times: float, east: float = 9000.0) -> None:
    """Fixes of then that arrive now."""
    scene.tick(at)
    scene.apply(Fixes(T0 + at, [fix(HIM, t, east) for t in times]))
    scene.tick(at + 2)


def test_a_backlog_of_hours_is_never_lost() -> None:
    """Four hours late: the place he was in is told, and once that so many fixes could not be compared, restarts or not."""
    scene = Scene(order(places=[circle("home", "home", 9000)]))
    away(scene, 5)
    times = [1000.0 + 60 * each for each in range(30)]
    scene.tick(5 * HOUR)
    scene.apply(Fixes(T0 + 5 * HOUR, [fix(HIM, t, 9000) for t in times]))
    scene.engine = Engine.load(scene.engine.dump())
    scene.tick(5 * HOUR + 2)
    place, row = scene.alerts("A26", grade="retrospective")
    assert (place.reason["rule"], place.at, place.place) == ("late-place", T0 + 1000, "home")
    assert (row.reason["rule"], row.at, row.reason["fixes"]) == ("late-uncompared", T0 + 1000, 30)
    assert row.reason["until"] == T0 + times[-1]
    assert (row.state, row.reason["dispatch"], row.distance_m) == ("UNKNOWN", "task", None)


def test_the_same_backlog_again_is_no_news() -> None:
    """What was told of, and what was known in its time, changes nothing when it comes again."""
    scene = Scene(order(places=[circle("home", "home", 9000)]))
    away(scene, 5)
    backlog(scene, 5 * HOUR, 1000.0, 1060.0, 1000.0)
    said = len(scene.said)
    backlog(scene, 5 * HOUR + 10, 1000.0, 1060.0)
    backlog(scene, 5 * HOUR + 20, 300.0, east=20_000.0)
    assert len(scene.said) == said
    backlog(scene, 5 * HOUR + 30, 4000.0, 4060.0)
    assert [a.reason["fixes"] for a in scene.alerts("A26", grade=None) if "fixes" in a.reason] == [2, 2]


def test_two_positions_of_one_old_moment_count_once() -> None:
    """A backlog that says twice where he was at a time is one fix that nobody can compare."""
    scene = Scene(order())
    away(scene, 5)
    scene.tick(5 * HOUR)
    scene.apply(Fixes(T0 + 5 * HOUR, [fix(HIM, 1000, 9000), fix(HIM, 1000, 9100), fix(HIM, 1060, 9000)]))
    scene.tick(5 * HOUR + 2)
    assert [a.reason["fixes"] for a in scene.alerts("A26", grade="retrospective")] == [2]


def test_only_what_an_order_covered_is_a_task() -> None:
    """Of a time that was suspended or before the order nothing is told; his first word may be a backlog."""
    scene = Scene(order(suspensions=[span(0, 2 * HOUR)]))
    for minute in range(300):
        scene.sees(fix(HER, minute * 60, 0))
    backlog(scene, 5 * HOUR, 1000.0, 1060.0)
    assert scene.alerts("A26", grade=None) == []
    backlog(scene, 5 * HOUR + 5, -7000.0)
    assert scene.alerts("A26", grade=None) == []


def test_who_is_forgotten_leaves_no_backlog() -> None:
    """A person destroyed between a backlog and the next tick is not spoken of."""
    scene = Scene(order(end=T0 + HOUR), order("silent", victim="silent", end=T0 + HOUR))
    away(scene, 5)
    scene.apply(Fixes(T0 + 5 * HOUR, [fix(HIM, 1000, 9000)]))
    scene.apply(Forget(T0 + 5 * HOUR, HIM))
    scene.tick(5 * HOUR + 2)
    assert scene.alerts("A26", grade=None) == []


def test_gaps_close_with_what_fills_them() -> None:
    """Unknown is what lies between two known times longer apart than any rhythm; what comes in between divides it."""
    past = Past()
    for at in (1000.0, 1300.0, 5000.0):
        past.keep(at, 0.0, 0.0, 5.0, 1e9, 390.0)
    assert [past.unknown(at) for at in (500.0, 1100.0, 3000.0, 5001.0)] == [True, False, True, True]
    past.note(1500.0, 4000.0, 390.0)
    assert [past.unknown(at) for at in (1400.0, 3000.0, 4500.0)] == [False, False, True]


def batches(mixed: Callable[[list[Fix]], None]) -> Scene:
    """Both devices gather ten minutes and send them together, her last minutes and his in one batch, mixed as told."""
    scene = Scene(order(), order("wide", radius_m=500.0))
    for ten in range(1, 8):
        at = 600.0 * ten
        found = [fix(HIM, at - 60 * k, 1500 - 15 * (10 * ten - k)) for k in range(10)]
        found += [fix(HER, at - 60 * k, 0.0) for k in range(10)]
        mixed(found)
        scene.tick(at)
        scene.apply(Fixes(T0 + at, found))
    scene.tick(4500)
    return scene


def by_device(found: list[Fix]) -> None:
    """His first, oldest first, as devices send them."""
    found.sort(key=lambda one: (one.device, one.t))


def newest_first(found: list[Fix]) -> None:
    """Both, newest first."""
    found.sort(key=lambda one: -one.t)


@pytest.mark.parametrize("mixed", [by_device, list.reverse, Random(5).shuffle, Random(6).shuffle])
def test_rows_received_at_one_moment_have_no_order(mixed: Callable[[list[Fix]], None]) -> None:
    """However the rows of a batch stand, everything decided is the same."""
    assert batches(mixed).said == batches(newest_first).said


def test_the_newest_of_a_batch_overtakes_its_backlog() -> None:
    """Ten minutes at once that end with a fix of now are no device that speaks without a position."""
    scene = Scene(order())
    for minute in range(60):
        scene.sees(fix(HER, minute * 60, 0))
        if minute % 10 == 9:
            scene.apply(Fixes(T0 + minute * 60, [fix(HIM, (minute - k) * 60, 1500) for k in range(9, -1, -1)]))
    assert not scene.alerts("A13")
    assert scene.alerts("A12")


def test_a_batch_that_ends_in_the_past_is_a_device_without_a_position() -> None:
    """What speaks now of ten minutes ago alone is told as ever."""
    scene = Scene(order())
    scene.sees(fix(HIM, 0, 1500), fix(HER, 0, 0))
    for minute in range(1, 20):
        scene.sees(fix(HER, minute * 60, 0))
    scene.apply(Fixes(T0 + 19 * 60, [fix(HIM, 60, 1500), fix(HIM, 120, 1500)]))
    assert scene.alerts("A13")


def test_between_two_fixes_across_the_date_line_nobody_was_on_the_other_side_of_the_earth() -> None:
    """Half way from 179.9995 to -179.9995 degrees is 180."""
    past = Past()
    past.keep(T0, 179.9995, 0.0, 7.0, 3600.0, 600.0)
    past.keep(T0 + 60, -179.9995, 0.0, 7.0, 3600.0, 600.0)
    spot = past.at(T0 + 30, 120.0)
    assert spot is not None
    assert abs(spot.lon) == pytest.approx(180.0)
