"""What a hostile hand, a bad receiver or two courts can do to a recording, and must not come of it."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order

from jikimi.detect.facts import Carry, DeviceEvent, Fix, Fixes, Place


def test_no_alert_carries_the_id_of_another() -> None:
    """Her device comes and goes with the same order in force: each alert of it is one of its own."""
    scene = Scene(order(victim="late"))
    for number in range(3):
        begin = 3000.0 * number
        scene.apply(Carry(T0 + begin, f"c{number}", "watch", "late", T0 + begin, T0 + begin + 600))
        for at in range(int(begin), int(begin) + 600, 60):
            scene.sees(fix("watch", at, 0), fix(HIM, at, 40))
        scene.tick(begin + 2900)
    ids = [a.alert for a in scene.alerts(grade=None)]
    assert len(ids) == len(set(ids))
    assert scene.codes().count("A02") >= 2


def test_his_silence_is_told_though_she_carries_nothing() -> None:
    """On HOLD his tag still guards the fixed places, and its silence is somebody's task."""
    scene = Scene(order(victim="nobody", places=[circle("home", "home", 9000)]))
    scene.sees(fix(HIM, 0, 3000))
    scene.tick(2400)
    assert [(a.code, a.reason["party"]) for a in scene.alerts()] == [("A12", "offender")]


def test_who_does_not_come_back_from_an_outage_is_told() -> None:
    """Thirty pairs fall silent and all but one man return: the outage does not stand for him."""
    scene = Scene(*(order(f"o{n}", offender=f"m{n}", victim=f"w{n}") for n in range(30)))
    names = [f"{kind}{n}" for n in range(30) for kind in "mw"]
    for who in names:
        scene.apply(Carry(T0, f"c-{who}", who, who, 0.0))
    for at in (0, 60, 120):
        scene.tick(at)
        scene.apply(Fixes(T0 + at, [fix(who, at, 1500.0 * (who[0] == "m"), 5000.0 * int(who[1:])) for who in names]))
    for at in range(1200, 3600, 60):
        scene.tick(at)
        back = [fix(who, at, 1500.0 * (who[0] == "m"), 5000.0 * int(who[1:])) for who in names if who != "m7"]
        scene.apply(Fixes(T0 + at, back))
    assert scene.codes().count("A25") == 1
    assert [a.order for a in scene.alerts("A12")] == ["o7"]
    assert not any(pair.swallowed for pair in scene.engine._world.pairs.values()), "nobody is looked at for ever"


def test_a_call_for_help_is_heard_whatever_its_clock_says() -> None:
    """A device whose clock stands still calls again eight hours later: that is a second call."""
    scene = Scene(order())
    scene.event(HER, 10, "sos")
    scene.tick(28_800)
    scene.apply(DeviceEvent(T0 + 28_800, HER, T0 + 20, "sos"))
    scene.apply(DeviceEvent(T0 + 28_801, HER, T0 + 20, "sos"))
    assert scene.codes().count("A01") == 2


def test_pressing_for_hours_is_not_one_call() -> None:
    """Every four minutes for an hour: told again whenever five minutes have passed since it was told."""
    scene = Scene(order())
    for number in range(15):
        scene.event(HER, 240 * number, "sos")
    assert scene.codes().count("A01") == 8


def test_a_stay_in_a_place_that_only_late_fixes_show_is_told_in_retrospect() -> None:
    """An hourly upload holds half an hour in her home: one A26, though nobody races for it."""
    scene = Scene(order("places", victim=None, places=[circle("home", "home", 9000)]))
    scene.sees(fix(HIM, 0, 0))
    scene.tick(3600)
    scene.apply(Fixes(T0 + 3600, [fix(HIM, at, 9000) for at in range(600, 2400, 60)]))
    (late,) = scene.alerts("A26", grade="retrospective")
    assert (late.place, late.reason["rule"]) == ("home", "late-place")


def test_two_fixes_far_away_clear_no_breach() -> None:
    """Impossible motion away from her is A14 at once, and the breach stays on the screen."""
    scene = Scene(order())
    scene.stand(0, 300, (60, 0), (0, 0))
    for at in range(300, 900, 60):
        scene.sees(fix(HER, at, 0))
        scene.sees(Fix(HIM, T0 + at + 30, 0.0, 0.0, 7.0))
    assert scene.state() == "BREACH"
    assert "A02" not in scene.cleared()
    (told,) = scene.alerts("A14")
    assert (told.reason["rule"], told.reason["dispatch"]) == ("impossible-motion", "yes")
    scene.stand(900, 2400, (60, 0), (0, 0))
    assert "A14" in scene.cleared()


def test_from_the_edge_to_her_is_told_again() -> None:
    """Hours at 105 m and then at her side: the first alert does not stand for that."""
    scene = Scene(order())
    for minute in range(120):
        scene.sees(fix(HER, 60 * minute, 0), fix(HIM, 60 * minute, 100))
    for minute in range(120, 130):
        scene.sees(fix(HER, 60 * minute, 0), fix(HIM, 60 * minute, 15))
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["ring", "renewed"]


def test_the_narrower_of_two_orders_is_told_too() -> None:
    """Four hundred metres broke the wide order in the morning; twenty, in the evening, are told."""
    scene = Scene(order("wide", radius_m=500.0), order())
    scene.stand(0, 7200, (400, 0), (0, 0))
    scene.stand(7200, 7800, (20, 0), (0, 0))
    assert [a.order for a in scene.alerts("A02")] == ["wide", "wide"]


def test_two_places_of_one_name_are_two() -> None:
    """An ended order's 'home' does not stand where the living one's is."""
    ended = order("old", end=T0 + 5, places=[circle("home", "home", 50_000)])
    scene = Scene(ended, order("new", places=[circle("home", "home", 9000)]))
    scene.stand(0, 120, (9000, 0), (0, 0))
    assert [a.place for a in scene.alerts("A02")] == ["home"]


def test_one_wild_fix_between_two_of_hers_is_no_evidence() -> None:
    """Two of her fixes against one outlier of his are one witness, not two."""
    scene = Scene(order())
    for at in range(0, 600, 10):
        scene.sees(fix(HER, at, 0))
        if at % 60 == 0:
            scene.sees(fix(HIM, at + 1, 40 if at == 300 else 200))
    scene.tick(900)
    assert scene.alerts(grade="evidence") == []


def test_evidence_names_only_the_orders_that_were_broken() -> None:
    """Four hundred metres prove the 500 m order and say nothing of the 100 m one."""
    scene = Scene(order("wide", radius_m=500.0), order())
    scene.stand(0, 600, (400, 0), (0, 0))
    scene.tick(900)
    (row,) = scene.alerts(grade="evidence")
    assert (row.order, row.also_orders) == ("wide", [])


def test_a_jump_over_her_home_is_no_way_through_it() -> None:
    """Two wild fixes on the other side of the town: the line between is nobody's way."""
    scene = Scene(order(victim=None, places=[circle("home", "home", 0)]))
    for at in range(0, 180, 60):
        scene.sees(fix(HIM, at, -20_000))
    for at in range(180, 300, 60):
        scene.sees(fix(HIM, at, 20_000))
    assert scene.codes() == []


def test_an_order_on_old_positions_dispatches_nobody() -> None:
    """Both were last heard of five hours ago at one spot: entering an order on them is no breach."""
    scene = Scene()
    scene.sees(fix(HIM, 0, 0), fix(HER, 0, 5))
    scene.tick(18_000)
    scene.apply(order(received_t=T0 + 18_000))
    assert "A02" not in scene.codes()


def test_who_is_passed_by_has_not_come_near() -> None:
    """She walks past his bench three times: that is no repeated pass of his."""
    scene = Scene(order())
    for day in range(3):
        for step in range(30):
            at = 86_400.0 * day + 60 * step
            scene.sees(fix(HIM, at, 0), fix(HER, at, -1200 + 80 * step, 200))
    assert [a for a in scene.alerts("A19") if a.reason["rule"] == "repeated-pass"] == []


@pytest.mark.parametrize("east", [110.0, 120.0, 130.0])
def test_parking_outside_the_radius_for_eight_hours_is_no_flood(east: float) -> None:
    """A receiver's noise at the edge of the radius is told once or twice, not every ten minutes."""
    scene = Scene(order())
    for minute in range(480):
        off = 14.0 * ((minute * 7919) % 13 - 6) / 6
        scene.sees(fix(HER, 60 * minute, 0, sigma=10), fix(HIM, 60 * minute, east + off, off, sigma=10))
    assert len([a for a in scene.alerts() if a.reason["priority"] in {"P0", "P1"}]) <= 4
    assert scene.alerts("A02", grade="evidence") == []


def test_a_polygon_with_a_hole_is_left_in_its_hole() -> None:
    """A courtyard excepted by the court is outside, whatever surrounds it."""
    outer = [fix(HIM, 0, e, n) for e, n in ((-500, -500), (500, -500), (500, 500), (-500, 500))]
    inner = [fix(HIM, 0, e, n) for e, n in ((-150, -150), (150, -150), (150, 150), (-150, 150))]
    rings = [[(f.lon, f.lat) for f in ring] for ring in (outer, inner)]
    scene = Scene(order("zone", victim=None, places=[Place("z", "zone", polygon=rings)]))
    scene.sees(fix(HIM, 0, 0))
    assert scene.codes() == []
    scene.sees(fix(HIM, 60, 300))
    assert scene.codes() == ["A09"]
