"""Derivation on tiny synthetic countries."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import TableError
from geo.postcodes import NO_AUTHORITY, NO_METRES, Postcodes
from geo.projections import BNG
from tools import coast, derive

SQUARE = gpd.GeoSeries([shapely.box(0, 0, 10_000, 10_000)], crs=BNG)


def sites(*rows):
    """Sites from (x, y, label) rows of the authorities A, B, C..."""
    table = np.array(rows, dtype=float)
    label = table[:, 2].astype(np.int64)
    return derive.Sites(table[:, :2], label, tuple("ABCDE"[: label.max() + 1]))


def test_two_authorities_share_a_square_at_the_middle():
    found = derive.derive_authorities(sites((2_000, 5_000, 0), (8_000, 5_000, 1)), SQUARE)
    assert found["gss_code"].tolist() == ["A", "B"]
    assert found.crs == BNG
    assert found.area.tolist() == [50e6, 50e6]
    assert found.geometry[0].equals(shapely.box(0, 0, 5_000, 10_000))


def test_points_without_an_edge_between_them_make_no_border():
    one = sites((2_000, 5_000, 0), (3_000, 5_000, 0), (8_000, 5_000, 1))
    assert len(derive.borders(one)) == 1
    ends = derive.borders(one)[0]
    assert ends[:, 0] == pytest.approx(5_500)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(5, 60))
def test_every_place_on_land_belongs_to_the_authority_of_its_nearest_point(seed, authorities, extra):
    random = np.random.default_rng(seed)
    label = np.concatenate([np.arange(authorities), random.integers(0, authorities, extra)])
    xy = random.choice(10_000 * 10_000, len(label), replace=False)
    made = derive.Sites(
        np.column_stack([xy // 10_000, xy % 10_000]) + 0.0, label, tuple("ABCDE"[:authorities])
    )
    found = derive.derive_authorities(made, SQUARE, tolerance=0)
    shapes = found.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(100e6, rel=1e-6)
    trial = random.uniform(10, 9_990, (200, 2))
    distance = np.hypot(*(trial[:, None] - made.xy[None]).T).T
    closest = np.array([distance[:, label == place].min(axis=1) for place in range(authorities)]).T
    second, first = np.sort(closest, axis=1)[:, 1], closest.min(axis=1)
    clear = second - first > 5  # vertices are moved to whole metres
    inside = np.array([shapely.contains_xy(shape, trial) for shape in shapes]).T
    assert (inside.argmax(axis=1) == closest.argmin(axis=1))[clear].all()


def test_vertices_lie_on_whole_metres_and_reruns_are_identical(tmp_path):
    random = np.random.default_rng(1)
    made = sites(*[(x, y, k % 3) for k, (x, y) in enumerate(random.integers(0, 10_000, (60, 2)))])
    twice = [derive.derive_authorities(made, SQUARE) for _ in range(2)]
    xy = shapely.get_coordinates(twice[0].geometry.to_numpy())
    assert (xy == np.round(xy)).all()
    sizes = [derive.write_parquet(frame, tmp_path / f"{n}.parquet") for n, frame in enumerate(twice)]
    assert (tmp_path / "0.parquet").read_bytes() == (tmp_path / "1.parquet").read_bytes()
    assert sizes[0] == (tmp_path / "0.parquet").stat().st_size
    assert gpd.read_parquet(tmp_path / "0.parquet").geom_equals_exact(twice[0], 0).all()


def test_far_shore_without_a_postcode_goes_to_the_land_it_is_part_of():
    # A bay opens to the east; the tip of its southern arm is nearer to A on the northern one.
    bay = shapely.box(0, 0, 10_000, 10_000) - shapely.box(2_000, 4_000, 10_000, 6_000)
    made = sites((9_000, 6_500, 0), (1_500, 500, 1))
    found = derive.derive_authorities(made, gpd.GeoSeries([bay], crs=BNG), tolerance=0).set_index("gss_code")
    assert found.geometry["B"].contains(shapely.Point(9_500, 3_500))
    assert found.geometry["A"].contains(shapely.Point(9_500, 9_500))


def test_islet_belongs_to_the_nearest():
    land = gpd.GeoSeries([*SQUARE, shapely.box(12_000, 0, 13_000, 1_000)], crs=BNG)
    found = derive.derive_authorities(sites((2_000, 5_000, 0), (8_000, 5_000, 1)), land)
    assert found.geometry[1].covers(shapely.box(12_000, 0, 13_000, 1_000))


def test_authority_without_land_is_refused_by_name():
    with pytest.raises(TableError, match="no land left for B"):
        derive.derive_authorities(sites((2_000, 5_000, 0), (80_000, 5_000, 1)), SQUARE)


def test_most_common_authority_of_a_spot_wins():
    xy = np.array([[1, 1], [1, 1], [1, 1], [2, 2], [2, 2]], dtype=float)
    found = derive.distinct(xy, np.array([1, 0, 1, 1, 0]), ("A", "B"))
    assert found.xy.tolist() == [[1, 1], [2, 2]]
    assert found.label.tolist() == [1, 0]


def directory(authorities):
    return Postcodes(
        codes=np.arange(4, dtype=np.uint64),
        eastings=np.array([10, 20, NO_METRES, 30], dtype=np.int32),
        northings=np.array([10, 20, NO_METRES, 30], dtype=np.int32),
        authority=np.array([0, 1, 1, NO_AUTHORITY], dtype=np.uint16),
        authorities=authorities,
        edition="made up",
    )


def test_rows_without_metres_or_authority_are_left_out():
    found = derive.sites_of(directory(("B", "A")), ["A", "B"])
    assert found.xy.tolist() == [[10, 10], [20, 20]]
    assert [found.codes[label] for label in found.label] == ["B", "A"]


def test_codes_that_differ_are_named():
    with pytest.raises(TableError, match="E08000016, E08000038"):
        derive.sites_of(directory(("A", "E08000016")), ["A", "E08000038"])


BORDER = gpd.GeoSeries([shapely.LineString([(5_000, y) for y in range(2_000, 9_000, 1_000)])], crs=BNG)
NOWHERE = gpd.GeoSeries([shapely.Point(-90_000, 0)], crs=BNG)


def test_land_is_cut_along_the_border_drawn_on_to_the_sea():
    found = coast.choose_land(
        SQUARE, BORDER, NOWHERE, np.array([1_000.0, 2_000.0, 7_000.0]), np.full(3, 5_000.0)
    )
    assert found.area.tolist() == [50e6]
    assert found.iloc[0].equals(shapely.box(0, 0, 5_000, 10_000))


def test_islands_are_british_by_postcode_town_or_neighbour():
    islands = {x: shapely.box(x, 0, x + 1_000, 1_000) for x in (20_000, 30_000, 40_000, 43_000, 33_000)}
    rock = shapely.box(21_500, 0, 21_600, 100)
    land = gpd.GeoSeries([*SQUARE, *islands.values(), rock], crs=BNG)
    towns = gpd.GeoSeries([shapely.Point(40_500, 500)], crs=BNG)
    found = coast.choose_land(land, BORDER[:0], towns, np.array([500.0, 30_500.0]), np.array([500.0, 500.0]))
    kept = {int(shape.bounds[0]) for shape in found}
    assert kept == {0, 20_000, 30_000, 33_000}  # not the foreign island, the islet beside it, nor the rock


def test_islands_off_their_postcodes_are_moored():
    random = np.random.default_rng(2)
    island = shapely.box(0, 0, 3_000, 3_000)
    x, y = random.uniform(0, 3_000, (2, 2_000)) + np.array([[150.0], [-100.0]])
    land = gpd.GeoSeries([island, shapely.box(3_500, 0, 3_900, 400)], crs=BNG)
    found = coast.moored(land, x, y)
    assert found.iloc[0].bounds == (150, -100, 3_150, 2_900)
    assert found.iloc[1].bounds == (3_650, -100, 4_050, 300)  # the islet beside it moves along
    assert coast.moored(land, x[:100], y[:100]).geom_equals_exact(land, 0).all()  # too few to tell


def test_land_as_large_as_the_mainland_stays_where_it_is():
    land = gpd.GeoSeries([shapely.box(0, 0, 60_000, 60_000)], crs=BNG)
    x, y = np.random.default_rng(3).uniform(0, 60_000, (2, 1_000)) + 200.0
    assert coast.moored(land, x, y).geom_equals_exact(land, 0).all()


def test_neighbouring_land_meets_the_border_without_a_sliver():
    land = gpd.GeoSeries([shapely.box(-300, 0, 20_000, 10_000)], crs=BNG)
    line = gpd.GeoSeries([shapely.LineString([(5_300, y) for y in range(0, 10_001, 500)])], crs=BNG)
    home = gpd.GeoSeries([shapely.Point(2_000, 5_000)], crs=BNG)
    british = gpd.GeoSeries([shapely.box(0, 0, 5_000, 10_000)], crs=BNG)
    found = coast.neighbours(land, line, home, british).union_all()
    assert found.intersection(british[0]).area == 0
    assert found.covers(shapely.box(5_000, 1_000, 20_000, 9_000))
    assert not found.intersects(shapely.box(-300, 0, -1, 10_000))
