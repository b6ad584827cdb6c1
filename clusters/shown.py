"""Clusters as they may be shown: footprints and centres give away no more than the points of their firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from clusters.description.footprint import footprints
from geo.publishable import shown

if TYPE_CHECKING:
    from clusters.scan.parameters import ScanParameters


def shown_clusters(
    clusters: gpd.GeoDataFrame, members: pd.DataFrame, parameters: ScanParameters
) -> gpd.GeoDataFrame:
    """Draw those clusters anew that have firms whose points are withheld.

    A footprint is the hull of its firms with a margin of one width, so that its corners, or its middle where
    all stand at one point, are as exact as they are.

    Parameters
    ----------
    clusters
        cluster_id, easting, northing, peak_easting, peak_northing, geometry and core_geometry (EPSG:27700).
    members
        cluster_id, easting, northing (metres, as they may be shown), core, withheld.
    parameters
        Those that footprints are drawn with.

    Returns
    -------
    GeoDataFrame
        The same rows.
    """
    ids = pd.Index(members.loc[members["withheld"], "cluster_id"].unique())
    told = clusters["cluster_id"].isin(ids).to_numpy(dtype=bool)
    if not told.any():
        return clusters
    names = pd.Index(clusters.loc[told, "cluster_id"])
    shapes = footprints(members, names, parameters).to_numpy()
    cores = footprints(members[members["core"]], names, parameters).to_numpy()
    centres = members.groupby("cluster_id")[["easting", "northing"]].mean().loc[names]
    points = gpd.points_from_xy(centres["easting"], centres["northing"])
    points = np.where(shapely.contains(shapes, points), points, shapely.point_on_surface(shapes))
    moved = clusters.copy()
    moved.loc[told, "easting"], moved.loc[told, "northing"] = shapely.get_x(points), shapely.get_y(points)
    for axis in ("peak_easting", "peak_northing"):
        moved[axis] = shown(clusters[axis].to_numpy(), told)
    whole, inner = (clusters[name].to_numpy().copy() for name in ("geometry", "core_geometry"))
    # Some methods know no core.
    known = ~shapely.is_missing(inner[told])
    whole[told], inner[told] = shapes, np.where(known, cores, None)
    drawn = gpd.GeoSeries(whole, clusters.index, crs=clusters.crs)
    return moved.assign(core_geometry=inner).set_geometry(drawn)
