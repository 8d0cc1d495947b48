"""A suspension because he is held, and a tag that moves all the same. It must never wait for the suspension's end.

Held somewhere is a place: the one the decision names, or where he first stays. Two precise fixes outside it end the
suspension in effect: what was ordered binds again from there, and a person is told once. Whether it was lawful to
suspend is not decided here, so nothing is proven in the time that was to be suspended.
"""

from jikimi.detect import alerts
from jikimi.detect.arm import refresh
from jikimi.detect.facts import Span
from jikimi.detect.orders import binds, covers, held
from jikimi.detect.pair import Pair
from jikimi.detect.track import Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance


def heed(world: World, pair: Pair) -> None:
    """After a believed fix of him while he is said to be held."""
    o, cell = pair.offender, pair.cell
    span = _span(world, pair, o.t)
    if span is None or o.sprung or o.claimed > world.limits.bound_sigma_m:
        return
    if span.where is not None:
        out = _left(world, pair, o, span)
    else:
        out = cell is not None and _gone(world, cell, o)
        if cell is None or (out and o.t - cell[2] < world.rules.custody.rest_s):
            pair.cell, out = (o.lon, o.lat, o.t), False
    pair.out = pair.out + 1 if out else 0
    if pair.out >= world.rules.custody.points:
        _lift(world, pair, o)


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
