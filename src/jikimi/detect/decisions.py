"""Everything detection ever says. It must never hold what two runs over the same facts would write differently."""

import msgspec


class Known(msgspec.Struct, frozen=True):
    """What was known of one party when the decision was made; ``age_s`` at ``decided_at``."""

    subject: str
    t: float
    lon: float
    lat: float
    sigma_m: float
    age_s: float
    speed_mps: float | None = None
    course_deg: float | None = None


class Alert(msgspec.Struct, frozen=True, tag="alert"):
    """One episode of one code under one order (promises.md, `replay`; codes: domain 5.1, states: domain 4.3).

    ``alert`` is uuid5(order, code, cause): the cause is whose fix or word it was and when, never where, for ids stand on the
    ledger; nor a log position or a wall clock. ``pair`` is the id of
    (offender, victim), ``order`` the one with the widest radius, the other orders of the pair in ``also_orders``.
    ``at`` is the cause's own time, ``decided_at`` our receive time. ``grade``: live, evidence or retrospective.
    ``place`` is the opaque id of a guarded place, never its whereabouts.
    """

    alert: str
    code: str
    order: str
    also_orders: list[str]
    at: float
    decided_at: float
    state: str
    distance_m: float | None
    sigma_m: float | None
    time_to_contact_s: float | None
    attribution: str | None
    grade: str
    place: str | None
    reason: dict[str, str | int | float | None]
    pair: str = ""
    offender: Known | None = None
    victim: Known | None = None
    offender_id: str = ""
    victim_id: str | None = None


class Cleared(msgspec.Struct, frozen=True, tag="cleared"):
    """An episode that ended by itself; it never closes an incident."""

    alert: str
    code: str
    order: str
    at: float
    decided_at: float


class Moved(msgspec.Struct, frozen=True, tag="moved"):
    """A pair's shown state changed."""

    pair: str
    order: str
    state: str
    at: float
    decided_at: float
    distance_m: float | None
    time_to_contact_s: float | None


class Pace(msgspec.Struct, frozen=True, tag="pace"):
    """How often both devices of a pair should report from now on (seconds)."""

    pair: str
    subjects: list[str]
    interval_s: float
    at: float
    decided_at: float


Decision = Alert | Cleared | Moved | Pace

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Decision)


def encode(decision: Decision) -> bytes:
    """A decision as the alert log keeps it."""
    return _encoder.encode(decision)


def decode(body: bytes) -> Decision:
    """The decision in ``body``; raises ``msgspec.DecodeError`` when it is none."""
    decision: Decision = _decoder.decode(body)
    return decision
