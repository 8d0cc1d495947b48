"""Silence is never safety: ages, UNKNOWN, communication loss, gaps in ticks, doubted fixes."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order

from jikimi.detect.facts import Carry, Fix, FixFlag, Tick

UNPROVEN = int(FixFlag.VALID)
INVALID = int(FixFlag.PROVEN)


def test_her_silence_while_he_is_near_is_dispatched() -> None:
    """A smashed watch near him is P1 with dispatch after three minutes, not a battery note."""
    scene = Scene(order())
    scene.stand(0, 120, (450, 0), (0, 0))
    for at in range(120, 400, 30):
        scene.sees(fix(HIM, at, 450))
    alert = scene.alerts("A12")[0]
    assert (alert.reason["party"], alert.reason["rule"]) == ("victim", "victim-silent-near")
    assert (alert.reason["priority"], alert.reason["dispatch"]) == ("P1", "yes")
    assert alert.decided_at - (T0 + 60) == pytest.approx(180, abs=1)


def test_her_silence_while_he_comes_is_dispatched() -> None:
    """Two kilometres are near when he is on his way by car."""
    scene = Scene(order())
    for minute in range(4):
        scene.sees(fix(HER, 60 * minute, 0))
        scene.sees(fix(HIM, 60 * minute + 1, 5500 - 1000 * minute))
    for at in range(200, 400, 30):
        scene.sees(fix(HIM, at, max(300, 2500 - 16 * (at - 181))))
    (lost,) = scene.alerts("A12")
    assert (lost.reason["rule"], lost.reason["dispatch"]) == ("victim-silent-near", "yes")


def test_her_silence_just_after_his_is_dispatched() -> None:
    """His position became unknown 800 m from her, then hers did: P1, though no ring told of it before."""
    scene = Scene(order())
    scene.stand(0, 120, (800, 0), (0, 0))
    for at in range(120, 420, 30):
        scene.sees(fix(HER, at, 0))
    scene.tick(900)
    assert [(a.reason["party"], a.reason["priority"]) for a in scene.alerts("A12")] == [
        ("offender", "P2"), ("victim", "P1"),
    ]  # fmt: skip


def test_far_silence_waits_longer_and_ranks_lower() -> None:
    """Her device silent far from him is A16 after ten minutes, thirty beyond ten kilometres; his is A12, P3, a task."""
    for apart, limit in ((8000, 600), (20_000, 1800)):
        scene = Scene(order())
        scene.stand(0, 120, (apart, 0), (0, 0))
        for at in range(120, limit + 200, 30):
            scene.sees(fix(HIM, at, apart))
        (alert,) = scene.alerts()
        assert (alert.code, alert.reason["priority"], alert.reason["dispatch"]) == ("A16", "P2", "no")
        assert alert.decided_at - (T0 + 60) == pytest.approx(limit, abs=1)
        scene = Scene(order())
        scene.stand(0, 120, (apart, 0), (0, 0))
        for at in range(120, limit + 200, 30):
            scene.sees(fix(HER, at, 0))
        (alert,) = scene.alerts()
        assert (alert.code, alert.reason["priority"], alert.reason["dispatch"]) == ("A12", "P3", "task")
        assert alert.decided_at - (T0 + 90) == pytest.approx(limit, abs=1)


def her_loss(scene: Scene) -> list[tuple[object, object, float]]:
    """Code, dispatch and time from T0 of every alert on her device's silence."""
    lost = [a for a in scene.alerts("A12", "A16") if a.reason["party"] == "victim"]
    return [(a.code, a.reason["dispatch"], a.decided_at - T0) for a in lost]


def test_an_alert_about_him_does_not_stand_for_her_silence() -> None:
    """He is located by cell alone and A11 says so; her device going silent then is P1 and dispatch all the same."""
    scene = Scene(order())
    for at in range(0, 1500, 30):
        scene.sees(fix(HIM, at, 3000, sigma=3000))
        if at < 600:
            scene.sees(fix(HER, at + 1, 0))
    assert [a.reason["rule"] for a in scene.alerts("A11")] == ["unknown-while-near"]
    ((code, dispatch, when),) = her_loss(scene)
    assert (code, dispatch) == ("A12", "yes")
    assert when == pytest.approx(571 + 180, abs=2)


def test_two_devices_that_fall_silent_together_are_one_dispatch() -> None:
    """Both go quiet 400 m apart within a minute: one P1, because the same officers would be sent twice."""
    scene = Scene(order())
    scene.stand(0, 120, (400, 0), (0, 0))
    scene.tick(900)
    assert scene.codes() == ["A06", "A12"]
    assert scene.alerts("A12")[0].reason["party"] == "victim"
    assert scene.state() == "UNKNOWN"


def test_her_silence_while_he_was_never_located() -> None:
    """His device talks and never reported a place: hers going silent is P1 within three minutes."""
    scene = Scene(order())
    for at in range(0, 560, 60):
        scene.event(HIM, at, "heartbeat")
        if at < 300:
            scene.sees(fix(HER, at + 1, 0))
        scene.tick(at + 59)
    ((code, dispatch, when),) = her_loss(scene)
    assert (code, dispatch) == ("A12", "yes")
    assert when == pytest.approx(241 + 180, abs=2)


def test_her_silence_told_far_away_is_told_again_when_he_comes() -> None:
    """A note at ten minutes becomes P1 with dispatch when his way leads near where she was last."""
    scene = Scene(order(places=[circle("home", "home", 0)]))
    scene.stand(0, 120, (9000, 0), (0, 0))
    for at in range(120, 2000, 30):
        scene.sees(fix(HIM, at, min(9000, max(950, 9000 - 10 * (at - 720))), 0))
    (first, second) = her_loss(scene)
    assert first[:2] == ("A16", "no")
    assert second[:2] == ("A12", "yes")
    scene.sees(fix(HER, 2001, 0))
    assert {"A12", "A16"} <= set(scene.cleared())


def test_unknown_when_the_worst_case_reaches_her() -> None:
    """He falls silent 490 m away, long after that was told: STALE, then UNKNOWN once he could have come, and A12, once."""
    scene = Scene(order())
    scene.stand(0, 1200, (490, 0), (0, 0))
    for at in range(1200, 3000, 60):
        scene.sees(fix(HER, at, 0))
    assert scene.state() == "UNKNOWN"
    told = [a for a in scene.alerts() if a.reason["priority"] in {"P0", "P1"}]
    assert [a.code for a in told] == ["A06", "A12"]
    assert told[1].state == "UNKNOWN"
    scene.sees(fix(HIM, 3002, 3500))
    assert scene.cleared().count("A12") == 1


def test_his_silence_right_after_he_was_told_near_adds_nothing() -> None:
    """Officers were sent a minute before he fell silent: the pair is UNKNOWN on their terminals, and no second P1."""
    scene = Scene(order())
    scene.stand(0, 120, (450, 0), (0, 0))
    for at in range(120, 2000, 60):
        scene.sees(fix(HER, at, 0))
    assert scene.state() == "UNKNOWN"
    assert [a.code for a in scene.alerts() if a.reason["priority"] == "P1"] == ["A06"]


def test_somebody_never_heard_of_is_unknown() -> None:
    """A device on record that never reported is no comfort: UNKNOWN, a task after half an hour, and never SAFE."""
    scene = Scene(order())
    for at in range(0, 1900, 30):
        scene.sees(fix(HIM, at, 50_000))
    assert scene.state() == "UNKNOWN"
    (told,) = scene.alerts()
    assert (told.code, told.reason["party"]) == ("A16", "victim")


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
    assert scene.alerts("A11") or name in {"repeated", "an hour old"}
    assert scene.alerts("A12", "A16", "A11")
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
    assert scene.alerts("A12", "A16")


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
    assert scene.state() == "UNKNOWN"


def test_a_device_known_by_its_speed() -> None:
    """The device's own speed and course beat two positions."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    lon, lat = fix(HIM, 0, 4000).lon, fix(HIM, 0, 4000).lat
    for at in (1, 2, 3):
        scene.sees(Fix(HIM, T0 + at, lon, lat, 7.0, 1, 3, 30.0, 270.0))
    assert scene.codes() == ["A06"]
    assert scene.alerts("A06")[0].reason["closing_mps"] == pytest.approx(30, abs=0.1)


def test_her_device_that_comes_and_goes_is_told_once_while_he_is_seen_at_rest() -> None:
    """Parked 450 m away he is seen all the time: her third silence is the first again, until he moves."""
    scene = Scene(order())
    for round_ in range(3):
        begin = 600.0 * round_
        scene.stand(begin, begin + 120, (450, 0), (0, 0))
        for at in range(int(begin) + 120, int(begin) + 600, 60):
            scene.sees(fix(HIM, at, 450))
    assert [a.reason["rule"] for a in scene.alerts("A12")] == ["victim-silent-near"]
    for at in range(1800, 2100, 30):
        scene.sees(fix(HIM, at, 450 - (at - 1800)))
    assert len(scene.alerts("A12")) == 2


def test_her_silence_is_told_again_when_she_has_come_twice_as_near() -> None:
    """He rests and her device comes and goes: 450 m away once, and once more when she is at 200 m."""
    scene = Scene(order())
    for round_, east in enumerate((0, 0, 250)):
        begin = 600.0 * round_
        scene.stand(begin, begin + 120, (450, 0), (east, 0))
        for at in range(int(begin) + 120, int(begin) + 600, 60):
            scene.sees(fix(HIM, at, 450))
    assert [a.at - T0 for a in scene.alerts("A12")] == [60, 1260]


def test_her_device_that_comes_and_goes_while_he_is_lost_is_told_once_an_hour() -> None:
    """Located by cell alone he may be anywhere: her silence is P1, and the same again an hour later."""
    scene = Scene(order())
    for round_ in range(9):
        begin = 600 * round_
        for at in range(begin, begin + 600, 30):
            scene.sees(fix(HIM, at, 3000, sigma=3000))
            if at < begin + 120:
                scene.sees(fix(HER, at + 1, 0))
    told = [a.decided_at - T0 for a in scene.alerts("A12")]
    assert len(told) == 2
    assert told[1] - told[0] >= 3600


def test_her_silence_is_told_again_when_he_is_lost_who_was_seen() -> None:
    """Her device comes and goes while he rests in sight; once a cell is all that is known of him, hers is another matter."""
    scene = Scene(order())
    for at in range(0, 2400, 60):
        if at < 120 or 600 <= at < 1560:
            scene.sees(fix(HER, at, 0))
        scene.sees(fix(HIM, at + 30, 450, sigma=7 if at < 1200 else 3000))
    assert [a.at - T0 for a in scene.alerts("A12")] == [60, 1500]


def test_his_device_that_comes_and_goes_near_her_is_told_once_an_hour() -> None:
    """A tag that speaks every twenty minutes where nobody moves is one P1 an hour, and a task each time."""
    scene = Scene(order())
    scene.stand(0, 1800, (450, 0), (0, 0))
    for at in range(1800, 9000, 60):
        scene.sees(fix(HER, at, 0))
        if at % 1200 == 0:
            scene.sees(fix(HIM, at + 30, 450))
    told = [a for a in scene.alerts("A12") if a.reason["party"] == "offender"]
    assert [a.reason["priority"] for a in told].count("P1") == 2
    assert "P2" in [a.reason["priority"] for a in told]


def test_he_comes_to_where_she_was_last() -> None:
    """Her device is silent for twelve minutes: at 400 m he is in the quarter, at 150 m with her for all that is known."""
    scene = Scene(order())
    scene.stand(0, 120, (5000, 0), (0, 0))
    for at in range(120, 900, 30):
        scene.sees(fix(HIM, at, 5000 if at < 700 else max(400, 5000 - 50 * (at - 700))))
    assert [a.code for a in scene.alerts("A12", "A16")] == ["A16"]
    scene.sees(fix(HIM, 905, 150))
    assert [a.code for a in scene.alerts("A12", "A16")] == ["A16", "A12"]


def walks_up(hers_until: int, begin: int = 0, end: int = 6000, pace: float = 1.4) -> Scene:
    """Four kilometres straight at her from ``begin`` on, both a fix a minute; her last word is at ``hers_until``."""
    scene = Scene(order())
    for at in range(0, end, 60):
        scene.sees(fix(HIM, at, max(20.0, 4000.0 - pace * max(0, at - begin))))
        if at + 7 <= hers_until:
            scene.sees(fix(HER, at + 7, 0))
    return scene


@pytest.mark.parametrize("hers_until", [1447, 1867])
def test_her_silence_while_he_walks_up_is_dispatched(hers_until: int) -> None:
    """Confirmed to come within two kilometres, half an hour away: P1 three minutes after her last word, and no comfort."""
    scene = walks_up(hers_until)
    ((code, dispatch, when),) = her_loss(scene)
    assert (code, dispatch) == ("A12", "yes")
    assert when == pytest.approx(hers_until + 180, abs=1)


def test_her_silence_while_he_comes_from_afar_is_dispatched() -> None:
    """Three kilometres away by bicycle, ten minutes from her: P1 three minutes after her last word."""
    scene = Scene(order())
    for at in range(0, 480, 60):
        scene.sees(fix(HIM, at, 4000.0 - 5.0 * at))
        if at < 240:
            scene.sees(fix(HER, at + 7, 0))
    ((code, dispatch, when),) = her_loss(scene)
    assert (code, dispatch) == ("A12", "yes")
    assert when == pytest.approx(187 + 180, abs=1)


def test_who_passes_by_within_two_kilometres_does_not_come() -> None:
    """He goes along a street that leads past her at 1,800 m when her device goes quiet: no approach, and no officers."""
    scene = Scene(order())
    for at in range(0, 1500, 60):
        scene.sees(fix(HIM, at, 1000.0 - 1.4 * at, 1800.0))
        if at < 600:
            scene.sees(fix(HER, at + 7, 0))
    assert [(code, dispatch) for code, dispatch, _ in her_loss(scene)] == [("A16", "no")]


@pytest.mark.parametrize(("begin", "dispatch"), [(600, "yes"), (5000, "task")])
def test_he_comes_to_where_she_was_last_long_after(begin: int, dispatch: str) -> None:
    """Her device is silent far from him; he is seen to come there: P1 within the hour, later a task, both before he is there."""
    scene = walks_up(127, begin, begin + 3000)
    assert her_loss(scene)[0][:2] == ("A16", "no")
    ((code, sent, when),) = her_loss(scene)[1:]
    assert (code, sent) == ("A12", dispatch)
    assert when < begin + 3960 / 1.4
    scene.sees(fix(HER, begin + 3000, 0))
    assert {"A12", "A16"} <= set(scene.cleared())


def test_who_goes_by_where_she_was_last_is_not_coming() -> None:
    """Half an hour after her last word he passes at 180 m on his way along a street: nobody is sent."""
    scene = Scene(order())
    for at in range(0, 4200, 60):
        scene.sees(fix(HIM, at, 4000.0 - 1.4 * max(0, at - 600), 180.0))
        if at < 120:
            scene.sees(fix(HER, at + 7, 0))
    assert [code for code, _, _ in her_loss(scene)] == ["A16"]


def test_a_wild_fix_after_hours_of_silence_sends_nobody() -> None:
    """She has been silent for hours far away; one impossible fix of his, and his silence after it, tell no one anything."""
    scene = Scene(order())
    scene.stand(0, 120, (16_000, 0), (0, 0))
    for at in range(120, 20_000, 60):
        scene.sees(fix(HIM, at, 16_000))
    scene.sees(fix(HIM, 20_010, 60_000))
    scene.tick(21_000)
    assert [a.code for a in scene.alerts() if a.reason["priority"] in {"P0", "P1"}] == []


def test_who_never_was_located_and_is_not_believed_is_told_if_it_lasts() -> None:
    """Her device speaks, its clock now this far ahead and now that: told to an operator, after two intervals of it."""
    scene = Scene(order())
    for at in range(0, 400, 30):
        scene.sees(fix(HIM, at, 3000))
        scene.apply(type_of(T0 + at, fix(HER, at + 3600 * (1 + at // 30 % 7), 0)))
    assert [a.reason["rule"] for a in scene.alerts("A11")] == ["victim-unknown"]


def test_the_silence_of_somebody_who_must_keep_off_places_is_his_own() -> None:
    """No victim in the order: his tag falls silent far from the place, and that is a task."""
    scene = Scene(order("places", victim=None, places=[circle("home", "home", 9000)]))
    scene.sees(fix(HIM, 0, 0))
    scene.tick(1900)
    (alert,) = scene.alerts()
    assert (alert.code, alert.reason["dispatch"]) == ("A12", "task")
