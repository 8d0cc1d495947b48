"""What truly happened between two tracks, worked out exactly. It must never be told to what is being tested."""

from collections.abc import Iterator
from math import hypot, sqrt

from jikimi.simulate.track import Track
from jikimi.simulate.values import Span

COUNTS_FROM_S = 60.0
"""Shorter stays within the radius are passing by."""


def within(a: Track, b: Track, radius_m: float, span: Span) -> list[tuple[float, float, float]]:
    """Every (begin, end, least distance) of ``a`` and ``b`` within ``radius_m`` of each other in ``span``."""
    found: list[tuple[float, float, float]] = []
    for begin, end, least in _pieces(a, b, radius_m, span):
        if found and begin - found[-1][1] < _JOINED_S:
            found[-1] = (found[-1][0], end, min(found[-1][2], least))
        else:
            found.append((begin, end, least))
    return [stay for stay in found if stay[1] - stay[0] >= COUNTS_FROM_S]


_JOINED_S = 1e-6


def enters(a: Track, b: Track, radius_m: float, span: Span) -> float | None:
    """When the two first come within ``radius_m`` of each other, however shortly; None: never in ``span``."""
    return next((begin for begin, _, _ in _pieces(a, b, radius_m, span)), None)


def _pieces(a: Track, b: Track, radius_m: float, span: Span) -> Iterator[tuple[float, float, float]]:
    times = sorted({*span, *(t for t in (*a.times, *b.times) if span[0] < t < span[1])})
    apart = [(p[0] - q[0], p[1] - q[1]) for p, q in ((a.at(t), b.at(t)) for t in times)]
    for number in range(len(times) - 1):
        piece = _inside(apart[number], apart[number + 1], radius_m)
        if piece is not None:
            length = times[number + 1] - times[number]
            yield times[number] + piece[0] * length, times[number] + piece[1] * length, piece[2]


def _inside(start: tuple[float, float], end: tuple[float, float], radius_m: float) -> tuple[float, float, float] | None:
    """Shares (from, until) of a straight piece within the radius of the origin, and the least distance on it."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    a, b, c = dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - radius_m * radius_m
    if a < _NO_MOVEMENT:
        return (0.0, 1.0, hypot(x, y)) if c <= 0.0 else None
    root = b * b - a * c
    if root < 0.0:
        return None
    first, last = max(0.0, (-b - sqrt(root)) / a), min(1.0, (-b + sqrt(root)) / a)
    if first >= last:
        return None
    nearest = max(first, min(last, -b / a))
    return first, last, hypot(x + dx * nearest, y + dy * nearest)


_NO_MOVEMENT = 1e-12
