"""What orders, carriers and time make of a pair: its mode and radii. It must never wait for a fix to take effect."""

from jikimi.detect import alerts, judge, silence
from jikimi.detect.age import stale
from jikimi.detect.areas import weigh
from jikimi.detect.corridors import passing
from jikimi.detect.damage import remembered
from jikimi.detect.evidence import covered
from jikimi.detect.facts import Place
from jikimi.detect.guarding import code_of, decide, holders, release, zone_of
from jikimi.detect.limits import SAFE
from jikimi.detect.orders import binds, covers, held
from jikimi.detect.pair import ARMED, FRESH, HOLD, NONE, SUSPENDED, Pair
from jikimi.detect.places import INSIDE, Guard
from jikimi.detect.world import World


def moment(world: World) -> float:
    """The time at which orders are looked at between fixes: the last tick, or the receipt of what changed if later."""
    return max(world.tick, world.now)


def mode_of(world: World, pair: Pair, at: float) -> int:
    """Mode from orders and from whether she carries anything; HOLD guards fixed places only."""
    if not pair.arming.order:
        return NONE
    if pair.arming.suspended:
        return SUSPENDED
    victim = pair.victim
    if victim is None or world.carriers.carrying(victim.id, max(at, victim.t)):
        return ARMED
    return HOLD


def refresh(world: World, pair: Pair, cause: tuple[object, ...] | None = None) -> None:
    """Bring a pair to what holds now; whoever is inside already counts at once."""
    at = moment(world)
    was_mode, was = pair.mode, pair.arming
    pair.rearm(pair.book.arming(at), world.limits)
    pair.mode = mode_of(world, pair, at)
    _held(world, pair, at)
    pair.until = min(pair.arming.until, *(world.carriers.next_change(party.id, at) for party in pair.parties()))
    why = cause or ("order", pair.arming.order, pair.arming.version, pair.arming.since)
    if pair.mode != ARMED and was_mode == ARMED:
        _stand_down(world, pair, at)
    if pair.mode in (NONE, SUSPENDED):
        pair.covered_since = None
        alerts.end(world, pair, "A11@place", at)
    _take_over(world, pair, at)
    _places(world, pair, at, why)
    _forget_bound(pair)
    changed = was_mode != pair.mode or was.order != pair.arming.order or was.radius_m != pair.arming.radius_m
    if changed or was.rings_m != pair.arming.rings_m or was.also != pair.arming.also:
        pair.calm = False
        judge.already_inside(world, pair, at, why)
    silence.look(world, pair)
    alerts.show(world, pair, at)
    if pair.mode != NONE:
        remembered(world, pair, at)


def _take_over(world: World, pair: Pair, at: float) -> None:
    """Another order leads in the middle of a breach: what was told under the last one ends, and is told under it."""
    code = world.rules.rings["BREACH"].code
    if pair.mode == ARMED and pair.arming.order in alerts.untold(pair, code, pair.arming):
        _told(world, pair, at)
        alerts.end(world, pair, code, at)
        pair.taken = True


def _told(world: World, pair: Pair, at: float) -> None:
    """A breach told live goes up to here: what of it arrives later is no news."""
    if world.rules.rings["BREACH"].code in pair.open:
        covered(pair, at, world.rules.evidence.late_gap_s)


def _held(world: World, pair: Pair, at: float) -> None:
    """Whether a suspension that runs now says that he is held; where he is then is looked at with every fix."""
    was, reasons = pair.held, world.rules.custody.reasons
    pair.held = any(
        covers(span.start, span.end, at) and held(span, reasons) and span.start > pair.book.lifted
        for order in pair.book.at(at)
        if binds(order, at)
        for span in order.suspensions
    )
    if pair.held != was:
        pair.cell, pair.roams, pair.out = None, None, 0
    if pair.held:
        pair.offender.vague = True


def set_back(world: World, pair: Pair, cause: tuple[object, ...]) -> None:
    """Our clock went back: what the wrong time ended holds again, and nothing that was guarded is guarded less.

    Which of the two times is right nobody knows; an order that began between them keeps binding.
    """
    at = moment(world)
    arming = pair.book.arming(at)
    guarded = pair.mode in (ARMED, HOLD) and (not arming.order or arming.suspended)
    absent = pair.victim is not None and not world.carriers.carrying(pair.victim.id, at)
    if guarded or arming.radius_m < pair.arming.radius_m or (pair.mode == ARMED and absent):
        silence.look(world, pair)
        alerts.show(world, pair, at)
    else:
        refresh(world, pair, cause)


def _stand_down(world: World, pair: Pair, at: float) -> None:
    """Nothing between the two is guarded any more: rings go, their episodes end; calls for help stay."""
    _told(world, pair, at)
    for code in [key for key in pair.open if "@" not in key or key.startswith("A11@")]:
        alerts.end(world, pair, code, at)
    pair.reset()
    pair.ring, pair.knowledge, pair.calm = SAFE, FRESH, False
    if pair.mode in (NONE, SUSPENDED):
        for key in [key for key in pair.open if key.startswith(("A12@", "A14@"))]:
            alerts.end(world, pair, key, at)


def _places(world: World, pair: Pair, at: float, why: tuple[object, ...]) -> None:
    """Guards for every place of the newest versions, dropped with their order, looked at now."""
    wanted = _wanted(world, pair, at)
    kinds = {place.kind for held in pair.book.versions.values() for order in held for place in order.places}
    pair.ways = not kinds.isdisjoint(world.rules.places.corridors)
    if {key: guard.zone.place for key, guard in pair.guards.items()} != wanted:
        _guard(world, pair, wanted, at)
    located = pair.offender.known and not stale(world, pair.offender)
    for guard in pair.guards.values():
        if guard.zone.place.kind in world.rules.places.areas:
            if located:
                weigh(world, pair, guard, why, at, refreshed=True)
            continue
        arming = holders(pair, guard.zone.place, at)
        if arming is None:
            release(world, pair, guard, at)
        elif located:
            key = f"{code_of(world, guard, INSIDE)}@{guard.key}"
            if guard.level == INSIDE and arming.order in alerts.untold(pair, key, arming):
                release(world, pair, guard, at)
            edge = guard.zone.edge(pair.offender.lon, pair.offender.lat)
            if pair.ways and passing(world, pair, guard, pair.offender, edge, None, at):
                continue
            decide(world, pair, guard, arming, pair.offender, edge, False, why, at)


def _wanted(world: World, pair: Pair, at: float) -> dict[str, Place]:
    wanted: dict[str, Place] = {}
    for order in sorted(pair.book.at(at), key=lambda o: (binds(o, at), o.order), reverse=True):
        for place in order.places:
            if place.kind not in world.rules.places.corridors:
                # two orders may call two places by one name
                wanted[place.id if wanted.get(place.id, place) == place else f"{place.id} {order.order}"] = place
    return wanted


def _guard(world: World, pair: Pair, wanted: dict[str, Place], at: float) -> None:
    """Take new and changed places, let go of those that went."""
    rule, offender = world.rules.places, pair.offender
    for key, guard in list(pair.guards.items()):
        if wanted.get(key) != guard.zone.place:
            if guard.zone.place.kind in rule.areas:
                alerts.end(world, pair, f"{rule.areas[guard.zone.place.kind]}@{key}", at)
            else:
                release(world, pair, guard, at)
            del pair.guards[key]
    for key, place in wanted.items():
        if key not in pair.guards:
            pair.guards[key] = Guard(zone_of(world, place), key)
    guards = [held for held in offender.guards if held[0] is not pair]
    areas = [held for held in offender.areas if held[0] is not pair]
    for guard in pair.guards.values():
        (areas if guard.zone.place.kind in rule.areas else guards).append((pair, guard))
    offender.guards, offender.areas, offender.close = tuple(guards), tuple(areas), ()
    if offender.past is not None:
        offender.past.close = ()


def _forget_bound(pair: Pair) -> None:
    """What was certainly too far need not be any more."""
    pair.offender.guard_slack = -1.0
    for party in pair.parties():
        if party.past is not None:
            party.past.guard_slack, party.past.room = -1.0, 0.0
