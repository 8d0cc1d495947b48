"""Whose training holds goes first where it costs little. Pure: it must never leave anybody out, nor send somebody much later."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from jikimi.respond.model import Pick

LAPSED = "training has lapsed"


def preferring(ranked: Sequence[Pick], lapsed_s: float) -> list[Pick]:
    """The same picks, a unit whose training has lapsed counted as if it arrived ``lapsed_s`` later, and saying so.

    A unit that is the only one, or nearer by more than that, goes first as before.
    """
    return sorted((_said(pick) for pick in ranked), key=lambda pick: _arrives(pick, lapsed_s))


def _arrives(pick: Pick, lapsed_s: float) -> tuple[float, bool]:
    late = lapsed_s if pick.unit.lapsed else 0.0
    return (inf if pick.eta_s is None else pick.eta_s + late), pick.unit.lapsed


def _said(pick: Pick) -> Pick:
    return replace(pick, note="; ".join(filter(None, (pick.note, LAPSED)))) if pick.unit.lapsed else pick
