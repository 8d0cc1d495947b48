"""Every scenario by its name. It must never end in violence, nor name a place or a person there is."""

from collections.abc import Callable
from random import Random
from typing import Final

from jikimi.kernel.errors import NotFound
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import (
    approaching,
    deceiving,
    delayed,
    failing,
    lawful,
    living,
    ordinary_night,
    passing,
    several,
    unshared_order,
)  # fmt: skip

Builder = Callable[[Random], Scenario]
SCENARIOS: Final[dict[str, Builder]] = {
    "unshared-order": unshared_order.unshared_order,
    "ordinary-night": ordinary_night.ordinary_night,
    "walk-up": approaching.walk_up,
    "car-up": approaching.car_up,
    "train-pass-by": passing.train_pass_by,
    "parallel-highways": passing.parallel_highways,
    "different-floors": living.different_floors,
    "neighbours": living.neighbours,
    "his-workplace": living.his_workplace,
    "phone-dead-at-home": failing.phone_dead_at_home,
    "battery-dead": failing.battery_dead,
    "strap-far": failing.strap_far,
    "strap-near": failing.strap_near,
    "foil": deceiving.foil,
    "gnss-jam": deceiving.gnss_jam,
    "spoof-home": deceiving.spoof_home,
    "radio-relay": deceiving.radio_relay,
    "teleport": deceiving.teleport,
    "tower-only": deceiving.tower_only,
    "tunnel": delayed.tunnel,
    "late-hour": delayed.late_hour,
    "shuffled": delayed.shuffled,
    "clock-ahead": delayed.clock_ahead,
    "clock-broken": delayed.clock_broken,
    "reconnect-storm": delayed.reconnect_storm,
    "court-hearing": lawful.court_hearing,
    "expires-on-the-way": lawful.expires_on_the_way,
    "last-minutes": lawful.last_minutes,
    "moved-house": lawful.moved_house,
    "device-refused": lawful.device_refused,
    "consent-withdrawn": lawful.consent_withdrawn,
    "walking-together": several.walking_together,
    "riding-together": several.riding_together,
    "two-victims": several.two_victims,
    "mutual-orders": several.mutual_orders,
    "repeated-passes": several.repeated_passes,
    "loitering": several.loitering,
    "neighbour-again": several.neighbour_again,
    "waits-then-comes": several.waits_then_comes,
}


def build(name: str, seed: int = 1, *, people: int | None = None, hours: float | None = None) -> Scenario:
    """The scenario of that name, the same for the same seed; ``people`` and ``hours`` size an ordinary night.

    Raises NotFound.
    """
    if name not in SCENARIOS:
        raise NotFound(f"No scenario {name!r}; there are {', '.join(SCENARIOS)}.")
    random = Random(f"{name}/{seed}")
    if name == "ordinary-night":
        return ordinary_night.ordinary_night(random, people or 5000, hours or 8.0)
    return SCENARIOS[name](random)
