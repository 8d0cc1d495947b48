"""OsmAnd's form and the Traccar Client's JSON, frame by frame."""

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jikimi.cli.decode import decode_line, decode_lines
from jikimi.detect.facts import Source
from jikimi.intake.protocols import Decoded, HttpFrame, Position, osmand
from jikimi.intake.service import from_position

RECORDED = Path(__file__).resolve().parents[3] / "shared/data/devices/osmand.jsonl"
KNOT = 0.514444


def get(query: str) -> Decoded:
    """What a GET says."""
    return osmand.decode(HttpFrame("GET", f"/?{query}"))


def post(body: bytes, query: str = "") -> Decoded:
    """What a POST says."""
    return osmand.decode(HttpFrame("POST", f"/osmand{query}", {}, body))


def client(**changed: Any) -> Decoded:
    """What the newer Traccar Client says, with parts of its location replaced."""
    location = {
        "timestamp": "2026-11-20T05:23:17.250Z",
        "coords": {
            "latitude": 37.5,
            "longitude": 127.0,
            "accuracy": 4.5,
            "speed": 1.5,
            "heading": 90.0,
            "altitude": 30.1,
        },
        "battery": {"level": 0.42, "is_charging": False},
        "event": "motionchange",
    }
    return post(json.dumps({"location": {**location, **changed}, "device_id": "658765"}).encode())


def only(said: Decoded) -> Position:
    """The one position of a frame without error."""
    assert said.error is None
    assert said.reply_status == 200
    (position,) = said.positions
    return position


def test_a_query_says_everything_it_says() -> None:
    """Every documented parameter arrives in SI units, and speed is in knots on the wire."""
    said = get(
        "id=tag-1&lat=37.5&lon=127.0&timestamp=1763702597&hdop=1.2&altitude=38.5&speed=10&bearing=271.5&batt=77"
        "&accuracy=6.5&valid=1"
    )
    assert said.device_ids == ["tag-1"]
    assert said.battery_pct == 77
    one = only(said)
    assert (one.t, one.lon, one.lat, one.valid) == (1763702597, 127.0, 37.5, True)
    assert one.speed_mps == pytest.approx(10 * KNOT, abs=1e-5)
    assert (one.course_deg, one.altitude_m, one.accuracy_m, one.hdop) == (271.5, 38.5, 6.5, 1.2)
    assert one.source is Source.GNSS


def test_what_is_not_said_is_nothing() -> None:
    """Absent and empty parameters are None, never 0."""
    for query in ("id=a&lat=1&lon=2", "id=a&lat=1&lon=2&speed=&batt=&accuracy=&altitude=&hdop=&timestamp=&alarm="):
        said = get(query)
        assert said.battery_pct is None
        assert said.alarms == []
        assert only(said) == Position(None, 2, 1)


@pytest.mark.parametrize(
    ("stamp", "t"),
    [
        ("1763702597", 1763702597.0),
        ("1763702597250", 1763702597.25),
        ("1763702597.5", 1763702597.5),
        ("2014-06-04T09:10:11Z", 1401873011.0),
        ("2014-06-04T18:10:11%2B09:00", 1401873011.0),
        ("2014-06-04T09:10:11.123Z", 1401873011.123),
        ("2014-06-04+09%3A10%3A11", 1401873011.0),
        ("2014-06-04%2009:10:11", 1401873011.0),
    ],
)
def test_times_are_read_in_every_form_devices_use(stamp: str, t: float) -> None:
    """Seconds, milliseconds, ISO 8601 and ``yyyy-MM-dd HH:mm:ss``; no zone means UTC."""
    assert only(get(f"id=a&lat=1&lon=2&timestamp={stamp}")).t == pytest.approx(t, abs=1e-6)


@pytest.mark.parametrize("name", ["id", "deviceid"])
def test_both_names_of_the_id_count(name: str) -> None:
    """A device names itself with id or deviceid."""
    assert get(f"{name}=902064&lat=1&lon=2").device_ids == ["902064"]


def test_every_id_is_reported_and_the_last_value_of_a_name_counts() -> None:
    """Names given twice: ids are all told, of other names the last one holds."""
    said = get("id=a&deviceid=b&id=a&lat=1&lat=3&lon=2")
    assert said.device_ids == ["a", "b"]
    assert only(said).lat == 3


def test_a_location_may_come_as_a_pair() -> None:
    """``location=lat,lon`` is the same as both apart."""
    one = only(get("id=123456&timestamp=1377177267&location=60.0,30.5"))
    assert (one.lat, one.lon) == (60.0, 30.5)
    assert only(get("id=a&location=60.0,+30.5")).lon == 30.5


def test_a_form_is_read_like_a_query_also_when_its_address_carries_the_key() -> None:
    """The same parameters in a POST's body, with nothing or only the key in the address."""
    body = b"id=a&lat=1.5&lon=2.5&timestamp=1763702597"
    for address in ("", "?", "?key=secret"):
        said = post(body, address)
        assert said.device_ids == ["a"]
        assert only(said).lat == 1.5


@pytest.mark.parametrize(("said", "alarm"), [("sos", "sos"), ("lowBattery", "general"), ("fall", "fall")])
def test_alarms_come_from_the_closed_list(said: str, alarm: str) -> None:
    """A word outside the list becomes ``general`` and is not lost."""
    assert get(f"id=a&lat=1&lon=2&alarm={said}").alarms == [alarm]
    assert client(extras={"alarm": said}).alarms == [alarm]
    assert client(alarm=said).alarms == [alarm]


@pytest.mark.parametrize("query", ["id=a", "id=a&batt=15", "id=a&lat=0&lon=0", "id=a&lat=0.0&lon=-0.0&speed=3"])
def test_no_position_is_no_error(query: str) -> None:
    """A heartbeat, or both coordinates 0 as a receiver without a position sends them, holds no fix."""
    said = get(query)
    assert (said.error, said.positions, said.reply_status) == (None, [], 200)


def test_one_coordinate_may_be_zero() -> None:
    """The equator and the prime meridian are places."""
    assert only(get("id=a&lat=0&lon=30")).lat == 0
    assert only(get("id=a&lat=51.4&lon=0")).lon == 0


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("lat=60.0&lon=30.0&timestamp=1377177267", "no device id"),
        ("", "no device id"),
        ("id=&lat=1&lon=2", "no device id"),
        ("id=a&lat=60", "half a position"),
        ("id=a&lon=60", "half a position"),
        ("id=a&location=60.0", "location"),
        ("id=a&location=60.0,", "half a position"),
        ("id=a&lat=x&lon=1", "lat"),
        ("id=a&lat=NaN&lon=1", "lat"),
        ("id=a&lat=1&lon=Infinity", "lon"),
        ("id=a&lat=4_2&lon=1", "lat"),
        ("id=a&lat=%D9%A4&lon=1", "lat"),
        ("id=a&lat=0x1p3&lon=1", "lat"),
        ("id=a&lat=1e999&lon=1", "lat"),
        ("id=a&lat=91&lon=1", "lat out of range"),
        ("id=a&lat=1&lon=-180.1", "lon out of range"),
        ("id=a&lat=1&lon=1&speed=fast", "speed"),
        ("id=a&lat=1&lon=1&batt=full", "batt"),
        ("id=a&lat=1&lon=1&timestamp=yesterday", "timestamp"),
        ("id=a&lat=1&lon=1&timestamp=2014-13-04T09:10:11Z", "timestamp"),
        ("id=a&lat=1&lon=1&timestamp=1e30", "timestamp"),
        ("id=a&lat=1&lon=1&timestamp=1e999", "timestamp"),
        ("id=%ff&lat=1&lon=1", "unreadable text"),
    ],
)
def test_what_cannot_be_read_is_named(query: str, error: str) -> None:
    """The field at fault is said, the answer is 400, and no position comes of it."""
    said = get(query)
    assert (said.error, said.reply_status, said.positions) == (error, 400, [])


def test_broken_escapes_stay_what_they_are() -> None:
    """A percent sign that escapes nothing is text, and a number with one in it is none."""
    assert get("id=50%&lat=1&lon=2").device_ids == ["50%"]
    assert get("id=a&lat=%zz&lon=2").error == "lat"


def test_a_body_that_is_no_text_is_refused() -> None:
    """Bytes outside ASCII in a form, and JSON that ends early, are errors and not surprises."""
    assert post(b"id=\xff&lat=1").error == "unreadable text"
    assert post(b'{"device_id":').error == "unreadable JSON"
    assert post(b'{"device_id":"\xff"}').error == "unreadable text"
    assert post(b'{"a":' * 100_000).error == "unreadable JSON"


def test_a_cry_for_help_survives_a_number_that_cannot_be_read() -> None:
    """The device and its alarm are told though the position is refused."""
    for said in (get("id=a&alarm=sos&lat=x&lon=1"), client(alarm="sos", coords={"latitude": "x", "longitude": 1})):
        assert said.error is not None
        assert len(said.device_ids) == 1
        assert said.alarms == ["sos"]
        assert said.positions == []


def test_the_newer_client_is_understood() -> None:
    """One JSON location: metres a second on the wire, the level of the battery as a share."""
    said = client()
    assert said.device_ids == ["658765"]
    assert said.battery_pct == 42
    one = only(said)
    assert (one.lon, one.lat, one.accuracy_m, one.speed_mps, one.course_deg, one.altitude_m) == (
        127.0, 37.5, 4.5, 1.5, 90.0, 30.1,
    )  # fmt: skip
    assert one.t == pytest.approx(1795152197.25)
    assert one.source is Source.FUSED
    assert only(client(timestamp=1763702597250)).t == 1763702597.25
    assert only(client(timestamp=None)).t is None


def test_what_a_phone_does_not_know_it_writes_as_minus_one() -> None:
    """Minus one for speed, course and battery is nothing; a negative accuracy says that the place is none."""
    coords = {"latitude": 37.5, "longitude": 127.0, "accuracy": -1, "speed": -1, "heading": -1.0}
    said = client(coords=coords, battery={"level": -1})
    one = only(said)
    assert (one.speed_mps, one.course_deg, one.accuracy_m, said.battery_pct, one.valid) == (
        None,
        None,
        None,
        None,
        False,
    )


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"coords": {"latitude": 1}}, "half a position"),
        ({"coords": {"longitude": 1}}, "half a position"),
        ({"coords": {"latitude": 91, "longitude": 1}}, "latitude out of range"),
        ({"coords": {"latitude": 1, "longitude": 181}}, "longitude out of range"),
        ({"coords": {"latitude": True, "longitude": 1}}, "latitude"),
        ({"coords": {"latitude": [1], "longitude": 1}}, "latitude"),
        ({"coords": {"latitude": 10**400, "longitude": 1}}, "latitude"),
        ({"coords": []}, "coords"),
        ({"battery": 5}, "battery"),
        ({"extras": "x"}, "extras"),
        ({"timestamp": [1]}, "timestamp"),
        ({"timestamp": "soon"}, "timestamp"),
    ],
)
def test_wrong_json_is_named(changed: dict[str, Any], error: str) -> None:
    """A part of another type or outside its range is an error that says which."""
    said = client(**changed)
    assert (said.error, said.reply_status, said.positions, said.device_ids) == (error, 400, [], ["658765"])


def test_json_without_a_device_or_a_place() -> None:
    """No id is refused, also one that is no text; no location is a heartbeat."""
    for body in (b"{}", b'{"device_id":""}', b'{"device_id":null}', b'{"device_id":true}', b'{"device_id":1.5}'):
        assert post(body).error == "no device id"
    said = post(b'{"device_id":77}')
    assert (said.device_ids, said.error, said.positions) == (["77"], None, [])
    assert client(coords={"latitude": 0, "longitude": 0}).positions == []
    assert post(b'{"device_id":"a","location":7}').error == "location"


def test_a_position_becomes_a_fix_of_ours() -> None:
    """Without a clock it is dated by ours, HDOP stands in for accuracy, and unknown speeds are left out."""
    fix = from_position(Position(None, 127.0, 37.5, speed_mps=-0.5, course_deg=-1, hdop=2.0), 1000.0)
    assert (fix.t, fix.speed_mps, fix.course_deg) == (1000.0, None, None)
    assert fix.accuracy_m == pytest.approx(1.5096 * 2.0 * 5 / 2**0.5)
    assert from_position(Position(5.0, 1, 2, hdop=0.0), 1000.0).accuracy_m is None
    assert from_position(Position(5.0, 1, 2, accuracy_m=3, hdop=9), 1000.0).accuracy_m == 3


def test_one_line_out_for_every_line_in() -> None:
    """``jikimi decode`` answers each recorded line in order, garbage included, and never stops."""
    lines = [
        json.dumps({"stream": "s", "seq": 1, "http_method": "GET", "http_uri": "/?id=a&lat=1&lon=2&speed=1", "x": [1]}),
        "{",
        "",
        json.dumps([1, 2]),
        json.dumps({"stream": "s", "seq": 2, "frame_hex": "zz"}),
        json.dumps({"stream": "s", "seq": 3, "frame_text": "id=a"}),
        json.dumps({"seq": 4, "http_uri": "/", "http_method": "POST", "frame_text": "id=b&lat=3&lon=4"}),
        json.dumps({"seq": 5, "http_uri": "/", "frame_hex": b"id=c&lat=5&lon=6".hex(), "http_headers": {"A": "b"}}),
    ]
    out = io.StringIO()
    decode_lines("osmand", io.StringIO("\n".join(lines)), out)
    said = [msgspec.json.decode(line) for line in out.getvalue().splitlines()]
    assert [one["seq"] for one in said] == [1, None, None, None, 3, 4, 5]
    assert [bool(one["error"]) for one in said] == [False, True, True, True, True, False, False]
    assert set(said[0]) == {
        "stream", "seq", "device_ids", "session_id", "fixes", "alarms", "battery_pct", "reply_hex", "reply_status",
        "error",
    }  # fmt: skip
    assert said[0]["fixes"] == [
        {"t": None, "lon": 2.0, "lat": 1.0, "valid": True, "speed_mps": pytest.approx(KNOT), "course_deg": None,
         "altitude_m": None, "accuracy_m": None}
    ]  # fmt: skip
    assert [one["device_ids"] for one in said[-2:]] == [["b"], ["c"]]


def test_recorded_frames_are_decoded_as_their_recording_says() -> None:
    """Frames recorded for another server mean the same to us; its speeds are knots and its absent numbers 0."""
    if not RECORDED.exists():
        pytest.skip("the recorded frames are kept outside the repository and are not here")
    for line in RECORDED.read_text().splitlines():
        recorded = json.loads(line)
        said = decode_line("osmand", line)
        assert said["error"] is None
        assert said["device_ids"] == recorded["device_ids"]
        assert len(said["fixes"]) == len(recorded["decoded"])
        assert said["reply_status"] == 200
        for ours, theirs in zip(said["fixes"], recorded["decoded"], strict=True):
            assert (ours["lon"], ours["lat"], ours["valid"]) == (theirs["lon"], theirs["lat"], theirs["valid"])
            assert ours["t"] == pytest.approx(osmand._time(theirs["fix_time"]))
            assert (ours["speed_mps"] or 0) == pytest.approx(theirs["speed_kn"] * KNOT, abs=1e-4)
            for mine, name in (
                ("course_deg", "course_deg"),
                ("altitude_m", "altitude_m"),
                ("accuracy_m", "accuracy_m"),
            ):
                assert (ours[mine] or 0) == theirs[name]
