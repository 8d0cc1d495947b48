"""Corners that only a bad day reaches; each keeps a promise of its own."""

from math import inf

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order, span

from jikimi.detect.covering import least
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fix, Fixes, Place, Tick
from jikimi.detect.pair import Pair
from jikimi.detect.places import Zone
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.wheel import Wheel


def test_a_refused_fix_stays_refused() -> None:
    """A fix refused for its date is not believed when its date has come."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    ahead = fix(HIM, 100, 10)
    scene.apply(Fixes(T0 + 1, [ahead]))
    scene.tick(100)
    scene.apply(Fixes(T0 + 101, [ahead]))
    assert "A02" not in scene.codes()
    assert scene.engine.counts == {"fix-refused": 1, "fix-duplicate": 1}
    scene.apply(Fixes(T0 + 103, [fix(HIM, 102, 10)]))
    assert "A02" in scene.codes()


def test_an_invalid_unproven_fix_is_nothing() -> None:
    """Neither called a position nor proven: counted, and that is all."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix(HIM, 1, 10, flags=0))
    assert scene.codes() == []
    scene.sees(fix(HIM, 2, 10, flags=1))
    scene.sees(fix(HIM, 2, 20, flags=1))
    assert scene.codes() == ["A02"]
    assert scene.engine.counts == {"fix-invalid": 1, "fix-unproven": 2}


def test_a_proven_fix_ends_a_weaker_one() -> None:
    """Once she is believed again, what was not proven is forgotten."""
    scene = Scene(order())
    scene.stand(0, 60, (3000, 0), (0, 0))
    scene.sees(fix(HER, 70, 2000, flags=1))
    scene.sees(fix(HER, 80, 20))
    assert scene.engine._world.subjects[HER].weak is None
    assert scene.codes() == []


def test_an_older_jump_is_no_second_witness() -> None:
    """Of two impossible fixes the second has to be the later one."""
    scene = Scene(order())
    scene.stand(0, 60, (50_000, 0), (0, 0))
    scene.sees(fix(HIM, 45, 20))
    scene.apply(Fixes(T0 + 50, [fix(HIM, 40, 20)]))
    assert scene.codes() == ["A11"]


def test_late_fixes_without_a_binding_order() -> None:
    """What comes late is judged by the orders of its time: none then, nothing now."""
    scene = Scene(order(start=T0 + 2000))
    for at in range(0, 600, 60):
        scene.sees(fix(HER, at, 0))
    scene.tick(1000)
    scene.apply(Fixes(T0 + 1000, [fix(HIM, 300, 5)]))
    assert scene.alerts(grade="retrospective") == []


def test_an_unproven_fix_alone_finds_nobody() -> None:
    """With nothing known of the other party there is nothing to raise."""
    scene = Scene(order())
    scene.sees(fix(HIM, 1, 10, flags=1))
    assert scene.codes() == []


def test_across_the_date_line_nothing_jumps() -> None:
    """Walking over longitude 180, either way, with a guarded zone beside it, is a walk."""
    scene = Scene(order(places=[Place("z", "zone", 179.9, 10.0, 100.0)]))
    at = 0.0
    for lon in (179.9995, -179.9999, 179.9998, -179.9996):
        scene.apply(Fixes(T0 + at + 1, [Fix(HIM, T0 + at, lon, 10.0, 7.0), Fix(HER, T0 + at, -lon, 10.5, 7.0)]))
        scene.tick(at + 30)
        at += 60
    assert scene.codes() == []
    assert "fix-suspect" not in scene.engine.counts
    assert scene.state() == "SAFE"


def test_counts_of_work_are_told() -> None:
    """How many partners and places were looked at beyond the cheap bound is known."""
    scene = Scene(order(places=[circle("z", "zone", 900)]))
    scene.stand(0, 60, (50, 0), (0, 0))
    assert scene.engine.candidates > 0


def test_a_backlog_that_is_newest_and_old_only_ages() -> None:
    """An hourly upload moves what is known, raises nothing live, and lowers nothing."""
    scene = Scene(order())
    scene.stand(0, 60, (50, 0), (0, 0))
    scene.tick(1000)
    scene.apply(Fixes(T0 + 1000, [fix(HIM, 700, 3000)]))
    assert scene.state() == "BREACH"
    assert "A02" not in scene.cleared()


def test_a_suspended_place_proves_nothing() -> None:
    """Settled fixes inside a place whose order is suspended are no evidence; a proof begun is dropped."""
    scene = Scene(order(victim=None, places=[circle("z", "zone", 0)], suspensions=[span(50, 400)]))
    for at in range(0, 400, 30):
        scene.sees(fix(HIM, at, 200 if at < 30 else 10))
    scene.tick(900)
    assert scene.alerts(grade=None) == [] or {a.grade for a in scene.alerts(grade=None)} == {"live"}


def test_a_proof_of_a_place_survives_the_margin() -> None:
    """Stepping out within the margin and in again is the same proven episode."""
    scene = Scene(order(victim=None, places=[circle("z", "zone", 0)]))
    steps = [10, 10, 10, 150, 10, 150, 400, 400, 150, 10, 10]
    for number, east in enumerate(steps):
        scene.sees(fix(HIM, 30 * number, east))
    scene.tick(900)
    assert len(scene.alerts("A09", grade="evidence")) == 1


def test_no_notice_inside_a_wide_ban() -> None:
    """A ban of two kilometres has no notice distance left around it."""
    scene = Scene(order(victim=None, places=[circle("h", "home", 0, radius_m=2000.0)]))
    for number, east in enumerate((4000, 2500, 1500)):
        scene.sees(fix(HIM, 60 * number, east))
    assert scene.codes() == ["A02"]


def test_two_places_and_a_new_version_with_one() -> None:
    """Replacing one of two places leaves the other as it was."""
    both = [circle("a", "zone", 0), circle("b", "zone", 5000)]
    scene = Scene(order(victim=None, places=both))
    scene.sees(fix(HIM, 0, 10))
    scene.tick(200)
    scene.apply(order(version=2, received_t=T0 + 201, victim=None, places=[both[0], circle("b", "zone", 0)]))
    assert scene.codes().count("A09") == 1
    assert scene.cleared() == []


def test_places_only_pairs_have_no_worst_case() -> None:
    """Without a victim the worst case is at once."""
    scene = Scene()
    pair = Pair(Subject(HIM, 0.0, 60.0), None)
    assert least(scene.engine._world, pair) == 0.0
    assert Zone(circle("z", "zone", 0), banned=False).secret is False


def test_parties_change_on_another_shard() -> None:
    """An order that leaves a pair decided elsewhere changes nothing here."""
    for shard in ((0, 2), (1, 2)):
        scene = Scene(order(), shard=shard)
        scene.apply(order(version=2, received_t=T0 + 1, victim="other"))
        assert len(scene.engine.states()) <= 2


def test_a_call_decided_on_another_shard() -> None:
    """Exactly one of two detectors raises the call, with or without an order."""
    for orders in ((order(),), ()):
        said = []
        for shard in ((0, 2), (1, 2)):
            scene = Scene(*orders, shard=shard)
            scene.event(HER, 1, "sos")
            said += scene.alerts("A01")
        assert len(said) == 1


def test_a_heartbeat_before_any_tick() -> None:
    """A message is heard also before the first tick."""
    scene = Scene(order())
    scene.event(HER, 1, "heartbeat")
    assert scene.engine._world.subjects[HER].heard == T0 + 1


def test_a_carrier_record_for_later() -> None:
    """A device she will carry from tomorrow arms the pair then and not before."""
    scene = Scene(order(victim="third"))
    scene.apply(Carry(T0, "later", "w", "third", T0 + 500))
    scene.tick(499)
    assert scene.state() in {"HOLD", "STALE"}
    scene.tick(500)
    assert scene.state() == "UNKNOWN" or scene.state() == "STALE"


def test_turns_of_one_second_come_in_order_of_making() -> None:
    """An entry that was overtaken and renewed changes nothing about who comes first, so that a restart cannot either."""
    offender = Subject(HIM, 0.0, 60.0)
    first, second = Pair(offender, None), Pair(offender, None)
    second.number = 1
    wheel = Wheel()
    wheel.put(second, 9.5)
    wheel.put(first, 10.0)
    wheel.put(second, 5.0)
    assert wheel.next() == 5.0
    assert wheel.due(5.0) == [second]
    wheel.put(second, 10.0)
    wheel.put(second, inf)
    assert wheel.due(10.0) == [first, second]
    assert wheel.next() == inf


def test_two_fixes_of_one_moment_prove_no_place() -> None:
    """Points closer together than independent errors allow count once."""
    scene = Scene(order(victim=None, places=[circle("z", "zone", 0)]))
    for at in (0, 60, 61, 62):
        scene.sees(fix(HIM, at, 400 if at == 0 else 10))
    scene.tick(400)
    assert scene.alerts("A09")
    assert scene.alerts(grade="evidence") == []


def test_what_was_refused_is_refused_once() -> None:
    """The same fix dated ahead of us again is a duplicate, and doubts nothing more."""
    scene = Scene(order())
    dream = fix(HIM, 500, 0)
    scene.tick(10)
    scene.apply(Fixes(T0 + 10, [dream]))
    scene.apply(Fixes(T0 + 11, [dream]))
    assert (scene.engine.counts["fix-refused"], scene.engine.counts["fix-duplicate"]) == (1, 1)


def test_an_old_jump_is_set_aside_and_tells_nobody() -> None:
    """Where a late fix cannot have been, it is remembered, and nobody is looked for there."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 90_000), fix(HIM, 0, 0))
    scene.tick(400)
    scene.apply(Fixes(T0 + 400, [fix(HER, 390, 90_000), fix(HIM, 200, 90_000)]))
    assert scene.engine.counts["fix-suspect"] == 1
    assert not [a for a in scene.alerts("A11") if a.reason["rule"] == "suspect-near"]


def test_a_word_of_health_twice_is_one() -> None:
    """The tracker apart from him, told by its device every few seconds, is one alert of the episode."""
    scene = Scene(order())
    scene.sees(fix(HIM, 0, 9000), fix(HER, 0, 0))
    for kind, value in (("tether", 40.0), ("power_off", None)):
        for at in (10, 15, 20):
            scene.event(HIM, at, kind, value)
    assert sorted(scene.codes()) == ["A05", "A15"]


def test_overtaken_and_too_old_to_raise_is_settled_all_the_same() -> None:
    """At the very edge of the watermark a fix raises nothing live and still counts as evidence is gathered."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.tick(400)
    scene.apply(Fixes(T0 + 400, [fix(HIM, 395, 700), fix(HER, 395, 0)]))
    scene.apply(Fixes(T0 + 400.9, [fix(HIM, 280.2, 20)]))
    assert scene.engine.counts["fix-overtaken"] == 1
    assert scene.alerts("A02") == []


def test_one_detector_of_two_tells_of_our_own_gap() -> None:
    """A gap in ticks is about us: the first detector says it for all."""
    said = []
    for shard in range(2):
        scene = Scene(order(), shard=(shard, 2))
        scene.apply(Tick(T0))
        scene.apply(Tick(T0 + 500))
        said.append(scene.codes())
    assert said == [["A25"], []]


def test_before_the_first_tick_nothing_is_remembered_as_doubted() -> None:
    """Age runs on ticks: without one there is no time at which something was set aside."""
    scene = Scene(order())
    scene.apply(Fixes(T0, [fix(HIM, 500, 0)]))
    assert scene.engine.counts["fix-refused"] == 1
    assert scene.engine._world.subject(HIM).doubted == NEVER


def test_a_late_fix_beside_a_place_is_no_stay() -> None:
    """Outside the edge nothing is told in retrospect."""
    scene = Scene(order(victim=None, places=[circle("z", "zone", 0)]))
    scene.tick(900)
    scene.apply(Fixes(T0 + 900, [fix(HIM, 100, 400)]))
    assert scene.alerts(grade="retrospective") == []


def test_a_proof_survives_a_restart() -> None:
    """A breach being proven, and one in a place, go on from where they were."""
    scene = Scene(order(places=[circle("z", "zone", 0)]))
    scene.stand(0, 100, (20, 0), (0, 0))
    scene.tick(215)
    again = Engine.load(scene.engine.dump())
    assert again.ticks(T0 + 216, T0 + 500) == scene.engine.ticks(T0 + 216, T0 + 500)


def test_half_a_minute_inside_between_two_fixes() -> None:
    """From a hundred and fifty metres on one side of her to as much on the other in a minute: a breach in between."""
    scene = Scene(order())
    for at, east in ((0, -450.0), (60, -150.0), (120, 150.0)):
        scene.sees(fix(HER, at, 0), fix(HIM, at, east))
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["between-fixes"]


def test_a_silence_told_survives_a_restart() -> None:
    """Her silence near him is told once, whenever the engine is written down and read back."""
    scene = Scene(order())
    scene.stand(0, 300, (300, 0), (0, 0))
    for at in range(300, 900, 60):
        scene.sees(fix(HIM, at, 300))
    (told,) = scene.alerts("A12")
    assert told.reason["rule"] == "victim-silent-near"
    scene.engine = Engine.load(scene.engine.dump())
    scene.sees(fix(HER, 900, 0))
    for at in range(960, 1800, 60):
        scene.sees(fix(HIM, at, 300))
    assert scene.alerts("A12") == [told]


@pytest.mark.parametrize("flags", [0, 1, 2])
def test_a_fix_that_is_no_position_says_nothing_by_being_sent_again(flags: int) -> None:
    """Without proof, or not called a position by its own device: a hundred times is once."""

    def said(times: int) -> list[str]:
        scene = Scene(order())
        for at in range(0, 600, 60):
            scene.sees(fix(HER, at, 0.0))
            scene.sees(fix(HIM, at + 30, 2200.0))
        bad = fix(HIM, 600, 2200.0, flags=flags)
        for at in range(600, 3000, 60):
            scene.sees(fix(HER, at, 0.0))
            if at < 600 + 240 * times and at % 240 == 120:
                scene.tick(at + 30.0)
                scene.apply(Fixes(T0 + at + 30, [bad]))
        return [f"{one}" for one in scene.said]

    assert said(1) == said(8)


def test_a_fix_without_proof_does_not_stand_in_the_way_of_its_own_proof() -> None:
    """The same position with proof is heard."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0.0))
    scene.sees(fix(HIM, 10, 50.0, flags=1))
    scene.sees(fix(HIM, 10, 50.0), late=2.0)
    assert scene.engine.counts == {"fix-unproven": 1}
    assert scene.state() == "BREACH"
