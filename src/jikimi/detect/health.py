"""What a device says of itself: charge, strap's companion, interference, permissions. It must never be taken for rest.

A device that will not speak for long, or is told to be silent, is named as such; near him hers is dispatched at once.
"""

from jikimi.detect import alerts, events
from jikimi.detect.absence import hers_near, soon_near, told_near
from jikimi.detect.age import counted
from jikimi.detect.arm import refresh
from jikimi.detect.charge import facts, learn
from jikimi.detect.facts import DeviceEvent, FixFlag
from jikimi.detect.limits import RINGS
from jikimi.detect.pair import NONE, SUSPENDED, Pair
from jikimi.detect.standing import pairs_of
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World


def note(world: World, subject: Subject, event: DeviceEvent, episode: int | None) -> None:
    """Take an event of a device's health; ``episode``: its number, None if the same kind was told within an episode's length."""
    if event.kind == events.BATTERY:
        learn(world, subject, event)
    elif world.tick > NEVER:
        subject.ailed = counted(world)
    for pair in pairs_of(subject):
        if pair.mode != NONE:
            _tell(world, pair, subject, event, episode)


def cause_of(subject: Subject, event: DeviceEvent, episode: int) -> tuple[object, ...]:
    """What an alert of this event is known by; the number tells events apart that a clock standing still gave one time."""
    return (subject.id, event.t, event.kind, *((episode,) if episode else ()))


def _tell(world: World, pair: Pair, subject: Subject, event: DeviceEvent, episode: int | None) -> None:
    if event.kind == events.BATTERY:
        _battery(world, pair, subject, event)
    elif episode is None:
        return
    elif event.kind in events.INTERFERENCE:
        if event.kind != events.SHIELDING or _twice(world, subject, event):
            _interfered(world, pair, subject, event, episode)
    elif event.kind == events.TETHER:
        _apart(world, pair, subject, event, episode)
    else:
        _withdrawn(world, pair, subject, event, episode)


def back(world: World, subject: Subject) -> None:
    """A believed fix of somebody whose device was switched off or forbidden: it is there again."""
    subject.away = False
    for pair in pairs_of(subject):
        for key in [key for key in pair.open if key.startswith("A16@victim-") and key != "A16@victim-unlocated"]:
            alerts.end(world, pair, key, subject.t)
        refresh(world, pair)


def _role(pair: Pair, subject: Subject) -> str:
    return "offender" if pair.offender is subject else "victim"


def _watched(world: World, pair: Pair) -> bool:
    return pair.ring >= RINGS.index(world.rules.health.near_ring)


def _battery(world: World, pair: Pair, subject: Subject, event: DeviceEvent) -> None:
    rule = world.rules.health
    role = _role(pair, subject)
    key = f"A15@{role}"
    if not isinstance(event.value, int | float):
        return
    if event.value > rule.battery_back:
        alerts.end(world, pair, key, event.t)
    elif event.value <= rule.battery_low:
        reason = alerts.grounds(world, "A15", "battery-critical", party=role, battery_pct=float(event.value))
        reason.update(facts(world, subject, event.t))
        alerts.begin(world, pair, "A15", key, (subject.id, event.t, event.kind), event.t, reason)


def _twice(world: World, subject: Subject, event: DeviceEvent) -> bool:
    """One fall of reception is a lift or a cellar; the second within a day is a pattern."""
    _, _, *heard = world.calls[f"{event.kind}:{subject.id}"]
    return any(0.0 < event.t - then <= world.rules.health.shielding_s for then in heard)


def _interfered(world: World, pair: Pair, subject: Subject, event: DeviceEvent, episode: int) -> None:
    """A14: dispatched from WATCH on, an operator's business farther away."""
    dispatch = "yes" if _watched(world, pair) else "operator"
    reason = alerts.grounds(world, "A14", event.kind, party=_role(pair, subject), by=subject.id, dispatch=dispatch)
    alerts.write(world, pair, "A14", cause_of(subject, event, episode), event.t, reason)


def _apart(world: World, pair: Pair, subject: Subject, event: DeviceEvent, episode: int) -> None:
    """The wearer and the tracker are apart: what is tracked is not him."""
    if not isinstance(event.value, int | float) or event.value < world.rules.health.tether_m:
        return
    near = _watched(world, pair)
    reason = alerts.grounds(world, "A05", "tether", party=_role(pair, subject), apart_m=float(event.value))
    if not near:
        reason.update(priority="P2", code_112=2, dispatch="operator")
    alerts.write(world, pair, "A05", cause_of(subject, event, episode), event.t, reason)


def _withdrawn(world: World, pair: Pair, subject: Subject, event: DeviceEvent, episode: int) -> None:
    """Switched off or forbidden. Hers is no fault of hers; with him near, coming or lost it is P1, at once or later.

    From then on it counts as absent like a silent one, and longer. What nobody proved says so to a person, no more.
    """
    if pair.mode == SUSPENDED:
        return
    role = _role(pair, subject)
    hers = role == "victim"
    near = hers_near(world, pair) if hers else soon_near(world, pair)
    proven = event.flags & FixFlag.PROVEN
    code = "A16" if hers else "A15"
    reason = alerts.grounds(world, code, "device-unavailable", party=role, kind=event.kind)
    if near:
        reason.update(priority="P1", code_112=1, dispatch="yes")
    key = f"{code}@{role}-{event.kind}"
    alerts.begin(world, pair, code, key, cause_of(subject, event, episode), event.t, reason)
    if hers and proven:
        if near:
            told_near(world, pair, subject)
        subject.away = True
        refresh(world, pair)
