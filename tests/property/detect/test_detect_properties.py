"""What must hold for every recording, not only for those somebody thought of."""

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.scene import HER, HIM, RULES, T0, circle, fix, order, point

from jikimi.detect.decisions import Alert, Decision
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, DeviceEvent, Fact, Fix, Fixes, Tick

PLACE = circle("home", "home", 400, 300)
AREA = circle("gu", "residence", -300, 200, radius_m=900.0)
WATERMARK = RULES.data.watermark_s

steps = st.lists(st.tuples(st.integers(5, 70), st.integers(-500, 500), st.integers(-500, 500)), min_size=4, max_size=25)
starts = st.tuples(st.integers(-1500, 1500), st.integers(-1500, 1500))
sigmas = st.sampled_from([5.0, 7.0, 15.0, 40.0, 300.0])


@st.composite
def tracks(draw: st.DrawFn) -> list[Fix]:
    """Fixes of both parties in event order: wanderings that meet, part and sometimes jump."""
    found: list[Fix] = []
    for who in (HIM, HER):
        east, north = draw(starts)
        at = draw(st.integers(0, 30))
        for wait, dx, dy in draw(steps):
            found.append(fix(who, at, east, north, sigma=draw(sigmas)))
            at, east, north = at + wait, east + dx, north + dy
    return sorted(found, key=lambda f: (f.t, f.device))


def standing() -> list[Fact]:
    """Carriers and two orders on one pair, one of them ending in the middle, and one the other way round."""
    return [
        Carry(T0, "c1", HIM, HIM, 0.0),
        Carry(T0, "c2", HER, HER, 0.0),
        order(places=[PLACE, AREA]),
        order("wide", radius_m=300.0, end=T0 + 400),
        order("back", offender=HER, victim=HIM),
    ]


def arrivals(fixes: list[Fix], delays: list[float], until: float = 2600) -> list[Fact]:
    """Facts as received: each fix after its delay, ticks every second, the ticks after all fixes until the end."""
    timed = sorted((f.t + delay, number) for number, (f, delay) in enumerate(zip(fixes, delays, strict=True)))
    found: list[Fact] = standing()
    second = T0
    for received, number in timed:
        while second <= received:
            found.append(Tick(second))
            second += 1.0
        found.append(Fixes(received, [fixes[number]]))
    while second <= T0 + until:
        found.append(Tick(second))
        second += 1.0
    return found


def run(facts: Iterable[Fact], shard: tuple[int, int] = (0, 1)) -> list[Decision]:
    """All decisions of a new engine."""
    engine = Engine(RULES, shard)
    return [decision for fact in facts for decision in engine.apply(fact)]


def settled(decisions: list[Decision]) -> list[Alert]:
    """Rows of evidence grade."""
    return [d for d in decisions if isinstance(d, Alert) and d.grade == "evidence"]


@settings(max_examples=25, deadline=None)
@given(tracks(), st.data())
def test_order_of_arrival_changes_no_settled_row(fixes: list[Fix], data: st.DataObject) -> None:
    """However fixes are delayed within the watermark, the settled rows are the same, byte for byte."""
    plain = run(arrivals(fixes, [0.5] * len(fixes)))
    delays = data.draw(st.lists(st.floats(0.5, WATERMARK - 1), min_size=len(fixes), max_size=len(fixes)))
    assert settled(run(arrivals(fixes, delays))) == settled(plain)


@settings(max_examples=25, deadline=None)
@given(tracks(), st.data())
def test_repetition_changes_no_row(fixes: list[Fix], data: st.DataObject) -> None:
    """Any fixes sent again, at once or much later, change nothing at all."""
    facts = arrivals(fixes, data.draw(st.lists(st.floats(0.5, 400), min_size=len(fixes), max_size=len(fixes))))
    again = list(facts)
    batches = [fact for fact in facts if isinstance(fact, Fixes)]
    for batch in data.draw(st.lists(st.sampled_from(batches), max_size=12)):
        place = data.draw(st.integers(again.index(batch) + 1, len(again)))
        before = max(
            f.received_t if isinstance(f, Fixes) else f.t for f in again[:place] if isinstance(f, Fixes | Tick)
        )
        again.insert(place, Fixes(max(batch.received_t, before), batch.fixes))
    assert run(again) == run(facts)


@settings(max_examples=20, deadline=None)
@given(tracks(), st.data())
def test_restarts_change_no_row(fixes: list[Fix], data: st.DataObject) -> None:
    """An engine written down and read back anywhere goes on to the same decisions and the same bytes."""
    facts = arrivals(fixes, data.draw(st.lists(st.floats(0.5, 400), min_size=len(fixes), max_size=len(fixes))))
    cuts = data.draw(st.sets(st.integers(0, len(facts) - 1), max_size=6))
    engine = Engine(RULES)
    found: list[Decision] = []
    for number, fact in enumerate(facts):
        if number in cuts:
            body = engine.dump()
            engine = Engine.load(body)
            assert engine.dump() == body
        found.extend(engine.apply(fact))
    assert found == run(facts)


@settings(max_examples=15, deadline=None)
@given(tracks(), st.integers(0, 300), st.integers(2, 5))
def test_shards_together_are_one(fixes: list[Fix], call: int, number: int) -> None:
    """Detectors that share the pairs decide together exactly what one alone does, calls for help included."""
    facts = arrivals(fixes, [0.5] * len(fixes))
    facts.insert(len(standing()), DeviceEvent(T0 + call, HER, T0 + call, "sos"))
    facts.append(Tick(T0 + 5000))
    parts = [decision for shard in range(number) for decision in run(facts, (shard, number))]
    assert sorted(map(repr, parts)) == sorted(map(repr, run(facts)))


@settings(max_examples=15, deadline=None)
@given(tracks())
def test_skipped_ticks_are_ticks(fixes: list[Fix]) -> None:
    """Passing over idle seconds is the same as walking through them."""
    walked, skipping = Engine(RULES), Engine(RULES)
    said: list[Decision] = []
    jumped: list[Decision] = []
    last = T0 - 1
    for fact in arrivals(fixes, [0.5] * len(fixes)):
        said.extend(walked.apply(fact))
        if isinstance(fact, Tick):
            continue
        if isinstance(fact, Fixes) and fact.received_t >= last + 1:
            jumped.extend(skipping.ticks(last + 1, float(int(fact.received_t))))
            last = float(int(fact.received_t))
        jumped.extend(skipping.apply(fact))
    jumped.extend(skipping.ticks(last + 1, T0 + 2600))
    assert jumped == said
    assert skipping.dump() == walked.dump()


def between(fixes: list[Fix], t: float) -> tuple[float, float] | None:
    """Where somebody was at ``t`` by their own fixes at most two minutes apart."""
    for a, b in pairwise(fixes):
        if a.t <= t <= b.t and b.t - a.t <= 120:
            share = (t - a.t) / (b.t - a.t)
            return a.lon + (b.lon - a.lon) * share, a.lat + (b.lat - a.lat) * share
    return None


@settings(max_examples=40, deadline=None)
@given(
    st.integers(120, 2500), st.integers(0, 359), st.floats(0.3, 20.0), st.integers(0, 59), st.integers(15, 60),
    st.booleans(),
)  # fmt: skip
def test_no_approach_with_fresh_data_goes_unalerted(
    apart: int, heading: int, speed: float, phase: int, every: int, hers: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Whoever comes within the radius for a minute with fresh fixes has a P0 or P1 alert by a minute after entry."""
    from math import cos, radians, sin  # noqa: PLC0415

    mover, other = (HER, HIM) if hers else (HIM, HER)
    fixes = []
    at, arrive = float(phase), apart / speed
    while at < arrive + 240:
        left = max(0.0, apart - speed * at)
        fixes.append(fix(mover, at, left * cos(radians(heading)), left * sin(radians(heading))))
        fixes.append(fix(other, at + every / 3, 0, 0))
        at += every
    fixes.sort(key=lambda f: f.t)
    entry = max(0.0, (apart - 100) / speed)
    said = run(arrivals(fixes, [0.2] * len(fixes), until=arrive + 300))
    alerts = [d for d in said if isinstance(d, Alert) and d.reason["priority"] in {"P0", "P1"}]
    assert any(a.decided_at <= T0 + max(entry, every + phase) + 60 for a in alerts)
    assert point(0) is not None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["future", "invalid", "unproven", "old", "far"]), st.integers(1, 40)), max_size=30
    )
)
def test_age_is_reset_by_fresh_proven_fixes_alone(bad: list[tuple[str, int]]) -> None:
    """No mixture of doubted fixes keeps a pair from UNKNOWN once the last believed one is too old."""
    facts: list[Fact] = standing()
    facts.append(Fixes(T0 + 1, [fix(HER, 0, 0), fix(HIM, 0, 1400)]))
    clock = T0 + 2
    for number, (kind, wait) in enumerate(bad):
        for _ in range(wait):
            facts.append(Tick(clock))
            clock += 1
        now = clock - T0
        made = {
            "future": fix(HER, now + 500, 0), "invalid": fix(HER, now, 0, flags=2),
            "unproven": fix(HER, now, 0, flags=1),
            "old": fix(HER, -100, 0), "far": fix(HER, now, 500_000 + 100_000 * number),
        }[kind]  # fmt: skip
        facts.append(Fixes(clock, [made]))
        facts.append(Fixes(clock, [fix(HIM, now, 1400)]))
    while clock < T0 + 1800:
        facts.append(Tick(clock))
        clock += 1
    engine = Engine(RULES)
    said = [d for fact in facts for d in engine.apply(fact)]
    shown = set(engine.states().values())
    assert shown <= {"UNKNOWN", "BREACH", "CONTACT"}
    assert [d for d in said if isinstance(d, Alert) and d.code in {"A11", "A12"}]
