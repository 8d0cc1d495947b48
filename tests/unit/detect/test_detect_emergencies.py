"""Calls for help, damaged devices, contact by radio: nothing may hold them back."""

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order, span

from jikimi.detect.engine import Engine
from jikimi.detect.events import KINDS
from jikimi.detect.facts import Carry, Fixes


@pytest.mark.parametrize("late", [0.0, 600.0, -3600.0])
def test_a_call_for_help_is_always_p0(late: float) -> None:
    """SOS and duress raise A01 with her order at once, suspended or not, delayed or from a clock ahead."""
    for kind in ("sos", "duress"):
        scene = Scene(order(suspensions=[span(0, None)]))
        scene.event(HER, 5000, kind, late=late)
        (alert,) = scene.alerts("A01")
        assert (alert.order, alert.reason["priority"], alert.reason["silent"]) == ("order", "P0", 1)


def test_repeated_calls_are_one_episode() -> None:
    """Pressing again within five minutes, or the same event again, is the same call; later it is another."""
    scene = Scene(order())
    for at in (0, 5, 5, 200):
        scene.event(HER, at, "sos")
    assert len(scene.alerts("A01")) == 1
    scene.event(HER, 900, "sos")
    assert len(scene.alerts("A01")) == 2


@pytest.mark.parametrize("kind", ["sos", "duress", "strap"])
@pytest.mark.parametrize("known", [True, False])
def test_a_clock_that_stands_still_loses_no_call(kind: str, known: bool) -> None:  # noqa: FBT001 - a parameter
    """The clock stands, for what it says minutes later bears the same time: each press after five minutes is its own alert."""
    scene = Scene(*([order()] if known else []))
    pressed = (0, 100, 400, 401, 800, 9000, *range(10_000, 30_000, 1000))
    for at in pressed:
        if at == 400:
            scene.event(HER, 0, "heartbeat", late=399)
        scene.event(HER, 0, kind, late=at)
        scene.engine = Engine.load(scene.engine.dump())
    told = scene.alerts("A01", "A04")
    assert len(told) == (0 if kind == "strap" and not known else len(pressed) - 2)
    assert len({alert.alert for alert in told}) == len(told)


def test_a_clock_that_stands_still_is_known_by_its_fixes() -> None:
    """Another position with the same time, minutes later: the clock stands, and a second press is a second call."""
    scene = Scene(order())
    scene.sees(fix(HER, 0, 0))
    for at in (1, 350, 360, 700):
        scene.tick(at)
        scene.event(HER, 0, "sos", late=at)
        if at == 350:
            scene.apply(Fixes(T0 + at, [fix(HER, 0, 20)]))
    assert [a.decided_at - T0 for a in scene.alerts("A01")] == [1, 360, 700]


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize("kind", ["sos", "duress", "strap", "jamming", "tether", "power_off"])
def test_an_event_sent_again_is_not_another(kind: str, alive: bool) -> None:  # noqa: FBT001 - a parameter
    """The very event every five minutes for eight hours: a call for help six times an hour at most, the rest every three hours."""
    scene = Scene(order())
    for at in range(0, 31_800, 60):
        if alive:
            scene.sees(fix(HER, at, 0), fix(HIM, at, 20_000))
        else:
            scene.tick(at)
        if at % 360 == 0:
            scene.event(
                HIM if kind in {"strap", "tether"} else HER, 0, kind, 20.0 if kind == "tether" else None, late=at
            )
    told = [
        a for a in scene.alerts() if a.reason["rule"] not in {"communication-lost", "victim-silent", "location-lost"}
    ]
    told = [
        a for a in told if a.code in {"A01", "A04", "A05", "A14", "A15"} or a.reason["rule"] == "device-unavailable"
    ]
    assert 1 <= len(told) <= (53 if kind in {"sos", "duress"} else 3)


def test_what_was_said_within_an_episode_is_known_too() -> None:
    """Three presses in a minute are one call, and none of the three is another when it comes again."""
    scene = Scene(order())
    for at in (0, 20, 40):
        scene.event(HER, at, "sos")
    for at in (0, 20, 40):
        scene.event(HER, at, "sos", late=500)
    assert len(scene.alerts("A01")) == 1


@pytest.mark.parametrize("kind", ["sos", "duress"])
def test_a_second_press_is_not_lost_though_the_button_never_knows_the_time(kind: str) -> None:
    """Its events all say the same moment, her positions another: pressed again a quarter of an hour later it is a call."""
    scene = Scene(order())
    for at in range(0, 4000, 60):
        scene.sees(fix(HER, at, 0), fix(HIM, at, 20_000))
        if at in (600, 1560, 2520):
            scene.event(HER, -1_800_000_000, kind, late=1_800_000_000 + at)
    assert len(scene.alerts("A01")) == 3


def test_a_call_goes_with_the_nearest_or_unknown_offender() -> None:
    """The nearest offender is taken, an unlocated one before any; an order that binds before one that does not."""
    scene = Scene(order("far"), order("near", offender="second"), order("over", offender="third", end=T0 + 1))
    for who in ("second", "third"):
        scene.apply(Carry(T0, who, who, who, 0.0))
    scene.sees(fix(HER, 0, 0), fix(HIM, 1, 9000), fix("second", 2, 5000))
    scene.tick(5)
    scene.event(HER, 6, "sos")
    assert scene.alerts("A01")[0].order == "near"
    scene.apply(order("nowhere", received_t=T0 + 7, offender="fourth"))
    scene.event(HER, 906, "sos")
    assert scene.alerts("A01")[1].order == "nowhere"


def test_a_call_after_the_order_ended_still_names_it() -> None:
    """With nothing binding any more the call is about the last order."""
    scene = Scene(order(end=T0 + 10))
    scene.tick(20)
    scene.event(HER, 21, "sos")
    assert scene.alerts("A01")[0].order == "order"


def test_a_call_without_any_order_is_an_alert_too() -> None:
    """Somebody without an order who asks for help is not lost; a device of nobody is counted."""
    scene = Scene()
    scene.event(HER, 0, "sos")
    (alert,) = scene.alerts("A01")
    assert (alert.order, alert.victim_id) == ("", HER)
    scene.event("nobody", 0, "sos")
    assert scene.engine.counts == {"event-nobody": 1}


def test_his_call_says_whose_it_is() -> None:
    """A wearer's own call is taken with his role named."""
    scene = Scene(order())
    scene.event(HIM, 0, "sos")
    assert scene.alerts("A01")[0].reason["role"] == "offender"


@pytest.mark.parametrize(("apart", "code"), [(4000, "A04"), (12_000, "A05")])
def test_a_cut_strap_is_near_or_far(apart: float, code: str) -> None:
    """A strap cut within five kilometres is A04, beyond it A05."""
    scene = Scene(order())
    scene.stand(0, 60, (apart, 0), (0, 0))
    scene.event(HIM, 60, "strap")
    scene.event(HIM, 61, "strap")
    assert [a.code for a in scene.alerts("A04", "A05")] == [code]


def test_unknown_distance_is_near() -> None:
    """Without positions a tamper counts as near; with places alone, by the places."""
    scene = Scene(order())
    scene.event(HIM, 0, "case")
    assert scene.codes() == ["A04"]
    for east, code in ((1000, "A04"), (90_000, "A05")):
        scene = Scene(order(victim=None, places=[circle("z", "zone", 0)]))
        scene.sees(fix(HIM, 0, east))
        scene.tick(1)
        scene.event(HIM, 1, "strap")
        assert code in scene.codes()


def scheduled() -> Scene:
    """An order that binds from minute ten to twenty and from thirty to forty; both report from a kilometre apart."""
    scene = Scene(order(schedule=[span(600, 1200), span(1800, 2400)]))
    scene.sees(fix(HER, 0, 0), fix(HIM, 5, 1000))
    return scene


def test_a_strap_cut_before_an_order_binds_is_told_when_it_does() -> None:
    """Five minutes before its hour nobody is told; as it begins it is, once each, restarts, repeats and the next hour or not."""
    scene = scheduled()
    for kind in ("strap", "case"):
        scene.event(HIM, 300, kind)
    scene.tick(590)
    assert scene.codes() == []
    scene.engine = Engine.load(scene.engine.dump())
    scene.tick(601)
    told = scene.alerts("A04")
    assert sorted(str(a.reason["kind"]) for a in told) == ["case", "strap"]
    assert {(a.order, a.at, a.reason["damaged_s"], a.reason["priority"]) for a in told} == {
        ("order", T0 + 600, 300, "P0")
    }
    scene.tick(1300)
    scene.event(HIM, 300, "strap", late=1100)
    scene.tick(2500)
    assert len(scene.alerts("A04")) == 2


def test_a_strap_cut_while_an_order_binds_is_told_then_alone() -> None:
    """What was told is not told again when the order's next hour begins, nor when another version comes."""
    scene = scheduled()
    scene.tick(700)
    scene.event(HIM, 700, "strap")
    assert len(scene.alerts("A04")) == 1
    scene.tick(2000)
    scene.apply(order(version=2, received_t=T0 + 2000))
    assert len(scene.alerts("A04")) == 1


def test_an_order_made_after_the_damage_tells_of_it() -> None:
    """Whoever has a cut strap on when an order of somebody begins is told of there, by her order and not by the places."""
    scene = Scene()
    scene.event(HIM, 0, "strap")
    scene.event(HER, 0, "case")
    scene.sees(fix(HER, 0, 0), fix(HIM, 0, 90_000))
    scene.tick(100)
    scene.apply(order(received_t=T0 + 100, start=T0 + 200))
    assert scene.codes() == []
    scene.tick(201)
    scene.apply(order("places", received_t=T0 + 300, start=T0, victim=None, places=[circle("home", "home", 0)]))
    assert sorted(scene.codes()) == ["A05", "A16"]


def test_places_alone_are_told_while_her_order_rests() -> None:
    """Two orders, of her and of places, of which one binds: the damage is told there, and of her when hers begins."""
    scene = scheduled()
    scene.apply(order("places", victim=None, places=[circle("home", "home", 0)]))
    scene.event(HIM, 300, "strap")
    assert [a.order for a in scene.alerts("A04")] == ["places"]
    scene.tick(700)
    assert [a.order for a in scene.alerts("A04")] == ["places", "order"]


@pytest.mark.parametrize("exchanged", ["another", "put on anew"])
def test_a_device_that_was_seen_to_is_told_of_no_more(exchanged: str) -> None:
    """Taken off, exchanged or put on anew before the order binds: nothing of it is told."""
    scene = scheduled()
    scene.event(HIM, 300, "strap")
    scene.tick(400)
    scene.apply(Carry(T0 + 400, "c-offender", HIM, HIM, 0.0, until=T0 + 400))
    device = "spare" if exchanged == "another" else HIM
    scene.apply(Carry(T0 + 400, "c-second", device, HIM, T0 + 400))
    scene.tick(700)
    assert not scene.alerts("A04")


def test_her_device_damaged_far_away_is_unavailable() -> None:
    """Her watch broken with him far off is A16, near him A04; with no order binding, nothing."""
    scene = Scene(order())
    scene.stand(0, 60, (30_000, 0), (0, 0))
    scene.event(HER, 61, "case")
    assert scene.codes() == ["A16"]
    scene = Scene(order(end=T0 + 1))
    scene.tick(5)
    scene.event(HER, 6, "case")
    assert scene.codes() == []


def test_contact_is_positive_evidence_only() -> None:
    """Hearing the other party is CONTACT at once; distance for a minute ends it."""
    scene = Scene(order())
    scene.event(HER, 0, "contact", HIM)
    assert (scene.codes(), scene.state()) == (["A03"], "CONTACT")
    scene.event(HER, 30, "contact", HIM)
    scene.event(HER, 31, "contact", "somebody else")
    assert scene.codes() == ["A03"]
    scene.stand(60, 240, (3000, 0), (0, 0), every=30)
    assert "A03" in scene.cleared()


@pytest.mark.parametrize("restart", [True, False])
def test_contact_ends_when_it_is_heard_no_more(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Nobody located: five minutes after the last hearing it is over and UNKNOWN; heard the next day it is told again."""
    scene = Scene(order())
    scene.tick(10)
    scene.event(HER, 10, "contact", HIM)
    scene.event(HER, 200, "contact", HIM)
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    scene.tick(499)
    assert (scene.state(), scene.cleared()) == ("CONTACT", [])
    scene.tick(501)
    assert (scene.state(), scene.cleared()) == ("UNKNOWN", ["A03"])
    scene.event(HER, 80_000, "contact", HIM)
    assert [a.at - T0 for a in scene.alerts("A03")] == [10, 80_000]
    assert scene.state() == "CONTACT"


def test_after_contact_positions_say_what_it_is() -> None:
    """At 60 m: a breach, told as such; at 250 m with the noise of a town: DANGER; neither outlives its reason."""
    for apart, told, state in ((60.0, ["A03", "A02"], "BREACH"), (250.0, ["A03"], "DANGER")):
        scene = Scene(order())
        scene.tick(1)
        scene.event(HER, 1, "contact", HIM)
        scene.stand(2, 420, (apart, 0), (0, 0), every=30)
        assert scene.state() == state
        assert scene.codes() == told
        assert "A03" in scene.cleared()
    new = Scene(order())
    new.stand(0, 120, (400, 0), (0, 0))
    new.event(HER, 121, "contact", HIM)
    new.stand(122, 600, (60, 0), (0, 0), every=30)
    assert new.state() == "BREACH"
    assert new.codes() == ["A06", "A03", "A02"]
    gone = Scene(order())
    gone.stand(0, 120, (60, 0), (0, 0))
    gone.event(HER, 121, "contact", HIM)
    gone.tick(600)
    assert gone.state() == "BREACH"
    assert gone.codes().count("A02") == 1


def test_contact_of_a_pair_at_rest_ends_as_it_was() -> None:
    """In touch by position already: nothing is lowered; suspended meanwhile: nothing is left to end."""
    scene = Scene(order())
    scene.stand(0, 120, (5, 0), (0, 0))
    scene.event(HER, 121, "contact", HIM)
    scene.stand(122, 600, (5, 0), (0, 0))
    assert scene.state() == "CONTACT"
    assert "A03" in scene.cleared()
    assert scene.codes().count("A02") == 1
    held = Scene(order(suspensions=[span(100, 4000)]))
    held.tick(50)
    held.event(HER, 50, "contact", HIM)
    held.tick(900)
    assert held.state() == "SUSPENDED"
    assert held.cleared() == ["A03"]


def test_an_old_contact_is_for_the_record() -> None:
    """A hearing that comes ten minutes late is retrospective, once; none counts while suspended."""
    scene = Scene(order())
    scene.event(HER, 0, "contact", late=600)
    scene.event(HER, 0, "contact", late=600)
    assert [(a.code, a.grade) for a in scene.alerts(grade=None)] == [("A26", "retrospective")]
    scene = Scene(order(suspensions=[span(0, None)]))
    scene.event(HER, 0, "contact")
    assert scene.codes() == []


def test_markers_silence_nothing() -> None:
    """Exercise, test and safe taps are noted, and alerts go on."""
    scene = Scene(order())
    for kind in ("exercise", "test", "safe_tap"):
        scene.event(HER, 0, kind)
    scene.event(HER, 1, "unheard-of")
    scene.event(HER, 2, "sos")
    scene.stand(3, 60, (50, 0), (0, 0))
    assert scene.codes() == ["A01", "A02"]
    assert scene.engine.counts["event-exercise"] == 1
    assert scene.engine.counts["event-unknown"] == 1
    assert set(KINDS) >= {"sos", "duress", "strap", "case", "contact"}


def test_a_heartbeat_breaks_silence_and_not_age() -> None:
    """A device that talks without a position is heard, and its pair still becomes UNKNOWN."""
    scene = Scene(order())
    scene.stand(0, 120, (450, 0), (0, 0))
    scene.tick(300)
    assert scene.codes().count("A12") == 1
    scene.event(HER, 301, "heartbeat")
    scene.event(HIM, 302, "heartbeat")
    assert scene.cleared() == ["A12"]
    scene.event(HER, 303, "heartbeat", flags=0)
    scene.tick(420)
    assert scene.state() == "UNKNOWN"
    assert scene.alerts("A11")
