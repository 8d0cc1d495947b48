"""Deadlines and distances of the response as dated data. It must never hold a number of its own."""

from importlib.resources import files

import msgspec


class ResponseRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition, valid from ``effective_from``; seconds, metres a second.

    ``deliver_s``: a terminal must have confirmed receipt. ``accept_s``: an officer must have accepted. ``own_s``: a
    room must have taken the incident. ``operator_s``: a proposal a person has not decided is carried out.
    ``stale_unit_s``: an older unit position is said to be old. ``detour``: road metres for a metre of air.
    ``lapsed_s``: a unit whose training has lapsed goes behind one that arrives at most so much later.
    ``within_m``, ``within_s``: in which bands, rising, whoever goes to him is told how near she may be.
    """

    version: str
    effective_from: str
    deliver_s: float
    accept_s: float
    own_s: float
    operator_s: float
    on_scene_s: float
    stale_unit_s: float
    replan_s: float
    speed_mps: dict[str, float]
    detour: float
    most_taskings: int
    lapsed_s: float
    within_m: tuple[float, ...]
    within_s: tuple[float, ...]


def load(regime: str) -> ResponseRules:
    """The packaged edition of a regime; raises FileNotFoundError for a regime nobody wrote."""
    text = files("jikimi.registry.regimes").joinpath(regime, "response.json").read_bytes()
    return msgspec.json.decode(text, type=ResponseRules)
