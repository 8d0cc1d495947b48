"""The invented world: ways along streets, days that are lived, truth worked out exactly, devices with faults."""

import json
import math
import random
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jikimi.cli import recordings
from jikimi.cli.main import app
from jikimi.kernel.errors import NotFound
from jikimi.kernel.geodesy import distance
from jikimi.simulate.device import TAG, flawed, report
from jikimi.simulate.network import Network, carried
from jikimi.simulate.scenario import Order
from jikimi.simulate.scenarios import build
from jikimi.simulate.town import Town
from jikimi.simulate.track import BUS, WALK, Journey, Track, still
from jikimi.simulate.truth import within

TOWN = Town()


def test_a_way_crosses_the_river_on_a_bridge() -> None:
    """Between the banks every way is at a bridge's longitude."""
    way = TOWN.way((-1400.0, -800.0), (700.0, 900.0))
    wet = [at for at in range(len(way) - 1) if way[at][1] <= -90.0 and way[at + 1][1] >= 90.0]
    (crossing,) = wet
    assert way[crossing][0] == way[crossing + 1][0]
    assert way[crossing][0] % TOWN.bridge_m == 0.0


def test_a_journey_takes_the_time_its_way_takes() -> None:
    """On foot, the length of the way by the speed; by bus, longer by the stops, which are spent standing."""
    way = TOWN.way((0.0, 200.0), (2000.0, 1000.0))
    length = sum(math.dist(way[at], way[at + 1]) for at in range(len(way) - 1))
    walked = Journey(TOWN, (0.0, 200.0), random.Random(1)).go((2000.0, 1000.0), WALK)
    assert walked.t == pytest.approx(length / WALK.speed_mps)
    ridden = Journey(TOWN, (0.0, 200.0), random.Random(1)).go((2000.0, 1000.0), BUS)
    stops = length // BUS.stop_every_m
    assert length / BUS.speed_mps + 10 * (stops - 1) <= ridden.t <= length / BUS.speed_mps + 25 * (stops + 1)


def test_truth_is_exact() -> None:
    """A straight pass at 60 m through a circle of 100 m lasts 160 m of way, with 60 m as the least distance."""
    his = Track((0.0, 1000.0), ((-500.0, 60.0), (500.0, 60.0)))
    ((begin, end, least),) = within(his, still((0.0, 0.0)), 100.0, (0.0, 1000.0))
    assert [begin, end, least] == pytest.approx([420.0, 580.0, 60.0])


def test_passing_by_is_no_approach() -> None:
    """Less than a minute within the radius does not count."""
    his = Track((0.0, 100.0), ((-500.0, 60.0), (500.0, 60.0)))
    assert within(his, still((0.0, 0.0)), 100.0, (0.0, 100.0)) == []


def test_an_error_lasts() -> None:
    """Errors of neighbouring fixes resemble each other, those of distant ones do not, and their size is as stated."""
    model = replace(TAG, interval_s=10.0, lost=0.0, sigma_m=10.0, memory_s=120.0)
    here = TOWN.lonlat((0.0, 0.0))
    fixes = list(report("o", still((0.0, 0.0)), model, TOWN, random.Random(5), (0.0, 200_000.0)))
    east = [(fix.lon - here[0]) * 111_195 * math.cos(math.radians(here[1])) for fix in fixes]
    spread = sum(x * x for x in east) / len(east)

    def alike(lag: int) -> float:
        return sum(east[at] * east[at + lag] for at in range(len(east) - lag)) / (len(east) - lag) / spread

    assert math.sqrt(spread) == pytest.approx(10.0, rel=0.15)
    assert alike(1) == pytest.approx(math.exp(-10 / 120), abs=0.05)
    assert abs(alike(120)) < 0.15


def test_a_device_is_sometimes_sure_and_wrong() -> None:
    """Some fixes lie hundreds of metres off and claim what the good ones claim."""
    model = replace(flawed(TAG), wrong_per_h=2.0)
    here = TOWN.lonlat((0.0, 0.0))
    fixes = list(report("o", still((0.0, 0.0)), model, TOWN, random.Random(2), (0.0, 48 * 3600.0)))
    wrong = [fix for fix in fixes if distance(*here, fix.lon, fix.lat) > 130.0]
    assert 0.005 < len(wrong) / len(fixes) < 0.2
    assert max(fix.accuracy_m or 0.0 for fix in wrong) < 30.0


def test_what_was_kept_in_a_dead_zone_comes_late_and_newest_first() -> None:
    """In the tunnel nothing is sent; behind it everything at once, the newest fix before its backlog."""
    town = Town(dead=(((0.0, 0.0), 300.0),))
    his = Journey(town, (-600.0, 0.0), random.Random(1)).follow([(600.0, 0.0)], WALK).track()
    fixes = list(report("o", his, replace(TAG, lost=0.0), town, random.Random(1), (0.0, 900.0)))
    assert [fix.received_t for fix in fixes] == sorted(fix.received_t for fix in fixes)
    late = [fix for fix in fixes if fix.received_t - fix.t > 60.0]
    assert len(late) > 4
    together = [fix.t for fix in fixes if fix.received_t == late[0].received_t]
    assert together == sorted(together, reverse=True)


def test_a_silent_device_makes_no_fix() -> None:
    """While it is off there is nothing, not even later."""
    fixes = list(report("o", still((0.0, 0.0)), TAG, TOWN, random.Random(1), (0.0, 3600.0), ((600.0, 1800.0),)))
    assert fixes
    assert not [fix for fix in fixes if 600.0 <= fix.t < 1800.0]


def test_a_network_loses_nothing() -> None:
    """Fixes come out of order and again, and what was held comes at once; none is missing and none was sent earlier."""
    sent = list(report("o", still((0.0, 0.0)), TAG, TOWN, random.Random(1), (0.0, 7200.0)))
    network = Network(overtaking_s=60.0, twice=0.5, held=(1000.0, 2000.0))
    came = list(carried(sent, network, random.Random(1)))
    assert [fix.received_t for fix in came] == sorted(fix.received_t for fix in came)
    assert {fix.t for fix in came} == {fix.t for fix in sent}
    assert len(came) > len(sent) * 1.3
    assert not [fix for fix in came if 1000.0 <= fix.received_t < 2000.0]
    assert [fix.t for fix in came] != sorted(fix.t for fix in came)
    earliest = {fix.t: fix.received_t for fix in sent}
    assert all(fix.received_t >= earliest[fix.t] for fix in came)


def test_a_receiver_that_is_lied_to_reports_the_lie() -> None:
    """Where it believes to be is what is reported; the truth is the track's."""
    lie = still((5000.0, 0.0))
    fixes = list(report("o", still((0.0, 0.0)), TAG, TOWN, random.Random(1), (0.0, 3600.0), believed=lie))
    assert all(distance(*TOWN.lonlat((5000.0, 0.0)), fix.lon, fix.lat) < 60.0 for fix in fixes)


def test_an_order_binds_but_for_its_suspensions() -> None:
    """From its beginning to its end or the scenario's, without what a court suspended."""
    order = Order("a", "o", "v", 10.0, until=500.0, suspensions=((300.0, 400.0), (0.0, 20.0)))
    assert order.binding(1000.0) == [(20.0, 300.0), (400.0, 500.0)]
    assert order.binding(350.0) == [(20.0, 300.0)]
    assert Order("a", "o", "v").binding(350.0) == [(0.0, 350.0)]


def test_equal_seeds_give_equal_nights() -> None:
    """The same seed gives the same fixes, another seed others."""
    one, two, other = (build("ordinary-night", seed, people=5, hours=0.5) for seed in (1, 1, 2))
    assert list(one.fixes(1)) == list(two.fixes(1))
    assert list(one.fixes(1)) != list(other.fixes(2))


def test_a_scenario_nobody_wrote_is_refused() -> None:
    """The refusal names those there are."""
    with pytest.raises(NotFound, match="unshared-order"):
        build("nothing")


def test_files_are_what_replay_reads(tmp_path: Path) -> None:
    """The command's files pass the readers of `jikimi replay`, and the truth stands beside them."""
    names = {name: str(tmp_path / name) for name in ("fixes", "orders", "events", "truth")}
    options = [word for name, path in names.items() for word in (f"--{name}", path)]
    said = CliRunner().invoke(app, ["simulate", "battery-dead", "--seed", "4", *options])
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert told["exercise"] is True
    rows = recordings.fixes(tmp_path / "fixes")
    assert len(rows) == told["fixes"] > 30
    assert [event.kind for event in recordings.events(tmp_path / "events")] == ["battery", "battery"]
    assert len(recordings.orders(tmp_path / "orders", 0.0)) == 1
    truth = [json.loads(line) for line in (tmp_path / "truth").read_text().splitlines()]
    assert [line["kind"] for line in truth] == ["track", "track", "approach"]
    assert truth[2]["least_m"] == pytest.approx(20.0, abs=1.0)


def test_simulate_says_what_it_needs() -> None:
    """Without files and without an address nothing happens, with a sentence why."""
    said = CliRunner().invoke(app, ["simulate", "walk-up"])
    assert said.exit_code == 2
    assert "--fixes" in said.output
