"""A device that speaks all the time and is always behind: its clock is slow, or its way to us is long. It must never
be taken for one that is silent, nor what it says for proof.

How far behind is learned from fixes received one after another. From then on its positions are judged live by when they
came, with the age they claim, an error widened by what the learned time leaves open, and never as evidence.
"""

import msgspec

from jikimi.detect import alerts
from jikimi.detect.facts import Fix, FixFlag
from jikimi.detect.pair import NONE, SUSPENDED, Pair
from jikimi.detect.standing import pairs_of
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World

_KEPT = 8
"""Most stretches remembered of a device; a bound on memory, not a rule."""


class Clock:
    """How far behind the newest fixes were, and the stretches of device time that are held to be ``lag`` behind.

    ``stretches``: first and last device time, seconds behind, seconds that is uncertain by. The last device time of the
    one that runs is None: the same fix is shifted the same way whenever it comes again.
    """

    __slots__ = ("delays", "now", "stretches", "t")

    def __init__(self) -> None:
        self.t = self.now = NEVER
        self.delays: list[float] = []
        self.stretches: list[tuple[float, float | None, float, float]] = []

    @property
    def lag(self) -> float:
        """Seconds the device is behind now; 0 if it is not."""
        return self.stretches[-1][2] if self.stretches and self.stretches[-1][1] is None else 0.0


def told(world: World, subject: Subject, fix: Fix, now: float) -> Fix:
    """The fix as it is to be judged: as it is, or at the time it came if its device is known to be behind."""
    clock = subject.clock
    if clock is None:
        clock = subject.clock = Clock()
    if fix.flags & _GOOD == _GOOD and fix.t > (subject.t if clock.t == NEVER else clock.t):
        _learn(world, subject, clock, fix.t, now)
    for start, end, lag, width in clock.stretches:
        if start <= fix.t and (end is None or fix.t <= end):
            reach = max(subject.speed, world.limits.walk) * width
            sigma = (fix.sigma_m * fix.sigma_m + reach * reach) ** 0.5
            subject.odd = True
            return msgspec.structs.replace(fix, t=fix.t + lag, sigma_m=sigma, flags=fix.flags | FixFlag.ASSUMED)
    return fix


_GOOD = int(FixFlag.VALID | FixFlag.PROVEN)


def _learn(world: World, subject: Subject, clock: Clock, t: float, now: float) -> None:
    """Count how far behind the newest fix of each reception is: even and long enough, and that is its clock."""
    rule, delay = world.rules.lagging, now - t
    if delay <= world.limits.live_s or (clock.lag and delay < clock.lag - rule.spread_s):
        _end(world, subject, clock)
        clock.delays = []
    elif now > clock.now:
        steady = len(clock.delays) == rule.points and max(clock.delays) - min(clock.delays) <= rule.spread_s
        if steady and abs(min(clock.delays) - clock.lag) > rule.spread_s:
            _end(world, subject, clock)
            found = (t, None, min(clock.delays), max(clock.delays) - min(clock.delays))
            clock.stretches = [*clock.stretches[1 - _KEPT :], found]
            _tell(world, subject, t, clock.lag)
        clock.delays = [*clock.delays[1 - rule.points :], delay]
    else:
        clock.delays[-1:] = [delay]
    clock.t, clock.now = t, now


def _tell(world: World, subject: Subject, t: float, lag: float) -> None:
    """A task for an operator, once for each time the device falls behind: its clock is to be set, or its path looked at."""
    for pair in pairs_of(subject):
        if pair.mode not in (NONE, SUSPENDED):
            pair.calm = False
            reason = alerts.grounds(
                world, "A13", "clock-behind", party=_role(pair, subject), behind_s=lag, by=subject.id
            )
            reason.update(priority="P2", dispatch="operator")
            alerts.begin(world, pair, "A13", _key(pair, subject), (subject.id, t, "clock"), world.now, reason)


def _role(pair: Pair, subject: Subject) -> str:
    return "offender" if pair.offender is subject else "victim"


def _key(pair: Pair, subject: Subject) -> str:
    return f"A13@{_role(pair, subject)}-clock"


def _end(world: World, subject: Subject, clock: Clock) -> None:
    """The device is no longer behind as it was; what it said then stays where it was put."""
    if clock.lag:
        start, _, lag, width = clock.stretches[-1]
        clock.stretches[-1] = (start, clock.t, lag, width)
        for pair in pairs_of(subject):
            alerts.end(world, pair, _key(pair, subject), world.now)
