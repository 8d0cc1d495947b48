"""Damaged devices: a strap cut, a case opened. It must never be lost because no order bound at that moment.

What was told of nobody is kept, and told to each pair when its orders begin to bind, as long as that device has
not been taken off or put on anew.
"""

from math import inf
from typing import Final

from jikimi.detect import alerts, events
from jikimi.detect.age import counted
from jikimi.detect.facts import DeviceEvent
from jikimi.detect.measure import worst_case
from jikimi.detect.pair import NONE, Pair
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World

_KEPT: Final = "damaged-"
_T: Final = 0
_EPISODE: Final = 1
_DEVICE: Final = 2
_HEARD: Final = 3
_TOLD: Final = 4


def damaged(world: World, subject: Subject, event: DeviceEvent, episode: int) -> None:
    """A04 near or of unknown distance, A05 far; her own device damaged far from him is A16."""
    key = _key(event.kind, subject)
    kept = world.calls.get(key, [])
    told = kept[_TOLD:] if kept[:1] == [event.t] else []
    world.calls[key] = [event.t, float(episode), events.mark(event.device), event.received_t, *told]
    linked = [pair for pair, _ in subject.links if pair.mode != NONE]
    for pair in linked or {pair.id: pair for pair, _ in subject.guards if pair.mode != NONE}.values():
        _tell(world, pair, subject, event.kind, event.t)


def remembered(world: World, pair: Pair, at: float) -> None:
    """Tell a pair whose orders bind what was damaged before they did."""
    for party in pair.parties():
        for kind in sorted(events.DAMAGE):
            kept = world.calls.get(_key(kind, party), [])
            if not kept or events.mark(pair.id) in kept[_TOLD:] or (pair.victim is None and len(kept) > _TOLD):
                continue
            if _still_on(world, party, kept, at):
                _tell(world, pair, party, kind, at)


def _still_on(world: World, party: Subject, kept: list[float], at: float) -> bool:
    """Whether that device has been on them all the time; one put on anew has been seen to."""
    held = [world.carriers.held(device, at) for device in world.carriers.devices(party.id, at)]
    return any(
        one is not None and events.mark(one.carry.device) == kept[_DEVICE] and one.since <= kept[_HEARD] for one in held
    )


def _key(kind: str, subject: Subject) -> str:
    return f"{_KEPT}{kind}:{subject.id}"


def _tell(world: World, pair: Pair, subject: Subject, kind: str, at: float) -> None:
    kept = world.calls[_key(kind, subject)]
    if events.mark(pair.id) not in kept[_TOLD:]:
        kept.append(events.mark(pair.id))
    his = pair.offender is subject
    near = _near(world, pair)
    code = "A04" if near else "A05" if his else "A16"
    reason = alerts.grounds(
        world, code, "tamper-near" if near else "tamper-far", kind=kind, party="offender" if his else "victim"
    )
    if at > kept[_T]:
        reason["damaged_s"] = at - kept[_T]
    cause = (subject.id, kept[_T], kind, *((int(kept[_EPISODE]),) if kept[_EPISODE] else ()))
    alerts.write(world, pair, code, cause, at, reason)


def _near(world: World, pair: Pair) -> bool:
    """Whether the two may be near; what is not known counts as near."""
    o, v = pair.offender, pair.victim
    limit = world.rules.emergency.near_m
    if not o.known or (v is not None and not v.known):
        return True
    now = counted(world) if world.tick > NEVER else world.now
    if v is None:
        edges = (guard.zone.edge(o.lon, o.lat) for guard in pair.guards.values())
        return min(edges, default=inf) - o.fastest(world.limits) * max(0.0, now - o.seen) < limit
    return worst_case(o, v, now - o.seen, now - v.seen, world.limits) < limit
