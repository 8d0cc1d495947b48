"""Rings: fast in, slow out. Each case is small enough to be worked by hand."""

import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order, point, span

from jikimi.detect.facts import Carry, Fixes, RuleChange
from jikimi.detect.rules import amended, canonical


def test_one_point_inside_the_radius_is_a_breach() -> None:
    """A single believed fix inside the radius raises A02 at once; a breach is never debounced."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    said = scene.sees(fix(HIM, 10, 60))
    assert scene.codes() == ["A02"]
    alert = scene.alerts("A02")[0]
    assert (alert.state, alert.at, alert.decided_at) == ("BREACH", T0 + 10, T0 + 10)
    assert alert.distance_m == pytest.approx(60, abs=0.1)
    assert alert.reason["threshold"] == 0.3
    assert said


def test_contact_is_shown_inside_thirty_metres() -> None:
    """Under thirty metres the word is CONTACT and the code stays A02."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix(HIM, 10, 5))
    assert (scene.codes(), scene.state()) == (["A02"], "CONTACT")


@pytest.mark.parametrize("mover", [HIM, HER])
def test_it_does_not_matter_who_moved(mover: str) -> None:
    """An approach is seen whichever of the two walks."""
    other = HER if mover == HIM else HIM
    scene = Scene(order())
    for minute in range(20):
        scene.sees(fix(other, 60 * minute, 0))
        scene.sees(fix(mover, 60 * minute + 30, max(0, 2500 - 150 * minute)))
    assert scene.codes() == ["A08", "A07", "A06", "A02"]
    assert {a.attribution for a in scene.alerts()} == {"OFFENDER_APPROACH" if mover == HIM else "VICTIM_APPROACH"}


def test_watch_needs_two_of_two_and_notice_two_of_three() -> None:
    """One point inside WATCH or NOTICE is not yet a ring, the second is."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix(HIM, 10, 1800))
    assert scene.codes() == []
    scene.sees(fix(HIM, 70, 1800))
    assert scene.codes() == ["A08"]
    scene.sees(fix(HIM, 110, 900))
    scene.sees(fix(HIM, 130, 1100))
    assert scene.state() == "WATCH"
    scene.sees(fix(HIM, 150, 900))
    assert scene.state() == "NOTICE"


def test_notice_is_told_when_somebody_comes() -> None:
    """Standing a kilometre apart is shown and disturbs nobody; two fixes of a walker on her way are A07."""
    scene = Scene(order())
    scene.stand(0, 600, (900, 0), (0, 0))
    assert scene.state() == "NOTICE"
    assert "A07" not in scene.codes()
    for minute in range(1, 4):
        scene.sees(fix(HER, 600 + 60 * minute, 0))
        scene.sees(fix(HIM, 601 + 60 * minute, 900 - 80 * minute))
    assert scene.codes()[-1] == "A07"
    assert scene.alerts("A07")[0].attribution == "OFFENDER_APPROACH"


def test_a_car_is_danger_by_time_before_it_is_by_metres() -> None:
    """At 60 km/h from 6 km, DANGER comes from time to contact, two minutes and two kilometres before he is there."""
    scene = Scene(order())
    for minute in range(5):
        scene.sees(fix(HER, 60 * minute, 0))
        scene.sees(fix(HIM, 60 * minute + 1, 6000 - 1000 * minute))
    alert = scene.alerts("A06")[0]
    assert alert.reason["rule"] == "time-to-contact"
    assert alert.distance_m is not None
    assert alert.distance_m > 1900
    assert alert.time_to_contact_s == pytest.approx(alert.distance_m / (1000 / 60), rel=0.05)


def test_closing_is_confirmed_by_two_fixes() -> None:
    """One leg toward her is not yet a time to contact."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix(HIM, 1, 4500))
    scene.sees(fix(HIM, 61, 3500))
    assert scene.codes() == []
    scene.sees(fix(HIM, 121, 2500))
    assert scene.codes() == ["A06"]


def test_passing_far_beside_is_no_danger() -> None:
    """A car whose course misses her by kilometres is not closing on her."""
    scene = Scene(order())
    for minute in range(6):
        scene.sees(fix(HER, 60 * minute, 0))
        scene.sees(fix(HIM, 60 * minute + 1, 3000 - 1000 * minute, 3500))
    assert "A06" not in scene.codes()


def test_leaving_takes_distance_and_time() -> None:
    """A breach ends only after 60 s beyond the radius plus its margin."""
    scene = Scene(order())
    scene.stand(0, 120, (50, 0), (0, 0))
    scene.stand(120, 240, (180, 0), (0, 0), every=30)
    assert scene.cleared() == []
    scene.stand(240, 300, (400, 0), (0, 0), every=30)
    assert scene.cleared() == []
    scene.stand(300, 330, (400, 0), (0, 0), every=30)
    assert scene.cleared() == ["A02"]
    assert scene.state() == "DANGER"


def test_one_episode_is_one_alert_and_the_next_is_another() -> None:
    """In and out and in again within the margin is one A02; gone for long and back is a second."""
    scene = Scene(order())
    for minute in range(6):
        scene.stand(60 * minute, 60 * minute + 60, (50 if minute % 2 else 150, 0), (0, 0))
    assert scene.codes().count("A02") == 1
    scene.stand(360, 720, (1000, 0), (0, 0))
    scene.stand(720, 780, (50, 0), (0, 0))
    assert scene.codes().count("A02") == 2
    assert len({a.alert for a in scene.alerts("A02")}) == 2


def test_already_inside_when_the_order_starts() -> None:
    """Who stands inside when an order begins is in breach at that second, without waiting for a fix."""
    scene = Scene(order(start=T0 + 90.5))
    scene.stand(0, 90, (50, 0), (0, 0), every=30)
    assert scene.codes() == []
    scene.tick(92)
    alert = scene.alerts("A02")[0]
    assert (alert.at, alert.decided_at, alert.reason["rule"]) == (T0 + 91, T0 + 91, "already-inside")


def test_already_inside_when_the_order_arrives() -> None:
    """An order received while he stands beside her counts at once."""
    scene = Scene()
    scene.stand(0, 90, (50, 0), (0, 0), every=30)
    scene.apply(order(received_t=T0 + 100, start=T0 - 1000))
    assert scene.codes() == ["A02"]


def test_a_wider_version_counts_at_once() -> None:
    """A new version with a wider radius is judged without a fix; an old version arriving late changes nothing."""
    scene = Scene(order())
    scene.stand(0, 120, (450, 0), (0, 0))
    assert scene.codes() == ["A06"]
    scene.apply(order(received_t=T0 + 125, version=2, radius_m=500.0))
    assert scene.codes() == ["A06", "A02"]
    assert scene.apply(order(received_t=T0 + 126, version=1)) == []


def test_an_order_ends_between_fixes() -> None:
    """At its end, which is exclusive, an order's episodes are over and later fixes raise nothing."""
    scene = Scene(order(end=T0 + 100))
    scene.stand(0, 90, (50, 0), (0, 0), every=30)
    scene.tick(99)
    assert scene.state() == "BREACH"
    scene.tick(100)
    assert (scene.cleared(), scene.state()) == (["A02"], "NONE")
    scene.stand(120, 240, (20, 0), (0, 0))
    assert scene.codes() == ["A02"]


def test_a_fix_of_before_the_order_raises_nothing() -> None:
    """The order in force is that of the fix's own time, start inclusive."""
    scene = Scene(order(start=T0 + 100))
    scene.sees(fix(HER, 50, 0))
    scene.sees(fix(HIM, 99.5, 3000), late=0.1)
    scene.tick(101)
    scene.sees(fix(HIM, 99.9, 50), late=5)
    assert scene.codes() == []


def test_withdrawn_and_moved_orders_clear() -> None:
    """An order withdrawn, or whose parties changed, leaves nothing open behind it."""
    scene = Scene(order())
    scene.stand(0, 60, (50, 0), (0, 0))
    scene.apply(order(received_t=T0 + 70, version=2, ended=True))
    assert (scene.cleared(), scene.state()) == (["A02"], "NONE")
    scene.apply(order("other", received_t=T0 + 71))
    scene.apply(order("other", received_t=T0 + 72, version=2, victim="somebody"))
    assert scene.cleared() == ["A02", "A02"]


def test_suspension_and_schedule() -> None:
    """Suspended or unscheduled, nothing is raised; the moment it binds again, who is inside counts."""
    scene = Scene(order(suspensions=[span(60, 120)], schedule=[span(0, 200), span(300, None)]))
    scene.tick(60)
    assert scene.state() == "SUSPENDED"
    scene.stand(60, 120, (50, 0), (0, 0), every=30)
    assert scene.codes() == []
    scene.tick(121)
    assert scene.codes() == ["A02"]
    scene.tick(201)
    assert scene.state() == "NONE"
    scene.stand(205, 295, (50, 0), (0, 0), every=30)
    scene.tick(301)
    assert scene.codes() == ["A02", "A02"]


def test_several_orders_on_one_pair_are_one_line() -> None:
    """The widest radius leads, the others stand beside it."""
    scene = Scene(order("b"), order("a"), order("wide", radius_m=300.0))
    scene.stand(0, 60, (50, 0), (0, 0))
    (alert,) = scene.alerts("A02")
    assert (alert.order, alert.also_orders) == ("wide", ["a", "b"])


def test_own_rings_replace_the_rules() -> None:
    """An order's own rings, widest first, are used; no ring lies inside the order's radius."""
    scene = Scene(order(radius_m=600.0, rings_m=[5000.0, 3000.0]))
    scene.stand(0, 120, (2900, 0), (0, 0))
    assert scene.state() == "NOTICE"
    scene.stand(120, 180, (580, 0), (0, 0))
    assert scene.codes() == ["A02"]


def test_mutual_orders_and_many_victims_do_not_mix() -> None:
    """One offender with two victims, and a victim who is an offender, are separate pairs."""
    scene = Scene(order(), order("back", offender=HER, victim=HIM), order("third", victim="third"))
    scene.apply(Carry(T0, "c3", "third", "third", 0.0))
    scene.sees(fix("third", 0, 9000))
    scene.stand(0, 60, (50, 0), (0, 0))
    assert sorted(a.order for a in scene.alerts("A02")) == ["back", "order"]
    assert len({a.pair for a in scene.alerts("A02")}) == 2


def test_rules_change_in_the_stream() -> None:
    """A new edition holds from its place in the log on."""
    scene = Scene(order())
    scene.stand(0, 120, (560, 0), (0, 0))
    assert scene.codes() == []
    wider = amended(RULES, {"version": "next", "rings": {"DANGER": {"radius_m": 800.0}}})
    scene.apply(RuleChange(T0 + 130, "next", canonical(wider)))
    assert scene.engine.rules == wider
    scene.sees(fix(HIM, 150, 560))
    scene.sees(fix(HIM, 165, 560))
    assert scene.codes() == ["A06"]
    assert scene.alerts("A06")[0].reason["rules"] == "next"


def test_the_body_is_decided_at_the_fix_s_own_time() -> None:
    """A device handed from one person to another gives each their own fixes, whenever they arrive."""
    scene = Scene(order())
    scene.apply(Carry(T0, "shared-1", "shared", HIM, T0, T0 + 100))
    scene.apply(Carry(T0, "shared-2", "shared", HER, T0 + 100))
    scene.sees(fix(HER, 0, 0))
    scene.sees(fix("shared", 99, 5000))
    scene.sees(fix("shared", 101, 10))
    assert scene.codes() == []
    scene.sees(fix("nobody", 102, 0))
    assert scene.engine.counts == {"fix-nobody": 1}


def test_near_the_date_line() -> None:
    """Two metres apart across longitude 180 are two metres apart."""
    scene = Scene(order())
    east, west = fix(HER, 0, 0), fix(HIM, 1, 0)
    scene.apply(
        Fixes(T0 + 2, [type(east)(HER, T0, 179.99999, 10.0, 7.0), type(west)(HIM, T0 + 1, -179.99999, 10.0, 7.0)])
    )
    scene.apply(Fixes(T0 + 63, [type(east)(HER, T0 + 62, -179.9999, 10.0, 7.0)]))
    assert scene.alerts("A02")[0].distance_m == pytest.approx(2.19, abs=0.1)


def test_places_of_the_pair_do_not_hide_the_pair() -> None:
    """With places on the order, the pair itself is judged as before."""
    scene = Scene(order(places=[circle("home", "home", 20_000)]))
    scene.stand(0, 60, (50, 0), (0, 0))
    assert scene.codes() == ["A02"]
    assert point(0) == (127.0, 37.5)


def test_the_id_of_an_alert_says_nothing_of_where() -> None:
    """The same approach a street further has the same id: ids stand on the ledger, which outlives what the law destroys."""
    raised = []
    for north in (0.0, 700.0):
        scene = Scene(order())
        for at, east in ((0.0, 3000.0), (60.0, 60.0), (120.0, 50.0)):
            scene.sees(fix(HER, at, 0.0, north), fix(HIM, at, east, north))
        raised.append([alert.alert for alert in scene.alerts("A02")])
    assert raised[0]
    assert raised[0] == raised[1]
