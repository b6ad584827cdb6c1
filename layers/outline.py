"""GeoJSON outlines as print needs them: paths in metres of the British National Grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
from matplotlib.path import Path

from geo.projections import to_bng

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Place = Callable[[ArrayLike, ArrayLike], tuple[NDArray[np.float64], NDArray[np.float64]]]


def paths(geometries: Sequence[dict[str, Any]], place: Place = to_bng) -> list[Path]:
    """Return a path for each GeoJSON polygon or multipolygon in degrees, holes wound the other way.

    Parameters
    ----------
    geometries : sequence of dict
        GeoJSON geometries; an empty one gives an empty path.
    place : callable
        From longitudes and latitudes to the coordinates of the paths.
    """
    if not len(geometries):
        return []
    text = [orjson.dumps(geometry) for geometry in geometries]
    shapes = shapely.orient_polygons(shapely.from_geojson(text))
    # Projecting all corners at once is what makes a map of 361 authorities cheap.
    moved = shapely.transform(shapes, lambda points: np.column_stack(place(points[:, 0], points[:, 1])))
    return [_path(shape) for shape in moved]


def _path(shape: shapely.Geometry) -> Path:
    rings = shapely.get_rings(shapely.get_parts(shape))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    codes[np.flatnonzero(np.diff(ring, prepend=-1))] = Path.MOVETO
    codes[np.flatnonzero(np.diff(ring, append=-1))] = Path.CLOSEPOLY
    return Path(points, codes)
