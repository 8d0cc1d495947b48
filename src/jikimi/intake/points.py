"""A position as the archive holds it: sealed under the key of whose it was. It must never be written where it is readable.

The same point is another thing under another law: what a wearer's tag says under the Electronic Monitoring Act's article 16
ends with the sentence, under article 31-8 with the provisional measure, and hers with her consent. So each is sealed for
the one it was taken by.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.facts import Fix
from jikimi.kernel.errors import Destroyed
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import custody_of

_POINT: Final = struct.Struct(">ddffff")
_NAN: Final = float("nan")
_READ: Final = text("""
SELECT device, t AS at, sealed FROM fix WHERE whose = :whose AND t >= :since AND t < :until AND sealed IS NOT NULL
ORDER BY t LIMIT :most
""")


class Owner(NamedTuple):
    """Whose a position is, the kind of key it is sealed under, and of which era the measure is that it was taken by."""

    whose: UUID
    kind: Kind
    era: int = 1


@dataclass(frozen=True, slots=True)
class Carried:
    """A device on somebody over [since, until), Unix seconds; ``until`` None: still."""

    person: UUID
    kind: Kind
    since: float
    until: float | None
    era: int = 1
    """As the keys counted when it was entered; what was destroyed meanwhile is not kept, however late it comes."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where somebody was: degrees WGS84, metres, metres a second, degrees from north; None where not told."""

    t: float
    lon: float
    lat: float
    sigma_m: float
    speed_mps: float | None
    course_deg: float | None
    accuracy_m: float | None


def owner(device: UUID, t: float, carried: Mapping[UUID, Sequence[Carried]]) -> Owner:
    """Who carried ``device`` at ``t``, the later of two that overlap; the device itself where nobody is on record."""
    found = [one for one in carried.get(device, ()) if one.since <= t and (one.until is None or t < one.until)]
    if not found:
        return Owner(device, Kind.DEVICE)
    last = max(found, key=lambda one: one.since)
    return Owner(last.person, last.kind, last.era)


def unkept(device: UUID, t: float, carried: Mapping[UUID, Sequence[Carried]]) -> bool:
    """Whether it was on nobody at ``t`` and last on somebody by a consent that was over: then it is not to be kept."""
    begun = [one for one in carried.get(device, ()) if one.since <= t]
    if not begun or any(one.until is None or t < one.until for one in begun):
        return False
    return max(begun, key=lambda one: one.since).kind is Kind.AGREED


def sealed(custody: Custody, own: Owner, fix: Fix) -> bytes | None:
    """The position readable under that key only; None where the law had it destroyed, and it is not to be kept."""
    plain = _POINT.pack(fix.lon, fix.lat, fix.sigma_m, *map(_or_nan, (fix.speed_mps, fix.course_deg, fix.accuracy_m)))
    try:
        return custody.seal(own.kind, own.whose, plain, _about(UUID(fix.device), fix.t), own.era)
    except Destroyed:
        return None


async def points(
    connection: AsyncConnection, whose: UUID, since: float, until: float, most: int = 100_000
) -> list[Point]:
    """Where one person was in [since, until), as far as it is kept; for services, which say first what for."""
    custody, found = custody_of(connection), []
    for row in await connection.execute(_READ, {"whose": whose, "since": since, "until": until, "most": most}):
        try:
            lon, lat, sigma, *rest = _POINT.unpack(custody.open(row.sealed, _about(row.device, row.at)))
        except Destroyed:
            continue
        speed, course, accuracy = (None if each != each else each for each in rest)  # noqa: PLR0124 - NaN is not itself
        found.append(Point(row.at, lon, lat, sigma, speed, course, accuracy))
    return found


def _about(device: UUID, t: float) -> bytes:
    return b"fix" + device.bytes + struct.pack(">d", t)


def _or_nan(value: float | None) -> float:
    return _NAN if value is None else value
