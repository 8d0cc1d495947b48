"""Clocks and measures of access as dated data. It must never hold a number of its own."""

from functools import cache
from importlib.resources import files

import msgspec


class AccessRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition, valid from ``effective_from``.

    ``glass_s``: an emergency opening lasts so long; ``review_s``: it is judged by then. More searches, subjects or
    openings of one account than ``searches_an_hour``, ``subjects_an_hour`` and ``glasses_a_day`` are shown to a reviewer;
    searches beyond it are refused. ``agreed_longest_s``: what two agencies agree on holds no longer.
    """

    version: str
    effective_from: str
    glass_s: float
    review_s: float
    searches_an_hour: int
    subjects_an_hour: int
    glasses_a_day: int
    agreed_longest_s: float
    looks_quiet_s: float
    """How long an incident has been closed before she is told of looks at it."""


@cache
def load(regime: str) -> AccessRules:
    """The packaged edition of a regime; raises FileNotFoundError for a regime nobody wrote."""
    text = files("jikimi.registry.regimes").joinpath(regime, "access.json").read_bytes()
    return msgspec.json.decode(text, type=AccessRules)
