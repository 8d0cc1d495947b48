"""From what a device claims to a per-axis deviation. It must never take zero for perfection.

A 68 % radius is 1.5096 sigma of a two-dimensional Gaussian (Rayleigh quantile); floors by source keep a device from
claiming more than its kind can do.
"""

from typing import Final

from jikimi.detect.facts import Source
from jikimi.detect.rules import Accuracy

_NAMES: Final = {source: source.name.lower() for source in Source}


def sigma_of(accuracy_m: float | None, source: int, rules: Accuracy) -> tuple[float, bool]:
    """Per-axis sigma (m) and whether it is only our assumption, for a claimed 68 % radius (m) or None.

    Absent, zero or negative accuracy counts as missing; with no known source either, the fix is never evidence.
    """
    name = _NAMES[Source(source)]
    if accuracy_m is not None and accuracy_m > 0.0:
        return max(accuracy_m / rules.r68, rules.floor_m[name]), False
    return rules.missing_m[name], source == Source.UNKNOWN
