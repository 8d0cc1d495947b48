"""GeoJSON boundaries made fit to be asked."""

import json
import math
from typing import Any

import pytest
from shapely.geometry import Point

from jikimi.registry import boundaries

SQUARE = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]
HOLE = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0], [1.0, 1.0]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_holes_and_parts_survive_the_record() -> None:
    """What was read, written and read again is the same shape to the last bit."""
    for geometry in (
        polygon(SQUARE, HOLE),
        {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [[[x + 10.1, y] for x, y in SQUARE]]]},
    ):
        shape = boundaries.read(geometry)
        assert not shape.contains(Point(1.5, 1.5))
        assert boundaries.read(json.loads(json.dumps(boundaries.write(shape)))).equals_exact(shape, 0)


def test_a_crossed_ring_is_repaired_and_keeps_its_area() -> None:
    """A bow tie becomes its two triangles; nothing but areas is kept."""
    bow = boundaries.read(polygon([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]))
    assert bow.is_valid
    assert bow.area == pytest.approx(2.0)
    assert bow.geom_type == "MultiPolygon"


def test_a_hole_touching_the_rim_stays_a_hole() -> None:
    """Repair never fills a hole."""
    shape = boundaries.read(polygon(SQUARE, [[0, 1], [0, 3], [2, 3], [2, 1], [0, 1]]))
    assert not shape.contains(Point(1, 2))
    assert shape.area == pytest.approx(12.0)


def test_heights_are_dropped() -> None:
    """A third coordinate is no reason to refuse, and is not kept."""
    assert not boundaries.read(polygon([[x, y, 9.0] for x, y in SQUARE])).has_z


@pytest.mark.parametrize(
    "geometry",
    [
        None, [], "Polygon", {}, {"type": "Point", "coordinates": [0, 0]}, {"type": "Polygon"},
        polygon(), polygon([]), polygon([[0, 0], [1, 1]]), polygon(SQUARE[:-1]),
        polygon([[0, 0], [1, 1], [2, 2], [0, 0]]),
        polygon([["0", 0], [4, 0], [4, 4], [0, 0]]), polygon([[math.nan, 0], [4, 0], [4, 4], [math.nan, 0]]),
        polygon([[math.inf, 0], [4, 0], [4, 4], [math.inf, 0]]), polygon([[0, 0], [181, 0], [4, 4], [0, 0]]),
        polygon([[0, 0], [4, 0], [4, 90.5], [0, 0]]), polygon([[1e308, 0], [4, 0], [4, 4], [1e308, 0]]),
        polygon([[0], [1], [2], [0]]), {"type": "Polygon", "coordinates": {"a": 1}},
        {"type": "MultiPolygon", "coordinates": SQUARE}, {"type": "Polygon", "coordinates": "x" * 100},
        polygon([[953000.0, 1950000.0], [954000.0, 1950000.0], [954000.0, 1951000.0], [953000.0, 1950000.0]]),
    ],
)  # fmt: skip
def test_what_is_no_area_on_the_earth_is_refused_in_words(geometry: object) -> None:
    """Every shape that cannot be whose ground something is gets a sentence, and never a crash."""
    with pytest.raises(ValueError, match=r"\w+ \w+") as refused:
        boundaries.read(geometry)
    assert len(str(refused.value)) < 100
