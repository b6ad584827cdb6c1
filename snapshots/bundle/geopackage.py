"""What a view shows as one GeoPackage, a layer each, for desktop GIS.

In longitude and latitude (EPSG:4326), as the GeoJSON has it. British National Grid metres would be the finer
choice, but desktop GIS draws them with a warning wherever Ordnance Survey's OSTN15 grid is not installed, and
a file of ours is to open without one. The way from our metres is written out in `geo.projections`, so every
machine gives the same degrees; they are within 5 m, less than anything here is known to.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from geo.geopackage import Layer, write_geopackage
from geo.projections import LONLAT
from tables.geojson import about, features
from tables.rows import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from edition.edition import Edition
    from edition.view import View

AREAS, POINTS = "MultiPolygon", "Point"
SHAPES = {"clusters": AREAS, "regions": AREAS}
# Desktop GIS wants one type of geometry in a layer: awards to areas have one of their own.
PROJECTS, PROJECT_AREAS, TO_AREAS = "projects", "project_areas", "awards to areas"
NAME = "map.gpkg"


@dataclass(frozen=True, eq=False)
class GeoFile:
    """A GeoPackage.

    Attributes
    ----------
    content
        Of the file.
    layers
        In the order of the file: name, rows, rows without geometry, shape, coordinates.
    """

    content: bytes
    layers: list[dict[str, str | int]]


def geopackage(edition: Edition, view: View, tables: Iterable[str]) -> GeoFile | None:
    """Return tables as one GeoPackage; the same edition and view give the same bytes.

    Parameters
    ----------
    edition, view
        What is shown.
    tables
        Ids of tables; one without a place on a map becomes a plain table.

    Returns
    -------
    GeoFile or None
        None where there is no table.
    """
    # Readers list plain tables last.
    found = [layer for name in tables for layer in _layers(edition, view, name)]
    layers = sorted(found, key=lambda layer: not layer.shape)
    if not layers:
        return None
    with tempfile.TemporaryDirectory(prefix="map-") as folder:
        path = Path(folder) / NAME
        write_geopackage(path, layers)
        return GeoFile(path.read_bytes(), [_listed(layer) for layer in layers])


def _layers(edition: Edition, view: View, name: str) -> list[Layer]:
    table, said = TABLES[name], about(edition, name, view)
    words = "\n".join(said[part] for part in ("title", "filters", "edition", "attribution", "caveat", "link"))
    found = features(edition, name, view)
    if found is None:
        return [Layer(name, table.rows(edition, view), title=table.label, description=words)]
    if name != PROJECTS:
        return [Layer(name, found, SHAPES.get(name, POINTS), table.label, words)]
    area = _is_area(found)
    return [
        Layer(PROJECTS, found[~area], POINTS, table.label, words),
        Layer(PROJECT_AREAS, found[area], AREAS, f"{table.label}: {TO_AREAS}", words),
    ]


def _is_area(found: gpd.GeoDataFrame) -> pd.Series:
    dimensions = shapely.get_dimensions(found.geometry.to_numpy())
    return pd.Series(dimensions == 2, index=found.index)


def _listed(layer: Layer) -> dict[str, str | int]:
    if not layer.shape:
        return {"name": layer.name, "rows": len(layer.rows), "shape": "none"}
    without = int(layer.rows.geometry.isna().sum())
    return {
        "name": layer.name,
        "rows": len(layer.rows),
        "without_geometry": without,
        "shape": layer.shape,
        "coordinates": LONLAT,
    }
