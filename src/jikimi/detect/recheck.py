"""Pairs that the next fix has looked at, whatever the bounds of the hot path say. It must never lower anything itself."""

from jikimi.detect import alerts
from jikimi.detect.custody import heed
from jikimi.detect.pair import FRESH
from jikimi.detect.silence import look
from jikimi.detect.standing import pairs_of
from jikimi.detect.track import Subject
from jikimi.detect.world import World


def again(world: World, subject: Subject) -> None:
    """After a believed fix of somebody of whom something was not known well enough."""
    poor = subject.vague = subject.stuck or subject.sigma > world.limits.dim_m
    for pair in pairs_of(subject):
        if pair.held and pair.offender is subject:
            heed(world, pair)
            subject.vague = subject.vague or pair.held
        if poor or pair.knowledge != FRESH:
            look(world, pair)
            alerts.show(world, pair, subject.t)
