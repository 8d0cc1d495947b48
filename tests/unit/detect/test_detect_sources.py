"""Two live sources for one person, and the one wild jump that is not."""

import pytest
from numpy import interp
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fixes

LIMIT = RULES.data.two_sources_s


def two(scene: Scene, until: float, near: float = 20.0, home: float = 20_000.0, start: float = 0.0) -> None:
    """Her at the origin, his phone at home and, from five minutes on, his tag ``near`` metres from her."""
    at = start
    while at < until:
        scene.sees(fix(HIM, at, home))
        scene.sees(fix(HER, at + 5, 0))
        if at >= 300:
            scene.sees(fix(HIM, at + 30, near))
        at += 60


def test_a_phone_at_home_hides_no_tag_beside_her() -> None:
    """The first fix of the tag brings an operator, the second A14 and the breach; home lowers nothing."""
    scene = Scene(order())
    two(scene, 3600)
    assert [(a.code, a.reason["rule"], a.at - T0) for a in scene.alerts()] == [
        ("A11", "suspect-near", 330), ("A14", "two-sources", 390), ("A02", "suspect", 390),
    ]  # fmt: skip
    first, both, _ = scene.alerts()
    assert (first.state, first.reason["priority"], first.reason["dispatch"]) == ("UNKNOWN", "P1", "operator")
    assert (both.reason["priority"], both.reason["party"]) == ("P1", "offender")
    assert scene.cleared() == ["A11"]
    assert scene.state() == "CONTACT"


def test_her_own_two_sources_count_as_much() -> None:
    """Her phone at home and her watch beside him: the same."""
    scene = Scene(order())
    for at in range(0, 1200, 60):
        scene.sees(fix(HER, at, 20_000))
        scene.sees(fix(HIM, at + 5, 0))
        if at >= 300:
            scene.sees(fix(HER, at + 30, 20))
    assert scene.codes() == ["A11", "A14", "A02"]
    assert scene.alerts("A14")[0].reason["party"] == "victim"


def test_a_copy_dated_ahead_overtakes_nobody() -> None:
    """A copied key that dates its fixes 25 s ahead makes every true one late; they are heard all the same."""
    scene = Scene(order())
    for at in range(0, 900, 10):
        scene.tick(at)
        scene.apply(Fixes(T0 + at, [fix(HIM, at + 25, 20_000)]))
        if at % 60 == 0:
            scene.apply(Fixes(T0 + at, [fix(HER, at, 0)]))
        if at >= 300 and at % 60 == 30:
            scene.apply(Fixes(T0 + at, [fix(HIM, at, 20)]))
    assert scene.codes() == ["A11", "A14", "A02"]
    assert scene.state() in {"BREACH", "CONTACT"}


def test_two_sources_are_unknown_by_the_ordinary_timers() -> None:
    """Neither source keeps the data fresh: a tag 700 m from her is UNKNOWN within minutes, whatever home says."""
    scene = Scene(order())
    two(scene, 1500, near=700)
    assert scene.codes()[0] == "A14"
    assert scene.state() == "UNKNOWN"
    assert scene.alerts("A11")[0].reason["rule"] == "unknown-while-near"
    assert scene.codes().count("A14") == 1


def test_the_episode_ends_when_one_source_is_silent() -> None:
    """Fifteen minutes after the tag's last word the phone alone is believed again, and rings fall as ever."""
    scene = Scene(order())
    two(scene, 900)
    for at in range(900, 900 + int(LIMIT) + 300, 60):
        scene.sees(fix(HIM, at, 20_000))
        scene.sees(fix(HER, at + 5, 0))
        if at < 870 + LIMIT:
            assert "A14" not in scene.cleared()
    assert {"A14", "A02"} <= set(scene.cleared())
    assert scene.state() == "SAFE"


def test_a_single_wild_jump_passes() -> None:
    """One impossible fix beside her is UNKNOWN until the next believed one, and far from her nothing at all."""
    for east, codes in ((20, ["A11"]), (5000, [])):
        scene = Scene(order())
        scene.stand(0, 300, (50_000, 0), (0, 0))
        scene.sees(fix(HIM, 280, east))
        scene.stand(300, 3000, (50_000, 0), (0, 0))
        assert scene.codes() == codes
        assert scene.state() == "SAFE"


def test_wild_jumps_to_different_places_are_one_source() -> None:
    """A receiver that errs now here, now there, has no second source behind it."""
    scene = Scene(order())
    for at in range(0, 1200, 60):
        scene.sees(fix(HER, at, 0))
        scene.sees(fix(HIM, at + 10, 90_000))
        if at >= 300:
            scene.sees(fix(HIM, at + 40, 90_000, 100_000 + 2000 * at))
    assert scene.engine.counts["fix-suspect"] > 10
    assert scene.codes() == []


def test_jumps_are_forgotten() -> None:
    """Two jumps to one place further apart than the limit are two errors."""
    scene = Scene(order())
    scene.stand(0, 300, (50_000, 0), (0, 0))
    scene.sees(fix(HIM, 280, 5000))
    scene.stand(300, 300 + LIMIT, (50_000, 0), (0, 0))
    scene.sees(fix(HIM, 290 + LIMIT, 5000))
    assert scene.codes() == []


def test_a_fast_train_is_one_person() -> None:
    """Whoever leaves the old track behind for good is not two."""
    scene = Scene(order())
    for at in range(0, 900, 60):
        scene.sees(fix(HER, at, 0, 90_000))
        scene.sees(fix(HIM, at + 10, 80 * at if at < 600 else 48_000))
    assert scene.codes() == []


def test_places_are_guarded_against_either_source() -> None:
    """The tag at her home is in her home, and the phone elsewhere takes nothing back."""
    scene = Scene(order(places=[circle("home", "home", 3000)]))
    two(scene, 1200, near=3000)
    assert [a.place for a in scene.alerts("A02")] == ["home"]
    assert "A02" not in scene.cleared()


@pytest.mark.parametrize("cut", [335, 365, 395, 500])
def test_an_episode_survives_a_restart(cut: float) -> None:
    """Written down and read back in the middle, it goes on the same."""
    plain, cutting = Scene(order()), Scene(order())
    two(plain, 900)
    two(cutting, cut // 60 * 60)
    body = cutting.engine.dump()
    cutting.engine = Engine.load(body)
    assert cutting.engine.dump() == body
    two(cutting, 900, start=cut // 60 * 60)
    assert cutting.said == plain.said
    assert cutting.engine.dump() == plain.engine.dump()


def test_a_suspension_ends_the_episode() -> None:
    """Where nothing binds any more, nothing is told of two sources either."""
    scene = Scene(order())
    two(scene, 600)
    scene.apply(order(received_t=T0 + 600, version=2, end=T0 + 601))
    scene.tick(700)
    assert "A14" in scene.cleared()


def test_a_jump_beside_her_is_told_though_a_breach_of_long_ago_is_still_shown() -> None:
    """Both fell silent side by side; twenty minutes later one impossible fix has him there again, and an operator looks."""
    scene = Scene(order())
    scene.stand(0, 120, (20, 0), (0, 0))
    scene.tick(1300)
    scene.sees(fix(HIM, 1310, 20_000))
    scene.sees(fix(HER, 1320, 0))
    assert scene.state() == "CONTACT"
    scene.sees(fix(HIM, 1325, 20))
    assert [a.reason["rule"] for a in scene.alerts("A11")] == ["suspect-near"]
    again = Scene(order())
    again.stand(0, 120, (20, 0), (0, 0))
    again.sees(fix(HIM, 130, 60_000))
    again.sees(fix(HIM, 131, 60_000))
    again.sees(fix(HER, 132, 0), fix(HIM, 132, 20))
    assert again.alerts("A11") == []


@pytest.mark.parametrize("victim", [HER, "nobody"])
def test_a_second_visit_beside_a_copied_tag_is_told_again(victim: str) -> None:
    """A copy thirty kilometres off keeps anything from being lowered; he stays a quarter of an hour, and comes an hour later."""
    home = [circle("home-1", "home", 0)] if victim == "nobody" else []
    scene = Scene(order(victim=victim, places=home))
    for at in range(0, 7200, 60):
        scene.sees(fix(HER, at, 0))
        scene.sees(fix(HIM, at + 5, 20.0 if 900 <= at < 1800 or at >= 5400 else 3000.0))
        scene.sees(fix(HIM, at + 30, 30_000.0))
    told = [a for a in scene.alerts("A02") if a.grade == "live"]
    assert [900 <= a.decided_at - T0 < 960 or 5400 <= a.decided_at - T0 < 5460 for a in told] == [True, True]
    assert all(a.distance_m is not None and a.distance_m < 100 for a in told)


def visits(scene: Scene, beside: str) -> list[float]:
    """He stays with her for twenty minutes, walks 300 m away and is back after nine minutes, three times; when he is back
    within 100 m. ``beside``: "wild", one fix of his 600 km off in each absence; "copy", a copy of his tag 20 km away.
    """
    back, way = [], [(0.0, 1500.0), (1000.0, 15.0)]
    for _ in range(3):
        left = way[-1][0] + 1200.0
        way += [(left, 15.0), (left + 204, 300.0), (left + 324, 300.0), (left + 528, 15.0)]
        back.append(left + 324 + 200 / 1.4)
    times, apart = zip(*way, strict=True)
    for at in range(0, int(times[-1]) + 300, 15):
        scene.sees(fix(HER, at, 0.0))
        scene.sees(fix(HIM, at + 10, float(interp(at + 10, times, apart))))
        if beside == "wild" and any(0 <= at - (enters - 400) < 15 for enters in back):
            scene.sees(fix(HIM, at + 12, 600_000.0))
        if beside == "copy" and at % 30 == 0:
            scene.sees(fix(HIM, at + 13, 20_000.0))
    return back


@pytest.mark.parametrize("beside", ["nothing", "wild", "copy"])
def test_neither_a_wild_fix_nor_a_copied_tag_hides_that_he_comes_back(beside: str) -> None:
    """Two sources lower nothing, and what was left and is entered again is told again all the same."""
    scene = Scene(order())
    back = visits(scene, beside)
    told = [alert.decided_at - T0 for alert in scene.alerts("A02", "A06")]
    assert [enters for enters in back if not any(enters - 900 <= at <= enters + 60 for at in told)] == []


@pytest.mark.parametrize("east", [15.0, 60.0, 110.0])
def test_a_copied_tag_makes_no_flood_of_a_stay(east: float) -> None:
    """Whichever of the two reports more often: who stays near has not left because a copy is elsewhere."""
    scene = Scene(order())
    for at in range(0, 4 * 3600, 60):
        scene.sees(fix(HER, at, 0.0))
        scene.sees(fix(HIM, at + 10, east))
        for copy in (25, 45):
            scene.sees(fix(HIM, at + copy, 20_000.0))
    assert len(scene.alerts()) <= 5
