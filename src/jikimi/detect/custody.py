"""A suspension because he is held, and a tag that moves all the same. It must never wait for the suspension's end.

Held somewhere is a place: the one the decision names, or where he first stays. Two precise fixes outside it end the
suspension in effect, and so does one beside her or in a place he must keep off, and staying nowhere: what was ordered
binds again from there, and a person is told once. Whether it was lawful to suspend is not decided here, so nothing is
proven in the time that was to be suspended.
"""

from jikimi.detect import alerts
from jikimi.detect.arm import refresh
from jikimi.detect.facts import Span
from jikimi.detect.judge import counts
from jikimi.detect.limits import BREACH
from jikimi.detect.measure import measure
from jikimi.detect.orders import binds, covers, guards, held, in_hours
from jikimi.detect.pair import Pair
from jikimi.detect.track import Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance


def heed(world: World, pair: Pair) -> None:
    """After a believed fix of him while he is said to be held."""
    o = pair.offender
    span = _span(world, pair, o.t)
    if span is None or o.claimed > world.limits.bound_sigma_m:
        return
    if not _there(world, pair, o, span) and (_beside(world, pair, o) or _trespasses(world, pair, o)):
        _lift(world, pair, o)
    elif not o.sprung:
        _look(world, pair, o, span)


def _look(world: World, pair: Pair, o: Subject, span: Span) -> None:
    if span.where is not None:
        out, roams = _left(world, pair, o, span), False
    else:
        out, roams = _stays(world, pair, o)
    pair.out = pair.out + 1 if out else 0
    if roams or pair.out >= world.rules.custody.points:
        _lift(world, pair, o)


def _there(world: World, pair: Pair, o: Subject, span: Span) -> bool:
    """Whether he is where he is said to be held, by name or because he has stayed there: who comes there comes to him."""
    if span.where is not None:
        lon, lat, radius = span.where
        return distance(lon, lat, o.lon, o.lat) <= radius + world.rules.custody.margin_m
    return _rested(world, pair, o) and pair.cell is not None and not _gone(world, pair.cell, o)


def _rested(world: World, pair: Pair, o: Subject) -> bool:
    return pair.cell is not None and o.t - pair.cell[2] >= world.rules.custody.rest_s


def _radius(pair: Pair, t: float) -> float:
    return max(order.radius_m for order in pair.book.at(t) if binds(order, t))


def _beside(world: World, pair: Pair, o: Subject) -> bool:
    """Whether he is within an order's radius of her, both known well enough."""
    v, limits = pair.victim, world.limits
    if v is None or not v.known or v.split is not None or v.claimed > limits.bound_sigma_m or not counts(world, o, v):
        return False
    m = measure(o, v, o.interval, v.interval, limits)
    return limits.enter[BREACH].met(m.distance_m, _radius(pair, o.t), m.sigma_m)


def _trespasses(world: World, pair: Pair, o: Subject) -> bool:
    """Whether he is in a place that carries the approach ban, as an order has it that is suspended."""
    return any(
        guard.zone.banned
        and in_hours(guard.zone.place, o.t)
        and guard.zone.within(world.limits.zone, guard.zone.edge(o.lon, o.lat), 0.0, o.claimed)
        and any(guards(order, guard.zone.place) and binds(order, o.t) for order in pair.book.at(o.t))
        for guard in pair.guards.values()
    )


def _stays(world: World, pair: Pair, o: Subject) -> tuple[bool, bool]:
    """Whether he has left where he stayed, and whether he has stayed nowhere for too long to be held anywhere."""
    cell, rule = pair.cell, world.rules.custody
    gone = cell is not None and _gone(world, cell, o)
    if gone and _rested(world, pair, o):
        return True, False
    if pair.roams is None:
        pair.roams = o.t
    if cell is not None and not gone:
        return False, False
    pair.cell = None if _hers(pair, o) else (o.lon, o.lat, o.t)
    return False, o.t - pair.roams >= rule.grace_s


def _hers(pair: Pair, o: Subject) -> bool:
    """Whether he is where she was last: nobody is held there."""
    v = pair.victim
    return v is not None and v.known and distance(o.lon, o.lat, v.lon, v.lat) <= _radius(pair, o.t)


def _span(world: World, pair: Pair, t: float) -> Span | None:
    """The suspension that says he is held at ``t``, one with a place first."""
    spans = [
        span
        for order in pair.book.at(t)
        if binds(order, t)
        for span in order.suspensions
        if covers(span.start, span.end, t) and held(span, world.rules.custody.reasons) and span.start > pair.book.lifted
    ]
    return min(spans, key=lambda span: (span.where is None, span.start), default=None)


def _left(world: World, pair: Pair, o: Subject, span: Span) -> bool:
    """Whether he is outside the place named, having been there or long enough after he was to be."""
    lon, lat, radius = span.where or (0.0, 0.0, 0.0)
    rule = world.rules.custody
    beyond = distance(lon, lat, o.lon, o.lat) - radius
    if beyond <= 0.0:
        pair.cell = (lon, lat, o.t)
    out = beyond > rule.margin_m and world.limits.outside.met_edge(-beyond, o.claimed)
    return out and (pair.cell is not None or o.t >= span.start + rule.grace_s)


def _gone(world: World, cell: tuple[float, float, float], o: Subject) -> bool:
    beyond = distance(cell[0], cell[1], o.lon, o.lat) - world.rules.custody.moved_m
    return beyond > 0.0 and world.limits.outside.met_edge(-beyond, o.claimed)


def _lift(world: World, pair: Pair, o: Subject) -> None:
    pair.book.lifted = o.t
    refresh(world, pair, ("lifted", o.t))
    reason = alerts.grounds(world, "A22", "moved-in-custody", by=o.id, priority="P1", dispatch="operator")
    alerts.write(world, pair, "A22", (o.id, o.t, "moved-in-custody"), o.t, reason)
