"""What a scenario expects of Jikimi, and whether it came so. It must never be read by what is being tested."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jikimi.simulate.values import Approach, Fix

BOTH, ROOM, OPERATOR, LIST, NOBODY = "both officers", "the 112 room", "the operator", "somebody's list", "nobody"
_TOLD: Final[Mapping[str, str]] = {
    "yes": BOTH, "notify": ROOM, "operator": OPERATOR, "operator-60s-then-yes": OPERATOR, "task": LIST,
    "no": NOBODY,
}  # fmt: skip
HANDLED: Final = frozenset({BOTH, ROOM, OPERATOR})
"""Alerts of these audiences are a person's business, and count."""
GRAVE: Final = frozenset({"P0", "P1"})
UNHANDLED: Final = frozenset({"no", "if-watch", "task"})
"""What a rule's dispatch says when nobody is sent, called or asked at once; a task waits on a list."""
EARLIEST_S: Final = 900.0
LATEST_S: Final = 60.0
"""An approach is seen if an alert that counts is raised from a quarter of an hour before it until a minute after it
began."""
STANDS_S: Final = 1800.0
"""In a scenario, half an hour before."""
GAP_S: Final = 120.0
"""Truth can be seen while both were heard of, in time and at their own time, within this; else it is the silence that is
told."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How often a code is raised, live or in retrospect, over the whole scenario, and to whom it goes (any of ``to``)."""

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


def counts(grade: str, reason: Mapping[str, Any]) -> bool:
    """P0, P1 or handled by a person; rows of evidence grade are for the file and reach nobody."""
    return grade != "evidence" and (reason["priority"] in GRAVE or reason["dispatch"] not in UNHANDLED)


def unseen(begins: Iterable[float], raised: Sequence[float], earliest_s: float = EARLIEST_S) -> list[float]:
    """Beginnings of approaches of which nobody was told in time."""
    return [begin for begin in begins if not any(-earliest_s <= at - begin <= LATEST_S for at in raised)]


def seeable(approaches: Iterable[Approach], fixes: Iterable[Fix]) -> list[Approach]:
    """Approaches at whose beginning both people were being heard of; of a dead or lying device nobody can know one."""
    heard: dict[str, list[float]] = {}
    for fix in fixes:
        if -GAP_S / 4.0 <= fix.received_t - fix.t <= GAP_S:
            heard.setdefault(fix.subject, []).append(fix.t)
    return [
        one for one in approaches
        if all(
            any(-GAP_S <= t - one.begin <= LATEST_S for t in heard.get(who, ()))
            for who in (one.offender, one.victim)
            if who is not None
        )
    ]  # fmt: skip


def complaints(outcome: Outcome, alerts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Where ``alerts`` (lines of `jikimi replay`) differ from what is expected; empty: all as it should be."""
    raised = [alert for alert in alerts if alert["grade"] != "evidence"]
    counted = Counter(alert["code"] for alert in raised)
    named = {one.code: one for one in outcome.expected}
    found: list[str] = []
    for code, one in named.items():
        if counted[code] < one.least or (one.most is not None and counted[code] > one.most):
            found.append(f"{code} came {counted[code]} times, expected {one.least} to {one.most}")
        wrong = {audience(alert) for alert in raised if alert["code"] == code} - set(one.to or HANDLED | {LIST, NOBODY})
        if wrong:
            found.append(f"{code} went to {', '.join(sorted(wrong))}")
    others = {code: count for code, count in counted.items() if code not in named}
    if sum(others.values()) > outcome.others:
        found.append(f"not expected: {others}")
    return found


def missed(approaches: Sequence[Approach], alerts: Iterable[Mapping[str, Any]], t0: float) -> list[Approach]:
    """Approaches of which nobody was told in time."""
    told = [
        ({alert["order"], *alert["also_orders"]}, alert["decided_at"] - t0)
        for alert in alerts
        if counts(alert["grade"], alert["reason"])
    ]
    return [
        one for one in approaches
        if unseen([one.begin], [at for orders, at in told if one.order in orders], STANDS_S)
    ]  # fmt: skip
