"""What an order and a notice say. It must never name a secret place's whereabouts, nor present a guess as proof, nor tell
whoever goes to him anything of her but how near he may be (docs/decisions/0005).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from jikimi.detect.decisions import Alert, Known
from jikimi.detect.rules import Entry
from jikimi.registry.model import OrderCard
from jikimi.respond.model import Pick, Shortfall
from jikimi.respond.rules import ResponseRules


def tasking_order(
    alert: Alert, entry: Entry, card: OrderCard, pick: Pick, now: float, rules: ResponseRules
) -> dict[str, object]:
    """The body of a dispatch order: one instruction, the target, the order, the clock.

    Toward her both parties as last known; toward anybody else him alone, and how near in bands.
    """
    to_her = pick.toward == HERS
    return {
        "alert": alert.alert,
        "code": alert.code,
        "code_112": code_112_of(alert, entry),
        "name_ko": entry.name_ko,
        "name_en": entry.name_en,
        "toward": pick.toward,
        "instruction": INSTRUCTION[pick.toward],
        "offender_id": alert.offender_id,
        "victim_id": alert.victim_id if to_her else None,
        "offender": position(alert.offender, now),
        "victim": position(alert.victim, now) if to_her else None,
        "place": alert.place if to_her else None,
        "distance_m": _rounded(alert.distance_m) if to_her else None,
        "time_to_contact_s": _rounded(alert.time_to_contact_s) if to_her else None,
        "within_m": _band(alert.distance_m, rules.within_m),
        "within_s": _band(alert.time_to_contact_s, rules.within_s),
        "state": alert.state,
        "possible_not_proof": alert.grade != "evidence",
        "order": _order(card),
        "reasons": reasons_told(pick.toward, pick.reasons()),
        "decided_at": alert.decided_at,
        "accept_by": now + rules.accept_s,
    }


HERS: Final = "victim"
"""The only way to go on which an officer is told where she is."""


def reasons_told(toward: str, reasons: Mapping[str, object]) -> dict[str, object]:
    """Why this unit, as the unit itself is told: on the way to him no measure, for it may have been taken to her."""
    if toward == HERS:
        return dict(reasons)
    return {**reasons, "rule": "available unit", "distance_m": None, "eta_s": None, "note": ""}


INSTRUCTION = {
    "victim": {"ko": "피해자에게 · 사이를 막으십시오", "en": "To the victim · stay between"},
    "offender": {"ko": "대상자에게 · 피해자 위치를 말하지 마십시오", "en": "To the wearer · do not name her place"},
    "place": {"ko": "보호 장소로 · 상황실에 장소를 확인하십시오", "en": "To the guarded place · ask the room where"},
}


def code_112_of(alert: Alert, entry: Entry) -> int | None:
    """The catalogue's 112 code, or the one the decision says; a row of evidence grade is for the file and has none."""
    if alert.grade == "evidence":
        return None
    said = alert.reason.get("code_112")
    return said if isinstance(said, int) else entry.code_112


def notice(
    alert: Alert, entry: Entry, priority: int, card: OrderCard | None, sent: Sequence[Pick], gaps: Sequence[Shortfall]
) -> dict[str, object]:
    """The body of what a room is told of an alert; positions come over the live picture, not here."""
    return {
        "alert": alert.alert,
        "code": alert.code,
        "code_112": code_112_of(alert, entry),
        "priority": priority,
        "name_ko": entry.name_ko,
        "name_en": entry.name_en,
        "grade": alert.grade,
        "possible_not_proof": alert.grade != "evidence",
        "state": alert.state,
        "pair": alert.pair or None,
        "offender_id": alert.offender_id or None,
        "victim_id": alert.victim_id,
        "place": alert.place,
        "distance_m": _rounded(alert.distance_m),
        "sigma_m": _rounded(alert.sigma_m),
        "time_to_contact_s": _rounded(alert.time_to_contact_s),
        "offender_age_s": _rounded(alert.offender.age_s) if alert.offender else None,
        "victim_age_s": _rounded(alert.victim.age_s) if alert.victim else None,
        "reason": alert.reason,
        "at": alert.at,
        "decided_at": alert.decided_at,
        "order": _order(card) if card else None,
        "sent": [
            {"unit": str(pick.unit.id), "callsign": pick.unit.callsign, "kind": pick.unit.kind, "toward": pick.toward,
             "reasons": pick.reasons()}
            for pick in sent
        ],
        "shortfalls": [{"kind": gap.kind, "reason": gap.reason} for gap in gaps],
    }  # fmt: skip


def _order(card: OrderCard) -> dict[str, object] | None:
    """What a breach rests on; None where somebody asks for help whom no order names."""
    if card.id is None:
        return None
    return {"id": str(card.id), "regime": card.regime, "article": card.article, "arrestable": card.arrestable}


def position(known: Known | None, now: float) -> dict[str, object] | None:
    """A party as last known, with the age of that knowledge; seven decimals are a centimetre."""
    if known is None:
        return None
    return {
        "lon": round(known.lon, 7),
        "lat": round(known.lat, 7),
        "sigma_m": round(known.sigma_m, 1),
        "t": known.t,
        "age_s": round(max(0.0, now - known.t), 1),
        "speed_mps": known.speed_mps,
        "course_deg": known.course_deg,
    }


def _band(value: float | None, edges: Sequence[float]) -> float | None:
    """The least edge that is not below ``value``; None beyond them all, or where nothing is known."""
    return None if value is None else next((edge for edge in edges if value <= edge), None)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
