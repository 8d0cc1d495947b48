"""Everything an engine remembers. It must never hold what cannot be written to a snapshot and read back the same."""

from zlib import crc32

from jikimi.detect.carriers import Carriers
from jikimi.detect.decisions import Decision
from jikimi.detect.facts import Order
from jikimi.detect.limits import Limits
from jikimi.detect.pair import Pair
from jikimi.detect.rules import Rules
from jikimi.detect.settle import Settler
from jikimi.detect.track import NEVER, Subject
from jikimi.detect.wheel import Wheel


class World:
    """State of one engine; ``now`` is our newest receive time, ``lost`` the seconds of ticks that never came.

    ``lost`` is less than nothing when our clock was set back. ``ahead`` and ``back``: the counted times of its last steps.
    """

    __slots__ = (
        "ahead", "back", "backlog", "calls", "candidates", "carriers", "counts", "limits", "lost", "now", "orders", "out",
        "outages", "pairs", "rules", "settler", "shard", "shipped", "silent", "subjects", "tick", "wheel",
    )  # fmt: skip

    def __init__(self, rules: Rules, shard: tuple[int, int]) -> None:
        self.rules, self.limits, self.shard = rules, Limits(rules), shard
        self.shipped = rules
        """The edition it was started with: what another in the log does not say is taken from it."""
        self.carriers = Carriers()
        self.subjects: dict[str, Subject] = {}
        self.pairs: dict[tuple[str, str | None], Pair] = {}
        self.orders: dict[str, Order] = {}
        """The newest version of every order, of all shards."""
        self.calls: dict[str, list[float]] = {}
        self.backlog: dict[str, list[float]] = {}
        """Times of fixes too old to be compared that came since the last tick, by person."""
        self.outages: list[int] = []
        """Stretches of counted time in which so many fell silent that it was told as one."""
        self.silent: dict[int, tuple[float, int]] = {}
        """How many were found silent since when, at the last tick it was asked; a cache."""
        self.wheel: Wheel = Wheel()
        self.settler = Settler()
        self.now, self.tick, self.lost = NEVER, NEVER, 0.0
        self.ahead = self.back = NEVER
        self.out: list[Decision] = []
        self.counts: dict[str, int] = {}
        self.candidates = 0

    def subject(self, name: str) -> Subject:
        """The subject of this name; first heard of now, their silence counts from now."""
        found = self.subjects.get(name)
        if found is None:
            found = self.subjects[name] = Subject(name, self.now - self.lost, self.rules.data.interval_s)
            found.slow = self.rules.rhythm.slow * found.asked
        return found

    def mine(self, text: str) -> bool:
        """Whether this shard decides what is named so; the same everywhere, for ever."""
        return crc32(text.encode()) % self.shard[1] == self.shard[0]

    def doubt(self, subject: Subject, what: str) -> None:
        """Count something of a subject that was set aside, and remember when: what speaks and is not believed is no rest."""
        self.count(what)
        if self.tick > NEVER:
            now = self.tick - self.lost
            if subject.doubted <= subject.seen or now - subject.doubted > self.rules.silence.lost_for_s:
                subject.doubtful = now
            subject.doubted = now

    def count(self, what: str) -> None:
        """Count something that led to no decision, so that it is seen."""
        self.counts[what] = self.counts.get(what, 0) + 1
