"""Features: each row of a table with its place, and none more exact than may be shown."""

from __future__ import annotations

import io
import json

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyogrio
import pytest
import shapely

from data.errors import InputError
from data.store import Store, write_store
from edition.contents import table_names
from edition.edition import Edition
from edition.view import LEVELS, View
from geo.projections import to_bng, to_lonlat
from geo.publishable import as_shown
from tables.files import as_geojson
from tables.geojson import DECIMALS, feature_collection, features, on_the_ground, places_of
from tables.rows import TABLES

ON_MAPS = ("clusters", "regions", "projects", "members", "firms", "assets")
NOTHING = View(sector=("defence",), technology=("fintech",), year_from=2030, year_to=2030, type=("Diverse",))
UK = (-9.0, 49.0, 2.5, 61.5)
BELFAST = to_bng(-5.93, 54.6)


@pytest.fixture(scope="module")
def mixed(own_edition, tmp_path_factory):
    """An edition of one's own with firms in Belfast: one that says so, one that does not; and one nowhere."""
    tables = {name: own_edition.store.frame(name) for name in table_names()}
    firms = tables["firms"].copy()
    firms.loc[[0, 1], ["easting", "northing"]] = BELFAST
    firms.loc[0, "la_code"], firms.loc[1, "la_code"] = "N09000003", ""
    firms.loc[2, "point"] = False
    firms = as_shown(firms.assign(location_precision="")).drop(columns="location_precision")
    path = tmp_path_factory.mktemp("mixed") / "mixed.duckdb"
    write_store(path, {**tables, "firms": firms})
    return Edition(Store(path, table_names())), firms["firm_id"]


def test_what_has_no_place_is_none(edition):
    assert features(edition, "programmes", View()) is None
    assert on_the_ground(edition, "programmes", View()) is None
    assert set(TABLES) == {*ON_MAPS, "nearly", "programmes", "concentration"}
    assert features(edition, "nearly", View()) is None
    with pytest.raises(InputError, match=r"'programmes' has no place on a map.* CSV or XLSX"):
        as_geojson(edition, TABLES["programmes"], View())


def test_things_are_found_by_their_ids_and_hidden_alike(mixed):
    other, firm_ids = mixed
    known = features(other, "firms", View()).set_index("firm_id").geometry
    asked = pd.Series(
        [*firm_ids.head(5), "atlantis", firm_ids.iloc[3]], [7, 3, 9, 1, 2, 8, 4], name="firm_id"
    )
    found = places_of(other, "firms", View(), asked)
    assert found.index.tolist() == asked.index.tolist()
    assert [place is None for place in found] == [True, True, True, False, False, True, False]
    assert all(place is None or place == known[one] for one, place in zip(asked, found, strict=True))
    with pytest.raises(InputError, match="'programmes' has no place on a map"):
        places_of(other, "programmes", View(), pd.Series(["IA"], name="programme_id"))


@pytest.mark.parametrize("name", ON_MAPS)
@pytest.mark.parametrize("view", [View(placed="lead"), NOTHING], ids=["all", "nothing"])
def test_features_are_the_table_with_its_places(edition, name, view):
    found, rows = features(edition, name, view), TABLES[name].rows(edition, view)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.drop(columns="geometry")), rows.reset_index(drop=True), check_dtype=False
    )
    assert found.crs.to_epsg() == 4326
    there = found.geometry.dropna()
    assert shapely.is_valid(there.to_numpy()).all()
    assert not there.is_empty.any()
    if len(there):
        west, south, east, north = there.total_bounds
        assert UK[0] < west < east < UK[2]
        assert UK[1] < south < north < UK[3]


@pytest.mark.parametrize("level", LEVELS)
def test_regions_have_the_polygons_of_their_level(edition, level):
    found = on_the_ground(edition, "regions", View(level=level))
    assert found.crs.to_epsg() == 27700
    assert found.loc[found.geometry.isna(), "name"].tolist() == ["Not placed"]
    known = edition.regions[level].set_index("region_id").geometry
    there = found.set_index("region_id").geometry.dropna()
    assert there.geom_equals(known.reindex(there.index)).all()
    assert len(there) == len(known)


def test_projects_are_at_sites_or_have_the_areas_of_their_awards(edition):
    found = features(edition, "projects", View()).set_index("project_id")
    known = edition.tables["projects"].set_index("project_id").loc[found.index]
    kinds = found.geometry.geom_type.fillna("")
    assert (kinds[known["point"]] == "Point").all()
    assert kinds[known["area_id"] != ""].isin(["Polygon", "MultiPolygon"]).all()
    assert (kinds[~known["point"] & (known["area_id"] == "")] == "").all()
    points = known[known["point"]]
    np.testing.assert_allclose(found.geometry[known["point"]].x, points["lon"], atol=2e-5)
    np.testing.assert_allclose(found.geometry[known["point"]].y, points["lat"], atol=2e-5)


def test_firms_by_a_postcode_in_northern_ireland_or_by_their_town_have_no_point(edition):
    found = features(edition, "firms", View())
    town = found["location_precision"] == "town"
    hidden = found["la_code"].str.startswith("N") & (found["location_precision"] == "postcode")
    assert hidden.sum() > 10
    assert (found.geometry.isna() == (town | hidden)).all()
    assert not any(str(name).startswith("place") for name in found.columns)
    members = features(edition, "members", View())
    assert len(members) > 100
    by_firm = found.set_index("firm_id").geometry
    matched = by_firm.reindex(members["firm_id"])
    assert all(one is two or one.equals(two) for one, two in zip(members.geometry, matched, strict=True))


def test_firms_of_ones_own_in_northern_ireland_have_no_point_even_without_a_code(mixed):
    edition, ids = mixed
    found = features(edition, "firms", View()).set_index("firm_id").geometry
    assert set(found.index[found.isna()]) == set(ids[:3])
    # A cluster's firms are those of the register.
    members = features(edition, "members", View())
    assert members.geometry.isna().sum() == members["firm_id"].isin(ids[:3]).sum()


def coordinates(shape):
    return shapely.get_coordinates(shapely.geometry.shape(shape))


@pytest.mark.parametrize("name", ON_MAPS)
def test_geojson_keeps_its_standard_and_says_what_it_is(edition, name):
    view = View(level="itl1", sector=("life-sciences",))
    content = as_geojson(edition, TABLES[name], view)
    assert content == orjson.dumps(feature_collection(edition, name, view))
    assert b"NaN" not in content
    read = json.loads(content)
    assert read["type"] == "FeatureCollection"
    assert "crs" not in read
    assert {"title", "filters", "attribution", "edition", "caveat", "link"} < set(read)
    assert read["edition"] == edition.about.name
    assert read["filters"].startswith("sector: Life sciences; counted: ")
    assert read["attribution"]
    assert "Rows without geometry" in read["caveat"]
    assert view.url() in read["link"]
    rows = TABLES[name].rows(edition, view)
    assert [feature["type"] for feature in read["features"]] == ["Feature"] * len(rows)
    for feature, row in zip(read["features"], rows.to_dict("records"), strict=True):
        assert list(feature["properties"]) == list(rows.columns)
        for key, value in row.items():
            assert feature["properties"][key] == (None if pd.isna(value) else pytest.approx(value))
        if feature["geometry"] is None:
            continue
        xy = coordinates(feature["geometry"])
        np.testing.assert_array_equal(xy, np.round(xy, DECIMALS))
        for part in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
            if part.geom_type == "Polygon":
                assert part.exterior.is_ccw
                assert not any(ring.is_ccw for ring in part.interiors)


def test_rows_with_an_id_of_their_own_carry_it(edition):
    read = json.loads(as_geojson(edition, TABLES["regions"], View(level="nation")))
    ids = [feature.get("id") for feature in read["features"]]
    assert ids[-1] is None
    assert set(ids[:-1]) == set(edition.regions["nation"]["region_id"])


@pytest.mark.parametrize("name", ["regions", "projects", "firms"])
def test_gdal_reads_what_was_written(edition, name):
    read = pyogrio.read_dataframe(io.BytesIO(as_geojson(edition, TABLES[name], View(level="nation"))))
    known = features(edition, name, View(level="nation"))
    assert read.crs.to_epsg() == 4326
    assert len(read) == len(known)
    assert (read.geometry.isna() == known.geometry.isna()).all()
    column = known.columns[0]
    assert read[column].tolist() == known[column].tolist()


def test_metres_and_degrees_are_the_same_places(edition):
    ground, degrees = (make(edition, "assets", View()) for make in (on_the_ground, features))
    lon, lat = to_lonlat(ground.geometry.x.to_numpy(), ground.geometry.y.to_numpy())
    np.testing.assert_allclose(degrees.geometry.x, lon, atol=10**-DECIMALS)
    np.testing.assert_allclose(degrees.geometry.y, lat, atol=10**-DECIMALS)
    assert isinstance(degrees, gpd.GeoDataFrame)
