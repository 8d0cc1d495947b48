"""What counts, and against what: the same rule for us and for those we are compared with.

An alert counts if it is P0 or P1 or a person handles it. It must never count less because it is ours.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

from jikimi.cli.bench.quality_tracks import Stay
from jikimi.detect.decisions import Alert
from jikimi.simulate import outcome

AFTER_S: Final = 900.0
"""What is raised up to a quarter of an hour after an approach belongs to it."""


def counts(alert: Alert) -> bool:
    """Whether an alert counts."""
    return outcome.counts(alert.grade, alert.reason)


def beyond(stays: Sequence[Stay], raised: Iterable[float]) -> list[float]:
    """What was raised outside of every true approach."""
    return [
        at for at in raised if not any(begin - outcome.EARLIEST_S <= at <= end + AFTER_S for begin, end, _ in stays)
    ]


def opened(raised: Iterable[float]) -> int:
    """How many incidents a pair's alerts come to, where each joins what was opened at most a quarter of an hour before it."""
    count, since = 0, -inf
    for at in sorted(raised):
        if at - since > AFTER_S:
            count, since = count + 1, at
    return count


@dataclass(slots=True)
class Tally:
    """What came of many pair-days."""

    pair_days: int = 0
    approaches: int = 0
    missed: int = 0
    counted: int = 0
    """Counted alerts beyond true approaches."""
    quiet_days: int = 0
    """Pair-days without a true approach."""
    counted_quiet: int = 0
    tasks: int = 0
    """What only went on somebody's list, and is counted apart."""
    disturbed_days: int = 0
    """Quiet pair-days with any counted alert."""
    opened_quiet: int = 0
    """Of what was counted on them, what did not join an incident of the pair opened within the quarter of an hour before."""
    apart_days: int = 0
    """Pair-days on which neither was ever known to be so near the other that a rule dispatches for the distance alone."""
    counted_apart: int = 0
    false_evidence: int = 0
    """Breaches of evidence grade on days nobody came nearer than the radius and 20 m."""
    why: Counter[str] = field(default_factory=Counter)
    earliest_s: float = outcome.EARLIEST_S

    def add(self, stays: Sequence[Stay], raised: Sequence[float], *, apart: bool = False) -> tuple[int, int]:
        """Take one pair-day with its counted alerts; returns how many approaches were missed and alerts beyond.

        ``apart``: neither came within the distance that is an alert by itself.
        """
        lost, more = (
            len(outcome.unseen([begin for begin, _, _ in stays], raised, self.earliest_s)),
            len(beyond(stays, raised)),
        )
        self.pair_days += 1
        self.approaches += len(stays)
        self.missed += lost
        self.counted += more
        if not stays:
            self.quiet_days += 1
            self.counted_quiet += more
            self.disturbed_days += more > 0
            self.opened_quiet += opened(raised)
        if apart:
            self.apart_days += 1
            self.counted_apart += more
        return lost, more

    def told(self) -> dict[str, object]:
        """The tally as it is printed."""
        return {
            "pair_days": self.pair_days, "approaches": self.approaches, "missed": self.missed,
            "counted": self.counted, "per_pair_day": _rate(self.counted, self.pair_days),
            "tasks_per_pair_day": _rate(self.tasks, self.pair_days),
            "quiet_pair_days": self.quiet_days, "per_quiet_pair_day": _rate(self.counted_quiet, self.quiet_days),
            "quiet_pair_days_disturbed": self.disturbed_days,
            "incidents_per_quiet_pair_day": _rate(self.opened_quiet, self.quiet_days),
            "pair_days_apart": self.apart_days, "per_pair_day_apart": _rate(self.counted_apart, self.apart_days),
            "false_evidence": self.false_evidence,
            "counted_by_rule": dict(self.why.most_common()),
        }  # fmt: skip


def _rate(count: int, of: int) -> float | None:
    return round(count / of, 4) if of else None


def together(tallies: Iterable[Tally]) -> tuple[int, int]:
    """Missed and counted over several tallies."""
    held = list(tallies)
    return sum(one.missed for one in held), sum(one.counted for one in held)


def beside(ours: tuple[int, int], theirs: Mapping[str, tuple[int, int]]) -> dict[str, object]:
    """Missed and counted of every rule, and which are better than ours: in both, or in one at no great price.

    No great price: the other is not worse than twice ours.
    """
    a, b = ours
    return {
        "ours": {"missed": a, "counted": b},
        "rules": [{"rule": name, "missed": x, "counted": y} for name, (x, y) in theirs.items()],
        "better_in_both": [name for name, (x, y) in theirs.items() if x < a and y < b],
        "better_in_one": [name for name, (x, y) in theirs.items() if (x < a and y <= 2 * b) or (y < b and x <= 2 * a)],
    }
