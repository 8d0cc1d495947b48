"""What a network does to fixes on their way: late, out of order, twice. It must never lose one: devices do that."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from jikimi.simulate.values import Fix


@dataclass(frozen=True, slots=True)
class Network:
    """Seconds and a share."""

    overtaking_s: float = 0.0
    """Mean of a delay that every fix has for itself, so that later ones overtake it."""
    twice: float = 0.0
    """Share of fixes that arrive a second time, some seconds after the first."""
    held: tuple[float, float] | None = None
    """From and until: nothing arrives between, and then all of it at once."""


def carried(fixes: Iterable[Fix], network: Network, random: Random) -> Iterator[Fix]:
    """The fixes of one device in the new order of arrival."""
    found = []
    for fix in fixes:
        late = random.expovariate(1.0 / network.overtaking_s) if network.overtaking_s else 0.0
        found.append(_held(fix._replace(received_t=fix.received_t + late), network))
        if random.random() < network.twice:
            again = found[-1].received_t + random.uniform(1.0, 30.0)
            found.append(_held(fix._replace(received_t=again), network))
    return iter(sorted(found, key=lambda fix: fix.received_t))


def _held(fix: Fix, network: Network) -> Fix:
    inside = network.held is not None and network.held[0] <= fix.received_t < network.held[1]
    return fix._replace(received_t=network.held[1]) if network.held is not None and inside else fix
