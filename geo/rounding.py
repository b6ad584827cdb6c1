"""Shapes in degrees as they leave the program: rounded, valid, wound as GeoJSON wants them.

Rounding moves corners, so that a thin neck can come to cross itself. RFC 7946 (3.1.6) wants outer rings
anticlockwise and holes clockwise. Both are seen to here, for every shape that is sent or written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rounded_shapes(shapes: Any, decimals: int) -> NDArray[np.object_]:
    """Round shapes in degrees.

    Corners are rounded one by one, so that neighbours go on sharing their border; only a shape that this
    spoils is mended, by cutting it where it crosses itself.

    Parameters
    ----------
    shapes : array of geometries
        Longitude and latitude (EPSG:4326), of any kind, some perhaps missing.
    decimals : int
        Of a degree.

    Returns
    -------
    ndarray of geometries
        Valid, and still so when their numbers are written out and read again; outer rings anticlockwise.
        What has no inside at so many decimals is an empty MultiPolygon, as what came empty is: GEOS writes
        an empty Polygon with a ring in it. A missing shape stays missing.
    """

    def near(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.round(corners, decimals), dtype=np.float64)

    given = np.asarray(shapes, dtype=object)
    found = np.asarray(shapely.transform(given, near), dtype=object)
    spoilt = ~shapely.is_valid(found) & ~shapely.is_missing(found)
    if spoilt.any():
        found[spoilt] = shapely.transform(_on_grid(given[spoilt], 10.0**-decimals), near)
    found[shapely.is_empty(found)] = shapely.MultiPolygon()
    return np.asarray(shapely.orient_polygons(found), dtype=object)


def _on_grid(shapes: NDArray[np.object_], step: float) -> NDArray[np.object_]:
    """Return the polygons that are left of shapes when their corners move to a grid."""
    snapped = shapely.set_precision(shapely.make_valid(shapes), step)
    # The grid is forgotten again: later work shall not snap to it.
    return np.array([_polygons(shape) for shape in shapely.set_precision(snapped, 0)], dtype=object)


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.get_parts(shape))
    kept = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)
