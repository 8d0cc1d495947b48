"""Two live sources for one person: a device left at home and a tag, or a copied key. Neither may vouch for the other.

A fix that is an impossible jump is remembered as a rival of the track. If a believed fix contradicts it and another
comes that goes on from it, two sources are alive: A14 at once. From then on either may raise and neither lowers or
refreshes anything, until one of the two has been silent for a while.
"""

from typing import Final

from jikimi.detect import alerts, silence
from jikimi.detect.judge import against, glimpse, level_of
from jikimi.detect.limits import BREACH, DANGER
from jikimi.detect.pair import ARMED, NONE, SUSPENDED, UNKNOWN, Pair
from jikimi.detect.standing import pairs_of
from jikimi.detect.track import Rival, Spot, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_KEPT: Final = 8
"""Most rivals remembered of a person; a bound on memory, not a rule."""


def aside(world: World, subject: Subject, spot: Spot, now: float) -> bool:
    """Take a fix that cannot be of the same body as the track; True if it shows, or goes on with, a second source."""
    limit = world.rules.data.two_sources_s
    live = now - spot.t <= world.limits.live_s
    kept = [rival for rival in subject.rivals or () if spot.t - rival.t <= limit]
    match = next((rival for rival in kept if _goes_on(world, subject, rival, spot)), None) if live else None
    if match is not None:
        kept.remove(match)
    since = None if match is None else match.against
    subject.rivals = [*kept[1 - _KEPT :], Rival(spot.t, spot.lon, spot.lat, spot.sigma, since)]
    if match is not None:
        _split(world, subject, spot)
        for pair, _ in subject.links:
            glimpse(world, pair, subject, spot, "suspect")
        return True
    if live:
        for pair, _ in subject.links:
            _perhaps(world, pair, subject, spot)
    return False


def hop(world: World, subject: Subject, spot: Spot) -> None:
    """Move the track to the other source, which reported last; where it was is the rival now."""
    here = Rival(subject.t, subject.lon, subject.lat, subject.sigma, spot.t)
    others = [r for r in subject.rivals or () if r.t != spot.t or r.lon != spot.lon or r.lat != spot.lat]
    subject.rivals = [*others[1 - _KEPT :], here]
    subject.hop(spot.t, spot.lon, spot.lat, spot.sigma, spot.flags)
    world.count("fix-second-source")


def believed(world: World, subject: Subject, left: Spot | None) -> None:
    """After a believed fix: it contradicts rivals it cannot have come from, and the track ``left`` is one of them."""
    limit = world.rules.data.two_sources_s
    kept: list[Rival] = []
    if left is not None and not _same(world, left.t, left.lon, left.lat, left.sigma, subject):
        kept.append(Rival(left.t, left.lon, left.lat, left.sigma, subject.t))
        _jumped(world, subject)
    for rival in subject.rivals or ():
        if subject.t - rival.t > limit:
            continue
        if rival.against is not None:
            kept.append(rival)
        elif not _same(world, rival.t, rival.lon, rival.lat, rival.sigma, subject):
            kept.append(rival if rival.t > subject.t else rival._replace(against=subject.t))
    subject.rivals = kept or None
    if not any(rival.against is not None for rival in kept):
        _clear(world, subject, "A14@", suffix="-jump")
    if subject.split is None:
        _clear(world, subject, "A11@")
    elif all(rival.against is None for rival in kept):
        subject.split = None
        _clear(world, subject, "A11@", "A14@")


def _jumped(world: World, subject: Subject) -> None:
    """A14 where they were near: two fixes agree on a way nobody can have gone. The rings stay as they are meanwhile."""
    for pair, _ in subject.links:
        party = _party(pair, subject)
        if pair.ring >= DANGER and pair.mode == ARMED:
            reason = alerts.grounds(world, "A14", "impossible-motion", party=party, by=subject.id, dispatch="yes")
            alerts.begin(world, pair, "A14", f"A14@{party}-jump", (subject.id, subject.t, "jump"), subject.t, reason)


def _same(world: World, t: float, lon: float, lat: float, sigma: float, to: Spot) -> bool:
    """Whether one body can have been at both."""
    reach = world.limits.teleport * abs(to.t - t) + world.limits.r95 * (sigma + to.sigma)
    return distance(lon, lat, to.lon, to.lat) <= reach


def _goes_on(world: World, subject: Subject, rival: Rival, spot: Spot) -> bool:
    """Whether ``spot`` follows a rival that a believed fix has contradicted since, and is nearer to it than to us.

    The latter keeps somebody on a fast train, who always leaves the old track behind, from being two.
    """
    if rival.against is None or spot.t <= rival.against:
        return False
    if not _same(world, rival.t, rival.lon, rival.lat, rival.sigma, spot):
        return False
    there = distance(rival.lon, rival.lat, spot.lon, spot.lat)
    return there < distance(subject.lon, subject.lat, spot.lon, spot.lat)


def _split(world: World, subject: Subject, spot: Spot) -> None:
    """A14 on every pair of the person, once an episode."""
    if subject.split is None:
        subject.split = spot.t
    for pair in pairs_of(subject):
        party = _party(pair, subject)
        key = f"A14@{party}"
        if key in pair.open or pair.mode in (NONE, SUSPENDED):
            continue
        pair.calm = False
        reason = alerts.grounds(world, "A14", "two-sources", party=party, by=subject.id, dispatch="operator")
        alerts.begin(world, pair, "A14", key, (subject.id, subject.split), spot.t, reason)


def _perhaps(world: World, pair: Pair, subject: Subject, spot: Spot) -> None:
    """One impossible jump beside her: the pair is UNKNOWN and an operator looks, at once.

    It is no A02: a single wild fix is as often a receiver's error, and a unit sent on it is missing elsewhere. A
    second one that agrees is, whether it comes next (the track follows) or between fixes of the old track (A14).
    """
    told = pair.ring >= BREACH and spot.t - pair.told_t <= world.rules.data.renew_s
    if pair.victim is None or pair.mode != ARMED or told:
        return
    party = _party(pair, subject)
    key = f"A11@{party}"
    m = against(world, pair, subject, spot)
    least = BREACH if pair.ring >= BREACH else max(DANGER, pair.ring + 1)
    if key in pair.open or m is None or level_of(pair, m, world.limits) < least:
        return
    pair.calm = False
    if pair.ring < BREACH:
        pair.knowledge = UNKNOWN
        alerts.show(world, pair, spot.t)
    reason = alerts.grounds(
        world, "A11", "suspect-near", party=party, suspect_distance_m=m.distance_m, by=subject.id, dispatch="operator",
    )  # fmt: skip
    his = subject is pair.offender
    alerts.begin(
        world, pair, "A11", key, (subject.id, spot.t), spot.t, reason,
        offender=spot if his else None, victim=None if his else spot,
    )  # fmt: skip
    silence.reschedule(world, pair)


def _clear(world: World, subject: Subject, *codes: str, suffix: str = "") -> None:
    for pair in pairs_of(subject):
        for key in (code + _party(pair, subject) + suffix for code in codes):
            if key in pair.open:
                alerts.end(world, pair, key, subject.t)
                silence.look(world, pair)
                alerts.show(world, pair, subject.t)


def _party(pair: Pair, subject: Subject) -> str:
    return "offender" if pair.offender is subject else "victim"
