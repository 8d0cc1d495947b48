"""OwnTracks' JSON over HTTP, message by message."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from jikimi.cli.decode import decode_line
from jikimi.detect.facts import Source
from jikimi.intake.protocols import ALARMS, Decoded, HttpFrame, owntracks

DATA = Path(__file__).resolve().parents[3] / "shared/data/devices"
WHOLE: dict[str, Any] = {
    "_type": "location", "tid": "JJ", "topic": "owntracks/jane/phone", "lat": 37.5, "lon": 127.0, "tst": 1791150000,
    "acc": 12, "vel": 36, "cog": 270, "alt": 41, "batt": 77, "t": "u",
}  # fmt: skip


def said(body: object, **headers: str) -> Decoded:
    """What one POST says."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return owntracks.decode(HttpFrame("POST", "/owntracks", headers, text))


def changed(**values: object) -> Decoded:
    """The whole message with other values."""
    return said({**WHOLE, **values})


def test_a_location_says_everything_it_says() -> None:
    """Kilometres an hour become metres a second; the topic is the device, the battery is in per cent."""
    decoded = said(WHOLE)
    (one,) = decoded.positions
    assert (one.t, one.lon, one.lat, one.valid) == (1791150000.0, 127.0, 37.5, True)
    assert one.speed_mps == pytest.approx(10.0)
    assert (one.course_deg, one.altitude_m, one.accuracy_m, one.source) == (270.0, 41.0, 12.0, Source.FUSED)
    assert decoded.device_ids == ["owntracks/jane/phone"]
    assert (decoded.battery_pct, decoded.reply, decoded.reply_status) == (77.0, b"[]", 200)


def test_what_is_not_said_is_not_known() -> None:
    """No accuracy, speed, course or time: none of them becomes zero, and the initials name the device."""
    decoded = said({"_type": "location", "tid": "JJ", "lat": 37.5, "lon": 127.0})
    (one,) = decoded.positions
    assert (one.t, one.speed_mps, one.course_deg, one.altitude_m, one.accuracy_m) == (None,) * 5
    assert decoded.device_ids == ["JJ"]


def test_an_accuracy_of_zero_is_unknown_and_a_negative_one_no_place() -> None:
    """Zero is not perfection, and a phone's -1 says that it has no position."""
    assert changed(acc=0).positions[0].accuracy_m is None
    (none,) = changed(acc=-1).positions
    assert (none.valid, none.accuracy_m) == (False, None)
    assert changed(vel=-1, cog=-1).positions[0].speed_mps is None


@pytest.mark.parametrize("kind", sorted(owntracks.OTHERS))
def test_other_types_are_acknowledged_and_hold_nothing(kind: str) -> None:
    """An app that gets no 2xx repeats for ever; a transition's or waypoint's place is no fix of the device."""
    decoded = changed(_type=kind)
    assert (decoded.positions, decoded.reply, decoded.reply_status, decoded.error) == ([], b"[]", 200, None)


def test_an_empty_payload_is_acknowledged() -> None:
    """A friend removed in the app is a request without a body."""
    assert (said(b"").reply, said(b" \n").reply_status) == (b"[]", 200)


def test_an_encrypted_payload_is_refused_with_what_to_do() -> None:
    """What cannot be read is never acknowledged."""
    decoded = said({"_type": "encrypted", "data": "1Vu7Owp"})
    assert decoded.reply_status == 400
    assert "remove the encryption key" in str(decoded.error)


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": "37.5"}, {"lat": 91}, {"lon": -180.5}, {"lat": None}, {"acc": True}, {"tst": -1}, {"tst": 1e18},
        {"vel": "fast"}, {"batt": [1]}, {"_type": "nothing"}, {"_type": None}, {"cog": 10**400},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(changes: dict[str, Any]) -> None:
    """Nothing of such a message is used."""
    decoded = changed(**changes)
    assert decoded.error
    assert (decoded.positions, decoded.reply_status) == ([], 400)


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b"\xff", b"[" * 5000, b'"x"'])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """Broken JSON, a list, a number, bytes of nothing."""
    assert said(body).error


def test_a_place_of_zeros_is_none() -> None:
    """What a receiver without a position sends."""
    assert changed(lat=0, lon=0).positions == []


def test_a_trackers_trigger_may_be_an_alarm_and_a_phones_is_none() -> None:
    """Low battery and power cut of a converted tracker; `u`, `p`, `c` and the rest of a phone are no alarms."""
    assert (changed(t="9").alarms, changed(t="e").alarms) == (["low_battery"], ["power_cut"])
    assert [changed(t=trigger).alarms for trigger in "pcCbrutv"] == [[]] * 8
    assert all(alarm in ALARMS for alarm in owntracks._ALARMS.values())


def test_decode_prints_it_as_promised() -> None:
    """`jikimi decode owntracks` says the reply's bytes too."""
    line = {"stream": "s", "seq": 4, "http_method": "POST", "http_uri": "/", "frame_text": json.dumps(WHOLE)}
    told = decode_line("owntracks", json.dumps(line))
    assert (told["reply_hex"], told["reply_status"], told["error"]) == ("5b5d", 200, None)
    assert told["fixes"][0]["speed_mps"] == pytest.approx(10.0)


def recorded(name: str) -> list[dict[str, Any]]:
    """Lines of a recording, skipped where it is not at hand."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_recorded_frames_decode_as_traccar_decodes_them() -> None:
    """Position, time, validity and device of every recorded frame."""
    for line in recorded("owntracks.jsonl"):
        told = decode_line("owntracks", json.dumps(line))
        assert told["device_ids"] == line["device_ids"]
        for mine, theirs in zip(told["fixes"], line["decoded"], strict=True):
            assert (mine["lat"], mine["lon"], mine["valid"]) == (theirs["lat"], theirs["lon"], theirs["valid"])
            assert math.isclose(mine["speed_mps"] or 0.0, theirs["speed_kn"] * 0.514444, abs_tol=1e-3)
            assert (mine["accuracy_m"] or 0.0) == theirs["accuracy_m"]
        assert told["reply_status"] == 200


def test_every_documented_message_is_answered() -> None:
    """Each example of the booklet is a location, is acknowledged, or is refused as encrypted."""
    for line in recorded("owntracks_messages.jsonl"):
        message = line.get("message")
        if message is None or "_type" not in message:
            continue
        decoded = said(message)
        assert (decoded.error is None) == (message["_type"] != "encrypted"), message
        assert len(decoded.positions) == (message["_type"] == "location")
