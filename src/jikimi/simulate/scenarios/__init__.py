"""Every scenario by its name. It must never end in violence, nor name a place or a person there is."""

from collections.abc import Callable
from random import Random
from typing import Final

from jikimi.kernel.errors import NotFound
from jikimi.simulate.scenario import Scenario
from jikimi.simulate.scenarios import approaching, failing, living, ordinary_night, passing, unshared_order

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
