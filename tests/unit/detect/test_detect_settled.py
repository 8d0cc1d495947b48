"""Late, repeated and reordered data: what settles, what is retrospective, what is nothing."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Fixes, FixFlag
from jikimi.detect.history import Past

ASSUMED = int(FixFlag.VALID | FixFlag.PROVEN | FixFlag.ASSUMED)


def test_two_sure_settled_points_are_evidence() -> None:
    """P >= 0.95 at two points apart in time settles as one evidence row, decided when the watermark passes."""
    scene = Scene(order())
    scene.stand(0, 300, (30, 0), (0, 0))
    scene.tick(600)
    (row,) = scene.alerts(grade="evidence")
    assert (row.code, row.state, row.at, row.decided_at) == ("A02", "BREACH", T0 + 90, T0 + 211)
    assert row.alert != scene.alerts("A02")[0].alert


def test_one_point_or_an_assumed_accuracy_is_not() -> None:
    """A single point, and positions whose accuracy is our own assumption, are never evidence."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix(HIM, 10, 30))
    scene.sees(fix(HIM, 30, 600))
    scene.tick(600)
    assert scene.alerts(grade="evidence") == []
    scene = Scene(order())
    for at in range(0, 300, 60):
        scene.sees(fix(HER, at, 0))
        scene.sees(fix(HIM, at + 30, 30, flags=ASSUMED))
    scene.tick(600)
    assert scene.alerts("A02")
    assert scene.alerts(grade="evidence") == []


def test_near_the_edge_is_a_breach_but_no_proof() -> None:
    """At the radius itself P is about a half: alerted, not proven."""
    scene = Scene(order())
    scene.stand(0, 300, (98, 0), (0, 0))
    scene.tick(600)
    assert scene.alerts("A02")
    assert scene.alerts(grade="evidence") == []


def test_a_second_proven_episode_needs_a_true_leaving() -> None:
    """Outside for more than a minute ends the proven episode; coming back proves another."""
    scene = Scene(order())
    scene.stand(0, 180, (30, 0), (0, 0))
    scene.stand(180, 300, (150, 0), (0, 0))
    scene.stand(300, 480, (30, 0), (0, 0))
    scene.stand(480, 720, (900, 0), (0, 0))
    scene.stand(720, 900, (30, 0), (0, 0))
    scene.tick(1200)
    assert len(scene.alerts(grade="evidence")) == 2


@pytest.mark.parametrize("apart", [30, 50, 60, 70])
@pytest.mark.parametrize("later", [0, 5, 10, 20, 40, 45, 59])
def test_whatever_lies_between_their_fixes_hours_inside_are_proven(apart: int, later: int) -> None:
    """A fix a minute each: a look at which the other is a minute old takes nothing from two at which both are seen."""
    scene = Scene(order())
    for at in range(0, 3600, 60):
        scene.sees(fix(HIM, at, apart))
        scene.sees(fix(HER, at + later, 0))
    scene.tick(4000)
    assert len(scene.alerts(grade="evidence")) == 1


def test_one_point_outside_between_two_inside_proves_nothing() -> None:
    """In and out again at every other minute: two points that prove it are never in one stay."""
    scene = Scene(order())
    for at in range(0, 3600, 60):
        scene.sees(fix(HER, at, 0), fix(HIM, at, 60 if at % 120 else 160))
    scene.tick(4000)
    assert scene.alerts(grade="evidence") == []


@pytest.mark.parametrize(("away", "sigma", "rows"), [(420, 600, 1), (1500, 600, 0), (160, 7, 0)])
def test_a_coarse_fix_between_takes_nothing_from_two_that_prove(away: int, sigma: float, rows: int) -> None:
    """Hours at 20 m with a mast's position between any two of his: evidence, unless a fix shows him elsewhere beyond its error."""
    scene = Scene(order())
    for at in range(0, 3600, 60):
        scene.sees(fix(HIM, at, 20))
        scene.sees(fix(HER, at + 7, 0))
        scene.sees(fix(HIM, at + 30, away, sigma=sigma))
    scene.tick(4000)
    assert len(scene.alerts(grade="evidence")) == rows


@pytest.mark.parametrize("restart", [True, False])
def test_each_order_is_proven_by_itself(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Fifty minutes at 400 m, then a quarter of an hour at 20 m: evidence of the order of 500 m, and of the one of 100 m."""
    scene = Scene(order("wide", radius_m=500.0), order("narrow"))
    for start, end, metres in ((0, 3000, 400), (3000, 3900, 20)):
        scene.stand(start, end, (metres, 0), (0, 0))
        if restart:
            scene.engine = Engine.load(scene.engine.dump())
    scene.tick(4200)
    assert [(a.order, a.also_orders, a.at - T0) for a in scene.alerts(grade="evidence")] == [
        ("wide", [], 90.0), ("narrow", [], 3150.0)
    ]  # fmt: skip


def test_an_order_that_ended_proves_nothing_after() -> None:
    """Settled fixes are judged by the orders of their own time, also when those are over by then."""
    scene = Scene(order(end=T0 + 150))
    scene.stand(0, 300, (30, 0), (0, 0))
    scene.tick(600)
    assert len(scene.alerts(grade="evidence")) == 1
    scene = Scene(order(start=T0 + 1000))
    scene.stand(0, 300, (30, 0), (0, 0))
    scene.tick(600)
    assert scene.alerts(grade=None) == []


def test_a_newer_version_does_not_rewrite_the_last_minutes() -> None:
    """What is settled after a new version is still judged by the version of its time."""
    scene = Scene(order(radius_m=200.0))
    scene.stand(0, 120, (150, 0), (0, 0))
    scene.apply(order(version=2, received_t=T0 + 121, radius_m=100.0))
    scene.tick(600)
    (row,) = scene.alerts(grade="evidence")
    assert row.reason["radius_m"] == 200.0


def test_the_newest_overtakes_its_own_backlog() -> None:
    """A fix older than the newest moves nothing back, and may still raise while it is recent."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix(HIM, 60, 900))
    scene.sees(fix(HER, 61, 0))
    scene.sees(fix(HIM, 40, 90), late=25)
    (alert,) = scene.alerts("A02")
    assert (alert.at, alert.decided_at) == (T0 + 40, T0 + 65)
    assert scene.engine.counts["fix-overtaken"] == 1


def test_a_backlog_that_cannot_be_true_is_no_breach() -> None:
    """An overtaken fix an impossible jump away is no glimpse of anybody, and no silence either: somebody looks."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix(HIM, 60, 50_000))
    scene.sees(fix(HIM, 50, 30), late=12)
    assert [a.reason["rule"] for a in scene.alerts()] == ["suspect-near"]


def test_an_hour_late_is_retrospective_and_told_once() -> None:
    """A batch that comes an hour late raises one A26, never a live breach; again, it raises nothing."""
    scene = Scene(order())
    for at in range(0, 1800, 60):
        scene.sees(fix(HER, at, 0))
    before = len(scene.alerts(grade=None))
    batch = [fix(HIM, at, 30 if at >= 300 else 400) for at in range(0, 600, 60)]
    scene.tick(3000)
    scene.apply(Fixes(T0 + 3000, batch))
    late = scene.alerts(grade="retrospective")
    assert [(a.code, a.at) for a in late] == [("A26", T0 + 300)]
    assert "A02" not in scene.codes()
    said = scene.apply(Fixes(T0 + 3001, batch))
    assert said == []
    assert before < len(scene.alerts(grade=None))


def test_late_fixes_inside_a_told_episode_add_nothing() -> None:
    """A backlog from within a breach already proven is no retrospective alert."""
    scene = Scene(order())
    scene.stand(0, 600, (30, 0), (0, 0))
    scene.tick(900)
    scene.apply(Fixes(T0 + 900, [fix(HIM, 125, 31)]))
    assert scene.alerts(grade="retrospective") == []


def test_too_late_is_counted() -> None:
    """A fix older than what is remembered is counted and judged no more."""
    scene = Scene(order())
    scene.stand(0, 60, (3000, 0), (0, 0))
    scene.tick(12_000)
    scene.apply(Fixes(T0 + 12_000, [fix(HIM, 10, 5)]))
    assert scene.engine.counts["fix-too-late"] == 1


def test_late_between_two_of_hers_and_with_nobody_near() -> None:
    """Her place is taken between her fixes; with none of hers near in time there is nothing to say."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0), fix(HER, 100, 0))
    scene.sees(fix(HER, 1000, 0))
    scene.tick(2000)
    scene.apply(Fixes(T0 + 2000, [fix(HIM, 500, 10), fix(HIM, 50, 10), fix(HIM, 50, 11)]))
    assert [a.at for a in scene.alerts(grade="retrospective")] == [T0 + 50]


def test_a_snapshot_is_the_engine() -> None:
    """Written down and read back at any moment, an engine goes on byte for byte."""
    scene = Scene(order())
    scene.stand(0, 400, (30, 0), (0, 0))
    scene.sees(fix(HIM, 401, 90_000))
    scene.sees(fix(HIM, 402, 60, flags=1))
    body = scene.engine.dump()
    again = Engine.load(body)
    assert again.dump() == body
    assert again.ticks(T0 + 403, T0 + 900) == scene.engine.ticks(T0 + 403, T0 + 900)
    assert again.dump() == scene.engine.dump()


def test_a_snapshot_of_another_format_is_refused() -> None:
    """What this engine cannot read exactly, it does not read."""
    body = Scene().engine.dump().replace(b"\xa6format\x1c", b"\xa6format\x63")
    with pytest.raises(ValueError, match="rebuild it from the log"):
        Engine.load(body)


def test_a_jump_not_believed_is_no_news_when_it_comes_again() -> None:
    """One wild fix beside her, sent again once it is settled, is what it was: no row of any grade, restarts or not."""
    scene = Scene(order())
    for at in range(0, 900, 60):
        scene.sees(fix(HER, at, 0), fix(HIM, at + 7, 30_000))
        if at == 300:
            scene.sees(fix(HIM, 330, 10))
    before = len(scene.said)
    scene.engine = Engine.load(scene.engine.dump())
    scene.apply(Fixes(T0 + 900, [fix(HIM, 330, 10)]))
    assert len(scene.said) == before
    assert scene.engine.counts["fix-duplicate"] == 1


def test_one_wild_fix_of_a_backlog_is_no_breach() -> None:
    """Late fixes must be where one body can have been, going by those before and after; a second one that agrees counts."""
    scene = Scene(order())
    for at in range(0, 1200, 60):
        scene.sees(fix(HER, at, 0))
        if not 300 <= at < 900:
            scene.sees(fix(HIM, at + 7, 30_000))
    backlog = [fix(HIM, at, 10 if at == 607 else 30_000) for at in range(307, 907, 60)]
    scene.apply(Fixes(T0 + 1200, backlog))
    assert scene.alerts("A26", grade=None) == []
    assert scene.engine.counts["fix-late-suspect"] == 1
    scene.apply(Fixes(T0 + 1200, [fix(HIM, 610, 12)]))
    assert len(scene.alerts("A26", grade=None)) == 1


def test_what_was_not_believed_is_forgotten_with_the_rest() -> None:
    """However long a device jumps about, what is remembered of it is bounded by time."""
    past = Past()
    for at in range(200):
        past.drop(float(at), 0.0, 0.0, 5.0, 10.0)
    assert len(past.out) <= 64 + 11
    assert past.holds(199.0, 0.0, 0.0)


def test_where_somebody_would_be_by_now_proves_nothing() -> None:
    """Both drive and turn off; carried on, each would have been beside the other three times, and never was within 400 m."""
    scene = Scene(order())
    hers = ((0, 1800, 0), (60, 900, 0), (120, 900, 500), (180, 400, 500))
    his = ((40, -1500, -1500), (100, 300, 0), (160, 900, 833), (220, 300, -900))
    for at, east, north, who in sorted((*point, who) for who, way in ((HER, hers), (HIM, his)) for point in way):
        scene.sees(fix(who, at, east, north))
    scene.tick(600)
    assert scene.alerts("A02", grade="evidence") == []


def test_a_row_for_the_file_says_no_code_and_sends_nobody() -> None:
    """Beside her, and in her home while she is far: the live alerts dispatch by their codes, the settled rows do nothing."""
    beside = Scene(order())
    beside.stand(0, 240, (20, 0), (0, 0), every=30)
    home = Scene(order(places=[circle("home", "home", 0)]))
    home.stand(0, 240, (0, 0), (9000, 0), every=30)
    for scene, code in ((beside, 0), (home, 1)):
        scene.tick(500)
        (live,), (proof,) = scene.alerts("A02"), scene.alerts("A02", grade="evidence")
        assert (live.reason["code_112"], live.reason["dispatch"]) == (code, "yes")
        assert (proof.reason["code_112"], proof.reason["dispatch"]) == (None, "no")
        assert proof.reason["priority"] == "P0"
