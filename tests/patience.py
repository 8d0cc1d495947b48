"""How long a test waits for what it does not measure.

A machine may be shared, and give a test a third of what it has: a wait that ends too soon tells of the machine and not of
us. Waiting ends as soon as there is nothing to wait for, so patience costs nothing where all is well. What is promised in
seconds is held to the seconds this machine had: what its host gave to others meanwhile is not counted.
"""

import os
from pathlib import Path

PATIENCE = 8.0
"""How many times longer than on a machine of our own."""


def stolen_s() -> float:
    """Seconds that the host has kept each of this machine's processors waiting since it started; 0 where nothing tells."""
    counters = Path("/proc/stat")
    if not counters.exists():
        return 0.0
    fields = counters.read_text().split("\n", 1)[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK") / (os.cpu_count() or 1)
