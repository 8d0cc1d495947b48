"""What is learned from how a device reports, on the rare fix that shows anything. It must never cost the ordinary one.

Too coarse to place anybody, the very same position again, a long gap, or something learned before: the hot path asks
for these four by a comparison each, and comes here for the rest.
"""

from jikimi.detect.covering import blur
from jikimi.detect.facts import Fix
from jikimi.detect.rhythm import note
from jikimi.detect.stuck import moved, repeated
from jikimi.detect.track import Spot, Subject
from jikimi.detect.world import World


def heed(world: World, subject: Subject, fix: Fix, before: Spot, seen: float) -> float:
    """After a believed fix; returns the sigma (m) it is held to. ``before``: the one before it, known at ``seen``."""
    sigma = fix.sigma_m
    before.sigma = before.sigma if subject.claim is None else subject.claim
    if sigma > world.limits.dim_m:
        blur(subject, before, world.limits.coarse_m)
    if fix.lon == before.lon and fix.lat == before.lat and sigma == before.sigma and before.t < fix.t:
        repeated(world, subject, fix, seen)
    else:
        moved(subject)
    note(world, subject, fix.t - before.t)
    lesson = subject.lesson
    subject.claim = sigma if lesson is not None and lesson.floor > sigma else None
    if lesson is not None:
        subject.sigma = max(sigma, lesson.floor)
    behind = 0.0 if subject.clock is None else subject.clock.lag
    subject.odd = lesson is not None or subject.run is not None or subject.gaps is not None or behind != 0.0
    if behind < 0.0:
        subject.seen = seen
    elif behind and subject.split is None:
        subject.seen = min(subject.seen, fix.t - behind - world.lost)
    return subject.sigma
