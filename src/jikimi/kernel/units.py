"""Branded numbers, so that metres are never added to degrees. It must never convert silently."""

from typing import NewType

Metres = NewType("Metres", float)
Seconds = NewType("Seconds", float)
Degrees = NewType("Degrees", float)
MetresPerSecond = NewType("MetresPerSecond", float)
UnixTime = NewType("UnixTime", float)
"""Seconds since 1970-01-01 UTC, fractions kept."""

KNOT: MetresPerSecond = MetresPerSecond(1852 / 3600)
