"""Clocks of duty and the kinds of training as dated data. It must never hold a number of its own."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What something is called."""

    ko: str
    en: str


class DutyRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition, valid from ``effective_from``; seconds.

    ``early_s``: a shift may begin so long before its time. ``late_s``: nobody has begun it. ``over_s``: its owner has not
    ended it. ``handover_s``: nobody has taken what was handed over. ``longest_s``: no shift is longer. ``soon_s``: what
    lapses within it is said beforehand. ``ends_an_hour``: one hand ends no more accounts. ``proven_s``: who
    signed in so long ago can take over, whoever made the account. ``shown_s``: so long an account's end stands on the roster.
    ``kinds``: what one may be trained for.
    """

    version: str
    effective_from: str
    early_s: float
    late_s: float
    over_s: float
    handover_s: float
    longest_s: float
    soon_s: float
    ends_an_hour: int
    proven_s: float
    shown_s: float
    kinds: Mapping[str, Named]


@cache
def load(regime: str) -> DutyRules:
    """The packaged edition of a regime; raises FileNotFoundError for a regime nobody wrote."""
    text = files("jikimi.registry.regimes").joinpath(regime, "duty.json").read_bytes()
    return msgspec.json.decode(text, type=DutyRules)
