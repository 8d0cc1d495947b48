"""The order nobody shared: he wears a tag for another sentence, and those who watch it do not know of her.

Until the police enter the order and the register finds the man in it, his monitors have no reason to look; from that
moment on they see what the police see. Her phone falls silent while the incident is open, for long enough to be an alert
of its own. It must never go further than two officers standing between them.
"""

from dataclasses import replace
from math import cos, pi, sin
from random import Random
from typing import Final

from jikimi.simulate.device import PHONE, TAG
from jikimi.simulate.outcome import BOTH, NOBODY, OPERATOR, ROOM, Expected, Outcome
from jikimi.simulate.scenario import Order, Party, Scenario, Unit
from jikimi.simulate.scenarios.pair import LAW_DATE, jitter
from jikimi.simulate.town import Town
from jikimi.simulate.track import CAR, WALK, Journey, Track, still
from jikimi.simulate.values import Point

AWAY_M: Final = 1975.0
HER_WORK: Final = (905.0, 640.0)
ENTERED_S: Final = 34.0
ENTERED_AFTER_S: Final = 1.0
"""Where it is played, devices have reported for as long as nobody looked; the order is entered this soon after the button."""
SILENT_S: Final = (46.0, 265.0)
BETWEEN_M: Final = 295.0
OTHERS: Final = 12
END_S: Final = 330.0
_TAG = replace(TAG, interval_s=3.0, lost=0.0)
_DRIVES = replace(CAR, speed_mps=10.0, stop_s=(6.0, 12.0))
_PHONE = replace(PHONE, interval_s=8.0, lost=0.0)


def unshared_order(random: Random) -> Scenario:
    """He drives toward her place of work; her phone falls silent; two officers are sent and stand between."""
    town = Town()
    work = jitter(HER_WORK, random, 10.0)
    start = jitter((work[0] - AWAY_M, work[1]), random, 20.0)
    # He is on his way when the order is entered, and stops where he sees the patrol car: the story ends there.
    his = Journey(town, start, random).go((work[0] - BETWEEN_M, work[1]), _DRIVES)
    his.stay(max(1.0, END_S - his.t), indoors=False)
    hers = Journey(town, work, random).stay(END_S)
    people = [
        Party("wearer", his.track(), _TAG, monitored=True),
        Party("protected", hers.track(), _PHONE, (SILENT_S,)),
    ]
    orders = [Order("unshared", "wearer", "protected", ENTERED_S, by_identifier=True)]
    for number in range(OTHERS):
        one, other = _elsewhere(number, town, random)
        people += [Party(f"w{number:02d}", one, replace(TAG, lost=0.0), monitored=True),
                   Party(f"p{number:02d}", other, replace(PHONE, interval_s=60.0, lost=0.0))]  # fmt: skip
        orders.append(Order(f"standing-{number:02d}", f"w{number:02d}", f"p{number:02d}"))
    expected = (
        Expected("A06", 1, 2, (BOTH,)), Expected("A07", 0, 1, (ROOM,)), Expected("A08", 0, 1, (NOBODY,)),
        Expected("A02", 0, 0), Expected("A11", 0, 1, (OPERATOR, BOTH)), Expected("A12", 1, 1, (BOTH,)),
    )  # fmt: skip
    return Scenario(
        "unshared-order",
        "A wearer drives toward the woman a new order keeps him from; his monitors learn of it as it is entered.",
        LAW_DATE, END_S, town, tuple(people), tuple(orders), Outcome(expected),
        units=_units(work), look=_LOOK, before_s=ENTERED_S - ENTERED_AFTER_S,
    )  # fmt: skip


_LOOK: Final = (
    "The 112 room, within ten seconds: a notice that the order was matched, then the pair in the queue, by time to contact.",
    "The justice centre: the same incident at the same moment, although the wearer was theirs for another sentence.",
    "A patrol officer's terminal: one instruction, one target, and what is not known said as not known. 30 s to accept.",
    "A probation officer's terminal: the wearer's position, and of her nothing but how near he may be.",
    "Her phone falls silent at once: watch its age grow; after three minutes that is an alert of its own in the incident's log.",
)


def _units(work: Point) -> tuple[Unit, ...]:
    """The first of each kind is the one whose terminal a person may take."""
    return (
        Unit("P-1", "police", (work[0] + 900.0, work[1] - 420.0), 6.0),
        Unit("M-1", "probation", (work[0] - 500.0, work[1] + 1900.0), 8.0),
        Unit("P-2", "police", (work[0] + 3200.0, work[1] + 900.0), 7.0),
        Unit("M-2", "probation", (work[0] + 3900.0, work[1] - 900.0), 9.0),
    )


def _elsewhere(number: int, town: Town, random: Random) -> tuple[Track, Track]:
    """A pair whose morning has nothing to do with the other: far from it, and from each other."""
    turn = 2.0 * pi * number / OTHERS
    home = (9000.0 * cos(turn), 7000.0 * sin(turn))
    away = (home[0] + 3500.0 * cos(turn), home[1] + 3500.0 * sin(turn))
    walker = Journey(town, home, random).stay(random.uniform(0.0, 200.0))
    walker.go((home[0] + random.uniform(-400.0, 400.0), home[1] + random.uniform(-300.0, 300.0)), WALK)
    return walker.stay(max(1.0, END_S - walker.t)).track(), still(away)
