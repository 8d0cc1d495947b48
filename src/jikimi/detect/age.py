"""How old what is known is. It must never run on anything but counted ticks."""

from jikimi.detect.track import Subject
from jikimi.detect.world import World


def counted(world: World) -> float:
    """The counted time: the last tick less the ticks that never came; it never goes back."""
    return world.tick - world.lost


def stale(world: World, subject: Subject) -> bool:
    """Whether what is known of a subject is older than it may be."""
    return counted(world) - subject.seen >= world.rules.data.stale_intervals * subject.interval
