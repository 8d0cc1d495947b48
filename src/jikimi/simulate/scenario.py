"""A scenario as data: people with tracks and devices, orders, units, and what is expected of Jikimi.

Times are seconds from the beginning; ``law_date`` is when that is and whose law therefore holds. It must never name
anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from random import Random

from jikimi.simulate.device import Model, report
from jikimi.simulate.network import Network, carried
from jikimi.simulate.outcome import Outcome
from jikimi.simulate.town import Town
from jikimi.simulate.track import Track, still
from jikimi.simulate.truth import within
from jikimi.simulate.values import Approach, Event, Fix, Point, Span


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a device; ``monitored``: known to the monitoring agency for a reason of its own."""

    subject: str
    track: Track
    model: Model
    off: tuple[Span, ...] = ()
    monitored: bool = False
    believed: Track | None = None
    """Where the receiver is made to think it is, if not where it truly is."""
    network: Network | None = None
    """What is done to the fixes on their way; None: nothing."""

    @property
    def identifier(self) -> str:
        """Stands for the number by which agencies know one person; nobody's real one looks like this."""
        return f"INVENTED {self.subject}"


@dataclass(frozen=True, slots=True)
class Place:
    """A guarded circle."""

    id: str
    kind: str
    at: Point
    radius_m: float = 100.0


@dataclass(frozen=True, slots=True)
class Order:
    """Who must stay away from whom, from ``start`` on; it is entered at that moment."""

    order: str
    offender: str
    victim: str
    start: float = 0.0
    radius_m: float = 100.0
    places: tuple[Place, ...] = ()
    until: float | None = None
    suspensions: tuple[Span, ...] = ()
    article: str = "스토킹범죄의 처벌 등에 관한 법률 제9조제1항제2호"
    by_identifier: bool = False
    """Its offender is known to the other agency, and the police know only who he is."""

    def binding(self, seconds: float) -> list[Span]:
        """When it binds, of a scenario of that length."""
        spans, begin = [], self.start
        end = seconds if self.until is None else min(self.until, seconds)
        for pause in sorted(self.suspensions):
            spans.append((begin, min(pause[0], end)))
            begin = max(begin, pause[1])
        return [span for span in [*spans, (begin, end)] if span[0] < span[1]]


@dataclass(frozen=True, slots=True)
class Unit:
    """A patrol (``police``) or probation team (``probation``) that can be sent."""

    callsign: str
    kind: str
    at: Point
    wait_s: float = 6.0
    """How long its officer needs to accept."""
    speed_mps: float = 13.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything of one scenario; equal for equal seeds."""

    name: str
    tells: str
    law_date: str
    seconds: float
    town: Town
    people: tuple[Party, ...]
    orders: tuple[Order, ...]
    outcome: Outcome
    events: tuple[Event, ...] = ()
    units: tuple[Unit, ...] = ()
    look: tuple[str, ...] = field(default=())
    """What to look at, a sentence each."""
    before_s: float = 0.0
    """Seconds of it that have passed when it is begun at an exercise: devices report at once what they reported till then."""

    @property
    def t0(self) -> float:
        """Unix seconds of the beginning, unless it is played at another time."""
        return datetime.fromisoformat(self.law_date).timestamp()

    def fixes(self, seed: int) -> Iterator[Fix]:
        """Every fix of every device in the order of arrival, one at a time however many there are."""
        span = (0.0, self.seconds)
        return merge(*(self._said(one, span, Random(f"{seed}/{one.subject}")) for one in self.people), key=_arrival)

    def _said(self, one: Party, span: Span, random: Random) -> Iterator[Fix]:
        found = report(one.subject, one.track, one.model, self.town, random, span, one.off, one.believed)
        return found if one.network is None else carried(found, one.network, random)

    def approaches(self) -> list[Approach]:
        """What truly happened, while the orders bind."""
        tracks = {one.subject: one.track for one in self.people}
        found: list[Approach] = []
        for order in self.orders:
            his = tracks[order.offender]
            for span in order.binding(self.seconds):
                near = within(his, tracks[order.victim], order.radius_m, span)
                found += [Approach(order.order, order.offender, order.victim, None, *stay) for stay in near]
                for place in order.places:
                    stays = within(his, still(place.at), place.radius_m, span)
                    found += [Approach(order.order, order.offender, None, place.id, *stay) for stay in stays]
        return found


def _arrival(fix: Fix) -> tuple[float, str]:
    return fix.received_t, fix.subject
