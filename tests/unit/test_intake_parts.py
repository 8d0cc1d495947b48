"""The gateway's parts, each alone: pace, memory, bounds, devices, bodies, accuracy, and one flush for many."""

import asyncio
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.patience import PATIENCE

from jikimi.detect.accuracy import sigma_of
from jikimi.detect.facts import Fix, Fixes, Source, decode
from jikimi.intake.devices import DeviceKey, Devices, digest
from jikimi.intake.devices import decode as decode_device
from jikimi.intake.devices import encode as encode_device
from jikimi.intake.gather import Gatherer
from jikimi.intake.limits import Pace, Taken
from jikimi.intake.plausible import Bounds, check
from jikimi.intake.schemas import MOST_FIXES, read_event, read_fixes
from jikimi.kernel.errors import Absurd, Malformed, TooLarge, Unavailable
from jikimi.kernel.units import UnixTime
from jikimi.registry.regimes import edition_at

NOW = 1_800_000_000.0


class Hand:
    """A clock that stands still."""

    def unix(self) -> UnixTime:
        """The time."""
        return UnixTime(NOW)


def key(device: str = "d", external: str = "tag", **more: Any) -> DeviceKey:
    """A device whose key is ``secret``."""
    return DeviceKey(device, external, digest("secret"), "tag", 60.0, **more)


# pace and memory ----------------------------------------------------------------------------------------------


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    """A tunnel's worth at once is honest; after it a device waits as long as its rate says."""
    pace = Pace(rate_per_s=5, burst=10)
    assert pace.wait_s("a", 10, 0) == 0
    assert pace.wait_s("a", 1, 0) == pytest.approx(0.2)
    assert pace.wait_s("a", 1, 0.2) == 0
    assert pace.wait_s("b", 10, 0.2) == 0


def test_more_than_a_burst_passes_when_the_bucket_is_full() -> None:
    """A batch larger than a whole burst is not refused for ever."""
    pace = Pace(rate_per_s=5, burst=10)
    assert pace.wait_s("a", 50, 0) == 0
    assert pace.wait_s("a", 50, 1) == pytest.approx(1.0)
    assert pace.wait_s("a", 50, 2) == 0


def test_a_clock_set_back_refuses_nobody() -> None:
    """When our clock steps back an hour, devices go on being taken."""
    pace = Pace(rate_per_s=5, burst=10)
    assert pace.wait_s("a", 1, 10_000) == 0
    assert pace.wait_s("a", 1, 6_400) == 0


def test_of_two_hundred_thousand_devices_the_quietest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of paces has an end, and forgetting favours nobody for long."""
    monkeypatch.setattr("jikimi.intake.limits._REMEMBERED", 2)
    pace = Pace(rate_per_s=1, burst=1)
    assert [pace.wait_s(name, 1, 0) for name in ("a", "b", "c")] == [0, 0, 0]
    assert pace.wait_s("c", 1, 0) == 1
    assert pace.wait_s("a", 1, 0) == 0


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 20)), max_size=40))
def test_no_device_gets_more_than_its_rate_and_burst(asked: list[tuple[float, int]]) -> None:
    """Over any stretch, what passed is at most the burst and the rate times the stretch."""
    pace, now, passed = Pace(rate_per_s=2, burst=20), 0.0, 0
    for wait, cost in asked:
        now += wait
        passed += cost if pace.wait_s("a", cost, now) == 0 else 0
    assert passed <= 20 + 2 * now + 1e-6


def test_only_what_was_stored_is_known_and_only_so_much() -> None:
    """Exactly the same fix of the same device is known again, the oldest is forgotten first."""
    taken = Taken(remembered=2)
    assert not taken.knows("a", 1, 2, 3)
    taken.add("a", 1, 2, 3)
    assert taken.knows("a", 1, 2, 3)
    assert not taken.knows("b", 1, 2, 3)
    taken.add("a", 2, 2, 3)
    taken.add("a", 3, 2, 3)
    assert not taken.knows("a", 1, 2, 3)


# bounds -------------------------------------------------------------------------------------------------------

GOOD: dict[str, float | None] = {
    "t": NOW, "lon": 127.0, "lat": 37.5, "accuracy_m": 5.0, "speed_mps": 1.0, "course_deg": 90.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lat", 91), ("lat", -90.01), ("lat", math.nan), ("lat", math.inf), ("lon", 180.01), ("lon", -math.inf),
        ("t", 0), ("t", NOW - 401 * 86400), ("t", NOW + 86401), ("t", math.nan), ("accuracy_m", 0),
        ("accuracy_m", -1), ("accuracy_m", math.nan), ("accuracy_m", 1e9), ("speed_mps", 1e9), ("speed_mps", -1),
        ("course_deg", 721), ("course_deg", math.nan),
    ],
)  # fmt: skip
def test_what_cannot_be_a_fix_is_refused_by_the_name_of_its_field(name: str, value: float) -> None:
    """Each field outside what a device can honestly say is Absurd, naming it."""
    with pytest.raises(Absurd) as refused:
        check(**{**GOOD, name: value}, now=NOW, bounds=Bounds())  # type: ignore[arg-type]
    assert refused.value.extra["field"] == name


def test_what_can_be_a_fix_passes_and_both_zero_is_none() -> None:
    """Edges and absences are honest; both coordinates 0 are a receiver without a position."""
    for changed in ({}, {"lat": 90, "lon": 180}, {"t": NOW + 60}, {"lat": 0}, {"lon": 0}):
        check(**{**GOOD, **changed}, now=NOW, bounds=Bounds())  # type: ignore[arg-type]
    check(NOW, 1, 2, None, None, None, NOW, Bounds())
    with pytest.raises(Absurd, match="both 0"):
        check(NOW, 0, 0, None, None, None, NOW, Bounds())


# devices ------------------------------------------------------------------------------------------------------


def test_a_key_opens_its_own_device_and_no_other() -> None:
    """Unknown, wrong and revoked are all nobody; a description travels as bytes and comes back."""
    devices = Devices()
    devices.learn(decode_device(encode_device(key())))
    assert devices.authenticate("tag", "secret") == key()
    assert len(devices) == 1
    for external, said in (("tag", "wrong"), ("other", "secret"), ("tag", ""), ("", "")):
        assert devices.authenticate(external, said) is None
    devices.learn(key(revoked=True))
    assert devices.authenticate("tag", "secret") is None


def test_a_renamed_device_loses_its_old_name_and_takes_no_others() -> None:
    """A name that went to another device stays with it when the first is described again."""
    devices = Devices()
    devices.learn(key("one", "x"))
    devices.learn(key("two", "x"))
    devices.learn(key("one", "y"))
    assert devices.authenticate("x", "secret") == key("two", "x")
    assert devices.authenticate("y", "secret") == key("one", "y")
    devices.learn(key("two", "z"))
    assert devices.authenticate("x", "secret") is None


# bodies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff", b'{"device":"\xff","t":1,"lon":1,"lat":1}', b'{"device":"a"}',
        b'{"device":"a","fixes":[]}', b'{"device":"a","fixes":{}}', b'{"device":1,"t":1,"lon":1,"lat":1}',
        b'{"device":"a","t":"1","lon":1,"lat":1}', b'{"device":"a","t":1,"lon":null,"lat":1}',
        b'{"device":"a","t":NaN,"lon":1,"lat":1}', b'{"device":"a","t":1,"lon":Infinity,"lat":1}',
        b'{"device":"a","t":1e400,"lon":1,"lat":1}', b'{"device":"a","t":1,"lon":1,"lat":1,"speed":3}',
        b'{"device":"a","t":1,"lon":1,"lat":1,"source":"magic"}', b'{"device":"a","t":1,"lon":1,"lat":1,"seq":-1}',
        b'{"device":"a","t":1,"lon":1,"lat":1,"seq":1.5}', b'{"device":"a","t":1,"lon":1,"lat":1,"valid":1}',
        b'{"device":"a","t":1,"lon":1,"lat":1,"seq":9223372036854775808}',
        b'{"device":"a","fixes":[{"t":1,"lon":1,"lat":1,"source":"magic"}]}',
        b'{"device":"a","x":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_fix_of_ours_is_malformed(body: bytes) -> None:
    """Broken JSON, wrong types, unknown fields and numbers nobody can keep are Malformed with a sentence."""
    with pytest.raises(Malformed) as refused:
        read_fixes(body)
    assert refused.value.detail.endswith(".")


def test_one_fix_or_many_are_read_wherever_the_list_stands() -> None:
    """A flat fix and a batch are told apart by the list, also behind a long id and for a device of that name."""
    flat = read_fixes(b'{"device":"fixes","t":1,"lon":2,"lat":3,"source":"gnss","seq":9223372036854775807}')
    assert (flat.device, len(flat.fixes)) == ("fixes", 1)
    batch = b'{"device":"' + b"a" * 600 + b'", "fixes" : [{"t":1,"lon":2,"lat":3}]}'
    assert read_fixes(batch).fixes[0].lat == 3


def test_more_fixes_than_a_request_may_carry_are_too_large() -> None:
    """500 pass, 501 do not."""
    one = b'{"t":1,"lon":2,"lat":3}'

    def batch(count: int) -> bytes:
        return b'{"device":"a","fixes":[' + b",".join([one] * count) + b"]}"

    assert len(read_fixes(batch(MOST_FIXES)).fixes) == 500
    with pytest.raises(TooLarge):
        read_fixes(batch(MOST_FIXES + 1))


@pytest.mark.parametrize(
    "value", [b'"\\u0000"', b'"a\\nb"', b"[]", b"{}", b"true", b"NaN", b'"' + b"x" * 1001 + b'"', b"[" * 100_000]
)
def test_an_events_value_is_a_word_or_a_number_the_record_can_keep(value: bytes) -> None:
    """Control characters, lists, objects and novels are Malformed."""
    with pytest.raises(Malformed):
        read_event(b'{"device":"a","t":1,"kind":"note","value":' + value + b"}")


def test_an_event_is_read() -> None:
    """Text, number or nothing."""
    for value, said in ((b'"bed 7"', "bed 7"), (b"15", 15.0), (b"null", None)):
        assert read_event(b'{"device":"a","t":1,"kind":"note","value":' + value + b"}").value == said
    with pytest.raises(Malformed, match="UTF-8"):
        read_event(b'{"device":"\xff","t":1,"kind":"sos"}')


# accuracy -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accuracy", "source", "sigma", "assumed"),
    [
        (15.096, Source.GNSS, 10.0, False), (1.0, Source.GNSS, 5.0, False), (1.0, Source.WIFI, 15.0, False),
        (10.0, Source.CELL, 300.0, False), (905.76, Source.CELL, 600.0, False), (1.0, Source.UNKNOWN, 10.0, False),
        (150.96, Source.UNKNOWN, 100.0, False), (None, Source.GNSS, 15.0, False), (0.0, Source.GNSS, 15.0, False),
        (None, Source.WIFI, 40.0, False), (None, Source.CELL, 600.0, False), (None, Source.UNKNOWN, 30.0, True),
        (0.0, Source.UNKNOWN, 30.0, True), (-5.0, Source.UNKNOWN, 30.0, True),
    ],
)  # fmt: skip
def test_a_claimed_radius_becomes_a_deviation_per_axis(
    accuracy: float | None, source: Source, sigma: float, assumed: bool  # noqa: FBT001 - a row of the table
) -> None:  # fmt: skip
    """r68 is 1.5096 sigma, each source has its floor and its assumption, and zero is not perfection."""
    made, only_assumed = sigma_of(accuracy, source, edition_at(NOW, "kr").accuracy)
    assert made == pytest.approx(sigma)
    assert only_assumed is assumed


# one flush for many -------------------------------------------------------------------------------------------


class Log:
    """The log's port by hand: keeps what it was given, waits while it is held, fails while it is away."""

    def __init__(self) -> None:
        self.bodies: list[Fixes] = []
        self.ids: list[str] = []
        self.away = False
        self.free = asyncio.Event()
        self.free.set()

    async def append(self, body: bytes, message_id: str) -> int:
        """As the log does."""
        await self.free.wait()
        if self.away:
            raise Unavailable("The log does not answer.")
        fact = decode(body)
        assert isinstance(fact, Fixes)
        self.bodies.append(fact)
        self.ids.append(message_id)
        return len(self.bodies)


def fix(number: int) -> Fix:
    """A fix told apart by its time."""
    return Fix("d", float(number), 1.0, 2.0, 5.0)


async def test_many_requests_are_one_append() -> None:
    """What arrives within the window is one message, in arrival order, and each waiter is told its sequence."""
    log = Log()
    gatherer = Gatherer(log.append, Hand(), window_s=0.02)
    assert await asyncio.gather(*(gatherer.put([fix(n)]) for n in range(50))) == [1] * 50
    assert await gatherer.put([fix(50), fix(51)]) == 2
    assert [[one.t for one in body.fixes] for body in log.bodies] == [[float(n) for n in range(50)], [50.0, 51.0]]
    assert {body.received_t for body in log.bodies} == {NOW}
    assert len(set(log.ids)) == 2


async def test_a_full_message_does_not_wait_for_the_window() -> None:
    """At the limit it goes at once, however long the window."""
    log = Log()
    gatherer = Gatherer(log.append, Hand(), window_s=600, limit=3)
    async with asyncio.timeout(20 * PATIENCE):
        await asyncio.gather(gatherer.put([fix(1)]), gatherer.put([fix(2), fix(3)]))
    assert len(log.bodies) == 1
    gatherer._flush()  # nothing waits, nothing goes
    assert len(log.bodies) == 1


async def test_a_waiter_who_leaves_takes_nobody_with_them() -> None:
    """A cancelled request neither cancels the flush nor those who wait with it."""
    log = Log()
    log.free.clear()
    gatherer = Gatherer(log.append, Hand(), window_s=0.001)
    first, second = asyncio.create_task(gatherer.put([fix(1)])), asyncio.create_task(gatherer.put([fix(2)]))
    await asyncio.sleep(0.02)
    first.cancel()
    await asyncio.sleep(0)
    log.free.set()
    assert await second == 1
    assert first.cancelled() or first.done()
    assert [one.t for one in log.bodies[0].fixes] == [1.0, 2.0]


async def test_a_failure_reaches_all_of_its_message_and_nobody_else() -> None:
    """Those whose fixes the log did not take are told, the next ones are taken."""
    log = Log()
    gatherer = Gatherer(log.append, Hand(), window_s=0.005)
    log.away = True
    failed = await asyncio.gather(*(gatherer.put([fix(n)]) for n in range(5)), return_exceptions=True)
    assert {type(one) for one in failed} == {Unavailable}
    leaving = asyncio.create_task(gatherer.put([fix(9)]))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0.02)  # its failure has nobody to tell and makes no noise
    log.away = False
    assert await gatherer.put([fix(6)]) == 1
