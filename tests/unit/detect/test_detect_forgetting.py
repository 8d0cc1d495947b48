"""A person whose data the law had destroyed is nowhere in the engine's memory; nobody who is guarded is ever forgotten."""

import struct

from tests.unit.detect.scene import HER, HIM, LON, T0, Scene, circle, fix, order, point

from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, DeviceEvent, Fixes, Forget, Order

OTHER = "another"
HOME = circle("home", "home", 9000.0)


def ended(of: Order, at: float) -> Order:
    """The order withdrawn, and nothing left in it of where anything is."""
    return order(of.order, victim=of.victim, offender=of.offender, version=2, received_t=T0 + at, ended=True)


def lived() -> Scene:
    """He and she for an hour under one order with her home in it; she is guarded against another too."""
    scene = Scene(order(places=[HOME]), order("others", offender=OTHER))
    scene.apply(Carry(T0, "c-other", OTHER, OTHER, 0.0))
    for minute in range(60):
        at = minute * 60.0
        scene.sees(fix(HER, at, 0.0), fix(HIM, at, 20000.0 + minute), fix(OTHER, at, -30000.0))
    scene.event(HIM, 3601, "battery", 40.0)
    scene.event(HIM, 3602, "sos")
    return scene


def places_in(body: bytes) -> list[float]:
    """Every number of a snapshot that could be an eastern longitude of this stage."""
    found = []
    for at in range(len(body) - 8):
        if body[at] == 0xCB:
            (value,) = struct.unpack(">d", body[at + 1 : at + 9])
            if abs(value - LON) < 1.0 and value != LON:
                found.append(value)
    return found


def test_nothing_of_where_he_was_is_left_in_memory_or_snapshot() -> None:
    """After his order ended and the law destroyed his data, no snapshot holds a place of his, nor her home of that order."""
    scene = lived()
    east = {point(20000.0 + minute)[0] for minute in range(60)} | {point(9000.0)[0]}
    assert east & set(places_in(scene.engine.dump()))
    scene.apply(ended(order(), 3700))
    scene.tick(3800)
    scene.apply(Forget(T0 + 3801, HIM))
    body = scene.engine.dump()
    assert not east & set(places_in(body))
    assert places_in(body), "the other's places are still there"


def test_the_others_are_guarded_on_and_a_restart_changes_nothing() -> None:
    """Her other order holds as before, whether the engine went on or was loaded again right after."""
    said = []
    for restart in (False, True):
        scene = lived()
        scene.apply(ended(order(), 3700))
        scene.tick(3800)
        scene.apply(Forget(T0 + 3801, HIM))
        if restart:
            scene.engine = Engine.load(scene.engine.dump())
        scene.said.clear()
        for minute in range(64, 70):
            scene.sees(fix(HER, minute * 60.0, 0.0), fix(OTHER, minute * 60.0, 30.0))
        said.append(scene.said)
        assert scene.alerts("A02")
        assert {alert.order for alert in scene.alerts()} == {"others"}
    assert said[0] == said[1]


def test_whom_an_order_still_guards_is_not_forgotten() -> None:
    """A destruction that comes too early disarms nobody: it is counted, and the alert comes."""
    scene = lived()
    before = scene.engine.dump()
    for who in (HIM, HER, "nobody"):
        scene.apply(Forget(T0 + 3801, who))
    assert scene.engine.counts["forget-refused"] == 2
    assert len(places_in(scene.engine.dump())) == len(places_in(before))
    for minute in range(64, 70):
        scene.sees(fix(HER, minute * 60.0, 0.0), fix(HIM, minute * 60.0, 30.0))
    assert scene.alerts("A02")


def test_a_forgotten_device_that_reports_again_begins_anew() -> None:
    """What a tag says after its wearer was forgotten is taken as a stranger's first word, and stops nothing."""
    scene = lived()
    scene.apply(ended(order(), 3700))
    scene.apply(Fixes(T0 + 3710, [fix(HIM, 3705, 20000.0)]))
    scene.tick(3711)
    scene.apply(Forget(T0 + 3712, HIM))
    scene.apply(Fixes(T0 + 3720, [fix(HIM, 3700, 20000.0), fix(HIM, 3719, 20000.0)]))
    scene.apply(DeviceEvent(T0 + 3721, HIM, T0 + 3721, "battery", 39.0))
    scene.tick(4400)
    assert Engine.load(scene.engine.dump()).dump() == scene.engine.dump()
