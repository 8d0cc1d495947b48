"""One country's law as dated data. It must never decide anything: it hands editions to whoever decides."""

import json
from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec

from jikimi.detect import rules
from jikimi.detect.rules import Rules
from jikimi.kernel.errors import NotFound

DEFAULT = "kr"


class LedgerRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a regime's ledger is kept: seconds its calendar is ahead of UTC, so that a month ends with the country's.

    ``laws``: by which names an order's article may stand there.
    """

    version: str
    effective_from: str
    utc_offset_s: int
    laws: tuple[str, ...]


def editions(regime: str = DEFAULT) -> list[Rules]:
    """All editions of a regime's detection rules, oldest first; raises NotFound for a regime without any."""
    name = files(__name__) / regime / "detection.json"
    if not regime.isidentifier() or not name.is_file():
        raise NotFound(f"No detection rules for the regime {regime!r}.")
    found = [rules.parse(msgspec.json.encode(edition)) for edition in json.loads(name.read_text(encoding="utf-8"))]
    return sorted(found, key=lambda edition: edition.effective_from)


def corridor_kinds(regime: str = DEFAULT) -> frozenset[str]:
    """The kinds of place that let him through a zone by any edition; none for a regime nobody has rules of."""
    try:
        return frozenset(kind for edition in editions(regime) for kind in edition.places.corridors)
    except NotFound:
        return frozenset()


@cache
def guarded_kinds(regime: str = DEFAULT) -> frozenset[str]:
    """The kinds of place where a protected person is at home, by any edition; none for a regime nobody has rules of."""
    try:
        return frozenset(kind for edition in editions(regime) for kind in edition.places.banned)
    except NotFound:
        return frozenset()


@cache
def place_kinds(regime: str = DEFAULT) -> tuple[str, ...]:
    """The kinds of place of any edition, as they are listed; none for a regime nobody has rules of."""
    try:
        return tuple(dict.fromkeys(kind for edition in editions(regime) for kind in edition.places.kinds))
    except NotFound:
        return ()


def starts_at(edition: Rules | LedgerRules) -> float:
    """Unix seconds from which an edition holds; ``effective_from`` carries its country's own offset."""
    return datetime.fromisoformat(edition.effective_from).timestamp()


def edition_at(at: float, regime: str = DEFAULT) -> Rules:
    """The edition in force at Unix seconds ``at``; before the first edition, the first."""
    known = editions(regime)
    held = [edition for edition in known if starts_at(edition) <= at]
    return held[-1] if held else known[0]


def offsets(regime: str = DEFAULT) -> list[tuple[float, int]]:
    """Seconds a regime's time is ahead of UTC, each from its Unix seconds on; raises NotFound for an unknown regime."""
    return [(starts_at(edition), edition.utc_offset_s) for edition in _ledger(regime)]


def ledger_at(at: float, regime: str = DEFAULT) -> LedgerRules:
    """How the ledger is kept at Unix seconds ``at``; before the first edition, as in the first."""
    known = _ledger(regime)
    held = [edition for edition in known if starts_at(edition) <= at]
    return held[-1] if held else known[0]


@cache
def laws(regime: str = DEFAULT) -> frozenset[str]:
    """The names of laws of any edition; none for a regime nobody has rules of."""
    try:
        return frozenset(law for edition in _ledger(regime) for law in edition.laws)
    except NotFound:
        return frozenset()


def _ledger(regime: str) -> list[LedgerRules]:
    name = files(__name__) / regime / "ledger.json"
    if not regime.isidentifier() or not name.is_file():
        raise NotFound(f"No calendar for the regime {regime!r}.")
    return sorted(msgspec.json.decode(name.read_bytes(), type=list[LedgerRules]), key=starts_at)
