"""Whether not knowing that was told is news again: somebody has moved since, or come nearer. It must never be a receiver's noise.

The error of then counts as much as that of now, and every point for a while must show it: one of a night's thousands says
nothing.
"""

from math import hypot, inf
from typing import Final

from jikimi.detect.age import counted, stale
from jikimi.detect.covering import precise
from jikimi.detect.pair import Pair
from jikimi.detect.track import Spot
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_WHEN: Final = 0
_AWAY: Final = 1
_NEAR: Final = 2
_FAR: Final = 3
_LEAST: Final = 4
_SPOTS: Final = 5
_EACH: Final = 4
"""What is kept of each party: longitude, latitude, sigma, and since when every point has shown them elsewhere."""


def keep(world: World, pair: Pair, key: str, away_m: float) -> None:
    """Remember where everybody was as ``key`` was told, he ``away_m`` from whom or what it is about."""
    spots = [precise(world, party) for party in pair.parties()]
    parts = (part for spot in spots for part in (spot.lon, spot.lat, spot.sigma, inf))
    pair.unsure[key] = [counted(world), away_m, inf, inf, inf, *parts]


def watch(world: World, pair: Pair, key: str, away_m: float) -> None:
    """Note what the points of now show; who has gone twice as far for long enough can come nearer again."""
    kept = pair.unsure[key]
    at = _at(world, pair)
    if at == -inf:
        return
    error_m = hypot(*(party.sigma for party in pair.parties()))
    near_m = min(0.5 * kept[_AWAY], kept[_AWAY] - error_m)
    near_m = near_m if near_m < inf else world.rules.silence.unknown_within_m
    kept[_NEAR] = _since(kept[_NEAR], at, seen=away_m < near_m)
    far_m = max(2.0 * kept[_AWAY], kept[_AWAY] + error_m)
    kept[_FAR] = _since(kept[_FAR], at, seen=away_m >= far_m)
    kept[_LEAST] = min(kept[_LEAST], away_m) if kept[_FAR] < inf else inf
    if at - kept[_FAR] >= world.rules.data.renew_s:
        kept[_AWAY], kept[_FAR], kept[_LEAST] = kept[_LEAST], inf, inf
    for place, party in enumerate(pair.parties()):
        since = _SPOTS + _EACH * place + 3
        kept[since] = _since(kept[since], party.t, seen=_elsewhere(world, kept, place, precise(world, party)))


def _at(world: World, pair: Pair) -> float:
    """The time up to which both have spoken, or the one of them who speaks; nobody's, if neither does."""
    return min((party.t for party in pair.parties() if not stale(world, party)), default=-inf)


def _since(since: float, at: float, *, seen: bool) -> float:
    return min(since, at) if seen else inf


def _elsewhere(world: World, kept: list[float], place: int, spot: Spot) -> bool:
    """Whether a spot is elsewhere than then, by more than both errors."""
    lon, lat, sigma, _ = kept[_SPOTS + _EACH * place :][:_EACH]
    least_m = max(world.rules.exit.margin_m, world.rules.again.moved_sigmas * hypot(spot.sigma, sigma))
    return distance(spot.lon, spot.lat, lon, lat) > least_m


def age(world: World, pair: Pair, key: str) -> float:
    """Counted seconds since ``key`` was last told; infinite if it never was."""
    return counted(world) - pair.unsure[key][_WHEN] if key in pair.unsure else inf


def far(world: World, pair: Pair, key: str) -> bool:
    """Whether it was told as of somebody who is not near."""
    return world.rules.silence.unknown_within_m < pair.unsure[key][_AWAY] < inf


def nearer(world: World, pair: Pair, key: str) -> bool:
    """Whether he has been half as far, or less, for as long as not knowing lasts before it is told."""
    return key in pair.unsure and _at(world, pair) - pair.unsure[key][_NEAR] >= world.rules.data.unknown_after_s


def moved(world: World, pair: Pair, key: str) -> bool:
    """Whether either of them has been elsewhere for a while."""
    kept, lasts_s = pair.unsure[key], world.rules.again.lasts_s
    parties = enumerate(pair.parties())
    return any(party.t - kept[_SPOTS + _EACH * place + 3] >= lasts_s for place, party in parties)


def surely(world: World, pair: Pair, key: str, away_m: float) -> bool:
    """Whether a single point of his says so already: for what is asked seldom, and cannot wait for another."""
    kept, o = pair.unsure[key], pair.offender
    gap_m = world.rules.again.walked_sigmas * hypot(o.sigma, kept[_SPOTS + 2])
    return _elsewhere(world, kept, 0, o) or away_m < min(0.5 * kept[_AWAY], kept[_AWAY] - gap_m)
