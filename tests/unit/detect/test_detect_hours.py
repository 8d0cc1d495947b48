"""Hours of every week, holidays, and what a court granted: decided in the country's own time, by facts alone."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.unit.detect.scene import HIM, T0, Scene, circle, fix, order, point, span

from jikimi.detect import hours
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Hours, Order, Place, Span, decode, encode
from jikimi.detect.places import Zone
from jikimi.detect.probability import Threshold

SEOUL = [(0.0, 32_400)]
NIGHTS = [(day, 22 * 3600, 30 * 3600) for day in range(7)]
MIDNIGHT = datetime(2027, 1, 15, 15, tzinfo=UTC).timestamp()
"""Saturday 2027-01-16, 00:00 in Seoul; T0 is seven hours before."""


def at(day: int, hour: float) -> float:
    """Unix seconds of an hour of January 2027 in Seoul."""
    return MIDNIGHT + (day - 16) * 86_400 + hour * 3600


def ordinal(day: int) -> int:
    """A day of January 2027 in days since 1970-01-01."""
    return (date(2027, 1, day) - date(1970, 1, 1)).days


def home(times: Hours | None, *exceptions: Span) -> Place:
    """Where he must be at night."""
    return structs.replace(circle("home", "curfew", 0, radius_m=100.0), hours=times, exceptions=list(exceptions))


def bound(*exceptions: Span, holidays: tuple[int, ...] = ()) -> Order:
    """An order to be home from ten to six."""
    place = home(Hours(NIGHTS, SEOUL, list(holidays)), *exceptions)
    return order("night", victim=None, places=[place])


def outside(scene: Scene, start: float, end: float) -> None:
    """He reports half a kilometre from home, every minute."""
    step = start
    while step < end:
        scene.sees(fix(HIM, step - T0, 500, 0))
        step += 60.0


def test_a_night_goes_on_into_the_next_day() -> None:
    """Ten to six is one stretch, from its first second up to and without its last."""
    times = Hours(NIGHTS, SEOUL)
    assert [hours.within(times, at(16, hour)) for hour in (0, 5.99, 6, 21.99, 22, 23)] == [
        True, True, False, False, True, True,
    ]  # fmt: skip


def test_a_holiday_has_hours_of_its_own() -> None:
    """On a date of the list the rows of a holiday hold and no others; the night that began before goes on."""
    times = Hours([*NIGHTS, (7, 0, 86_400)], SEOUL, [ordinal(18)])
    assert hours.within(times, at(18, 12))
    assert hours.within(times, at(18, 2))
    assert not hours.within(times, at(19, 2))
    free = Hours(NIGHTS, SEOUL, [ordinal(18)])
    assert hours.within(free, at(18, 2))
    assert not hours.within(free, at(18, 23))


def test_clocks_that_change_move_the_hours_with_them() -> None:
    """Six o'clock is six o'clock by the country's time, before its clocks went forward and after."""
    times = Hours([(day, 6 * 3600, 7 * 3600) for day in range(7)], [(0.0, 3600), (at(17, 0), 7200)])
    before, after = datetime(2027, 1, 16, 5, 30, tzinfo=UTC), datetime(2027, 1, 18, 4, 30, tzinfo=UTC)
    assert hours.within(times, before.timestamp())
    assert hours.within(times, after.timestamp())
    assert not hours.within(times, (after + timedelta(hours=1)).timestamp())
    assert hours.offset(times, -1.0) == 3600
    assert hours.changes(Hours([(3, 0, 3600)], [(0.0, 3600)]), -86_400.0)


@given(
    day=st.integers(0, 30), second=st.integers(0, 86_399), of=st.integers(0, 7), start=st.integers(0, 86_399),
    long=st.integers(1, 86_400),
)  # fmt: skip
def test_between_two_changes_nothing_changes(day: int, second: int, of: int, start: int, long: int) -> None:
    """What holds now holds until the next change, and a change is always ahead: nobody has to look twice."""
    times, now = Hours([(of, start, start + long)], SEOUL, [ordinal(20)]), at(1, 0) + day * 86_400 + second
    ahead = min(edge for edge in hours.changes(times, now) if edge > now)
    for share in (0.0, 0.5, 0.999):
        assert hours.within(times, now + (ahead - now) * share) == hours.within(times, now)


@given(moment=st.integers(int(T0), int(T0) + 40 * 86_400), start=st.integers(0, 23), long=st.integers(1, 24))
def test_hours_are_those_of_the_calendar(moment: int, start: int, long: int) -> None:
    """The same answer as by a calendar, weekday for weekday."""
    times = Hours([(2, start * 3600, (start + long) * 3600)], SEOUL)
    local = datetime.fromtimestamp(moment, timezone(timedelta(hours=9)))
    began = [local - timedelta(days=back) for back in (0, 1)]
    spans = [(one.replace(hour=start, minute=0, second=0), one) for one in began if one.weekday() == 2]
    assert hours.within(times, moment) == any(first <= local < first + timedelta(hours=long) for first, _ in spans)


@pytest.mark.parametrize("restart", [False, True])
def test_who_leaves_at_night_is_told_and_by_day_is_free(restart: bool) -> None:  # noqa: FBT001 - a parameter
    """Outside by day is nobody's business; at ten it is A17 at once, at six it is over; again the night after."""
    scene = Scene(bound())
    outside(scene, T0 + 600, at(15, 21.9))
    assert scene.codes() == []
    if restart:
        scene.engine = Engine.load(scene.engine.dump())
    outside(scene, at(15, 21.9), at(16, 22.5))
    assert [(a.code, a.at) for a in scene.alerts("A17")] == [("A17", at(15, 22)), ("A17", at(16, 22))]
    assert scene.cleared() == ["A17"]


def test_what_a_court_granted_and_holidays_bind_nobody() -> None:
    """A night off is off, and so is a holiday's; in the middle of the next it binds again."""
    off = bound(Span(at(15, 21), at(16, 2), "father's funeral"), holidays=(ordinal(16),))
    scene = Scene(off)
    outside(scene, T0 + 600, at(17, 3))
    assert [a.at for a in scene.alerts("A17")] == [at(16, 2)]
    assert scene.cleared() == ["A17"]


def test_hours_stand_within_a_schedule() -> None:
    """A place with both counts where both do."""
    place = structs.replace(home(Hours(NIGHTS, SEOUL)), spans=[span(0, 100)])
    scene = Scene(order("night", victim=None, places=[place]))
    outside(scene, T0 + 600, at(16, 1))
    assert scene.codes() == []


def test_hours_go_through_the_log() -> None:
    """As written so read, and a fact without them is a place that always counts."""
    fact = bound(span(0, 10))
    assert decode(encode(fact)) == fact
    assert Place("home", "home").hours is None


def test_a_secret_place_of_any_kind_tells_no_distance() -> None:
    """A new home that is a secret, and an area that is one, are as opaque as a shelter."""
    hidden = structs.replace(circle("new", "home", 0), secret=True)
    area = structs.replace(circle("area", "residence", 5000, radius_m=300.0), secret=True)
    scene = Scene(order(victim=None, places=[hidden, area]))
    scene.sees(fix(HIM, 0, 50, 0))
    scene.sees(fix(HIM, 60, 50, 0))
    found = {a.place: a for a in scene.alerts("A02", "A09")}
    assert set(found) == {"new", "area"}
    for alert in found.values():
        assert (alert.distance_m, alert.sigma_m) == (None, None)
        assert alert.reason.get("outside_m") is None


def test_a_line_is_crossed_anywhere_along_it() -> None:
    """A street he must not cross is one from end to end, and its edge is measured as a half-plane."""
    street = Place("street", "zone", margin_m=10.0, line=[point(0, 0), point(2000, 0), point(4000, 500)])
    zone = Zone(street, banned=False)
    assert zone.nearest(point(3000, -500), point(3000, 900)) == pytest.approx(-10.0, abs=0.1)
    assert zone.nearest(point(1000, 50), point(1500, 40)) == pytest.approx(30.0, abs=0.1)
    assert zone.within(Threshold(0.3), -5.0, 0.0, 7.0)
    scene = Scene(order(victim=None, places=[street]))
    scene.apply(Carry(T0, "again", HIM, HIM, 0.0))
    scene.sees(fix(HIM, 0, 1500, 400))
    scene.sees(fix(HIM, 60, 1500, -400))
    assert [a.reason["rule"] for a in scene.alerts("A09")] == ["place-crossed"]
