"""A receiver that repeats one position while its wearer moves. It must never take real rest for a fault, nor lower.

Devices at rest repeat coordinates, and that is no reason for anything. Only when the very same position, error and all,
comes again and again while the device itself reports speed or steps, or the other party's hears it elsewhere, the
position counts for nothing: its age runs on, and the loss of location is told as any other.
"""

from math import inf

from jikimi.detect.facts import Fix
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World


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
