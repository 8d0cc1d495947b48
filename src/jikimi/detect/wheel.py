"""Moments at which a pair must be looked at. It must never cost anything per fix.

An entry is left where it is when the pair's silence is broken; on its turn the pair says when it is really due.
"""

from heapq import heappop, heappush
from math import ceil, inf
from operator import attrgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jikimi.detect.pair import Pair


_number: Final = attrgetter("number")


class Wheel:
    """Pairs by the whole second of their turn."""

    __slots__ = ("slots", "turns")

    def __init__(self) -> None:
        self.slots: dict[int, list[Pair]] = {}
        self.turns: list[int] = []

    def put(self, pair: "Pair", at: float) -> None:
        """Have ``pair`` looked at by the first tick at or after ``at``; a later turn than it has is ignored."""
        if at >= pair.due or at == inf:
            return
        second = ceil(at)
        pair.due = float(second)
        slot = self.slots.get(second)
        if slot is None:
            self.slots[second] = [pair]
            heappush(self.turns, second)
        else:
            slot.append(pair)

    def next(self) -> float:
        """The second of the next turn, or infinity."""
        return self.turns[0] if self.turns else inf

    def due(self, now: float) -> "list[Pair]":
        """Pairs whose turn has come by ``now``, by turn and making; entries overtaken by an earlier one are dropped."""
        found: list[Pair] = []
        while self.turns and self.turns[0] <= now:
            second = heappop(self.turns)
            slot = self.slots.pop(second)
            slot.sort(key=_number)
            for pair in slot:
                if pair.due == second:
                    pair.due = inf
                    found.append(pair)
        return found
