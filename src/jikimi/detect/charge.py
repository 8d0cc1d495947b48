"""What is known of a device's charge, and whether it could have been charged. It must never be called intent (safety 13).

Facts go with what is told: the charge last said, for how long it has been low, and whether that was time enough.
"""

from jikimi.detect import events
from jikimi.detect.facts import DeviceEvent, FixFlag
from jikimi.detect.track import NEVER, Charge, Subject
from jikimi.detect.world import World


def learn(world: World, subject: Subject, event: DeviceEvent) -> None:
    """Take a word of charge or of charging; one older than the last says nothing, nor does who cannot prove who they are."""
    known = subject.charge or Charge(NEVER, None, None, fed=False)
    value = event.value
    if not isinstance(value, int | float) or event.t < known.t or not event.flags & FixFlag.PROVEN:
        return
    pct, fed = (known.pct, value > 0) if event.kind == events.CHARGING else (float(value), known.fed)
    low = pct is not None and pct <= world.rules.health.battery_back and not fed
    since = None if not low else event.t if known.low is None else known.low
    subject.charge = Charge(event.t, pct, since, fed)


def facts(world: World, subject: Subject, t: float) -> dict[str, float]:
    """What goes with an alert at ``t``; ``chargeable``: low for so long, and not charged, that it could have been."""
    charge = subject.charge
    if charge is None:
        return {}
    told = {"charging": float(charge.fed)}
    if charge.pct is not None:
        told["battery_pct"] = charge.pct
    if charge.low is not None:
        low_s = max(0.0, t - charge.low)
        told |= {"low_s": low_s, "chargeable": float(low_s >= world.rules.health.charge_s)}
    return told
