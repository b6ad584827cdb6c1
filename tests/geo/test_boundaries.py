"""Levels made of authorities, and the shipped polygons themselves."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from data.errors import InputError, StoreError, TableError
from data.tables import table
from geo import boundaries
from geo.projections import BNG
from tools import derive

PARTITIONS = [level.level for level in boundaries.LEVELS.values() if level.partition]
SHIPPED = boundaries.FOLDER / "authorities.parquet"
CODES = sorted(table("local_authorities")["gss_code"])


@pytest.fixture(scope="module")
def shipped():
    return gpd.read_parquet(SHIPPED)


def of(level):
    members = boundaries.membership()
    return members[members["level"] == level]


def test_shipped_polygons_are_a_coverage_of_all_authorities(shipped):
    assert shipped["gss_code"].tolist() == CODES
    assert shipped.crs == BNG
    assert shipped.is_valid.all()
    assert not shipped.is_empty.any()
    assert shapely.coverage_is_valid(shipped.geometry.to_numpy())
    xy = shapely.get_coordinates(shipped.geometry.to_numpy())
    assert (xy == xy.round()).all()


def test_shipped_files_are_small():
    assert SHIPPED.stat().st_size <= 2_000_000
    assert (boundaries.FOLDER / "context_land.parquet").stat().st_size <= 300_000


def test_land_area_is_that_of_the_united_kingdom(shipped):
    # 244,400 km2 of land and inland water by the Standard Area Measurements of 2023.
    assert shipped.area.sum() / 1e6 == pytest.approx(244_400, rel=0.01)


def test_context_land_overlaps_nothing_and_meets_northern_ireland(shipped):
    land = boundaries.context_land()
    assert land.is_valid.all()
    uk = shapely.coverage_union_all(shipped.geometry.to_numpy())
    around = land.union_all()
    assert shapely.area(shapely.intersection(uk, around)) < 1
    # The land border is some 500 km long on the ground, less when drawn with fewer vertices.
    assert shapely.length(shapely.intersection(around, uk)) > 350_000


def test_every_level_but_programme_areas_is_a_partition():
    for level in PARTITIONS:
        assert sorted(of(level)["la_code"]) == CODES, level


def test_populations_and_areas_add_up_at_every_partition(shipped):
    people = table("local_authorities")["population"].sum()
    for level in PARTITIONS:
        found = boundaries.regions(level)
        assert found["population"].sum() == people, level
        assert found.area.sum() == pytest.approx(shipped.area.sum(), rel=1e-9), level
        assert found.is_valid.all(), level
        assert found["region_id"].is_unique, level


def test_region_table_has_the_columns_agreed():
    found = boundaries.regions("nation")
    columns = ["region_id", "level", "name", "population", "population_year", "geometry"]
    assert sorted(found.columns) == sorted(columns)
    assert found.set_index("region_id")["name"].to_dict() == {
        "E92000001": "England",
        "N92000002": "Northern Ireland",
        "S92000003": "Scotland",
        "W92000004": "Wales",
    }
    assert found.set_index("name").loc["Northern Ireland", "population_year"] == "2021"


def test_numbers_of_regions():
    lookup = table("local_authorities")
    found = {level: len(boundaries.regions(level)) for level in ("la", "itl3", "itl2", "itl1", "nation")}
    expected = {"la": 361, "nation": 4} | {n: lookup[f"{n}_code"].nunique() for n in ("itl3", "itl2", "itl1")}
    assert found == expected
    assert found["itl1"] == 12


def test_city_regions_have_their_members():
    sizes = of("city_region").groupby("region_id").size()
    assert sizes["glasgow-city-region"] == 8
    assert sizes["cardiff-capital-region"] == 10
    assert sizes["greater-london"] == 33
    rest = {region for region in sizes.index if region.startswith("rest-of-")}
    assert rest == {"rest-of-england", "rest-of-scotland", "rest-of-wales", "rest-of-northern-ireland"}
    assert not {"borderlands", "kent-medway", "wrexham-flintshire"} & set(sizes.index)


def test_fife_goes_to_the_larger_of_two_deals():
    claims = {
        level: of(level).set_index("la_code")["region_id"] for level in ("programme_area", "city_region")
    }
    assert sorted(claims["programme_area"].loc["S12000047"]) == [
        "edinburgh-south-east-scotland",
        "tay-cities",
    ]
    assert claims["city_region"].loc["S12000047"] == "edinburgh-south-east-scotland"


def test_a_body_in_law_claims_before_a_deal_however_large():
    places = pd.DataFrame(
        {
            "place_id": ["deal", "deal", "body"],
            "place_name": ["Deal", "Deal", "Body"],
            "place_type": ["city deal area", "city deal area", "combined authority"],
            "la_code": ["A", "B", "B"],
        }
    )
    lookup = pd.DataFrame({"gss_code": ["A", "B", "C"], "population": [9, 1, 1], "nation": "Wales"})
    found = boundaries._city_regions(places, lookup)
    assert found["region_id"].tolist() == ["deal", "body", "rest-of-wales"]
    assert found["name"].tolist() == ["Deal", "Body", "Rest of Wales"]


def test_programme_areas_are_drawn_as_their_programmes_draw_them():
    places = table("places")
    found = boundaries.regions("programme_area")
    assert set(found["region_id"]) == set(places["place_id"])
    assert len(of("programme_area")) == len(places)
    borderlands = found.set_index("region_id").loc["borderlands"]
    assert borderlands["population_year"] == "2022-2023"


def test_simplified_keeps_neighbours_together():
    fine, coarse = boundaries.regions("itl1"), boundaries.simplified("itl1", 2_000)
    assert shapely.coverage_is_valid(coarse.geometry.to_numpy())
    assert coarse.count_coordinates().sum() < fine.count_coordinates().sum() / 5
    assert coarse["region_id"].tolist() == fine["region_id"].tolist()


def test_overlapping_areas_are_simplified_one_by_one():
    coarse = boundaries.simplified("programme_area", 1_000)
    assert coarse.is_valid.all()
    assert not coarse.is_empty.any()


def test_unknown_level_and_negative_tolerance_are_refused():
    with pytest.raises(InputError, match='"county" is not a level; choose one of la, itl3'):
        boundaries.regions("county")
    with pytest.raises(InputError, match="-1"):
        boundaries.simplified("la", -1)


def test_derived_boundaries_say_that_they_are_approximate():
    loaded = boundaries.load(SHIPPED, boundaries.DERIVED)
    assert loaded.source.startswith("approximate")
    assert loaded.mended == 0
    assert loaded.frame.columns.tolist() == ["gss_code", "name", "geometry"]


def test_official_boundaries_take_over_and_are_mended(shipped, tmp_path, monkeypatch):
    official = shipped.to_crs("EPSG:4326").sample(frac=1, random_state=0)
    west, south, east, north = official.geometry.iloc[0].bounds
    bow_tie = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    official = official.set_geometry([bow_tie, *official.geometry.iloc[1:]], crs=official.crs)
    derive.write_parquet(official, tmp_path / boundaries.OFFICIAL_FILE)
    monkeypatch.setattr(boundaries, "settings", lambda: type("Given", (), {"cache_dir": tmp_path}))
    boundaries._current.cache_clear()
    try:
        assert boundaries.boundary_source() == f"{boundaries.OFFICIAL}; 1 invalid polygon mended"
        assert not boundaries.is_approximate()
        found = boundaries.authorities()
        assert found["gss_code"].tolist() == CODES
        assert found.crs == BNG
        assert found.is_valid.all()
    finally:
        boundaries._current.cache_clear()


def test_boundaries_of_other_codes_are_refused(shipped, tmp_path):
    older = shipped.assign(gss_code=shipped["gss_code"].replace({"E08000038": "E08000016"}))
    derive.write_parquet(older, tmp_path / "older.parquet")
    with pytest.raises(TableError, match="E08000016, E08000038"):
        boundaries.load(tmp_path / "older.parquet", "older")


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(StoreError, match=r"broken\.parquet"):
        boundaries.load(tmp_path / "broken.parquet", "broken")


def test_what_shares_borders_and_what_does_not_is_joined_alike(monkeypatch):
    shapes = boundaries.regions("itl1").geometry.to_numpy()
    quick = boundaries.joined(shapes)
    monkeypatch.setattr(boundaries, "_is_coverage", lambda: False)
    assert boundaries.joined(shapes).normalize() == quick.normalize()
    assert boundaries.joined([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)]).area == 3
