"""A device that speaks all the time and is always behind, its clock slow or its way to us long, or ahead. It must never
be taken for one that is silent, nor what it says for proof.

How far is learned from fixes received one after another. From then on its positions are judged live by when they came,
with the age they claim, an error widened by what the learned time leaves open, and never as evidence. What is dated ahead
of us claims no age: it breaks silence, and what is known of its wearer goes on growing old.
"""

from typing import Final

import msgspec

from jikimi.detect import alerts
from jikimi.detect.age import counted
from jikimi.detect.emergencies import hear
from jikimi.detect.facts import Fix, FixFlag
from jikimi.detect.pair import NONE, SUSPENDED, Pair
from jikimi.detect.rules import Lagging
from jikimi.detect.standing import pairs_of
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.world import World

_KEPT: Final = 8
"""Most stretches remembered of a device; a bound on memory, not a rule."""


class Clock:
    """How far behind the newest fixes were, and the stretches of device time that are held to be ``lag`` behind (under 0: ahead).

    ``stretches``: first and last device time, seconds behind, seconds that is uncertain by. The last device time of the
    one that runs is None: the same fix is shifted the same way whenever it comes again. ``turned``: the first fix in time of a
    clock that was ahead; ``told``: when it was last told that it is.
    """

    __slots__ = ("delays", "now", "stretches", "t", "told", "turned")

    def __init__(self) -> None:
        self.t = self.now = self.turned = self.told = NEVER
        self.delays: list[float] = []
        self.stretches: list[tuple[float, float | None, float, float]] = []

    @property
    def lag(self) -> float:
        """Seconds the device is behind now, under 0 if it is ahead; 0 if it is neither."""
        return self.stretches[-1][2] if self.stretches and self.stretches[-1][1] is None else 0.0


def told(world: World, subject: Subject, fix: Fix, now: float) -> Fix:
    """The fix as it is to be judged: as it is, or at the time it came if its device is known to be behind or ahead."""
    clock = subject.clock
    if clock is None:
        clock = subject.clock = Clock()
    if fix.flags & _GOOD == _GOOD and _newer(world, subject, clock, fix, now):
        if now - fix.t < -world.limits.future_s:
            hear(world, subject, now, now)
        _learn(world, subject, clock, fix.t, now)
    elif clock.lag < 0.0 and fix.flags & _GOOD == _GOOD:
        _right(world, subject, clock, fix.t, now)
    for start, end, lag, width in clock.stretches:
        if start <= fix.t and (end is None or fix.t <= end):
            if fix.t > now + world.limits.future_s and fix.t + lag < world.settler.settled:
                return fix
            reach = max(subject.speed, world.limits.walk) * width
            sigma = (fix.sigma_m * fix.sigma_m + reach * reach) ** 0.5
            subject.odd = True
            if lag < 0.0:
                world.doubt(subject, "fix-ahead")
            return msgspec.structs.replace(fix, t=fix.t + lag, sigma_m=sigma, flags=fix.flags | FixFlag.ASSUMED)
    return fix


def _right(world: World, subject: Subject, clock: Clock, t: float, now: float) -> None:
    """A clock that was ahead is right again once two fixes in a row are in time: they are older than what it said before.

    What bears a time that it had reached by then may be of either, is taken at its word, and proves nothing.
    """
    delay = now - t
    if not -world.limits.future_s <= delay <= world.limits.live_s or delay - clock.lag <= world.rules.lagging.spread_s:
        return
    if not NEVER < clock.turned < t:
        clock.turned = t
        return
    reached = clock.t
    _end(world, subject, clock)
    start, _, lag, width = clock.stretches[-1]
    clock.stretches = [
        *clock.stretches[2 - _KEPT : -1],
        (start, clock.turned, lag, width),
        (clock.turned, reached, 0.0, width),
    ]
    clock.t, clock.now, clock.turned, clock.delays = t, now, NEVER, []


def _newer(world: World, subject: Subject, clock: Clock, fix: Fix, now: float) -> bool:
    """Whether a fix says something of the clock: newer than all before it, and not wildly ahead of us."""
    last = subject.t if clock.t == NEVER else clock.t
    return last < fix.t <= now + world.rules.lagging.ahead_most_s


_GOOD: Final = int(FixFlag.VALID | FixFlag.PROVEN)


def _learn(world: World, subject: Subject, clock: Clock, t: float, now: float) -> None:
    """Count how far behind the newest fix of each reception is: even and long enough, and that is its clock."""
    rule, delay = world.rules.lagging, now - t
    right = -world.limits.future_s <= delay <= world.limits.live_s
    if clock.lag < 0.0 and delay < 0.0 and delay - clock.lag <= rule.spread_s:
        right = False
    if right or (clock.lag and delay < clock.lag - rule.spread_s):
        _end(world, subject, clock)
        clock.delays = []
    elif now > clock.now:
        even = _even(rule, clock.delays, delay)
        if even and (not clock.lag or abs(min(even) - clock.lag) > rule.spread_s):
            _end(world, subject, clock)
            found = (t, None, min(even), max(even) - min(even))
            clock.stretches = [*clock.stretches[1 - _KEPT :], found]
            _tell(world, subject, t, clock.lag)
        clock.delays = [*clock.delays[1 - rule.points :], delay]
    else:
        clock.delays[-1:] = [delay]
    clock.t, clock.now = t, now


def _even(rule: Lagging, delays: list[float], delay: float) -> list[float]:
    """The delays of enough fixes in a row that agree; none if there are not enough or they do not.

    Ahead, this one counts as well: it would otherwise be refused.
    """
    found, points = (
        ([*delays, delay][-rule.ahead_points :], rule.ahead_points) if delay < 0.0 else (delays, rule.points)
    )
    return found if len(found) == points and max(found) - min(found) <= rule.spread_s else []


def _tell(world: World, subject: Subject, t: float, lag: float) -> None:
    """A task for an operator, once for each time the device goes wrong: its clock is to be set, or its path looked at.

    Where all are ahead since our own clock was set back, it is ours that is wrong, and that is told (A25).
    """
    clock = subject.clock
    if clock is not None and lag < 0.0:
        ours = counted(world) - world.back < world.rules.data.history_s
        if ours or counted(world) - clock.told < world.rules.lagging.ahead_again_s:
            return
        clock.told = counted(world)
    wrong = {"behind_s": lag} if lag > 0.0 else {"ahead_s": -lag}
    for pair in pairs_of(subject):
        if pair.mode not in (NONE, SUSPENDED):
            pair.calm = False
            rule = "clock-behind" if lag > 0.0 else "clock-ahead"
            reason = alerts.grounds(world, "A13", rule, party=_role(pair, subject), by=subject.id, **wrong)
            reason.update(priority="P2", dispatch="operator")
            alerts.begin(world, pair, "A13", _key(pair, subject), (subject.id, t, "clock"), world.now, reason)


def _role(pair: Pair, subject: Subject) -> str:
    return "offender" if pair.offender is subject else "victim"


def _key(pair: Pair, subject: Subject) -> str:
    return f"A13@{_role(pair, subject)}-clock"


def _end(world: World, subject: Subject, clock: Clock) -> None:
    """The device is no longer behind or ahead as it was; what it said then stays where it was put."""
    if clock.lag:
        start, _, lag, width = clock.stretches[-1]
        clock.stretches[-1] = (start, clock.t, lag, width)
        for pair in pairs_of(subject):
            alerts.end(world, pair, _key(pair, subject), world.now)
