"""How often a device really reports. It must never take a device that fell silent for one that speaks seldom.

Expected is what its record says. A device that keeps to a slower rhythm, gap after gap alike, is expected at that
rhythm, within a bound, until it once speaks as often as it should; whatever is asked of it then holds again.
"""

from jikimi.detect.track import Subject
from jikimi.detect.world import World


def note(world: World, subject: Subject, gap_s: float) -> None:
    """After a believed fix ``gap_s`` later than the one before, where that is slow or slow ones came before."""
    rule = world.rules.rhythm
    if gap_s <= subject.slow:
        subject.gaps, subject.interval = None, subject.asked
        return
    if gap_s > rule.spread * rule.most_s:
        return
    gaps = subject.gaps = [*(subject.gaps or ())[1 - rule.gaps :], gap_s]
    even = len(gaps) == rule.gaps and max(gaps) <= rule.spread * min(gaps)
    subject.interval = max(subject.asked, min(rule.most_s, max(gaps))) if even else subject.asked


def expect(world: World, subject: Subject, interval_s: float) -> None:
    """What the record of a device says from now on."""
    subject.gaps, subject.asked, subject.interval = None, interval_s, interval_s
    subject.slow = world.rules.rhythm.slow * interval_s
