"""Orders, carriers and rules as they come. It must never let a change wait for the next fix."""

from jikimi.detect import rules
from jikimi.detect.arm import refresh
from jikimi.detect.facts import Carry, Order, RuleChange
from jikimi.detect.limits import Limits
from jikimi.detect.pair import Pair, pair_id
from jikimi.detect.rhythm import expect
from jikimi.detect.track import Subject
from jikimi.detect.world import World


def order(world: World, fact: Order) -> None:
    """Take a version of an order, unless a newer one is held; parties that changed leave their old pair."""
    held = world.orders.get(fact.order)
    if held is not None and fact.version <= held.version:
        return
    world.orders[fact.order] = fact
    key = (fact.offender, fact.victim)
    if held is not None and (held.offender, held.victim) != key:
        _leave(world, held)
    offender = world.subject(fact.offender)
    victim = world.subject(fact.victim) if fact.victim is not None else None
    pair = world.pairs.get(key)
    if pair is None:
        if not world.mine(pair_id(*key)):
            return
        pair = Pair(offender, victim)
        pair.number = len(world.pairs)
        world.pairs[key] = pair
        link(pair)
    pair.book.put(fact, world.settler.settled - world.rules.data.history_s)
    pair.widest = max(pair.widest, fact.radius_m)
    refresh(world, pair, ("order", fact.order, fact.version))


def link(pair: Pair) -> None:
    """Have both parties' fixes find the pair."""
    if pair.victim is not None:
        pair.offender.links = (*pair.offender.links, (pair, pair.victim))
        pair.victim.links = (*pair.victim.links, (pair, pair.offender))


def _leave(world: World, held: Order) -> None:
    pair = world.pairs.get((held.offender, held.victim))
    if pair is not None:
        pair.book.drop(held.order)
        refresh(world, pair)


def carry(world: World, fact: Carry) -> None:
    """Take a record of who carries a device; every pair of that person is looked at again."""
    subject = world.subject(fact.person)
    if fact.device not in world.carriers.devices(fact.person):
        subject.lesson = None
    world.carriers.apply(fact)
    expect(world, subject, fact.interval_s)
    for pair in pairs_of(subject):
        refresh(world, pair, ("carry", fact.carry))


def pairs_of(subject: Subject) -> list[Pair]:
    """Every pair a subject belongs to, those of places alone among them."""
    found = {pair.id: pair for pair, _ in subject.links}
    found.update({pair.id: pair for pair, _ in (*subject.guards, *subject.areas)})
    return list(found.values())


def rule_change(world: World, fact: RuleChange) -> None:
    """Switch to another edition; radii and thresholds hold from here on. One of another Jikimi is counted."""
    world.rules = rules.taken(fact.rules, world.shipped)
    if rules.canonical(world.rules) != fact.rules:
        world.count("rules-of-another-version")
    world.limits = Limits(world.rules)
    for pair in world.pairs.values():
        pair.calm = False
        refresh(world, pair, ("rules", fact.version))
