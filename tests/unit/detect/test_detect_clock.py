"""Our own clock set back, or wrong for one tick: one alert about us, and silence goes on as if nothing had been."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, fix, order

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fixes, Tick


def walk(scene: Scene, start: float, end: float, shift: float = 0.0) -> None:
    """Ticks of every second from ``start`` to ``end``, each ``shift`` off the truth."""
    for at in range(int(start), int(end)):
        scene.apply(Tick(T0 + at + shift))


def near(scene: Scene, end: float = 600) -> None:
    """Both report once a minute at 400 m, with ticks."""
    for at in range(int(end)):
        scene.apply(Tick(T0 + at))
        if at % 60 == 0:
            scene.apply(Fixes(T0 + at, [fix(HIM, at, 400), fix(HER, at, 0)]))


@pytest.mark.parametrize("shift", [-30.0, -1800.0, -86_400.0])
def test_silence_goes_on_when_the_clock_is_set_back(shift: float) -> None:
    """Her device fell silent at 540 s: three minutes later that is said, whatever our clock says by then."""
    scene = Scene(order())
    near(scene)
    walk(scene, 600, 1300, shift)
    assert scene.codes().count("A25") == 1
    about = scene.alerts("A25")[0]
    assert (about.reason["rule"], about.reason["gap_s"]) == ("clock-set-back", shift + 1)
    lost = next(a for a in scene.alerts("A12") if a.reason["party"] == "victim")
    assert lost.decided_at - T0 - shift == pytest.approx(720, abs=2)
    assert lost.reason["silent_s"] == pytest.approx(180, abs=2)
    assert scene.state() == "UNKNOWN"


def test_a_step_within_the_gap_is_no_step() -> None:
    """Ticks a little late or repeated are passed over as ever."""
    scene = Scene(order())
    near(scene, 100)
    said = list(scene.said)
    walk(scene, 92, 100)
    assert scene.said == said


def test_fixes_go_on_with_the_new_clock() -> None:
    """A clock that was ahead and is set right: fixes are live again, and settled ones are evidence again."""
    scene = Scene(order())
    for at in range(300):
        scene.apply(Tick(T0 + at + 3600))
        if at % 60 == 0:
            scene.apply(Fixes(T0 + at + 3600, [fix(HIM, at, 400), fix(HER, at, 0)]))
    for at in range(300, 900):
        scene.apply(Tick(T0 + at))
        if at % 30 == 0:
            scene.apply(Fixes(T0 + at, [fix(HER, at, 0), fix(HIM, at, 50 if at >= 400 else 1500)]))
    assert scene.codes(grade="evidence") == ["A02"]
    assert scene.alerts("A02")[0].at - T0 == pytest.approx(400, abs=30)
    assert scene.codes().count("A25") == 1


def test_one_wrong_tick_is_one_alert_and_changes_nothing() -> None:
    """One tick a day ahead: one A25, her silence is still said in time, and an order it seemed to end binds again."""
    scene = Scene(order(end=T0 + 40_000))
    near(scene)
    scene.apply(Tick(T0 + 600 + 86_400))
    walk(scene, 601, 1300)
    assert scene.codes().count("A25") == 1
    lost = next(a for a in scene.alerts("A12") if a.reason["party"] == "victim")
    assert lost.decided_at - T0 == pytest.approx(720, abs=2)
    assert scene.state() == "UNKNOWN"


def test_who_is_inside_counts_again_after_a_wrong_tick() -> None:
    """The breach that a wrong tick ended with the order is raised again at once."""
    scene = Scene(order(end=T0 + 40_000))
    scene.stand(0, 300, (50, 0), (0, 0))
    scene.apply(Tick(T0 + 301 + 86_400))
    assert scene.state() == "NONE"
    scene.apply(Tick(T0 + 302))
    assert scene.state() == "BREACH"
    assert scene.codes().count("A02") == 2


def test_evidence_after_a_wrong_tick() -> None:
    """Fixes settle by the right clock again."""
    scene = Scene(order())
    scene.stand(0, 300, (5000, 0), (0, 0))
    scene.apply(Tick(T0 + 301 + 86_400))
    scene.apply(Tick(T0 + 302))
    scene.clock = 302
    scene.stand(310, 600, (50, 0), (0, 0), every=20)
    scene.tick(900)
    assert scene.codes(grade="evidence") == ["A02"]


def test_an_order_that_began_between_the_two_times_still_binds() -> None:
    """Set back before the order, the carriers and the first fix: the pair stays guarded."""
    scene = Scene()
    for who in (HIM, HER):
        scene.apply(Carry(T0, f"d-{who}", who, who, T0 - 5))
    scene.apply(order())
    scene.stand(0, 300, (1500, 0), (0, 0))
    walk(scene, 300, 900, -7200)
    assert scene.state() == "UNKNOWN"
    assert "A12" in scene.codes()


def test_two_clocks_at_odds_are_one_alert() -> None:
    """Ticks that go to and fro between two clocks are told once."""
    scene = Scene(order())
    near(scene, 60)
    for at in range(60, 360):
        scene.apply(Tick(T0 + at))
        scene.apply(Tick(T0 + at - 40))
    assert scene.codes().count("A25") == 1


@pytest.mark.parametrize("jump", [-1800.0, 86_400.0])
def test_a_restart_between_two_clocks(jump: float) -> None:
    """Written down and read back after the step, the engine goes on the same."""
    scene = Scene(order())
    near(scene)
    scene.apply(Tick(T0 + 600 + jump))
    body = scene.engine.dump()
    again = Engine.load(body)
    assert again.dump() == body
    for at in range(601, 1300):
        tick = Tick(T0 + at + (jump if jump < 0 else 0.0))
        assert again.apply(tick) == scene.engine.apply(tick)
    assert again.dump() == scene.engine.dump()


def test_our_own_clock_set_back_is_not_told_of_each_device() -> None:
    """Three minutes behind, every device is ahead of us: one alert about us, nothing settled twice, nobody missed."""
    scene = Scene(order())
    near(scene)
    for at in range(600, 1800):
        scene.apply(Tick(T0 + at - 200))
        if at % 5 == 0:
            east = 400 if at < 1500 else 50
            scene.apply(Fixes(T0 + at - 200, [fix(HIM, at, east), fix(HER, at, 0)]))
    assert scene.codes().count("A25") == 1
    assert not [a for a in scene.alerts("A13") if a.reason["dispatch"] == "operator"]
    assert scene.alerts("A26", grade=None) == []
    assert scene.alerts(grade="evidence") == []
    assert scene.codes().count("A02") == 1
