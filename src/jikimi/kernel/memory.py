"""How often Python looks for garbage. A full collection must never stop an alert for tens of milliseconds."""

import gc

_THRESHOLDS = (50_000, 20, 100)


def settle() -> None:
    """What is loaded now lives as long as the process: collect once, set it aside, and look seldom from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
