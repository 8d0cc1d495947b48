"""A receiver that repeats one position while its wearer moves. It must never take real rest for a fault, nor lower.

Devices at rest repeat coordinates, and that is no reason for anything. Only when the very same position, error and all,
comes again and again while the device itself reports speed or steps, or the other party's hears it elsewhere, the
position counts for nothing: its age runs on, and the loss of location is told as any other.
"""

from bisect import insort
from math import inf
from typing import Final

from jikimi.detect.facts import Fix
from jikimi.detect.history import Past
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_WORDS: Final = 64
"""Most words a subject waits with; a bound on memory, not a rule."""


class Run:
    """The same position so far: how many fixes, how many speak against it since when, and when it was last seen true."""

    __slots__ = ("against", "count", "seen", "since")

    def __init__(self) -> None:
        self.count, self.against, self.since, self.seen = 1, 0, inf, NEVER


def repeated(world: World, subject: Subject, fix: Fix, seen: float) -> None:
    """A believed fix with the very position and error of the one before; ``seen``: counted time of that one."""
    rule = world.rules.stuck
    run = subject.run = subject.run or Run()
    run.count += 1
    fast = fix.speed_mps is not None and fix.speed_mps >= rule.speed_mps
    if fast or (subject.moving > NEVER and fix.t - subject.moving >= rule.motion_s):
        _against(run, fix.t, seen)
    if subject.stuck:
        subject.seen = run.seen
    elif run.count >= rule.points and run.against >= rule.against and fix.t - run.since >= rule.after_s:
        _stick(world, subject, run)


def elsewhere(world: World, subject: Subject, t: float) -> None:
    """The other party's device hears theirs, and their positions are apart: a repeated one is wrong at once."""
    run = subject.run
    if run is not None and run.count >= world.rules.stuck.points and not subject.stuck:
        _against(run, t, subject.seen)
        _stick(world, subject, run)


def _against(run: Run, t: float, seen: float) -> None:
    run.against += 1
    if run.since == inf:
        run.since, run.seen = t, seen


def _stick(world: World, subject: Subject, run: Run) -> None:
    subject.seen, subject.stuck, subject.vague = run.seen, True, True
    world.count("position-stuck")


def moved(subject: Subject) -> None:
    """The position changed: what it says counts again."""
    subject.run, subject.stuck = None, False


def word(subject: Subject, t: float, beside: str, *, moves: bool = True) -> None:
    """Somebody's moving was felt at ``t`` by their own device, or they were heard ``beside`` another."""
    words = subject.words = subject.words or []
    told = (t, beside, moves)
    if told not in words:
        insort(words, told)
        del words[:-_WORDS]


def doubted(world: World, subject: Subject, past: Past, at: tuple[float, float, float], *, moves: bool) -> bool:
    """Whether a settled fix (time, longitude, latitude) repeats the one before it although something speaks of moving.

    ``moves``: its own device says so. Once it is doubted a position is until it changes.
    """
    t, lon, lat = at
    again = past.repeats(lon, lat)
    since = past.last
    heard = [] if subject.words is None else [told for told in subject.words if told[0] <= t]
    felt = [told for told in heard if not told[1]]
    elsewhere = again and any(_apart(world, subject, told, lon, lat) for told in heard if told[1] and told[0] > since)
    if subject.words is not None:
        # The last of them stays: one that comes a second time must not speak against it.
        subject.words = [*felt[-1:], *subject.words[len(heard) :]] or None
    past.doubted = again and (past.doubted or moves or elsewhere or (bool(felt) and felt[-1][2]))
    return past.doubted


def _apart(world: World, subject: Subject, told: tuple[float, str, bool], lon: float, lat: float) -> bool:
    """Whether whom they were heard beside was far from there."""
    for _, other in subject.links:
        if other.id == told[1] and other.past is not None:
            spot = other.past.at(told[0], world.rules.evidence.bridge_s)
            return spot is not None and distance(lon, lat, spot.lon, spot.lat) > world.rules.stuck.apart_m
    return False
