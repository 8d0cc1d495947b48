"""An edition of the rules made ready for the hot path. It must never add a number the edition does not hold."""

from typing import Final

from jikimi.detect.probability import Threshold
from jikimi.detect.rules import Rules

SAFE: Final = 0
WATCH: Final = 1
NOTICE: Final = 2
DANGER: Final = 3
BREACH: Final = 4
CONTACT: Final = 5
RINGS: Final = ("SAFE", "WATCH", "NOTICE", "DANGER", "BREACH", "CONTACT")


class Limits:
    """Numbers of one edition in slots, thresholds with their bounds worked out."""

    __slots__ = (
        "bound_sigma_m", "breach_p", "cap", "carry_s", "coarse_m", "dim_m", "enter", "factor", "future_s", "gap_s", "horizon_s",
        "k_v", "late_p", "leg_max_s", "leg_min_s", "leg_noise", "live_s", "moves_mps", "outside", "plus",
        "points", "r95", "radii", "rail", "rest_mps", "rules", "teleport", "told", "unknown_below", "walk",
        "watermark_s", "window_s", "zone", "zone_notice", "zone_notice_m",
    )  # fmt: skip

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        motion, data = rules.motion, rules.data
        self.k_v, self.carry_s, self.teleport = motion.k_v_mps, motion.carry_s, motion.teleport_mps
        self.leg_min_s, self.leg_max_s, self.leg_noise = motion.leg_min_s, motion.leg_max_s, motion.leg_sigmas**2
        self.walk, self.factor, self.plus = motion.walk_max_mps, motion.factor, motion.plus_mps
        self.cap, self.rail, self.window_s = motion.cap_mps, motion.rail_mps, motion.window_s
        self.future_s, self.live_s, self.watermark_s = data.future_s, data.live_s, data.watermark_s
        self.coarse_m, self.dim_m = data.coarse_sigma_m, data.dim_sigma_m
        self.unknown_below = RINGS.index(data.unknown_below)
        self.gap_s = rules.rhythm.spread * rules.rhythm.most_s
        self.r95, self.horizon_s = rules.accuracy.r95, rules.closing.horizon_s
        rings = [rules.rings[name] for name in RINGS[1:]]
        self.radii = (0.0, *(ring.radius_m or 0.0 for ring in rings))
        self.enter = (Threshold(0.5), *(Threshold(ring.p) for ring in rings))
        self.points = ((1, 1), *((ring.n, ring.m) for ring in rings))
        self.told = (0, *(ring.told for ring in rings))
        self.breach_p, self.late_p = Threshold(rules.evidence.p), Threshold(rules.evidence.late_p)
        self.rest_mps, self.moves_mps = rules.claims.rest_mps, rules.stuck.speed_mps
        self.outside = Threshold(rules.places.outside_p)
        self.zone, self.zone_notice = Threshold(rules.places.p), Threshold(rules.places.notice_p)
        self.zone_notice_m, self.bound_sigma_m = rules.places.notice_m, rules.places.bound_sigma_m
