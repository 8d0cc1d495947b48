"""Writing decisions down. It must never put a log position or a wall clock into an alert's id.

One episode, one alert: while an episode of a code is open on a pair, another cause of the same code joins it.
"""

from typing import Final, NamedTuple

import msgspec

from jikimi.detect.age import stale
from jikimi.detect.arming import Arming
from jikimi.detect.decisions import Alert, Cleared, Known, Moved
from jikimi.detect.limits import BREACH
from jikimi.detect.pair import ARMED, HERE, Pair
from jikimi.detect.places import INSIDE
from jikimi.detect.track import Spot, Subject
from jikimi.detect.world import World
from jikimi.kernel.geodesy import distance
from jikimi.kernel.ids import derived

LIVE: Final = "live"
EVIDENCE: Final = "evidence"
RETROSPECTIVE: Final = "retrospective"
MERGED: Final = frozenset({"A02"})
"""Codes of which a pair has one open episode, whatever was breached first: her, her home, her work."""

Reason = dict[str, str | int | float | None]


class Seen(NamedTuple):
    """What an alert shows instead of the pair's live numbers: the shown word, measures, and the orders that lead."""

    state: str
    distance_m: float | None
    sigma_m: float | None
    ttc_s: float | None
    attribution: str | None
    arming: Arming


def known(subject: Subject | None, spot: Spot | None, decided: float) -> Known | None:
    """A party as known at ``decided`` (Unix seconds); None if never located."""
    if subject is None or (not subject.known and spot is None):
        return None
    at = spot or subject
    speed = (at.vx * at.vx + at.vy * at.vy) ** 0.5
    return Known(subject.id, at.t, at.lon, at.lat, at.sigma, max(0.0, decided - at.t), speed)


def grounds(world: World, code: str, rule: str, **numbers: str | float | None) -> Reason:
    """Why: the rule at its version, what the catalogue makes of it, and the numbers."""
    entry = world.rules.alerts[code]
    told: Reason = {
        "rule": rule,
        "rules": world.rules.version,
        "priority": entry.priority,
        "code_112": entry.code_112,
        "dispatch": entry.dispatch,
    }
    told.update(numbers)
    return told


def write(
    world: World, pair: Pair, code: str, cause: tuple[object, ...], at: float, reason: Reason, *,
    grade: str = LIVE, place: str | None = None, seen: Seen | None = None,
    offender: Spot | None = None, victim: Spot | None = None,
) -> tuple[str, str]:  # fmt: skip
    """Append an alert on ``pair``; return its id, which its order, code and cause alone decide, and its order.

    A row of evidence grade is for the file: it says no code for 112 and sends nobody, whatever its live alert did. Where she
    was is in it if that proves something: where she is thought to be now depends on what has arrived.
    """
    if grade == EVIDENCE:
        reason.update(code_112=None, dispatch="no")
    shown = seen or Seen(pair.shown, pair.distance, pair.sigma, pair.ttc, pair.attribution, pair.arming)
    order = shown.arming.order
    alert = str(derived(order, code, *cause))
    world.out.append(
        Alert(
            alert=alert,
            code=code,
            order=order,
            also_orders=list(shown.arming.also),
            at=at,
            decided_at=world.now,
            state=shown.state,
            distance_m=shown.distance_m,
            sigma_m=shown.sigma_m,
            time_to_contact_s=shown.ttc_s,
            attribution=shown.attribution,
            grade=grade,
            place=place,
            reason=reason,
            pair=pair.id,
            offender=known(pair.offender, offender, world.now),
            victim=None if grade == EVIDENCE and victim is None else known(pair.victim, victim, world.now),
            offender_id=pair.offender.id,
            victim_id=pair.victim.id if pair.victim else None,
        )
    )
    return alert, order


def begin(
    world: World, pair: Pair, code: str, key: str, cause: tuple[object, ...], at: float, reason: Reason,
    place: str | None = None, seen: Seen | None = None, offender: Spot | None = None, victim: Spot | None = None,
) -> bool:  # fmt: skip
    """Open the episode ``key`` of ``code`` unless it is open; what is one breach of a code in ``MERGED`` shares one alert.

    Returns whether an alert was written.
    """
    if key in pair.open:
        return False
    arming = seen.arming if seen is not None else pair.arming
    same = _same(world, pair, key, arming.order, at) if code in MERGED else None
    raised = pair.open[key] = same or write(
        world, pair, code, cause, at, reason, place=place, seen=seen, offender=offender, victim=victim
    )
    if same is None and code in MERGED:
        pair.told[raised[0]] = [arming.order, *arming.also]
    return same is None


def _same(world: World, pair: Pair, key: str, order: str, at: float) -> tuple[str, str] | None:
    """The open alert that has told of this breach, under this order; of her, none but one that said she is there.

    A place is told by the alert of her while he is within reach of her and has not left since, and by that of another place he
    has just entered and is still in.
    """
    code, of_place, _ = key.partition("@")
    just = [
        guard
        for guard in pair.guards.values()
        if guard.level == INSIDE
        and not guard.alone
        and at - guard.told <= world.rules.places.joint_s
        and guard.zone.edge(pair.offender.lon, pair.offender.lat) <= 0.0
    ]
    keys = [f"{code}@{guard.key}" for guard in just if of_place or guard.hers]
    if of_place and pair.left == HERE and beside(world, pair):
        keys.append(code)
    found = (pair.open[each] for each in keys if each in pair.open)
    return next((raised for raised in found if order in pair.told.get(raised[0], ())), None)


def beside(world: World, pair: Pair) -> bool:
    """Whether she is known to be within his reach: inside the radius, or not so far out of it that a breach would end."""
    o, v = pair.offender, pair.victim
    if v is None or pair.mode != ARMED or not v.known or stale(world, v) or v.sprung:
        return False
    return distance(o.lon, o.lat, v.lon, v.lat) <= pair.radii[BREACH] + world.rules.exit.margin_m


def broken(world: World, pair: Pair, at: float, distance_m: float, sigma_m: float) -> Arming:
    """The orders binding now of which this distance breaks the radius; the widest leads, and none that is not broken is named."""
    arming = pair.arming
    if not arming.also:
        return arming
    met = world.limits.enter[BREACH].met
    near = {o.order for o in pair.book.at(at) if o.radius_m >= arming.radius_m or met(distance_m, o.radius_m, sigma_m)}
    return msgspec.structs.replace(arming, also=[order for order in arming.also if order in near])


def untold(pair: Pair, key: str, arming: Arming) -> list[str]:
    """The orders binding now of which the open episode ``key`` has told nobody."""
    raised = pair.open.get(key)
    told = () if raised is None else pair.told.get(raised[0], ())
    return [] if raised is None else [order for order in (arming.order, *arming.also) if order and order not in told]


def end(world: World, pair: Pair, key: str, at: float) -> None:
    """Close the episode ``key`` if it is open; the alert is cleared when nothing else holds it."""
    ended = pair.open.pop(key, None)
    if ended is not None and ended not in pair.open.values():
        alert, order = ended
        pair.told.pop(alert, None)
        world.out.append(Cleared(alert, key.split("@", maxsplit=1)[0], order, at, world.now))


def show(world: World, pair: Pair, at: float) -> None:
    """Say so if the pair's shown word changed."""
    name = pair.name()
    if name != pair.shown:
        pair.shown = name
        world.out.append(Moved(pair.id, pair.arming.order, name, at, world.now, pair.distance, pair.ttc))
