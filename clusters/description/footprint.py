"""The ground that a cluster covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geo.projections import BNG

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from clusters.scan.parameters import ScanParameters


def footprint(points: pd.DataFrame, parameters: ScanParameters) -> BaseGeometry:
    """Return the concave hull of the points, widened by the buffer: one valid polygon in metres.

    The hull is that of shapely and GEOS (triangles of the Delaunay triangulation, long edges worn away down
    to `hull_ratio` of the spread of edge lengths). Convex hulls claim land that no member stands on. An empty
    table gives an empty polygon.

    Parameters
    ----------
    points
        easting, northing in metres.
    """
    # Complex numbers are sorted by both parts, and much faster than pairs.
    unique = np.unique(
        points["easting"].to_numpy(dtype=float) + 1j * points["northing"].to_numpy(dtype=float)
    )
    if len(unique) == 0:
        return shapely.Polygon()
    cloud = shapely.MultiPoint(np.column_stack([unique.real, unique.imag]))
    hull = shapely.concave_hull(cloud, ratio=parameters.hull_ratio) if len(unique) > 3 else cloud.convex_hull
    return shapely.make_valid(hull.buffer(parameters.buffer_m))


def footprints(members: pd.DataFrame, names: pd.Index, parameters: ScanParameters) -> gpd.GeoSeries:
    """Return the footprint of each named cluster, on the given index (EPSG:27700).

    Parameters
    ----------
    members
        cluster_id, easting, northing.
    names
        cluster_id of the clusters wanted; one without members gets an empty polygon.
    """
    groups = dict(list(members.groupby("cluster_id")))
    none = members.iloc[:0]
    shapes = [footprint(groups.get(name, none), parameters) for name in names]
    return gpd.GeoSeries(shapes, index=names, crs=BNG)
