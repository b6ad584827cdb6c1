"""GeoJSON outlines as print needs them: paths in metres of the British National Grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
from matplotlib.path import Path

from geo.projections import to_bng

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def path(geometry: dict[str, Any]) -> Path:
    """Return one path for a GeoJSON polygon or multipolygon in degrees, holes wound the other way."""
    shape = shapely.orient_polygons(shapely.from_geojson(orjson.dumps(geometry)))
    pieces = [ring for polygon in shapely.get_parts(shape) for ring in _rings(polygon)]
    if not pieces:
        return Path(np.empty((0, 2)))
    codes = np.concatenate([_codes(len(piece)) for piece in pieces])
    return Path(np.concatenate(pieces), codes)


def _rings(polygon: Any) -> Iterator[NDArray[np.float64]]:
    for ring in (polygon.exterior, *polygon.interiors):
        degrees = shapely.get_coordinates(ring)
        yield np.column_stack(to_bng(degrees[:, 0], degrees[:, 1]))


def _codes(length: int) -> NDArray[np.uint8]:
    codes = np.full(length, Path.LINETO, dtype=np.uint8)
    codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
    return codes
