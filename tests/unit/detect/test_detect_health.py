"""What devices say of themselves, areas he must stay in, and many devices silent at once."""

import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, circle, fix, order, span

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fixes
from jikimi.detect.rules import amended


def test_a_tag_that_speaks_without_a_position_is_location_lost() -> None:
    """Messages and no fix is A13, another cause than silence; it ends with the next fix."""
    scene = Scene(order())
    scene.stand(0, 120, (5000, 0), (0, 0))
    for at in range(120, 1300, 60):
        scene.event(HIM, at, "heartbeat")
        scene.sees(fix(HER, at + 1, 0))
    (alert,) = scene.alerts("A13")
    assert (alert.reason["rule"], alert.reason["party"], alert.reason["dispatch"]) == (
        "location-lost",
        "offender",
        "task",
    )
    assert alert.decided_at - T0 == pytest.approx(90 + 900, abs=2)
    assert "A12" not in scene.codes()
    scene.sees(fix(HIM, 1310, 5000))
    assert "A13" in scene.cleared()


def test_her_phone_without_a_position_is_unavailable() -> None:
    """Hers is A16 with its own cause."""
    scene = Scene(order())
    scene.stand(0, 120, (5000, 0), (0, 0))
    for at in range(120, 1300, 60):
        scene.event(HER, at, "heartbeat")
        scene.sees(fix(HIM, at + 1, 5000))
    (alert,) = scene.alerts("A16")
    assert (alert.reason["rule"], alert.reason["party"]) == ("location-lost", "victim")


def test_a_battery_is_told_once_and_ends_when_charged() -> None:
    """At fifteen per cent A15, at ten nothing new, at forty it is over."""
    scene = Scene(order())
    scene.stand(0, 60, (5000, 0), (0, 0))
    for at, charge in ((61, 40.0), (62, 15.0), (63, 10.0), (64, 40.0)):
        scene.event(HIM, at, "battery", charge)
    scene.event(HIM, 65, "battery", "low")
    scene.event(HIM, 66, "battery", 20.0)
    assert scene.codes() == ["A15"]
    assert scene.cleared() == ["A15"]


@pytest.mark.parametrize("kind", ["jamming", "spoofing"])
def test_interference_is_dispatched_only_near(kind: str) -> None:
    """Far away an operator looks; from WATCH on it is dispatched."""
    for apart, dispatch in ((9000, "operator"), (1500, "yes")):
        scene = Scene(order())
        scene.stand(0, 180, (apart, 0), (0, 0))
        scene.event(HIM, 181, kind)
        scene.event(HIM, 182, kind)
        (alert,) = scene.alerts("A14")
        assert (alert.reason["rule"], alert.reason["dispatch"]) == (kind, dispatch)


def test_shielding_is_told_at_the_second_time_in_a_day() -> None:
    """One fall of reception is a lift."""
    scene = Scene(order())
    scene.stand(0, 60, (9000, 0), (0, 0))
    scene.event(HIM, 61, "shielding")
    assert scene.codes() == []
    scene.event(HIM, 5000, "shielding")
    assert [a.reason["rule"] for a in scene.alerts("A14")] == ["shielding"]


def test_a_tracker_left_behind_is_told() -> None:
    """Twelve metres between the strap and the tracker: what is tracked is not him. Eight are a bathroom."""
    for apart, told in ((9000, ("P2", "operator")), (1500, ("P1", "yes"))):
        scene = Scene(order())
        scene.stand(0, 180, (apart, 0), (0, 0))
        scene.event(HIM, 181, "tether", 8.0)
        scene.event(HIM, 600, "tether", 12.0)
        scene.event(HIM, 601, "tether", 14.0)
        (alert,) = scene.alerts("A05")
        assert (alert.reason["priority"], alert.reason["dispatch"]) == told


def test_her_phone_switched_off_far_away_holds_the_fixed_places() -> None:
    """No fault of hers: A16, HOLD, and her next fix arms the pair again."""
    scene = Scene(order())
    scene.stand(0, 120, (9000, 0), (0, 0))
    scene.event(HER, 121, "power_off")
    assert scene.state() == "HOLD"
    (alert,) = scene.alerts("A16")
    assert (alert.reason["kind"], alert.reason["dispatch"]) == ("power_off", "no")
    scene.sees(fix(HER, 200, 0))
    assert scene.state() == "SAFE"
    assert scene.cleared() == ["A16"]


def test_her_phone_switched_off_near_him_is_dispatched() -> None:
    """What a taken phone looks like: P1, dispatch, and no ring is let go."""
    scene = Scene(order())
    scene.stand(0, 120, (300, 0), (0, 0))
    scene.event(HER, 121, "power_off")
    (alert,) = scene.alerts("A16")
    assert (alert.reason["priority"], alert.reason["dispatch"]) == ("P1", "yes")
    assert scene.state() == "DANGER"


KINDS = ("permission", "app_killed", "power_off", "power_cut")


def comes(scene: Scene, start: float, path: list[float]) -> None:
    """He alone reports, once a minute."""
    for number, east in enumerate(path):
        scene.sees(fix(HIM, start + 60 * number, east))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("talks", [True, False])
def test_he_comes_where_her_device_was_switched_off(kind: str, talks: bool) -> None:  # noqa: FBT001 - parameters
    """Far when it was told, he comes later: UNKNOWN and P1 with dispatch, also while her phone goes on saying that it is there."""
    scene = Scene(order())
    scene.stand(0, 600, (9000, 0), (0, 0))
    scene.event(HER, 601, kind)
    assert scene.state() == "HOLD"
    scene.engine = Engine.load(scene.engine.dump())
    for minute in range(120):
        scene.sees(fix(HIM, 660 + 60 * minute, max(250.0, 9000.0 - 80 * minute)))
        if talks:
            scene.event(HER, 661 + 60 * minute, "heartbeat")
    (near,) = scene.alerts("A12")
    assert (near.reason["rule"], near.reason["priority"], near.reason["dispatch"]) == (
        "victim-silent-near",
        "P1",
        "yes",
    )
    assert near.decided_at - T0 < 660 + 60 * 108
    assert [a.reason["rule"] for a in scene.alerts("A16")] == ["device-unavailable"]
    assert "UNKNOWN" in scene.shown()
    scene.sees(fix(HER, 9000, 0))
    assert {"A12", "A16"} <= set(scene.cleared())


def test_switching_off_lets_no_ring_go() -> None:
    """At 600 m, parked: the ring stays; he goes on to her and it is told."""
    scene = Scene(order())
    scene.stand(0, 600, (600, 0), (0, 0))
    scene.event(HER, 601, "permission")
    assert scene.state() == "NOTICE"
    assert scene.cleared() == []
    comes(scene, 660, [600.0] * 5 + [500.0, 300.0, 100.0, 0.0])
    assert [a.reason["dispatch"] for a in scene.alerts("A12", "A11")][-1] == "yes"


def test_switched_off_while_nobody_knows_where_he_is_is_dispatched() -> None:
    """He was lost at 700 m ten minutes ago: P1 at once."""
    scene = Scene(order())
    scene.stand(0, 600, (700, 0), (0, 0))
    for at in range(600, 1000, 30):
        scene.sees(fix(HER, at, 0))
    scene.event(HER, 1000, "app_killed")
    (alert,) = scene.alerts("A16")
    assert (alert.reason["priority"], alert.reason["dispatch"]) == ("P1", "yes")


def test_switched_off_again_while_he_stays_is_no_second_dispatch() -> None:
    """A phone that comes and goes beside him is dispatched once, and again the moment he moves."""
    scene = Scene(order())
    scene.stand(0, 120, (300, 0), (0, 0))
    for at, kind in ((121, "permission"), (122, "power_off"), (600, "permission")):
        scene.stand(at - 60, at, (300, 0), (0, 0))
        scene.event(HER, at, kind)
        if kind == "power_off":
            scene.stand(150, 500, (300, 0), (0, 0))
    assert [a.reason["priority"] for a in scene.alerts("A16")] == ["P1", "P2", "P2"]
    comes(scene, 660, [300.0] * 5)
    assert scene.alerts("A12") == []
    comes(scene, 960, [80.0] * 3)
    assert scene.alerts("A12")[0].reason["dispatch"] == "yes"


def test_what_nobody_proved_switches_nothing_off() -> None:
    """A stranger's word is told, and neither holds the pair nor counts as having been told."""
    scene = Scene(order())
    scene.stand(0, 120, (9000, 0), (0, 0))
    scene.event(HER, 121, "power_off", flags=0)
    assert scene.codes() == ["A16"]
    assert scene.state() == "SAFE"
    near = Scene(order())
    near.stand(0, 120, (300, 0), (0, 0))
    near.event(HER, 121, "power_off", flags=0)
    comes(near, 150, [300.0] * 6)
    assert [(a.code, a.reason["dispatch"]) for a in near.alerts("A12", "A16")] == [("A16", "yes"), ("A12", "yes")]


def test_his_tag_switched_off_is_told() -> None:
    """By hand or by a cut supply: A15 with its kind; nothing during a suspension."""
    scene = Scene(order())
    scene.stand(0, 120, (9000, 0), (0, 0))
    scene.event(HIM, 121, "power_cut")
    assert scene.alerts("A15")[0].reason["kind"] == "power_cut"
    held = Scene(order(suspensions=[span(0, 4000)]))
    held.stand(0, 120, (9000, 0), (0, 0))
    held.event(HIM, 121, "power_cut")
    assert held.codes() == []


def test_health_of_a_pair_without_an_order_is_nobodys() -> None:
    """Nothing binds, nothing is told."""
    scene = Scene(order(end=T0 + 10))
    scene.stand(0, 120, (9000, 0), (0, 0))
    scene.event(HIM, 121, "jamming")
    assert scene.codes() == []


def test_a_curfew_binds_by_its_schedule() -> None:
    """Outside the home at the hour is A17 at the second fix; coming home ends it; by day nothing."""
    night = order("night", victim=None, places=[circle("home", "curfew", 0, radius_m=60)], schedule=[span(600, 4000)])
    scene = Scene(night)
    for at in range(0, 600, 60):
        scene.sees(fix(HIM, at, 3000))
    assert scene.codes() == []
    for at in range(600, 900, 60):
        scene.sees(fix(HIM, at, 3000))
    (alert,) = scene.alerts("A17")
    assert (alert.place, alert.reason["rule"], alert.reason["dispatch"]) == ("home", "curfew", "probation")
    scene.sees(fix(HIM, 960, 5))
    scene.sees(fix(HIM, 1020, 5))
    assert scene.cleared() == ["A17"]


def test_an_area_of_residence_is_left_at_the_second_fix() -> None:
    """One fix outside may be a receiver's error; a doubtful edge is not leaving."""
    scene = Scene(order("stay", victim=None, places=[circle("gu", "residence", 0, radius_m=2000)]))
    scene.sees(fix(HIM, 0, 1990))
    scene.sees(fix(HIM, 60, 2005))
    scene.sees(fix(HIM, 120, 2500))
    assert scene.codes() == []
    scene.sees(fix(HIM, 180, 2600))
    (alert,) = scene.alerts("A09")
    assert alert.reason["rule"] == "left-area"
    scene.apply(order("stay", version=2, received_t=T0 + 200, victim=None, places=[]))
    assert scene.cleared() == ["A09"]


def test_an_area_survives_a_restart() -> None:
    """A snapshot in the middle of leaving changes nothing."""
    one = Scene(order("stay", victim=None, places=[circle("gu", "residence", 0, radius_m=2000)]))
    one.sees(fix(HIM, 0, 2500))
    one.engine = Engine.load(one.engine.dump())
    one.sees(fix(HIM, 60, 2500))
    assert one.codes() == ["A09"]


def test_a_widespread_outage_is_one_problem() -> None:
    """Forty pairs fall silent within a minute far from each other: one A25, not eighty alerts; the near one is told."""
    scene = Scene(*(order(f"o{n}", offender=f"m{n}", victim=f"w{n}") for n in range(40)))
    names = [(f"m{n}", f"w{n}", 6000.0 if n else 300.0) for n in range(40)]
    for man, woman, _ in names:
        for who in (man, woman):
            scene.apply(Carry(T0, f"c-{who}", who, who, 0.0))
    for at in (0, 60, 120):
        batch = [one for m, w, apart in names for one in (fix(w, at, 0), fix(m, at, apart))]
        scene.tick(at)
        scene.apply(Fixes(T0 + at, batch))
    scene.tick(2400)
    codes = scene.codes()
    assert codes.count("A25") == 1
    assert codes.count("A12") + codes.count("A16") <= 2
    assert [a.order for a in scene.alerts("A12") if a.reason["priority"] == "P1"] == ["o0"]
    assert scene.alerts("A25")[0].reason["rule"] == "outage"
    assert HER not in scene.engine.counts


def charged(scene: Scene, *said: tuple[float, str, float]) -> dict[str, object]:
    """What goes with the alert of an empty battery after these words of his device."""
    for at, kind, value in said:
        scene.event(HIM, at, kind, value)
    return dict(scene.alerts("A15")[-1].reason)


def test_a_battery_that_could_have_been_charged_is_a_fact_beside_the_alert() -> None:
    """Low for more than two hours and never charged: it could have been. Low for one hour, or charged since: no such word."""
    scene = Scene(order())
    told = charged(scene, (0, "battery", 28.0), (7000, "battery", 20.0), (8000, "battery", 14.0))
    assert (told["battery_pct"], told["charging"], told["low_s"], told["chargeable"]) == (14.0, 0.0, 8000.0, 1.0)
    told = charged(Scene(order()), (0, "battery", 28.0), (3600, "battery", 14.0))
    assert (told["low_s"], told["chargeable"]) == (3600.0, 0.0)
    fed = ((0, "battery", 28.0), (7000, "charging", 1.0), (7100, "charging", 0.0), (8000, "battery", 14.0))
    told = charged(Scene(order()), *fed)
    assert (told["low_s"], told["chargeable"]) == (900.0, 0.0)
    assert "low_s" not in charged(Scene(order()), (0, "charging", 1.0), (10, "battery", 14.0))


def test_what_was_said_of_the_charge_goes_with_the_silence() -> None:
    """A tag that falls silent after hours of warnings says so beside A12; it is a fact, nobody's intent."""
    scene = Scene(order())
    scene.event(HIM, 0, "battery", 25.0)
    scene.stand(0, 9000, (20_000, 0), (0, 0), every=600)
    scene.engine = Engine.load(scene.engine.dump())
    scene.tick(12_000)
    reason = scene.alerts("A12")[-1].reason
    assert (reason["battery_pct"], reason["chargeable"]) == (25.0, 1.0)
    assert "intent" not in reason


def test_words_of_charge_that_are_old_unproven_or_no_number_say_nothing() -> None:
    """Only the newest, only proven, only numbers."""
    scene = Scene(order())
    scene.event(HIM, 100, "battery", 40.0)
    scene.event(HIM, 50, "battery", 20.0)
    scene.event(HIM, 200, "charging", 1.0, flags=0)
    scene.event(HIM, 210, "charging", "yes")
    told = charged(scene, (300, "battery", 14.0))
    assert (told["charging"], told["low_s"]) == (0.0, 0.0)


def test_who_is_set_free_is_a_task_once() -> None:
    """The end of custody is A22, also while the order is suspended for it; the beginning, and hers, are only noted."""
    scene = Scene(order(suspensions=[span(0, 4000)]))
    scene.stand(0, 60, (9000, 0), (0, 0))
    scene.event(HIM, 61, "custody", 1.0)
    scene.event(HER, 62, "custody", 0.0)
    scene.event(HIM, 63, "custody")
    assert scene.codes() == []
    scene.event(HIM, 3000, "custody", 0.0)
    scene.event(HIM, 3000, "custody", 0.0)
    (alert,) = scene.alerts("A22")
    assert (alert.reason["rule"], alert.reason["priority"], alert.reason["dispatch"]) == ("released", "P2", "task")
    over = Scene(order(end=T0 + 10))
    over.stand(0, 60, (9000, 0), (0, 0))
    over.event(HIM, 61, "custody", 0.0)
    assert over.codes() == []


def test_a_notice_without_a_legal_basis_is_off() -> None:
    """What she is told by itself rests on an article that the catalogue names, or is not told."""
    for code, entry in RULES.alerts.items():
        assert entry.told == (entry.notice if entry.basis else "no"), code
    assert RULES.alerts["A02"].told == "map"
    assert "제31조의6" in RULES.alerts["A02"].basis
    assert RULES.alerts["A17"].told == "no"


def test_a_notice_minutes_away_is_more_urgent_than_one_far_off() -> None:
    """Coming, and there within five minutes: DANGER and Code 1, wherever he is; within a kilometre and slower: Code 2."""
    for pace, code, code_112 in ((2.0, "A07", 2), (3.5, "A06", 1), (16.0, "A06", 1)):
        scene = Scene(order())
        for at in range(0, 450, 15):
            scene.sees(fix(HER, at, 0), fix(HIM, at, 700 + 450 * pace - pace * at))
        alert = scene.alerts("A06", "A07")[0]
        assert (alert.code, alert.reason["code_112"]) == (code, code_112), (pace, alert.time_to_contact_s)


def test_a_regime_may_ask_for_less_time_than_its_notice_does() -> None:
    """Then a notice within a kilometre is of the first code if contact is that near."""
    rules = amended(RULES, {"closing": {"horizon_s": 200}})
    scene = Scene(order(), rules=rules)
    for at in range(0, 900, 30):
        scene.sees(fix(HER, at, 0), fix(HIM, at, 2500 - 3.5 * at))
    assert [a.reason["code_112"] for a in scene.alerts("A07")] == [1]


def test_a_device_that_only_ever_said_that_it_charges() -> None:
    """Its silence is told with that, and with no percentage; what is damaged before our first tick is damaged."""
    scene = Scene(order())
    scene.event(HIM, 0, "jamming")
    scene.event(HIM, 0, "charging", 1.0)
    scene.stand(0, 60, (20_000, 0), (0, 0))
    scene.tick(4000)
    reason = scene.alerts("A12")[-1].reason
    assert (reason["charging"], reason.get("battery_pct"), reason.get("low_s")) == (1.0, None, None)
    assert scene.codes()[0] == "A14"
