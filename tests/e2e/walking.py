"""A wearer who walks up to somebody, over OsmAnd, in the background of a test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town

STEP_S = 0.8


@contextmanager
def approach(
    jikimi: Jikimi, town: Town, pair: int, first: float = 0.0052, step: float = 0.00012, *, waits: bool = False
) -> Iterator[threading.Event]:
    """He starts ``first`` degrees east of her and comes ``step`` nearer with every report, up to seventy metres.

    ``waits``: he stands until what is given is set.
    """
    over, on = threading.Event(), threading.Event()
    if not waits:
        on.set()
    lon, lat = town.place(pair)

    def walk() -> None:
        apart = first
        while not over.wait(STEP_S):
            jikimi.osmand(f"V{pair}", town.keys[f"V{pair}"], lon, lat)
            jikimi.osmand(f"O{pair}", town.keys[f"O{pair}"], lon + apart, lat + 0.4 * apart)
            apart = max(0.0007, apart - step) if on.is_set() else apart

    for _ in range(50):  # the registry's changes reach the gateway a moment after they are entered
        if jikimi.osmand(f"V{pair}", town.keys[f"V{pair}"], lon, lat) == 200:
            break
        time.sleep(0.1)
    walking = threading.Thread(target=walk)
    walking.start()
    try:
        yield on
    finally:
        over.set()
        walking.join()
