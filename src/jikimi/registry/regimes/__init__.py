"""One country's law as dated data. It must never decide anything: it hands editions to whoever decides."""

import json
from datetime import datetime
from importlib.resources import files

import msgspec

from jikimi.detect import rules
from jikimi.detect.rules import Rules
from jikimi.kernel.errors import NotFound

DEFAULT = "kr"


def editions(regime: str = DEFAULT) -> list[Rules]:
    """All editions of a regime's detection rules, oldest first; raises NotFound for a regime without any."""
    name = files(__name__) / regime / "detection.json"
    if not regime.isidentifier() or not name.is_file():
        raise NotFound(f"No detection rules for the regime {regime!r}.")
    found = [rules.parse(msgspec.json.encode(edition)) for edition in json.loads(name.read_text(encoding="utf-8"))]
    return sorted(found, key=lambda edition: edition.effective_from)


def starts_at(edition: Rules) -> float:
    """Unix seconds from which an edition holds; ``effective_from`` carries its country's own offset."""
    return datetime.fromisoformat(edition.effective_from).timestamp()


def edition_at(at: float, regime: str = DEFAULT) -> Rules:
    """The edition in force at Unix seconds ``at``; before the first edition, the first."""
    known = editions(regime)
    held = [edition for edition in known if starts_at(edition) <= at]
    return held[-1] if held else known[0]
