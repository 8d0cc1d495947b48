"""A fact that cannot be is set aside alone: detection goes on with what stands behind it."""

import pytest

from jikimi.app.detect import _decide
from jikimi.detect.decisions import Alert
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fact, Fix, Fixes, Hours, Order, Place, Tick, encode
from jikimi.registry import regimes
from jikimi.stream.tail import Entry

T0 = 1_800_000_000.0


@pytest.mark.parametrize(
    "place",
    [
        Place("x", "zone", 127.0, 37.5, 100.0, hours=Hours([(day, 0, 86_400) for day in range(7)], [])),
        Place("x", "zone", polygon=[]),
        Place("x", "zone", polygon=[[]]),
    ],
)
def test_an_order_with_an_impossible_place_stops_nobody_behind_it(place: Place) -> None:
    """Whoever made it, the next order and the next fixes are decided."""
    engine = Engine(regimes.edition_at(T0))
    facts: list[Fact] = [
        Tick(T0), Carry(T0, "o", "o", "o", 0.0), Carry(T0, "v", "v", "v", 0.0),
        Order(T0, "bad", 1, "someone", None, T0, None, 100.0, places=[place]),
        Order(T0, "good", 1, "o", "v", T0, None, 100.0),
        Fixes(T0 + 2, [Fix("o", T0 + 1, 127.0, 37.5, 5.0), Fix("v", T0 + 1, 127.0, 37.5, 5.0)]),
        Fixes(T0 + 32, [Fix("o", T0 + 31, 127.0, 37.5, 5.0), Fix("v", T0 + 31, 127.0, 37.5, 5.0)]),
    ]  # fmt: skip
    told = [
        one for at, fact in enumerate(facts) for one in _decide(engine, Entry(at, "facts", encode(fact), 0, at))
        if isinstance(one, Alert)
    ]  # fmt: skip
    assert ("A02", "good") in [(alert.code, alert.order) for alert in told]
