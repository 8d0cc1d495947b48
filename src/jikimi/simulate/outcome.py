"""What a scenario expects of Jikimi, and whether it came so. It must never be read by what is being tested."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jikimi.simulate.values import Approach

BOTH, ROOM, OPERATOR, NOBODY = "both officers", "the 112 room", "the operator", "nobody"
_TOLD: Final[Mapping[str, str]] = {
    "yes": BOTH, "notify": ROOM, "operator": OPERATOR, "operator-60s-then-yes": OPERATOR, "no": NOBODY,
}  # fmt: skip
HANDLED: Final = frozenset({BOTH, ROOM, OPERATOR})
"""Alerts of these audiences are a person's business, and count."""
EARLIEST_S: Final = 1800.0
LATEST_S: Final = 60.0
"""An approach is seen if an alert stands from half an hour before it until a minute after it began."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How often a code is raised live over the whole scenario, and to whom it goes (any of ``to``)."""

    code: str
    least: int = 0
    most: int | None = None
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Codes with their bounds; a code that is not named may be raised ``others`` times in all."""

    expected: tuple[Expected, ...]
    others: int = 0


def audience(alert: Mapping[str, Any]) -> str:
    """Whom an alert goes to, by the rule that raised it."""
    return _TOLD.get(str(alert["reason"]["dispatch"]), NOBODY)


def complaints(outcome: Outcome, alerts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Where ``alerts`` (lines of `jikimi replay`) differ from what is expected; empty: all as it should be."""
    live = [alert for alert in alerts if alert["grade"] == "live"]
    counted = Counter(alert["code"] for alert in live)
    named = {one.code: one for one in outcome.expected}
    found: list[str] = []
    for code, one in named.items():
        if counted[code] < one.least or (one.most is not None and counted[code] > one.most):
            found.append(f"{code} came {counted[code]} times, expected {one.least} to {one.most}")
        wrong = {audience(alert) for alert in live if alert["code"] == code} - set(one.to or HANDLED | {NOBODY})
        if wrong:
            found.append(f"{code} went to {', '.join(sorted(wrong))}")
    others = {code: count for code, count in counted.items() if code not in named}
    if sum(others.values()) > outcome.others:
        found.append(f"not expected: {others}")
    return found


def missed(approaches: Sequence[Approach], alerts: Iterable[Mapping[str, Any]], t0: float) -> list[Approach]:
    """Approaches of which nobody was told in time."""
    told = [(a["order"], *a["also_orders"], a["decided_at"] - t0) for a in alerts if audience(a) in HANDLED]
    return [
        one for one in approaches
        if not any(one.order in heard[:-1] and -EARLIEST_S <= heard[-1] - one.begin <= LATEST_S for heard in told)
    ]  # fmt: skip
