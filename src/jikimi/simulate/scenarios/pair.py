"""One pair and one order: what most scenarios are made of. It must never decide what happens to them."""

from dataclasses import replace
from random import Random

from jikimi.simulate.device import PHONE, TAG, Model
from jikimi.simulate.network import Network
from jikimi.simulate.outcome import Outcome
from jikimi.simulate.scenario import Order, Party, Place, Scenario
from jikimi.simulate.town import Town
from jikimi.simulate.track import Track
from jikimi.simulate.values import Event, Point, Span

LAW_DATE = "2026-10-05T06:40:00+09:00"
HER = (610.0, 420.0)
"""Where she is unless a scenario says otherwise."""
HERS = replace(PHONE, interval_s=60.0)


def pair(
    name: str, tells: str, his: Track, hers: Track, outcome: Outcome, *, town: Town, seconds: float, tag: Model = TAG,
    phone: Model = HERS, his_off: tuple[Span, ...] = (), her_off: tuple[Span, ...] = (), home: Point | None = None,
    events: tuple[Event, ...] = (), believed: Track | None = None, network: Network | None = None, start: float = 0.0,
    until: float | None = None, suspensions: tuple[Span, ...] = (), law_date: str = LAW_DATE,
) -> Scenario:  # fmt: skip
    """A scenario of one offender ``o``, one victim ``v`` and, where ``home`` is given, her home in the order."""
    places = () if home is None else (Place("her-home", "home", home),)
    return Scenario(
        name, tells, law_date, seconds, town,
        (Party("o", his, tag, his_off, True, believed, network), Party("v", hers, phone, her_off)),
        (Order("order", "o", "v", start, places=places, until=until, suspensions=suspensions),), outcome, events,
    )  # fmt: skip


def jitter(point: Point, random: Random, by_m: float = 40.0) -> Point:
    """The same place with another door: no two seeds meet at the same spot."""
    return point[0] + random.uniform(-by_m, by_m), point[1] + random.uniform(-by_m, by_m)
