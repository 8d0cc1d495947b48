"""Every scenario through the engine that runs live: what must be told is told, to whom it must be, and no more."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jikimi.cli.replay import replay
from jikimi.simulate import files
from jikimi.simulate.outcome import complaints, missed, seeable
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import SCENARIOS, build

SMALL = [name for name in SCENARIOS if name != "ordinary-night"]
QUIET = {
    "unshared-order", "train-pass-by", "parallel-highways", "neighbours", "strap-far", "strap-near", "radio-relay",
    "teleport", "tunnel", "reconnect-storm", "expires-on-the-way", "repeated-passes", "loitering",
}  # fmt: skip
"""Those in which nobody truly comes within the radius while an order binds."""
UNSEEN = {"battery-dead", "foil", "gnss-jam", "late-hour", "clock-broken"}
"""Those in which his device is silent, late or lying when he comes: what must be told then is the silence or the lie."""

PLAYED = [(name, seed) for name in SMALL for seed in range(1, 6)]


def played(scenario: Scenario, seed: int, folder: Path) -> list[Mapping[str, Any]]:
    """The alerts `jikimi replay` makes of a scenario's files."""
    files.write_fixes(scenario, seed, folder / "f.csv")
    (folder / "o.json").write_text(json.dumps(files.orders(scenario)))
    files.write_lines(files.events(scenario), folder / "e.jsonl")
    replay(folder / "f.csv", folder / "o.json", folder / "a.jsonl", events=folder / "e.jsonl")
    return [json.loads(line) for line in (folder / "a.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("name", "seed"), PLAYED)
def test_a_scenario_comes_out_as_it_says(name: str, seed: int, tmp_path: Path) -> None:
    """Codes within their bounds, each to those it is for, and no true approach missed."""
    scenario = build(name, seed)
    alerts = played(scenario, seed, tmp_path)
    assert complaints(scenario.outcome, alerts) == []
    approaches = scenario.approaches()
    assert bool(approaches) == (name not in QUIET)
    seen = seeable(approaches, scenario.fixes(seed))
    assert bool(seen) == (name not in QUIET | UNSEEN)
    assert missed(seen, alerts, scenario.t0) == []


def test_an_ordinary_night_holds_nothing_but_life(tmp_path: Path) -> None:
    """No true approach, no call and no cut strap, and at most an alarm for every twentieth wearer."""
    scenario = build("ordinary-night", 3, people=250, hours=1)
    assert scenario.approaches() == []
    assert complaints(scenario.outcome, played(scenario, 3, tmp_path)) == []


def test_the_story_ends_before_violence() -> None:
    """In the demonstration he is never within two hundred metres of her, whatever the seed."""
    for seed in range(1, 11):
        scenario = build("unshared-order", seed)
        tracks = {one.subject: one.track for one in scenario.people}
        for second in range(int(scenario.seconds)):
            (ax, ay), (bx, by) = tracks["wearer"].at(second), tracks["protected"].at(second)
            assert (ax - bx) ** 2 + (ay - by) ** 2 > 200.0**2


def test_an_engine_that_says_nothing_is_found_out(tmp_path: Path) -> None:
    """Without its alerts a scenario complains and counts its approach as missed: these tests can fail."""
    scenario = build("walk-up", 1)
    alerts = played(scenario, 1, tmp_path)
    assert complaints(scenario.outcome, [])
    assert missed(scenario.approaches(), [], scenario.t0)
    late = [{**alert, "decided_at": alert["decided_at"] + 7200} for alert in alerts]
    assert missed(scenario.approaches(), late, scenario.t0)
    quiet = [{**alert, "reason": {"dispatch": "no", "priority": "P2"}} for alert in alerts]
    assert complaints(scenario.outcome, quiet)
    assert missed(scenario.approaches(), quiet, scenario.t0)
