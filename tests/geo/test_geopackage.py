"""GeoPackages: the same bytes each time, whatever the day, and text that no reader cuts short."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import Point, box

from geo.geopackage import Layer, write_geopackage

PLACES = gpd.GeoDataFrame(
    {"name": ["a\x00b", "=1", "\u202e<b>"]}, geometry=[Point(1, 2), None, Point(3, 4)], crs=27700
)
AREAS = gpd.GeoDataFrame(
    {"n": pd.array([1, None], dtype="Int64")}, geometry=[box(0, 0, 1, 1), None], crs=27700
)
LAYERS = (
    Layer("places", PLACES, "Point", "Places", "Where things are"),
    Layer("areas", AREAS, "MultiPolygon"),
    Layer("none", PLACES.iloc[:0], "Point"),
    Layer("facts", pd.DataFrame({"code": ["0012"]}), title="Facts"),
)


def written(path):
    write_geopackage(path, LAYERS)
    return path.read_bytes()


def test_layers_come_back_with_their_places_and_plain_tables_without(tmp_path):
    path = tmp_path / "map.gpkg"
    written(path)
    assert dict(pyogrio.list_layers(path)) == {
        "places": "Point",
        "areas": "MultiPolygon",
        "none": "Point",
        "facts": None,
    }
    places = pyogrio.read_dataframe(path, layer="places")
    assert places["name"].tolist() == ["a\ufffdb", "=1", "\u202e<b>"]
    assert places.geometry.isna().tolist() == [False, True, False]
    assert places.crs.to_epsg() == 27700
    areas = pyogrio.read_dataframe(path, layer="areas")
    assert areas["n"].fillna(-1).tolist() == [1, -1]
    assert areas.geometry.iloc[0].geom_type == "MultiPolygon"
    assert len(pyogrio.read_dataframe(path, layer="none")) == 0
    assert pyogrio.read_dataframe(path, layer="facts")["code"].tolist() == ["0012"]


def test_threads_at_once_write_the_same_bytes(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: written(tmp_path / f"{number}.gpkg"), range(8)))
    assert len(set(found)) == 1
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_a_file_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(pyogrio.errors.DataSourceError):
        write_geopackage(tmp_path / "missing" / "map.gpkg", LAYERS)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None
