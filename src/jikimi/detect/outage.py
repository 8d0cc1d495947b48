"""Many devices silent at once: one problem of ours or of a network, told once (A25). It must never hide one near her."""

from jikimi.detect import alerts
from jikimi.detect.decisions import Alert
from jikimi.detect.track import Subject
from jikimi.detect.world import World
from jikimi.kernel.ids import derived

_KEPT = 60
"""Most minutes of losses remembered; a bound on memory, not a rule."""


def swallowed(world: World, party: Subject) -> bool:
    """Count a loss; True if so many fell silent about when this one did that it is told as one outage."""
    rule = world.rules.outage
    turn = int(party.heard // rule.window_s)
    losses = world.losses.setdefault(turn, [])
    if party.id not in losses:
        losses.append(party.id)
        while len(world.losses) > _KEPT:
            del world.losses[min(world.losses)]
    about = sum(len(world.losses.get(near, ())) for near in (turn - 1, turn, turn + 1))
    if about < max(rule.least, rule.share * len(world.subjects)):
        return False
    if world.shard[0] == 0 and not any(near in world.outages for near in (turn - 1, turn, turn + 1)):
        reason = alerts.grounds(world, "A25", "outage", devices=float(about), within_s=rule.window_s)
        alert = str(derived("", "A25", "outage", turn))
        world.out.append(
            Alert(
                alert,
                "A25",
                "",
                [],
                world.tick,
                world.now,
                "UNKNOWN",
                None,
                None,
                None,
                None,
                alerts.LIVE,
                None,
                reason,
            )
        )
    world.outages = [*world.outages[1 - _KEPT :], turn] if turn not in world.outages else world.outages
    return True
