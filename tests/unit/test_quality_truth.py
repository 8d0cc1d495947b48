"""What the quality of detection is measured against: truth from recordings, and the one rule of what counts."""

from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jikimi.cli.bench.quality_count import Tally, beyond, counts
from jikimi.cli.bench.quality_tracks import (
    Recorded,
    approaches,
    days,
    files,
    nearest,
    overlaid,
    pairs,
    reporting,
    spanning,
)  # fmt: skip
from jikimi.detect.decisions import Alert
from jikimi.kernel.errors import NotFound
from jikimi.kernel.geodesy import shifted
from jikimi.simulate.outcome import unseen

HERE = (127.0, 37.5)
NINE = 1_300_060_800.0
"""Nine in the morning in Korea."""


def walked(*knots: tuple[float, float]) -> Recorded:
    """Somebody on a line east of ``HERE``: seconds from nine o'clock, metres."""
    places = [shifted(*HERE, metres, 0.0) for _, metres in knots]
    t, lon, lat = ([NINE + s for s, _ in knots], [p[0] for p in places], [p[1] for p in places])
    return Recorded(np.array(t), np.array(lon), np.array(lat))


def all_day(metres: float, every_s: float = 60.0, hours: float = 9.0) -> Recorded:
    """Somebody who reports from one spot."""
    return walked(*((s * every_s, metres) for s in range(int(hours * 3600 / every_s))))


def test_an_approach_between_two_fixes_is_true() -> None:
    """He is never seen within the radius, but walks through it between two fixes two minutes apart."""
    his, hers = walked((0, -150), (120, 150)), walked((0, 0), (60, 0), (120, 0))
    ((begin, end, least),), nearest = approaches(his, hers, 100.0)
    assert [begin - NINE, end - NINE] == pytest.approx([20.0, 100.0], abs=0.1)
    assert least == nearest == pytest.approx(0.0, abs=0.1)


def test_a_gap_of_more_than_two_minutes_holds_no_truth() -> None:
    """Nobody knows where he was in between."""
    assert approaches(walked((0, -150), (121, 150)), walked((0, 0), (60, 0), (121, 0)), 100.0)[0] == []


def test_half_a_minute_is_passing_by() -> None:
    """Within the radius for less than a minute is no approach, but it was near."""
    found, nearest = approaches(walked((0, -400), (120, 400)), walked((0, 0), (120, 0)), 100.0)
    assert found == []
    assert nearest == pytest.approx(0.0, abs=0.1)


def test_eight_hours_are_meant_in_three_ways() -> None:
    """A morning and an evening fix span a day, only who reports in between reports, and days can be laid over another."""
    day = {"1": all_day(0.0), "2": all_day(3000.0), "3": walked((0, 0), (9 * 3600, 0))}
    assert [sorted(found) for found in spanning([day])] == [["1", "2", "3"]]
    assert [sorted(found) for found in reporting([day])] == [["1", "2"]]
    (laid,) = overlaid([{"1": day["1"]}, {"2": day["2"]._replace(t=day["2"].t + 86_400.0)}])
    assert [name.split(".")[0] for name in laid] == ["1", "2"]
    first, second = laid.values()
    assert (first.t[0], first.t[-1]) == (second.t[0], second.t[-1])


def test_a_pair_is_two_people_who_come_near_and_is_named_by_a_hash() -> None:
    """Six kilometres apart is no pair, one person's two days are none, and no name of a recording is shown."""
    (one,) = pairs({"1": all_day(0.0), "2": all_day(4900.0), "3": all_day(10_000.0)})
    assert {one.offender, one.victim} == {"1", "2"}
    assert len(one.order.split("/")[0]) == 12
    assert list(pairs({"1.15000": all_day(0.0), "1.15001": all_day(0.0)})) == []


def test_recordings_are_read_by_local_days(tmp_path: Path) -> None:
    """Midnight is Korea's; a fix told twice is one; a folder gives its files of a fix a minute."""
    midnight = NINE + 15 * 3600.0
    rows: list[dict[str, Any]] = [
        {"id": 4, "t": int(midnight + s), "lat_e6": 37_500_000, "lon_e6": 127_000_000} for s in (60, -60, -60)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "people_60s.parquet")
    (tmp_path / "cars.parquet").write_bytes(b"")
    (file,) = files(tmp_path)
    assert [[len(one.t) for one in day.values()] for day in days(file)] == [[1], [1]]
    file.unlink()
    with pytest.raises(NotFound, match="60s"):
        files(tmp_path)


def alert(priority: str, dispatch: str, grade: str = "live") -> Alert:
    """An alert as far as counting looks at it."""
    reason: dict[str, str | int | float | None] = {"priority": priority, "dispatch": dispatch}
    return Alert("a", "A00", "o", [], 0.0, 0.0, "SAFE", None, None, None, None, grade, None, reason)


def test_what_a_person_handles_counts() -> None:
    """P0, P1, and whatever somebody is sent, called or asked for; not a task on a list, nor the file's own row."""
    assert all(counts(alert(*said)) for said in (("P0", "yes"), ("P1", "no"), ("P3", "operator"), ("P2", "probation")))
    assert not counts(alert("P3", "task", "retrospective"))
    assert not counts(alert("P2", "no"))
    assert not counts(alert("P0", "yes", "evidence"))


def test_an_alert_is_in_time_or_it_is_missed() -> None:
    """From a quarter of an hour before until a minute after it began; what is beyond is counted."""
    stay = (10_000.0, 10_200.0, 20.0)
    assert [unseen([stay[0]], [at]) == [] for at in (9_099.0, 9_100.0, 10_060.0, 10_061.0)] == [
        False,
        True,
        True,
        False,
    ]
    assert beyond([stay], [9_099.0, 10_500.0, 11_101.0]) == [9_099.0, 11_101.0]


def test_days_without_an_approach_are_shown_apart() -> None:
    """Counted per pair-day over all of them, and over the quiet ones."""
    tally = Tally()
    tally.add([(10_000.0, 10_200.0, 20.0)], [10_000.0, 50_000.0])
    tally.add([], [])
    told = tally.told()
    assert (told["missed"], told["counted"], told["per_pair_day"], told["per_quiet_pair_day"]) == (0, 1, 0.5, 0.0)


def test_days_on_which_nobody_came_near_and_incidents_are_shown_apart() -> None:
    """What the distance alone demands is told from what was raised without it, and alerts from the incidents they join."""
    tally = Tally()
    tally.add([], [1_000.0, 1_900.0, 1_901.0])
    tally.add([], [1_000.0], apart=True)
    tally.add([], [], apart=True)
    told = tally.told()
    assert (told["per_quiet_pair_day"], told["incidents_per_quiet_pair_day"]) == (1.3333, 1.0)
    assert (told["pair_days_apart"], told["per_pair_day_apart"]) == (2, 0.5)


def test_how_near_two_came_is_asked_of_positions_not_too_old() -> None:
    """A fix is held against the other's last one, if that was no older than is asked."""
    his = Recorded(*(np.array(axis) for axis in ([0.0, 1000.0], [127.0, 127.0], [37.0, 37.01])))
    hers = Recorded(*(np.array(axis) for axis in ([100.0], [127.0], [37.02])))
    assert nearest(his, hers) == pytest.approx(1111.9, abs=1.0)
    assert nearest(his, hers, 600.0) == pytest.approx(2223.9, abs=2.0)
    assert nearest(his, hers, 50.0) == inf
