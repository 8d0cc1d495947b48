"""Silence is never safety: ages, UNKNOWN, communication loss, gaps in ticks, doubted fixes."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order

from jikimi.detect.facts import Carry, Fix, FixFlag, Tick

UNPROVEN = int(FixFlag.VALID)
INVALID = int(FixFlag.PROVEN)


def test_her_silence_while_he_is_near_is_dispatched() -> None:
    """A smashed watch near him is P1 with dispatch after three minutes, not a battery note."""
    scene = Scene(order())
    scene.stand(0, 120, (1500, 0), (0, 0))
    for at in range(120, 400, 30):
        scene.sees(fix(HIM, at, 1500))
    alert = scene.alerts("A12")[0]
    assert (alert.reason["party"], alert.reason["rule"]) == ("victim", "victim-silent-near")
    assert (alert.reason["priority"], alert.reason["dispatch"]) == ("P1", "yes")
    assert alert.decided_at - (T0 + 60) == pytest.approx(180, abs=1)


def test_far_silence_waits_longer_and_ranks_lower() -> None:
    """Eight kilometres apart the limit is ten minutes, thirty beyond, both P3."""
    for apart, limit in ((8000, 600), (20_000, 1800)):
        scene = Scene(order())
        scene.stand(0, 120, (apart, 0), (0, 0))
        for at in range(120, limit + 200, 30):
            scene.sees(fix(HIM, at, apart))
        (alert,) = scene.alerts("A12")
        assert alert.reason["priority"] == "P3"
        assert alert.decided_at - (T0 + 60) == pytest.approx(limit, abs=1)


def her_loss(scene: Scene) -> list[tuple[object, object, float]]:
    """Priority, dispatch and time from T0 of every alert on her device's silence."""
    lost = [a for a in scene.alerts("A12") if a.reason["party"] == "victim"]
    return [(a.reason["priority"], a.reason["dispatch"], a.decided_at - T0) for a in lost]


def test_an_alert_about_him_does_not_stand_for_her_silence() -> None:
    """He is located by cell alone and A11 says so; her device going silent then is P1 and dispatch all the same."""
    scene = Scene(order())
    for at in range(0, 1500, 30):
        scene.sees(fix(HIM, at, 3000, sigma=3000))
        if at < 600:
            scene.sees(fix(HER, at + 1, 0))
    assert [a.reason["rule"] for a in scene.alerts("A11")] == ["unknown-while-near", "victim-silent-unknown"]
    ((priority, dispatch, when),) = her_loss(scene)
    assert (priority, dispatch) == ("P1", "yes")
    assert when == pytest.approx(571 + 180, abs=2)
    assert scene.alerts("A11")[1].decided_at - T0 <= 571 + 180


def test_the_two_alerts_of_one_unknown_pair_are_two() -> None:
    """Without another fix of either, the alert because of her is not the one because of him."""
    scene = Scene(order())
    for at in (0, 30):
        scene.sees(fix(HIM, at, 3000, sigma=3000), fix(HER, at, 0))
    scene.tick(400)
    assert [a.reason["rule"] for a in scene.alerts("A11")] == ["unknown-while-near", "victim-silent-unknown"]
    assert len({a.alert for a in scene.alerts("A11")}) == 2


def test_her_silence_while_he_was_never_located() -> None:
    """His device never reported a place: hers going silent is P1 within three minutes."""
    scene = Scene(order())
    for at in range(0, 1500, 60):
        scene.event(HIM, at, "heartbeat")
        if at < 600:
            scene.sees(fix(HER, at + 1, 0))
        scene.tick(at + 59)
    ((priority, dispatch, when),) = her_loss(scene)
    assert (priority, dispatch) == ("P1", "yes")
    assert when == pytest.approx(541 + 180, abs=2)


def test_her_silence_told_far_away_is_told_again_when_he_comes() -> None:
    """A battery note at ten minutes becomes P1 with dispatch the moment he is near where she was last."""
    scene = Scene(order())
    scene.stand(0, 120, (9000, 0), (0, 0))
    for at in range(120, 1500, 30):
        scene.sees(fix(HIM, at, max(1000, 9000 - 6 * (at - 120)), 0))
    (first, second) = her_loss(scene)
    assert first[:2] == ("P3", "operator")
    assert second[:2] == ("P1", "yes")
    assert len({a.alert for a in scene.alerts("A12")}) == 2
    scene.sees(fix(HER, 1501, 0))
    assert scene.cleared().count("A12") == 2


def test_unknown_when_the_worst_case_reaches_her() -> None:
    """Both silent: the pair goes STALE, then UNKNOWN once he could have come, and A11 follows after 60 s, once."""
    scene = Scene(order())
    scene.stand(0, 120, (900, 0), (0, 0))
    scene.tick(2000)
    words = scene.shown()
    assert words[-1] == "UNKNOWN"
    (alert,) = scene.alerts("A11")
    assert alert.state == "UNKNOWN"
    assert alert.reason["worst_case_m"] == pytest.approx(0, abs=100)
    assert scene.codes().count("A12") == 2
    scene.sees(fix(HER, 2001, 0))
    scene.sees(fix(HIM, 2002, 3500))
    assert scene.cleared().count("A11") == 1
    assert scene.cleared().count("A12") == 2


def test_somebody_never_located_is_unknown() -> None:
    """A device on record that never reported is no comfort: UNKNOWN after two intervals, A11 a minute later."""
    scene = Scene(order())
    for at in range(0, 300, 30):
        scene.sees(fix(HIM, at, 50_000))
    assert scene.state() == "UNKNOWN"
    assert scene.alerts("A11")[0].decided_at - T0 == pytest.approx(180, abs=2)
    assert scene.alerts("A11")[0].reason["dispatch"] == "yes"
    assert scene.alerts("A12") == []
    for at in range(300, 2000, 60):
        scene.sees(fix(HIM, at, 50_000))
    (lost,) = scene.alerts("A12")
    assert (lost.reason["party"], lost.reason["priority"]) == ("victim", "P3")


def test_coarse_fixes_make_unknown_not_safe() -> None:
    """Both on the same spot by cell alone: P(d < 100) is 0.02, and the pair is UNKNOWN with its alert."""
    scene = Scene(order())
    for at in range(0, 180, 30):
        scene.sees(fix(HER, at, 0, sigma=350))
        scene.sees(fix(HIM, at + 15, 0, sigma=350))
    assert scene.state() == "UNKNOWN"
    assert len(scene.alerts("A11")) == 1
    assert scene.alerts("A11")[0].reason["dispatch"] == "yes"


def test_stale_never_lowers_a_ring() -> None:
    """A held breach stays shown through any silence."""
    scene = Scene(order())
    scene.stand(0, 120, (50, 0), (0, 0))
    scene.tick(7200)
    assert scene.state() == "BREACH"
    assert "A02" not in scene.cleared()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("future", lambda at: fix(HER, at + 3600, 0)),
        ("invalid", lambda at: fix(HER, at, 0, flags=INVALID)),
        ("unproven", lambda at: fix(HER, at, 0, flags=UNPROVEN)),
        ("impossible", lambda at: Fix(HER, T0 + at, 200.0, 0.0, 7.0)),
        ("not a number", lambda at: Fix(HER, T0 + at, float("nan"), 0.0, 7.0)),
        ("an hour old", lambda at: fix(HER, at - 3600, 0)),
        ("jumping", lambda at: fix(HER, at, 90_000 if at // 30 % 2 else 300_000)),
        ("repeated", lambda _: fix(HER, 60, 0)),
    ],
)
def test_doubted_fixes_leave_data_age_running(name: str, bad) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Whatever a filter sets aside, the pair's data age runs on, and the pair becomes UNKNOWN and says so."""
    scene = Scene(order())
    scene.stand(0, 120, (1500, 0), (0, 0))
    for at in range(120, 900, 30):
        scene.sees(fix(HIM, at, 1500))
        received = T0 + at + 1
        scene.said.extend(scene.engine.apply(type_of(received, bad(at))))
    assert scene.alerts("A11"), name
    assert scene.state() == "UNKNOWN"


def type_of(received: float, one: Fix):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """A batch of one fix received at ``received``."""
    from jikimi.detect.facts import Fixes  # noqa: PLC0415

    return Fixes(received, [one])


def test_unproven_raises_and_never_lowers() -> None:
    """A fix without proof may raise the pair; another one far away lowers nothing."""
    scene = Scene(order())
    scene.stand(0, 60, (2900, 0), (0, 0))
    scene.sees(fix(HIM, 70, 80, flags=UNPROVEN))
    assert scene.codes() == ["A02"]
    for at in range(80, 110, 10):
        scene.sees(fix(HIM, at, 9000, flags=UNPROVEN))
    assert scene.state() == "BREACH"


def test_two_unproven_parties_still_raise() -> None:
    """Neither side can prove itself: nearness is still told, by whichever reports last."""
    scene = Scene(order())
    scene.sees(fix(HER, 1, 0, flags=UNPROVEN))
    scene.sees(fix(HIM, 2, 40, flags=UNPROVEN))
    assert scene.codes() == ["A02"]


def test_a_proven_fix_near_an_unproven_one_raises() -> None:
    """His proven fix beside her newer unproven one counts."""
    scene = Scene(order())
    scene.stand(0, 60, (900, 0), (0, 0))
    scene.sees(fix(HER, 80, 850, flags=UNPROVEN))
    scene.sees(fix(HIM, 79, 880))
    assert "A02" in scene.codes()


def test_a_jump_is_quarantined_and_two_that_agree_release_it() -> None:
    """An impossible jump moves nothing; the second fix from there does."""
    scene = Scene(order())
    scene.stand(0, 60, (50_000, 0), (0, 0))
    scene.sees(fix(HIM, 40, 20))
    assert scene.codes() == ["A11"]
    scene.sees(fix(HIM, 45, 20))
    assert scene.codes() == ["A11", "A02"]
    assert scene.cleared() == ["A11"]
    assert scene.engine.counts["fix-suspect"] == 1


def test_a_jump_sent_twice_is_one_jump() -> None:
    """The same suspect fix again is no second witness."""
    scene = Scene(order())
    scene.stand(0, 60, (50_000, 0), (0, 0))
    scene.sees(fix(HIM, 40, 20))
    scene.sees(fix(HIM, 40, 20))
    assert scene.codes() == ["A11"]


def test_a_gap_in_ticks_is_one_alert_about_us() -> None:
    """An hour without ticks is one A25 and makes no pair UNKNOWN."""
    scene = Scene(order())
    scene.stand(0, 120, (1500, 0), (0, 0))
    scene.tick(100)
    scene.apply(Tick(T0 + 3700))
    scene.apply(Tick(T0 + 3701))
    assert scene.codes().count("A25") == 1
    alert = scene.alerts("A25")[0]
    assert (alert.order, alert.pair, alert.at) == ("", "", T0 + 100)
    assert scene.state() in {"SAFE", "WATCH"}
    scene.clock = 3701
    scene.tick(4200)
    assert scene.alerts("A11")


def test_ticks_that_come_again_or_late_do_nothing() -> None:
    """A tick not after the last is passed over."""
    scene = Scene(order())
    scene.tick(10)
    assert scene.apply(Tick(T0 + 10)) == []
    assert scene.apply(Tick(T0 + 3)) == []


def test_hold_and_unmonitored_are_named() -> None:
    """Without a device on her the pair is on HOLD, without one on him UNMONITORED, never SAFE."""
    scene = Scene(order("hold", victim="nobody"))
    scene.tick(1)
    assert scene.state() == "HOLD"
    scene = Scene(order("free", offender="nobody"))
    scene.tick(1)
    assert scene.state() == "UNMONITORED"
    scene = Scene(order(monitored=False))
    scene.tick(400)
    assert scene.state() == "UNMONITORED"
    assert "A11" not in scene.codes()


def test_her_device_begins_and_ends() -> None:
    """When she puts a device on, the pair arms without a fix; when its record ends, it is on HOLD."""
    scene = Scene(order(victim="late", places=[circle("home", "home", 9000)]))
    scene.apply(Carry(T0, "c", "watch", "late", T0 + 60, T0 + 600))
    scene.tick(59)
    assert scene.state() == "HOLD"
    scene.tick(60)
    assert scene.state() != "HOLD"
    scene.tick(600)
    assert scene.state() in {"HOLD", "STALE"}


def test_a_device_known_by_its_speed() -> None:
    """The device's own speed and course beat two positions."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    lon, lat = fix(HIM, 0, 4000).lon, fix(HIM, 0, 4000).lat
    for at in (1, 2, 3):
        scene.sees(Fix(HIM, T0 + at, lon, lat, 7.0, 1, 3, 20.0, 270.0))
    assert scene.codes() == ["A06"]
    assert scene.alerts("A06")[0].reason["closing_mps"] == pytest.approx(20, abs=0.1)
