"""Curves as SVG: a file a browser draws, with every name, mark and value in its place."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from jikimi.cli.bench.pictures import PANEL, Curve, Panel, _scale, picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*values: float | None) -> ET.Element:
    """A picture of one panel with a curve of ``values``."""
    curves = [Curve("ours & theirs", values), Curve("others", [0.0] * len(values))]
    marks = [str(number) for number in range(len(values))]
    return ET.fromstring(picture("A <title>", "axis", marks, [Panel("Missed, %", "lower", curves)]))  # noqa: S314 - our own text


def test_a_picture_is_well_formed_and_says_what_it_shows() -> None:
    """Title, axis, marks and names stand in it, whatever characters they have."""
    words = {text.text for text in drawn(1.0, 2.0).iter(f"{SVG}text")}
    assert {"A <title>", "axis", "Missed, %", "lower", "ours & theirs", "others", "0", "1", "2"} <= words


def test_a_value_that_is_not_there_is_not_drawn() -> None:
    """A gap leaves out its point; the greatest value is highest, and everything lies within the panel."""
    first = drawn(1.0, None, 4.0).findall(f".//{SVG}g/{SVG}g")[-1]
    heights = [float(dot.attrib["cy"]) for dot in first]
    assert len(heights) == 2
    assert PANEL[1] >= heights[0] > heights[1] >= 0.0


@pytest.mark.parametrize("greatest", [0.0, 0.07, 1.0, 15.2, 99.0, 271.0])
def test_an_axis_has_round_steps_and_begins_at_nought(greatest: float) -> None:
    """Between three and six steps, the last at or above the greatest value."""
    low, high, step = _scale(0.0, greatest)
    ticks = [low + number * step for number in range(round((high - low) / step) + 1)]
    assert low == 0.0
    assert high >= greatest
    assert len(ticks) <= 6
    assert all(b > a for a, b in pairwise(ticks))
