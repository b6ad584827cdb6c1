"""Results on a plane outside the United Kingdom: named by coordinates, and in a system of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from clusters.results.tables import GEOMETRIES
from geo.projections import PLANE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NAMED_TO_M: Final = 50.0
"""Metres that the coordinates in a name are rounded to."""


def with_coordinates(members: pd.DataFrame) -> pd.DataFrame:
    """Add what the place of each cluster is called, as members of the United Kingdom have site and town.

    Parameters
    ----------
    members
        label, group, easting, northing (metres of the plane).

    Returns
    -------
    DataFrame
        The same rows; town is "x 8,950 y 6,400", the middle of the cluster's members.
    """
    middle = members.groupby(["label", "group"])[["easting", "northing"]].transform("mean")
    x, y = (_rounded(middle[axis].to_numpy()) for axis in ("easting", "northing"))
    towns = pd.Series(
        [f"x {east:,} y {north:,}" for east, north in zip(x, y, strict=True)], members.index, dtype=object
    )
    return members.assign(site="", town=towns, la_name="").astype({"site": object, "la_name": object})


def _rounded(metres: Floats) -> list[int]:
    return [int(value) for value in np.round(metres / NAMED_TO_M) * NAMED_TO_M]


def on_a_plane(clusters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return clusters with `PLANE` for the system that their footprints were drawn in."""
    facts = pd.DataFrame(clusters.drop(columns=[*GEOMETRIES]))
    shapes = {
        name: gpd.GeoSeries(clusters[name].to_numpy(), clusters.index, crs=PLANE) for name in GEOMETRIES
    }
    return gpd.GeoDataFrame(facts.assign(core_geometry=shapes["core_geometry"]), geometry=shapes["geometry"])
