"""Cases small enough to be worked by hand, as a prosecutor would: who stood where when, what is told, and why.

Metres east of one point, seconds from one moment, positions within about ten metres (7 m a coordinate). The order says a
hundred metres, from the first second on. Every number of the third column can be had with a pencil.
"""

from typing import Any, NamedTuple

import pytest
from tests.unit.detect.scene import HER, HIM, T0, Scene, circle, fix, order, span


class Case(NamedTuple):
    """His and her way, what is told of it (code, seconds, grade), and the reckoning."""

    his: tuple[tuple[float, float], ...]
    hers: tuple[tuple[float, float], ...]
    told: tuple[tuple[str, float, str], ...]
    because: str
    changes: dict[str, Any] = {}  # noqa: RUF012 - never written


HERE = tuple((60.0 * minute, 0.0) for minute in range(6))
HOME = [circle("home", "home", 5000, radius_m=100.0)]
CASES: dict[str, Case] = {
    "beside her": Case(
        ((0, 30), (60, 30)), HERE[:2], (("A02", 0, "live"), ("A02", 60, "evidence")),
        "30 m is 70 m inside the radius and seven errors of 10 m: told at the first fix, proven at the second, a minute on",
    ),
    "one fix beside her": Case(
        ((0, 30), (60, 900)), HERE[:2], (("A02", 0, "live"),),
        "one witness is enough to send help and not enough to prove",
    ),
    "at the line": Case(
        ((0, 100), (60, 100)), HERE[:2], (("A02", 0, "live"),),
        "at 100 m it is as likely as not (0.49 is over 0.3): told, and far from the 0.95 of a proof",
    ),
    "just outside": Case(
        ((0, 121), (60, 121)), HERE[:2], (("A06", 0, "live"),),
        "121 m is two errors beyond: no breach; within 500 m it is danger",
    ),
    "a kilometre and a half": Case(
        ((0, 1500), (60, 1500)), HERE[:2], (("A08", 60, "live"),),
        "within 2 km at two of two fixes: a watch, which disturbs nobody",
    ),
    "three kilometres": Case(((0, 3000), (60, 3000)), HERE[:2], (), "outside every ring"),
    "she comes to him": Case(
        ((0, 0), (60, 0), (120, 0)),
        ((0, 3000), (60, 600), (120, 30)),
        (("A02", 120, "live"),),
        "600 m is outside 500 m, and one step toward him confirms no approach; then the breach is told whoever came",
    ),
    "before the order": Case(
        ((0, 30), (60, 30)),
        HERE[:2],
        (("A02", 100, "live"),),
        "it begins at the 100th second, forty after he was last seen 30 m from her: inside already counts at once",
        {"start": T0 + 100},
    ),
    "the order's last second": Case(
        ((0, 30), (60, 30)), HERE[:2], (("A02", 0, "live"),),
        "it ends at the 60th second, which is outside: one fix binds, the second does not, so nothing is proven",
        {"end": T0 + 60},
    ),
    "in court together": Case(
        ((0, 30), (60, 30)),
        HERE[:2],
        (("A02", 100, "live"),),
        "suspended until the 100th second nothing is told of them; from then on it is, and they are beside each other",
        {"suspensions": [span(0, 100)]},
    ),
    "at her home, she is out": Case(
        ((0, 5050), (60, 5050)), HERE[:2], (("A02", 0, "live"), ("A02", 60, "evidence")),
        "50 m inside the circle around her home: the ban is on the place, wherever she is", {"places": HOME},
    ),
    "a jump": Case(
        ((0, 9000), (60, 30), (120, 9000)), HERE[:3], (("A11", 60, "live"),),
        "9 km in a minute is 150 m/s, which nobody does on the ground: set aside, and an operator asks", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_worked_by_hand(name: str) -> None:
    """What is told is what the pencil says."""
    case = CASES[name]
    scene = Scene(order(**case.changes))
    fixes = [fix(HER, at, east) for at, east in case.hers] + [fix(HIM, at, east) for at, east in case.his]
    for each in sorted(fixes, key=lambda one: (one.t, one.device != HER)):
        scene.sees(each)
    scene.tick(fixes[-1].t - T0 + 125)
    found = [(a.code, a.at - T0, a.grade) for a in scene.alerts(grade=None)]
    assert tuple(found) == case.told, case.because
