"""The rings of a pair: fast in, slow out. It must never lower a ring on what is old, doubted or unproven.

Entering ring R takes P(d < R) over the ring's threshold at N of the last M points, or a confirmed time to contact for
DANGER; leaving takes a distance beyond the radius by more than the error, held for a time, on fresh proven fixes.
"""

from typing import Final

from jikimi.detect import again, alerts, silence
from jikimi.detect.age import stale
from jikimi.detect.approach import coming, contact_in, inside_between, soon
from jikimi.detect.arming import Arming
from jikimi.detect.claims import as_claimed
from jikimi.detect.company import came, linger, passed, together
from jikimi.detect.late import retrospect
from jikimi.detect.limits import BREACH, DANGER, NOTICE, RINGS, SAFE, Limits
from jikimi.detect.measure import Measure, attribution, measure
from jikimi.detect.pace import ask
from jikimi.detect.pair import ARMED, FOREVER, FRESH, LEVEL_BITS, NONE, STALE, Pair
from jikimi.detect.probability import within
from jikimi.detect.track import Spot, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance

_MASK: Final = (1 << LEVEL_BITS) - 1


def level_of(pair: Pair, m: Measure, limits: Limits) -> int:
    """The highest ring this one measurement reaches, time to contact left aside.

    A device held to less than it claims reaches what either error does: nothing learned may keep anybody out.
    """
    reached = _reached(pair, m.distance_m, m.sigma_m, limits)
    o, v = pair.offender, pair.victim
    if v is not None and (o.claim is not None or v.claim is not None):
        return max(reached, _reached(pair, m.distance_m, as_claimed(o, v, m.sigma_m), limits))
    return reached


def _reached(pair: Pair, distance_m: float, sigma_m: float, limits: Limits) -> int:
    for ring in range(len(RINGS) - 1, SAFE, -1):
        if limits.enter[ring].met(distance_m, pair.radii[ring], sigma_m):
            return ring
    return SAFE


def remember(pair: Pair, level: int, limits: Limits) -> int:
    """Count a point; the highest ring with N of its last M points, this one among them."""
    pair.recent = (pair.recent << LEVEL_BITS | level) & (1 << 3 * LEVEL_BITS) - 1
    for ring in range(level, SAFE, -1):
        n, m = limits.points[ring]
        hits, past = 1, pair.recent
        for _ in range(m - 1):
            past >>= LEVEL_BITS
            hits += past & _MASK >= ring
        if hits >= n:
            return ring
    return SAFE


def confirmed(pair: Pair, ring: int, limits: Limits) -> bool:
    """Whether ``ring`` is told though nobody approaches: at so many of the last three points they were that near, or it is
    the first that is known of them.
    """
    need = limits.told[ring]
    if pair.joint_t == -FOREVER:
        need = min(need, 1)
    if need <= 1:
        return need == 1
    recent = pair.recent
    hits = (
        (recent & _MASK >= ring) + (recent >> LEVEL_BITS & _MASK >= ring) + (recent >> 2 * LEVEL_BITS & _MASK >= ring)
    )
    return hits >= need


def judge(world: World, pair: Pair, subject: Subject) -> None:  # noqa: C901, PLR0912 - one look in its order
    """Decide a pair after a believed fix of ``subject``, one of its two."""
    o, v = pair.offender, pair.victim
    if subject.t < pair.arming.since:
        outlived(world, pair, subject, subject)
    if v is None or pair.mode != ARMED or not (o.known and v.known):
        if pair.mode != NONE:
            silence.look(world, pair)
        return
    world.candidates += 1
    again.watch(world, pair, subject)
    m = measure(o, v, o.interval, v.interval, world.limits)
    pair.distance, pair.sigma, pair.ttc = m.distance_m, m.sigma_m, contact_in(m, world)
    pair.attribution = attribution(m, world.rules.closing.min_mps)
    one = not (o.sprung or v.sprung)
    fast = False
    if pair.arming.since <= subject.t < pair.arming.until and counts(world, o, v):
        approaching = coming(world, pair, m, m.toward_o if subject is o else m.toward_v)
        fast = approaching and soon(world, m)
        level, held = level_of(pair, m, world.limits), pair.ring
        _enter(world, pair, m, subject, level, approaching=approaching, fast=fast)
        if held >= BREACH:
            _again(world, pair, m, subject, level, distance(o.lon, o.lat, v.lon, v.lat))
            if level >= BREACH and not one:
                _returned(world, pair, m, subject, subject)
        pair.here_t = subject.t if level >= BREACH else pair.here_t
        if pair.ring >= DANGER or pair.together is not None:
            together(world, pair, o, v, m)
        if pair.came:
            linger(world, pair, m)
        if abs(o.t - v.t) <= world.rules.data.stale_intervals * subject.interval:
            pair.joint_t = m.at
    if pair.ring > SAFE and one:
        fall(world, pair, m, fast)
    other = v if subject is o else o
    if other.weak is not None and other.weak.t > other.t:
        glimpse(world, pair, other, other.weak)
    if other.split is not None:
        for r in other.rivals or ():
            glimpse(world, pair, other, Spot(r.t, r.lon, r.lat, r.sigma), "suspect")
    settle_state(world, pair, m.at)


def _enter(
    world: World, pair: Pair, m: Measure, subject: Subject, level: int, *, approaching: bool, fast: bool
) -> None:  # fmt: skip
    """The rings this fix takes the pair into, by distance, by time, or by what lay between it and the last."""
    limits, held = world.limits, pair.ring
    within_s, nearest = inside_between(world, pair, m, subject)
    entered, rule = remember(pair, level, limits), "ring"
    crossed = entered < BREACH and within_s >= world.rules.closing.cross_s
    if crossed and level_of(pair, nearest, limits) >= BREACH:
        entered, rule = BREACH, "between-fixes"
    if fast and entered < DANGER:
        entered, rule = DANGER, "time-to-contact"
    pair.came = pair.came or (m.toward_o >= world.rules.closing.min_mps and held > SAFE)
    news = approaching or (
        confirmed(pair, entered, limits) and not (entered == DANGER and again.still(world, pair, m.at))
    )
    # Told of long ago: that one who has moved sets out for her is news, however near he lives.
    long_ago = m.at - max(pair.told_t, pair.coming_t) > world.rules.data.renew_s
    sets_out = approaching and again.elsewhere(pair)
    anew = sets_out and long_ago and (fast or level >= DANGER)
    if entered > held:
        rise(world, pair, entered, m, subject, subject, rule, quiet=not news)
    elif held == NOTICE <= level and approaching:
        announce(world, pair, NOTICE, m, subject, subject, "approaching")
    elif held == DANGER and (anew or (pair.hushed and (fast or (news and level >= DANGER)))):
        pair.hushed = False
        alerts.end(world, pair, world.rules.rings[RINGS[DANGER]].code, m.at)
        announce(world, pair, DANGER, m, subject, subject, "ring" if level >= DANGER else "time-to-contact")
    pair.coming_t = m.at if sets_out else pair.coming_t


def _again(world: World, pair: Pair, m: Measure, subject: Subject, level: int, apart_m: float) -> None:
    """A breach is told again long after it was told: entered anew, come much nearer, or after a gap in what was known.

    ``apart_m``: of their last positions, nobody carried forward; who drives up and stops has not left again.
    """
    # What nobody was guarded from is no gap.
    known = max(pair.joint_t, pair.arming.since)
    apart_s = m.at - known > world.rules.data.stale_intervals * subject.interval
    pair.gap = pair.gap or apart_s or (pair.knowledge == STALE and not any(stale(world, p) for p in pair.parties()))
    again.weigh(world, pair, m, min(apart_m, again.sources_m(world, pair, m.at)), subject.interval)
    if level < BREACH:
        return
    if pair.taken:
        _taken(world, pair, m, subject, (subject.id, subject.t), subject.t)
        return
    if m.at - pair.told_t <= world.rules.data.renew_s:
        pair.told_m = min(pair.told_m, m.distance_m)
    elif pair.gap or again.nearer(world, pair, m) or again.back(pair, m):
        alerts.end(world, pair, world.rules.rings[RINGS[BREACH]].code, m.at)
        announce(world, pair, BREACH, m, subject, subject, "renewed")
    if pair.arming.also:
        _joined(world, pair, m, (subject.id, subject.t), subject.t)


def _returned(world: World, pair: Pair, m: Measure, subject: Subject, spot: Spot) -> None:
    """Two sources lower nothing, so that nobody leaves: one that is here long after the last that was is told of."""
    renew_s = world.rules.data.renew_s
    if spot.t - max(pair.here_t, pair.told_t) > renew_s:
        pair.distance, pair.sigma, pair.ttc, pair.attribution = m.distance_m, m.sigma_m, None, None
        alerts.end(world, pair, world.rules.rings[RINGS[BREACH]].code, m.at)
        announce(world, pair, BREACH, m, subject, spot, "suspect")


def _taken(world: World, pair: Pair, m: Measure, subject: Subject, cause: tuple[object, ...], at: float) -> None:
    """The breach goes on under the order that has taken over: its own alert."""
    pair.taken = False
    announce(world, pair, BREACH, m, subject, subject, "next-order", cause, at)


def _joined(world: World, pair: Pair, m: Measure, cause: tuple[object, ...], at: float) -> None:
    """Orders broken in the middle of a breach told under a wider one, or that begin in it: each its own alert."""
    code = world.rules.rings[RINGS[BREACH]].code
    new = alerts.untold(pair, code, pair.arming)
    for order in [each for each in pair.book.at(at) if each.order in new]:
        if not world.limits.enter[BREACH].met(m.distance_m, order.radius_m, m.sigma_m):
            continue
        arming = Arming(at, at, order.order, order.version, [], order.radius_m)
        seen = alerts.Seen(pair.shown, m.distance_m, m.sigma_m, pair.ttc, pair.attribution, arming)
        reason = alerts.grounds(world, code, "next-order", radius_m=order.radius_m, by=pair.offender.id)
        alerts.write(world, pair, code, cause, at, reason, seen=seen)
        pair.told[pair.open[code][0]].append(order.order)


def counts(world: World, o: Subject, v: Subject) -> bool:
    """Whether both positions are new enough to put the two near each other; older ones leave the pair UNKNOWN."""
    lag = world.rules.data.count_intervals * (o.interval if o.t < v.t else v.interval)
    return abs(o.t - v.t) <= lag


def settle_state(world: World, pair: Pair, at: float) -> None:
    """Knowledge, shown word and whether the cheap bound may skip the pair from now on."""
    if pair.knowledge != FRESH or pair.quiet or _coarse(pair, world.limits):
        silence.look(world, pair)
    alerts.show(world, pair, at)
    weak = pair.offender.weak is not None or (pair.victim is not None and pair.victim.weak is not None)
    pair.calm = (
        pair.ring == SAFE and pair.knowledge == FRESH and pair.mode == ARMED and not (pair.recent or pair.closing)
        and not pair.open and not weak
    )  # fmt: skip


def _coarse(pair: Pair, limits: Limits) -> bool:
    victim = pair.victim
    return pair.offender.sigma > limits.dim_m or (victim is not None and victim.sigma > limits.dim_m)


def rise(
    world: World, pair: Pair, ring: int, m: Measure, subject: Subject, spot: Spot, rule: str,
    cause: tuple[object, ...] | None = None, at: float | None = None, *, quiet: bool = False,
) -> None:  # fmt: skip
    """Enter ``ring`` and raise its code; ``spot`` is the position that did it.

    ``quiet``: nobody is approaching, and it is not confirmed; it is then shown, both devices are asked to report more
    often, and nobody is told, for in a town people are a kilometre apart and pass each other.
    """
    was, pair.ring = pair.ring, ring
    pair.hushed = quiet
    pair.outside = [None] * len(RINGS)
    alerts.show(world, pair, spot.t)
    if ring >= DANGER > was and m.toward_o >= world.rules.closing.min_mps and came(world, pair):
        passed(world, pair, spot.t)
    if not quiet:
        announce(world, pair, ring, m, subject, spot, rule, cause, at)
    ask(world, pair, spot.t)
    silence.reschedule(world, pair)


def announce(
    world: World, pair: Pair, ring: int, m: Measure, subject: Subject, spot: Spot, rule: str,
    cause: tuple[object, ...] | None = None, at: float | None = None,
) -> None:  # fmt: skip
    """Raise the code of ``ring`` unless its episode is open."""
    name = RINGS[ring]
    code = world.rules.rings[name].code
    if code in pair.open:
        return
    offender, victim = (spot, None) if subject is pair.offender else (None, spot)
    reason = alerts.grounds(
        world, code, rule, ring=name, radius_m=pair.radii[ring], threshold=world.limits.enter[ring].p,
        p=probability(pair, m, ring), closing_mps=m.closing, knowledge=pair.knowledge, by=subject.id,
    )  # fmt: skip
    why = cause or (subject.id, spot.t)
    later = pair.ttc is None or pair.ttc >= world.rules.closing.notice_s
    if ring == NOTICE and later:
        reason["code_112"] = world.rules.closing.notice_code
    if ring >= DANGER:
        pair.told_t, pair.told_m, pair.gap = spot.t, m.distance_m, False
        again.stand(world, pair)
    when, seen = spot.t if at is None else at, None
    if ring >= BREACH and rule != "between-fixes":
        arming = alerts.broken(world, pair, when, m.distance_m, m.sigma_m)
        seen = alerts.Seen(pair.shown, pair.distance, pair.sigma, pair.ttc, pair.attribution, arming)
    alerts.begin(world, pair, code, code, why, when, reason, seen=seen, offender=offender, victim=victim)


def probability(pair: Pair, m: Measure, ring: int) -> float:
    """P(d < radius of the ring), as told in the reason."""
    return within(m.distance_m, pair.radii[ring], m.sigma_m)


def fall(world: World, pair: Pair, m: Measure, fast: bool) -> None:  # noqa: FBT001 - a fact about the moment
    """Note how long each held ring has been left behind, and step down where it has been long enough."""
    leave = world.rules.exit
    slack = max(leave.margin_m, leave.sigmas * m.sigma_m)
    left = pair.ring
    for ring in range(1, pair.ring + 1):
        inside = m.distance_m <= pair.radii[ring] + slack or (fast and ring <= DANGER)
        since = pair.outside[ring]
        pair.outside[ring] = None if inside else m.at if since is None else since
    while left > SAFE:
        since = pair.outside[left]
        if since is None or m.at - since < world.rules.rings[RINGS[left]].exit_s:
            break
        left -= 1
    if left < pair.ring:
        descend(world, pair, left, m.at)


def descend(world: World, pair: Pair, ring: int, at: float) -> None:
    """Go down to ``ring`` and close the episodes of the rings above it."""
    kept = {world.rules.rings[name].code for name in RINGS[1 : ring + 1]}
    above = [world.rules.rings[name].code for name in RINGS[ring + 1 :]]
    pair.ring = ring
    ask(world, pair, at)
    for code in above:
        if code not in kept:
            alerts.end(world, pair, code, at)
    if ring < BREACH:
        pair.taken = False
        alerts.end(world, pair, "A03", at)


def against(world: World, pair: Pair, subject: Subject, spot: Spot) -> Measure | None:
    """A spot of ``subject`` against the other party as known around its time; None where that counts for nothing."""
    o, v = pair.offender, pair.victim
    if v is None or pair.mode != ARMED or not pair.arming.since <= spot.t < pair.arming.until:
        return None
    other = v if subject is o else o
    then = partner_at(other, spot.t)
    if then is None:
        return None
    world.candidates += 1
    a, b = (spot, then) if subject is o else (then, spot)
    return measure(a, b, o.interval, v.interval, world.limits)


def glimpse(world: World, pair: Pair, subject: Subject, spot: Spot, rule: str = "glimpse") -> None:
    """Raise, never lower: a spot that is late, unproven or of a second source (rule "suspect")."""
    m = against(world, pair, subject, spot)
    if m is None:
        return
    level = level_of(pair, m, world.limits)
    if level > pair.ring and level >= DANGER:
        pair.distance, pair.sigma, pair.ttc = m.distance_m, m.sigma_m, None
        pair.attribution = None
        pair.calm = False
        rise(world, pair, level, m, subject, spot, rule)
    elif level >= BREACH and rule == "suspect":
        _returned(world, pair, m, subject, spot)
    pair.here_t = max(pair.here_t, spot.t) if level >= BREACH else pair.here_t


def outlived(world: World, pair: Pair, subject: Subject, spot: Spot) -> None:
    """A fix of a time at which other orders bound than now: a breach of those is for the record, they bind no more."""
    v = pair.victim
    if v is None or spot.t >= pair.arming.since:
        return
    then = partner_at(v if subject is pair.offender else pair.offender, spot.t)
    if then is not None and abs(then.t - spot.t) <= world.rules.evidence.bridge_s:
        retrospect(world, pair, subject, spot, then)


def partner_at(other: Subject, t: float) -> Spot | None:
    """The other party's spot nearest to ``t``: the live track, an unproven newer one, or one still unsettled."""
    best: Spot | None = other if other.known else None
    weak = other.weak
    if weak is not None and (best is None or abs(weak.t - t) < abs(best.t - t)):
        best = weak
    for spot in other.pending:
        if best is None or abs(spot.t - t) < abs(best.t - t):
            best = spot
    return best


def _recent(world: World, party: Subject, at: float) -> bool:
    """Whether a party's position is new enough to count at ``at``."""
    return at - party.t <= world.rules.data.count_intervals * party.interval


def already_inside(world: World, pair: Pair, at: float, cause: tuple[object, ...]) -> None:
    """An order, a carrier or a restart made this pair count from ``at`` on: who is inside counts at once."""
    o, v = pair.offender, pair.victim
    if v is None or pair.mode != ARMED:
        return
    if o.known and v.known and _recent(world, o, at) and _recent(world, v, at):
        m = measure(o, v, o.interval, v.interval, world.limits)
        pair.distance, pair.sigma, pair.ttc = m.distance_m, m.sigma_m, contact_in(m, world)
        pair.attribution = attribution(m, world.rules.closing.min_mps)
        level = level_of(pair, m, world.limits)
        if level > pair.ring:
            rise(world, pair, level, m, o, o, "already-inside", (*cause, o.t, v.t), at)
        elif level >= BREACH and pair.taken:
            _taken(world, pair, m, o, (*cause, o.t, v.t), at)
        elif level >= BREACH:
            _joined(world, pair, m, (*cause, o.t, v.t), at)
    silence.look(world, pair)
    settle_state(world, pair, at)
