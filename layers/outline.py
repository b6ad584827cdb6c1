"""GeoJSON outlines as print needs them: paths in metres of the British National Grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
from matplotlib.path import Path

from geo.projections import to_bng
from layers.shapes import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Place = Callable[[ArrayLike, ArrayLike], tuple[NDArray[np.float64], NDArray[np.float64]]]


# West, south, east, north.
Frame = tuple[float, float, float, float]
# Shares of the frame that are kept around it, so that no edge of a cut is seen.
BEYOND = 0.05


def paths(
    geometries: Sequence[dict[str, Any]], place: Place = to_bng, frame: Frame | None = None
) -> list[Path]:
    """Return a path for each GeoJSON polygon or multipolygon in degrees, holes wound the other way.

    Parameters
    ----------
    geometries : sequence of dict
        GeoJSON geometries; an empty one gives an empty path.
    place : callable
        From longitudes and latitudes to the coordinates of the paths.
    frame : tuple of float
        West, south, east, north in those coordinates: what lies far outside is cut off, and what is wholly
        outside left out.
    """
    if not len(geometries):
        return []
    shapes = _shapes(geometries, place)
    return [_path(shape) for shape in (shapes if frame is None else _cut(shapes, frame))]


def paths_of_shapes(shapes: Sequence[shapely.Geometry]) -> list[Path]:
    """Return paths of polygons that are in the coordinates of the map already."""
    return [_path(shape) for shape in shapely.orient_polygons(list(shapes))]


def _shapes(geometries: Sequence[dict[str, Any]], place: Place) -> NDArray[np.object_]:
    """Return shapes on the map's ground; those of kept geometries are worked out once."""
    found = np.array([_remembered(geometry, place) for geometry in geometries], dtype=object)
    new = [row for row, shape in enumerate(found) if shape is None]
    if new:
        text = [orjson.dumps(geometries[row]) for row in new]
        shapes = shapely.orient_polygons(shapely.from_geojson(text))
        # Projecting all corners at once is what makes a map of 361 authorities cheap.
        moved = shapely.transform(shapes, lambda points: np.column_stack(place(points[:, 0], points[:, 1])))
        found[new] = moved
        _remember([geometries[row] for row in new], moved, place)
    return found


def _remembered(geometry: dict[str, Any], place: Place) -> shapely.Geometry | None:
    return geometry.shape if place is to_bng and isinstance(geometry, Kept) else None


def _remember(geometries: Sequence[dict[str, Any]], shapes: NDArray[np.object_], place: Place) -> None:
    for geometry, shape in zip(geometries, shapes, strict=True):
        if place is to_bng and isinstance(geometry, Kept):
            geometry.shape = shape


def _cut(shapes: NDArray[np.object_], frame: Frame) -> list[shapely.Geometry]:
    west, south, east, north = frame
    wide, high = (east - west) * BEYOND, (north - south) * BEYOND
    west, south, east, north = west - wide, south - high, east + wide, north + high
    edges = shapely.bounds(shapes)
    # Empty shapes have no bounds, and are outside of everything.
    with np.errstate(invalid="ignore"):
        near = (edges[:, 0] < east) & (edges[:, 2] > west) & (edges[:, 1] < north) & (edges[:, 3] > south)
        inside = (
            (edges[:, 0] >= west) & (edges[:, 2] <= east) & (edges[:, 1] >= south) & (edges[:, 3] <= north)
        )
    return [
        shape if whole else shapely.orient_polygons(shapely.clip_by_rect(shape, west, south, east, north))
        for shape, whole in zip(shapes[near], inside[near], strict=True)
    ]


def _path(shape: shapely.Geometry) -> Path:
    rings = shapely.get_rings(shapely.get_parts(shape))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    codes[np.flatnonzero(np.diff(ring, prepend=-1))] = Path.MOVETO
    codes[np.flatnonzero(np.diff(ring, append=-1))] = Path.CLOSEPOLY
    return Path(points, codes)
