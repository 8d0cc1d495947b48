"""The engine: one fact in, the decisions it leads to out. It must never read a clock, a random number or a file.

Decisions are a function of the facts applied so far, in their order. A fix costs what is near it: one comparison for
each partner far away, one for all places far away, nothing for timers.
"""

from math import ceil, cos, floor, inf
from operator import attrgetter
from typing import Final

from jikimi.detect import alerts, habits, lagging, snapshot, sources, standing
from jikimi.detect.age import counted
from jikimi.detect.areas import watch_areas
from jikimi.detect.arm import refresh, set_back
from jikimi.detect.claims import word
from jikimi.detect.decisions import Alert, Decision
from jikimi.detect.doubt import GOOD, doubtful, overtaken, refuse, resent
from jikimi.detect.emergencies import hear, heed
from jikimi.detect.evidence import settle
from jikimi.detect.facts import Carry, DeviceEvent, Fact, Fix, Fixes, Forget, Order, Tick
from jikimi.detect.forgetting import forget
from jikimi.detect.guarding import watch_places
from jikimi.detect.health import back
from jikimi.detect.hearing import lapse
from jikimi.detect.judge import judge
from jikimi.detect.late import late, tell_unkept
from jikimi.detect.pair import Pair
from jikimi.detect.recheck import again
from jikimi.detect.rules import Rules
from jikimi.detect.silence import glance, look
from jikimi.detect.track import NEVER, Spot, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN
from jikimi.kernel.ids import derived

_WHEN: Final = attrgetter("t")
_IN_ORDER: Final = attrgetter("t", "device", "lon", "lat", "sigma_m")


def _sorted(fixes: list[Fix]) -> list[Fix]:
    """Fixes received at one moment by their own times: in which order the rows stand says nothing."""
    if len(fixes) <= 1:
        return fixes
    rows = sorted(fixes, key=_WHEN)
    before = -inf
    for fix in rows:
        # two of one time, or a time that is no number: all that is said of them takes part
        if not before < fix.t:
            return sorted(fixes, key=_IN_ORDER)
        before = fix.t
    return rows


class _Body:
    """Whose fixes of one device are, and over which stretch of the fixes' own time that is known (s)."""

    __slots__ = ("since", "subject", "until")

    def __init__(self, subject: Subject, since: float, until: float) -> None:
        self.subject, self.since, self.until = subject, since, until


class Engine:
    """Detector ``shard[0]`` of ``shard[1]``: reads every fact, decides its own pairs."""

    __slots__ = ("_bodies", "_world")

    def __init__(self, rules: Rules, shard: tuple[int, int] = (0, 1)) -> None:
        self._world = World(rules, shard)
        self._bodies: dict[str, _Body] = {}

    @classmethod
    def load(cls, body: bytes) -> "Engine":
        """The engine written by ``dump``; it goes on exactly as the other would have."""
        world = snapshot.load(body)
        engine = cls(world.rules, world.shard)
        engine._world = world
        return engine

    def dump(self) -> bytes:
        """Everything remembered, the same bytes for the same state."""
        return snapshot.dump(self._world)

    @property
    def counts(self) -> dict[str, int]:
        """How many fixes and events led to nothing, by reason."""
        return dict(self._world.counts)

    @property
    def candidates(self) -> int:
        """Partners and places looked at beyond the cheap bound so far."""
        return self._world.candidates

    @property
    def rules(self) -> Rules:
        """The edition in force."""
        return self._world.rules

    def states(self) -> dict[str, str]:
        """The shown word of every pair, by pair id."""
        return {pair.id: pair.shown for pair in self._world.pairs.values()}

    def apply(self, fact: Fact) -> list[Decision]:
        """Take one fact; returns what it led to, in a fixed order."""
        world = self._world
        match fact:
            case Fixes():
                self._fixes(fact)
            case Tick():
                self._tick(fact.t)
            case DeviceEvent():
                world.now = fact.received_t
                heed(world, fact)
            case Order():
                world.now = fact.received_t
                standing.order(world, fact)
            case Carry():
                world.now = fact.received_t
                standing.carry(world, fact)
                self._bodies.clear()
            case Forget():
                world.now = fact.received_t
                forget(world, fact)
                self._bodies.clear()
            case _:
                world.now = fact.received_t
                standing.rule_change(world, fact)
        out = world.out
        if out:
            world.out = []
        return out

    def ticks(self, first: float, last: float) -> list[Decision]:
        """What ticks at ``first``, ``first`` + 1, ... up to ``last`` lead to, without walking through idle seconds."""
        found: list[Decision] = []
        world = self._world
        at = first
        while at <= last:
            found.extend(self.apply(Tick(at)))
            turn = min(world.wheel.next(), world.settler.next() + world.limits.watermark_s)
            steps = (
                1.0 if turn <= at + 1 else min(float(ceil(turn - at)) if turn < inf else inf, floor(last - at) + 1.0)
            )
            if steps > 1.0:
                self._skip(at + steps - 1.0)
            at += steps
        return found

    def _skip(self, to: float) -> None:
        """As if every tick up to ``to`` had come, none of which had anything to do."""
        world = self._world
        world.tick = world.now = to
        world.settler.settled = max(world.settler.settled, float(floor(to - world.limits.watermark_s)))

    def _tick(self, t: float) -> None:
        world = self._world
        before = world.tick
        gap_s = world.rules.data.tick_gap_s
        if before - gap_s <= t <= before:
            return
        world.now = world.tick = t
        if before > NEVER and not before < t <= before + gap_s:
            world.lost += t - before - 1.0
            self._gap(before, t, gap_s)
        if world.backlog:
            tell_unkept(world)
        settle(world, t - world.limits.watermark_s)
        if world.wheel.next() <= t:
            for pair in world.wheel.due(t):
                if not glance(world, pair):
                    self._turn(pair, t)

    def _gap(self, before: float, t: float, gap_s: float) -> None:
        """A gap in ticks, or our clock set back, is one alert about us, and silence of nobody.

        One wrong tick is a step ahead and a step back, and two clocks at odds are many of both: each is told once.
        """
        world = self._world
        now = counted(world)
        if t < before:
            told = now - max(world.back, world.ahead) <= gap_s
            world.back = now
            self._set_back(before, t)
        else:
            told = now - world.back <= gap_s
            world.ahead = now
        if not told:
            self._degraded(before, t)

    def _set_back(self, before: float, t: float) -> None:
        """Go on with the new clock: what is settled stays settled, and every pair has its turns by the new time."""
        world = self._world
        pasts = (subject.past for subject in world.subjects.values())
        done = max((floor(past.last) + 1.0 for past in pasts if past is not None and past.last > NEVER), default=-inf)
        settled = float(floor(t - world.limits.watermark_s))
        world.settler.settled = min(world.settler.settled, max(settled, done))
        for pair in world.pairs.values():
            set_back(world, pair, ("clock", before, t))

    def _degraded(self, before: float, t: float) -> None:
        world = self._world
        if world.shard[0] == 0:
            rule = "ticks-missing" if t > before else "clock-set-back"
            reason = alerts.grounds(world, "A25", rule, gap_s=t - before)
            alert = str(derived("", "A25", before) if t > before else derived("", "A25", before, t))
            world.out.append(
                Alert(alert, "A25", "", [], before, t, "UNKNOWN", None, None, None, None, alerts.LIVE, None, reason)
            )

    def _turn(self, pair: Pair, t: float) -> None:
        world = self._world
        if t >= pair.until:
            refresh(world, pair)
        else:
            lapse(world, pair, t)
            look(world, pair)
            alerts.show(world, pair, t)

    def _body(self, device: str, t: float) -> _Body | None:
        found = self._world.carriers.stretch(device, t)
        if found is None:
            self._world.count("fix-nobody")
            return None
        body = self._bodies[device] = _Body(self._world.subject(found[0]), found[1], found[2])
        return body

    def _fixes(self, batch: Fixes) -> None:
        world = self._world
        now = world.now = batch.received_t
        latest, live_s = now + world.limits.future_s, world.limits.live_s
        heard = min(now, world.tick + world.limits.future_s) if world.tick > NEVER else now
        bodies = self._bodies
        behind: dict[str, Subject] = {}
        for fix in _sorted(batch.fixes):
            t = fix.t
            body = bodies.get(fix.device)
            if body is None or not body.since <= t < body.until:
                body = self._body(fix.device, t)
                if body is None:
                    continue
            subject = body.subject
            if subject.clock is not None or now - t > live_s or t > latest:
                fix = lagging.told(world, subject, fix, now)  # noqa: PLW2901 - the same fix, at the time it is judged
                t = fix.t
            lon, lat, sigma, flags = fix.lon, fix.lat, fix.sigma_m, fix.flags
            # dated no later than the clocks allow, on the Earth, with an error; a NaN is none of these
            if not (t <= latest and -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0 and sigma > 0.0):
                refuse(world, subject, fix)
            elif flags & GOOD != GOOD:
                doubtful(world, subject, fix, now)
            elif t <= subject.t:
                overtaken(world, subject, fix, now)
            else:
                self._newest(subject, fix, t, lon, lat, sigma, flags, now, heard)
                if now - t > live_s and subject.t == t:
                    behind[subject.id] = subject
        for subject in behind.values():
            self._outdated(subject)

    def _newest(  # noqa: C901, PLR0912, PLR0915 - the hot path, one frame
        self, subject: Subject, fix: Fix, t: float, lon: float, lat: float, sigma: float, flags: int,
        now: float, heard: float,
    ) -> None:  # fmt: skip
        """A fix newer than all before it of its subject: it moves the track unless it is an impossible jump."""
        world = self._world
        limits = world.limits
        if (subject.rivals is not None or subject.refused is not None or subject.suspect is not None) and resent(
            subject, t, lon, lat
        ):
            world.count("fix-duplicate")
            return
        speed = fix.speed_mps
        if t >= world.settler.settled:
            told = flags
            # a speed between the two says nothing, and is the most frequent: no call for it here
            if speed is not None and not limits.rest_mps <= speed < limits.moves_mps:
                told |= word(limits, speed)
            world.settler.add(subject, Spot(t, lon, lat, sigma, told))
        else:
            late(world, subject, Spot(t, lon, lat, sigma, flags))
        before = (subject.t, subject.lon, subject.lat)
        doubted, err = subject.suspect, subject.sigma
        if not subject.move(t, lon, lat, sigma, flags, limits):
            spot = Spot(t, lon, lat, sigma, flags)
            if not sources.aside(world, subject, spot, now):
                world.doubt(subject, "fix-suspect")
                hear(world, subject, t, now)
                return
            sources.hop(world, subject, spot)
            before = (t, lon, lat)
        elif subject.rivals is not None:
            sources.believed(world, subject, None if doubted is None else Spot(*before, err))
        if doubted is not None:
            before = (t, lon, lat)
        if subject.away:
            back(world, subject)
        if speed is not None:
            subject.told(speed, fix.course_deg, limits)
        seen = subject.seen
        if subject.split is None:
            subject.seen = (t if t < heard else heard) - world.lost  # noqa: FURB136 - half the time
        if t > subject.newest:
            subject.newest, subject.heard = t, heard - world.lost
        if subject.odd or lon == before[1] or t - before[0] > subject.slow or sigma > limits.dim_m:
            sigma = habits.heed(world, subject, fix, Spot(*before, err), seen)
        if subject.weak is not None and subject.weak.t <= t:
            subject.weak = None
        if now - t > limits.live_s:
            return
        kx = cos(lat * RADIAN) * METRES_PER_DEGREE
        for pair, other in subject.links:
            if pair.calm:
                dlon = lon - other.lon
                if dlon > 180.0:
                    dlon -= 360.0
                elif dlon < -180.0:
                    dlon += 360.0
                dx, dy = dlon * kx, (lat - other.lat) * METRES_PER_DEGREE
                far = pair.far + limits.horizon_s * (subject.speed + other.speed) + limits.r95 * (sigma + other.sigma)
                if dx * dx + dy * dy > far * far:
                    continue
            judge(world, pair, subject)
        if subject.areas:
            watch_areas(world, subject)
        slack = subject.guard_slack
        dx, dy = (lon - subject.guard_lon) * kx, (lat - subject.guard_lat) * METRES_PER_DEGREE
        if (
            subject.close or slack < 0.0 or sigma > limits.bound_sigma_m or dx * dx + dy * dy > slack * slack
        ) and subject.guards:  # fmt: skip
            watch_places(world, subject, before)
        if subject.vague:
            again(world, subject)

    def _outdated(self, subject: Subject) -> None:
        """The newest there was when a batch began, and too old to raise anything live: what is known of the pairs changes.

        Only now, for the newest of a batch overtakes its backlog: in the middle of one nobody is known as late as they are.
        """
        for pair, _ in subject.links:
            pair.calm = False
            look(self._world, pair)
