"""What devices make of the truth: noise that is correlated, sometimes sure and wrong, late, stuck or silent.

It must never be kinder than real devices are: a claimed accuracy is a claim.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import cos, exp, pi, sin, sqrt
from random import Random
from typing import Final

from jikimi.simulate.town import Town
from jikimi.simulate.track import Track
from jikimi.simulate.values import Fix, Point, Span

R68: Final = 1.5096
"""68 % radius of a two-dimensional normal error of unit standard deviation per axis."""


@dataclass(frozen=True, slots=True)
class Model:
    """A make of device: seconds, metres, events per hour."""

    kind: str = "tag"
    interval_s: float = 60.0
    batch: int = 1
    """Fixes gathered before they are sent together."""
    upload_s: float = 1.0
    """Mean of the way to the gateway."""
    skew_s: float = 0.0
    """Its clock is ahead by this much."""
    sigma_m: float = 5.0
    indoor_sigma_m: float = 18.0
    memory_s: float = 120.0
    """How long an error lasts (Gauss-Markov)."""
    lost: float = 0.01
    """Share of fixes that never come to be."""
    wrong_per_h: float = 0.0
    """Episodes of being confidently wrong."""
    wrong_m: Span = (150.0, 500.0)
    stuck_per_h: float = 0.0
    source: str = ""
    """What every fix is computed from; empty: satellites, and WiFi for most of those made indoors."""


TAG: Final = Model()
PHONE: Final = Model("phone", 30.0, sigma_m=6.0, indoor_sigma_m=22.0, upload_s=0.8)
WATCH: Final = Model("watch", 60.0, sigma_m=8.0, indoor_sigma_m=25.0)


def flawed(model: Model) -> Model:
    """The same make as it is in the field: a clock that is off, jumps and stuck positions now and then."""
    return replace(model, skew_s=0.7, lost=0.03, wrong_per_h=0.02, stuck_per_h=0.03)


class _Error:
    """The error of one receiver, one state a device."""

    def __init__(self, model: Model, random: Random) -> None:
        self.model, self.random = model, random
        self.east, self.north = random.gauss(), random.gauss()
        self.off: Point = (0.0, 0.0)
        self.off_until = -1.0
        self.stuck_until = -1.0
        self.last: Point | None = None

    def step(self, t: float, step_s: float) -> None:
        """Let ``step_s`` pass."""
        random, model = self.random, self.model
        keep = exp(-step_s / model.memory_s)
        new = sqrt(1.0 - keep * keep)
        self.east = keep * self.east + new * random.gauss()
        self.north = keep * self.north + new * random.gauss()
        if model.wrong_per_h and t > self.off_until and random.random() < model.wrong_per_h * step_s / 3600.0:
            away, turn = random.uniform(*model.wrong_m), random.uniform(0.0, 2.0 * pi)
            self.off, self.off_until = (away * cos(turn), away * sin(turn)), t + random.uniform(30.0, 120.0)
        if model.stuck_per_h and t > self.stuck_until and random.random() < model.stuck_per_h * step_s / 3600.0:
            self.stuck_until = t + random.uniform(60.0, 240.0)

    def seen(self, t: float, true: Point, sigma: float) -> Point:
        """Where the receiver believes to be."""
        if t < self.stuck_until and self.last is not None:
            return self.last
        x, y = self.off if t < self.off_until else (0.0, 0.0)
        self.last = (true[0] + sigma * self.east + x, true[1] + sigma * self.north + y)
        return self.last


def report(
    subject: str, track: Track, model: Model, town: Town, random: Random, span: Span, off: tuple[Span, ...] = (),
    believed: Track | None = None,
) -> Iterator[Fix]:  # fmt: skip
    """Every fix of one device in the order of arrival; while ``off`` it makes none, in a dead zone it keeps them.

    ``believed`` is where its receiver is made to think it is, if not where it truly is.
    """
    error = _Error(model, random)
    kept: list[Fix] = []
    sent = span[0]
    t = span[0] + random.uniform(0.0, model.interval_s)
    while t < span[1]:
        error.step(t, model.interval_s)
        if not any(begin <= t < end for begin, end in off):
            true = track.at(t)
            if random.random() >= model.lost:
                there = true if believed is None else believed.at(t)
                kept.append(_fix(subject, t, there, error, town, indoors=track.inside(t)))
            if len(kept) >= model.batch and not town.is_dead(true):
                sent = max(sent, t + random.expovariate(1.0 / model.upload_s))
                yield from _sent(kept, sent)
                kept = []
        t += model.interval_s
    if kept:
        yield from _sent(kept, max(sent, t))


def _fix(subject: str, t: float, true: Point, error: _Error, town: Town, *, indoors: bool) -> Fix:
    random, model = error.random, error.model
    wifi = indoors and random.random() < _WIFI
    sigma = model.indoor_sigma_m if indoors else model.sigma_m
    lon, lat = town.lonlat(error.seen(t, true, sigma))
    claimed = max(3.0, R68 * sigma * random.lognormvariate(0.0, 0.2))
    source = model.source or ("wifi" if wifi else "gnss")
    return Fix(subject, t + model.skew_s, lon, lat, round(claimed, 1), source, t)


_WIFI = 0.83


def _sent(kept: list[Fix], at: float) -> Iterator[Fix]:
    """The newest first: what is now must not wait behind what was."""
    for fix in reversed(kept):
        yield fix._replace(received_t=at)
