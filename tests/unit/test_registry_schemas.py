"""What a document may hold, without a database."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.test_registry_world import SINCE, world

from jikimi.kernel.errors import JikimiError, Malformed
from jikimi.registry import hours, lowering, schemas

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def order(**changed: Any) -> dict[str, Any]:
    return {"regime": "kr", "offender": "a", "victim": "b", "from": SINCE, "radius_m": 100, **changed}


def circle(**changed: Any) -> dict[str, Any]:
    return {"kind": "home", "lon": 127.0, "lat": 37.5, "radius_m": 100, **changed}


def way(**changed: Any) -> dict[str, Any]:
    return {"kind": "corridor", "line": [[127.0, 37.5], [127.1, 37.5]], "width_m": 50, **changed}


def weekly(**changed: Any) -> dict[str, Any]:
    return {"weekly": [{"days": ["mon"], "from": "22:00", "until": "06:00", **changed}]}


def ring(*points: tuple[float, float]) -> list[list[tuple[float, float]]]:
    return [list(points)]


HERE = {"lon": 0, "lat": 0, "sigma_m": 5, "at": SINCE}
WRONG: list[tuple[str, dict[str, Any], str | None]] = [
    ("people", {"label": 1}, "label"),
    ("people", {"label": ""}, "label"),
    ("people", {"label": "a\x00b"}, "label"),
    ("people", {"label": "a\nb"}, "label"),
    ("people", {"label": "\ud800"}, "label"),
    ("people", {"label": "x" * 201}, "label"),
    ("people", {"label": "a", "id": "1"}, "id"),
    ("people", {"label": "a", "id": 1}, "id"),
    ("people", {"label": "a", "resident_number": "1"}, "resident_number"),
    ("stations", {"name": "s", "lon": 1.0}, None),
    ("stations", {"name": "s", "lon": 181.0, "lat": 0.0}, "lon"),
    ("stations", {"name": "s", "lon": 0.0, "lat": -90.1}, "lat"),
    ("stations", {"name": "s", "lon": math.nan, "lat": 0.0}, "lon"),
    ("stations", {"name": "s", "lon": math.inf, "lat": 0.0}, "lon"),
    ("stations", {"name": "s", "lon": "127", "lat": 0.0}, "lon"),
    ("stations", {"name": "s", "lon": True, "lat": 0.0}, "lon"),
    ("units", {"kind": "fire", "callsign": "x"}, "kind"),
    ("units", {"kind": "police", "callsign": "x", "position": {**HERE, "sigma_m": 0}}, "position.sigma_m"),
    ("devices", {"kind": "tag", "external_id": "x", "interval_s": 0}, "interval_s"),
    ("devices", {"kind": "tag", "external_id": "x", "interval_s": "60"}, "interval_s"),
    ("carries", {"device": "d", "person": "p", "since": SINCE, "until": SINCE}, None),
    ("carries", {"device": "d", "person": "p", "since": 1790000000}, "since"),
    ("carries", {"device": "d", "person": "p", "since": "2026-10-01T00:00:00"}, "since"),
    ("carries", {"device": "d", "person": "p", "since": "2026-10-01"}, "since"),
    ("carries", {"device": "d", "person": "p", "since": "1970-01-01T00:00:00Z"}, "since"),
    ("carries", {"device": "d", "person": "p", "since": "2026-02-30T00:00:00Z"}, "since"),
    ("orders", order(radius_m=-1), "radius_m"),
    ("orders", order(radius_m=math.nan), "radius_m"),
    ("orders", order(until=SINCE), None),
    ("orders", order(victim=None), None),
    ("orders", order(regime="KR; DROP TABLE"), "regime"),
    ("orders", order(arrestable="yes"), "arrestable"),
    ("orders", order(rings_m=[1000, 0]), "rings_m.1"),
    ("orders", order(suspensions=[{"from": SINCE, "until": SINCE}]), "suspensions.0"),
    ("orders", order(places=[circle(lat=91)]), "places.0.lat"),
    ("orders", order(places=[circle(lon=None)]), "places.0"),
    ("orders", order(places=[circle(polygon=ring((0, 0), (1, 0), (1, 1), (0, 0)))]), "places.0"),
    ("orders", order(places=[{"kind": "home", "polygon": ring((0, 0), (1, 0), (1, 1), (0, 1))}]), "places.0"),
    ("orders", order(places=[{"kind": "home", "polygon": ring((0, 0), (1, 1), (1, 0), (0, 1), (0, 0))}]), "places.0"),
    ("orders", order(places=[{"kind": "home", "polygon": ring((0, 0), (1, 1), (2, 2), (0, 0))}]), "places.0"),
    ("orders", order(places=[{"kind": "home", "polygon": ring((0, 0), (1, 1), (0, 0))}]), "places.0.polygon.0"),
    ("orders", order(places=[circle(line=[[0, 0], [1, 1]], width_m=9)]), "places.0"),
    ("orders", order(places=[way(width_m=None)]), "places.0"),
    ("orders", order(places=[way(width_m=0)]), "places.0.width_m"),
    ("orders", order(places=[way(line=[[0, 0]])]), "places.0.line"),
    ("orders", order(places=[way(line=[[0, 0], [0, 0]])]), "places.0"),
    ("orders", order(places=[way(line=[[0, 0], [181, 0]])]), "places.0.line.1.0"),
    ("orders", order(places=[way(secret=True)]), "places.0"),
    ("orders", order(places=[way(margin_m=5)]), "places.0"),
    ("orders", order(places=[circle(width_m=5)]), "places.0"),
    ("orders", order(places=[circle(schedule=[])]), "places.0.schedule"),
    ("orders", order(places=[circle(exceptions=[{"from": SINCE, "until": SINCE}])]), "places.0.exceptions.0"),
    ("orders", order(places=[circle(hours={"weekly": []})]), "places.0.hours.weekly"),
    ("orders", order(places=[circle(hours=weekly(days=[]))]), "places.0.hours.weekly.0.days"),
    ("orders", order(places=[circle(hours=weekly(days=["monday"]))]), "places.0.hours.weekly.0.days.0"),
    ("orders", order(places=[circle(hours=weekly(**{"from": "22"}))]), "places.0.hours.weekly.0.from"),
    ("orders", order(places=[circle(hours=weekly(**{"from": "24:00"}))]), "places.0.hours.weekly.0"),
    ("orders", order(places=[circle(hours=weekly(until="24:30"))]), "places.0.hours.weekly.0.until"),
    ("orders", order(places=[circle(hours=weekly(until="22:00"))]), "places.0.hours.weekly.0"),
    ("orders", order(places=[circle(hours={**weekly(), "holidays": ["2026-02-30"]})]), "places.0.hours.holidays.0"),
    ("orders", order(places=[circle(hours={**weekly(), "zone": "Asia/Seoul"})]), "places.0.hours.zone"),
    ("orders", order(suspensions=[{"from": SINCE, "lon": 127.0, "lat": 37.5}]), "suspensions.0"),
    ("orders", order(suspensions=[{"from": SINCE, "lon": 127.0, "lat": 37.5, "radius_m": 0}]), "suspensions.0.radius_m"),
    ("accounts", {"name": "a", "role": "superuser"}, "role"),
]  # fmt: skip


@pytest.mark.parametrize(("named", "entry", "field"), WRONG)
def test_what_is_wrong_is_named_by_list_index_and_field(named: str, entry: dict[str, Any], field: str | None) -> None:
    """A wrong entry is refused with its list, its index and the field, whatever stands before it."""
    fine = world()[named][:1] if named in world() else [{"name": "b", "role": "monitor"}]
    with pytest.raises(Malformed) as refused:
        schemas.read({named: [*fine, entry]})
    assert (refused.value.extra["list"], refused.value.extra["index"]) == (named, 1)
    assert refused.value.extra.get("field") == field


def test_a_refusal_never_repeats_what_was_sent() -> None:
    """Neither values nor made-up keys come back, because refusals are logged."""
    sent: list[dict[str, Any]] = [
        {"people": [{"label": 9001011234567}]},
        {"people": [{"label": "x", "900101-1234567": 1}]},
        {"900101-1234567": []},
        {"people": [{"label": "x", "id": "900101-1234567"}]},
        {"carries": [{"device": "d", "person": "p", "since": "900101-1234567"}]},
        {"orders": [order(regime="900101-1234567")]},
    ]
    for wrong in sent:
        with pytest.raises(Malformed) as refused:
            schemas.read(wrong)
        assert "900101" not in json.dumps(refused.value.problem()), wrong


@given(_JSON)
def test_any_json_is_read_or_refused(document: object) -> None:
    """Whatever JSON arrives is a document or a refusal that can itself be written as JSON, never a crash."""
    try:
        schemas.read(document)
    except JikimiError as refused:
        json.dumps(refused.problem())


@given(st.sampled_from(sorted(world())), _JSON)
def test_any_json_in_any_list_is_read_or_refused(named: str, entry: object) -> None:
    """The same for what stands inside each list."""
    try:
        schemas.read({named: [entry]})
    except JikimiError as refused:
        json.dumps(refused.problem())


def test_times_keep_their_offset_and_their_fraction() -> None:
    """A time is the same moment in whatever offset it is written."""
    spans = [{"from": "2026-10-01T09:00:00.250+09:00"}, {"from": "2026-10-01T00:00:00.25Z"}]
    read = schemas.read({"orders": [order(suspensions=spans)]}).orders[0].suspensions
    assert read[0].start == read[1].start == 1790812800.25


def test_an_endless_list_is_refused() -> None:
    """A list past its longest is refused as a whole, and named."""
    with pytest.raises(Malformed) as refused:
        schemas.read({"people": [{"label": "x"}] * 10_001})
    assert refused.value.extra["field"] == "people"


def test_hours_are_told_to_detection_in_seconds_of_the_day() -> None:
    """An end not later than its beginning is on the day after, 24:00 is the day's end, a holiday is a date."""
    rows = [
        {"days": ["sun", "holiday"], "from": "22:00", "until": "06:00"},
        {"days": ["mon"], "from": "00:00", "until": "24:00"},
    ]
    told = hours.told(hours.read({"weekly": rows, "holidays": ["1970-01-03"]}), "kr")
    assert told is not None
    assert told.weekly == [(0, 0, 86_400), (6, 79_200, 108_000), (7, 79_200, 108_000)]
    assert told.holidays == [2]
    assert [ahead for _, ahead in told.offsets] == [32_400]


WAS = {
    "regime": "kr", "radius_m": 100.0, "ends_at": None, "schedule": None, "monitored": True,
    "suspensions": [{"start": 1.0, "end": 2.0, "reason": "court"}],
}  # fmt: skip
NIGHTS = {"weekly": [{"days": ["mon"], "from": "22:00", "until": "06:00"}], "holidays": []}
NIGHT_OFF = {"start": 5.0, "end": 6.0, "reason": "hospital"}


def kept(**changed: Any) -> dict[str, Any]:
    """A place as the record has it."""
    plain = {"id": "p", "kind": "curfew", "width_m": None, "schedule": None, "hours": NIGHTS, "exceptions": None}
    return {**plain, **changed}


CORRIDOR = kept(kind="corridor", width_m=50.0, hours=None)
LESS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    (kept(), kept(id="another"), False),
    (kept(), kept(hours=None), False),
    (kept(hours=None), kept(), True),
    (kept(), kept(schedule=[NIGHT_OFF]), True),
    (kept(), kept(exceptions=[NIGHT_OFF]), True),
    (kept(exceptions=[NIGHT_OFF]), kept(), False),
    (CORRIDOR, {**CORRIDOR, "width_m": 60.0}, True),
    (CORRIDOR, {**CORRIDOR, "width_m": 40.0}, False),
    (CORRIDOR, {**CORRIDOR, "hours": NIGHTS}, False),
    ({**CORRIDOR, "hours": NIGHTS}, CORRIDOR, True),
    (CORRIDOR, {**CORRIDOR, "exceptions": [NIGHT_OFF]}, False),
    ({**CORRIDOR, "exceptions": [NIGHT_OFF]}, CORRIDOR, True),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "less"), LESS)
def test_a_place_at_fewer_hours_protects_less_and_a_way_at_more(
    before: dict[str, Any], after: dict[str, Any], less: bool,  # noqa: FBT001 - what is expected
) -> None:  # fmt: skip
    """Hours taken from a place, and hours or width given to a corridor, are a lowering; the reverse is none."""
    assert lowering.lowered(WAS, WAS, [before], [after]) == (["places"] if less else [])


def test_a_new_way_protects_less_and_one_closed_does_not() -> None:
    """A corridor entered later lets him through; one taken back keeps him out. Nobody's regime has no corridors."""
    assert lowering.lowered(WAS, WAS, [kept()], [kept(), CORRIDOR]) == ["places"]
    assert lowering.lowered(WAS, WAS, [kept(), CORRIDOR], [kept()]) == []
    assert lowering.lowered(WAS, {**WAS, "regime": "nowhere"}, [], [CORRIDOR]) == []


def test_a_suspension_that_says_where_frees_him_of_less() -> None:
    """Naming where he is meanwhile is no lowering; leaving it out, or naming another place, is."""
    somewhere = {**WAS["suspensions"][0], "lon": 127.0, "lat": 37.5, "radius_m": 100.0}  # type: ignore[index]
    there = {**WAS, "suspensions": [somewhere]}
    assert lowering.lowered(WAS, there, [], []) == []
    assert lowering.lowered(there, WAS, [], []) == ["suspension"]
    assert lowering.lowered(there, {**WAS, "suspensions": [{**somewhere, "lat": 37.6}]}, [], []) == ["suspension"]
