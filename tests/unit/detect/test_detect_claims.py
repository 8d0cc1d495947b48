"""Devices that claim too much: held to what they show at rest, and never let off for it."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order, point

from jikimi.detect.claims import Lesson
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fix, Fixes
from jikimi.detect.places import INSIDE

RULE = RULES.claims


def at_rest(at: float, error: float, random: Random, east: float = 0.0, claim: float = 5.0, speed: float = 0.0) -> Fix:
    """His fix from one spot with a real error beside the claimed one, and the speed he reports."""
    lon, lat = point(east + random.gauss(0, error), random.gauss(0, error))
    return Fix(HIM, T0 + at, lon, lat, claim, 1, 3, speed, 0.0)


def rest(scene: Scene, minutes: int, error: float, start: int = 0, **more: float) -> None:
    """He rests for so many minutes."""
    random = Random(7)
    for minute in range(start, start + minutes):
        scene.sees(at_rest(minute * 60, error, random, **more))


def lesson(scene: Scene) -> Lesson:
    """What was learned of him."""
    found = scene.engine._world.subject(HIM).lesson
    assert found is not None
    return found


def test_steps_at_rest_teach_the_floor() -> None:
    """Thirty-two steps of an error of 20 m under a claim of 5 m: held to about 20."""
    scene = Scene(order())
    rest(scene, RULE.steps + 6, 20.0)
    assert lesson(scene).floor == pytest.approx(20.0, rel=0.3)
    subject = scene.engine._world.subject(HIM)
    scene.sees(at_rest(60 * 60, 20.0, Random(1)))
    assert (subject.claimed, subject.sigma) == (5.0, lesson(scene).floor)


@pytest.mark.parametrize(("error", "claim"), [(5.0, 5.0), (2.0, 5.0), (30.0, 40.0)])
def test_honest_devices_keep_their_claim(error: float, claim: float) -> None:
    """Steps that fit what was claimed for them teach nothing."""
    scene = Scene(order())
    rest(scene, 80, error, claim=claim)
    assert lesson(scene).floor == 0.0


def test_the_floor_is_bounded_and_follows() -> None:
    """However wild, no more than the bound; a receiver that became better is believed again."""
    scene = Scene(order())
    rest(scene, RULE.steps + 6, 500.0)
    assert lesson(scene).floor == RULE.most_m
    rest(scene, RULE.steps + 6, 3.0, start=100)
    assert lesson(scene).floor == 0.0


def test_movement_and_gaps_teach_nothing() -> None:
    """Only two fixes in a row, both at rest by the device's own word and near in time, are a step."""
    scene = Scene(order())
    random = Random(3)
    for minute in range(0, 200, 2):
        scene.sees(at_rest(minute * 60, 50, random), at_rest(minute * 60 + 30, 50, random, speed=4.0))
    scene.tick(200 * 60 + 300)
    assert lesson(scene).steps == []
    for number in range(50):
        scene.sees(at_rest(20_000 + number * 200, 50, random))
    assert lesson(scene).steps == []


def test_another_device_begins_anew() -> None:
    """What one device taught is not held against the next; a longer record of the same one changes nothing."""
    scene = Scene(order())
    rest(scene, RULE.steps + 6, 20.0)
    scene.apply(Carry(scene.engine._world.now, f"c-{HIM}", HIM, HIM, 0.0, T0 + 1e6))
    assert lesson(scene).floor > 0.0
    scene.apply(Carry(scene.engine._world.now, "c-next", "next", HIM, T0 + 5000))
    assert scene.engine._world.subject(HIM).lesson is None


def test_what_is_learned_survives_a_restart() -> None:
    """The floor is in the snapshot."""
    scene = Scene(order())
    rest(scene, RULE.steps + 6, 20.0)
    again = Engine.load(scene.engine.dump())
    held = again._world.subject(HIM).lesson
    assert held is not None
    assert (held.at, held.steps, held.floor) == (lesson(scene).at, lesson(scene).steps, lesson(scene).floor)
    assert again.dump() == scene.engine.dump()


def test_order_of_arrival_changes_nothing_learned() -> None:
    """Settled fixes teach in the order of their own time, however they came."""
    random, other = Random(5), Random(5)
    plain, mixed = Scene(order()), Scene(order())
    fixes = [at_rest(minute * 60, 20.0, random) for minute in range(60)]
    for one in fixes:
        plain.sees(one)
    for first in range(0, 60, 2):
        pair = fixes[first : first + 2]
        other.shuffle(pair)
        mixed.tick(first * 60 + 60)
        for one in pair:
            mixed.apply(Fixes(T0 + first * 60 + 60, [one]))
    for scene in (plain, mixed):
        scene.tick(4000)
    assert (lesson(mixed).steps, lesson(mixed).floor) == (lesson(plain).steps, lesson(plain).floor)


def doubted(floor: float, claim: float, east: float, *, places: bool = False) -> Scene:
    """He at ``east`` under a floor, she at the origin or a place there."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]) if places else order())
    him = scene.engine._world.subject(HIM)
    him.lesson = Lesson()
    him.lesson.floor = floor
    scene.sees(fix(HER, 0, 0), fix(HIM, 0, east, sigma=claim))
    return scene


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 50.0), st.floats(3.0, 40.0), st.floats(0.0, 700.0))
def test_no_floor_keeps_anybody_out(floor: float, claim: float, east: float) -> None:
    """Whatever was learned, every ring and place entered on the claim alone is entered."""
    held, plain = doubted(floor, claim, east), doubted(0.0, claim, east)
    rings = [next(iter(scene.engine._world.pairs.values())).ring for scene in (held, plain)]
    assert rings[0] >= rings[1]
    held, plain = doubted(floor, claim, east, places=True), doubted(0.0, claim, east, places=True)
    inside = [
        next(iter(next(iter(scene.engine._world.pairs.values())).guards.values())).level == INSIDE
        for scene in (held, plain)
    ]
    assert inside[0] >= inside[1]


def test_a_floor_lets_him_in_where_the_claim_would_not() -> None:
    """By the error he has, he may be inside: that is enough to enter, and the wider error is what is shown."""
    scene = doubted(50.0, 5.0, 105.0)
    (alert,) = scene.alerts("A02")
    assert (alert.sigma_m or 0.0) > 50.0
    assert doubted(0.0, 5.0, 120.0).alerts("A02") == []


def test_nothing_is_proven_on_a_claim_known_to_be_too_good() -> None:
    """At 75 m a claim of 5 m would be evidence; held to the 20 m he has, it is none."""
    for error, proven in ((20.0, 0), (3.0, 1)):
        scene = Scene(order())
        random = Random(11)
        for minute in range(RULE.steps + 6):
            scene.sees(at_rest(minute * 60, error, random, east=3000.0))
        start = (RULE.steps + 9) * 60
        for at in range(start, start + 60, 10):
            scene.sees(fix(HIM, at, 75.0, sigma=5.0), fix(HER, at, 0, sigma=3.0))
        scene.tick(start + 600)
        assert len(scene.alerts("A02", grade="evidence")) == proven
        assert scene.alerts("A02")
