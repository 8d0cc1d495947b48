"""Recorded people, day by day, and what truly happened between two of them. It must never be told what was decided.

Recordings stay where they are: nothing of them is kept, copied or printed but a hash for every pair of people.
"""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from itertools import combinations
from math import inf
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jikimi.kernel.errors import NotFound
from jikimi.kernel.geodesy import METRES_PER_DEGREE, RADIAN
from jikimi.simulate.track import Track, still
from jikimi.simulate.truth import within

Numbers = NDArray[np.float64]
Stay = tuple[float, float, float]
"""Begin, end and least distance of a true approach."""

DAY_S: Final = 86_400.0
LOCAL_S: Final = 9 * 3600.0
"""Korea's offset: recordings lie in Korea, and a day is a local one."""
BRIDGED_S: Final = 120.0
"""Truth is interpolated over gaps up to this, and is unknown in longer ones."""
REPORTING_S: Final = 8 * 3600.0
NEAR_M: Final = 5000.0
KNOWN_S: Final = 600.0
"""A position no older than this is known."""
_BASE_S: Final = 15_700 * DAY_S - LOCAL_S


class Recorded(NamedTuple):
    """One person's day: Unix seconds, rising, and degrees."""

    t: Numbers
    lon: Numbers
    lat: Numbers

    @property
    def span_s(self) -> float:
        """From the first fix to the last."""
        return float(self.t[-1] - self.t[0])

    @property
    def reporting_s(self) -> float:
        """Time within gaps that truth is interpolated over."""
        gaps = np.diff(self.t)
        return float(gaps[gaps <= BRIDGED_S].sum())


class PairDay(NamedTuple):
    """Two people who came within five kilometres of each other on a day, in the roles chance gave them."""

    order: str
    """The pair's hash, and the day."""
    offender: str
    victim: str


Day = dict[str, Recorded]


def files(path: Path) -> list[Path]:
    """The recordings at ``path``: itself, or those of the folder whose name says a fix a minute (``60s``)."""
    found = [path] if path.is_file() else sorted(path.glob("*60s*.parquet"))
    if not found:
        raise NotFound(f"{path} holds no recording of people at a fix a minute (a file named *60s*.parquet).")
    return found


def days(path: Path) -> list[Day]:
    """Every local day of a Parquet file with ``id``, ``t`` and ``lon``, ``lat`` in degrees or millionths of them."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - a second of loading that no other bench needs

    table = pq.read_table(path)
    scale, suffix = (1e-6, "_e6") if "lon_e6" in table.column_names else (1.0, "")
    who, t = table["id"].to_numpy(), table["t"].to_numpy().astype(float)
    lon, lat = (table[f"{axis}{suffix}"].to_numpy() * scale for axis in ("lon", "lat"))
    day = ((t + LOCAL_S) // DAY_S).astype(np.int64)
    order = np.lexsort((t, who, day))
    who, t, lon, lat, day = who[order], t[order], lon[order], lat[order], day[order]
    kept = np.concatenate([[True], (np.diff(t) != 0.0) | (who[1:] != who[:-1])])
    who, t, lon, lat, day = who[kept], t[kept], lon[kept], lat[kept], day[kept]
    edges = np.flatnonzero((who[1:] != who[:-1]) | (day[1:] != day[:-1])) + 1
    found: dict[int, Day] = defaultdict(dict)
    for part in np.split(np.arange(len(t)), edges):
        found[int(day[part[0]])][str(who[part[0]])] = Recorded(t[part], lon[part], lat[part])
    return [found[number] for number in sorted(found)]


def spanning(every: list[Day]) -> list[Day]:
    """Of each day, those whose first and last fix are at least eight hours apart."""
    return [{who: one for who, one in day.items() if one.span_s >= REPORTING_S} for day in every]


def reporting(every: list[Day]) -> list[Day]:
    """Of each day, those who truly report for eight hours, gaps of over two minutes taken out."""
    return [{who: one for who, one in day.items() if one.reporting_s >= REPORTING_S} for day in every]


def overlaid(every: list[Day]) -> list[Day]:
    """Everybody's days of eight hours' reporting laid over one day: people who met, and who only might have."""
    one_day: Day = {}
    for day in reporting(every):
        for who, one in day.items():
            start = (one.t[0] + LOCAL_S) // DAY_S * DAY_S - LOCAL_S
            one_day[f"{who}.{int(start // DAY_S)}"] = one._replace(t=one.t - start + _BASE_S)
    return [one_day]


def pairs(day: Day) -> Iterator[PairDay]:
    """Every two different people of a day who come within five kilometres; roles and names by the pair's hash."""
    date = next(iter(day.values())).t[0] // DAY_S if day else 0.0
    for a, b in combinations(sorted(day), 2):
        one, other = a.split(".")[0], b.split(".")[0]
        if one != other and nearest(day[a], day[b]) < NEAR_M:
            name = sha256(f"{one}|{other}".encode()).hexdigest()[:12]
            his, hers = (a, b) if int(name[-1], 16) % 2 else (b, a)
            yield PairDay(f"{name}/{his}/{hers}/{date:.0f}", his, hers)


def nearest(a: Recorded, b: Recorded, old_s: float = inf) -> float:
    """Metres from a fix of either to the last one of the other that was at most so old, at the least."""
    return min(_nearest(a, b, old_s), _nearest(b, a, old_s))


def _nearest(a: Recorded, b: Recorded, old_s: float) -> float:
    last = np.searchsorted(b.t, a.t, "right") - 1
    known = (last >= 0) & (a.t - b.t[last] <= old_s)
    last = last[known]
    return float(apart(a.lon[known] - b.lon[last], a.lat[known] - b.lat[last], b.lat[last]).min(initial=inf))


def apart(dlon: Numbers, dlat: Numbers, lat: Numbers) -> Numbers:
    """Metres between points, from differences in degrees at a latitude."""
    east = dlon * METRES_PER_DEGREE * np.cos(lat * RADIAN)
    found: Numbers = np.hypot(east, dlat * METRES_PER_DEGREE)
    return found


def approaches(a: Recorded, b: Recorded, radius_m: float) -> tuple[list[Stay], float]:
    """Every true approach, and the least distance ever known, both tracks interpolated over gaps up to 120 s."""
    t = np.union1d(a.t, b.t)
    t = t[(t >= max(a.t[0], b.t[0])) & (t <= min(a.t[-1], b.t[-1]))]
    if len(t) < 2:
        return [], inf
    lat = np.interp(t, b.t, b.lat)
    east = (np.interp(t, a.t, a.lon) - np.interp(t, b.t, b.lon)) * METRES_PER_DEGREE * np.cos(lat * RADIAN)
    north = (np.interp(t, a.t, a.lat) - lat) * METRES_PER_DEGREE
    bridged = _bridged(a, t) & _bridged(b, t)
    least = np.where(bridged, _least(east, north), inf)
    if least.min() >= radius_m:
        return [], float(least.min())
    found: list[Stay] = []
    for part in np.split(np.arange(len(bridged)), np.flatnonzero(np.diff(bridged)) + 1):
        if bridged[part[0]] and least[part].min() < radius_m:
            knots = slice(part[0], part[-1] + 2)
            way = Track(t[knots].tolist(), list(zip(east[knots].tolist(), north[knots].tolist(), strict=True)))
            found += within(way, still((0.0, 0.0)), radius_m, (way.times[0], way.times[-1]))
    return found, float(least.min())


def _bridged(one: Recorded, t: Numbers) -> NDArray[np.bool_]:
    """For each piece between neighbouring ``t``: whether it lies in a gap that may be interpolated over."""
    right = np.searchsorted(one.t, (t[1:] + t[:-1]) / 2)
    bridged: NDArray[np.bool_] = one.t[right] - one.t[right - 1] <= BRIDGED_S
    return bridged


def _least(east: Numbers, north: Numbers) -> Numbers:
    """The least distance from the origin on each straight piece."""
    de, dn = np.diff(east), np.diff(north)
    length = de * de + dn * dn
    share = np.clip(-(east[:-1] * de + north[:-1] * dn) / np.where(length > 0.0, length, 1.0), 0.0, 1.0)
    least: Numbers = np.hypot(east[:-1] + share * de, north[:-1] + share * dn)
    return least
