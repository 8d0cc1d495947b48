"""What is remembered of one person, let go of because the law had it destroyed. It must never forget whom an order guards.

Otherwise a detector and its snapshots would keep for ever where somebody last was.
"""

from collections.abc import Iterable
from typing import Final, TypeVar

from jikimi.detect.facts import Forget
from jikimi.detect.pair import NONE, Pair
from jikimi.detect.world import World

FOREVER: Final = float("inf")
_T = TypeVar("_T")


def forget(world: World, fact: Forget) -> None:
    """Keep nothing of where they were nor of the orders that named them; while any of those holds, everything is kept."""
    subject = world.subjects.get(fact.subject)
    if subject is None:
        return
    gone = [pair for pair in world.pairs.values() if fact.subject in pair.key]
    if any(pair.mode != NONE for pair in gone):
        world.count("forget-refused")
        return
    for pair in gone:
        _drop(world, pair)
    # In the order of their making, as a snapshot counts them.
    for number, pair in enumerate(world.pairs.values()):
        pair.number = number
    world.orders = {
        name: order for name, order in world.orders.items() if fact.subject not in (order.offender, order.victim)
    }
    subject.pending = []
    for second, waiting in world.settler.buckets.items():
        world.settler.buckets[second] = [each for each in waiting if each is not subject]
    world.calls = {what: heard for what, heard in world.calls.items() if not what.endswith(fact.subject)}
    world.backlog.pop(fact.subject, None)
    del world.subjects[fact.subject]


def _drop(world: World, pair: Pair) -> None:
    del world.pairs[pair.key]
    pair.due = FOREVER
    for party in pair.parties():
        party.links = _without(party.links, pair)
        party.guards, party.areas = _without(party.guards, pair), _without(party.areas, pair)
        party.close = _without(party.close, pair)
        if party.past is not None:
            party.past.close = _without(party.past.close, pair)


def _without(held: Iterable[tuple[Pair, _T]], gone: Pair) -> tuple[tuple[Pair, _T], ...]:
    return tuple(one for one in held if one[0] is not gone)
