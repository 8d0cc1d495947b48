"""A device that is always behind: a slow clock or a long path. It is heard, judged live, and proves nothing."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order, span

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fix, Fixes


def behind(scene: Scene, at: float, lag: float, east: float, sigma: float = 7.0, flags: int = 3) -> None:
    """A fix of his made at ``at`` by our clock, dated and received ``lag`` apart."""
    scene.tick(at)
    scene.apply(Fixes(T0 + at, [fix(HIM, at - lag, east, sigma=sigma, flags=flags)]))


def walk_up(scene: Scene, lag: float, jitter: float = 0.0, minutes: int = 30) -> None:
    """Ten minutes five kilometres away, ten minutes on the way, the rest beside her."""
    for minute in range(minutes):
        scene.sees(fix(HER, minute * 60, 0))
        east = 5000.0 if minute < 10 else max(10.0, 5000.0 - (minute - 10) * 500.0)
        behind(scene, minute * 60 + 20, lag + jitter * (minute % 2), east)


@pytest.mark.parametrize("lag", [125.0, 900.0, 619_315_200.0])
def test_a_clock_behind_hides_nobody(lag: float) -> None:
    """However far behind: the operator is told once, and who walks up to her is a live breach, never a proof."""
    scene = Scene(order())
    for minute in range(30):
        walk_up_minute(scene, minute, lag)
        if minute % 7 == 0:
            scene.engine = Engine.load(scene.engine.dump())
    (fault,) = [a for a in scene.alerts("A13") if "behind_s" in a.reason]
    assert (fault.reason["rule"], fault.reason["behind_s"], fault.reason["dispatch"]) == (
        "clock-behind",
        lag,
        "operator",
    )
    (breach,) = scene.alerts("A02")
    assert breach.at == T0 + 20 * 60 + 20
    assert "UNKNOWN" in scene.shown()
    scene.tick(2400)
    assert scene.alerts(grade="evidence") == []


def walk_up_minute(scene: Scene, minute: int, lag: float) -> None:
    """One minute of the way."""
    scene.sees(fix(HER, minute * 60, 0))
    east = 5000.0 if minute < 10 else max(10.0, 5000.0 - (minute - 10) * 500.0)
    behind(scene, minute * 60 + 20, lag, east)


def test_an_uneven_delay_widens_the_error() -> None:
    """What the delay varies by is time in which he went on: it goes into the error of what is told."""
    scene = Scene(order())
    walk_up(scene, 300, jitter=20)
    (breach,) = scene.alerts("A02")
    assert breach.sigma_m is not None
    assert breach.sigma_m > 50


def test_a_place_is_kept_by_a_clock_behind() -> None:
    """A zone crossed by somebody whose messages take two minutes is told when the message comes, and left again."""
    scene = Scene(order(victim=None, places=[circle("zone", "zone", 0)]))
    for minute in range(12):
        behind(scene, minute * 60, 130, 2000)
    behind(scene, 720, 130, 30)
    (told,) = scene.alerts("A09")
    assert told.at == T0 + 720
    for minute in range(13, 17):
        behind(scene, minute * 60, 130, 2000)
    assert "A09" in scene.cleared()


def test_a_clock_set_right_is_believed_at_once() -> None:
    """The first fix in time ends it: the fault is cleared, and what it said before changes nothing when it comes again."""
    scene = Scene(order())
    for minute in range(8):
        scene.sees(fix(HER, minute * 60, 0))
        behind(scene, minute * 60 + 20, 900, 5000)
    for minute in range(8, 12):
        scene.sees(fix(HER, minute * 60, 0), fix(HIM, minute * 60 + 20, 5000))
    assert "A13" in scene.cleared()
    assert scene.state() == "SAFE"
    counts, said = (
        scene.engine.counts.get("fix-duplicate", 0),
        len(scene.said),
    )
    scene.apply(Fixes(T0 + 690, [fix(HIM, minute * 60 + 20 - 900, 5000) for minute in range(8)]))
    assert scene.engine.counts["fix-duplicate"] == counts + 8
    assert len(scene.said) == said


def test_a_clock_that_falls_further_behind_is_learned_anew() -> None:
    """Another five fixes, another offset; so is one that is less behind than before."""
    scene = Scene(order())
    for minute in range(8):
        behind(scene, minute * 60, 600, 5000)
    for minute in range(8, 30):
        behind(scene, minute * 60, 1000, 5000)
    for minute in range(30, 40):
        behind(scene, minute * 60, 300, 5000)
    assert [a.reason["behind_s"] for a in scene.alerts("A13") if "behind_s" in a.reason] == [600, 1000, 300]


def test_batches_that_end_now_are_no_slow_clock() -> None:
    """Five minutes at a time, the newest fix in time: late in part, and nothing is wrong with the clock."""
    scene = Scene(order())
    for batch in range(8):
        start = batch * 300.0
        scene.sees(*(fix(HIM, start + each * 60, 5000) for each in range(6)))
    backlog: list[Fix] = [fix(HIM, 2200 + each, 5000) for each in range(5)]
    scene.tick(2500)
    scene.apply(Fixes(T0 + 2500, backlog))
    assert not [a for a in scene.alerts("A13") if "behind_s" in a.reason]


def test_nothing_binds_nothing_is_told() -> None:
    """Under a suspension the clock is learned and not told; what is called no position teaches nothing."""
    scene = Scene(order(suspensions=[span(0, 9000)]))
    for minute in range(4):
        behind(scene, minute * 60, 600, 5000)
        behind(scene, minute * 60 + 1, 400 - minute, 5000, flags=2)
    for minute in range(4, 10):
        behind(scene, minute * 60, 600, 5000)
    assert scene.codes() == []


@pytest.mark.parametrize("ahead", [31.0, 40.0, 150.0, 299.0])
def test_a_clock_ahead_hides_nobody(ahead: float) -> None:
    """A tag with a fast clock, a fix a minute, walks up and stays: told by its third fix, live when he comes, never a proof."""
    scene = Scene(order())
    for minute in range(60):
        walk_up_minute(scene, minute, -ahead)
        if minute % 7 == 0:
            scene.engine = Engine.load(scene.engine.dump())
    (fault,) = [a for a in scene.alerts("A13") if a.reason["rule"] == "clock-ahead" and "behind_s" not in a.reason][:1]
    assert (fault.reason["ahead_s"], fault.reason["dispatch"], fault.decided_at - T0) == (ahead, "operator", 140)
    (breach,) = scene.alerts("A02")
    assert breach.at == T0 + 20 * 60 + 20
    assert "A12" not in scene.codes()
    assert "UNKNOWN" in scene.shown()
    scene.tick(4000)
    assert scene.alerts(grade="evidence") == []


def test_what_a_clock_ahead_says_leaves_its_age_running() -> None:
    """Far away and dated ahead he is placed, and never fresh: the pair is no more SAFE, and his silence is told when it comes."""
    scene = Scene(order())
    for minute in range(120):
        scene.sees(fix(HER, minute * 60, 0))
        behind(scene, minute * 60 + 20, -40 if minute > 9 else 0, 5000)
    assert scene.state() == "UNKNOWN"
    assert {a.reason["rule"] for a in scene.alerts("A13")} == {"clock-ahead"}
    for minute in range(120, 140):
        scene.sees(fix(HER, minute * 60, 0))
    assert [a.reason["party"] for a in scene.alerts("A12")] == ["offender"]


def test_a_clock_ahead_set_right_is_believed_at_once() -> None:
    """Fixes in time end it, though they are dated before the last one; so does one that is farther ahead; told once a day."""
    scene = Scene(order())
    for minute in range(40):
        scene.sees(fix(HER, minute * 60, 0))
        wild = {20: -200.0, 30: -90_000.0}.get(minute)
        behind(scene, minute * 60 + 20, wild or (-40 if minute < 35 else 0), 5000)
    assert [a.decided_at - T0 for a in scene.alerts("A13") if a.reason["dispatch"] == "operator"] == [140]
    assert scene.state() == "SAFE"
    assert scene.cleared().count("A13") >= 2
    said = len(scene.said)
    scene.apply(Fixes(T0 + 2390, [fix(HIM, minute * 60 + 60, 5000) for minute in range(35)]))
    assert len(scene.said) == said


@pytest.mark.parametrize("every", [15, 60])
def test_who_comes_after_his_clock_was_set_right_is_told_in_time(every: int) -> None:
    """Nearly five minutes ahead for an hour, then right: what follows is where he is, not where he was."""
    scene = Scene(order())
    for at in range(0, 4200, every):
        scene.sees(fix(HER, at, 0))
        behind(scene, at + 1, -290 if at < 3600 else 0, 2500 if at < 3605 else max(20.0, 2500 - 16.0 * (at - 3605)))
    near = [a.decided_at - T0 for a in scene.alerts("A02", "A06") if a.decided_at > T0 + 3600]
    assert near
    assert near[0] < 3755 + 60
    assert not [
        a
        for a in scene.alerts("A26", grade=None)
        if a.distance_m is not None and a.distance_m < 100 and a.at < T0 + 3740
    ]


def test_a_clock_that_drifts_back_into_time_goes_on() -> None:
    """Half a minute ahead give or take, once it is learned, is still its clock; dated before us it is right."""
    scene = Scene(order())
    for minute in range(30):
        scene.sees(fix(HER, minute * 60, 0))
        behind(scene, minute * 60 + 20, (-33.0, -28.0)[minute % 2] if minute > 5 else -33.0, 5000)
    assert [a.reason["ahead_s"] for a in scene.alerts("A13") if a.reason["dispatch"] == "operator"] == [33]
    assert scene.state() != "SAFE"


@pytest.mark.parametrize(
    "away", [lambda minute: 40.0 + 60.0 * (minute % 5), lambda minute: 3600.0 - 60.0 * minute, lambda _: 600.0]
)
def test_a_wild_or_stopped_clock_ahead_is_refused(away) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """By another time with each fix, standing, or ten minutes ahead: nothing is learned from it, and nobody is placed by it."""
    scene = Scene(order())
    for minute in range(30):
        scene.sees(fix(HER, minute * 60, 0))
        behind(scene, minute * 60, -away(minute), 20)
    assert not [a for a in scene.alerts("A13") if "ahead_s" in a.reason]
    assert scene.alerts("A02") == []
    assert scene.state() == "UNKNOWN"


def test_a_word_of_a_clock_ahead_is_heard() -> None:
    """A heartbeat dated as its fixes are breaks silence; before anything is known of its clock it does not."""
    scene = Scene(order())
    for minute in range(60):
        scene.sees(fix(HER, minute * 60, 0))
        if minute < 6:
            behind(scene, minute * 60 + 20, -40, 900)
        else:
            scene.event(HIM, minute * 60 + 60, "heartbeat", late=-40)
    assert "A12" not in scene.codes()
