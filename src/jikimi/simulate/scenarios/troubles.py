"""What goes wrong with a device on a night in which nothing happens: batteries and cellars. It must never be kind.

The shares are invented, and meant to be a little worse than a good agency's night.
"""

from dataclasses import replace
from random import Random
from typing import Final

from jikimi.simulate.network import Network
from jikimi.simulate.scenario import Party
from jikimi.simulate.values import Event

_NIGHT_S: Final = 8 * 3600.0
"""The shares below are those of eight hours."""
_CELLAR: Final = 0.02
_CELLAR_S: Final = (300.0, 2700.0)
_LOW: Final = {True: 0.02, False: 0.03}
"""Share whose battery runs low in a night: of wearers, of those they must stay away from."""
_DEAD: Final = 0.25
"""Share of those who do not plug in in time."""
_DEAD_S: Final = (900.0, 5400.0)
_WARNS_S: Final = 1800.0
_LEVELS: Final = (15.0, 10.0, 5.0)


def troubles(one: Party, random: Random, seconds: float) -> tuple[Party, list[Event]]:
    """One person's device as the night treats it, and what it says of its battery."""
    share = seconds / _NIGHT_S
    if random.random() < _CELLAR * share:
        begin = random.uniform(0.0, seconds)
        one = replace(one, network=Network(held=(begin, min(seconds, begin + random.uniform(*_CELLAR_S)))))
    if random.random() >= _LOW[one.monitored] * share:
        return one, []
    low = random.uniform(0.0, seconds)
    levels = [_battery(one, low + _WARNS_S * n / len(_LEVELS), level) for n, level in enumerate(_LEVELS)]
    if random.random() >= _DEAD:
        told = [levels[0], _charging(one, low + 300.0)]
    else:
        dead, back = low + _WARNS_S, low + _WARNS_S + random.uniform(*_DEAD_S)
        told = [*levels, _charging(one, back)]
        one = replace(one, off=(*one.off, (dead, back)))
    return one, [event for event in told if event.received_t < seconds]


def _battery(one: Party, t: float, level: float) -> Event:
    return Event(one.subject, t, "battery", level, t + 1.0)


def _charging(one: Party, t: float) -> Event:
    return Event(one.subject, t, "charging", 1.0, t + 1.0)
