"""Fixes that may not move the track: refused, invalid, unproven, overtaken. None may stop data age from running.

What is set aside is counted, and what is refused is remembered for a while, so that sending it again changes nothing.
"""

from typing import Final

from jikimi.detect.claims import word
from jikimi.detect.emergencies import hear, stands
from jikimi.detect.facts import Fix, FixFlag
from jikimi.detect.guarding import glimpse_places
from jikimi.detect.judge import glimpse, outlived
from jikimi.detect.late import late
from jikimi.detect.sources import aside
from jikimi.detect.track import Spot, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

GOOD: Final = int(FixFlag.VALID | FixFlag.PROVEN)


def refuse(world: World, subject: Subject, fix: Fix) -> None:
    """Dated ahead of us or impossible: counted, remembered, otherwise nothing."""
    kept = subject.refused or []
    if (fix.t, fix.lon, fix.lat) in kept:
        world.count("fix-duplicate")
        return
    world.doubt(subject, "fix-refused")
    subject.refused = [*kept[1 - world.rules.data.refused_kept :], (fix.t, fix.lon, fix.lat)]


def resent(subject: Subject, t: float, lon: float, lat: float) -> bool:
    """Whether this very fix was refused or set aside before."""
    refused = subject.refused
    if refused is not None and (t, lon, lat) in refused:
        return True
    if subject.past is not None and (t, lon, lat) in subject.past.out:
        return True
    return any(spot.t == t and spot.lon == lon and spot.lat == lat for spot in subject.pending)


def doubtful(world: World, subject: Subject, fix: Fix, received_t: float) -> None:
    """Not called a position by its own device, or from a sender without proof: the latter may raise, and each once."""
    one, kept = (fix.t, fix.lon, fix.lat, fix.flags), subject.shaky or []
    if one in kept:
        world.count("fix-duplicate")
        return
    subject.shaky = [*kept[1 - world.rules.data.refused_kept :], one]
    if fix.flags & FixFlag.PROVEN:
        world.doubt(subject, "fix-invalid")
        hear(world, subject, fix.t, received_t)
        return
    if not fix.flags & FixFlag.VALID:
        world.doubt(subject, "fix-invalid")
        return
    world.doubt(subject, "fix-unproven")
    weak = subject.weak
    newest = max(subject.t, weak.t) if weak is not None else subject.t
    if fix.t <= newest or received_t - fix.t > world.limits.live_s:
        return
    spot = subject.weak = Spot(fix.t, fix.lon, fix.lat, fix.sigma_m, fix.flags)
    for pair, _ in subject.links:
        glimpse(world, pair, subject, spot)
        pair.calm = False


def overtaken(world: World, subject: Subject, fix: Fix, received_t: float) -> None:
    """Older than the newest of its subject: it may raise what is recent, is settled, or judged as late."""
    t, lon, lat = fix.t, fix.lon, fix.lat
    if (t == subject.t and lon == subject.lon and lat == subject.lat) or resent(subject, t, lon, lat):
        world.count("fix-duplicate")
        return
    stands(world, subject, t, f"{lon} {lat}")
    spot = Spot(t, lon, lat, fix.sigma_m, fix.flags)
    if t < world.settler.settled:
        late(world, subject, spot)
        return
    told = fix.flags if fix.speed_mps is None else fix.flags | word(world.limits, fix.speed_mps)
    world.settler.add(subject, Spot(t, lon, lat, fix.sigma_m, told))
    world.count("fix-overtaken")
    apart = distance(lon, lat, subject.lon, subject.lat)
    reach = world.limits.teleport * (subject.t - t) + world.limits.r95 * (fix.sigma_m + subject.sigma)
    if apart > reach:
        aside(world, subject, spot, received_t)
    elif received_t - t <= world.limits.live_s:
        for pair, _ in subject.links:
            glimpse(world, pair, subject, spot)
            outlived(world, pair, subject, spot)
        glimpse_places(world, subject, spot)
