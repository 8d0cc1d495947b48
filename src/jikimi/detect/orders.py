"""What the orders on a pair come to at a moment. It must never let two pairs mix, nor a version rewrite the past."""

from jikimi.detect import hours
from jikimi.detect.arming import FOREVER, Arming
from jikimi.detect.facts import Order, Place, Span


def _edges(order: Order, t: float) -> list[float]:
    of_places = [span for place in order.places for span in (*(place.spans or ()), *place.exceptions)]
    spans = [*order.suspensions, *(order.schedule or []), *of_places]
    edges = [edge for span in spans for edge in (span.start, span.end) if edge is not None]
    weekly = [edge for place in order.places if place.hours is not None for edge in hours.changes(place.hours, t)]
    return [*edges, *weekly, order.start, *([] if order.end is None else [order.end])]


def binds(order: Order, t: float) -> bool:
    """Whether an order binds at ``t``; start inclusive, end exclusive, withdrawn from its receipt on."""
    if t < order.start or (order.end is not None and t >= order.end) or (order.ended and t >= order.received_t):
        return False
    return order.schedule is None or any(covers(span.start, span.end, t) for span in order.schedule)


def suspended(order: Order, t: float, lifted: float = -FOREVER) -> bool:
    """Whether an order is suspended at ``t``; what began before ``lifted`` is so no more from then on."""
    return any(covers(span.start, span.end, t) and not span.start <= lifted <= t for span in order.suspensions)


def held(span: Span, reasons: list[str]) -> bool:
    """Whether a suspension says that he is held somewhere."""
    return span.where is not None or span.reason.strip().lower() in reasons


def covers(start: float, end: float | None, t: float) -> bool:
    """Whether ``t`` is in the half-open stretch."""
    return start <= t and (end is None or t < end)


def in_hours(place: Place, t: float) -> bool:
    """Whether a place counts at ``t``: always, or in its hours, and not in what a court granted."""
    if place.spans is not None and not any(covers(span.start, span.end, t) for span in place.spans):
        return False
    if place.hours is not None and not hours.within(place.hours, t):
        return False
    # asked at every fix near a place, which hardly ever has any
    return not place.exceptions or not any(covers(span.start, span.end, t) for span in place.exceptions)


def guards(order: Order, place: Place) -> bool:
    """Whether a place is of this order."""
    # the name first: comparing whole places costs ten times as much
    return any(each.id == place.id and each == place for each in order.places)


class Book:
    """Every order on one pair, with the versions still needed to judge late fixes by what held then."""

    __slots__ = ("lifted", "versions")

    def __init__(self) -> None:
        self.versions: dict[str, list[Order]] = {}
        self.lifted = -FOREVER
        """When he was last seen to move although a suspension says that he is held."""

    def put(self, order: Order, forget_before: float) -> bool:
        """Take a version; False if it is not newer than what is held. Versions superseded long ago are dropped."""
        held = self.versions.setdefault(order.order, [])
        if held and order.version <= held[-1].version:
            return False
        held.append(order)
        while len(held) > 1 and held[1].received_t < forget_before:
            del held[0]
        return True

    def drop(self, order: str) -> None:
        """Forget an order altogether (its parties changed)."""
        self.versions.pop(order, None)

    def at(self, t: float) -> list[Order]:
        """The version of each order known at ``t``; the first also holds before it was received."""
        return [self._version(held, t) for held in self.versions.values()]

    @staticmethod
    def _version(held: list[Order], t: float) -> Order:
        for order in reversed(held):
            if order.received_t <= t:
                return order
        return held[0]

    def arming(self, t: float, *, written: bool = False) -> Arming:
        """What the orders come to at ``t`` and the stretch over which that stays so; ``written``: nothing was lifted."""
        orders = self.at(t)
        lifted = -FOREVER if written else self.lifted
        edges = [lifted, *(edge for order in orders for edge in _edges(order, t))]
        known = max(
            (o.received_t for held in self.versions.values() for o in held[1:] if o.received_t <= t), default=-FOREVER
        )
        since = max((edge for edge in edges if edge <= t), default=-FOREVER)
        until = min((edge for edge in edges if edge > t), default=FOREVER)
        binding = sorted((o for o in orders if binds(o, t)), key=lambda o: (-o.radius_m, o.order))
        active = [o for o in binding if not suspended(o, t, lifted)]
        if not binding:
            return Arming(since, until, known=known)
        lead = (active or binding)[0]
        return Arming(
            since, until, lead.order, lead.version, [o.order for o in (active or binding)[1:]],
            lead.radius_m, lead.rings_m, not active, any(o.monitored for o in binding), known,
        )  # fmt: skip
