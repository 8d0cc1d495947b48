"""Which unit goes where, and why. Pure: it must never read a clock or a table, so that a choice can be repeated."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from jikimi.kernel.geodesy import distance
from jikimi.registry.model import OrderCard
from jikimi.respond.competent import preferring
from jikimi.respond.model import Pick, Plan, Shortfall, Unit
from jikimi.respond.rules import ResponseRules


def plan(
    card: OrderCard, units: Sequence[Unit], victim: tuple[float, float] | None, offender: tuple[float, float] | None,
    now: float, rules: ResponseRules, without: Iterable[UUID] = (),
) -> Plan:  # fmt: skip
    """One police unit to the victim and one probation unit to the offender, or the reason why not.

    ``victim`` and ``offender`` are (lon, lat) or None; ``without`` are units already asked.
    """
    asked, units = set(without), unbiased(card, units)
    picks: list[Pick] = []
    gaps: list[Shortfall] = []
    sides: list[tuple[str, UUID | None, str, tuple[float, float] | None]] = [
        ("police", card.police_agency, "victim", victim or offender),
        ("probation", card.monitoring_agency, "offender", offender or victim),
    ]
    for kind, agency, toward, where in sides:
        if agency is None:
            continue
        ranked = rank(kind, agency, toward, where, units, now, rules, asked)
        if ranked:
            picks.append(ranked[0])
        else:
            gaps.append(Shortfall(kind, _why(kind, agency, units, asked)))
    return Plan(card, tuple(picks), tuple(gaps), now)


def unbiased(card: OrderCard, units: Iterable[Unit]) -> list[Unit]:
    """The same units, those held back whose officers would be told nothing: all of them are tied to a party of this order."""
    parties = (card.offender, card.victim)
    return [replace(unit, available=False) if unit.is_own(parties) else unit for unit in units]


def rank(
    kind: str, agency: UUID, toward: str, where: tuple[float, float] | None, units: Sequence[Unit], now: float,
    rules: ResponseRules, asked: set[UUID],
) -> list[Pick]:  # fmt: skip
    """All available units of that kind and agency, nearest first; those without a position last, never dropped.

    One whose training has lapsed stands behind whoever would be there little later (``lapsed_s``).
    Each with its place among all of them: whoever is nearer and cannot be sent is counted, and so is seen to be missing.
    """
    found: list[tuple[bool, float, str, Unit, float | None]] = []
    for unit in units:
        if unit.kind != kind or unit.agency != agency:
            continue
        away: float | None = None
        if where is not None and unit.lon is not None and unit.lat is not None:
            away = distance(unit.lon, unit.lat, where[0], where[1])
        found.append((away is None, away or 0.0, unit.callsign, unit, away))
    found.sort(key=lambda item: item[:3])
    speed = rules.speed_mps[kind]
    picks = []
    for place, (_, _, _, unit, away) in enumerate(found, 1):
        if not unit.available or unit.id in asked:
            continue
        age = None if unit.position_at is None else max(0.0, now - unit.position_at)
        note = "position is old" if age is not None and age > rules.stale_unit_s else ""
        eta = None if away is None else away * rules.detour / speed
        counted = (None, None) if where is None else (place, len(found))
        picks.append(Pick(unit, toward, away, eta, age, counted[0], note, counted[1]))
    return preferring(picks, rules.lapsed_s)


def _why(kind: str, agency: UUID, units: Sequence[Unit], asked: set[UUID]) -> str:
    own = [unit for unit in units if unit.kind == kind and unit.agency == agency]
    if not own:
        return f"the agency has no {kind} unit"
    free = [unit for unit in own if unit.available]
    if free and all(unit.id in asked for unit in free):
        return "every available unit was asked"
    return f"none of {len(own)} units is available"
