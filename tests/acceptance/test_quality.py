"""`jikimi bench quality` on a few invented people: it says what was missed, who was disturbed and who does better."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from jikimi.cli.bench.quality_curves import OTHERS, OURS, spoken
from jikimi.cli.bench.quality_lead import STARTS, Conditions, drives
from jikimi.cli.bench.quality_night import neighbours
from jikimi.cli.main import app
from jikimi.registry import regimes
from jikimi.simulate.scenarios import build

RULES = regimes.editions()[-1]
NINE = 1_300_060_800


def quality(*options: str) -> dict[str, Any]:
    """What the command prints."""
    said = CliRunner().invoke(app, ["bench", "quality", "--json", *options])
    assert said.exit_code == 0, said.output
    told: dict[str, Any] = json.loads(said.stdout)
    return told


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Two who report all day from 3 km apart, of whom one visits the other for ten minutes; and one far away."""
    rows = []
    for minute in range(9 * 60):
        t = NINE + 60 * minute
        away = min(30_000, max(0, abs(minute - 270) - 5) * 80) if 200 < minute < 340 else 5200
        for who, east in ((1, 0), (2, away), (3, 60_000)):
            rows.append({"id": who, "t": t, "lat_e6": 37_500_000, "lon_e6": 127_000_000 + round(east * 11.336)})
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "invented_60s.parquet")
    return tmp_path


def test_a_visit_is_seen_and_listed_by_hash(people: Path) -> None:
    """One pair, one approach, none missed; the pair stands there as a hash and nobody as a name."""
    told = quality("--trajectories", str(people), "--parts", "recordings", "--sets", "span")
    assert (told["missed"], told["recordings"]["span"]["pair_days"]) == (0, 1)
    (listed,) = told["recordings"]["span"]["pairs"].items()
    assert len(listed[0]) == 12
    assert listed[1][:3] == [1, 1, 0]
    assert told["baselines"]["better_in_both"] == []
    names = {one["rule"] for one in told["baselines"]["by_set"]["span"]["rules"]}
    assert names >= {"fixed 100 m", "edge 500 m", "debounce-4 1000 m"}
    assert told["configuration"]


def test_every_promised_key_is_there_without_recordings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there are no recordings it says so, and the figures are those of invented people."""
    monkeypatch.chdir(tmp_path)
    told = quality("--parts", "night,recordings", "--wearers", "50")
    assert told["pair_days_of"] == {"invented neighbours": 150}
    assert {"missed", "human_alerts_per_pair_day", "pair_days", "lead_s", "baselines", "alarms_per_operator_hour",
            "priority_share"} <= set(told)  # fmt: skip


def test_what_is_not_known_is_refused() -> None:
    """A part nobody wrote is named, with those there are."""
    said = CliRunner().invoke(app, ["bench", "quality", "--parts", "luck"])
    assert said.exit_code == 2
    assert "recordings" in said.output


def test_a_car_is_known_before_it_is_there() -> None:
    """From every start somebody knows a minute before, in the middle; and a way that only passes by is not left out."""
    found = drives(RULES, Conditions(), 12)
    for start in STARTS:
        leads = sorted(one.lead_s or 0.0 for one in found if one.start == start and one.arrives)
        assert not leads or leads[len(leads) // 2] >= 60.0
    assert any(not one.arrives for one in found)


def test_neighbours_are_counted_by_the_night() -> None:
    """Everybody who lives near is a pair-night, whether or not anything was raised."""
    assert neighbours(RULES, 6).pair_days == 6


def test_every_rule_is_asked_of_the_same_fixes() -> None:
    """Of one drive, what each rule raised and when the approach truly began: ours first, none before there was a fix."""
    scenario = build("walk-up", 1)
    said = {rule: (raised, begins) for rule, _, raised, begins in spoken(scenario, 1, RULES)}
    assert next(iter(said)) == OURS
    assert len(said) == 1 + len(OTHERS)
    assert all(begins == said[OURS][1] and min(raised) >= scenario.t0 for raised, begins in said.values())
    assert min(said[OURS][0]) <= min(said["fixed 500 m"][0]) + 60.0
