"""Who left and came back is told of again; who never moved is not, whatever a receiver says."""

from itertools import pairwise
from math import sqrt
from random import Random

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, fix, order, span

from jikimi.detect.again import gather, strayed
from jikimi.detect.track import Spot


def both(scene: Scene, until: int, every: int, way: list[tuple[float, float]], sigma: float = 7.0) -> None:
    """He goes along ``way`` (seconds, metres), straight between its knots, she stays; both report ``every`` seconds."""
    for at in range(0, until, every):
        scene.sees(fix(HER, at, 0, sigma=sigma))
        for (t, x), (then, there) in pairwise(way):
            if t <= at + 1 <= then:
                east = x + (there - x) * (at + 1 - t) / (then - t)
        scene.sees(fix(HIM, at + 1, east, sigma=sigma))


@pytest.mark.parametrize("every", [5, 15, 60])
@pytest.mark.parametrize("away", [130.0, 160.0, 190.0])
def test_who_stepped_outside_for_hours_and_comes_again_is_told_again(every: int, away: float) -> None:
    """However near outside he waited, and however often their devices report."""
    scene = Scene(order())
    both(
        scene, 11_000, every, [(0, 1500), (1060, 20), (1300, 20), (1400, away), (9000, away), (9100, 20), (11_000, 20)]
    )
    first, second = [a for a in scene.alerts("A02") if a.grade == "live"]
    assert (first.reason["rule"], second.reason["rule"]) == ("ring", "renewed")
    assert 9000 < second.decided_at % 100_000 < 9100 + 60


def test_who_waited_outside_with_a_coarse_receiver_is_told_by_looks_that_weigh_enough() -> None:
    """Nobody can say that he walked; that he was outside for hours, and is inside, they can."""
    scene = Scene(order())
    both(
        scene,
        9000,
        60,
        [(0, 1500), (1060, 60), (1300, 60), (1400, 190), (7000, 190), (7100, 10), (9000, 10)],
        sigma=33.0,
    )
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["ring", "renewed"]


def jittered(scene: Scene, away: float, sigma: float, hours: float, every: int = 60, seed: int = 1) -> None:
    """Neither moves; each position is off by an error of its own."""
    chance = Random(seed)
    for at in range(0, int(3600 * hours), every):
        for who, east in ((HIM, away), (HER, 0.0)):
            place = (east + chance.gauss(0, sigma), chance.gauss(0, sigma))
            scene.sees(fix(who, at + (every / 5 if who == HER else 0.0), *place, sigma=sigma))


def test_who_parks_at_the_edge_is_not_told_of_all_night() -> None:
    """Eight hours at 110 m with errors of 20 m that jump: a few times, and each is worth a look."""
    scene = Scene(order())
    jittered(scene, 110.0, 20.0, 8)
    assert 1 <= len(scene.alerts("A02")) <= 4


@pytest.mark.parametrize(("every", "sigma", "most"), [(5, 5.0, 2), (15, 10.0, 2), (15, 20.0, 2), (60, 15.0, 5)])
@pytest.mark.parametrize("away", [60.0, 90.0, 110.0, 130.0])
def test_the_thousands_of_points_of_a_night_are_not_each_a_chance_to_be_told(
    away: float, every: int, sigma: float, most: int
) -> None:
    """The more often both report, the less one of their errors says; of points a minute apart each says a little."""
    scene = Scene(order())
    jittered(scene, away, sigma, 6, every)
    assert (away < 120) <= len([a for a in scene.alerts("A02") if a.grade == "live"]) <= most


def test_who_comes_back_behind_coarse_positions_is_told_within_two_minutes() -> None:
    """He never was so far that he surely left; every point of a minute says that he is near."""
    scene = Scene(order())
    both(
        scene,
        6000,
        30,
        [(0, 1500), (1060, 70), (1300, 70), (1380, 150), (5000, 150), (5100, 15), (6000, 15)],
        sigma=20.0,
    )
    first, second = [a for a in scene.alerts("A02") if a.grade == "live"]
    assert second.reason["rule"] == "renewed"
    assert second.decided_at - first.decided_at > 3000
    assert second.decided_at % 100_000 < 5050 + 120


@pytest.mark.parametrize(("home", "sigma"), [(150.0, 27.0), (130.0, 20.0), (115.0, 13.0)])
def test_a_neighbour_who_comes_to_her_door_again_is_told_each_time(home: float, sigma: float) -> None:
    """By where he stayed when it was told, not by where he was first seen within the radius."""
    scene = Scene(order())
    way: list[tuple[float, float]] = [(0, home)]
    for come in (600, 4000, 8000):
        way += [(come, home), (come + 100, 20), (come + 700, 20), (come + 800, home)]
    both(scene, 9400, 30, [*way, (9400, home)], sigma=sigma)
    told = [a.decided_at % 100_000 for a in scene.alerts("A02") if a.grade == "live"]
    for come in (4000, 8000):
        assert any(come - 900 < at <= come + 100 + 60 for at in told), told


@pytest.mark.parametrize("sigma", [13.0, 30.0])
def test_who_parked_at_the_edge_for_half_an_hour_and_walks_up_is_told_again(sigma: float) -> None:
    """What was told of him was that he stood there."""
    scene = Scene(order())
    both(scene, 2700, 30, [(0, 110), (1800, 110), (1870, 10), (2700, 10)], sigma=sigma)
    *_, last = [a for a in scene.alerts("A02") if a.grade == "live"]
    assert 1800 < last.decided_at % 100_000 <= 1870 + 120


def test_who_lives_near_her_and_sets_out_for_her_again_is_told_before_he_is_there() -> None:
    """The ring he never leaves was told of long ago; the way he takes now is news."""
    scene = Scene(order())
    way: list[tuple[float, float]] = [
        (0, 1400),
        (500, 430),
        (600, 430),
        (700, 560),
        (6000, 560),
        (6300, 120),
        (6310, 120),
    ]
    both(scene, 6300, 30, way)
    first, second = scene.alerts("A06")
    assert second.decided_at - first.decided_at > 5000
    assert 6000 < second.decided_at % 100_000 <= 6000 + 150


def test_who_lives_a_little_over_five_hundred_metres_away_is_told_of_a_few_times_a_day() -> None:
    """Distance alone is no news of somebody who has not moved since it was told."""
    scene = Scene(order())
    jittered(scene, 560.0, 20.0, 24)
    assert 1 <= len(scene.alerts("A06")) <= 5


def test_who_moved_meanwhile_is_told_of_by_distance_again() -> None:
    """Away and back at the same 400 m within the hours: it is news, at rest too."""
    scene = Scene(order())
    both(scene, 7000, 60, [(0, 400), (1200, 400), (2400, 3000), (4000, 3000), (6000, 420), (7000, 420)])
    assert len(scene.alerts("A06")) == 2


def test_an_order_that_begins_beside_her_is_told_once() -> None:
    """Time nobody was guarded from is no gap in what was known."""
    scene = Scene(order(start=1_800_003_600.0))
    scene.stand(0, 9000, (50, 0), (0, 0))
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["already-inside"]


def test_the_end_of_a_pause_beside_her_is_told_once() -> None:
    """The same where a court let them meet for an hour."""
    scene = Scene(order(suspensions=[span(0, 3600)]))
    scene.stand(0, 9000, (50, 0), (0, 0))
    assert [a.reason["rule"] for a in scene.alerts("A02")] == ["already-inside"]


@pytest.mark.parametrize(("every", "sigma"), [(5, 7.0), (60, 30.0)])
def test_a_walker_is_seen_to_walk_however_often_the_device_reports(every: int, sigma: float) -> None:
    """Straight at her on foot: he is the one who comes, and the police hear it at a kilometre."""
    scene = Scene(order())
    both(scene, 1500, every, [(0, 1500), (1060, 20), (1500, 20)], sigma=sigma)
    (notice,), (danger,) = scene.alerts("A07"), scene.alerts("A06")
    assert {notice.attribution, danger.attribution} == {"OFFENDER_APPROACH"}
    assert notice.time_to_contact_s == pytest.approx(1000 / 1.4, rel=0.25)


def test_an_approach_from_farther_than_the_ring_is_not_told_as_within_it() -> None:
    """A ring that is only held for its time of grace is not the distance that is told."""
    scene = Scene(order())
    both(scene, 1500, 30, [(0, 900), (600, 900), (720, 2700), (1057, 10), (1500, 10)])
    assert all(a.distance_m is not None and a.distance_m <= 1000 + 2 * sqrt(2) * 7 for a in scene.alerts("A07"))


def test_where_somebody_stayed_is_one_place_across_the_date_line() -> None:
    """The mean of 179.9999 and -179.9999 degrees is not on the other side of the Earth."""
    stood = [179.9999, 0.0, 1.0]
    gather(stood, 0, Spot(T0, -179.9999, 0.0, 7.0, 3))
    assert strayed(stood, 0, Spot(T0, 180.0, 0.0, 7.0, 3)) < 0.1
