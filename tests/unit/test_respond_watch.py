"""Which role is behind is told from when it was last seen to get on, whatever it says."""

from jikimi.respond.watch import LATE_S, WATCHED, Beat, Watch


class Hand:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_role_that_is_never_heard_is_behind_and_says_for_how_long() -> None:
    """From the start on, each for itself."""
    hand = Hand()
    watch = Watch(hand)
    hand.at += LATE_S
    assert watch.behind() == {}
    watch.heard(Beat("respond", 1))
    hand.at += 2
    assert watch.behind() == dict.fromkeys({"intake", "detect"}, LATE_S + 2)
    assert set(watch.behind()) < set(WATCHED)


def test_a_detector_that_beats_and_passes_nothing_is_behind() -> None:
    """A loop that turns is not progress: where there are ticks, ticks count; where there are none, beats do."""
    hand = Hand()
    watch = Watch(hand)
    for count in range(10):
        watch.heard(Beat("detect", count, seq=7, at=50.0))
        watch.heard(Beat("intake", count, seq=count, at=50.0 + count))
        watch.heard(Beat("respond", count))
        hand.at += 1
    assert watch.behind() == {"detect": 10.0}
    watch.heard(Beat("detect", 0, seq=8, at=51.0))
    assert watch.behind() == {}
