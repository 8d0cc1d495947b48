"""By which events of law what is destroyed, as dated data. It must never hold an event of its own."""

from functools import cache
from importlib.resources import files

import msgspec

from jikimi.store.custody import Kind

KINDS = {
    "person": Kind.PERSON, "order": Kind.ORDER, "supervision": Kind.SUPERVISED, "provisional": Kind.ORDERED,
    "consent": Kind.AGREED,
}  # fmt: skip
"""Kinds of data by the names the law's data gives them."""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event: its article, the kinds of data it ends, and whether another agency is asked before."""

    article: str
    data: list[str]
    inquiry: bool
    ko: str
    en: str

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of keys that are destroyed by it."""
        return tuple(KINDS[name] for name in self.data)


class DestructionRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition, valid from ``effective_from``: events by their code.

    ``rolling_s``: kinds of data that are kept only so long unless an incident needs them.
    """

    version: str
    effective_from: str
    rolling_s: dict[str, float]
    events: dict[str, Event]


@cache
def load(regime: str) -> DestructionRules:
    """The packaged edition of a regime; raises FileNotFoundError for a regime nobody wrote."""
    text = files("jikimi.registry.regimes").joinpath(regime, "destruction.json").read_bytes()
    return msgspec.json.decode(text, type=DestructionRules)
