"""Whatever arrives, the decoder answers."""

import json
import math
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.cli.decode import decode_line
from jikimi.intake.protocols import ALARMS, Decoded, HttpFrame, osmand

NAMES = st.sampled_from(
    ["id", "deviceid", "lat", "lon", "location", "timestamp", "speed", "bearing", "heading", "altitude", "accuracy",
     "hdop", "batt", "alarm", "valid", "key", "cell"]
) | st.text(max_size=5)  # fmt: skip
VALUES = (
    st.text(max_size=20)
    | st.floats().map(str)
    | st.integers().map(str)
    | st.datetimes().map(str)
    | st.sampled_from(["", "0", "-0.0", "1e308", "1_0", "sos", "91,181", "1,", "٤", "9" * 400, "%", "%ff", "true"])
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3),
    max_leaves=8,
)
LOCATION = st.fixed_dictionaries(
    {},
    optional={
        "timestamp": JSON,
        "coords": JSON
        | st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("latitude", "longitude", "speed", "heading", "accuracy", "altitude"), JSON)
        ),
        "battery": JSON | st.fixed_dictionaries({"level": JSON}),
        "extras": JSON | st.fixed_dictionaries({"alarm": JSON}),
        "alarm": JSON,
    },
)


def sound(said: Decoded) -> None:
    """Whatever a frame was: an answer, and nothing in it that could harm those behind it."""
    assert said.reply_status in {200, 400}
    assert (said.error is None) == (said.reply_status == 200)
    assert not (said.error and said.positions)
    assert set(said.alarms) <= ALARMS
    for one in said.positions:
        assert said.device_ids
        assert abs(one.lat) <= 90
        assert abs(one.lon) <= 180
        numbers = (one.t, one.speed_mps, one.course_deg, one.altitude_m, one.accuracy_m, one.hdop)
        assert all(number is None or math.isfinite(number) for number in numbers)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(NAMES, VALUES), max_size=12), st.booleans(), st.booleans())
def test_no_parameters_make_the_decoder_fail(pairs: list[tuple[str, str]], escaped: bool, form: bool) -> None:  # noqa: FBT001 - hypothesis hands them over so
    """Any parameters, in a query or a form, escaped or raw, get an answer."""
    text = "&".join(f"{name}={quote(value) if escaped else value}" for name, value in pairs)
    body = text.encode("utf-8", "surrogatepass") if form else b""
    sound(osmand.decode(HttpFrame("POST", "/" if form else f"/?{text}", {}, body)))


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional={"device_id": JSON, "location": JSON | LOCATION}))
def test_no_json_makes_the_decoder_fail(said: dict[str, Any]) -> None:
    """Any JSON object gets an answer."""
    sound(osmand.decode(HttpFrame("POST", "/", {}, json.dumps(said).encode())))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.binary(max_size=60))
def test_no_bytes_make_the_decoder_fail(uri: str, body: bytes) -> None:
    """Any address with any body gets an answer."""
    sound(osmand.decode(HttpFrame("GET", uri, {}, body)))
    sound(osmand.decode(HttpFrame("POST", "/", {}, b"{" + body)))


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60)
    | st.fixed_dictionaries({}, optional=dict.fromkeys(("seq", "frame_hex", "frame_text", "http_uri"), JSON)).map(
        json.dumps
    )
)
def test_no_line_stops_the_command(line: str) -> None:
    """Any line of text gets its line of JSON."""
    assert set(decode_line("osmand", line)) >= {"seq", "fixes", "error"}
