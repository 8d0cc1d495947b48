"""GeoJSON boundaries made fit to be asked. It must never accept a shape that lies off the Earth or has no inside."""

import json
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

_KINDS = ("Polygon", "MultiPolygon")


def read(geometry: object) -> BaseGeometry:
    """Make a valid shape in degrees of a GeoJSON Polygon or MultiPolygon (RFC 7946 section 3.1), holes kept.

    Crossed or touching rings are repaired by shapely's structure method; heights are dropped. Raises ValueError with
    a sentence that says what is wrong.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in _KINDS:
        raise ValueError("a boundary is a GeoJSON Polygon or MultiPolygon")
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry, allow_nan=False)))
    except (ShapelyError, ValueError, RecursionError):
        raise ValueError("the coordinates are not closed rings of [lon, lat] in finite degrees") from None
    if shape.is_empty:
        raise ValueError("the boundary is empty")
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ValueError("a coordinate lies outside lon -180 to 180, lat -90 to 90")
    return _areas(shape if shape.is_valid else shapely.make_valid(shape, method="structure", keep_collapsed=False))


def _areas(shape: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        raise ValueError("the boundary encloses nothing")
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def write(shape: BaseGeometry) -> dict[str, Any]:
    """Give the shape as GeoJSON, exact to the last bit."""
    written: dict[str, Any] = shapely.geometry.mapping(shape)
    return written
