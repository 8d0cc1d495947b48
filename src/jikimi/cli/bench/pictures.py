"""Curves as SVG text: a row of panels with one legend. It must never need more than a text file and a browser."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final, NamedTuple

COLOURS: Final = ("#0b5394", "#d55e00", "#009e73", "#7a7a7a", "#cc79a7")
"""Told apart by those who do not see all colours; the first is ours."""
DASHES: Final = ("", "7 4", "2 4", "10 3 2 3", "1 3")
PANEL: Final = (300.0, 210.0)
MARGIN: Final = (58.0, 62.0)
"""Left of a panel, and above it."""
_BELOW, _LEGEND, _TICKS = 52.0, 34.0, 4


class Curve(NamedTuple):
    """A name and a value at every mark of the axis; None where there is none."""

    name: str
    values: Sequence[float | None]


class Panel(NamedTuple):
    """One measure: what is better, and a curve for each rule."""

    title: str
    better: str
    curves: Sequence[Curve]


def picture(title: str, axis: str, marks: Sequence[str], panels: Sequence[Panel]) -> str:
    """A whole picture; the marks stand at equal distances."""
    width = (PANEL[0] + MARGIN[0]) * len(panels) + 24.0
    height = MARGIN[1] + PANEL[1] + _BELOW + _LEGEND
    inside = [_text(16.0, 24.0, title, size=16, weight="600")]
    for number, panel in enumerate(panels):
        left = MARGIN[0] + number * (PANEL[0] + MARGIN[0])
        inside.append(f'<g transform="translate({left:.0f} {MARGIN[1]:.0f})">{_panel(panel, axis, marks)}</g>')
    inside.append(_legend([curve.name for curve in panels[0].curves], height - 16.0))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" font-family="system-ui, sans-serif">'
        f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>{"".join(inside)}</svg>\n'
    )


def _panel(panel: Panel, axis: str, marks: Sequence[str]) -> str:
    known = [value for curve in panel.curves for value in curve.values if value is not None]
    low, high, step = _scale(min(known, default=0.0), max(known, default=1.0))
    parts = [_text(0.0, -14.0, panel.title, size=13, weight="600"),
             _text(PANEL[0], -14.0, panel.better, size=11, anchor="end", colour="#5f6368")]  # fmt: skip
    for tick in range(round((high - low) / step) + 1):
        value = low + tick * step
        y = _y(value, low, high)
        parts.append(f'<path d="M0 {y:.1f}H{PANEL[0]:.0f}" stroke="{"#9aa0a6" if value == 0.0 else "#e3e5e8"}"/>')
        parts.append(_text(-8.0, y + 4.0, f"{value:.10g}", size=11, anchor="end", colour="#5f6368"))
    for number, mark in enumerate(marks):
        parts.append(_text(_x(number, len(marks)), PANEL[1] + 18.0, mark, size=11, anchor="middle", colour="#5f6368"))
    parts.append(_text(PANEL[0] / 2, PANEL[1] + 38.0, axis, size=12, anchor="middle"))
    drawn = [_curve(curve.values, number, low, high) for number, curve in enumerate(panel.curves)]
    return "".join([*parts, *reversed(drawn)])


def _curve(values: Sequence[float | None], number: int, low: float, high: float) -> str:
    points = [(_x(at, len(values)), _y(value, low, high)) for at, value in enumerate(values) if value is not None]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_thick(number) + 1.0}"/>' for x, y in points)
    return (
        f'<path d="M{way}" fill="none" stroke="{COLOURS[number]}" stroke-width="{_thick(number)}" '
        f'stroke-dasharray="{DASHES[number]}" stroke-linejoin="round"/><g fill="{COLOURS[number]}">{dots}</g>'
    )


def _thick(number: int) -> float:
    return 1.8 if number else 2.8


def _legend(names: Sequence[str], y: float) -> str:
    parts, x = [], MARGIN[0]
    for number, name in enumerate(names):
        parts.append(
            f'<path d="M{x:.0f} {y - 4.0:.1f}h28" stroke="{COLOURS[number]}" stroke-width="{_thick(number)}" '
            f'stroke-dasharray="{DASHES[number]}"/>'
        )
        parts.append(_text(x + 36.0, y, name, size=12, weight="400" if number else "600"))
        x += 62.0 + 7.2 * len(name)
    return "".join(parts)


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Round ends and a round step between; nought is always on it."""
    low, high = min(0.0, low), max(0.0, high)
    rough = max(high - low, 1e-9) / _TICKS
    size: float = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if size * factor >= rough * 0.999)
    return floor(low / step + 1e-9) * step, max(ceil(high / step - 1e-9), 1) * step, step


def _x(number: int, of: int) -> float:
    return PANEL[0] * (number + 0.5) / of


def _y(value: float, low: float, high: float) -> float:
    return PANEL[1] * (high - value) / (high - low)


def _text(
    x: float, y: float, text: str, *, size: int, anchor: str = "start", weight: str = "400", colour: str = "#202124"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{colour}">{escape(text)}</text>'
    )
