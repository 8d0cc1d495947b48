"""Parts on their own: probability, accuracy, carriers, orders, rules, tracks, wheel."""

import json
from math import inf

import msgspec
import pytest
from tests.unit.detect.scene import RULES, T0, Scene, fix, order, span

from jikimi.detect import decisions, events, facts
from jikimi.detect.accuracy import sigma_of
from jikimi.detect.carriers import Carriers
from jikimi.detect.facts import Carry, Source
from jikimi.detect.history import Past
from jikimi.detect.limits import Limits
from jikimi.detect.orders import Book, binds
from jikimi.detect.probability import Threshold, within
from jikimi.detect.rules import amended, canonical, parse
from jikimi.detect.track import NEVER, Track
from jikimi.kernel.errors import NotFound
from jikimi.registry import regimes

VECTORS = [
    (100, 0, (1.0, 1.0, 0.9961, 0.3935, 0.0198)),
    (100, 50, (1.0, 0.9994, 0.9268, 0.3573, 0.0197)),
    (100, 100, (0.4860, 0.4700, 0.4394, 0.2671, 0.0194)),
    (100, 120, (0.0019, 0.0805, 0.2103, 0.2250, 0.0192)),
    (100, 200, (0.0, 0.0, 0.0003, 0.0819, 0.0183)),
    (500, 300, (1.0, 1.0, 1.0, 0.9693, 0.3424)),
    (500, 500, (0.4972, 0.4940, 0.4880, 0.4599, 0.2671)),
    (1000, 800, (1.0, 1.0, 1.0, 0.9741, 0.5411)),
    (1000, 1000, (0.4986, 0.4970, 0.4940, 0.4800, 0.3965)),
    (2000, 1500, (1.0, 1.0, 1.0, 1.0, 0.8035)),
]


@pytest.mark.parametrize(("radius", "apart", "expected"), VECTORS)
def test_probability_vectors(radius: float, apart: float, expected: tuple[float, ...]) -> None:
    """P(d < R) is the Rice distribution's to three decimals, and every threshold agrees with it."""
    for sigma, value in zip((7, 15, 30, 100, 500), expected, strict=True):
        assert within(apart, radius, sigma) == pytest.approx(value, abs=1e-3)
        for p in (0.3, 0.5, 0.95):
            assert Threshold(p).met(apart, radius, sigma) == (within(apart, radius, sigma) >= p)


@pytest.mark.parametrize(
    ("accuracy", "source", "sigma", "assumed"),
    [
        (15.096, Source.GNSS, 10.0, False),
        (1.0, Source.GNSS, 5.0, False),
        (1.0, Source.WIFI, 15.0, False),
        (100.0, Source.CELL, 300.0, False),
        (3.0, Source.UNKNOWN, 10.0, False),
        (None, Source.GNSS, 15.0, False),
        (0.0, Source.WIFI, 40.0, False),
        (None, Source.CELL, 600.0, False),
        (None, Source.UNKNOWN, 30.0, True),
    ],
)
def test_sigma_of(accuracy: float | None, source: Source, sigma: float, assumed: bool) -> None:  # noqa: FBT001
    """Claimed accuracy becomes a per-axis sigma with floors by source; nothing known is our assumption."""
    found, ours = sigma_of(accuracy, source, RULES.accuracy)
    assert found == pytest.approx(sigma, abs=1e-3)
    assert ours == assumed


def test_carriers() -> None:
    """Who carried what, at the fix's own time; the later beginning wins an overlap; a record can be replaced."""
    carriers = Carriers()
    carriers.apply(Carry(T0, "a", "d", "one", 0.0))
    carriers.apply(Carry(T0, "b", "d", "two", 100.0, 200.0))
    assert [carriers.who("d", t) for t in (50, 100, 199, 200)] == ["one", "two", "two", "one"]
    assert carriers.stretch("d", 50) == ("one", 0.0, 100.0)
    assert carriers.stretch("d", 150) == ("two", 100.0, 200.0)
    assert carriers.stretch("e", 150) is None
    assert (carriers.devices("one"), carriers.devices("two", 300), carriers.devices("two")) == (["d"], [], ["d"])
    assert carriers.carrying("two", 150)
    assert not carriers.carrying("two", 250)
    assert (carriers.next_change("two", 0), carriers.next_change("two", 100), carriers.next_change("two", 200)) == (
        100, 200, inf,
    )  # fmt: skip
    carriers.apply(Carry(T0, "b", "d", "three", 100.0, 150.0))
    assert (carriers.who("d", 120), carriers.who("d", 160), carriers.carrying("two", 120)) == ("three", "one", False)
    assert len(carriers.records()) == 2
    assert carriers.who("x", 0) is None


def test_orders_at_a_moment() -> None:
    """Validity is half-open; the version known at a moment judges it, the first also what came before it."""
    book = Book()
    first = order(end=T0 + 100, suspensions=[span(50, None)])
    assert book.put(first, -inf)
    assert not book.put(first, -inf)
    assert (binds(first, T0 - 1), binds(first, T0), binds(first, T0 + 100)) == (False, True, False)
    assert book.put(order(version=2, received_t=T0 + 20, radius_m=300.0), -inf)
    assert book.arming(T0 + 10).radius_m == 100.0
    assert book.arming(T0 + 30).radius_m == 300.0
    assert book.arming(T0 - 10).order == ""
    assert book.put(order(version=3, received_t=T0 + 9000, radius_m=50.0), T0 + 5000)
    assert book.arming(T0 + 10).radius_m == 300.0
    book.drop("order")
    assert book.at(T0) == []


def test_rules_are_data() -> None:
    """Editions are found by date, say every alert of the catalogue, survive their own text, and refuse unknown keys."""
    assert sorted(RULES.alerts) == [f"A{number:02}" for number in range(1, 27)]
    assert parse(canonical(RULES)) == RULES
    assert regimes.edition_at(0.0) == regimes.editions()[0]
    assert amended(RULES, {"data": {"watermark_s": 60}}).data.watermark_s == 60
    with pytest.raises(msgspec.ValidationError):
        amended(RULES, {"data": {"watermrk_s": 60}})
    with pytest.raises(NotFound):
        regimes.editions("nowhere")
    with pytest.raises(NotFound):
        regimes.editions("../kr")


def test_facts_and_decisions_survive_the_log() -> None:
    """What is written is what is read."""
    scene = Scene(order())
    scene.stand(0, 60, (50, 0), (0, 0))
    assert [decisions.decode(decisions.encode(d)) for d in scene.said] == scene.said
    fact = facts.Fixes(T0, [fix("a", 0, 0)])
    assert facts.decode(facts.encode(fact)) == fact


def test_events_are_a_documented_list() -> None:
    """Every kind has a meaning; alarms are kinds."""
    assert set(events.KINDS) >= events.ALARMS
    assert all(events.KINDS.values())
    assert json.dumps(events.KINDS)


def test_velocity_comes_from_legs_longer_than_their_error() -> None:
    """Jitter is rest; a minute's walk is a walk, until it is seen to end; after too long a gap nothing is known of speed."""
    limits = Limits(RULES)
    track = Track()
    steps = (
        (0, 0, 0.0), (5, 8, 0.0), (20, 10, 0.0), (80, 94, 1.4), (85, 94, 1.4), (91, 96, 1.4), (110, 94, 0.0), (600, 5000, 0.0),
    )  # fmt: skip
    for at, east, speed in steps:
        point = fix("a", at, east)
        assert track.move(point.t, point.lon, point.lat, 7.0, 3, limits)
        assert track.speed == pytest.approx(speed, abs=0.02)
    assert track.fastest(limits) == 2.5


def test_a_slow_walk_adds_up_over_a_longer_leg() -> None:
    """Half a metre a second is lost in each ten seconds' error, and not in all of them together."""
    limits, track = Limits(RULES), Track()
    for at in range(0, 61, 10):
        point = fix("a", at, 0.5 * at)
        assert track.move(point.t, point.lon, point.lat, 7.0, 3, limits)
    assert track.speed == pytest.approx(0.5, abs=0.02)


def test_the_greatest_speed() -> None:
    """A walker is taken for 2.5 m/s at most; a car for 1.3 times its best plus 5, capped; a train for its cap."""
    limits = Limits(RULES)
    track = Track()
    track.t = 1000.0
    for speed, fastest in ((2.0, 2.5), (10.0, 18.0), (30.0, 35.0), (60.0, 83.0), (68.0, 90.0)):
        track.told(speed, 90.0, limits)
        assert track.fastest(limits) == pytest.approx(fastest, abs=0.5)
    track.told(None, 90.0, limits)
    assert track.speed == 68.0
    track.t = 2000.0
    assert track.fastest(limits) == 2.5


def test_history_is_bounded_and_sorted() -> None:
    """The past is trimmed, kept in order, and gives a place only where it is near in time."""
    past = Past()
    assert past.t == NEVER
    assert past.at(0, 120) is None
    for at in range(0, 12_800, 100):
        past.keep(at, at / 1000, 0.0, 7.0, 5400, 400)
    assert 12_700 - 5400 - 6400 < past.time(0) <= 12_700 - 5400
    past.keep(12_650, 0.5, 0.0, 9.0, 5400, 400)
    times = [past.time(i) for i in range(len(past))]
    assert times == sorted(times)
    assert past.holds(12_650, 0.5, 0.0)
    assert not past.holds(12_650, 0.6, 0.0)
    assert not past.holds(12_651, 0.5, 0.0)
    spot = past.at(12_550, 120)
    assert spot is not None
    assert spot.lon == pytest.approx(12.55)
    last = past.at(12_800, 120)
    assert last is not None
    assert last.t == 12_700
    assert past.at(20_000, 120) is None
