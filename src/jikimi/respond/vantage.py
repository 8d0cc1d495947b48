"""From where units may be chosen and their ways measured. It must never be a place that is secret for whoever is there: who
goes first says where it is, as metres do (docs/decisions/0009).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from jikimi.detect.decisions import Known
from jikimi.registry.model import OrderCard
from jikimi.respond.model import Plan
from jikimi.respond.picture import Seen
from jikimi.respond.veil import Veil, blurred

Where = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Vantage:
    """(lon, lat) of both parties of an order as they may be told, None where nowhere; ``hidden``: one is at a secret place."""

    victim: Where | None
    offender: Where | None
    hidden: bool

    def told(self, made: Plan) -> Plan:
        """The plan, without its measures where somebody is hidden: they lead to where nobody is any more."""
        return blurred(made) if self.hidden else made


def vantage(
    veil: Veil, card: OrderCard, hers: Sequence[Known | Seen | None], his: Sequence[Known | Seen | None]
) -> Vantage:
    """``hers`` and ``his``: what is known of each, what counts first; the first of it that may be told is taken."""
    victim, her_place = _open(veil, card.victim, hers)
    offender, his_place = _open(veil, card.offender, his)
    return Vantage(victim, offender, her_place or his_place)


def _open(veil: Veil, whose: UUID | None, found: Sequence[Known | Seen | None]) -> tuple[Where | None, bool]:
    known = [one for one in found if one is not None]
    hidden = [whose is not None and veil.hides(str(whose), one.lon, one.lat, one.sigma_m) for one in known]
    told = [(one.lon, one.lat) for one, secret in zip(known, hidden, strict=True) if not secret]
    return (told[0] if told else None), bool(hidden) and hidden[0]
