"""The words a victim is asked in, by edition. It must never ask for what consent cannot give: where she is."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from jikimi.share.policy import Data

ASKED: Final = (Data.PERSON, Data.ORDER, Data.INCIDENT)
"""What she can say yes to. A position is never among it."""


class CallBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When her yes to being monitored ends at once, and by when she is called back where it does not.

    At once only where both were heard of within ``fresh_s``, are surely more than ``far_m`` apart, and over ``window_s``
    came no more than ``closing_m`` nearer. Else she is called by ``call_s``, and the room told again every ``again_s``.
    """

    far_m: float
    fresh_s: float
    window_s: float
    closing_m: float
    call_s: float
    again_s: float


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition: the question and what each class of data is, in plain words; ``longest_s``: the longest a yes holds.

    ``call_back``: how her yes to being monitored ends.
    """

    version: str
    effective_from: str
    longest_s: float
    call_back: CallBack
    ko: Mapping[str, str]
    en: Mapping[str, str]


@cache
def load(regime: str) -> Words:
    """The packaged edition of a regime; raises FileNotFoundError for a regime nobody wrote."""
    text = files("jikimi.registry.regimes").joinpath(regime, "consent.json").read_bytes()
    return msgspec.json.decode(text, type=Words)
