"""Tables with their places: as features for any program that reads maps, and as GeoJSON.

Nothing is more exact than may be in a file: what is withheld (see `geo.publishable`) has no geometry, nor
have firms known only to their town, whose centre is no place of work. Their rows stay.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from data.errors import QUOTED, InputError
from data.formats import either, for_tables
from geo.projections import BNG, LONLAT, to_bng, to_lonlat
from geo.rounding import rounded_shapes
from profiles.projects import taking_part
from tables import rows as shown
from tables.rows import TABLES, firms_with, members_with
from words.filters import counted_words, filter_words
from words.links import view_link
from words.provenance import credits_of
from words.sentence import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from edition.edition import Edition
    from edition.view import View

    Places = Callable[[Edition, View], tuple[pd.DataFrame, Any]]

# Decimals of a degree: about a decimetre.
DECIMALS = 6
# Most that pandas writes of a number; with its usual ten, a chance of one in a trillion would be none.
DIGITS = 15
# What the place of a firm is told by, beside the columns of its table.
FIRM_PLACE = (
    *("easting AS place_easting", "northing AS place_northing"),
    "point AND NOT withheld AS place_known",
)
# Tables whose first column is an id of one row alone.
WITH_IDS = ("clusters", "regions", "projects", "assets")
NO_GEOMETRY_WORDS = (
    "Rows without geometry: firms known only by their town, firms in Northern Ireland that are located by a "
    "postcode (whose points may not be published again), and what is not placed."
)


def features(edition: Edition, table_id: str, view: View) -> gpd.GeoDataFrame | None:
    """Return a table with its places.

    Parameters
    ----------
    edition, table_id, view
        What is shown, as a key of `tables.rows.TABLES`.

    Returns
    -------
    GeoDataFrame or None
        The rows and columns of the table and geometry (EPSG:4326, six decimals, valid): footprints of
        clusters, polygons of the regions of the view's level, points of projects at sites and outlines of
        the areas that awards are for, points of firms and assets; missing where a row has no place that may
        be shown. None for a table that has no place on a map.
    """
    found = on_the_ground(edition, table_id, view)
    if found is None:
        return None
    if table_id == "regions":
        shapes = _level_in_degrees(edition, view.level).reindex(found["region_id"])
        return found.set_geometry(gpd.GeoSeries(shapes.to_numpy(), found.index, crs=LONLAT))
    return found.set_geometry(gpd.GeoSeries(_in_degrees(found.geometry.to_numpy()), found.index, crs=LONLAT))


def on_the_ground(edition: Edition, table_id: str, view: View) -> gpd.GeoDataFrame | None:
    """Return the same in metres (EPSG:27700), as exact as the edition has it."""
    if table_id not in PLACES:
        return None
    rows, geometry = PLACES[table_id](edition, view)
    rows = rows.reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(geometry, rows.index, crs=BNG))


def _clusters(edition: Edition, view: View) -> tuple[pd.DataFrame, Any]:
    rows = TABLES["clusters"].rows(edition, view)
    shapes = edition.clusters.set_index("cluster_id").geometry
    return rows, shapes.reindex(rows["cluster_id"]).to_numpy()


def _regions(edition: Edition, view: View) -> tuple[pd.DataFrame, Any]:
    rows = TABLES["regions"].rows(edition, view)
    shapes = edition.regions[view.level].set_index("region_id").geometry
    # The line that is not placed has none.
    return rows, shapes.reindex(rows["region_id"]).to_numpy()


@lru_cache(maxsize=8)
def _level_in_degrees(edition: Edition, level: str) -> pd.Series:
    """Return the regions of a level by id; whole countries take a second to turn."""
    frame = edition.regions[level]
    return pd.Series(_in_degrees(frame.geometry.to_numpy()), index=frame["region_id"], dtype=object)


def _projects(edition: Edition, view: View) -> tuple[pd.DataFrame, Any]:
    rows, known = TABLES["projects"].rows(edition, view), taking_part(edition, view)
    outlines = dict(edition.tables["areas"].set_index("area_id")["geojson"])
    drawn = np.array([outlines.get(area) for area in known["area_id"]], dtype=object)
    points = _points(known["easting"], known["northing"], known["point"] & ~known["withheld"])
    areas = _in_metres(shapely.from_geojson(drawn))
    return rows, np.where(known["point"], points, areas)


def _assets(edition: Edition, view: View) -> tuple[pd.DataFrame, Any]:
    known = edition.tables["assets"]
    points = _points(known["easting"], known["northing"], ~known["withheld"])
    return TABLES["assets"].rows(edition, view), points


def _firms(edition: Edition, view: View) -> tuple[pd.DataFrame, Any]:
    return _placed(firms_with(edition, view, FIRM_PLACE))


def _members(edition: Edition, view: View) -> tuple[pd.DataFrame, Any]:
    return _placed(members_with(edition, view, FIRM_PLACE))


def _placed(rows: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
    held = [name for name in rows.columns if str(name).startswith("place_")]
    points = _points(rows["place_easting"], rows["place_northing"], rows["place_known"])
    return rows.drop(columns=held), points


def _points(east: Any, north: Any, known: Any) -> NDArray[Any]:
    """Return a point where one is known, else None."""
    xs, ys = np.asarray(east, dtype=float), np.asarray(north, dtype=float)
    there = np.asarray(known, dtype=bool) & np.isfinite(xs) & np.isfinite(ys)
    found = np.full(len(xs), None, dtype=object)
    found[there] = shapely.points(xs[there], ys[there])
    return found


def _in_degrees(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return shapes in degrees: rounded, valid, their outer rings anticlockwise."""
    turned = shapely.transform(shapes, lambda xy: np.column_stack(to_lonlat(xy[:, 0], xy[:, 1])))
    return rounded_shapes(turned, DECIMALS)


def _in_metres(shapes: NDArray[Any]) -> NDArray[Any]:
    turned = shapely.transform(shapes, lambda xy: np.column_stack(to_bng(xy[:, 0], xy[:, 1])))
    return np.asarray(shapely.make_valid(turned))


PLACES: Mapping[str, Places] = MappingProxyType(
    {
        "clusters": _clusters,
        "regions": _regions,
        "projects": _projects,
        "members": _members,
        "firms": _firms,
        "assets": _assets,
    }
)


def feature_collection(edition: Edition, table_id: str, view: View) -> dict[str, Any]:
    """Return a table as GeoJSON (RFC 7946) that says what it is; geometry is text of JSON.

    Longitude and latitude with six decimals, outer rings anticlockwise, null for what is missing. Beside the
    features: name, title, filters, edition, attribution, caveat, link.

    Raises
    ------
    InputError
        If the table has no place on a map.
    """
    found = _on_a_map(edition, table_id, view)
    return collection({"name": table_id, **about(edition, table_id, view)}, found, ids=table_id in WITH_IDS)


def _on_a_map(edition: Edition, table_id: str, view: View) -> gpd.GeoDataFrame:
    found = features(edition, table_id, view)
    if found is None:
        whole = [form.name for form in for_tables("api", placed=False) if not form.paged]
        raise InputError(
            f"{table_id[:QUOTED]!r} has no place on a map, so there is no GeoJSON of it; "
            f"{', '.join(PLACES)} have one. Take it as {either(whole)}"
        )
    return found


def about(edition: Edition, table_id: str, view: View) -> dict[str, str]:
    """Return what a file of features says of itself: title, filters, edition, attribution, caveat, link."""
    table = shown.TABLES[table_id]
    boundaries = [f"Boundaries: {edition.boundaries}."] if table_id == "regions" else []
    return {
        "title": f"{table.label}. {sentence(edition, view)}",
        "filters": "; ".join([*filter_words(edition, view), counted_words(view)]),
        "edition": edition.about.name,
        "attribution": " ".join(credits_of(edition, table.sources_of(edition))),
        "caveat": " ".join([table.caveat_of(edition), *boundaries, NO_GEOMETRY_WORDS]),
        "link": view_link(view),
    }


def collection(said: Mapping[str, str], found: gpd.GeoDataFrame, *, ids: bool) -> dict[str, Any]:
    """Return rows with their places as GeoJSON; geometry is text of JSON.

    Parameters
    ----------
    said
        What stands beside the features.
    found
        Geometry in degrees, missing where a row has no place: then it is null, as is any cell not known.
    ids
        Whether the first column is the id of one row alone.
    """
    return {"type": "FeatureCollection", **said, "features": _features(found, with_ids=ids)}


def places_of(edition: Edition, table_id: str, view: View, ids: pd.Series) -> pd.Series:
    """Return where the rows of a table lie that have these ids; missing where it is not to be shown.

    Parameters
    ----------
    ids
        Values of the column that tells things of the table apart, such as firm_id.

    Returns
    -------
    Series of geometries
        As `features` has them, on the index of `ids`.

    Raises
    ------
    InputError
        If the table has no place on a map.
    """
    found = _on_a_map(edition, table_id, view)
    shapes = dict(zip(found[ids.name], found.geometry, strict=True))
    return pd.Series([shapes.get(one) for one in ids], ids.index, dtype=object)


def _features(found: gpd.GeoDataFrame, *, with_ids: bool) -> list[dict[str, Any]]:
    facts = pd.DataFrame(found.drop(columns=found.geometry.name))
    texts = shapely.to_geojson(found.geometry.to_numpy())
    rows = orjson.loads(facts.to_json(orient="records", double_precision=DIGITS))
    first = facts.columns[0]
    return [
        {
            "type": "Feature",
            **({"id": row[first]} if with_ids and row[first] else {}),
            "properties": row,
            "geometry": orjson.Fragment(text) if text is not None else None,
        }
        for row, text in zip(rows, texts, strict=True)
    ]
