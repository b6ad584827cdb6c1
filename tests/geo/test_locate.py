"""Points to regions: the same answer as a spatial join, ties and gaps included."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError, TableError
from geo.locate import INSIDE, NEAREST, locate, prepare
from tests import reference

BNG = "EPSG:27700"


def series(shapes: dict[str, shapely.Geometry], crs: str = BNG) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes.values()), index=list(shapes), crs=crs)


def voronoi(rng: np.random.Generator, count: int, side: float) -> gpd.GeoSeries:
    """Make a partition of a square, with a hole in its middle, into cells of random size."""
    square = shapely.box(0, 0, side, side)
    seeds = shapely.multipoints(rng.uniform(0, side, (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square))
    lake = shapely.Point(side / 2, side / 2).buffer(side / 7)
    cells = shapely.difference(shapely.intersection(cells, square), lake)
    cells = cells[~shapely.is_empty(cells)]
    ids = rng.permutation(len(cells))
    return gpd.GeoSeries(cells, index=[f"R{number:03d}" for number in ids], crs=BNG)


def by_sjoin(easting: pd.Series, northing: pd.Series, polygons: gpd.GeoSeries) -> pd.Series:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(easting, northing, crs=BNG), index=easting.index)
    regions = gpd.GeoDataFrame({"region_id": polygons.index}, geometry=polygons.to_numpy(), crs=BNG)
    joined = gpd.sjoin(points, regions, how="left", predicate="intersects")
    return joined.groupby(level=0)["region_id"].min()


def assert_same(easting: np.ndarray, northing: np.ndarray, polygons: gpd.GeoSeries, cell: float) -> None:
    e, n = pd.Series(easting), pd.Series(northing)
    ours = prepare(polygons, cell).locate(e, n)
    assert ours.fillna("").tolist() == by_sjoin(e, n, polygons).fillna("").tolist()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 30), cell=st.sampled_from([37.0, 500.0, 9000.0]))
def test_a_partition_gives_the_answer_of_sjoin(seed, count, cell):
    rng = np.random.default_rng(seed)
    polygons = voronoi(rng, count, side=10_000)
    corners = shapely.get_coordinates(polygons.to_numpy())
    lattice = np.stack(np.meshgrid(np.arange(-500, 10_501, 500.0), np.arange(-500, 10_501, 500.0)), -1)
    points = np.concatenate([rng.uniform(-1000, 11_000, (500, 2)), corners, lattice.reshape(-1, 2)])
    assert_same(points[:, 0], points[:, 1], polygons, cell)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 12), whole=st.booleans())
def test_overlapping_polygons_give_the_lowest_id_of_sjoin(seed, count, whole):
    rng = np.random.default_rng(seed)
    middles, radii = rng.uniform(0, 8000, (count, 2)), rng.uniform(200, 4000, count)
    shapes = shapely.buffer(shapely.points(middles), radii)
    if whole:  # level edges along the cells' own sides
        west, south, east, north = np.round(shapely.bounds(shapes).T, -3)
        shapes = shapely.box(west, south, east + 500, north + 500)
    polygons = gpd.GeoSeries(shapes, index=[f"P{n}" for n in rng.permutation(count)], crs=BNG)
    points = np.concatenate([rng.uniform(-3000, 12_000, (800, 2)), shapely.get_coordinates(shapes)])
    assert_same(points[:, 0], points[:, 1], polygons, 500.0)


def test_nearly_level_edges_hide_no_crossing():
    thin = shapely.Polygon([(0, 499.9999999), (90_000, 500.0000001), (90_000, 3000), (0, 3000)])
    rng = np.random.default_rng(7)
    x, y = rng.uniform(0, 90_000, 2000), rng.choice([499.9999999, 500.0, 500.0000001, 500.1], 2000)
    assert_same(x, y, series({"A": thin, "B": shapely.box(0, 0, 90_000, 499)}), 500.0)


def test_the_callers_index_comes_back_and_points_nowhere_are_missing():
    rows = pd.Index(["in", "out", "blank", "far"])
    easting = pd.Series([250.0, 1250.0, np.nan, np.inf], index=rows)
    northing = pd.Series([250.0, 250.0, 250.0, 250.0], index=rows)
    found = locate(easting, northing, series({"A": shapely.box(0, 0, 1000, 1000)}))
    assert found.index.equals(rows)
    assert found.name == "region_id"
    assert found["in"] == "A"
    assert found[["out", "blank", "far"]].isna().all()


def test_no_points_give_an_empty_column():
    empty = pd.Series([], dtype=float)
    locator = prepare(series({"A": shapely.box(0, 0, 1000, 1000)}))
    assert locator.locate(empty, empty).empty
    assert locator.locate_nearest(empty, empty, within=10).empty


def test_a_shared_border_goes_to_the_id_that_sorts_first():
    east_first = series({"B": shapely.box(0, 0, 700, 700), "A": shapely.box(700, 0, 1400, 700)})
    assert locate(pd.Series([700.0]), pd.Series([350.0]), east_first).tolist() == ["A"]


def test_points_near_the_coast_are_taken_in_and_marked():
    regions = series({"A": shapely.box(0, 0, 1000, 1000), "B": shapely.box(1400, 0, 2000, 1000)})
    easting, northing = pd.Series([500.0, -30.0, 1200.0, 1390.0, -900.0]), pd.Series([500.0] * 5)
    found = prepare(regions).locate_nearest(easting, northing, within=250)
    assert found["region_id"].fillna("").tolist() == ["A", "A", "A", "B", ""]
    assert found["precision"].fillna("").tolist() == [INSIDE, NEAREST, NEAREST, NEAREST, ""]
    assert found["distance"].fillna(-1).tolist() == [0, 30, 200, 10, -1]


def test_within_nothing_takes_nothing_in():
    found = prepare(series({"A": shapely.box(0, 0, 10, 10)})).locate_nearest(
        pd.Series([11.0]), pd.Series([5.0]), within=0
    )
    assert found.isna().all(axis=None)


@pytest.mark.parametrize("within", [-1.0, float("nan")])
def test_a_reach_that_is_no_distance_is_refused(within):
    locator = prepare(series({"A": shapely.box(0, 0, 10, 10)}))
    with pytest.raises(InputError, match="0 or more"):
        locator.locate_nearest(pd.Series([1.0]), pd.Series([1.0]), within=within)


def test_the_callers_points_and_polygons_stay_as_they_were():
    regions = series({"B": shapely.box(0, 0, 10, 10), "A": shapely.box(20, 0, 30, 10)})
    easting, northing = pd.Series([5.0, 15.0]), pd.Series([5.0, 5.0])
    before = regions.copy(), easting.copy(), northing.copy()
    prepare(regions).locate_nearest(easting, northing, within=100)
    assert list(regions.index) == list(before[0].index)
    assert regions.geom_equals(before[0]).all()
    pd.testing.assert_series_equal(easting, before[1])
    pd.testing.assert_series_equal(northing, before[2])


@pytest.mark.parametrize(
    ("polygons", "error", "says"),
    [
        (series({"A": shapely.box(0, 50, 1, 51)}, crs="EPSG:4326"), InputError, "EPSG:4326"),
        (series({}), TableError, "no polygons"),
        (series({"A": shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])}), TableError, "'A'"),
        (series({"A": shapely.Polygon()}), TableError, "'A'"),
        (series({"A": None}), TableError, "'A'"),
        (series({"A": shapely.Point(1, 1)}), TableError, "'A'"),
        (gpd.GeoSeries([shapely.box(0, 0, 1, 1)] * 2, index=["A", "A"], crs=BNG), TableError, "twice"),
    ],
)
def test_polygons_that_cannot_answer_are_refused(polygons, error, says):
    with pytest.raises(error, match=says):
        prepare(polygons)


@pytest.mark.reference
def test_official_authorities_give_the_answer_of_sjoin():
    path = reference.FOLDER / "boundaries" / "lad_2024_ons.geojson"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    frame = gpd.read_file(path).to_crs(BNG)
    mended = shapely.make_valid(frame.geometry.to_numpy(), method="structure", keep_collapsed=False)
    polygons = gpd.GeoSeries(mended, index=frame["LAD24CD"], crs=BNG)
    west, south, east, north = polygons.total_bounds
    rng = np.random.default_rng(11)
    corners = rng.choice(polygons.get_coordinates().to_numpy(), 5000)
    points = np.concatenate([rng.uniform((west, south), (east, north), (20_000, 2)), corners])
    assert_same(points[:, 0], points[:, 1], polygons, 500.0)
