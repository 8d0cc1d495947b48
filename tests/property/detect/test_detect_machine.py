"""A night with everything that happens to messages: lost, twice, late, out of order, disbelieved; and restarts.

One engine, one that is written down and read back at random, and two detectors that share the pairs must say the same;
and what is not a fresh, believed fix must leave the age of what is known running.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.unit.detect.scene import HER, HIM, RULES, T0, fix, order

from jikimi.detect.decisions import Decision
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, DeviceEvent, Fact, Fix, Fixes, FixFlag, Tick

UNBELIEVED = (int(FixFlag.PROVEN), int(FixFlag.VALID))


class Night(RuleBasedStateMachine):
    """Two people of one order and two of another, somewhere within a few kilometres."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.written = Engine(RULES), Engine(RULES)
        self.shards = [Engine(RULES, (at, 2)) for at in range(2)]
        self.said: list[Decision] = []
        self.again: list[Decision] = []
        self.shared: list[Decision] = []
        self.now = 0.0
        self.sent: list[Fix] = []
        self.kept: list[Fix] = []
        for who in (HIM, HER, "his", "hers"):
            self.tell(Carry(T0, f"c-{who}", who, who, 0.0))
        self.tell(order())
        self.tell(order("other", offender="his", victim="hers", radius_m=300.0))

    def tell(self, fact: Fact) -> None:
        """One fact to all of them."""
        self.said.extend(self.one.apply(fact))
        self.again.extend(self.written.apply(fact))
        for shard in self.shards:
            self.shared.extend(shard.apply(fact))

    def receive(self, *fixes: Fix) -> None:
        """Fixes arrive now."""
        self.tell(Fixes(T0 + self.now, list(fixes)))

    @rule(who=st.sampled_from((HIM, HER, "his", "hers")), east=st.floats(-3000, 3000), north=st.floats(-300, 300))
    def report(self, who: str, east: float, north: float) -> None:
        """A fix arrives at once."""
        one = fix(who, self.now, east, north)
        self.sent.append(one)
        self.receive(one)

    @rule(who=st.sampled_from((HIM, HER)), east=st.floats(-3000, 3000))
    def hold(self, who: str, east: float) -> None:
        """A fix is kept by its device."""
        self.kept.append(fix(who, self.now, east))

    @precondition(lambda self: self.kept)
    @rule(reverse=st.booleans())
    def deliver(self, reverse: bool) -> None:  # noqa: FBT001 - drawn
        """What was kept arrives together, perhaps the wrong way round."""
        self.receive(*(reversed(self.kept) if reverse else self.kept))
        self.kept.clear()

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Something arrives a second time, and changes nothing."""
        before = len(self.said)
        self.receive(data.draw(st.sampled_from(self.sent)))
        assert self.said[before:] == []

    @rule(ahead=st.floats(60, 7200), who=st.sampled_from((HIM, HER)))
    def dream(self, ahead: float, who: str) -> None:
        """A fix dated ahead of us keeps nothing fresh."""
        self._unmoved(who, fix(who, self.now + ahead, 0))

    @rule(flags=st.sampled_from(UNBELIEVED), who=st.sampled_from((HIM, HER)), east=st.floats(-3000, 3000))
    def mumble(self, flags: int, who: str, east: float) -> None:
        """Nor does one its device does not believe, or whose sender cannot prove who it is."""
        self._unmoved(who, fix(who, self.now, east, flags=flags))

    def _unmoved(self, who: str, one: Fix) -> None:
        subject = self.one._world.subject(who)
        before = (subject.seen, subject.t)
        self.receive(one)
        assert (subject.seen, subject.t) == before

    @rule(
        who=st.sampled_from((HIM, HER)), kind=st.sampled_from(("heartbeat", "sos", "battery", "power_off", "jamming"))
    )
    def speak(self, who: str, kind: str) -> None:
        """A device says something that is no position."""
        self.tell(DeviceEvent(T0 + self.now, who, T0 + self.now, kind, 10.0))

    @rule(seconds=st.integers(1, 400))
    def wait(self, seconds: int) -> None:
        """Time goes by, second by second."""
        for _ in range(seconds):
            self.now += 1.0
            self.tell(Tick(T0 + self.now))

    @rule()
    def restart(self) -> None:
        """The second engine is written down and read back."""
        self.written = Engine.load(self.written.dump())

    @invariant()
    def all_say_the_same(self) -> None:
        """Restarts and a second detector change no word."""
        assert self.again == self.said
        assert sorted(map(repr, self.shared)) == sorted(map(repr, self.said))


Night.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestNight = Night.TestCase
