"""Every radius, timer and threshold of detection as dated data. It must never hold a number of its own.

One edition holds from ``effective_from`` on and is evaluated at the event's date; texts of law and agreements between
agencies change them (Enforcement Decree of the Electronic Monitoring Act, art. 23-14 (4)), a programmer does not.
"""

from collections.abc import Mapping

import msgspec


class Ring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ring: entered when P(d < radius) >= ``p`` at ``n`` of the last ``m`` points, left after ``exit_s`` outside.

    ``radius_m`` None: the order's own radius.
    """

    radius_m: float | None
    p: float
    n: int
    m: int
    exit_s: float
    code: str


class Exit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Outside means beyond the radius by the larger of ``margin_m`` and ``sigmas`` standard deviations."""

    margin_m: float
    sigmas: float


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Time to contact: ``d / max(closing speed, walk_mps)`` under ``horizon_s``, seen at ``points`` fixes of a mover.

    ``miss_ratio``: the predicted miss distance may be at most this share of the distance. ``min_mps``: less is rest.
    """

    horizon_s: float
    walk_mps: float
    min_mps: float
    points: int
    miss_ratio: float


class Motion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people and vehicles can move between fixes.

    ``k_v_mps`` widens sigma with age; ``carry_s`` is the longest carry forward; over ``teleport_mps`` a fix is suspect;
    velocity is taken over legs of ``leg_min_s`` to ``leg_max_s`` longer than ``leg_sigmas`` of their error. The
    greatest speed is ``walk_max_mps``, or ``factor`` times the highest of ``window_s`` plus ``plus_mps``, up to
    ``cap_mps`` (above it, ``rail_mps``).
    """

    k_v_mps: float
    carry_s: float
    teleport_mps: float
    leg_min_s: float
    leg_max_s: float
    leg_sigmas: float
    walk_max_mps: float
    factor: float
    plus_mps: float
    cap_mps: float
    rail_mps: float
    window_s: float


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is fresh, late, refused and unknown.

    ``two_sources_s``: how long an impossible jump is remembered, and how long one of two sources must be silent for
    the other to be believed again.
    """

    interval_s: float
    future_s: float
    live_s: float
    watermark_s: float
    history_s: float
    stale_intervals: float
    coarse_sigma_m: float
    unknown_after_s: float
    unknown_below: str
    tick_gap_s: float
    refused_kept: int
    two_sources_s: float


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit of silence for pairs last within ``within_m`` (None: any distance)."""

    within_m: float | None
    after_s: float
    priority: str
    code: int


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Communication loss: ``near`` for WATCH and above, closing or unknown; then the first fitting of ``others``."""

    near: Reach
    others: list[Reach]


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which kinds of place carry the approach ban, which are exclusion zones, and the notice around the former."""

    banned: list[str]
    p: float
    notice_m: float | None
    notice_p: float
    notice_code: str
    banned_code: str
    zone_code: str
    crossing_s: float
    bound_sigma_m: float
    exit_s: float


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a court may be shown: ``points`` fixes at least ``apart_s`` apart, each with P >= ``p``."""

    p: float
    points: int
    apart_s: float
    late_p: float
    late_gap_s: float
    bridge_s: float


class Accuracy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From a claimed 68 % radius to a per-axis sigma, with floors by source (``unknown`` for no source)."""

    r68: float
    r95: float
    floor_m: dict[str, float]
    missing_m: dict[str, float]


class Emergency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls for help and damaged devices: what is near, and how long repeats are the same episode."""

    near_m: float
    episode_s: float


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One alert of the catalogue. ``code_112`` None: not for 112. ``dispatch``: yes, operator, no, or who else."""

    name_en: str
    name_ko: str
    priority: str
    code_112: int | None
    dispatch: str
    notice: str
    evidence: bool


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition of the rules."""

    version: str
    regime: str
    effective_from: str
    rings: dict[str, Ring]
    exit: Exit
    closing: Closing
    motion: Motion
    data: Data
    silence: Silence
    places: Places
    evidence: Evidence
    accuracy: Accuracy
    emergency: Emergency
    alerts: dict[str, Entry]


def parse(text: str | bytes) -> Rules:
    """The edition in JSON ``text``; raises ``msgspec.ValidationError`` naming the field that does not fit."""
    return msgspec.json.decode(text, type=Rules)


def canonical(rules: Rules) -> str:
    """The edition as JSON text that is the same for the same rules: keys sorted, no spaces."""
    return msgspec.json.encode(rules, order="sorted").decode()


def amended(rules: Rules, changes: Mapping[str, object]) -> Rules:
    """``rules`` with ``changes`` laid over it, key by key; raises ``msgspec.ValidationError`` for an unknown key."""
    return msgspec.convert(_overlaid(msgspec.to_builtins(rules), changes), Rules)


def _overlaid(under: dict[str, object], over: Mapping[str, object]) -> dict[str, object]:
    laid = dict(under)
    for key, value in over.items():
        below = laid.get(key)
        laid[key] = _overlaid(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return laid
