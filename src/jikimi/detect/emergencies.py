"""Calls for help, damaged devices and contact heard by radio. It must never wait, and nothing may silence it.

Neither a suspension, an exercise marker, a wrong clock nor the lack of proof holds one back.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Final

from jikimi.detect import alerts, events, hearing, silence
from jikimi.detect.alerts import Seen
from jikimi.detect.arming import Arming
from jikimi.detect.charge import learn
from jikimi.detect.damage import damaged
from jikimi.detect.decisions import Alert
from jikimi.detect.facts import DeviceEvent, FixFlag
from jikimi.detect.health import cause_of, note
from jikimi.detect.orders import binds
from jikimi.detect.pair import NONE, SUSPENDED, Pair
from jikimi.detect.standing import pairs_of
from jikimi.detect.stuck import elsewhere, word
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance
from jikimi.kernel.ids import derived

_REMEMBERED: Final = 16
"""Most episodes a person's calls are remembered by; a bound on memory, not a rule."""


def heed(world: World, event: DeviceEvent) -> None:
    """Take one device event at its receipt."""
    person = world.carriers.who(event.device, event.t) or world.carriers.who(event.device, event.received_t)
    if person is None:
        world.count("event-nobody")
        return
    subject = world.subject(person)
    if event.flags & FixFlag.PROVEN:
        hear(world, subject, event.t, event.received_t)
        stands(world, subject, event.t, f"{event.kind} {event.value}")
    if event.kind in events.CALLS:
        _call(world, subject, event)
    elif event.kind in events.DAMAGE:
        _damage(world, subject, event)
    elif event.kind in _HEARD:
        _HEARD[event.kind](world, subject, event)
    elif event.kind in events.HEALTH:
        note(world, subject, event, _episode(world, f"{event.kind}:{subject.id}", event.t))
    else:
        world.count(f"event-{event.kind}" if event.kind in events.KINDS else "event-unknown")
    for pair, _ in subject.links:
        if pair.open:
            silence.look(world, pair)


def _motion(_: World, subject: Subject, event: DeviceEvent) -> None:
    moves = isinstance(event.value, int | float) and event.value > 0
    subject.moving = event.t if moves else NEVER
    if event.flags & FixFlag.PROVEN:
        word(subject, event.t, "", moves=moves)


def hear(world: World, subject: Subject, t: float, received_t: float) -> None:
    """A message newer than any before it breaks silence; one dated ahead of us does not, unless its clock is known to be."""
    t += 0.0 if subject.clock is None else subject.clock.lag
    if subject.newest < t <= received_t + world.limits.future_s:
        subject.newest = t
        heard = received_t if world.tick == NEVER else min(received_t, world.tick + world.limits.future_s)
        subject.heard = max(subject.heard, heard - world.lost)


def stands(world: World, subject: Subject, t: float, what: str) -> None:
    """Learn whether their device's clock stands still: something new bears the time that was the newest minutes ago.

    What was said with that time already is no witness, for a message may be sent again.
    """
    if t < subject.newest:
        return
    key = f"{_CLOCK}{subject.id}"
    held = world.calls.get(key, [])
    at, first, still, *said = held if held[:1] == [t] else [t, world.now, 0.0]
    mark = events.mark(what)
    if mark not in said:
        still = float(still or world.now - first > world.rules.emergency.episode_s)
        world.calls[key] = [at, first, still, *said[1 - _REMEMBERED :], mark]


_CLOCK: Final = "clock:"


def _episode(world: World, what: str, t: float) -> int | None:
    """A number for what is to be told now, or None: it belongs to what was told a moment ago by our clock, or was told.

    0 as long as its time says which it is. The same time once more is a message sent again, unless the device's clock is
    known to stand still: then it is another call, with a number of its own. Where that is not known a call for help, which
    nobody may lose, is told again soon, and anything else after hours.
    """
    raised, number, *heard = world.calls.get(what, [NEVER, 0.0])
    kind, person = what.split(":", 1)
    rule, since = world.rules.emergency, world.now - raised
    known = t in heard
    clock = world.calls.get(f"{_CLOCK}{person}", [])
    still = clock[:1] == [t] and clock[2]
    later_s = rule.repeat_s if kind in events.CALLS else rule.repeat_other_s
    again_s = rule.episode_s if still or not known else later_s
    if 0.0 <= since <= again_s:
        if not known:
            world.calls[what] = [raised, number, *heard[1 - _REMEMBERED :], t]
        return None
    world.calls[what] = [world.now, number + 1.0, *(heard if known else [*heard[1 - _REMEMBERED :], t])]
    return int(number) if known else 0


def _resent(world: World, what: str, t: float) -> bool:
    """Whether a record with this time was told: what no clock of a device dates comes once."""
    return t in world.calls.get(what, [])[2:]


def _call(world: World, subject: Subject, event: DeviceEvent) -> None:
    """A01 on the pair whose other party is nearest, an unlocated one counting as here."""
    episode = _episode(world, f"{event.kind}:{subject.id}", event.t)
    if episode is None:
        return
    cause = cause_of(subject, event, episode)
    keys = _threats(world, subject)
    rule = "duress" if event.kind == events.DURESS else "call-for-help"
    if not keys:
        if world.mine(subject.id):
            _lone(world, subject, event, cause, "A01", rule)
        return
    pair = world.pairs.get(keys[0])
    if pair is None:
        return
    role = "offender" if pair.offender is subject else "victim"
    reason = alerts.grounds(world, "A01", rule, role=role, silent=1, by=subject.id)
    alerts.write(world, pair, "A01", cause, event.t, reason, seen=_seen(world, pair))


def _threats(world: World, subject: Subject) -> list[tuple[str, str | None]]:
    """Pairs of which the subject is the victim, else the offender: binding ones first, then the nearest."""
    t = world.now
    hers = [o for o in world.orders.values() if o.victim == subject.id]
    orders = hers or [o for o in world.orders.values() if o.offender == subject.id]
    ranked = sorted((not binds(o, t), _apart(world, o.offender, o.victim), o.offender, o.victim or "") for o in orders)
    return [(offender, victim or None) for _, _, offender, victim in ranked]


def _apart(world: World, offender: str, victim: str | None) -> float:
    o, v = world.subjects.get(offender), world.subjects.get(victim or "")
    if o is None or v is None or not (o.known and v.known):
        return 0.0
    return distance(o.lon, o.lat, v.lon, v.lat)


def _seen(world: World, pair: Pair) -> Seen:
    """Even with nothing binding now, the call belongs to the order it was last about."""
    arming = pair.arming
    if not arming.order:
        newest = max(pair.book.at(world.now), key=lambda o: (o.start, o.order))
        arming = Arming(-inf, inf, newest.order, newest.version)
    return Seen(pair.shown, pair.distance, pair.sigma, pair.ttc, pair.attribution, arming)


def _lone(
    world: World, subject: Subject, event: DeviceEvent, cause: tuple[object, ...], code: str, rule: str
) -> None:  # fmt: skip
    """Somebody without any order asks for help: there is no pair, and still there is an alert."""
    reason = alerts.grounds(world, code, rule, role="none", by=subject.id)
    alert = str(derived("", code, *cause))
    world.out.append(
        Alert(
            alert,
            code,
            "",
            [],
            event.t,
            world.now,
            "UNMONITORED",
            None,
            None,
            None,
            None,
            alerts.LIVE,
            None,
            reason,
            victim=alerts.known(subject, None, world.now),
            victim_id=subject.id,
        )
    )


def _damage(world: World, subject: Subject, event: DeviceEvent) -> None:
    """A04, A05 or A16 now, or when an order begins to bind."""
    episode = _episode(world, f"{event.kind}:{subject.id}", event.t)
    if episode is not None:
        damaged(world, subject, event, episode)


def _contact(world: World, subject: Subject, event: DeviceEvent) -> None:
    """A03: hearing is nearness, for a while. Not hearing is nothing. An old hearing is for the record (A26)."""
    for pair, other in subject.links:
        if pair.mode in (NONE, SUSPENDED) or event.value not in (None, "", other.id):
            continue
        if event.flags & FixFlag.PROVEN:
            word(subject, event.t, other.id)
            word(other, event.t, subject.id)
        old = world.now - event.t > world.limits.live_s
        code = "A26" if old else "A03"
        reason = alerts.grounds(world, code, "contact-heard", by=subject.id)
        if old:
            what = f"late-contact:{pair.id}"
            if not _resent(world, what, event.t) and _episode(world, what, event.t) is not None:
                cause = cause_of(subject, event, 0)
                alerts.write(world, pair, code, cause, event.t, reason, grade=alerts.RETROSPECTIVE)
            continue
        if (
            _apart(world, pair.offender.id, other.id if pair.offender is subject else subject.id)
            > world.rules.stuck.apart_m
        ):
            elsewhere(world, subject, event.t)
            elsewhere(world, other, event.t)
        hearing.hear(world, pair)
        alerts.show(world, pair, event.t)
        episode = _episode(world, f"contact:{pair.id}", event.t)
        if episode is not None:
            alerts.begin(world, pair, code, code, cause_of(subject, event, episode), event.t, reason)


def _custody(world: World, subject: Subject, event: DeviceEvent) -> None:
    """A22 when he is set free: a task, whatever was suspended meanwhile; that he was taken in is only noted."""
    if not isinstance(event.value, int | float) or event.value > 0:
        world.count(f"event-{event.kind}")
        return
    what = f"{event.kind}:{subject.id}"
    if _resent(world, what, event.t) or _episode(world, what, event.t) is None:
        return
    for pair in pairs_of(subject):
        if pair.mode != NONE and pair.offender is subject:
            reason = alerts.grounds(world, "A22", "released", by=subject.id)
            alerts.write(world, pair, "A22", cause_of(subject, event, 0), event.t, reason)


_HEARD: Final[Mapping[str, Callable[[World, Subject, DeviceEvent], None]]] = {
    events.CONTACT: _contact,
    events.MOTION: _motion,
    events.CHARGING: learn,
    events.CUSTODY: _custody,
}
