"""What would drown an operator: slow devices, backlogs in any order. One thing is told once."""

from random import Random

import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fix, Fixes
from jikimi.detect.rhythm import note

RULE = RULES.rhythm


def every(scene: Scene, interval: float, start: float, end: float, him: float = 5000.0) -> None:
    """She reports every minute, he every ``interval`` seconds, both at rest."""
    at = start
    while at < end:
        scene.sees(fix(HER, at, 0))
        if (at - start) % interval == 0:
            scene.sees(fix(HIM, at + 1, him))
        at += 60


def interval(scene: Scene) -> float:
    """How often he is expected to report."""
    return scene.engine._world.subject(HIM).interval


@pytest.mark.parametrize("restart", [True, False])
def test_a_slow_device_is_expected_at_its_own_rhythm(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Five minutes instead of one: after six fixes it is no silence any more, and the pair is SAFE between them."""
    scene = Scene(order())
    every(scene, 300, 0, 1800)
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    told, shown = len(scene.codes()), len(scene.shown())
    every(scene, 300, 1800, 9000)
    assert interval(scene) == 300.0
    assert (len(scene.codes()), len(scene.shown())) == (told, shown)
    assert scene.state() == "SAFE"


def test_its_silence_is_told_all_the_same() -> None:
    """Two of its own intervals without a word and the pair is not SAFE; his silence is told."""
    scene = Scene(order())
    every(scene, 300, 0, 3001)
    assert interval(scene) == 300.0
    scene.tick(3605)
    assert scene.state() != "SAFE"
    scene.tick(6000)
    assert "A12" in scene.codes()


def test_what_is_learned_is_bounded_and_given_up() -> None:
    """A quarter of an hour is nobody's rhythm; one fix at the pace asked for and the record holds again."""
    scene = Scene(order())
    every(scene, 900, 0, 9000)
    assert interval(scene) == 60.0
    every(scene, 300, 9000, 10_900)
    assert interval(scene) == 300.0
    scene.sees(fix(HIM, 10_961, 5000), fix(HIM, 11_000, 5000))
    assert interval(scene) == 60.0


def test_uneven_gaps_are_no_rhythm() -> None:
    """A device that drops out now and then is silent now and then."""
    scene = Scene(order())
    at = 0.0
    for number in range(30):
        scene.sees(fix(HIM, at, 5000))
        at += (100.0, 300.0, 120.0, 250.0)[number % 4]
    assert interval(scene) == 60.0


def test_a_long_silence_does_not_change_the_rhythm() -> None:
    """It was off for an hour and goes on as before: still its own rhythm."""
    scene = Scene(order())
    every(scene, 300, 0, 3001)
    every(scene, 300, 6600, 7000)
    assert interval(scene) == 300.0


def test_the_record_of_a_device_begins_anew() -> None:
    """Another record says how often to expect it from then on."""
    scene = Scene(order())
    every(scene, 300, 0, 3001)
    scene.apply(Carry(T0 + 3001, "again", HIM, HIM, 0.0, None, 120.0))
    assert (interval(scene), scene.engine._world.subject(HIM).gaps) == (120.0, None)
    note(scene.engine._world, scene.engine._world.subject(HIM), 100.0)
    assert interval(scene) == 120.0


def test_a_slow_device_beside_her_is_a_breach() -> None:
    """Its age widens the error by a minute's worth at most: standing beside her is told, however seldom it speaks."""
    scene = Scene(order())
    every(scene, 300, 0, 3001)
    scene.sees(fix(HIM, 3301, 20))
    scene.sees(fix(HER, 3420, 0))
    assert scene.alerts("A02")
    seldom = Scene(order())
    seldom.apply(Carry(T0, f"c-{HIM}", HIM, HIM, 0.0, None, 600.0))
    seldom.sees(fix(HIM, 0, 0))
    seldom.sees(fix(HER, 119, 20))
    assert seldom.alerts("A02")


def backlog(fixes: list[Fix], seed: int | None, scene: Scene) -> list[tuple[str, float]]:
    """Retrospective alerts of a backlog that comes long after its time, shuffled by a seed."""
    if seed is not None:
        Random(seed).shuffle(fixes)
    scene.tick(6000)
    for number, one in enumerate(fixes):
        scene.apply(Fixes(T0 + 6000 + number, [one]))
    return [(a.code, a.at - T0) for a in scene.alerts(grade="retrospective")]


@pytest.mark.parametrize("seed", [None, *range(12)])
@pytest.mark.parametrize("spacing", [60, 300])
def test_a_backlog_in_any_order_is_one_breach(seed: int | None, spacing: int) -> None:
    """Forty minutes beside her in a hundred shuffles: one A26, not one for each piece."""
    scene = Scene(order())
    for at in range(0, 5000, 60):
        scene.sees(fix(HER, at, 0))
    assert len(backlog([fix(HIM, at, 20) for at in range(1000, 3400, spacing)], seed, scene)) == 1


@pytest.mark.parametrize("seed", [None, *range(6)])
def test_a_backlog_of_a_place_is_one(seed: int | None) -> None:
    """So is a stay in a place he must keep off."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    assert len(backlog([fix(HIM, at, 20) for at in range(1000, 3400, 60)], seed, scene)) == 1


def test_two_visits_are_two() -> None:
    """Beside her, away, beside her again, as it was: two episodes."""
    scene = Scene(order())
    for at in range(0, 5000, 60):
        scene.sees(fix(HER, at, 0))
    path = [20.0] * 5 + [3000.0] * 10 + [20.0] * 5
    assert backlog([fix(HIM, 1000 + 60 * n, east) for n, east in enumerate(path)], None, scene) == [
        ("A26", 1000.0), ("A26", 1900.0),
    ]  # fmt: skip


def test_hours_apart_are_not_one() -> None:
    """With nothing known in between, more than an hour apart is another breach."""
    scene = Scene(order())
    for at in range(0, 6000, 60):
        scene.sees(fix(HER, at, 0))
    assert len(backlog([fix(HIM, 500, 20), fix(HIM, 4700, 20)], None, scene)) == 2
