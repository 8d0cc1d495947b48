"""OwnTracks' decoder against anything."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from jikimi.intake.protocols import HttpFrame, owntracks

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_VALUES = _SCALARS | st.lists(_SCALARS, max_size=2)
_NAMES = st.sampled_from(["_type", "lat", "lon", "tst", "acc", "vel", "cog", "alt", "batt", "tid", "topic", "t"])
_KINDS = st.sampled_from(["location", "encrypted", "transition", "lwt", "?"])


@given(st.binary(max_size=200))
def test_bytes_never_raise(body: bytes) -> None:
    """Whatever arrives is decoded or refused."""
    decoded = owntracks.decode(HttpFrame("POST", "/owntracks", {}, body))
    assert (decoded.error is None) == (decoded.reply_status == 200)


@given(st.dictionaries(_NAMES, _VALUES), _KINDS)
def test_a_position_is_always_one_on_earth(said: dict[str, object], kind: str) -> None:
    """No decoded number is infinite, no place is off the Earth, and an error never comes with a position."""
    body = json.dumps({**said, "_type": kind}).encode()
    decoded = owntracks.decode(HttpFrame("POST", "/owntracks", {}, body))
    assert not (decoded.error and decoded.positions)
    for one in decoded.positions:
        assert abs(one.lat) <= 90
        assert abs(one.lon) <= 180
        numbers = (one.t, one.speed_mps, one.course_deg, one.altitude_m, one.accuracy_m)
        assert all(number is None or math.isfinite(number) for number in numbers)
